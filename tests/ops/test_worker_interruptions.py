"""Nothing is half done without being told, and nobody is ever invited twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from botocore.config import Config

from lambda_src.workforce import user_name
from ops.errors import Interrupted
from ops.workers import batch, pool
from tests.function.cloudformation_requests import UUID
from tests.ops.worker_pool import Workforce, write

ROOT = Path(__file__).resolve().parents[2]
EMAILS = [f"w{number:02}@x.example" for number in range(40)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a file of forty workers."""
    return write(tmp_path / "w.csv", EMAILS)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the waits between retries away."""
    config = Config(retries={"mode": "standard", "total_max_attempts": 1})
    monkeypatch.setattr(pool, "_CONFIG", config)


def test_three_hundred_bad_addresses_are_all_named_before_the_first_call(
    workforce: Workforce, tmp_path: Path
) -> None:
    file = write(tmp_path / "w.csv", [*EMAILS, *(f"bad{n}" for n in range(300))])
    told = workforce.runs("invite", "--file", str(file))
    assert told.refuses("300 of the 340 rows of", "are bad, and nothing was done")
    assert "line 42: 'bad0' is no e-mail address" in told.progress
    assert "… and 290 more" in told.progress
    assert len(told.progress.splitlines()) < 20
    results = (tmp_path / "w.invite-results.csv").read_text()
    assert all(f"'bad{n}' is no e-mail address" in results for n in range(300))
    assert workforce.users == {}
    write(file, EMAILS)
    assert workforce.runs("invite", "--file", str(file)).code == 0
    assert "bad row" not in (tmp_path / "w.invite-results.csv").read_text()


@pytest.mark.parametrize(
    ("operation", "kind", "words"),
    [
        ("AdminCreateUser", "cut_before", "AWS cannot be reached"),
        ("AdminCreateUser", "cut_after", "AWS cannot be reached"),
        ("AdminAddUserToGroup", "cut_before", "AWS cannot be reached"),
        ("AdminCreateUser", "ExpiredTokenException", "They have expired"),
        ("AdminAddUserToGroup", "ExpiredTokenException", "They have expired"),
        ("AdminCreateUser", "AccessDeniedException", "may not call AdminCreateUser"),
        ("AdminCreateUser", "throttle", "AdminCreateUser failed (TooManyRequests"),
    ],
)
def test_what_stops_a_run_is_told_and_the_next_run_goes_on(
    workforce: Workforce,
    impatient: None,
    file: Path,
    operation: str,
    kind: str,
    words: str,
) -> None:
    write(file, EMAILS[:16])
    workforce.aws.control.add_fault(operation, kind, nth=7, times=0)
    told = workforce.runs("invite", "--file", str(file))
    assert told.code == 3
    assert "Traceback" not in told.progress
    assert words in told.progress
    assert "of 16 workers are done, as" in told.progress
    assert "Nobody is invited twice." in told.progress
    workforce.aws.control.clear_faults()
    told = workforce.runs("invite", "--file", str(file))
    assert told.code == 0, told.progress
    assert workforce.invited == EMAILS[:16]
    assert workforce.members() == set(EMAILS[:16])


def test_calls_that_are_too_fast_or_cut_off_are_repeated(
    workforce: Workforce, file: Path
) -> None:
    write(file, EMAILS[:8])
    for kind in ("throttle", "500", "cut_after"):
        workforce.aws.control.add_fault("AdminCreateUser", kind, nth=3)
    workforce.aws.control.add_fault("AdminAddUserToGroup", "cut_before", nth=5)
    told = workforce.runs("invite", "--file", str(file))
    assert told.code == 0, told.progress
    assert workforce.invited == EMAILS[:8]
    assert workforce.members() == set(EMAILS[:8])


def test_one_worker_whom_cognito_refuses_does_not_stop_the_others(
    workforce: Workforce, file: Path
) -> None:
    workforce.aws.control.add_fault(
        "AdminCreateUser", "InvalidParameterException", nth=3
    )
    told = workforce.runs("invite", "--file", str(file))
    assert told.code == 3
    assert "39  invited" in told.output
    assert "1  refused" in told.output
    assert "1 worker is not done" in told.progress
    workforce.aws.control.clear_calls()
    assert workforce.runs("invite", "--file", str(file)).code == 0
    # Who is done is not even asked about.
    assert len(workforce.aws.control.calls(operation="AdminCreateUser")) == 1
    assert workforce.invited == EMAILS


def test_a_resending_that_stops_sends_to_nobody_twice(
    workforce: Workforce, impatient: None, tmp_path: Path
) -> None:
    file = write(tmp_path / "w.csv", EMAILS[:20])
    workforce.runs("invite", "--file", str(file))
    workforce.aws.control.add_fault(
        "AdminCreateUser", "ExpiredTokenException", nth=9, times=0
    )
    assert workforce.runs("resend", "--file", str(file)).code == 3
    workforce.aws.control.clear_faults()
    assert workforce.runs("resend", "--file", str(file)).code == 0
    assert workforce.invited == sorted(EMAILS[:20] * 2)


def test_an_account_whose_e_mail_failed_is_sent_one_by_the_next_run(
    workforce: Workforce, tmp_path: Path
) -> None:
    """Cognito may have made the account, and must not be asked for another one."""
    file = write(tmp_path / "w.csv", ["ada@example.com"])
    fault = "CodeDeliveryFailureException"
    workforce.aws.control.add_fault("AdminCreateUser", fault)
    told = workforce.runs("invite", "--file", str(file))
    assert told.code == 3
    assert "1  not sent" in told.output
    workforce.make_foreign_account(
        "ada@example.com", user_name("ada@example.com", UUID)
    )
    told = workforce.runs("invite", "--file", str(file))
    assert "1  invited again" in told.output
    assert workforce.invited == ["ada@example.com"]
    assert workforce.members() == {"ada@example.com"}
    assert workforce.runs("invite", "--file", str(file)).code == 0
    assert workforce.invited == ["ada@example.com"]


def test_who_has_accepted_meanwhile_is_sent_nothing(
    workforce: Workforce, tmp_path: Path
) -> None:
    file = write(tmp_path / "w.csv", ["ada@example.com"])
    fault = "CodeDeliveryFailureException"
    workforce.aws.control.add_fault("AdminCreateUser", fault)
    workforce.runs("invite", "--file", str(file))
    workforce.runs("invite", "--email", "ada@example.com")
    workforce.accept("ada@example.com")
    assert "1  present" in workforce.runs("invite", "--file", str(file)).output
    assert workforce.invited == ["ada@example.com"]


def test_the_limit_of_fifty_is_seen_coming_and_nothing_is_done_unasked(
    workforce: Workforce, tmp_path: Path
) -> None:
    file = write(tmp_path / "w.csv", [f"w{n}@x.example" for n in range(51)])
    told = workforce.runs("invite", "--file", str(file))
    assert told.refuses(
        "sends 50 e-mails a day for the whole account: 51 take 2 days",
        "set SesIdentityArn and FromEmailAddress",
        "Nothing was done.",
    )
    assert workforce.users == {}
    told = workforce.runs("invite", "--file", str(file), "--yes")
    assert told.code == 3
    assert "that is reached. 50 of 51 workers are done" in told.progress
    assert "again tomorrow" in told.progress
    # It is no throttling, and not asked for again and again.
    assert len(workforce.aws.control.calls(operation="AdminCreateUser")) == 51
    assert len(workforce.invited) == 50
    workforce.aws.control.set(cognito_emails_a_day=51)
    assert workforce.runs("invite", "--file", str(file)).code == 0
    assert len(set(workforce.invited)) == len(workforce.invited) == 51


def test_amazon_ses_has_no_such_limit(workforce: Workforce, tmp_path: Path) -> None:
    workforce.cognito.update_user_pool(
        UserPoolId=workforce.pool_id,
        EmailConfiguration={
            "EmailSendingAccount": "DEVELOPER",
            "SourceArn": "arn:aws:ses:us-east-1:111111111111:identity/x.example",
        },
    )
    file = write(tmp_path / "w.csv", [f"w{n}@x.example" for n in range(51)])
    assert workforce.runs("invite", "--file", str(file)).code == 0


def test_a_stop_in_a_call_of_addresses_says_who_is_done(
    workforce: Workforce, impatient: None
) -> None:
    workforce.runs("invite", "--email", ",".join(EMAILS[:3]))
    workforce.aws.control.add_fault(
        "AdminDisableUser", "ExpiredTokenException", nth=2, times=0
    )
    told = workforce.runs("disable", "--email", ",".join(EMAILS[:3]))
    assert told.code == 3
    assert "They have expired" in told.progress
    assert told.progress.count(": disabled") == 1


def test_a_call_of_addresses_that_is_interrupted_says_so(
    workforce: Workforce, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "run", lambda *arguments: Interrupted("Interrupted."))
    told = workforce.runs("enable", "--email", EMAILS[0])
    assert told.code == 130
    assert told.progress == (
        "✗ Interrupted.\n  Done before: nobody. The same command goes on from there.\n"
    )


def run_until_some_are_noted(file: Path, number: signal.Signals) -> tuple[int, str]:
    results = file.with_name("w.invite-results.csv")
    before = results.read_text().count("\n") if results.exists() else 1
    running = subprocess.Popen(
        [sys.executable, "-m", "ops", "invite", "--file", str(file)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while running.poll() is None:
        if results.exists() and results.read_text().count("\n") > before + 3:
            running.send_signal(number)
            break
        time.sleep(0.005)
    return running.wait(), running.communicate()[1]


def test_an_interrupted_and_a_killed_run_are_gone_on_with(
    workforce: Workforce, file: Path
) -> None:
    code, told = run_until_some_are_noted(file, signal.SIGINT)
    assert code == 130
    assert "✗ Interrupted." in told
    assert "of 40 workers are done" in told
    assert "Traceback" not in told
    code, _ = run_until_some_are_noted(file, signal.SIGKILL)
    assert code == -signal.SIGKILL
    assert 4 < len(workforce.users) < 40
    assert workforce.runs("invite", "--file", str(file)).code == 0
    assert workforce.invited == EMAILS
    assert workforce.members() == set(EMAILS)
