"""A repair: what Custom::PortalSignIn does, whenever an operation has ended."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_src import workforce as function
from local_aws.process import EmbeddedAws
from tests.function.cloudformation_requests import (
    STACK_ID,
    UUID,
    WORKFORCE_NAME,
    Context,
)
from tests.function.function_on_embedded_aws import PLACEHOLDER, Function, SignIn

#: A stack that takes some seconds: its wait condition is never signalled.
SLOW_TEMPLATE = {
    "Resources": {
        "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
        "Wait": {
            "Type": "AWS::CloudFormation::WaitCondition",
            "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "3"},
        },
    }
}
QUIET_TEMPLATE = {
    "Resources": {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}
}
#: A stack that fails: its wait condition ends in a second, unsignalled.
FAILED_TEMPLATE = {
    "Resources": {
        "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
        "Wait": {
            "Type": "AWS::CloudFormation::WaitCondition",
            "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "1"},
        },
    }
}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(function, "REPAIR_PAUSES_SECONDS", (0.01, 0.01))


@pytest.fixture
def stack_id(aws: EmbeddedAws) -> str:
    """Return the id of a stack on which nothing is under way."""
    return make_stack(aws, QUIET_TEMPLATE, "CREATE_COMPLETE")


def make_stack(
    aws: EmbeddedAws, template: dict[str, Any], status: str, **options: str
) -> str:
    cloudformation = aws.client("cloudformation")
    made: str = cloudformation.create_stack(
        StackName="labels", TemplateBody=json.dumps(template), **options
    )["StackId"]
    while True:
        (stack,) = cloudformation.describe_stacks(StackName=made)["Stacks"]
        if stack["StackStatus"] == status:
            return made
        time.sleep(0.02)


def repair(sign_in: SignIn, *stack_ids: str, teams: str = "labelers") -> None:
    request = {
        **sign_in.ids,
        "WorkforceName": WORKFORCE_NAME,
        "StackId": STACK_ID,
        "WorkTeamNames": teams,
        "StackIds": list(stack_ids),
    }
    function.handler({"Repair": request}, Context())


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_placeholder_is_replaced_in_client_and_invitation(
    call: Function, sign_in: SignIn, portal: str, stack_id: str
) -> None:
    repair(sign_in, stack_id, stack_id, stack_id)
    assert sign_in.client["CallbackURLs"][0] == f"https://{portal}/oauth2/idpresponse"
    assert PLACEHOLDER not in json.dumps(sign_in.pool["AdminCreateUserConfig"])
    assert len(call.answers.bodies) == 1  # that of the workforce's creation


def test_a_second_delivery_finds_nothing_to_do_and_says_nothing(
    aws: EmbeddedAws,
    sign_in: SignIn,
    portal: str,
    stack_id: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    repair(sign_in, stack_id)
    aws.control.clear_calls()
    capsys.readouterr()
    repair(sign_in, stack_id)
    assert aws.control.calls(operation="Update.*") == []
    assert capsys.readouterr().out == ""


def test_it_waits_for_the_end_of_an_operation_that_is_under_way(
    aws: EmbeddedAws,
    sign_in: SignIn,
    portal: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    busy = make_stack(aws, SLOW_TEMPLATE, "CREATE_IN_PROGRESS")
    capsys.readouterr()
    repair(sign_in, busy)
    assert PLACEHOLDER in sign_in.client["CallbackURLs"][0]
    assert aws.control.calls(operation="Update.*") == []
    assert logged(capsys) == [{"event": "repair-not-now", "stack": busy}]


def test_a_stack_that_is_gone_is_left_alone(
    aws: EmbeddedAws, sign_in: SignIn, portal: str
) -> None:
    repair(sign_in, STACK_ID)
    assert aws.control.calls(operation="Update.*") == []


def test_without_a_workforce_there_is_nothing_to_lead_to(
    aws: EmbeddedAws,
    call: Function,
    sign_in: SignIn,
    stack_id: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    repair(sign_in, stack_id)
    assert aws.control.calls(operation="Update.*") == []
    assert logged(capsys) == [
        {"event": "repair-without-portal", "workforce": WORKFORCE_NAME}
    ]


def group_names(sign_in: SignIn) -> list[str]:
    listed = sign_in.cognito.list_groups(UserPoolId=sign_in.pool_id)["Groups"]
    return [group["GroupName"] for group in listed]


@pytest.fixture
def left_group(aws: EmbeddedAws, call: Function, sign_in: SignIn, portal: str) -> str:
    """Return a group whose team an update has taken away."""
    before, after = call.teams("labelers", "reviewers"), call.teams("labelers")
    made = call.succeeds("Create", "WorkTeams", before)
    sign_in.cognito.create_group(UserPoolId=sign_in.pool_id, GroupName="guests")
    call.succeeds(
        "Update",
        "WorkTeams",
        after,
        OldResourceProperties=before,
        PhysicalResourceId=made["PhysicalResourceId"],
    )
    return f"reviewers-{UUID}"


def test_the_group_of_a_team_that_is_gone_goes_and_no_other(
    sign_in: SignIn,
    left_group: str,
    stack_id: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert left_group in group_names(sign_in)
    capsys.readouterr()
    repair(sign_in, stack_id)
    assert group_names(sign_in) == ["guests", f"labelers-{UUID}"]
    assert logged(capsys)[-1] == {"event": "deleted-group", "group": left_group}


def test_the_groups_of_teams_that_somebody_deleted_wait_for_them(
    aws: EmbeddedAws, call: Function, sign_in: SignIn, portal: str, stack_id: str
) -> None:
    """The next update makes them again, and nobody else could fill their groups."""
    call.succeeds("Create", "WorkTeams", call.teams("graders", "labelers"))
    groups = [f"graders-{UUID}", f"labelers-{UUID}"]
    for name in groups:
        aws.client("sagemaker").delete_workteam(WorkteamName=name)
    repair(sign_in, stack_id, teams="labelers,graders")
    assert group_names(sign_in) == groups


def test_a_group_stays_for_as_long_as_a_rollback_may_come(
    aws: EmbeddedAws, sign_in: SignIn, left_group: str
) -> None:
    failed = make_stack(aws, FAILED_TEMPLATE, "CREATE_FAILED", OnFailure="DO_NOTHING")
    repair(sign_in, failed)
    assert left_group in group_names(sign_in)


def test_a_fault_that_passes_is_tried_again(
    aws: EmbeddedAws, sign_in: SignIn, portal: str, stack_id: str
) -> None:
    aws.control.add_fault(
        operation="UpdateUserPoolClient", kind="AccessDeniedException", times=2
    )
    repair(sign_in, stack_id)
    assert sign_in.client["CallbackURLs"][0] == f"https://{portal}/oauth2/idpresponse"


def test_a_fault_that_stays_is_an_error_for_the_alarm(
    aws: EmbeddedAws, sign_in: SignIn, portal: str, stack_id: str
) -> None:
    aws.control.add_fault(
        operation="UpdateUserPoolClient", kind="AccessDeniedException", times=0
    )
    with pytest.raises(function.RepairFailed, match="UpdateUserPoolClient failed"):
        repair(sign_in, stack_id)


@pytest.mark.parametrize(
    ("error", "reason", "tries"),
    [
        (function.Failure("It is lost. Deploy again."), "It is lost. Deploy again.", 3),
        (function.OutOfTime(), "The time is over; it waited for AWS.", 1),
    ],
    ids=["failure", "time"],
)
def test_a_repair_that_is_given_up_says_why_to_the_log_and_to_lambda(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    reason: str,
    tries: int,
) -> None:
    """The alarm counts the lines "repair-failed", of which there is one."""
    begun = []

    def fail(aws: function.Aws, request: Any) -> None:
        begun.append(request)
        raise error

    monkeypatch.setattr(function, "repair_once", fail)
    with pytest.raises(function.RepairFailed, match=reason):
        function.handler({"Repair": {}}, Context())
    assert len(begun) == tries
    assert [line for line in logged(capsys) if line["event"] == "repair-failed"] == [
        {"event": "repair-failed", "reason": reason}
    ]


def test_each_try_that_fails_is_logged_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failures = [function.Failure("First."), function.Failure("Second.")]

    def fail_at_first(aws: function.Aws, request: Any) -> None:
        if failures:
            raise failures.pop(0)

    monkeypatch.setattr(function, "repair_once", fail_at_first)
    function.handler({"Repair": {}}, Context())
    assert logged(capsys) == [
        {"event": "repair-try-failed", "reason": "First."},
        {"event": "repair-try-failed", "reason": "Second."},
    ]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ValidationError", "Stack name may not be empty"),
        ("AccessDenied", "The action does not exist in any policy"),
    ],
)
def test_a_stack_that_cannot_be_asked_is_not_taken_for_one_that_is_gone(
    code: str, message: str
) -> None:
    def refuse(StackName: str) -> None:  # noqa: N803 (boto3's name)
        raise ClientError(
            {"Error": {"Code": code, "Message": message}}, "DescribeStacks"
        )

    aws: Any = SimpleNamespace(cloudformation=SimpleNamespace(describe_stacks=refuse))
    with pytest.raises(ClientError, match=message):
        function.stack_status(aws, STACK_ID)


@pytest.mark.parametrize(
    ("status", "at_work"),
    [
        ("UPDATE_IN_PROGRESS", True),
        ("UPDATE_ROLLBACK_IN_PROGRESS", True),
        ("DELETE_IN_PROGRESS", True),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", False),
        ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", False),
        ("UPDATE_COMPLETE", False),
        ("UPDATE_FAILED", False),
        ("", True),
    ],
)
def test_only_an_operation_that_may_still_write_is_waited_for(
    status: str, at_work: bool
) -> None:
    assert function.is_at_work(status) is at_work
