"""Commands that offer the set to people and accounts without a checkout."""

from __future__ import annotations

from pathlib import Path

import click

from ops import account, publish
from ops.artifacts import Artifacts
from ops.commands import options
from ops.terminal import show_outputs


@click.command("publish")
@options.stack
@options.parameters
@options.bucket
@options.output
def publish_command(stack: str, parameter_file: Path, bucket: str, output: str) -> None:
    """Upload both forms of the set; print their URLs and a quick-create link."""
    here = account.from_environment()
    artifacts = Artifacts.of(here, stack, bucket)
    show_outputs(publish.run(here, stack, parameter_file, artifacts), output)


COMMANDS = (publish_command,)
