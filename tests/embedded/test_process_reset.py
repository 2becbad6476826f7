"""A reset leaves nothing of an earlier test behind, whatever is still running."""

from __future__ import annotations

import io
import json
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from local_aws.control import ControlError
from local_aws.process import EmbeddedAws

LAMBDA = "lambda.amazonaws.com"
STACK = {
    "Resources": {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": LAMBDA},
                            "Action": "sts:AssumeRole",
                        }
                    ],
                },
            },
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Timeout": 60,
                "Code": {
                    "ZipFile": "import time\ndef handler(e, c):\n  time.sleep(50)\n"
                },
            },
        },
        "Slow": {
            "Type": "Custom::Slow",
            "Properties": {
                "ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]},
                "ServiceTimeout": 60,
            },
        },
    }
}


def temporary_folders(aws: EmbeddedAws) -> list[str]:
    variables = Path(f"/proc/{aws.pid}/environ").read_text().split("\0")
    (home,) = (name[7:] for name in variables if name.startswith("TMPDIR="))
    return [path.name for path in Path(home).glob("ministack-lambda-*")]


def until_a_function_runs(aws: EmbeddedAws) -> None:
    end = time.monotonic() + 5
    while not temporary_folders(aws) and time.monotonic() < end:
        time.sleep(0.02)
    assert temporary_folders(aws)


def test_a_stack_in_progress_and_its_function_are_ended(aws: EmbeddedAws) -> None:
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(
        StackName="slow",
        TemplateBody=json.dumps(STACK),
        Capabilities=["CAPABILITY_IAM"],
    )
    until_a_function_runs(aws)
    assert aws.control.health()["stack_operations"] == 1
    started = time.monotonic()
    aws.control.reset()
    assert time.monotonic() - started < 1.5
    assert temporary_folders(aws) == []
    assert cloudformation.describe_stacks()["Stacks"] == []
    assert aws.client("iam").list_roles()["Roles"] == []
    assert aws.client("lambda").list_functions()["Functions"] == []
    assert aws.client("logs").describe_log_groups()["logGroups"] == []
    assert {call["caller"] for call in aws.control.calls()} == {"client"}
    assert aws.control.health()["stack_operations"] == 0
    time.sleep(0.3)
    assert temporary_folders(aws) == []


def create_failing_function(aws: EmbeddedAws) -> None:
    trust: Any = STACK["Resources"]["Role"]["Properties"]
    role = aws.client("iam").create_role(
        RoleName="f",
        AssumeRolePolicyDocument=json.dumps(trust["AssumeRolePolicyDocument"]),
    )
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", "def handler(event, context):\n  1 / 0\n")
    aws.client("lambda").create_function(
        FunctionName="f",
        Runtime="python3.13",
        Role=role["Role"]["Arn"],
        Handler="index.handler",
        Code={"ZipFile": code.getvalue()},
    )


def test_an_event_that_waits_for_its_next_attempt_is_forgotten(
    aws: EmbeddedAws,
) -> None:
    aws.control.set(asynchronous_retry_seconds=0.5)
    create_failing_function(aws)
    aws.client("lambda").invoke(FunctionName="f", InvocationType="Event", Payload=b"{}")
    until_a_function_runs(aws)
    aws.control.reset()
    # A function of the same name, and nobody who invokes it.
    create_failing_function(aws)
    time.sleep(0.8)
    assert temporary_folders(aws) == []


def test_a_call_that_hangs_is_let_go(aws: EmbeddedAws) -> None:
    aws.control.add_fault("ListUserPools", "timeout")
    client = aws.client("cognito-idp", config=Config(retries={"total_max_attempts": 1}))
    with ThreadPoolExecutor() as pool:
        hanging = pool.submit(client.list_user_pools, MaxResults=1)
        end = time.monotonic() + 5
        while not aws.control.calls() and time.monotonic() < end:
            time.sleep(0.02)
        aws.control.reset()
        with pytest.raises(ConnectionClosedError):
            hanging.result(timeout=5)


def test_settings_faults_and_calls_start_afresh(aws: EmbeddedAws) -> None:
    client = aws.client("cognito-idp", config=Config(retries={"total_max_attempts": 1}))
    aws.control.add_fault("ListUserPools", "500", times=0)
    aws.control.set(vendor_workforces=3)
    with pytest.raises(ClientError):
        client.list_user_pools(MaxResults=1)
    aws.control.reset()
    assert aws.control.calls() == []
    assert aws.control.settings()["vendor_workforces"] == 0
    client.list_user_pools(MaxResults=1)
    assert [call["number"] for call in aws.control.calls()] == [1]


def test_an_idle_reset_is_quick(aws: EmbeddedAws) -> None:
    started = time.monotonic()
    aws.control.reset()
    assert time.monotonic() - started < 0.2


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"no_setting": 1}, "There is no setting 'no_setting'. Settings are: "),
        ({"vendor_workforces": "2"}, "takes a int, such as 0, not '2'"),
        ({"vendor_workforces": -1}, "cannot be negative"),
        ({"system_tags": 1}, "takes a bool"),
    ],
)
def test_a_wrong_setting_is_refused_and_changes_nothing(
    aws: EmbeddedAws, values: dict[str, Any], message: str
) -> None:
    before = aws.control.settings()
    with pytest.raises(ControlError, match=message):
        aws.control.set(workforce_outcome="Failed", **values)
    assert aws.control.settings() == before
