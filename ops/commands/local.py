"""Commands that do the same on the embedded AWS."""

from __future__ import annotations

from pathlib import Path

import click

from ops import local
from ops.commands import options


@click.group("local")
def local_commands() -> None:
    """The same on an embedded AWS, on this machine and without an account."""


@local_commands.command("up")
@options.stack
@options.parameters
@options.output
@click.option("--persist", envvar="PERSIST", is_flag=True, help="Outlive local-down.")
def local_up_command(
    stack: str, parameter_file: Path, output: str, persist: bool
) -> None:
    """Start the embedded AWS, deploy to it, prove that it works."""
    local.up(stack, parameter_file, output, persist=persist)


@local_commands.command("destroy")
@options.stack
def local_destroy_command(stack: str) -> None:
    """Delete the stack and its artifacts; say what is left."""
    local.take_down(stack)


COMMANDS = (local_commands,)
