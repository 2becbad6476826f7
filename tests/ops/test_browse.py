"""`make local-browse`: credentials, the way to a code, and the browser or its lack."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from local_aws.mail import as_page, as_text
from local_aws.process import EmbeddedAws
from ops import browser
from ops.browse import run
from ops.commands.local import local_commands
from ops.errors import OperatorError
from ops.workers.pool import Pool
from ops.workers.rows import Row
from tests.embedded.prepared import until
from tests.sites.signed_up import OWN, Workers

PORTAL = "https://abc.labeling.us-east-1.sagemaker.aws"
UUID = "0f2e9c1a-7b64-4d0e-9c55-3a1b2c3d4e5f"
WORKER = Row(0, "worker@example.com", "", "labelers")


class HttpsOnly:
    """A control whose second port is not opened: the shared AWS keeps to one."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.mails = aws.control.mails

    @staticmethod
    def https() -> dict[str, Any]:
        """Return what a browser would need to know."""
        return {"port": 4443, "key_hash": "a+hash=", "certificate_authority": ""}


@pytest.fixture
def workers(aws: EmbeddedAws) -> Workers:
    made = Workers(aws)
    made.cognito.create_group(UserPoolId=made.pool, GroupName=f"labelers-{UUID}")
    return made


@pytest.fixture
def chromium(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a Chromium that writes down what it is started with, and a display."""
    program = tmp_path / "chromium"
    told = tmp_path / "told"
    program.write_text(
        f"#!{sys.executable}\nimport json, os, pathlib, sys\n"
        f"new = pathlib.Path({str(told)!r} + '.new')\n"
        f"new.write_text(json.dumps(sys.argv[1:]))\nos.replace(new, {str(told)!r})\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("CHROMIUM", str(program))
    monkeypatch.setenv("DISPLAY", ":0")
    return told


def browsed(workers: Workers, directory: Path) -> None:
    pool = Pool(
        cognito=workers.cognito,
        user_pool_id=workers.pool,
        stack_uuid=UUID,
        groups={"labelers": f"labelers-{UUID}"},
        declared=(),
    )
    control: Any = HttpsOnly(workers.aws)
    run(control, pool, WORKER, PORTAL, directory)


def started_with(told: Path) -> list[str]:
    until(told.exists, bool)
    arguments: list[str] = json.loads(told.read_text())
    return arguments


def test_it_invites_prints_the_credentials_and_opens_the_portal(
    workers: Workers,
    chromium: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    browsed(workers, tmp_path)
    printed = capsys.readouterr()
    invitation = workers.aws.control.mails()[-1]
    assert invitation["to"] == WORKER.email
    assert as_text(invitation) in printed.out
    assert "make local-codes" in printed.err
    arguments = started_with(chromium)
    assert arguments[-1] == PORTAL
    assert arguments[-2] == (tmp_path / "invitation.html").as_uri()
    assert (tmp_path / "invitation.html").read_text() == as_page(invitation)
    assert f"--user-data-dir={tmp_path / 'browser' / '4443'}" in arguments


def test_the_browser_finds_the_sites_on_loopback_and_nothing_else(
    chromium: Path,
) -> None:
    arguments = browser.arguments(HttpsOnly.https())
    (rules,) = [each for each in arguments if "resolver" in each]
    assert rules == (
        "--host-resolver-rules=MAP *.sagemaker.aws 127.0.0.1:4443, "
        "MAP *.amazoncognito.com 127.0.0.1:4443, MAP * ~NOTFOUND"
    )
    assert "--ignore-certificate-errors-spki-list=a+hash=" in arguments
    assert ("--no-sandbox" in arguments) == (os.geteuid() == 0)


def test_the_second_time_there_is_a_new_invitation(
    workers: Workers, chromium: Path, tmp_path: Path
) -> None:
    browsed(workers, tmp_path)
    browsed(workers, tmp_path)
    first, second = workers.aws.control.mails()
    assert first["body"] != second["body"]


def test_a_worker_with_a_password_is_not_invited_again(
    workers: Workers,
    chromium: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    browsed(workers, tmp_path)
    (user,) = workers.cognito.list_users(UserPoolId=workers.pool)["Users"]
    workers.cognito.admin_set_user_password(
        UserPoolId=workers.pool,
        Username=user["Username"],
        Password=OWN,
        Permanent=True,
    )
    capsys.readouterr()
    browsed(workers, tmp_path)
    assert "has signed in before" in capsys.readouterr().err
    assert len(workers.aws.control.mails()) == 1


def test_without_a_display_it_says_what_to_run(
    workers: Workers,
    chromium: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(OperatorError, match="no display") as caught:
        browsed(workers, tmp_path)
    assert f"{tmp_path}/chromium '--host-resolver-rules=MAP" in caught.value.mend
    assert not chromium.exists()


def test_without_a_browser_it_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(browser, "NAMES", ("no-such-browser",))
    with pytest.raises(OperatorError, match="Chromium is not installed") as caught:
        browser.installed()
    assert "apt-get install chromium" in caught.value.mend
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "nothing"))
    with pytest.raises(OperatorError, match="is no program"):
        browser.installed()


def test_where_nothing_runs_it_says_what_to_do_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(local_commands, ["browse"])
    assert isinstance(result.exception, OperatorError)
    assert result.exception.fact == "No embedded AWS is running."
    assert "make local" in result.exception.mend
