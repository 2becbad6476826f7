"""References of a template that lead nowhere, refused before anything is made.

The library leaves an undefined Ref as its own name. CloudFormation refuses it, also
where the resource exists but its condition is false (observed messages).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ministack.services.cloudformation import engine

_PSEUDO_PARAMETERS = frozenset(
    f"AWS::{name}"
    for name in (
        "AccountId",
        "NotificationARNs",
        "NoValue",
        "Partition",
        "Region",
        "StackId",
        "StackName",
        "URLSuffix",
    )
)
_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")


def checking(original: Callable[..., None]) -> Callable[..., None]:
    """Wrap the check that a template gets before an operation begins."""

    def validate(
        template: dict[str, Any],
        conditions: dict[str, bool],
        params: dict[str, Any] | None = None,
    ) -> None:
        original(template, conditions, params=params)
        if params is not None:
            check(template, conditions)

    return validate


def check(template: Mapping[str, Any], conditions: Mapping[str, bool]) -> None:
    """Refuse references to what does not exist, and circles.

    Raises:
        ValueError: with CloudFormation's message.
    """
    references = _References(template, conditions)
    references.check_conditions()
    for name, resource in references.resources.items():
        if references.is_active(resource):
            references.check_resource(name, resource)
    for output in (template.get("Outputs") or {}).values():
        if references.is_active(output):
            references.check_value(
                [output.get("Value"), output.get("Export")], "Outputs"
            )
    engine._topological_sort(references.resources, conditions)


class _References:
    """What a template defines, and the check of what refers to it."""

    def __init__(
        self, template: Mapping[str, Any], conditions: Mapping[str, bool]
    ) -> None:
        self.resources: Mapping[str, Any] = template.get("Resources") or {}
        self._parameters: Mapping[str, Any] = template.get("Parameters") or {}
        self._definitions: Mapping[str, Any] = template.get("Conditions") or {}
        self._conditions = conditions

    def is_active(self, member: Mapping[str, Any]) -> bool:
        """Tell whether a resource or output is made under these conditions."""
        condition = member.get("Condition")
        if condition is None:
            return True
        self._require_condition(condition, "Resources")
        return self._conditions[condition]

    def check_conditions(self) -> None:
        """Conditions may refer to parameters only."""
        for name in self._names(self._definitions):
            if name not in self._parameters and name not in _PSEUDO_PARAMETERS:
                raise ValueError(
                    f"Template format error: Unresolved dependencies [{name}]. Cannot "
                    "reference resources in the Conditions block of the template"
                )

    def _names(self, node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            if set(node) == {"Ref"}:
                yield node["Ref"]
            else:
                for value in node.values():
                    yield from self._names(value)
        elif isinstance(node, list):
            for value in node:
                yield from self._names(value)

    def check_resource(self, name: str, resource: Mapping[str, Any]) -> None:
        """Check everything that one resource refers to."""
        depends_on = resource.get("DependsOn") or []
        for other in [depends_on] if isinstance(depends_on, str) else depends_on:
            if other not in self.resources:
                raise _unresolved(other, "Resources")
        self.check_value(resource.get("Properties"), "Resources")
        self.check_value(resource.get("Metadata"), "Resources")

    def check_value(self, node: Any, block: str) -> None:
        """Check a value with intrinsic functions in it."""
        if isinstance(node, list):
            for value in node:
                self.check_value(value, block)
        if not isinstance(node, dict):
            return
        if len(node) != 1:
            self.check_value(list(node.values()), block)
            return
        ((function, arguments),) = node.items()
        if function == "Ref":
            self._require(arguments, block)
        elif function == "Fn::GetAtt":
            name = arguments if isinstance(arguments, str) else arguments[0]
            self._require_resource(name.partition(".")[0], block)
        elif function == "Fn::Sub":
            self._check_substitution(arguments, block)
        elif function == "Fn::If":
            self._require_condition(arguments[0], block)
            chosen = arguments[1 if self._conditions[arguments[0]] else 2]
            self.check_value(chosen, block)
        else:
            self.check_value(arguments, block)

    def _check_substitution(self, arguments: Any, block: str) -> None:
        text, values = (
            (arguments, {}) if isinstance(arguments, str) else tuple(arguments)
        )
        self.check_value(values, block)
        for variable in _VARIABLE.findall(text):
            if variable in values:
                continue
            name, dot, _ = variable.partition(".")
            if dot:
                self._require_resource(name, block)
            else:
                self._require(name, block)
            if "List" in str(self._parameters.get(name, {}).get("Type")):
                raise ValueError(
                    f"Template error: variable {name} in Fn::Sub expression does not "
                    "resolve to a string"
                )

    def _require(self, name: str, block: str) -> None:
        if name in _PSEUDO_PARAMETERS or name in self._parameters:
            return
        if name not in self.resources or not self.is_active(self.resources[name]):
            raise _unresolved(name, block)

    def _require_resource(self, name: str, block: str) -> None:
        if name not in self.resources:
            raise ValueError(
                f"Template error: instance of Fn::GetAtt references undefined resource "
                f"{name}"
            )
        self._require(name, block)

    def _require_condition(self, name: Any, block: str) -> None:
        if not isinstance(name, str) or name not in self._definitions:
            raise ValueError(
                f"Template format error: Unresolved condition dependency {name} in the "
                f"{block} block of the template"
            )


def _unresolved(name: str, block: str) -> ValueError:
    return ValueError(
        f"Template format error: Unresolved resource dependencies [{name}] in the "
        f"{block} block of the template"
    )
