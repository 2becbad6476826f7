"""Commands that offer the set to people and accounts without a checkout."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from ops import account, catalog, console_page, publish, stack_sets
from ops.artifacts import Artifacts
from ops.commands import options
from ops.errors import GOES_ON
from ops.stack_set_targets import Targets
from ops.terminal import show_outputs, show_table, tell


@click.command("publish")
@options.interrupted(GOES_ON)
@options.stack
@options.parameters
@options.bucket
@options.output
def publish_command(stack: str, parameter_file: Path, bucket: str, output: str) -> None:
    """Upload both forms of the set; print their URLs and a quick-create link."""
    here = account.from_environment()
    artifacts = Artifacts.of(here, stack, bucket)
    show_outputs(publish.run(here, stack, parameter_file, artifacts), output)


def _targets(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that name accounts and Regions."""
    for name, text in (
        ("prefixes", "Domain prefixes: 111111111111=acme-a,222222222222=acme-b."),
        ("regions", "Regions, separated by commas."),
        ("ou", "Organizational units, separated by commas (service-managed)."),
        ("accounts", "Accounts, separated by commas (self-managed)."),
    ):
        option = click.option(f"--{name}", envvar=name.upper(), default="", help=text)
        command = option(command)
    return command


_yes = click.option("--yes", envvar="YES", is_flag=True, help="Do not ask.")
_dry_run = click.option(
    "--dry-run", envvar="DRY_RUN", is_flag=True, help="Show the plan and stop."
)


@click.command("stackset")
@options.interrupted(options.carries_on("stackset-status"))
@options.stack
@options.parameters
@options.bucket
@_targets
@click.option(
    "--tolerance",
    envvar="TOLERANCE",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="In how many accounts of a Region it may fail.",
)
@_yes
@_dry_run
def stackset_command(
    stack: str,
    parameter_file: Path,
    bucket: str,
    accounts: str,
    ou: str,
    regions: str,
    prefixes: str,
    tolerance: int,
    yes: bool,
    dry_run: bool,
) -> None:
    """Make or update the set in many accounts and Regions."""
    here = account.from_environment()
    stack_sets.deploy(
        here,
        stack,
        parameter_file,
        Artifacts.of(here, stack, bucket),
        Targets.of(accounts, ou, regions, prefixes),
        tolerance=tolerance,
        ask=not yes,
        dry_run=dry_run,
    )
    if not dry_run:
        show_table(*stack_sets.status(here, stack))


@click.command("stackset-status")
@options.interrupted(options.NOTHING_CHANGED)
@options.stack
def stackset_status_command(stack: str) -> None:
    """Show every stack of the stack set."""
    show_table(*stack_sets.status(account.from_environment(), stack))


@click.command("stackset-destroy")
@options.interrupted(options.carries_on("stackset-status"))
@options.stack
@_targets
@_yes
@_dry_run
def stackset_destroy_command(
    stack: str,
    accounts: str,
    ou: str,
    regions: str,
    prefixes: str,
    yes: bool,
    dry_run: bool,
) -> None:
    """Delete stacks of the stack set, or all of it."""
    here = account.from_environment()
    everywhere = not (accounts or ou or regions)
    targets = None if everywhere else Targets.of(accounts, ou, regions, prefixes)
    stack_sets.remove(here, stack, targets, ask=not yes, dry_run=dry_run)


@click.command("catalog")
@options.interrupted(GOES_ON)
@options.stack
@options.parameters
@options.bucket
@click.option(
    "--owner",
    envvar="PRODUCT_OWNER",
    default="",
    help="Who answers for the product; needed the first time.",
)
@click.option(
    "--principal",
    envvar="LAUNCHER_ARN",
    default="",
    help="ARN of the role, group or user that may launch it, or a pattern.",
)
@options.output
def catalog_command(
    stack: str,
    parameter_file: Path,
    bucket: str,
    owner: str,
    principal: str,
    output: str,
) -> None:
    """Offer the set as a Service Catalog product; a later run adds a version."""
    here = account.from_environment()
    artifacts = Artifacts.of(here, stack, bucket)
    offer = catalog.Offer(owner.strip(), principal.strip())
    show_outputs(catalog.run(here, stack, parameter_file, artifacts, offer), output)


@click.command("picture")
def picture_command() -> None:
    """Draw the console's parameter page for the README, with Chromium."""
    console_page.photograph()
    tell(f"Written: {console_page.PICTURE}")


COMMANDS = (
    picture_command,
    publish_command,
    catalog_command,
    stackset_command,
    stackset_status_command,
    stackset_destroy_command,
)
