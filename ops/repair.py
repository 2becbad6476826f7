"""Run the function's repair by hand: what its rule runs after every operation.

The request and the function are read from the rule itself, so that this can do
neither more nor less than the repair that happens with nobody acting.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from botocore.config import Config

from ops import stacks
from ops.account import Account
from ops.errors import OperatorError, sentence

RULE = "SignInRepairRule"

# The function's time is 15 minutes at most, and a repeated invocation would wait again.
_PATIENCE = Config(read_timeout=910, retries={"total_max_attempts": 1})


def run(account: Account, stack: str) -> str:
    """Make app client and invitation name the portal; return what was done.

    Args:
        account: Where the stack is.
        stack: The name of root's stack.

    Raises:
        OperatorError: with the function's own reason, when it could not.
    """
    target = _target(account, stack)
    functions: Any = account.session.client(
        "lambda", region_name=account.region, config=_PATIENCE
    )
    answer = functions.invoke(
        FunctionName=target["Arn"],
        LogType="Tail",
        Payload=target["Input"].encode(),
    )
    log = base64.b64decode(answer.get("LogResult", "")).decode(errors="replace")
    if answer.get("FunctionError"):
        failure = json.loads(answer["Payload"].read())
        raise OperatorError(
            sentence(str(failure.get("errorMessage", "The function failed."))),
            "Mend that and run `make repair` again; the function's log says more.",
        )
    return _outcome([_event(line) for line in log.splitlines()])


def _target(account: Account, stack: str) -> Mapping[str, str]:
    described = stacks.existing(account, stack)
    for resource in stacks.resources(account, described["StackId"]):
        if resource.logical_id != RULE:
            continue
        answer = account.client("events").list_targets_by_rule(
            Rule=resource.physical_id
        )
        for target in answer["Targets"]:
            found: Mapping[str, str] = target
            return found
    raise OperatorError(
        f"The stack {stack} has no repair rule.",
        "`make deploy` brings it; only a whole set can be repaired.",
    )


def _event(line: str) -> dict[str, Any]:
    """Return what the function says in a line of its log, or nothing."""
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def _outcome(events: list[dict[str, Any]]) -> str:
    """Return what the function says it has done ("event" in lambda_src/workforce.py).

    Raises:
        OperatorError: when it has done nothing although nobody knows that all is well.
    """
    for event in events:
        if event.get("event") == "repair-not-now":
            raise OperatorError(
                f"Another operation is in progress on {event.get('stack')}.",
                "Its end starts the repair by itself; or run `make repair` then.",
            )
        if event.get("event") == "repair-without-portal":
            raise OperatorError(
                f"There is no portal: the workforce {event.get('workforce')} is gone "
                "or not active.",
                "`make status` says more.",
            )
    rewritten = [
        f"the {event.get('what')} ({', '.join(event.get('members', []))})"
        for event in events
        if event.get("event") == "rewrote"
    ]
    rewritten += [
        f"the group {event.get('group')}, whose team is gone (deleted)"
        for event in events
        if event.get("event") == "deleted-group"
    ]
    if rewritten:
        return f"Mended: {' and '.join(rewritten)}."
    return "Nothing to mend: app client and invitation name the portal."
