"""A waiter of CloudFormation hears the news at once, not after its 30 seconds."""

from __future__ import annotations

import json
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.config import Config

from local_aws import protocols, waiters
from local_aws.process import EmbeddedAws

# The stack waits until somebody signals: it is in progress for as long as a test wants.
WAITING = json.dumps(
    {
        "Resources": {
            "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
            "Signal": {
                "Type": "AWS::CloudFormation::WaitCondition",
                "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "20"},
            },
        }
    }
)
DONE = b'{"Status": "SUCCESS", "Reason": "-", "UniqueId": "1", "Data": "-"}'

OLD_CLI_V2 = Config(
    user_agent="aws-cli/2.15.53 md/awscrt#0.19.19 ua/2.0 os/linux#6.1 "
    "cfg/retry-mode#standard md/prompt#off md/command#cloudformation.deploy"
)


def start_waiting_stack(aws: EmbeddedAws) -> Any:
    """Start the stack; return what ends it."""
    client = aws.client("cloudformation")
    client.create_stack(StackName="waiting", TemplateBody=WAITING)
    found = client.describe_stack_resource(
        StackName="waiting", LogicalResourceId="Handle"
    )
    handle = found["StackResourceDetail"]["PhysicalResourceId"]

    def signal() -> None:
        request = urllib.request.Request(handle, method="PUT", data=DONE)
        request.add_header("Content-Type", "")
        urllib.request.urlopen(request).close()

    return signal


def test_a_waiter_ends_when_the_stack_does(aws: EmbeddedAws) -> None:
    signal = start_waiting_stack(aws)
    waiter = aws.client("cloudformation").get_waiter("stack_create_complete")
    started = time.monotonic()
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(waiter.wait, StackName="waiting")
        time.sleep(0.3)
        assert not waiting.done()
        signal()
        waiting.result(timeout=5)
    assert time.monotonic() - started < 5
    assert len(aws.control.calls(operation="DescribeStacks")) == 1


def test_an_older_cli_v2_that_names_its_command_is_held_too(aws: EmbeddedAws) -> None:
    signal = start_waiting_stack(aws)
    client = aws.client("cloudformation", config=OLD_CLI_V2)
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(client.describe_stacks, StackName="waiting")
        time.sleep(0.3)
        assert not asked.done()
        signal()
        (stack,) = asked.result(timeout=5)["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"


def test_anyone_else_is_answered_at_once(aws: EmbeddedAws) -> None:
    start_waiting_stack(aws)
    client = aws.client("cloudformation")
    (stack,) = client.describe_stacks(StackName="waiting")["Stacks"]
    assert stack["StackStatus"] == "CREATE_IN_PROGRESS"


def request(operation: str, user_agent: str) -> protocols.Request:
    found = protocols.read(
        "POST",
        "/",
        b"",
        [
            (b"user-agent", user_agent.encode()),
            (b"content-type", b"application/x-www-form-urlencoded"),
            (
                b"authorization",
                b"AWS4-HMAC-SHA256 Credential=111111111111/20261124/us-east-1/"
                b"cloudformation/aws4_request, SignedHeaders=host, Signature=0",
            ),
        ],
        f"Action={operation}&Version=2010-05-15&StackName=s".encode(),
    )
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (
            "Boto3/1.43 Botocore/1.43 ua/2.1 os/linux m/B,Z,b cfg/retry-mode#legacy",
            True,
        ),
        ("aws-cli/2.32.0 md/awscrt#0.28.4 ua/2.1 m/b,AA,Z,E,B md/prompt#off", True),
        ("aws-cli/2.15.0 md/prompt#off md/command#cloudformation.wait.x", True),
        ("aws-cli/2.4.0 Python/3.8.8 prompt/off command/cloudformation.deploy", True),
        ("aws-cli/2.32.0 m/b,AA,Z,E md/command#cloudformation.describe-stacks", False),
        ("aws-cli/2.32.0 m/BB,AB md/prompt#off", False),
        ("", False),
    ],
)
@pytest.mark.parametrize("operation", ["DescribeStacks", "DescribeChangeSet"])
def test_a_waiter_is_known_by_its_user_agent(
    operation: str, user_agent: str, expected: bool
) -> None:
    assert waiters.is_waiting(request(operation, user_agent)) is expected


def test_another_operation_is_never_held() -> None:
    assert not waiters.is_waiting(request("ListStacks", "m/B"))


def test_an_answer_is_held_for_less_than_the_minute_that_the_cli_reads() -> None:
    assert waiters.LONGEST_HOLD_SECONDS < 50
