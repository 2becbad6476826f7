"""Commands about workers: invite, list, invite again, disable, enable, remove."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
from rich.table import Table

from ops import account, terminal
from ops.commands import options
from ops.errors import GOES_ON
from ops.workers import listing, operations, pool, rows, run
from ops.workers.outcomes import DONE, MEANINGS, Outcome
from ops.workers.results import Results
from ops.workers.rows import Row
from ops.workers.run import Command, NotAllDone, workers

_EXIT_CODES = (
    "Exit codes: 0 all done, 1 nothing done, 2 wrong call, 3 some workers not done, "
    "130 interrupted."
)

# Not EMAIL, NAME, TEAM and FILE themselves: many a shell has EMAIL or NAME set.
_email = click.option(
    "--email",
    envvar="WORKER_EMAIL",
    help="An address, or several separated by commas.",
)
_name = click.option(
    "--name", envvar="WORKER_NAME", default="", help="Name of the worker of --email."
)
_team = click.option(
    "--team", envvar="WORKER_TEAM", default="", help="Work team, without its UUID."
)
_file = click.option(
    "--file",
    "path",
    envvar="WORKER_FILE",
    type=click.Path(path_type=Path),
    help="CSV file with the columns email, name and team (the last two optional).",
)
_yes = click.option("--yes", envvar="YES", is_flag=True, help="Do not ask.")


@click.command("workers")
@options.interrupted(options.NOTHING_CHANGED)
@options.stack
@options.output
@_team
def workers_command(stack: str, output: str, team: str) -> None:
    """List the workers: state, last invitation, second factor, teams."""
    listing.show(
        listing.read(pool.find(account.from_environment(), stack), team), output
    )


def _command(command: Command, text: str) -> click.Command:
    """Return the command line of what is done to workers."""

    @options.stack
    @options.output
    @_email
    @_file
    @_yes
    def one(
        stack: str,
        output: str,
        email: str | None,
        path: Path | None,
        yes: bool,
        name: str = "",
        team: str = "",
    ) -> None:
        if (email is None) == (path is None):
            raise click.UsageError("Name either --email (EMAIL=) or --file (FILE=).")
        found = pool.find(account.from_environment(), stack)
        if path is not None:
            _show_results(run.on_file(command, found, path, team, ask=not yes), output)
            return
        if name and "," in (email or ""):
            raise click.UsageError("--name (NAME=) names one worker.")
        spelled: rows.Team = found.team if command.uses_teams else lambda name: ""
        named = rows.of_addresses(
            (email or "").split(","),
            name,
            team,
            spelled,
            mend=f"The teams are {', '.join(found.groups)}." if team else "",
        )
        _show_outcomes(run.on_addresses(command, found, named, ask=not yes), output)

    decorated: Callable[..., None] = one
    if command.uses_teams:
        decorated = _name(_team(one))
    decorated = options.interrupted(GOES_ON)(decorated)
    help_text = f"{text}\n\n{_EXIT_CODES}"
    return click.command(command.name, help=help_text)(decorated)


def _show_outcomes(outcomes: list[tuple[Row, Outcome]], form: str) -> None:
    """Print what became of each worker.

    Raises:
        NotAllDone: when somebody is not done.
    """
    if form == "json":
        told = [
            {"email": row.email, "outcome": outcome.what, "detail": outcome.detail}
            for row, outcome in outcomes
        ]
        click.echo(json.dumps(told, indent=2))
    else:
        for row, outcome in outcomes:
            detail = f" {outcome.detail}" if outcome.detail else ""
            click.echo(f"{row.email} {MEANINGS[outcome.what]}.{detail}")
    undone = [row.email for row, outcome in outcomes if outcome.what not in DONE]
    if undone:
        raise NotAllDone(f"Not done: {', '.join(undone)}.")


def _show_results(results: Results, form: str) -> None:
    """Print how often each outcome occurred.

    Raises:
        NotAllDone: when somebody is not done.
    """
    counts = dict(results.counts.most_common())
    if form == "json":
        told = {"outcomes": counts, "result_file": str(results.path)}
        click.echo(json.dumps(told, indent=2))
    elif counts:
        table = Table(box=None, header_style="bold", pad_edge=False)
        table.add_column("Workers", justify="right")
        table.add_column("Outcome", no_wrap=True)
        table.add_column("Meaning")
        for what, count in counts.items():
            table.add_row(f"{count:,}", what, MEANINGS[what])
        terminal.show(table, wrapped=True)
        click.echo(f"Who they are: {results.path}")
    undone = sum(count for what, count in counts.items() if what not in DONE)
    if undone:
        raise NotAllDone(
            f"{workers(undone)} {'is' if undone == 1 else 'are'} not done; "
            f"{results.path} says why.",
            "The same command tries again.",
        )


COMMANDS = (
    _command(
        Command("invite", "Inviting", operations.invite, uses_teams=True, sends=True),
        "Invite workers, each once, into a work team (the first one if none is named).",
    ),
    workers_command,
    _command(
        Command("resend", "Inviting again", operations.resend, sends=True),
        "Send the invitation again, with a new temporary password.",
    ),
    _command(
        Command("disable", "Disabling", operations.disable, undone_by_declaration=True),
        "Sign workers out and let them no longer sign in; keep teams and accounts.",
    ),
    _command(
        Command("enable", "Enabling", operations.enable),
        "Let workers sign in again.",
    ),
    _command(
        Command(
            "remove",
            "Removing",
            operations.remove,
            undone_by_declaration=True,
            question=(
                "Take {workers} out of all teams, sign them out and disable their "
                "accounts? Nothing is deleted."
            ),
        ),
        "Take workers out of all teams, sign them out and disable their accounts. "
        "No account is deleted: inviting a worker again brings it back.",
    ),
)
