"""What became of each worker of a file: a CSV file next to it, where a run goes on.

Each line is written as soon as it is known, so a killed run loses at most what was
under way; Cognito then says that the account is there.
"""

from __future__ import annotations

import csv
import fcntl
import os
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TextIO

from ops.errors import OperatorError
from ops.workers.outcomes import BAD, DONE, NOT_SENT, Outcome
from ops.workers.rows import BadRow, Row

COLUMNS = ("time", "user_pool", "line", "email", "team", "outcome", "detail")


class Results:
    """The result file of one command and one file of workers.

    Args:
        workers: The file of workers.
        command: What is done to them: "invite".
        user_pool_id: Where; what was done in another pool does not count.

    Attributes:
        path: The result file.
        unsent: Whose invitation was not sent, so that it has to be sent again.
        counts: How often each outcome was noted by this run.
    """

    def __init__(self, workers: Path, command: str, user_pool_id: str) -> None:
        self.path = workers.with_name(f"{workers.stem}.{command}-results.csv")
        self.unsent: set[str] = set()
        self.counts: Counter[str] = Counter()
        self._user_pool_id = user_pool_id
        self._done: set[str] = set()
        self._opened: ExitStack
        self._stream: TextIO

    def __enter__(self) -> Results:
        """Open it, readable by its owner only: it names people.

        Raises:
            OperatorError: when it cannot be written, or another run writes it.
        """
        with ExitStack() as self._opened:
            try:
                self._stream = self._opened.enter_context(_locked(self.path))
                self._read()
            except BlockingIOError as error:
                raise OperatorError(
                    f"Another run is at work on {self.path}.", "Wait for its end."
                ) from error
            except OSError as error:
                raise OperatorError(
                    f"The result file {self.path} cannot be written: {error.strerror}.",
                    "Put the file of workers into a folder that you can write to.",
                ) from error
            # Nothing failed: they stay open.
            self._opened = self._opened.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self._opened.close()

    def has(self, row: Row) -> bool:
        """Return whether the row is done, by this run or by an earlier one."""
        return _key(row.email, row.team) in self._done

    def note(self, row: Row, outcome: Outcome) -> None:
        """Write down what became of a row."""
        self.counts[outcome.what] += 1
        self._write([(row.line, row.email, row.team, outcome.what, outcome.detail)])

    def note_bad(self, rows: Iterable[BadRow]) -> None:
        """Write down rows that name no worker."""
        self._write((row.line, "", "", BAD, row.problem) for row in rows)

    def _forget_bad(self) -> None:
        """Drop the bad rows of earlier runs: the file has been corrected since.

        In another file that then takes its place, as who is killed in between must not
        lose who was invited. The first one stays open, and locked.
        """
        self._stream.seek(0)
        kept = [line for line in csv.reader(self._stream) if BAD not in line[5:6]]
        # Where a link leads to, not the link.
        file = self.path.resolve()
        other = file.with_name(f".{file.name}")
        other.unlink(missing_ok=True)
        self._stream = self._opened.enter_context(_locked(other))
        csv.writer(self._stream).writerows(kept)
        self._stream.flush()
        os.fsync(self._stream.fileno())
        other.replace(file)

    def _read(self) -> None:
        number = self._stream.fileno()
        size = os.fstat(number).st_size
        if size and os.pread(number, 1, size - 1) != b"\n":
            # A run was killed in the middle of a line.
            os.write(number, b"\n")
        bad = False
        lines = csv.DictReader(self._stream)
        for line in lines:
            self._take(line)
            bad = bad or line.get("outcome") == BAD
        if lines.fieldnames is None:
            csv.writer(self._stream).writerow(COLUMNS)
        elif tuple(lines.fieldnames) != COLUMNS:
            raise OperatorError(
                f"{self.path} is in the way: it is no result file.",
                "Move it to another place.",
            )
        if bad:
            self._forget_bad()

    def _take(self, line: dict[str, str]) -> None:
        if line.get("user_pool") != self._user_pool_id:
            return
        outcome, email = line.get("outcome") or "", line.get("email") or ""
        if outcome in DONE:
            self._done.add(_key(email, line.get("team") or ""))
            self.unsent.discard(email)
        elif outcome == NOT_SENT:
            self.unsent.add(email)

    def _write(self, lines: Iterable[tuple[int, str, str, str, str]]) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        writer = csv.writer(self._stream)
        for line in lines:
            writer.writerow((now, self._user_pool_id, *line))
        self._stream.flush()


def _locked(path: Path) -> TextIO:
    """Open a file to read and to add to, locked and for its owner only.

    Raises:
        BlockingIOError: another process has it locked, or has just put another file
            in its place.
        OSError: it cannot be written.
    """
    # Not through Path.open: it could not set the mode from the first moment.
    number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    stream = os.fdopen(number, "r+", encoding="utf-8", newline="")
    try:
        os.fchmod(number, 0o600)
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(number), path.stat()):
            raise BlockingIOError
    except OSError:
        stream.close()
        raise
    return stream


def _key(email: str, team: str) -> str:
    return f"{email} {team}"
