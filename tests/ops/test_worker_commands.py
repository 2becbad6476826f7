"""Workers are invited once, and each command tells what became of whom."""

from __future__ import annotations

import csv
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from ops.workers import listing, operations
from tests.ops.worker_pool import Workforce, attributes, write


def test_a_worker_gets_an_account_a_team_and_one_invitation(
    workforce: Workforce,
) -> None:
    told = workforce.runs(
        "invite", "--email", "Ada@Example.com", "--name", "Áda", "--team", "Reviewers"
    )
    assert told.code == 0
    assert told.output.startswith("ada@example.com has an account now")
    assert workforce.invited == ["ada@example.com"]
    assert workforce.members("reviewers") == {"ada@example.com"}
    assert workforce.members() == set()
    user = workforce.users["ada@example.com"]
    assert attributes(user)["name"] == "Áda"
    assert attributes(user)["email_verified"] == "true"


def test_who_is_invited_already_gets_no_second_invitation_and_joins_the_team(
    workforce: Workforce,
) -> None:
    for team in ("labelers", "reviewers", "reviewers"):
        told = workforce.runs("invite", "--email", "ada@example.com", "--team", team)
        assert told.code == 0
    assert "had an account before" in told.output
    assert workforce.invited == ["ada@example.com"]
    assert workforce.members("labelers") == workforce.members("reviewers")


def test_an_account_that_somebody_else_made_joins_and_is_changed_by_nothing(
    workforce: Workforce,
) -> None:
    workforce.make_foreign_account("ada@example.com")
    told = workforce.runs("invite", "--email", "ada@example.com", "--output", "json")
    assert json.loads(told.output)[0]["outcome"] == "joined"
    assert workforce.members() == {"ada@example.com"}
    for command in ("resend", "disable", "enable"):
        told = workforce.runs(command, "--email", "ada@example.com")
        assert told.code == 3
        assert "This set did not make the account theirs" in told.output
    told = workforce.runs("remove", "--email", "ada@example.com", "--yes")
    assert told.code == 0
    assert "theirs, which left the teams and can still sign in" in told.output
    assert workforce.members() == set()
    assert workforce.users["ada@example.com"]["Enabled"] is True
    assert workforce.invited == []


def test_an_invitation_is_sent_again_until_it_is_accepted(workforce: Workforce) -> None:
    workforce.runs("invite", "--email", "ada@example.com")
    assert workforce.runs("resend", "--email", "ada@example.com").code == 0
    assert workforce.invited == ["ada@example.com"] * 2
    workforce.accept("ada@example.com")
    told = workforce.runs("resend", "--email", "ada@example.com")
    assert told.code == 3
    assert "has accepted the invitation" in told.output
    workforce.runs("disable", "--email", "ada@example.com")
    told = workforce.runs("resend", "--email", "ada@example.com")
    assert "The account is disabled: enable it first." in told.output
    assert workforce.invited == ["ada@example.com"] * 2


def test_a_disabled_worker_is_signed_out_keeps_the_teams_and_comes_back(
    workforce: Workforce,
) -> None:
    workforce.runs("invite", "--email", "ada@example.com")
    assert workforce.runs("disable", "--email", "ada@example.com").code == 0
    assert not workforce.users["ada@example.com"]["Enabled"]
    assert workforce.aws.control.calls(operation="AdminUserGlobalSignOut")
    assert workforce.runs("enable", "--email", "ada@example.com").code == 0
    assert workforce.users["ada@example.com"]["Enabled"]
    assert workforce.members() == {"ada@example.com"}


def test_enabling_says_when_the_invitation_has_expired(
    workforce: Workforce, monkeypatch: pytest.MonkeyPatch
) -> None:
    workforce.runs("invite", "--email", "ada@example.com")
    # As if seven days were over.
    monkeypatch.setattr(operations, "timedelta", lambda days: timedelta(0))
    told = workforce.runs("enable", "--email", "ada@example.com")
    assert "The invitation has expired: resend it." in told.output


def test_a_removed_worker_leaves_the_teams_and_no_account_is_deleted(
    workforce: Workforce,
) -> None:
    for team in ("labelers", "reviewers"):
        workforce.runs("invite", "--email", "ada@example.com", "--team", team)
    told = workforce.runs("remove", "--email", "ada@example.com")
    assert told.code == 1
    assert "Take 1 worker out of all teams" in told.progress
    assert told.refuses("Nothing was done.", "YES=1")
    assert workforce.members() == {"ada@example.com"}
    assert workforce.runs("remove", "--email", "ada@example.com", "--yes").code == 0
    assert workforce.members("labelers") == workforce.members("reviewers") == set()
    assert workforce.users["ada@example.com"]["Enabled"] is False
    assert workforce.aws.control.calls(operation="AdminDeleteUser") == []
    # Inviting brings the worker back, as declaring does.
    told = workforce.runs("invite", "--email", "ada@example.com")
    assert "can sign in again" in told.output
    assert workforce.members() == {"ada@example.com"}


