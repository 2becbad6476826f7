"""Commands that keep a deployed stack safe and right."""

from __future__ import annotations

from pathlib import Path

import click

from ops import account, protect, repair
from ops.commands import options
from ops.terminal import tell


@click.command("protect")
@options.stack
@options.parameters
def protect_command(stack: str, parameter_file: Path) -> None:
    """Protect the user pool, with every account, against deletion."""
    protect.run(account.from_environment(), stack, parameter_file)


@click.command("repair")
@options.stack
def repair_command(stack: str) -> None:
    """Make app client and invitation name the portal, as the repair rule does."""
    tell(f"✓ {repair.run(account.from_environment(), stack)}")


COMMANDS = (protect_command, repair_command)
