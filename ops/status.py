"""The state of the deployed set on one page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from botocore.exceptions import ClientError

from ops.deployed import Deployed
from ops.errors import explain
from ops.promises import Check, answers, existing_pool, portal
from ops.workers.run import workers


def of(deployed: Deployed) -> dict[str, str]:
    """Return the state of each part, by its name.

    Raises:
        OperatorError: when there is no deployed set to look at.
    """
    deployed.outputs.get("")
    parts = _PARTS if deployed.made_its_pool else _PARTS_ON_AN_EXISTING_POOL
    return {name: _told(look, deployed) for name, look in parts.items()}


def _told(look: Callable[[Deployed], str], deployed: Deployed) -> str:
    try:
        return look(deployed)
    except ClientError as error:
        return f"not known: {explain(error).fact}"


def _stack(deployed: Deployed) -> str:
    changed = deployed.stack.get("LastUpdatedTime", deployed.stack["CreationTime"])
    protected = deployed.stack.get("EnableTerminationProtection")
    return (
        f"{deployed.stack['StackStatus']}, {changed.astimezone():%Y-%m-%d %H:%M}, "
        f"{'with' if protected else 'without'} termination protection"
    )


def _workforce(deployed: Deployed) -> str:
    workforce = deployed.workforce
    reason = workforce.get("FailureReason")
    status = workforce.get("Status", "gone")
    return f"{status}: {reason}" if reason else status


def _work_teams(deployed: Deployed) -> str:
    told = []
    for name in deployed.team_names:
        members = len(deployed.members(name))
        state = workers(members) if name in deployed.teams else "gone"
        # The rest of the name is the stack's UUID.
        told.append(f"{name[:-37]} ({state})")
    return ", ".join(told)


def _accounts(deployed: Deployed) -> str:
    number = deployed.pool.get("EstimatedNumberOfUsers", 0)
    protection = deployed.pool.get("DeletionProtection", "INACTIVE")
    word = "protected" if protection == "ACTIVE" else "not protected"
    return f"about {number}, {word} against deletion"


def _worst(check: Check) -> Callable[[Deployed], str]:
    """Return what tells the first broken promise of a check, or that all are held."""

    def look(deployed: Deployed) -> str:
        found = answers(deployed, [check])
        broken = [each for each in found if each.level not in ("fine", "note")]
        return broken[0].fact if broken else "leads to the portal"

    return look


def _second_factor(deployed: Deployed) -> str:
    authenticator = deployed.factors.get("SoftwareTokenMfaConfiguration", {})
    app = "authenticator app" if authenticator.get("Enabled") else "no authenticator"
    return f"{deployed.factors.get('MfaConfiguration', 'OFF')}, {app}"


def _web_acl(deployed: Deployed) -> str:
    return str(deployed.web_acl.get("Name", "none"))


def _activity_log(deployed: Deployed) -> str:
    log = deployed.log_delivery
    return ", ".join(f"{name} {level}" for name, level in sorted(log.items())) or "off"


def _alarms(deployed: Deployed) -> str:
    if not deployed.alarms:
        return "none"
    states = Counter(alarm["StateValue"] for alarm in deployed.alarms.values())
    counted = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
    on = [
        name
        for name, alarm in deployed.alarms.items()
        if alarm["StateValue"] == "ALARM"
    ]
    return f"{counted}: {', '.join(on)}" if on else counted


_PARTS: Mapping[str, Callable[[Deployed], str]] = {
    "Stack": _stack,
    "Workforce": _workforce,
    "Labeling portal": lambda deployed: deployed.outputs["LabelingPortalUrl"],
    "Sign-in pages": lambda deployed: deployed.outputs["UserPoolDomainName"],
    "App client": _worst(portal.app_client),
    "Invitation": _worst(portal.invitation),
    "Work teams": _work_teams,
    "Accounts": _accounts,
    "Second factor": _second_factor,
    "Web ACL": _web_acl,
    "Activity log": _activity_log,
    "Alarms": _alarms,
}

#: The same where the workforce stack stands alone. A state is told whose ever it is.
_PARTS_ON_AN_EXISTING_POOL: Mapping[str, Callable[[Deployed], str]] = {
    **_PARTS,
    "App client": _worst(existing_pool.app_client),
    "Invitation": _worst(existing_pool.invitation),
    "User pool": lambda deployed: (
        f"{deployed.outputs['UserPoolId']}, which is not this stack's"
    ),
}
