"""The commands: `python -m ops --help`.

click rather than argparse: options that also come from make's variables, command groups
and confirmation are one line each.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from botocore.exceptions import BotoCoreError, ClientError

from ops import account, aws_cli, deploy, destroy, local
from ops.artifacts import Artifacts
from ops.errors import NotReady, OperatorError, explain
from ops.terminal import show_outputs, tell, tell_error

_stack = click.option(
    "--stack",
    envvar="STACK",
    default="private-workforce",
    show_default=True,
    help="Name of root's stack.",
)
_parameters = click.option(
    "--parameters",
    "parameter_file",
    envvar="PARAMETERS",
    type=click.Path(path_type=Path),
    default=deploy.DEFAULT_PARAMETERS,
    show_default=True,
    help="The operator's parameters; the default file may be missing.",
)
_bucket = click.option(
    "--bucket",
    envvar="BUCKET",
    default="",
    help="An artifact bucket of your own, instead of one that is made.",
)
_output = click.option(
    "--output",
    envvar="OUTPUT",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="How outputs are printed.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """Deploy the private workforce, look at it, delete it, try it locally."""


@commands.command("cli")
@click.option("--install", is_flag=True, help="Make .venv-aws when none works.")
def cli_command(install: bool) -> None:
    """Print which AWS CLI is used."""
    cli = aws_cli.install() if install else aws_cli.find()
    tell(f"AWS CLI: {cli.program} ({cli.version})")


@commands.command("package")
@_stack
@_bucket
def package_command(stack: str, bucket: str) -> None:
    """Upload the nested templates; print the root template that names them."""
    here = account.from_environment()
    cli = aws_cli.find()
    artifacts = Artifacts.of(here, stack, bucket)
    if problem := artifacts.problem():
        raise problem
    click.echo(deploy.package(here, cli, artifacts.ensure(cli)))


@commands.command("deploy")
@_stack
@_parameters
@_bucket
@_output
def deploy_command(stack: str, parameter_file: Path, bucket: str, output: str) -> None:
    """Create the stack, or update it."""
    here = account.from_environment()
    artifacts = Artifacts.of(here, stack, bucket)
    show_outputs(deploy.run(here, stack, parameter_file, artifacts), output)


@commands.command("outputs")
@_stack
@_output
def outputs_command(stack: str, output: str) -> None:
    """Print the outputs of the stack."""
    show_outputs(deploy.outputs(account.from_environment(), stack), output)


@commands.command("destroy")
@_stack
@_bucket
@click.option("--yes", envvar="YES", is_flag=True, help="Do not ask.")
@click.option(
    "--artifacts",
    "with_artifacts",
    envvar="ARTIFACTS",
    is_flag=True,
    help="Delete the artifact bucket and all that is in it, too.",
)
def destroy_command(stack: str, bucket: str, yes: bool, with_artifacts: bool) -> None:
    """Delete the stack, with every worker account."""
    here = account.from_environment()
    artifacts = Artifacts.of(here, stack, bucket)
    destroy.run(here, stack, artifacts, ask=not yes, with_artifacts=with_artifacts)


@commands.group("local")
def local_commands() -> None:
    """The same on an embedded AWS, on this machine and without an account."""


@local_commands.command("up")
@_stack
@_parameters
@_output
@click.option("--persist", envvar="PERSIST", is_flag=True, help="Outlive local-down.")
def local_up_command(
    stack: str, parameter_file: Path, output: str, persist: bool
) -> None:
    """Start the embedded AWS, deploy to it, prove that it works."""
    local.up(stack, parameter_file, output, persist=persist)


@local_commands.command("destroy")
@_stack
def local_destroy_command(stack: str) -> None:
    """Delete the stack and its artifacts; say what is left."""
    local.take_down(stack)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code: 0, 1 for an error, 2 for a wrong call."""
    try:
        commands.main(arguments, prog_name="python -m ops", standalone_mode=False)
    except click.Abort:
        tell("Interrupted. CloudFormation carries on with what it has begun.")
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except OperatorError as error:
        tell_error(error)
        return 1
    except NotReady as found:
        for problem in found.problems:
            tell_error(problem)
        return 1
    except (BotoCoreError, ClientError) as error:
        tell_error(explain(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
