"""Whether a deployment can begin: everything that is known beforehand, at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops import aws_cli, existing_pool, parameters, preflight, stacks
from ops.account import Account
from ops.account_checks import Finding, Situation
from ops.artifacts import Artifacts
from ops.aws_cli import AwsCli
from ops.checks import collect, note, region_problem
from ops.errors import NotReady, OperatorError
from ops.terminal import tell

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

_REMOVE = "`make destroy` "

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


@dataclass(frozen=True)
class Examined:
    """What is known before a deployment.

    Attributes:
        findings: What was found, the most severe first among what stands in the way.
        plan: The deployment; None when something stands in the way.
    """

    findings: list[Finding]
    plan: Plan | None


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
    examined = examine(
        account, stack, parameter_file, artifacts, template, everything=False
    )
    if examined.plan is None:
        raise NotReady(
            [
                OperatorError(finding.fact, finding.mend)
                for finding in examined.findings
                if finding.level == "error"
            ]
        )
    for finding in examined.findings:
        if finding.level == "warning":
            tell(f"! {finding.fact}\n  {finding.mend}")
    return examined.plan


def examine(
    account: Account,
    stack: str,
    parameter_file: Path,
    artifacts: Artifacts,
    template: Path = ROOT_TEMPLATE,
    *,
    everything: bool,
) -> Examined:
    """Look at everything that can be known before anything is made.

    Args:
        account: Where to deploy.
        stack: The name of root's stack.
        parameter_file: The operator's parameters; the default one may be missing.
        artifacts: The artifact bucket.
        template: One of FORMS.
        everything: Whether to ask, too, what takes its time.
    """
    # In the order of severity.
    of_account: list[OperatorError] = []
    of_values: list[OperatorError] = []
    of_tools: list[OperatorError] = []
    declared = collect(of_tools, lambda: parameters.declared_in(template)) or {}
    values = _read(parameter_file, declared, of_values)
    kept: dict[str, str] = {}
    told: list[str] = []
    existing: StackTypeDef | None = None
    answers: list[Finding] = []
    caller = collect(of_account, account.sts.get_caller_identity)
    note(of_account, region_problem(account.region))
    # Without credentials, every further question would say the same again.
    if caller:
        existing = collect(of_account, lambda: stacks.describe(account, stack))
        answers_come = not of_account
        if existing:
            kept = parameters.kept(values, declared, stacks.parameters(existing))
            of_account += _stack_problems(
                account, existing, values, parameter_file, template
            )
        made = _made(existing)
        held = stacks.parameters(made) if made else {}
        if template == WORKFORCE_TEMPLATE:
            pool = collect(
                of_values, lambda: existing_pool.look(account, held | values)
            )
            if pool:
                of_values += pool.problems
                told += pool.told
                values = {"UserPoolDomainName": pool.domain, **values}
        if answers_come:
            sound = _sound({**held, **values}, declared, parameter_file)
            situation = Situation(account, stack, made, sound, caller["Arn"])
            answers = preflight.ask(situation, everything=everything)
        note(of_tools, collect(of_tools, artifacts.problem))
    cli = collect(of_tools, aws_cli.find)
    plan = None
    if cli:
        plan = Plan(cli, values, kept, exists=_made(existing) is not None, told=told)
    return _summed_up(of_account, answers, [*of_values, *of_tools], plan)


def _summed_up(
    of_account: Sequence[OperatorError],
    answers: Sequence[Finding],
    of_the_rest: Sequence[OperatorError],
    plan: Plan | None,
) -> Examined:
    """Return what was found in its order, with the plan where nothing is in the way."""
    found = [
        *_errors(of_account),
        *(answer for answer in answers if answer.level == "error"),
        *_errors(of_the_rest),
    ]
    others = [answer for answer in answers if answer.level != "error"]
    return Examined([*found, *others], None if found else plan)


def _read(
    file: Path, declared: Mapping[str, Mapping[str, Any]], found: list[OperatorError]
) -> dict[str, str]:
    """Return the values of the parameter file, noting what is wrong about them."""
    if file == DEFAULT_PARAMETERS and not file.exists():
        return {}
    values = collect(found, lambda: parameters.read(file)) or {}
    if declared:
        found += parameters.problems(values, declared, file)
    return values


def _stack_problems(
    account: Account,
    existing: StackTypeDef,
    values: Mapping[str, str],
    parameter_file: Path,
    template: Path,
) -> list[OperatorError]:
    found: list[OperatorError] = []
    stack = existing["StackName"]
    note(found, state_problem(stack, existing["StackStatus"]))
    note(found, prefix_problem(existing, values, parameter_file))
    note(found, collect(found, lambda: form_problem(account, stack, template)))
    return found


def _sound(
    values: Mapping[str, str], declared: Mapping[str, Mapping[str, Any]], file: Path
) -> dict[str, str]:
    """Return what a deployment would have, without what is refused anyway.

    Nothing is to be asked about a value that is no ARN to begin with.
    """
    defaults = {name: str(each.get("Default", "")) for name, each in declared.items()}
    return {
        name: value
        for name, value in {**defaults, **values}.items()
        if not parameters.problems({name: value}, declared, file)
    }


def _errors(problems: Sequence[OperatorError]) -> list[Finding]:
    return [Finding("error", problem.fact, problem.mend) for problem in problems]


def _made(stack: StackTypeDef | None) -> StackTypeDef | None:
    """Return the stack unless it is only a change set's, with nothing in it yet."""
    in_review = stack is not None and stack["StackStatus"] == "REVIEW_IN_PROGRESS"
    return None if in_review else stack


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
