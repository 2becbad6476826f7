"""Run a command on the workers of a file or of a call: check, ask, do, report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ops.errors import GOES_ON, Interrupted, OperatorError
from ops.terminal import confirmed, progress, tell, tell_error
from ops.workers import batch, rows
from ops.workers.batch import DAILY_LIMIT, USE_SES
from ops.workers.operations import Operation, invite_again
from ops.workers.outcomes import DONE, Outcome
from ops.workers.pool import EMAILS_A_DAY, Pool
from ops.workers.results import Results
from ops.workers.rows import BadRow, Row

#: So many bad rows are printed; the result file has all of them.
MOST_BAD_ROWS = 10


class NotAllDone(OperatorError):
    """Some workers are done and others are not."""

    exit_code = 3


@dataclass(frozen=True)
class Command:
    """What a command does to workers.

    Attributes:
        name: "invite"; names the result file.
        doing: "Inviting".
        operation: What is done to each of them.
        uses_teams: Whether it matters which team a worker is named for.
        sends: Whether it sends e-mails.
        undone_by_declaration: Whether a worker in WorkerEmails comes back by that.
        question: What is asked before; may be empty.
    """

    name: str
    doing: str
    operation: Operation
    uses_teams: bool = False
    sends: bool = False
    undone_by_declaration: bool = False
    question: str = ""


def on_addresses(
    command: Command, pool: Pool, named: list[Row], *, ask: bool
) -> list[tuple[Row, Outcome]]:
    """Do it to some workers; return what became of each.

    Raises:
        OperatorError: when it was not done at all, or stopped.
    """
    _prepare(command, pool, [row.email for row in named], len(named), ask=ask)
    outcomes: list[tuple[Row, Outcome]] = []
    stop = batch.run(
        named,
        lambda row: command.operation(pool, row),
        lambda row, outcome: outcomes.append((row, outcome)),
    )
    if stop:
        done = ", ".join(f"{row.email}: {outcome.what}" for row, outcome in outcomes)
        mend = f"{stop.mend} Done before: {done or 'nobody'}.".strip()
        if isinstance(stop, Interrupted):
            raise Interrupted(stop.fact, f"{mend} {GOES_ON}")
        raise NotAllDone(stop.fact, mend)
    return outcomes


def on_file(
    command: Command, pool: Pool, path: Path, team: str, *, ask: bool
) -> Results:
    """Do it to the workers of a file, going on where an earlier run has stopped.

    Args:
        command: What is done.
        pool: Where.
        path: The file.
        team: The team of whoever has none in the file; may be empty.
        ask: Whether somebody must confirm what is asked.

    Returns:
        The result file, with how often each outcome occurred.

    Raises:
        OperatorError: when nothing was done.
        NotAllDone: when it stopped.
    """

    def read() -> Iterator[Row | BadRow]:
        return rows.of_file(path, lambda name: _team(command, pool, name or team))

    rows.check_header(path)
    with Results(path, command.name, pool.user_pool_id) as results:
        declared, total, left = _check(command, pool, path, read(), results)
        if not total:
            raise OperatorError(f"{path} names no workers.")
        if left < total:
            tell(f"{total - left:,} of {total:,} rows are done: see {results.path}.")
        if not left:
            tell(f"Nothing is left to do. To do it again, delete {results.path}.")
            return results
        _prepare(command, pool, declared, left, ask=ask)
        with progress(command.doing, left) as advance:

            def note(row: Row, outcome: Outcome) -> None:
                results.note(row, outcome)
                advance()

            stop = batch.run(
                (
                    row
                    for row in read()
                    if isinstance(row, Row) and not results.has(row)
                ),
                lambda row: _operate(command, pool, row, results),
                note,
            )
        if stop:
            _report_stop(stop, results, left)
        return results


def _operate(command: Command, pool: Pool, row: Row, results: Results) -> Outcome:
    if command.name == "invite" and row.email in results.unsent:
        return invite_again(pool, row)
    return command.operation(pool, row)


def _team(command: Command, pool: Pool, name: str) -> str | None:
    return pool.team(name) if command.uses_teams else ""


def _check(
    command: Command,
    pool: Pool,
    path: Path,
    found: Iterator[Row | BadRow],
    results: Results,
) -> tuple[list[str], int, int]:
    """Look at every row before anything is done.

    Returns:
        Who of them is in WorkerEmails, how many rows there are, how many are left.
    """
    declared: list[str] = []
    total = bad = left = 0
    for row in found:
        total += 1
        if isinstance(row, BadRow):
            bad += 1
            results.note_bad([row])
            if bad <= MOST_BAD_ROWS:
                tell(f"  line {row.line}: {row.problem}")
            continue
        left += not results.has(row)
        if row.email in pool.declared:
            declared.append(row.email)
    if bad:
        more = bad - MOST_BAD_ROWS
        if more > 0:
            tell(f"  … and {more:,} more, all of them in {results.path}")
        raise OperatorError(
            f"{bad:,} of the {total:,} rows of {path} are bad, and nothing was done.",
            f"Correct them{_teams(command, pool)}, and run the same command again.",
        )
    return declared, total, left


def _teams(command: Command, pool: Pool) -> str:
    return f" (the teams are {', '.join(pool.groups)})" if command.uses_teams else ""


def _prepare(
    command: Command, pool: Pool, emails: list[str], count: int, *, ask: bool
) -> None:
    """Say what is to be known before, and ask.

    Raises:
        OperatorError: when the answer is no.
    """
    if command.undone_by_declaration:
        for email in dict.fromkeys(emails):
            if email in pool.declared:
                tell(
                    f"{email} is in WorkerEmails: the next change of that list brings "
                    "the worker back. Take the address out of the parameter file, too."
                )
    questions = (
        [command.question.format(workers=workers(count))] if command.question else []
    )
    if command.sends and count > EMAILS_A_DAY and pool.cognito_sends:
        days = -(-count // EMAILS_A_DAY)
        tell_error(
            OperatorError(
                f"{DAILY_LIMIT}: {count:,} take {days:,} days.",
                f"To send all of them today, {USE_SES}.",
            )
        )
        questions.append("Send as many as Cognito lets through today?")
    for question in questions if ask else ():
        if not confirmed(question):
            raise OperatorError(
                "Nothing was done.", "YES=1 answers yes without asking."
            )


def workers(count: int) -> str:
    """Return a number of workers in words."""
    return "1 worker" if count == 1 else f"{count:,} workers"


def _report_stop(stop: OperatorError, results: Results, left: int) -> None:
    done = sum(results.counts[what] for what in DONE)
    state = f"{done:,} of {workers(left)} are done, as {results.path} says."
    mend = stop.mend or GOES_ON
    if isinstance(stop, Interrupted):
        raise Interrupted(f"{stop.fact} {state}", mend)
    raise NotAllDone(f"{stop.fact} {state}", f"{mend} Nobody is invited twice.")
