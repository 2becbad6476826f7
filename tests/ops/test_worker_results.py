"""The result file says what became of each worker, and where a run goes on."""

from __future__ import annotations

import csv
import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from ops.errors import OperatorError
from ops.workers.outcomes import Outcome
from ops.workers.results import Results
from ops.workers.rows import BadRow, Row

ADA = Row(2, "ada@example.com", "Ada", "labelers")
BOB = Row(3, "bob@example.com", "Bob", "labelers")


def results(folder: Path, pool: str = "pool-1") -> Results:
    return Results(folder / "workers.csv", "invite", pool)


def lines(folder: Path) -> list[dict[str, str]]:
    with (folder / "workers.invite-results.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_each_outcome_is_in_the_file_at_once(tmp_path: Path) -> None:
    with results(tmp_path) as noted:
        noted.note(ADA, Outcome("invited"))
        noted.note(BOB, Outcome("refused", "It is “no”, really."))
        assert [(line["email"], line["outcome"]) for line in lines(tmp_path)] == [
            ("ada@example.com", "invited"),
            ("bob@example.com", "refused"),
        ]
    assert lines(tmp_path)[1]["detail"] == "It is “no”, really."
    assert lines(tmp_path)[0]["line"] == "2"
    assert noted.counts == {"invited": 1, "refused": 1}


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "workers.invite-results.csv"
    with results(tmp_path):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    with results(tmp_path):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_next_run_knows_who_is_done(tmp_path: Path) -> None:
    with results(tmp_path) as noted:
        noted.note(ADA, Outcome("invited"))
        noted.note(BOB, Outcome("refused"))
    with results(tmp_path) as later:
        assert later.has(ADA)
        assert not later.has(BOB)
        # The same worker in another team is another row.
        assert not later.has(Row(9, ADA.email, "", "reviewers"))


def test_what_was_done_in_another_pool_is_not_done_here(tmp_path: Path) -> None:
    with results(tmp_path, "staging") as noted:
        noted.note(ADA, Outcome("invited"))
    with results(tmp_path, "production") as later:
        assert not later.has(ADA)


def test_an_invitation_that_was_not_sent_is_remembered_until_it_is(
    tmp_path: Path,
) -> None:
    with results(tmp_path) as noted:
        noted.note(ADA, Outcome("not sent"))
    with results(tmp_path) as later:
        assert later.unsent == {ADA.email}
        assert not later.has(ADA)
        later.note(ADA, Outcome("invited again"))
    with results(tmp_path) as last:
        assert last.unsent == set()
        assert last.has(ADA)


def test_bad_rows_of_earlier_runs_go_and_the_rest_stays(tmp_path: Path) -> None:
    with results(tmp_path) as noted:
        noted.note(ADA, Outcome("invited"))
        noted.note_bad([BadRow(7, "'x' is no e-mail address")])
    with results(tmp_path) as later:
        assert later.has(ADA)
        later.note(BOB, Outcome("invited"))
    assert [line["outcome"] for line in lines(tmp_path)] == ["invited", "invited"]


def test_who_is_killed_while_bad_rows_go_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with results(tmp_path) as noted:
        noted.note(ADA, Outcome("invited"))
        noted.note_bad([BadRow(7, "'x' is no e-mail address")])

    def killed(number: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("os.fsync", killed)
        with results(tmp_path):
            pass
    assert [line["outcome"] for line in lines(tmp_path)] == ["invited", "bad row"]
    with results(tmp_path) as later:
        assert later.has(ADA)
    assert [file.name for file in tmp_path.iterdir()] == ["workers.invite-results.csv"]


def test_a_run_that_opened_the_file_before_another_took_its_place_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with results(tmp_path) as noted:
        noted.note_bad([BadRow(7, "'x' is no e-mail address")])
    opened = os.open

    def open_and_let_another_run(*arguments: Any) -> int:
        monkeypatch.setattr("os.open", opened)
        number = opened(*arguments)
        with results(tmp_path) as other:
            other.note(ADA, Outcome("invited"))
        return number

    monkeypatch.setattr("os.open", open_and_let_another_run)
    with (
        pytest.raises(OperatorError, match="Another run is at work on"),
        results(tmp_path),
    ):
        pass
    assert [line["outcome"] for line in lines(tmp_path)] == ["invited"]


def test_a_linked_file_stays_linked(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.csv"
    (tmp_path / "workers.invite-results.csv").symlink_to(elsewhere)
    with results(tmp_path) as noted:
        noted.note_bad([BadRow(7, "'x' is no e-mail address")])
    with results(tmp_path) as later:
        later.note(ADA, Outcome("invited"))
    assert (tmp_path / "workers.invite-results.csv").is_symlink()
    assert "bad row" not in elsewhere.read_text()
    assert "invited" in elsewhere.read_text()


def test_a_folder_where_bad_rows_cannot_go_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with results(tmp_path) as noted:
        noted.note_bad([BadRow(7, "'x' is no e-mail address")])

    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with (
        pytest.raises(OperatorError, match="cannot be written: No space left"),
        results(tmp_path),
    ):
        pass


def test_a_line_that_a_killed_run_left_unfinished_does_no_harm(tmp_path: Path) -> None:
    with results(tmp_path) as noted:
        noted.note(ADA, Outcome("invited"))
    with (tmp_path / "workers.invite-results.csv").open("a") as stream:
        stream.write("2026-11-24T10:00:00+00:00,pool-1,3,bob@exa")
    with results(tmp_path) as later:
        later.note(BOB, Outcome("invited"))
    with results(tmp_path) as last:
        assert last.has(ADA)
        assert last.has(BOB)


def test_two_runs_at_the_same_time_are_refused(tmp_path: Path) -> None:
    with (
        results(tmp_path),
        pytest.raises(OperatorError, match="Another run is at work on"),
        results(tmp_path),
    ):
        pass


def test_a_file_in_its_place_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "workers.invite-results.csv"
    file.write_text("my,own\n1,2\n")
    with pytest.raises(OperatorError, match="it is no result file"), results(tmp_path):
        pass
    assert file.read_text() == "my,own\n1,2\n"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(OperatorError, match="cannot be written: No such file"),
        results(tmp_path / "nowhere"),
    ):
        pass
