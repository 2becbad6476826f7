"""Create or update the set: check, package, deploy, watch.

Everything that is missing is said, all of it at once, before anything is made. The AWS
CLI packages and makes the change set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ops import (
    aws_cli,
    change_set,
    changes,
    diff,
    existing_pool,
    packaging,
    parameters,
    stacks,
)
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
WORKFORCE_TEMPLATE = Path("dist/workforce.yaml")

#: What can be deployed, by the name that TEMPLATE= gives it, and the logical id that
#: tells a stack of it from one of the others, in this order.
FORMS = {
    "root": (ROOT_TEMPLATE, "BaseStack"),
    "private-workforce": (Path("dist/private-workforce.yaml"), "UserPool"),
    "workforce": (WORKFORCE_TEMPLATE, "PrivateWorkforce"),
}

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
        told: What the operator should know before it begins.
    """

    cli: AwsCli
    values: Mapping[str, str]
    kept: Mapping[str, str]
    exists: bool
    told: Sequence[str] = ()


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


def prepare(
    account: Account,
    stack: str,
    parameter_file: Path,
    artifacts: Artifacts,
    template: Path = ROOT_TEMPLATE,
) -> Plan:
    """Check everything that can be checked before anything is made.

    Args:
        account: Where to deploy.
        stack: The name of root's stack.
        parameter_file: The operator's parameters; the default one may be missing.
        artifacts: The artifact bucket.
        template: One of FORMS.

    Raises:
        NotReady: with everything that is missing.
    """
    found: list[OperatorError] = []
    cli = collect(found, aws_cli.find)
    values: dict[str, str] = {}
    declared = collect(found, lambda: parameters.declared_in(template)) or {}
    if parameter_file != DEFAULT_PARAMETERS or parameter_file.exists():
        values = collect(found, lambda: parameters.read(parameter_file)) or {}
        if declared:
            found += parameters.problems(values, declared, parameter_file)
    note(found, region_problem(account.region))
    kept: dict[str, str] = {}
    existing: StackTypeDef | None = None
    told: list[str] = []
    # Without credentials, every further question would say the same again.
    if collect(found, account.sts.get_caller_identity):
        existing = collect(found, lambda: stacks.describe(account, stack))
        if existing:
            kept = parameters.kept(values, declared, stacks.parameters(existing))
            note(found, state_problem(stack, existing["StackStatus"]))
            note(found, prefix_problem(existing, values, parameter_file))
            note(found, collect(found, lambda: form_problem(account, stack, template)))
        if template == WORKFORCE_TEMPLATE:
            held = stacks.parameters(existing) if existing else {}
            pool = collect(found, lambda: existing_pool.look(account, held | values))
            if pool:
                found += pool.problems
                told += pool.told
                values = {"UserPoolDomainName": pool.domain, **values}
        note(found, collect(found, artifacts.problem))
    if found or cli is None:
        raise NotReady(found)
    return Plan(cli, values, kept, exists=_is_made(existing), told=told)


def difference(
    account: Account,
    stack: str,
    parameter_file: Path,
    artifacts: Artifacts,
    template: Path = ROOT_TEMPLATE,
) -> Difference | None:
    """Return what `run` would change, or None when there is no stack to change.

    Raises:
        NotReady: with everything that is missing.
        OperatorError: when CloudFormation cannot or will not tell.
    """
    plan = prepare(account, stack, parameter_file, artifacts, template)
    if not plan.exists:
        return None
    bucket = artifacts.ensure(plan.cli)
    if template == ROOT_TEMPLATE:
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


def form_problem(account: Account, stack: str, template: Path) -> OperatorError | None:
    """Return that a stack has another form, so that an update would delete it all.

    Each form has its own resources: to go from one to the other makes CloudFormation
    delete user pool and accounts, or give up what it did not make.
    """
    pages = account.cloudformation.get_paginator("list_stack_resources")
    there = {
        resource["LogicalResourceId"]
        for page in pages.paginate(StackName=stack)
        for resource in page["StackResourceSummaries"]
    }
    forms = [name for name, (_, mark) in FORMS.items() if mark in there]
    if not forms or FORMS[forms[0]][0] == template:
        return None
    return OperatorError(
        f"The stack {stack} was made from {FORMS[forms[0]][0]}, and an update with "
        f"{template} would delete what it holds.",
        f"Deploy with TEMPLATE={forms[0]}, or name another stack with STACK=.",
    )


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
