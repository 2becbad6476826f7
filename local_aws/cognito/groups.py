"""Groups that a work team is made of cannot be deleted.

Developer guide, "Manage a private workforce (Amazon Cognito console)": the team must be
deleted first. The error code is assumed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local_aws.cognito.refusals import Request, invalid_parameter
from local_aws.sagemaker import state


def refuse_deletion(request: Request) -> None:
    """Refuse to delete a group while a work team is made of it."""
    user_pool_id = str(request.get("UserPoolId"))
    group_name = str(request.get("GroupName"))
    if state.group_is_used(user_pool_id, group_name):
        raise invalid_parameter(
            f"Group {group_name} belongs to a work team; delete the work team first."
        )


def describing(
    original: Callable[[dict[str, Any]], dict[str, Any]],
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Wrap the description of a group: what was never set is not shown."""

    def group_out(group: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in original(group).items() if value != ""}

    return group_out
