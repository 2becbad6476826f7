"""The embedded AWS and the user's machine do not see each other."""

from __future__ import annotations

import io
import json
import os
import re
import socket
import subprocess
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local_aws import environment, process
from local_aws.process import EmbeddedAws

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
LOGS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}],
}
FUNCTION = """\
import os
import boto3

def handler(event, context):
    boto3.client("sts").get_caller_identity()
    return dict(os.environ)
"""


def listening_addresses(pid: int) -> set[str]:
    """Return where a process listens, in the kernel's own notation."""
    inodes = {
        found[1]
        for link in Path(f"/proc/{pid}/fd").iterdir()
        if (found := re.match(r"socket:\[(\d+)\]", os.readlink(link)))
    }
    found_addresses = set()
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            listens = table.startswith("udp") or fields[3] == "0A"
            if listens and fields[9] in inodes:
                found_addresses.add(fields[1])
    return found_addresses


def test_it_listens_on_one_port_of_loopback_and_nowhere_else(
    embedded_aws: EmbeddedAws,
) -> None:
    loopback = int.from_bytes(socket.inet_aton("127.0.0.1"), "little")
    expected = f"{loopback:08X}:{embedded_aws.port:04X}"
    assert listening_addresses(embedded_aws.pid) == {expected}


def test_it_makes_no_key_pairs_and_loads_nothing_for_https_until_asked(
    embedded_aws: EmbeddedAws,
) -> None:
    loaded = Path(f"/proc/{embedded_aws.pid}/maps").read_text()
    assert "/cryptography/" not in loaded


def test_it_reads_no_aws_configuration_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".aws").mkdir()
    for name in ("config", "credentials"):
        (tmp_path / ".aws" / name).write_text("[default\nthis is no configuration")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAUSERSOWNKEY")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://192.0.2.1")
    monkeypatch.setenv("HTTP_PROXY", "http://192.0.2.1:3128")
    with EmbeddedAws.started() as aws:
        process = Path(f"/proc/{aws.pid}")
        variables = process.joinpath("environ").read_text().split("\0")
        aws.client("sts").get_caller_identity()
    text = "\n".join(variables)
    for unwanted in ("production", "AKIAUSERSOWNKEY", "192.0.2.1", f"{tmp_path}\n"):
        assert unwanted not in text
    names = {variable.partition("=")[0] for variable in variables if variable}
    assert {name for name in names if name.startswith("AWS_")} == {
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_EC2_METADATA_DISABLED",
    }


def function_environment(aws: EmbeddedAws) -> dict[str, str]:
    iam, functions = aws.client("iam"), aws.client("lambda")
    role = iam.create_role(RoleName="f", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(
        RoleName="f", PolicyName="logs", PolicyDocument=json.dumps(LOGS)
    )
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", FUNCTION)
    aws.client("logs").create_log_group(logGroupName="of-the-function")
    functions.create_function(
        FunctionName="f",
        Runtime="python3.13",
        Role=role["Role"]["Arn"],
        Handler="index.handler",
        Code={"ZipFile": code.getvalue()},
        LoggingConfig={"LogFormat": "Text", "LogGroup": "of-the-function"},
    )
    answer = functions.invoke(FunctionName="f", Payload=b"{}")
    found: dict[str, str] = json.load(answer["Payload"])
    return found


def test_a_function_finds_the_environment_of_lambda_and_not_the_host_s(
    aws: EmbeddedAws,
) -> None:
    found = function_environment(aws)
    expected = {
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_NAME": "f",
        "AWS_LAMBDA_LOG_GROUP_NAME": "of-the-function",
        "AWS_REGION": "us-east-1",
        "_HANDLER": "index.handler",
    }
    assert {name: found.get(name) for name in expected} == expected
    assert found["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    foreign = {"AUTH", "HOME", "GATEWAY_PORT", "BIND_HOST", "USER", "VIRTUAL_ENV"}
    assert not foreign & set(found)
    assert not {name for name in found if name.startswith("MINISTACK_")}
    (call,) = aws.control.calls(operation="sts:GetCallerIdentity")
    assert call["caller"] == "function"
    assert call["principal"] == "arn:aws:sts::111111111111:assumed-role/f/f"


def test_a_client_s_environment_leads_to_the_embedded_aws_only(
    aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of-the-user")
    monkeypatch.setenv("https_proxy", "http://192.0.2.1:3128")
    found = aws.environment(region="eu-west-1", account="222222222222")
    assert {
        name: value
        for name, value in found.items()
        if name.startswith("AWS_") or name.endswith("_proxy")
    } == {
        "AWS_ACCESS_KEY_ID": "222222222222",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": aws.endpoint,
        "AWS_PAGER": "",
        "AWS_REGION": "eu-west-1",
        "AWS_SECRET_ACCESS_KEY": environment.SECRET_ACCESS_KEY,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def test_the_test_run_itself_has_no_way_to_an_account() -> None:
    names = {name for name in os.environ if name.startswith("AWS_")}
    assert names == {
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_EC2_METADATA_DISABLED",
    }


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://example.com"}, {"Host": "example.com"}]
)
def test_a_page_in_a_browser_cannot_use_the_control_api(
    aws: EmbeddedAws, headers: dict[str, str]
) -> None:
    request = urllib.request.Request(
        f"{aws.endpoint}/_local_aws/health", headers=headers
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 403


def resident_megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 1024


def test_it_and_one_function_take_less_than_250_megabytes(aws: EmbeddedAws) -> None:
    function_environment(aws)
    children = subprocess.run(
        ["pgrep", "-P", str(aws.pid)],  # noqa: S607 - found on PATH
        capture_output=True,
        text=True,
        check=True,
    )
    pids = [aws.pid, *map(int, children.stdout.split())]
    assert len(pids) == 2
    assert sum(map(resident_megabytes, pids)) < 250


@pytest.mark.parametrize(
    ("service", "method", "parameters"),
    [
        ("cloudformation", "list_stacks", {}),
        ("cognito-idp", "list_user_pools", {"MaxResults": 1}),
        ("lambda", "list_functions", {}),
        ("s3", "list_buckets", {}),
        ("sagemaker", "list_workforces", {}),
    ],
)
def test_a_wrong_secret_is_refused_for_root_too(
    aws: EmbeddedAws,
    monkeypatch: pytest.MonkeyPatch,
    service: str,
    method: str,
    parameters: dict[str, int],
) -> None:
    getattr(aws.client(service), method)(**parameters)
    monkeypatch.setattr(process, "SECRET_ACCESS_KEY", "somebody else's")
    with pytest.raises(ClientError, match="signature we calculated does not match"):
        getattr(aws.client(service), method)(**parameters)


@pytest.mark.parametrize(
    ("shell", "around"),
    [
        ({}, ""),
        ({"NO_PROXY": "example.com"}, ""),
        ({"https_proxy": "http://proxy:3128"}, "127.0.0.1"),
        ({"https_proxy": "http://proxy:3128", "NO_PROXY": "*"}, ""),
        ({"https_proxy": "http://proxy:3128", "no_proxy": "a.org,127.0.0.1"}, ""),
        (
            {"HTTP_PROXY": "http://proxy:3128", "no_proxy": "example.com"},
            "127.0.0.1,example.com",
        ),
    ],
)
def test_a_shell_with_a_proxy_reaches_it_directly(
    shell: dict[str, str], around: str
) -> None:
    assert environment.around_proxies(shell) == around
