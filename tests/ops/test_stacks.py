"""Of all that fails in nested stacks, the cause is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber

from ops import change_set
from ops.account import Account
from ops.stacks import NESTED, Watch, deletion_policies, told

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.literals import ResourceStatusType
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef

START = datetime(2026, 11, 24, tzinfo=UTC)
ROOT = "arn:aws:cloudformation:us-east-1:111111111111:stack/set/1"
CHILD = "arn:aws:cloudformation:us-east-1:111111111111:stack/set-BaseStack/2"


def record(
    stack: str,
    second: int,
    name: str,
    status: ResourceStatusType,
    reason: str = "",
    child: str = "",
) -> StackEventTypeDef:
    return {
        "StackId": stack,
        "StackName": "set",
        "EventId": f"{stack}-{name}-{second}",
        "LogicalResourceId": name,
        "PhysicalResourceId": child or name,
        "ResourceType": NESTED if child else "AWS::SSM::Parameter",
        "Timestamp": START + timedelta(seconds=second),
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


def watched(*looks: dict[str, list[StackEventTypeDef]]) -> Watch:
    """Return a watch that has looked before, and then at what these answers hold."""
    session = boto3.session.Session("111111111111", "test", region_name="us-east-1")
    account = Account(session, "us-east-1")
    stubber = Stubber(account.cloudformation)
    stubber.add_client_error(
        "describe_stack_events", "ValidationError", "Stack [set] does not exist"
    )
    for look in looks:
        for stack, newest_first in look.items():
            stubber.add_response(
                "describe_stack_events",
                {"StackEvents": newest_first},
                {"StackName": stack},
            )
    stubber.activate()
    watch = Watch(account, "set")
    for _ in looks:
        watch.news()
    stubber.assert_no_pending_responses()
    return watch


def test_the_cause_is_the_first_failure_that_is_no_consequence() -> None:
    failed = record(ROOT, 2, "BaseStack", "CREATE_FAILED", "Embedded stack", CHILD)
    started = record(ROOT, 1, "BaseStack", "CREATE_IN_PROGRESS", "", CHILD)
    cancelled = "Resource creation cancelled"
    watch = watched(
        {"set": [started], CHILD: []},
        {
            "set": [failed, started],
            CHILD: [
                record(CHILD, 4, "Later", "CREATE_FAILED", "also wrong"),
                record(CHILD, 3, "Cause", "CREATE_FAILED", "It is taken"),
                record(CHILD, 1, "Other", "CREATE_FAILED", cancelled),
            ],
        },
    )
    cause = watch.cause()
    assert cause
    assert (cause.path, cause.reason) == ("BaseStack/Cause", "It is taken")
    assert told(cause).endswith(
        "CREATE_FAILED              BaseStack/Cause  It is taken."
    )


def test_a_role_without_a_boundary_comes_with_its_own_mend() -> None:
    """What whoever deploys with the pipeline's role forgets first."""
    for refused, said in (
        ("User: x is not authorized to perform: iam:CreateRole on", "RolesBoundaryArn"),
        ("It is taken", "CloudFormation rolls labels back"),
    ):
        records = [record(ROOT, 1, "Role", "CREATE_FAILED", refused)]
        cause = watched({"set": records}).cause()
        assert cause
        assert said in change_set.mend(cause, "labels")


def test_a_nested_stack_that_was_refused_is_its_own_cause() -> None:
    refused = record(ROOT, 1, "BaseStack", "CREATE_FAILED", "Template error", CHILD)
    watch = watched({"set": [refused], CHILD: []})
    cause = watch.cause()
    assert cause
    assert cause.reason == "Template error"


def test_nothing_that_failed_has_no_cause() -> None:
    assert watched({"set": [record(ROOT, 1, "A", "CREATE_COMPLETE")]}).cause() is None


def test_an_event_is_told_once_and_in_order() -> None:
    first = record(ROOT, 1, "A", "CREATE_IN_PROGRESS")
    second = record(ROOT, 2, "A", "CREATE_COMPLETE")
    third = record(ROOT, 3, "B", "CREATE_COMPLETE")
    watch = watched({"set": [second, first]}, {"set": [third, second, first]})
    assert [event.at.second for event in watch.history] == [1, 2, 3]


@pytest.mark.parametrize(
    "template",
    [
        "Resources: {A: {DeletionPolicy: Retain}, B: {Type: !Sub x}}",
        {"Resources": {"A": {"DeletionPolicy": "Retain"}, "B": {}}},
    ],
)
def test_deletion_policies_are_read_from_yaml_and_from_json(
    template: str | dict[str, object],
) -> None:
    assert deletion_policies(template) == {"A": "Retain"}
