"""What cannot change about a user pool once it is made.

None of it is create-only in the registry, so a change is no replacement: the update
fails. Observed messages: "Updates are not allowed for property - UsernameAttributes."
and "Existing schema attributes cannot be modified or deleted."
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from local_aws.cloudformation import operations

USER_POOL = "AWS::Cognito::UserPool"
FIXED = ("AliasAttributes", "UsernameAttributes", "UsernameConfiguration")


def refusing(handlers: dict[str, Any]) -> dict[str, Any]:
    """Wrap the update of user pools."""
    handler = handlers[USER_POOL]
    handlers[USER_POOL] = {**handler, "update": _checked(handler["update"])}
    return handlers


def _checked(original: Callable[..., Any]) -> Callable[..., Any]:
    def update(
        physical_id: str,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        *arguments: Any,
    ) -> Any:
        operation = operations.current()
        if operation is not None and operation.is_rolling_back:
            return original(physical_id, _as_it_is(old, new), new, *arguments)
        for name in FIXED:
            if old.get(name) != new.get(name):
                raise ValueError(f"Updates are not allowed for property - {name}.")
        kept = {_key(attribute): attribute for attribute in new.get("Schema") or []}
        for attribute in old.get("Schema") or []:
            if kept.get(_key(attribute)) != attribute:
                raise ValueError(
                    "Existing schema attributes cannot be modified or deleted."
                )
        return original(physical_id, old, new, *arguments)

    return update


def _as_it_is(refused: Mapping[str, Any], real: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties without those that the failed update did not set."""
    names = (*FIXED, "Schema")
    changed = {name: value for name, value in refused.items() if name not in names}
    return {**changed, **{name: real[name] for name in names if name in real}}


def _key(attribute: Mapping[str, Any]) -> str:
    return str(attribute.get("Name"))