@pytest.mark.parametrize("command", ["disable", "remove"])
def test_a_worker_who_would_come_back_by_declaration_is_named(
    workforce: Workforce, command: str
) -> None:
    workforce.runs("invite", "--email", "declared@example.com,ada@example.com")
    told = workforce.runs(command, "--email", "declared@example.com", "--yes")
    assert "declared@example.com is in WorkerEmails" in told.progress
    told = workforce.runs(command, "--email", "ada@example.com", "--yes")
    assert "WorkerEmails" not in told.progress


@pytest.mark.parametrize("command", ["resend", "disable", "enable", "remove"])
def test_who_is_not_there_is_named(workforce: Workforce, command: str) -> None:
    arguments = ("--email", "ghost@example.com", *(["--yes"] * (command == "remove")))
    told = workforce.runs(command, *arguments)
    assert told.code == 3
    assert "has no account in this user pool" in told.output
    assert told.progress == "✗ Not done: ghost@example.com.\n"


def test_a_file_of_workers_is_invited_and_the_result_says_so(
    workforce: Workforce, tmp_path: Path
) -> None:
    file = write(tmp_path / "w.csv", ["a@x.example,Ädä,reviewers", "b@x.example"])
    told = workforce.runs("invite", "--file", str(file), "--output", "json")
    assert told.code == 0, told.progress
    assert json.loads(told.output) == {
        "outcomes": {"invited": 2},
        "result_file": str(tmp_path / "w.invite-results.csv"),
    }
    with (tmp_path / "w.invite-results.csv").open() as stream:
        found = {row["email"]: row for row in csv.DictReader(stream)}
    assert found["a@x.example"]["team"] == "reviewers"
    assert found["b@x.example"]["team"] == "labelers"
    assert workforce.invited == ["a@x.example", "b@x.example"]
    # The team of the call is for whoever has none in the file.
    write(file, ["c@x.example,,labelers", "d@x.example"])
    told = workforce.runs("invite", "--file", str(file), "--team", "reviewers")
    assert workforce.members("reviewers") == {"a@x.example", "d@x.example"}
    assert "2  invited" in told.output


def test_a_file_without_workers_is_said_to_be_one(
    workforce: Workforce, tmp_path: Path
) -> None:
    told = workforce.runs("invite", "--file", str(write(tmp_path / "w.csv", [])))
    assert told.refuses("w.csv names no workers.")


def test_a_terminal_shows_a_bar_and_a_pipe_some_lines(
    workforce: Workforce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "w.csv", [f"w{n}@x.example" for n in range(3)])
    told = workforce.runs("invite", "--file", str(file))
    assert told.progress == "Inviting 3 workers …\n"
    with monkeypatch.context() as terminal:
        # To rich, this is a terminal then.
        terminal.setenv("FORCE_COLOR", "1")
        told = workforce.runs("resend", "--file", str(file))
        assert re.search(r"Inviting again .*━.*3/3", told.progress)
        assert "\x1b" in told.progress


def test_a_second_run_has_nothing_to_do_and_says_how_to_do_it_again(
    workforce: Workforce, tmp_path: Path
) -> None:
    file = write(tmp_path / "w.csv", ["a@x.example", "b@x.example"])
    workforce.runs("invite", "--file", str(file))
    told = workforce.runs("invite", "--file", str(file))
    assert told.code == 0
    assert "2 of 2 rows are done" in told.progress
    assert f"delete {tmp_path / 'w.invite-results.csv'}" in told.progress
    assert len(workforce.invited) == 2


def test_other_commands_take_the_same_file(
    workforce: Workforce, tmp_path: Path
) -> None:
    file = write(tmp_path / "w.csv", ["a@x.example,A,labelers", "b@x.example"])
    workforce.runs("invite", "--file", str(file))
    assert workforce.runs("resend", "--file", str(file)).code == 0
    assert workforce.runs("disable", "--file", str(file)).code == 0
    assert workforce.runs("enable", "--file", str(file)).code == 0
    assert workforce.runs("remove", "--file", str(file)).code == 1
    assert workforce.runs("remove", "--file", str(file), "--yes").code == 0
    assert workforce.members() == set()
    assert workforce.invited == ["a@x.example"] * 2 + ["b@x.example"] * 2


