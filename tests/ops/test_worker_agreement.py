"""Commands and Custom::Workers have one idea of a worker, whoever comes first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest

from lambda_src import workforce as function
from tests.function.cloudformation_requests import UUID, answers_taken
from tests.function.function_on_embedded_aws import Function, SignIn
from tests.ops.worker_pool import GROUPS, Workforce

ADA = "ada@example.com"
PHYSICAL_ID = f"workers-{UUID}"

Declare = Callable[..., None]


@pytest.fixture
def declare(workforce: Workforce, monkeypatch: pytest.MonkeyPatch) -> Iterator[Declare]:
    """Give what an update of WorkerEmails does, from one list of addresses to another.

    The account belongs to the stack whose UUID is in the commands' group names, too.
    """
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    sign_in = SignIn(workforce.cognito, workforce.pool_id, "", "", "")
    with answers_taken() as answers:
        call = Function(sign_in, answers)

        def update(before: list[str], after: list[str]) -> None:
            call.succeeds(
                "Update",
                "Workers",
                call.workers(GROUPS["labelers"], *after),
                PhysicalResourceId=PHYSICAL_ID,
                OldResourceProperties=call.workers(GROUPS["labelers"], *before),
            )

        yield update


def account(workforce: Workforce) -> dict[str, Any]:
    """Return the account, without what differs by the second."""
    (user,) = workforce.users.values()
    names = {item["Name"]: item["Value"] for item in user["Attributes"]}
    return {
        "name": user["Username"],
        "enabled": user["Enabled"],
        "status": user["UserStatus"],
        "attributes": {name: names[name] for name in ("email", "email_verified")},
        "teams": {team for team in GROUPS if workforce.members(team)},
    }


def test_an_invited_worker_can_be_declared_later_and_is_invited_once(
    workforce: Workforce, declare: Declare
) -> None:
    workforce.runs("invite", "--email", "ADA@example.com")
    before = account(workforce)
    declare([], ["Ada@Example.com"])
    assert account(workforce) == before
    assert workforce.invited == [ADA]


def test_a_declared_worker_can_be_invited_and_is_invited_once(
    workforce: Workforce, declare: Declare
) -> None:
    declare([], [ADA])
    before = account(workforce)
    assert "had an account" in workforce.runs("invite", "--email", ADA).output
    assert account(workforce) == before
    assert workforce.invited == [ADA]


def test_both_make_the_same_account(workforce: Workforce, declare: Declare) -> None:
    declare([], [ADA])
    declared = account(workforce)
    workforce.cognito.admin_delete_user(
        UserPoolId=workforce.pool_id, Username=declared["name"]
    )
    workforce.runs("invite", "--email", ADA)
    assert account(workforce) == declared


def test_both_remove_a_worker_in_the_same_way(
    workforce: Workforce, declare: Declare
) -> None:
    workforce.runs("invite", "--email", ADA, "--team", "reviewers")
    declare([], [ADA])
    declare([ADA], [])
    undeclared = account(workforce)
    assert undeclared["teams"] == set()
    assert undeclared["enabled"] is False
    workforce.runs("invite", "--email", ADA)
    workforce.runs("remove", "--email", ADA, "--yes")
    assert account(workforce) == undeclared
    assert workforce.invited == [ADA]


@pytest.mark.parametrize("by_command", [True, False])
def test_who_was_removed_comes_back_by_either_way(
    workforce: Workforce, declare: Declare, by_command: bool
) -> None:
    declare([], [ADA])
    if by_command:
        workforce.runs("remove", "--email", ADA, "--yes")
        declare([], [ADA])
    else:
        declare([ADA], [])
        workforce.runs("invite", "--email", ADA)
    assert account(workforce)["enabled"] is True
    assert account(workforce)["teams"] == {"labelers"}
    assert workforce.invited == [ADA]


@pytest.mark.parametrize("by_command", [True, False])
def test_an_invitation_that_expired_is_renewed_when_the_worker_comes_back(
    workforce: Workforce,
    declare: Declare,
    monkeypatch: pytest.MonkeyPatch,
    by_command: bool,
) -> None:
    declare([], [ADA])
    declare([ADA], [])
    # As if seven days were over.
    monkeypatch.setattr(function, "timedelta", lambda days: timedelta(0))
    if by_command:
        told = workforce.runs("invite", "--email", ADA)
        assert "was sent an invitation once more" in told.output
    else:
        declare([], [ADA])
    assert workforce.invited == [ADA] * 2


def test_an_address_in_another_spelling_is_the_same_worker(
    workforce: Workforce, declare: Declare
) -> None:
    workforce.make_foreign_account("Ada@Example.com")
    assert workforce.runs("invite", "--email", ADA).code == 0
    declare([], [ADA])
    assert list(workforce.users) == ["Ada@Example.com"]
    assert workforce.invited == []
