"""Protect what cannot be made again: the user pool with every worker's account.

By an update of the stack's own parameter, so that template and service state agree:
protection that is turned on in Cognito alone is drift, and goes with the next update.
"""

from __future__ import annotations

from pathlib import Path

from ops import change_set, parameters, readiness, stacks
from ops.account import Account
from ops.errors import OperatorError
from ops.terminal import tell

PARAMETER = "UserPoolDeletionProtection"
ACTIVE = "ACTIVE"


def run(account: Account, stack: str, parameter_file: Path) -> None:
    """Turn on the deletion protection of the user pool, and see that it is on.

    Args:
        account: Where the stack is.
        stack: The name of root's stack.
        parameter_file: Changed only where it names another value, which the next
            deployment would bring back.

    Raises:
        OperatorError: when there is no such stack, it takes no update, or the update
            fails.
    """
    described = stacks.existing(account, stack)
    if problem := readiness.state_problem(stack, described["StackStatus"]):
        raise problem
    given = stacks.parameters(described)
    if PARAMETER not in given and given.get("UserPoolId"):
        raise OperatorError(
            f"The user pool {given['UserPoolId']} is not this stack's.",
            "Its owner turns its deletion protection on; deleting the stack keeps it.",
        )
    if PARAMETER not in given:
        raise OperatorError(
            f"The stack {stack} has no parameter {PARAMETER}.",
            "`make deploy` brings it, from this version of the templates.",
        )
    named = parameters.read(parameter_file) if parameter_file.exists() else {}
    if named.get(PARAMETER, ACTIVE) != ACTIVE:
        parameters.write(parameter_file, PARAMETER, ACTIVE)
        tell(f"{parameter_file} sets {PARAMETER} to {ACTIVE} now.")
    change_set.update_parameters(account, stack, {PARAMETER: ACTIVE})
    user_pool = stacks.outputs(described).get("UserPoolId", "")
    pool = account.client("cognito-idp").describe_user_pool(UserPoolId=user_pool)
    if pool["UserPool"].get("DeletionProtection") != ACTIVE:
        raise OperatorError(
            f"The user pool {user_pool} is not protected although its stack says so.",
            "Somebody changed it outside the stack: turn deletion protection on in the "
            "Cognito console.",
        )
    tell(f"✓ The user pool {user_pool} is protected against deletion.")
