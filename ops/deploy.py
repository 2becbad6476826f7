"""Create or update the set: check, package, deploy, watch.

Everything that is missing is said, all of it at once, before anything is made. The AWS
CLI packages and makes the change set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ops import aws_cli, change_set, changes, diff, packaging, parameters, stacks
from ops.account import Account
from ops.artifacts import Artifacts
from ops.aws_cli import AwsCli
from ops.changes import Difference
from ops.checks import collect, note, region_problem
from ops.errors import NotReady, OperatorError, explain
from ops.terminal import confirmed, tell, tell_error

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

ROOT_TEMPLATE = Path("dist/root.yaml")
DEFAULT_PARAMETERS = Path("parameters.yaml")
PACKAGED_TEMPLATE = Path(".build/root.yaml")

_REMOVE = "`make destroy` (`make local-destroy` on the embedded AWS) "

# States that no update leaves, each with its way out.
_DEAD_ENDS = {
    "CREATE_FAILED": f"{_REMOVE}removes what is left of it; then deploy again.",
    "ROLLBACK_COMPLETE": (
        "Its first creation failed and nothing of it is left. "
        f"{_REMOVE}removes the empty stack; then deploy again."
    ),
    "ROLLBACK_FAILED": f"{_REMOVE}removes what is left of it; then deploy again.",
    "DELETE_FAILED": f"{_REMOVE}tries again, and says what is in the way.",
    "UPDATE_ROLLBACK_FAILED": (
        "Mend what its events name, then `aws cloudformation continue-update-rollback`."
    ),
}


@dataclass(frozen=True)
class Plan:
    """A deployment that nothing known stands in the way of.

    Attributes:
        cli: The AWS CLI.
        values: What the parameter file sets.
        kept: What the stack keeps from before, other than defaults.
        exists: Whether there is a stack, which is then updated.
    """

    cli: AwsCli
    values: Mapping[str, str]
    kept: Mapping[str, str]
    exists: bool


def run(
    account: Account,
    stack: str,
    parameter_file: Path,
    artifacts: Artifacts,
    *,
    ask: bool,
) -> dict[str, str]:
    """Deploy the set, telling what happens.

    Args:
        account: Where to deploy.
        stack: The name of root's stack.
        parameter_file: The operator's parameters; the default one may be missing.
        artifacts: The artifact bucket.
        ask: Whether somebody must confirm what is replaced or deleted.

    Returns:
        The outputs of the stack.

    Raises:
        NotReady: with everything that is missing, before anything is made.
        OperatorError: with the cause, when the stack does not get there.
    """
    plan = prepare(account, stack, parameter_file, artifacts)
    for name, value in plan.kept.items():
        tell(f"{name} keeps its value {value!r}: {parameter_file} does not name it.")
    bucket = artifacts.ensure(plan.cli)
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


def prepare(
    account: Account, stack: str, parameter_file: Path, artifacts: Artifacts
) -> Plan:
    """Check everything that can be checked before anything is made.

    Args:
        account: Where to deploy.
        stack: The name of root's stack.
        parameter_file: The operator's parameters; the default one may be missing.
        artifacts: The artifact bucket.

    Raises:
        NotReady: with everything that is missing.
    """
    found: list[OperatorError] = []
    cli = collect(found, aws_cli.find)
    values: dict[str, str] = {}
    declared = collect(found, lambda: parameters.declared_in(ROOT_TEMPLATE)) or {}
    if parameter_file != DEFAULT_PARAMETERS or parameter_file.exists():
        values = collect(found, lambda: parameters.read(parameter_file)) or {}
        if declared:
            found += parameters.problems(values, declared, parameter_file)
    note(found, region_problem(account.region))
    kept: dict[str, str] = {}
    existing: StackTypeDef | None = None
    # Without credentials, every further question would say the same again.
    if collect(found, account.sts.get_caller_identity):
        existing = collect(found, lambda: stacks.describe(account, stack))
        if existing:
            kept = parameters.kept(values, declared, stacks.parameters(existing))
            note(found, state_problem(stack, existing["StackStatus"]))
            note(found, prefix_problem(existing, values, parameter_file))
        note(found, collect(found, artifacts.problem))
    if found or cli is None:
        raise NotReady(found)
    return Plan(cli, values, kept, exists=_is_made(existing))


def difference(
    account: Account, stack: str, parameter_file: Path, artifacts: Artifacts
) -> Difference | None:
    """Return what `run` would change, or None when there is no stack to change.

    Raises:
        NotReady: with everything that is missing.
        OperatorError: when CloudFormation cannot or will not tell.
    """
    plan = prepare(account, stack, parameter_file, artifacts)
    if not plan.exists:
        return None
    bucket = artifacts.ensure(plan.cli)
    template = package(account, plan.cli, bucket)
    return changes.find(account, stack, template, bucket, plan.values)


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
        found = changes.find(account, stack, template, bucket, plan.values)
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


def _is_made(stack: StackTypeDef | None) -> bool:
    return stack is not None and stack["StackStatus"] != "REVIEW_IN_PROGRESS"


def state_problem(stack: str, status: str) -> OperatorError | None:
    """Return why a stack in this status takes no update, or None."""
    if status in _DEAD_ENDS:
        return OperatorError(f"The stack {stack} is {status}.", _DEAD_ENDS[status])
    if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
        return OperatorError(
            f"Another operation is in progress: the stack {stack} is {status}.",
            "Wait for its end, and run the command again.",
        )
    return None


def prefix_problem(
    deployed: StackTypeDef, values: Mapping[str, str], file: Path
) -> OperatorError | None:
    """Return that the values would move a living stack to another domain prefix.

    CloudFormation would find out by itself, after it has begun, and roll back: a user
    pool has one prefix domain ("Configuring a user pool domain", Cognito Developer
    Guide), so the new one cannot be made before the old one is gone.
    """
    wanted = values.get("DomainPrefix")
    now = stacks.prefix_of(stacks.outputs(deployed).get("UserPoolDomainName", ""))
    if not now or wanted is None:
        return None
    derived = f"labeling-{deployed['StackId'].rpartition('/')[2]}"
    if (wanted or derived) == now:
        return None
    return OperatorError(
        f"The domain prefix cannot change while the stack lives: it is {now}, and "
        f"{file} wants {wanted or derived}.",
        f"Set DomainPrefix to {now}, or leave it out. To have another, `make destroy` "
        "and deploy again: every account goes with it.",
    )
