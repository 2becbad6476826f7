"""Custom::Workers: each worker is invited once, and no account is ever lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lambda_src import workforce as function
from local_aws.process import EmbeddedAws
from tests.function.cloudformation_requests import UUID
from tests.function.function_on_embedded_aws import (
    Function,
    SignIn,
    make_guest_team,
)

PHYSICAL_ID = f"workers-{UUID}"
GROUP = f"labelers-{UUID}"


@pytest.fixture(autouse=True)
def group(sign_in: SignIn) -> None:
    sign_in.cognito.create_group(UserPoolId=sign_in.pool_id, GroupName=GROUP)


def users(sign_in: SignIn) -> dict[str, dict[str, Any]]:
    """Return the accounts by their addresses."""
    listed = sign_in.cognito.list_users(UserPoolId=sign_in.pool_id)["Users"]
    return {attribute(user, "email"): user for user in listed}


def attribute(user: dict[str, Any], name: str) -> str:
    values = {item["Name"]: item["Value"] for item in user["Attributes"]}
    return str(values[name])


def members(sign_in: SignIn, name: str = GROUP) -> set[str]:
    listed = sign_in.cognito.list_users_in_group(
        UserPoolId=sign_in.pool_id, GroupName=name
    )["Users"]
    return {attribute(user, "email") for user in listed}


def passwords_in(mails: list[dict[str, Any]]) -> set[str]:
    """Return the temporary passwords, which end each invitation."""
    return {mail["body"].rpartition(": ")[2] for mail in mails}


def update(call: Function, before: list[str], after: list[str]) -> dict[str, Any]:
    return call.succeeds(
        "Update",
        "Workers",
        call.workers(GROUP, *after),
        PhysicalResourceId=PHYSICAL_ID,
        OldResourceProperties=call.workers(GROUP, *before),
    )


def test_a_worker_gets_an_account_a_group_and_one_invitation(
    aws: EmbeddedAws, call: Function, sign_in: SignIn
) -> None:
    made = call.succeeds("Create", "Workers", call.workers(GROUP, "ada@example.com"))
    assert made["PhysicalResourceId"] == PHYSICAL_ID
    (user,) = users(sign_in).values()
    assert user["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert attribute(user, "email_verified") == "true"
    assert user["Username"].startswith("ada-")
    assert "@" not in user["Username"]
    assert members(sign_in) == {"ada@example.com"}
    assert [mail["to"] for mail in aws.control.mails()] == ["ada@example.com"]


def test_the_temporary_password_arrives_as_it_is_and_meets_the_policy(
    aws: EmbeddedAws, call: Function, sign_in: SignIn
) -> None:
    emails = [f"worker{number}@example.com" for number in range(20)]
    call.succeeds("Create", "Workers", call.workers(GROUP, *emails))
    passwords = passwords_in(aws.control.mails())
    assert len(passwords) == len(emails)
    assert {len(password) for password in passwords} == {16}
    assert not {*"<>&\"'"} & {*"".join(passwords)}


def test_a_policy_that_wants_a_long_password_gets_one(
    aws: EmbeddedAws, call: Function, sign_in: SignIn
) -> None:
    long = {"PasswordPolicy": {"MinimumLength": 99}}
    sign_in.cognito.update_user_pool(
        UserPoolId=sign_in.pool_id,
        Policies=long,
        AutoVerifiedAttributes=["email"],
        AdminCreateUserConfig=sign_in.pool["AdminCreateUserConfig"],
    )
    call.succeeds("Create", "Workers", call.workers(GROUP, "ada@example.com"))
    (password,) = passwords_in(aws.control.mails())
    assert len(password) == 99


def test_nobody_to_invite_is_fine(aws: EmbeddedAws, call: Function) -> None:
    call.succeeds("Create", "Workers", call.workers(GROUP, ""))
    assert aws.control.mails() == []


def test_a_repeated_or_differently_cased_address_is_one_worker(
    aws: EmbeddedAws, call: Function, sign_in: SignIn
) -> None:
    call.succeeds(
        "Create",
        "Workers",
        call.workers(GROUP, "Ada@Example.com", "ada@example.com", "ada@example.com"),
    )
    assert list(users(sign_in)) == ["ada@example.com"]
    assert len(aws.control.mails()) == 1


def test_a_request_that_is_delivered_twice_invites_nobody_twice(
    aws: EmbeddedAws, call: Function
) -> None:
    for _ in range(2):
        call.succeeds("Create", "Workers", call.workers(GROUP, "ada@example.com"))
    assert len(aws.control.mails()) == 1


def test_an_invitation_whose_answer_is_lost_on_the_way_is_sent_once(
    aws: EmbeddedAws, call: Function, sign_in: SignIn
) -> None:
    aws.control.add_fault(operation="AdminCreateUser", kind="cut_after")
    call.succeeds("Create", "Workers", call.workers(GROUP, "ada@example.com"))
    assert len(aws.control.mails()) == 1
    assert members(sign_in) == {"ada@example.com"}


def test_all_bad_addresses_are_named_before_anybody_is_invited(
    aws: EmbeddedAws, call: Function, sign_in: SignIn
) -> None:
    reason = call.fails(
        "Create", "Workers", call.workers(GROUP, "ada@example.com", "bad", "no@where")
    )
    assert reason.startswith("Not e-mail addresses: bad, no@where.")
    assert "Nobody was invited" in reason
    assert users(sign_in) == {}
    assert aws.control.mails() == []


def test_a_failure_says_who_was_invited_and_the_next_run_continues(
    aws: EmbeddedAws, call: Function, sign_in: SignIn
) -> None:
    emails = ["ada@example.com", "bob@example.com", "eve@example.com"]
    aws.control.add_fault(
        operation="AdminCreateUser", nth=3, kind="UnsupportedUserStateException"
    )
    reason = call.fails("Create", "Workers", call.workers(GROUP, *emails))
    assert "Invited by this request: ada@example.com, bob@example.com." in reason
    call.succeeds("Create", "Workers", call.workers(GROUP, *emails))
    assert sorted(mail["to"] for mail in aws.control.mails()) == emails
    assert members(sign_in) == set(emails)


def test_an_account_that_exists_already_joins_the_group_and_is_left_alone(
    aws: EmbeddedAws, call: Function, sign_in: SignIn
) -> None:
    sign_in.cognito.admin_create_user(
        UserPoolId=sign_in.pool_id,
        Username="theirs",
        UserAttributes=[
            {"Name": "email", "Value": "ada@example.com"},
            {"Name": "email_verified", "Value": "true"},
        ],
        MessageAction="SUPPRESS",
    )
    sign_in.cognito.admin_disable_user(UserPoolId=sign_in.pool_id, Username="theirs")
    call.succeeds("Create", "Workers", call.workers(GROUP, "ada@example.com"))
    (user,) = users(sign_in).values()
    assert (user["Username"], user["Enabled"]) == ("theirs", False)
    assert members(sign_in) == {"ada@example.com"}
    assert aws.control.mails() == []
    update(call, ["ada@example.com"], [])
    assert members(sign_in) == set()
    assert len(aws.control.calls(operation="AdminDisableUser")) == 1  # the test's own
    assert aws.control.calls(operation="AdminUserGlobalSignOut") == []
    assert "ada@example.com" in users(sign_in)


def test_a_removed_worker_leaves_our_groups_and_is_disabled_but_not_deleted(
    aws: EmbeddedAws, call: Function, sign_in: SignIn
) -> None:
    call.succeeds(
        "Create", "Workers", call.workers(GROUP, "ada@example.com", "bob@example.com")
    )
    ada = users(sign_in)["ada@example.com"]["Username"]
    for name in (f"reviewers-{UUID}", "guests"):
        sign_in.cognito.create_group(UserPoolId=sign_in.pool_id, GroupName=name)
        sign_in.cognito.admin_add_user_to_group(
            UserPoolId=sign_in.pool_id, Username=ada, GroupName=name
        )
    update(call, ["ada@example.com", "bob@example.com"], ["bob@example.com"])
    assert users(sign_in)["ada@example.com"]["Enabled"] is False
    assert users(sign_in)["bob@example.com"]["Enabled"] is True
    assert members(sign_in) == {"bob@example.com"}
    assert members(sign_in, f"reviewers-{UUID}") == set()
    assert members(sign_in, "guests") == {"ada@example.com"}
    assert aws.control.calls(operation="AdminUserGlobalSignOut")
    assert aws.control.calls(operation="AdminDeleteUser") == []


def test_a_worker_who_comes_back_in_time_is_enabled_without_a_second_invitation(
    aws: EmbeddedAws, call: Function, sign_in: SignIn
) -> None:
    call.succeeds("Create", "Workers", call.workers(GROUP, "ada@example.com"))
    update(call, ["ada@example.com"], [])
    update(call, [], ["ada@example.com"])
    assert users(sign_in)["ada@example.com"]["Enabled"] is True
    assert members(sign_in) == {"ada@example.com"}
    assert len(aws.control.mails()) == 1


def test_a_worker_who_comes_back_after_the_invitation_expired_gets_a_new_one(
    aws: EmbeddedAws,
    call: Function,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    call.succeeds("Create", "Workers", call.workers(GROUP, "ada@example.com"))
    update(call, ["ada@example.com"], [])
    # As if seven days were over.
    monkeypatch.setattr(function, "timedelta", lambda days: timedelta(0))
    update(call, [], ["ada@example.com"])
    assert [mail["to"] for mail in aws.control.mails()] == ["ada@example.com"] * 2


def test_a_worker_who_has_signed_in_gets_no_second_invitation(
    aws: EmbeddedAws,
    call: Function,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    call.succeeds("Create", "Workers", call.workers(GROUP, "ada@example.com"))
    sign_in.cognito.admin_set_user_password(
        UserPoolId=sign_in.pool_id,
        Username=users(sign_in)["ada@example.com"]["Username"],
        Password="A-long-enough-1-password",
        Permanent=True,
    )
    update(call, ["ada@example.com"], [])
    monkeypatch.setattr(function, "timedelta", lambda days: timedelta(0))
    update(call, [], ["ada@example.com"])
    assert len(aws.control.mails()) == 1


def test_deleting_the_resource_touches_no_account(
    aws: EmbeddedAws, call: Function, sign_in: SignIn
) -> None:
    properties = call.workers(GROUP, "ada@example.com")
    call.succeeds("Create", "Workers", properties)
    aws.control.clear_calls()
    call.succeeds("Delete", "Workers", properties, PhysicalResourceId=PHYSICAL_ID)
    assert {each["operation"] for each in aws.control.calls()} == {
        "DescribeUserPool",
        "ListWorkteams",
    }
    assert users(sign_in)["ada@example.com"]["Enabled"] is True


def test_a_protected_pool_stops_the_deletion_at_its_first_step(
    call: Function, sign_in: SignIn
) -> None:
    properties = call.workers(GROUP, "ada@example.com")
    call.succeeds("Create", "Workers", properties)
    sign_in.cognito.update_user_pool(
        UserPoolId=sign_in.pool_id, DeletionProtection="ACTIVE"
    )
    reason = call.fails("Delete", "Workers", properties, PhysicalResourceId=PHYSICAL_ID)
    assert "is protected against deletion, and nothing was deleted" in reason
    assert "deactivate its deletion protection" in reason


def test_a_pool_that_the_set_did_not_make_may_be_protected(
    call: Function, sign_in: SignIn
) -> None:
    """Nothing would delete it."""
    sign_in.cognito.update_user_pool(
        UserPoolId=sign_in.pool_id, DeletionProtection="ACTIVE"
    )
    properties = {**call.workers(GROUP), "BaseStackId": ""}
    call.succeeds("Delete", "Workers", properties, PhysicalResourceId=PHYSICAL_ID)


@pytest.mark.parametrize("foreign", [True, False])
def test_what_would_stop_the_deletion_later_stops_it_here(
    aws: EmbeddedAws, call: Function, sign_in: SignIn, portal: str, foreign: bool
) -> None:
    """Half-way, the sign-in would be gone, and with it the workers who could finish."""
    call.succeeds("Create", "WorkTeams", call.teams("reviewers"))
    if foreign:
        make_guest_team(aws, sign_in)
    else:
        aws.control.set(labeling_jobs={f"reviewers-{UUID}": ["cats-and-dogs"]})
    reason = call.fails(
        "Delete", "Workers", call.workers(GROUP), PhysicalResourceId=PHYSICAL_ID
    )
    assert ("guests" if foreign else "cats-and-dogs") in reason


def test_an_address_that_only_an_unverified_account_has_is_free(
    aws: EmbeddedAws, call: Function, sign_in: SignIn
) -> None:
    sign_in.cognito.admin_create_user(
        UserPoolId=sign_in.pool_id,
        Username="unverified",
        UserAttributes=[{"Name": "email", "Value": "ada@example.com"}],
        MessageAction="SUPPRESS",
    )
    call.succeeds("Create", "Workers", call.workers(GROUP, "ada@example.com"))
    assert [mail["to"] for mail in aws.control.mails()] == ["ada@example.com"]


def test_deleting_the_resource_succeeds_when_the_pool_is_gone(call: Function) -> None:
    gone = {**call.workers(GROUP), "UserPoolId": "us-east-1_GoneGone1"}
    call.succeeds("Delete", "Workers", gone, PhysicalResourceId=PHYSICAL_ID)


def test_when_the_time_is_over_the_reason_says_who_was_invited(
    aws: EmbeddedAws,
    call: Function,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The next run continues, and invites nobody twice."""
    invite = function.Workers._invite

    def invite_one_only(aws: function.Aws, *arguments: str, **options: str) -> None:
        invite(aws, *arguments, **options)
        aws.deadline._end = 0

    properties = call.workers(GROUP, "ada@example.com", "bob@example.com")
    with monkeypatch.context() as slow:
        slow.setattr(function.Workers, "_invite", invite_one_only)
        reason = call.fails("Create", "Workers", properties)
    assert "Invited by this request: ada@example.com." in reason
    assert "bob@example.com" not in reason
    call.succeeds("Create", "Workers", properties)
    mails = [mail["to"] for mail in aws.control.mails()]
    assert sorted(mails) == ["ada@example.com", "bob@example.com"]


def test_the_number_of_invitations_is_logged_and_no_address(
    call: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    emails = ["ada@example.com", "bob@example.com"]
    call.succeeds("Create", "Workers", call.workers(GROUP, *emails))
    text = capsys.readouterr().out
    assert '{"event": "workers", "invited": 2}' in text.splitlines()
    assert "ada" not in text


@pytest.mark.parametrize("before", [{}, {"WorkerEmails": "ada@example.com"}])
def test_an_update_from_properties_of_another_shape_removes_nobody(
    call: Function, before: dict[str, str]
) -> None:
    call.succeeds(
        "Update",
        "Workers",
        call.workers(GROUP),
        PhysicalResourceId=PHYSICAL_ID,
        OldResourceProperties=before,
    )


def test_a_failure_before_the_first_invitation_says_so(
    aws: EmbeddedAws, call: Function
) -> None:
    aws.control.add_fault(
        operation="AdminCreateUser", kind="UnsupportedUserStateException"
    )
    reason = call.fails("Create", "Workers", call.workers(GROUP, "ada@example.com"))
    assert "Invited by this request: nobody." in reason
