from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from local_aws.process import EmbeddedAws
from tests.embedded.probe_stacks import (
    SERVICE_TOKEN,
    Probes,
    Stack,
    eventually,
    failing,
    nested,
    parameter,
    template,
    upload,
)

DETAIL_TYPE = "CloudFormation Stack Status Change"


class Listener:
    """A rule that hands the events of stacks to the probe's function."""

    def __init__(
        self,
        aws: EmbeddedAws,
        directory: Path,
        *,
        allowed: bool = True,
        **target: str,
    ) -> None:
        self.probes = Probes(aws, directory)
        rule = {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {
                    "source": ["aws.cloudformation"],
                    "detail-type": [DETAIL_TYPE],
                },
                "Targets": [{"Arn": SERVICE_TOKEN, "Id": "probe", **target}],
            },
        }
        permission = {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": "probe",
                "Action": "lambda:InvokeFunction",
                "Principal": "events.amazonaws.com",
                "SourceArn": {"Fn::GetAtt": ["Rule", "Arn"]},
            },
        }
        resources = {"Rule": rule, "Permission": permission}
        if not allowed:
            del resources["Permission"]
        self.stack = Stack(aws, "listener")
        assert self.stack.create(template(resources)) == "CREATE_COMPLETE"

    def events(self, stack_id: str, *statuses: str) -> list[dict[str, Any]]:
        """Wait for some statuses of a stack, in any order, and return its events."""

        def found() -> list[dict[str, Any]]:
            return [
                event
                for event in self.probes.requests()
                if event.get("resources") == [stack_id]
            ]

        assert eventually(
            lambda: set(statuses) <= {_status(event) for event in found()}
        )
        return found()


def _status(event: dict[str, Any]) -> str:
    return str(event["detail"]["status-details"]["status"])


def test_every_change_of_a_stacks_status_is_told(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    listener, stack = Listener(aws, tmp_path), Stack(aws)
    stack.create(template({"A": parameter()}))
    event, _ = listener.events(stack.id, "CREATE_IN_PROGRESS", "CREATE_COMPLETE")
    assert event["source"] == "aws.cloudformation"
    assert event["detail-type"] == DETAIL_TYPE
    assert event["account"] == "111111111111"
    assert event["detail"]["stack-id"] == stack.id


def test_a_rollback_is_told_with_its_reason(aws: EmbeddedAws, tmp_path: Path) -> None:
    listener, stack = Listener(aws, tmp_path), Stack(aws)
    stack.create(template({"A": parameter()}))
    stack.update(template({"A": parameter("two"), "Bad": failing(depends_on=["A"])}))
    events = listener.events(stack.id, "UPDATE_ROLLBACK_IN_PROGRESS")
    reasons = {
        _status(event): event["detail"]["status-details"]["status-reason"]
        for event in events
    }
    assert "[Bad]" in reasons["UPDATE_ROLLBACK_IN_PROGRESS"]


def test_a_child_is_told_of_when_the_root_has_succeeded(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    listener, stack = Listener(aws, tmp_path), Stack(aws)
    child = template(
        {"A": parameter({"Ref": "V"})},
        Parameters={"V": {"Type": "String", "Default": "a"}},
    )
    url = upload(aws, "child", child)
    stack.create(template({"Child": nested(url)}))
    stack.update(template({"Child": nested(url, V="b")}))
    child_id = stack.physical_id("Child")
    assert listener.events(
        child_id, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"
    )


def test_an_event_can_come_late(aws: EmbeddedAws, tmp_path: Path) -> None:
    listener, stack = Listener(aws, tmp_path), Stack(aws)
    aws.control.set(stack_event_delay_seconds=0.3)
    stack.create(template({"A": parameter()}))
    ended = time.monotonic()
    assert listener.events(stack.id, "CREATE_COMPLETE")
    assert time.monotonic() - ended > 0.2


def test_a_function_that_does_not_allow_it_is_not_invoked(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    listener, stack = Listener(aws, tmp_path, allowed=False), Stack(aws)
    stack.create(template({"A": parameter()}))
    time.sleep(0.3)
    assert listener.probes.requests() == []


def test_a_function_that_crashes_on_an_event_is_invoked_again(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    listener = Listener(aws, tmp_path, Input='{"crash": true}')
    seen = len(listener.probes.requests())
    listener.stack.delete()
    assert eventually(lambda: len(listener.probes.requests()) >= seen + 3)


@pytest.mark.parametrize("source", ["aws.cloudformation", "aws.s3"])
def test_nobody_else_may_speak_for_aws(aws: EmbeddedAws, source: str) -> None:
    entry = {"Source": source, "DetailType": DETAIL_TYPE, "Detail": "{}"}
    answer = aws.client("events").put_events(Entries=[entry])
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"
