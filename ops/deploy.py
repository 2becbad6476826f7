"""Create or update the set: check, package, deploy, watch.

Everything that is missing is said, all of it at once, before anything is made. The AWS
CLI packages and makes the change set.
"""

from __future__ import annotations

from pathlib import Path

from botocore.exceptions import ClientError

from ops import aws_cli, change_set, changes, diff, packaging, stacks
from ops.account import Account
from ops.artifacts import Artifacts
from ops.aws_cli import AwsCli
from ops.changes import Difference
from ops.errors import OperatorError, explain
from ops.readiness import ROOT_TEMPLATE, Plan, prepare
from ops.terminal import confirmed, tell, tell_error

PACKAGED_TEMPLATE = Path(".build/root.yaml")


def run(
    account: Account,
    stack: str,
    parameter_file: Path,
    artifacts: Artifacts,
    template: Path = ROOT_TEMPLATE,
    *,
    ask: bool,
) -> dict[str, str]:
    """Deploy the set, telling what happens.

    Args:
        account: Where to deploy.
        stack: The name of root's stack.
        parameter_file: The operator's parameters; the default one may be missing.
        artifacts: The artifact bucket.
        template: One of FORMS.
        ask: Whether somebody must confirm what is replaced or deleted.

    Returns:
        The outputs of the stack.

    Raises:
        NotReady: with everything that is missing, before anything is made.
        OperatorError: with the cause, when the stack does not get there.
    """
    plan = prepare(account, stack, parameter_file, artifacts, template)
    for name, value in plan.kept.items():
        tell(f"{name} keeps its value {value!r}: {parameter_file} does not name it.")
    for line in plan.told:
        tell(line)
    bucket = artifacts.ensure(plan.cli)
    if template == ROOT_TEMPLATE:
        template = package(account, plan.cli, bucket)
    if plan.exists:
        agree(account, stack, plan, template, bucket, ask=ask)
    tell(f"Deploying {stack} in {account.region} …")
    change_set.execute(
        account, plan.cli, stack, template, bucket=bucket, values=plan.values
    )
    account.cloudformation.update_termination_protection(
        StackName=stack, EnableTerminationProtection=True
    )
    return outputs(account, stack)


def difference(
    account: Account,
    stack: str,
    parameter_file: Path,
    artifacts: Artifacts,
    template: Path = ROOT_TEMPLATE,
    folder: str = "",
) -> Difference | None:
    """Return what `run` would change, or None when there is no stack to change.

    Args:
        account: Where the stack is.
        stack: The name of root's stack.
        parameter_file: The operator's parameters; the default one may be missing.
        artifacts: The artifact bucket.
        template: One of FORMS.
        folder: Where in the bucket the templates go; empty for its top.

    Raises:
        NotReady: with everything that is missing.
        OperatorError: when CloudFormation cannot or will not tell.
    """
    plan = prepare(account, stack, parameter_file, artifacts, template)
    if not plan.exists:
        return None
    bucket = artifacts.ensure(plan.cli)
    if template == ROOT_TEMPLATE:
        template = package(account, plan.cli, bucket, folder)
    return changes.find(account, stack, template, bucket, plan.values, folder)


def agree(
    account: Account,
    stack: str,
    plan: Plan,
    template: Path,
    bucket: str,
    *,
    ask: bool,
) -> None:
    """Show what changes, and have somebody agree to what is replaced or deleted.

    Args:
        account: Where the stack is.
        stack: The name of root's stack.
        plan: The deployment.
        template: The packaged template.
        bucket: Where it is uploaded.
        ask: Whether somebody must confirm.

    Raises:
        OperatorError: when nobody does; nothing was changed then.
    """
    try:
        found = changes.find(
            account, stack, template, bucket, plan.values, purpose=changes.LOOK
        )
    except (OperatorError, ClientError) as error:
        tell_error(error if isinstance(error, OperatorError) else explain(error))
        doubtful = ["what CloudFormation cannot tell before"]
    else:
        diff.show(found, stack, as_progress=True)
        doubtful = [change.path for change in diff.must_ask(found)]
    if doubtful and ask and not confirmed(f"Go on, with {', '.join(doubtful)}?"):
        raise OperatorError("Nothing was changed.", "YES=1 goes on without asking.")


def package(account: Account, cli: AwsCli, bucket: str, folder: str = "") -> Path:
    """Upload the nested templates; return the root template that names them.

    Args:
        account: Where the bucket is.
        cli: The AWS CLI.
        bucket: The artifact bucket.
        folder: Where in the bucket they go; empty for its top.

    Raises:
        OperatorError: when the AWS CLI cannot do it, or changes the templates.
    """
    PACKAGED_TEMPLATE.parent.mkdir(exist_ok=True)
    _package(account, cli, bucket, folder)
    if packaging.is_faithful(account, ROOT_TEMPLATE, PACKAGED_TEMPLATE):
        return PACKAGED_TEMPLATE
    tell(
        f"{cli.program} ({cli.version}) changes templates while it packages them. "
        f"The one in {aws_cli.FOLDER.name} is used instead."
    )
    _package(account, aws_cli.pinned(), bucket, folder)
    if packaging.is_faithful(account, ROOT_TEMPLATE, PACKAGED_TEMPLATE):
        return PACKAGED_TEMPLATE
    raise OperatorError(
        "The packaged templates are not those in dist/.",
        "Something else wrote to the bucket at the same time, or the AWS CLI is "
        "broken: try again, with another bucket (BUCKET=).",
    )


def _package(account: Account, cli: AwsCli, bucket: str, folder: str) -> None:
    # fmt: off
    cli.run([
        "cloudformation", "package",
        "--region", account.region,
        "--template-file", str(ROOT_TEMPLATE),
        "--s3-bucket", bucket,
        "--output-template-file", str(PACKAGED_TEMPLATE),
        *(["--s3-prefix", folder] if folder else []),
    ])
    # fmt: on


def outputs(account: Account, stack: str) -> dict[str, str]:
    """Return the outputs of a deployed stack.

    Raises:
        OperatorError: when there is no such stack.
    """
    return stacks.outputs(stacks.existing(account, stack))
