"""Cognito resources as CloudFormation makes and removes them.

The library's resource handlers bypass some of the operations: they delete protected
pools and groups of work teams, and take MFA without a factor. Pools made by a stack
get CloudFormation's own tags (CloudFormation User Guide, "Resource tag").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import cloudformation, cognito

from local_aws.cognito import app_clients, groups, pools
from local_aws.cognito.refusals import Refusal, Request

USER_POOL = "AWS::Cognito::UserPool"
GROUP = "AWS::Cognito::UserPoolGroup"
_SYSTEM_TAG_PREFIX = "aws:cloudformation:"


def settings_of_pool(original: Mapping[str, Any]) -> dict[str, Any]:
    """Replace the library's table of pool properties that an update passes on.

    It maps each to what is sent when the template no longer has it. The library's own
    lacks some properties and sends the lifetime of passwords in its old place.
    """
    own = {name: each for name, each in pools.DEFAULTS.items() if name in original}
    return {**own, "KeyConfiguration": None, "IssuerConfiguration": None}


def settings_of_client(original: Mapping[str, Any]) -> dict[str, Any]:
    """Replace the library's table of client properties, see `settings_of_pool`."""
    own = {name: original[name] for name in original if name == "ClientName"}
    return {**own, **app_clients.DEFAULTS, "RefreshTokenRotation": None}


def checking_resources(handlers: dict[str, Any]) -> dict[str, Any]:
    """Wrap the resource handlers of user pools and groups."""
    pool = handlers[USER_POOL]
    handlers[USER_POOL] = {
        **pool,
        "create": _tagging_new(pool["create"]),
        "update": _tagging_updated(pool["update"]),
        "delete": _checking_deletion(
            pool["delete"],
            lambda physical_id, properties: {"UserPoolId": physical_id},
            pools.refuse_deletion,
        ),
    }
    group = handlers[GROUP]
    handlers[GROUP] = {
        **group,
        "delete": _checking_deletion(
            group["delete"],
            lambda physical_id, properties: {
                "UserPoolId": properties.get("UserPoolId"),
                "GroupName": physical_id,
            },
            groups.refuse_deletion,
        ),
    }
    return handlers


def _tagging_new(create_pool: Callable[..., Any]) -> Callable[..., Any]:
    def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> Any:
        user_pool_id, attributes = create_pool(
            logical_id, _with_own_tags(properties), stack_name
        )
        stack = cloudformation._stacks.get(stack_name) or {}
        cognito._user_pools[user_pool_id][pools.SYSTEM_TAGS] = {
            f"{_SYSTEM_TAG_PREFIX}stack-name": stack.get("StackName", stack_name),
            f"{_SYSTEM_TAG_PREFIX}stack-id": stack.get("StackId", ""),
            f"{_SYSTEM_TAG_PREFIX}logical-id": logical_id,
        }
        return user_pool_id, attributes

    return create


def _tagging_updated(update_pool: Callable[..., Any]) -> Callable[..., Any]:
    def update(
        physical_id: str, old: dict[str, Any], new: dict[str, Any], *further: Any
    ) -> Any:
        return update_pool(
            physical_id, _with_own_tags(old), _with_own_tags(new), *further
        )

    return update


def _with_own_tags(properties: dict[str, Any]) -> dict[str, Any]:
    """Return properties without CloudFormation's tags, which the library mixes in."""
    own = {
        key: value
        for key, value in (properties.get("UserPoolTags") or {}).items()
        if not key.startswith(_SYSTEM_TAG_PREFIX)
    }
    return {**properties, "UserPoolTags": own} if own else _without_tags(properties)


def _without_tags(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in properties.items() if name != "UserPoolTags"}


def _checking_deletion(
    delete_resource: Callable[..., Any],
    request_of: Callable[[str, Mapping[str, Any]], Request],
    refuse: Callable[[Request], None],
) -> Callable[..., Any]:
    def delete(physical_id: str, properties: Mapping[str, Any], *further: Any) -> Any:
        try:
            refuse(request_of(physical_id, properties))
        except Refusal as refusal:
            raise ValueError(refusal.message) from None
        return delete_resource(physical_id, properties, *further)

    return delete


def checking_factors(original: Callable[..., None]) -> Callable[..., None]:
    """Wrap the step that sets a pool's factors, after which MFA needs one."""

    def set_factors(
        user_pool_id: str, old: Mapping[str, Any], new: Mapping[str, Any]
    ) -> None:
        original(user_pool_id, old, new)
        pool = cognito._user_pools[user_pool_id]
        needs_factor = pool.get("MfaConfiguration", "OFF") != "OFF"
        if needs_factor and not (
            pools.has_factor(pool) or pool.get("SmsConfiguration")
        ):
            if not old:
                del cognito._user_pools[user_pool_id]
            raise ValueError(str(pools.no_factor()))

    return set_factors
