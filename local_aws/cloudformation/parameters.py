"""Parameters that CloudFormation refuses and the library takes, or words differently.

The messages are observed ones: "Parameters: [A] do not exist in the template",
"Parameters: [A] must have values", "Parameter A failed to satisfy constraint: ...".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ministack.services.cloudformation import engine


def checking(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the resolution of a template's parameters."""

    def resolve(
        template: Mapping[str, Any],
        provided: list[dict[str, Any]],
        previous: Mapping[str, Any] | None = None,
    ) -> Any:
        defined: Mapping[str, Any] = template.get("Parameters") or {}
        given = {parameter["Key"]: parameter for parameter in provided}
        _refuse(set(given) - set(defined), "do not exist in the template")
        _refuse(
            {
                name
                for name, definition in defined.items()
                if "Default" not in definition
                and not _has_value(name, given.get(name), previous)
            },
            "must have values",
        )
        for name, parameter in given.items():
            if not parameter.get("UsePreviousValue"):
                _check_allowed(name, defined[name], parameter.get("Value", ""))
        return original(template, provided, previous)

    return resolve


def _refuse(names: Iterable[str], problem: str) -> None:
    if listed := ", ".join(sorted(names)):
        raise ValueError(f"Parameters: [{listed}] {problem}")


def _has_value(
    name: str,
    parameter: Mapping[str, Any] | None,
    previous: Mapping[str, Any] | None,
) -> bool:
    if parameter is None:
        return False
    return not parameter.get("UsePreviousValue") or name in (previous or {})


def _check_allowed(name: str, definition: Mapping[str, Any], value: str) -> None:
    allowed = [str(each) for each in definition.get("AllowedValues") or []]
    if not allowed:
        return
    is_list = "List" in str(definition.get("Type"))
    for each in value.split(",") if is_list else [value]:
        if each.strip() not in allowed:
            raise constraint_error(name, definition, "must be one of AllowedValues")


def wording(original: Callable[..., Exception]) -> Callable[..., Exception]:
    """Replace the library's message about a value that a constraint refuses."""
    del original
    return constraint_error


def constraint_error(
    name: str, definition: Mapping[str, Any], reason: str
) -> ValueError:
    """Return the error for a value that a constraint refuses."""
    if description := definition.get("ConstraintDescription"):
        return ValueError(
            f"Parameter {name} failed to satisfy constraint: {description}"
        )
    return ValueError(f"Parameter '{name}' {reason}")


def refusing_unevaluated_rules(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap what Rules look up in the account: the library skips what it cannot see."""

    def look_up(*arguments: Any) -> Any:
        try:
            return original(*arguments)
        except engine._RuleUnsupported as unsupported:
            raise ValueError(
                f"The embedded AWS cannot evaluate this rule: {unsupported}"
            ) from None

    return look_up
