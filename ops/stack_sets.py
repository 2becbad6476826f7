"""The set in many accounts and Regions: one stack set, one stack in each place.

The single file is what goes out, from the bucket that `make publish` uses: StackSets
reads it with the administrator's rights. In accounts that are named, the roles of
self-managed permissions do the work; in organizational units, AWS Organizations does
("Concepts for StackSets", CloudFormation User Guide).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambda_src.workforce import REGIONS
from ops import publish, stack_set_targets
from ops import stack_set_operations as operations
from ops.account import Account
from ops.artifacts import Artifacts
from ops.errors import OperatorError
from ops.stack_set_targets import Place, Targets
from ops.terminal import confirmed, tell

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import (
        ParameterTypeDef,
        StackInstanceSummaryTypeDef,
        StackSetOperationPreferencesTypeDef,
    )


@dataclass(frozen=True)
class Plan:
    """What an operation would do.

    Attributes:
        exists: Whether the stack set is there.
        update: Where a stack is updated.
        create: Where one is made.
        values: The parameters of every stack.
        prefixes: The domain prefix of an account's stacks, where it has its own.
        tolerance: In how many accounts of a Region it may fail before the next Region
            is not begun.
    """

    exists: bool
    update: tuple[Place, ...]
    create: tuple[Place, ...]
    values: Mapping[str, str]
    prefixes: Mapping[str, str] = field(default_factory=dict)
    tolerance: int = 0


def deploy(
    account: Account,
    stack: str,
    parameter_file: Path,
    artifacts: Artifacts,
    targets: Targets,
    *,
    tolerance: int,
    ask: bool,
    dry_run: bool,
) -> None:
    """Make or update the stack set and its stacks, telling what happens.

    Args:
        account: The administrator's account and Region.
        stack: The name of the stack set.
        parameter_file: The parameters of every stack; the default one may be missing.
        artifacts: The bucket that the single file is published in.
        targets: Where the set is wanted.
        tolerance: In how many accounts of a Region it may fail.
        ask: Whether somebody must confirm.
        dry_run: Whether to stop after the plan.

    Raises:
        NotReady: with everything that is missing, before anything is made.
        OperatorError: when it fails somewhere, or nobody confirms.
    """
    ready = publish.prepare(account, parameter_file, artifacts)
    stack_set_targets.check(account, targets, ready.values)
    plan = _plan(account, stack, targets, ready.values, tolerance)
    show(plan, stack, targets)
    if dry_run:
        tell("Nothing was changed: this was a dry run.")
        return
    if ask and not confirmed(f"Go on with the stack set {stack}?"):
        raise OperatorError("Nothing was changed.", "YES=1 goes on without asking.")
    url = publish.publish(account, ready.cli, artifacts).template_url
    not_updated: list[str] = []
    if plan.exists:
        not_updated = _update(account, stack, plan, url)
    else:
        _create(account, stack, plan, targets, url)
    not_made = _create_instances(account, stack, plan, targets)
    operations.refuse_failures(stack, not_updated, operations.MEND_AN_UPDATE)
    operations.refuse_failures(stack, not_made, operations.MEND_A_CREATION)


def remove(
    account: Account, stack: str, targets: Targets | None, *, ask: bool, dry_run: bool
) -> None:
    """Delete stacks of the stack set, and the stack set when none is left.

    Args:
        account: The administrator's account and Region.
        stack: The name of the stack set.
        targets: Where to delete; None for everywhere.
        ask: Whether somebody must confirm.
        dry_run: Whether to stop after the plan.

    Raises:
        OperatorError: when there is no such stack set, it fails somewhere, or nobody
            confirms.
    """
    there = instances(account, stack)
    wanted = stack_set_targets.places(account, targets) if targets else []
    doomed = [
        item
        for item in there
        if targets is None or (item["Account"], item["Region"]) in wanted
    ]
    for item in doomed:
        tell(f"  delete  {item['Account']}  {item['Region']}")
    tell("With each stack every worker account of it is deleted.")
    if dry_run:
        tell("Nothing was changed: this was a dry run.")
        return
    if ask and not confirmed(f"Delete {len(doomed)} stacks of {stack}?"):
        raise OperatorError("Nothing was deleted.", "YES=1 deletes without asking.")
    _delete_instances(account, stack, doomed)
    if len(doomed) == len(there):
        account.cloudformation.delete_stack_set(StackSetName=stack)
        tell(f"The stack set {stack} is deleted.")


def instances(account: Account, stack: str) -> list[StackInstanceSummaryTypeDef]:
    """Return the stacks of a stack set.

    Raises:
        OperatorError: when there is no such stack set.
    """
    if not _exists(account, stack):
        raise OperatorError(
            f"There is no stack set {stack} in {account.region}.",
            "`make stackset` makes it; STACK= names another.",
        )
    pages = account.cloudformation.get_paginator("list_stack_instances")
    return [
        item
        for page in pages.paginate(StackSetName=stack)
        for item in page["Summaries"]
    ]


def status(account: Account, stack: str) -> tuple[list[str], list[list[str]]]:
    """Return the headings and rows of a table of every stack.

    Raises:
        OperatorError: when there is no such stack set.
    """
    rows = [
        [
            item["Account"],
            item["Region"],
            item["Status"],
            item.get("StackInstanceStatus", {}).get("DetailedStatus", ""),
            item.get("StatusReason", ""),
        ]
        for item in instances(account, stack)
    ]
    return ["Account", "Region", "Status", "Last operation", "Reason"], rows


def show(plan: Plan, stack: str, targets: Targets) -> None:
    """Tell what a plan would do."""
    what = "updates" if plan.exists else "makes"
    tell(f"This {what} the stack set {stack} ({targets.described()}):")
    for verb, places in (("update", plan.update), ("create", plan.create)):
        for number, region in places:
            prefix = plan.prefixes.get(number)
            tail = f"  with the domain prefix {prefix}" if prefix else ""
            tell(f"  {verb}  {number}  {region}{tail}")
    tell(
        f"Regions go one after the other. More than {plan.tolerance} failed accounts "
        "in one stop it before the next."
    )


def _plan(
    account: Account,
    stack: str,
    targets: Targets,
    values: Mapping[str, str],
    tolerance: int,
) -> Plan:
    exists = _exists(account, stack)
    there = instances(account, stack) if exists else []
    made = {(item["Account"], item["Region"]) for item in there}
    wanted = stack_set_targets.places(account, targets)
    return Plan(
        exists=exists,
        update=tuple(sorted(made)),
        create=tuple(place for place in wanted if place not in made),
        values=values,
        prefixes=targets.prefixes,
        tolerance=tolerance,
    )


def _create(
    account: Account, stack: str, plan: Plan, targets: Targets, url: str
) -> None:
    permissions: dict[str, Any] = (
        {
            "PermissionModel": "SERVICE_MANAGED",
            "AutoDeployment": {"Enabled": False},
        }
        if targets.units
        else {"PermissionModel": "SELF_MANAGED"}
    )
    account.cloudformation.create_stack_set(
        StackSetName=stack,
        Description="Private labeling workforce",
        TemplateURL=url,
        Parameters=_pairs(plan.values),
        Capabilities=["CAPABILITY_IAM"],
        **permissions,
    )


def _update(account: Account, stack: str, plan: Plan, url: str) -> list[str]:
    """Update every stack there is; return where that failed and was tolerated."""
    order = _in_order(region for _, region in plan.update)
    answer = account.cloudformation.update_stack_set(
        StackSetName=stack,
        TemplateURL=url,
        Parameters=_pairs(plan.values),
        Capabilities=["CAPABILITY_IAM"],
        OperationPreferences=_preferences(order, plan.tolerance),
    )
    return operations.wait(
        account, stack, answer["OperationId"], operations.MEND_AN_UPDATE
    )


def _create_instances(
    account: Account, stack: str, plan: Plan, targets: Targets
) -> list[str]:
    """Make the missing stacks; an account with a prefix of its own goes by itself.

    Returns:
        Where that failed and was tolerated.
    """
    failed: list[str] = []
    own = {place for place in plan.create if place[0] in plan.prefixes}
    batches = [
        *_batches(place for place in plan.create if place not in own),
        *(
            batch
            for number in plan.prefixes
            for batch in _batches(place for place in own if place[0] == number)
        ),
    ]
    for accounts, regions in batches:
        prefix = plan.prefixes.get(accounts[0])
        answer = account.cloudformation.create_stack_instances(
            StackSetName=stack,
            Regions=regions,
            ParameterOverrides=_pairs({"DomainPrefix": prefix} if prefix else {}),
            OperationPreferences=_preferences(regions, plan.tolerance),
            **_chosen(accounts, targets.units),
        )
        failed += operations.wait(
            account, stack, answer["OperationId"], operations.MEND_A_CREATION
        )
    return failed


def _delete_instances(
    account: Account, stack: str, doomed: Sequence[StackInstanceSummaryTypeDef]
) -> None:
    units = sorted(
        {
            item["OrganizationalUnitId"]
            for item in doomed
            if "OrganizationalUnitId" in item
        }
    )
    places = [(item["Account"], item["Region"]) for item in doomed]
    for accounts, regions in _batches(places):
        answer = account.cloudformation.delete_stack_instances(
            StackSetName=stack,
            Regions=regions,
            RetainStacks=False,
            OperationPreferences=_preferences(regions, 0),
            **_chosen(accounts, units),
        )
        operations.wait(
            account, stack, answer["OperationId"], operations.MEND_A_DELETION
        )


def _batches(places: Iterable[Place]) -> list[tuple[list[str], list[str]]]:
    """Return accounts and Regions whose combinations are exactly these places."""
    regions_of: dict[str, set[str]] = {}
    for number, region in places:
        regions_of.setdefault(number, set()).add(region)
    accounts_of: dict[tuple[str, ...], list[str]] = {}
    for number, regions in regions_of.items():
        accounts_of.setdefault(_in_order(regions), []).append(number)
    return [(sorted(each), list(order)) for order, each in accounts_of.items()]


def _in_order(regions: Iterable[str]) -> tuple[str, ...]:
    """Return Regions in the order in which they are deployed: that of the twelve."""
    wanted = set(regions)
    return tuple(region for region in REGIONS if region in wanted)


def _chosen(accounts: Sequence[str], units: Sequence[str]) -> dict[str, Any]:
    """Return the members of a request that name the accounts."""
    if not units:
        return {"Accounts": list(accounts)}
    return {
        "DeploymentTargets": {
            "OrganizationalUnitIds": list(units),
            "Accounts": list(accounts),
            "AccountFilterType": "INTERSECTION",
        }
    }


def _preferences(
    regions: Sequence[str], tolerance: int
) -> StackSetOperationPreferencesTypeDef:
    return {
        "RegionConcurrencyType": "SEQUENTIAL",
        "RegionOrder": list(regions),
        "FailureToleranceCount": tolerance,
        # More at a time than may fail would be lowered to that anyway ("Stack set
        # operation options", CloudFormation User Guide).
        "MaxConcurrentCount": tolerance + 1,
    }


def _pairs(values: Mapping[str, str]) -> list[ParameterTypeDef]:
    return [
        {"ParameterKey": name, "ParameterValue": value}
        for name, value in values.items()
    ]


def _exists(account: Account, stack: str) -> bool:
    try:
        account.cloudformation.describe_stack_set(StackSetName=stack)
    except account.cloudformation.exceptions.StackSetNotFoundException:
        return False
    return True
