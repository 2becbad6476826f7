"""The Conditions section, evaluated with every function that it may contain.

The library compares only plain values and parameters there, so a condition on a pseudo
parameter or on a joined list would silently be false. Functions and limits:
CloudFormation User Guide, "Condition functions".
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services.cloudformation import engine

_COMBINING = {"Fn::And": all, "Fn::Or": any}
_FEWEST, _MOST = 2, 10
_EQUALS = (
    "Template error: every Fn::Equals object requires a list of 2 string parameters."
)


def evaluating(original: Callable[..., Any]) -> Callable[..., Any]:
    """Replace the library's evaluation."""
    del original
    return evaluate


def evaluate(
    template: Mapping[str, Any], parameters: Mapping[str, Any]
) -> dict[str, bool]:
    """Return the value of each condition.

    Raises:
        ValueError: a condition is malformed, with CloudFormation's message.
    """
    evaluation = _Evaluation(template, parameters)
    for name in evaluation.definitions:
        evaluation.named(name)
    return evaluation.values


class _Evaluation:
    """The conditions of one template under some values of its parameters."""

    def __init__(
        self, template: Mapping[str, Any], parameters: Mapping[str, Any]
    ) -> None:
        self.definitions: Mapping[str, Any] = template.get("Conditions") or {}
        self.values: dict[str, bool] = {}
        self._mappings: Mapping[str, Any] = template.get("Mappings") or {}
        self._parameters = parameters

    def named(self, name: str) -> bool:
        """Return the value of the condition with a name."""
        if name not in self.definitions:
            raise ValueError(
                f"Template format error: Unresolved condition dependency {name} in "
                "the Conditions block of the template"
            )
        if name not in self.values:
            self.values[name] = self._condition(self.definitions[name])
        return self.values[name]

    def _condition(self, node: Any) -> bool:
        if not isinstance(node, dict) or len(node) != 1:
            raise ValueError(
                "Template format error: Every Conditions member must be a condition "
                "function."
            )
        ((function, arguments),) = node.items()
        if function == "Condition":
            return self.named(arguments)
        if function == "Fn::Equals":
            left, right = _pair(arguments)
            return self._text(left) == self._text(right)
        if function == "Fn::Not":
            return not self._condition(arguments[0])
        if function in _COMBINING:
            if not _FEWEST <= len(arguments) <= _MOST:
                raise ValueError(
                    f"Template error: every {function} object requires a list of at "
                    f"least {_FEWEST} and at most {_MOST} boolean parameters."
                )
            return _COMBINING[function](self._condition(each) for each in arguments)
        raise ValueError(f"Template format error: {function} is no condition function.")

    def _text(self, node: Any) -> str:
        value = engine._resolve_refs(
            copy.deepcopy(node),
            {},
            self._parameters,
            self.values,
            self._mappings,
            "",
            "",
        )
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, list | dict):
            raise ValueError(_EQUALS)
        return str(value)


def _pair(arguments: Any) -> tuple[Any, Any]:
    if not isinstance(arguments, list) or len(arguments) != 2:
        raise ValueError(_EQUALS)
    return arguments[0], arguments[1]
