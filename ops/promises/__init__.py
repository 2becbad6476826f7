"""Every promise of the product, compared with what the services hold now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from ops.account_checks import Finding
from ops.deployed import Deployed
from ops.errors import explain
from ops.promises import drift, existing_pool, portal, sign_in, upkeep

Check = Callable[[Deployed], Iterator[Finding]]

#: In the order in which a person would look.
CHECKS: tuple[Check, ...] = (
    upkeep.stack,
    portal.portal,
    portal.app_client,
    portal.invitation,
    portal.work_teams,
    portal.declared_workers,
    sign_in.sign_in_domain,
    sign_in.user_pool,
    sign_in.web_acl,
    sign_in.activity_log,
    upkeep.repair_rule,
    upkeep.alarms,
    upkeep.notifications,
)

#: The same where the workforce stack stands alone, on a pool that it did not make.
CHECKS_ON_AN_EXISTING_POOL: tuple[Check, ...] = (
    upkeep.stack,
    portal.portal,
    existing_pool.app_client,
    existing_pool.invitation,
    portal.work_teams,
    portal.declared_workers,
    existing_pool.sign_in_domain,
    existing_pool.owners,
    upkeep.repair_rule,
    upkeep.alarms,
    upkeep.notifications,
)


def of(deployed: Deployed) -> tuple[Check, ...]:
    """Return what a deployed set promises."""
    return CHECKS if deployed.made_its_pool else CHECKS_ON_AN_EXISTING_POOL


def verify(deployed: Deployed, *, with_drift: bool) -> list[Finding]:
    """Return what each promise comes to.

    Args:
        deployed: The deployed set.
        with_drift: Whether CloudFormation compares its resources, too, which takes it
            a minute.

    Raises:
        OperatorError: when there is no deployed set to look at.
    """
    # Whether there is something to look at comes before what it looks like.
    deployed.outputs.get("")
    return answers(deployed, [*of(deployed), *([drift.drift] if with_drift else [])])


def answers(deployed: Deployed, checks: Sequence[Check]) -> list[Finding]:
    """Return what checks find; one that may not ask is no answer."""
    return [finding for check in checks for finding in _answer(check, deployed)]


def _answer(check: Check, deployed: Deployed) -> list[Finding]:
    try:
        return list(check(deployed))
    except (ClientError, BotoCoreError) as error:
        problem = explain(error)
        return [Finding("unknown", problem.fact, problem.mend)]
