"""Commands that make the stack, look at its outputs and delete it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ops import account, aws_cli, deploy, destroy, diff, preflight, readiness
from ops.artifacts import Artifacts
from ops.changes import Difference
from ops.commands import options
from ops.errors import GOES_ON
from ops.terminal import show_outputs, tell


@click.command("cli")
@click.option("--install", is_flag=True, help="Make .venv-aws when none works.")
def cli_command(install: bool) -> None:
    """Print which AWS CLI is used."""
    cli = aws_cli.install() if install else aws_cli.find()
    tell(f"AWS CLI: {cli.program} ({cli.version})")


@click.command("package")
@options.interrupted(GOES_ON)
@options.stack
@options.bucket
def package_command(stack: str, bucket: str) -> None:
    """Upload the nested templates; print the root template that names them."""
    here = account.from_environment()
    cli = aws_cli.find()
    artifacts = Artifacts.of(here, stack, bucket)
    if problem := artifacts.problem():
        raise problem
    click.echo(deploy.package(here, cli, artifacts.ensure(cli)))


@click.command("deploy")
@options.interrupted(options.carries_on("watch"))
@options.stack
@options.parameters
@options.bucket
@options.template
@options.output
@click.option(
    "--yes", envvar="YES", is_flag=True, help="Replace and delete without asking."
)
def deploy_command(
    stack: str,
    parameter_file: Path,
    bucket: str,
    template: Path,
    output: str,
    yes: bool,
) -> None:
    """Create the stack, or update it."""
    here = account.from_environment()
    artifacts = Artifacts.of(here, stack, bucket)
    outputs = deploy.run(here, stack, parameter_file, artifacts, template, ask=not yes)
    show_outputs(outputs, output)


@click.command("preflight")
@options.interrupted(options.NOTHING_CHANGED)
@options.stack
@options.parameters
@options.bucket
@options.template
@options.output
@click.pass_context
def preflight_command(
    context: click.Context,
    stack: str,
    parameter_file: Path,
    bucket: str,
    template: Path,
    output: str,
) -> None:
    """Say all that stands in the way of a deployment; make nothing.

    Exits 1 when something stands in the way, 0 when nothing known does.
    """
    here = account.from_environment()
    artifacts = Artifacts.of(here, stack, bucket)
    examined = readiness.examine(
        here, stack, parameter_file, artifacts, template, everything=True
    )
    found = preflight.in_order(examined.findings)
    if output == "json":
        click.echo(json.dumps(preflight.as_json(found), indent=2))
    else:
        preflight.show(found)
    context.exit(0 if preflight.is_ready(found) else 1)


@click.command("diff")
@options.interrupted(options.NOTHING_CHANGED)
@options.stack
@options.parameters
@options.bucket
@options.template
@options.output
@click.option(
    "--folder",
    envvar="ARTIFACT_FOLDER",
    default="",
    help="Folder of the bucket for what is uploaded to ask CloudFormation.",
)
@click.option(
    "--exit-code",
    is_flag=True,
    help="Exit 3 when something would change, 4 when something would be replaced or "
    "deleted; 0 when nothing would.",
)
@click.pass_context
def diff_command(
    context: click.Context,
    stack: str,
    parameter_file: Path,
    bucket: str,
    template: Path,
    output: str,
    folder: str,
    exit_code: bool,
) -> None:
    """Say what deploy would change, and what is lost; change nothing."""
    here = account.from_environment()
    artifacts = Artifacts.of(here, stack, bucket)
    found = deploy.difference(here, stack, parameter_file, artifacts, template, folder)
    if output == "json":
        click.echo(json.dumps(diff.as_json(found, stack), indent=2))
    elif found is None:
        click.echo(f"There is no stack {stack} in {here.region}: deploy would make it.")
    else:
        diff.show(found, stack)
    if exit_code:
        context.exit(_exit_code(found))


def _exit_code(found: Difference | None) -> int:
    if found is None:
        return 3
    return 4 if diff.must_ask(found) else 3 if found.changes else 0


@click.command("outputs")
@options.interrupted(options.NOTHING_CHANGED)
@options.stack
@options.output
def outputs_command(stack: str, output: str) -> None:
    """Print the outputs of the stack."""
    show_outputs(deploy.outputs(account.from_environment(), stack), output)


@click.command("destroy")
@options.interrupted(options.carries_on("watch"))
@options.stack
@options.parameters
@options.bucket
@click.option("--yes", envvar="YES", is_flag=True, help="Do not ask.")
@click.option(
    "--artifacts",
    "with_artifacts",
    envvar="ARTIFACTS",
    is_flag=True,
    help="Delete the artifact bucket and all that is in it, too.",
)
def destroy_command(
    stack: str, parameter_file: Path, bucket: str, yes: bool, with_artifacts: bool
) -> None:
    """Delete the stack, with every worker account; keep its domain prefix."""
    here = account.from_environment()
    destroy.run(
        here,
        stack,
        Artifacts.of(here, stack, bucket),
        ask=not yes,
        with_artifacts=with_artifacts,
        parameter_file=parameter_file,
    )


COMMANDS = (
    cli_command,
    package_command,
    preflight_command,
    diff_command,
    deploy_command,
    outputs_command,
    destroy_command,
)
