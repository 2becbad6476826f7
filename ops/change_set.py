"""One `aws cloudformation deploy`, watched: a change set, its execution, its events."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ops import stacks
from ops.account import Account
from ops.aws_cli import AwsCli
from ops.errors import OperatorError, explain_command, sentence
from ops.progress import follow

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef


def execute(
    account: Account,
    cli: AwsCli,
    stack: str,
    template: Path,
    *,
    bucket: str = "",
    values: Mapping[str, str] | None = None,
) -> None:
    """Create or update a stack, telling its events, and wait for the end.

    Args:
        account: Where the stack is.
        cli: The AWS CLI.
        stack: The name of the stack.
        template: The template.
        bucket: Where to upload the template; empty for one below 51,200 bytes.
        values: The parameters; one that is not named keeps the stack's value.

    Raises:
        OperatorError: with the cause, when the stack does not get there.
    """
    watch = stacks.Watch(account, stack)
    arguments = _arguments(account.region, stack, template, bucket, values or {})
    process = cli.start(arguments)
    said: list[str] = []

    def finished(seconds: float) -> bool:
        try:
            said.extend(process.communicate(timeout=seconds))
        except subprocess.TimeoutExpired:
            return False
        return True

    try:
        follow(account, watch, finished)
    finally:
        # Still running only when the operator interrupts, or the network goes;
        # CloudFormation carries on without either.
        if process.poll() is None:
            process.terminate()
            process.wait()
    if process.returncode:
        output, errors = said
        raise _failure(watch, stack, errors or output)


def is_current(
    account: Account,
    stack: str,
    template: Path,
    values: Mapping[str, str] | None = None,
) -> bool:
    """Return whether a stack was made from this template, with these parameters."""
    described = stacks.describe(account, stack)
    if described is None or not described["StackStatus"].endswith("_COMPLETE"):
        return False
    held = stacks.parameters(described)
    if any(held.get(name) != value for name, value in (values or {}).items()):
        return False
    made_from = account.cloudformation.get_template(StackName=stack)
    # A string for YAML; boto3 parses JSON templates only.
    return str(made_from["TemplateBody"]) == template.read_text(encoding="utf-8")


def update_parameters(account: Account, stack: str, values: Mapping[str, str]) -> None:
    """Change parameters of a stack and nothing else, telling its events.

    Template, tags and every other parameter stay as the stack has them. Nothing
    happens when it has the values already.

    Raises:
        OperatorError: with the cause, when the stack does not get there.
    """
    described = stacks.existing(account, stack)
    held = stacks.parameters(described)
    if all(held.get(name) == value for name, value in values.items()):
        return
    watch = stacks.Watch(account, described["StackId"])
    changed: list[ParameterTypeDef] = [
        {"ParameterKey": name, "ParameterValue": values[name]}
        if name in values
        else {"ParameterKey": name, "UsePreviousValue": True}
        for name in held
    ]
    account.cloudformation.update_stack(
        StackName=stack,
        UsePreviousTemplate=True,
        Capabilities=["CAPABILITY_IAM"],
        Parameters=changed,
    )
    follow(
        account,
        watch,
        lambda seconds: stacks.ended(account, described["StackId"], seconds),
    )
    status = stacks.existing(account, stack)["StackStatus"]
    if status != "UPDATE_COMPLETE":
        raise _failure(watch, stack, f"The stack {stack} is {status}.")


def _arguments(
    region: str, stack: str, template: Path, bucket: str, values: Mapping[str, str]
) -> list[str]:
    # fmt: off
    arguments = [
        "cloudformation", "deploy",
        "--region", region,
        "--template-file", str(template),
        "--stack-name", stack,
        "--capabilities", "CAPABILITY_IAM",
        # CLI 1 fails on an empty change set unless told, CLI 2 does not.
        "--no-fail-on-empty-changeset",
    ]
    # fmt: on
    if bucket:
        arguments += ["--s3-bucket", bucket]
    if values:
        # For what is not named, the CLI sends UsePreviousValue.
        overrides = [f"{name}={value}" for name, value in values.items()]
        arguments += ["--parameter-overrides", *overrides]
    return arguments


def look_again(account: Account, stack: str) -> str:
    """Show the operation that is under way, or the last one, to its end.

    Returns:
        The status that it ended in.

    Raises:
        OperatorError: with the cause, when it failed.
    """
    described = stacks.existing(account, stack)
    watch = stacks.Watch(account, described["StackId"], from_its_beginning=True)
    follow(
        account,
        watch,
        lambda seconds: stacks.ended(account, described["StackId"], seconds),
    )
    ended = stacks.describe(account, described["StackId"])
    status = ended["StackStatus"] if ended else "DELETE_COMPLETE"
    if watch.cause():
        raise _failure(watch, stack, f"The stack {stack} is {status}.")
    return status


def _failure(watch: stacks.Watch, stack: str, output: str) -> OperatorError:
    cause = watch.cause()
    if cause is None:
        return explain_command(output)
    return OperatorError(
        f"{cause.path} ({cause.kind}) failed: {sentence(cause.reason)}",
        mend(cause, stack),
    )


def mend(cause: stacks.Event, stack: str) -> str:
    """Return what to do about the failure of a resource."""
    if "perform: iam:CreateRole" in cause.reason:
        # The deploy role's, above all: without it nothing tells which one it is.
        return (
            "These credentials make no role, or only one under a permissions boundary: "
            "write its ARN (output RolesBoundaryArn of the pipeline's stack) as "
            "PermissionsBoundaryArn into the parameter file. A first deployment is "
            "removed by an administrator's `make destroy` before the next."
        )
    return (
        f"CloudFormation rolls {stack} back; mend the cause and run the command again."
    )
