"""Commands that do the same on the embedded AWS."""

from __future__ import annotations

from pathlib import Path

import click

from ops import browse, local
from ops.commands import options
from ops.errors import GOES_ON


@click.group("local")
def local_commands() -> None:
    """The same on an embedded AWS, on this machine and without an account."""


@local_commands.command("up")
@options.interrupted("The embedded AWS runs on: `make local` goes on from there.")
@options.stack
@options.parameters
@options.output
@click.option("--persist", envvar="PERSIST", is_flag=True, help="Outlive local-down.")
def local_up_command(
    stack: str, parameter_file: Path, output: str, persist: bool
) -> None:
    """Start the embedded AWS, deploy to it, prove that it works."""
    local.up(stack, parameter_file, output, persist=persist)


@local_commands.command("browse")
@options.interrupted(GOES_ON)
@options.stack
@click.option(
    "--email",
    envvar="WORKER_EMAIL",
    default=browse.WORKER_EMAIL,
    show_default=True,
    help="Whom to invite.",
)
def local_browse_command(stack: str, email: str) -> None:
    """Invite a worker, and open the labeling portal in the installed Chromium."""
    local.browse_portal(stack, email)


@local_commands.command("destroy")
@options.interrupted("`make local-destroy` deletes the rest.")
@options.stack
def local_destroy_command(stack: str) -> None:
    """Delete the stack and its artifacts; say what is left."""
    local.take_down(stack)


COMMANDS = (local_commands,)