def test_the_table_shows_state_invitation_second_factor_and_teams(
    workforce: Workforce, monkeypatch: pytest.MonkeyPatch
) -> None:
    workforce.runs("invite", "--email", "ada@example.com,bob@example.com")
    workforce.runs("invite", "--email", "ada@example.com", "--team", "reviewers")
    workforce.runs("invite", "--email", "eve@example.com", "--team", "reviewers")
    workforce.accept("ada@example.com")
    workforce.runs("disable", "--email", "eve@example.com")
    workforce.make_foreign_account("kim@example.com")
    told = workforce.runs("workers")
    lines = {line.split()[0]: line for line in told.output.splitlines()}
    assert re.search(
        r"active +20\d\d-\d\d-\d\d +– +labelers, reviewers", lines["ada@example.com"]
    )
    assert re.search(r"invited .* labelers$", lines["bob@example.com"])
    assert "disabled" in lines["eve@example.com"]
    assert lines["kim@example.com"].endswith("–")
    assert lines["E-mail"] == (
        "E-mail           State      Last invitation  MFA  Teams"
    )
    assert told.output.endswith("4 workers\n")
    assert "\x1b" not in told.output
    own = {each["email"]: each["own"] for each in listed(workforce)}
    assert own["kim@example.com"] is False
    assert own["ada@example.com"] is True
    assert [each["email"] for each in listed(workforce, "--team", "reviewers")] == [
        "ada@example.com",
        "eve@example.com",
    ]
    monkeypatch.setattr(listing, "timedelta", lambda days: timedelta(0))
    states = {each["email"]: each["state"] for each in listed(workforce)}
    assert states["bob@example.com"] == "expired"
    assert states["ada@example.com"] == "active"


def listed(workforce: Workforce, *arguments: str) -> list[dict[str, object]]:
    told = workforce.runs("workers", "--output", "json", *arguments)
    assert told.code == 0, told.progress
    workers: list[dict[str, object]] = json.loads(told.output)
    return workers


def test_a_pool_of_many_pages_is_listed_and_an_empty_one_too(
    workforce: Workforce,
) -> None:
    assert listed(workforce) == []
    assert workforce.runs("workers").output.endswith("\n0 workers\n")
    for number in range(61):
        workforce.make_foreign_account(f"{number}@x.example", f"worker-{number}")
    assert len({each["email"] for each in listed(workforce)}) == 61
    table = workforce.runs("workers").output
    assert table.endswith("61 workers\n")
    assert table.count("E-mail") == 1


def test_an_app_registered_at_the_sign_in_is_shown(workforce: Workforce) -> None:
    workforce.runs("invite", "--email", "ada@example.com")
    workforce.cognito.admin_set_user_mfa_preference(
        UserPoolId=workforce.pool_id,
        Username=workforce.users["ada@example.com"]["Username"],
        SoftwareTokenMfaSettings={"Enabled": True},
    )
    assert listed(workforce)[0]["mfa"] is True


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["invite", "--email", "x,y"], ["'x' is no e-mail", "'y'", "Nothing was"]),
        (
            ["invite", "--email", "a@x.example", "--team", "no"],
            ["There is no team 'no'. Nothing", "The teams are labelers, reviewers."],
        ),
        (["invite", "--email", "a@x.example", "--stack", "no"], ["no stack no in"]),
        (["workers", "--stack", "no"], ["no stack no in", "STACK= names another"]),
        (["workers", "--team", "no"], ["no team 'no'", "labelers, reviewers"]),
        (["invite", "--file", "no.csv"], ["There is no file no.csv", "FILE="]),
    ],
)
def test_what_is_not_there_is_refused_before_anything_is_done(
    workforce: Workforce, arguments: list[str], words: list[str]
) -> None:
    assert workforce.runs(*arguments).refuses(*words)
    assert workforce.users == {}


@pytest.mark.parametrize(
    "arguments",
    [
        ["invite"],
        ["invite", "--email", "a@x.example", "--file", "w.csv"],
        ["invite", "--email", "a@x.example,b@x.example", "--name", "Ada"],
        ["remove", "--team", "labelers", "--email", "a@x.example"],
    ],
)
def test_a_wrong_call_is_told_from_a_failure(
    workforce: Workforce, arguments: list[str]
) -> None:
    told = workforce.runs(*arguments)
    assert told.code == 2
    assert "Error:" in told.progress


def test_a_stack_of_something_else_is_refused(workforce: Workforce) -> None:
    workforce.aws.client("cloudformation").update_stack(
        StackName="labels",
        UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": "TeamArns", "ParameterValue": "none"}],
    )
    told = workforce.runs("workers")
    assert told.refuses("has no user pool with work teams", "STACK=")
