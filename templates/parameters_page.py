"""docs/parameters.md: what an operator may set, from the declarations themselves."""

from __future__ import annotations

from templates import parameters
from templates.parameters import OperatorParameter

_INTRODUCTION = """\
<!-- Written by build.py from templates/parameters/: edit there. -->
# Parameters

The same names, defaults and checks hold behind every way in. `make deploy` reads them
from a parameter file (`parameters.example.yaml` shows one), where a parameter that is
left out keeps the value that the stack has, or its default.
"""


def render() -> str:
    """Return the page as Markdown, grouped as the console groups the parameters."""
    parts = [_INTRODUCTION]
    for group in parameters.GROUPS:
        parts.append(f"## {group}\n")
        parts.extend(
            _section(item)
            for item in parameters.all_parameters()
            if item.group == group
        )
    return "\n".join(parts)


def _section(parameter: OperatorParameter) -> str:
    default = f"`{parameter.default}`" if parameter.default else "empty"
    return (
        f"### {parameter.name}\n\n"
        f"{parameter.description}\n\n"
        f"- Allowed: {_allowed(parameter)}\n"
        f"- Default: {default}\n"
    )


def _allowed(parameter: OperatorParameter) -> str:
    if parameter.allowed_values:
        return ", ".join(f"`{value}`" for value in parameter.allowed_values) + "."
    return parameter.constraint_description
