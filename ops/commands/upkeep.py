"""Commands that keep a deployed stack safe and right."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ops import account, change_set, preflight, promises, protect, repair, status
from ops.commands import options
from ops.deployed import Deployed
from ops.terminal import tell


@click.command("protect")
@options.interrupted(options.carries_on("watch"))
@options.stack
@options.parameters
def protect_command(stack: str, parameter_file: Path) -> None:
    """Protect the user pool, with every account, against deletion."""
    protect.run(account.from_environment(), stack, parameter_file)


@click.command("repair")
@options.interrupted("The function goes on; `make verify` says what it came to.")
@options.stack
def repair_command(stack: str) -> None:
    """Make app client and invitation name the portal, as the repair rule does."""
    tell(f"✓ {repair.run(account.from_environment(), stack)}")


@click.command("status")
@options.interrupted(options.NOTHING_CHANGED)
@options.stack
@options.output
def status_command(stack: str, output: str) -> None:
    """Show the state of the deployed set on one page."""
    state = status.of(Deployed(account.from_environment(), stack))
    if output == "json":
        click.echo(json.dumps(state, indent=2))
        return
    for name, told in state.items():
        click.echo(f"{name:<16} {told}")


@click.command("watch")
@options.interrupted(options.carries_on("watch"))
@options.stack
def watch_command(stack: str) -> None:
    """Show the operation that is under way, or the last one, to its end.

    Exits 1 when it failed, with its cause.
    """
    here = account.from_environment()
    tell(f"✓ The stack {stack} is {change_set.look_again(here, stack)}.")


@click.command("verify")
@options.interrupted(options.NOTHING_CHANGED)
@options.stack
@options.output
@click.option(
    "--drift/--no-drift",
    "with_drift",
    default=True,
    help="Have CloudFormation compare its resources, too (a minute).",
)
@click.pass_context
def verify_command(
    context: click.Context, stack: str, output: str, with_drift: bool
) -> None:
    """Compare every promise with what the services hold; change nothing.

    Exits 1 when a promise is broken, 0 when all that could be looked at are held.
    """
    deployed = Deployed(account.from_environment(), stack)
    found = promises.verify(deployed, with_drift=with_drift)
    if output == "json":
        click.echo(json.dumps(preflight.as_json(found), indent=2))
    else:
        preflight.show(found)
    context.exit(0 if preflight.is_ready(found) else 1)


COMMANDS = (
    watch_command,
    status_command,
    verify_command,
    repair_command,
    protect_command,
)
