"""The operator's parameter file: a flat YAML mapping of parameter names to values.

    WorkTeamNames: [labelers, reviewers]
    AccessTokenValidityInMinutes: 60

Values are taken as they are written (012 stays 012, yes stays yes), a list is joined
with commas. They are checked against the template's own constraints, so that what
CloudFormation would refuse is said before anything is made, all of it at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ops.errors import OperatorError
from ops.stacks import load_template

# "CloudFormation quotas", CloudFormation User Guide.
MAXIMUM_VALUE_BYTES = 4096


def declared_in(template: Path) -> dict[str, dict[str, Any]]:
    """Return the Parameters section of a template.

    Raises:
        OperatorError: when the template has not been built.
    """
    if not template.exists():
        raise OperatorError(f"{template} does not exist.", "`make build` writes it.")
    document = load_template(template.read_text(encoding="utf-8"))
    parameters: dict[str, dict[str, Any]] = document.get("Parameters", {})
    return parameters


def read(file: Path) -> dict[str, str]:
    """Return the names and values of a parameter file.

    Raises:
        OperatorError: when it cannot be read, or is not a flat mapping.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(
            f"The parameter file {file} cannot be read: {error}.",
            "Name another with PARAMETERS=, or copy parameters.example.yaml.",
        ) from error
    return _values(_nodes(text, file), file)


def write(file: Path, name: str, value: str) -> None:
    """Make the parameter file name a value; everything else in it stays as it is.

    Args:
        file: The parameter file; it may be missing.
        name: The parameter.
        value: A value that YAML takes as it is written.

    Raises:
        OperatorError: when the file cannot be read or written, with the line to add.
    """
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    nodes = _nodes(text, file)
    wanted = {**_values(nodes, file), name: value}
    if name in nodes:
        key, old = nodes[name]
        rest = text[old.end_mark.index :]
        changed = f"{text[: key.end_mark.index]}: {value}{rest}"
    else:
        line_break = "" if not text or text.endswith("\n") else "\n"
        changed = f"{text}{line_break}{name}: {value}\n"
    by_hand = f"Write `{name}: {value}` into it yourself."
    try:
        understood = _values(_nodes(changed, file), file) == wanted
    except OperatorError:
        understood = False
    if not understood:
        raise OperatorError(f"{file} is not written one `Name: value` a line.", by_hand)
    try:
        file.write_text(changed, encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"{file} cannot be written: {error}.", by_hand) from error


def _values(
    nodes: Mapping[str, tuple[yaml.Node, yaml.Node]], file: Path
) -> dict[str, str]:
    return {name: _text(file, name, value) for name, (_, value) in nodes.items()}


def _nodes(text: str, file: Path) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    """Return the names of a parameter file, each with its nodes for name and value."""
    try:
        document = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" (line {where.line + 1})" if where else ""
        raise OperatorError(
            f"The parameter file {file} is not YAML{line}: "
            f"{getattr(error, 'problem', None) or error}.",
            "Write one `Name: value` a line, as in parameters.example.yaml.",
        ) from error
    if document is None:
        return {}
    if not isinstance(document, yaml.MappingNode):
        raise OperatorError(
            f"The parameter file {file} is not a mapping.",
            "Write one `Name: value` a line, as in parameters.example.yaml.",
        )
    nodes: dict[str, tuple[yaml.Node, yaml.Node]] = {}
    for key, value in document.value:
        name = _text(file, "a name", key)
        if name in nodes:
            raise OperatorError(
                f"{file} names {name} twice (line {key.start_mark.line + 1}).",
                "Keep one of them.",
            )
        nodes[name] = (key, value)
    return nodes


def problems(
    values: Mapping[str, str], declared: Mapping[str, Mapping[str, Any]], file: Path
) -> list[OperatorError]:
    """Return everything that CloudFormation would refuse about the values."""
    found = []
    for name, value in values.items():
        if name not in declared:
            found.append(
                OperatorError(
                    f"{file} names {name}, which the template does not have.",
                    f"Its parameters are {', '.join(sorted(declared))}.",
                )
            )
        elif refusal := _refusal(value, declared[name]):
            found.append(
                OperatorError(
                    f"{file}: {name} cannot be {_shown(value)}.",
                    refusal,
                )
            )
    return found


def kept(
    values: Mapping[str, str],
    declared: Mapping[str, Mapping[str, Any]],
    deployed: Mapping[str, str],
) -> dict[str, str]:
    """Return what the stack keeps although the file does not name it.

    Parameters at the template's default are left out: nobody wonders about those.
    """
    return {
        name: value
        for name, value in deployed.items()
        if name in declared
        and name not in values
        and value != str(declared[name].get("Default", ""))
    }


def _text(file: Path, name: str, node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        empty = node.tag == "tag:yaml.org,2002:null"
        return "" if empty else str(node.value)
    scalars = isinstance(node, yaml.SequenceNode) and all(
        isinstance(item, yaml.ScalarNode) for item in node.value
    )
    if not scalars:
        raise OperatorError(
            f"{file}: {name} is neither a value nor a list of values "
            f"(line {node.start_mark.line + 1}).",
            "CloudFormation's parameters are flat.",
        )
    return ",".join(str(item.value) for item in node.value)


def _refusal(value: str, declaration: Mapping[str, Any]) -> str:
    """Return why CloudFormation would refuse the value, or nothing."""
    length = len(value.encode("utf-8"))
    if length > MAXIMUM_VALUE_BYTES:
        return f"It has {length} bytes; CloudFormation allows {MAXIMUM_VALUE_BYTES}."
    said = str(declaration.get("ConstraintDescription", ""))
    allowed = [str(item) for item in declaration.get("AllowedValues", [])]
    if allowed and value not in allowed:
        return said or f"It must be one of {', '.join(allowed)}."
    pattern = declaration.get("AllowedPattern")
    if pattern and not re.fullmatch(pattern, value):
        return said or f"It must match {pattern}."
    if declaration.get("Type") == "Number":
        return _number_refusal(value, declaration, said)
    shortest = int(declaration.get("MinLength", 0))
    longest = int(declaration.get("MaxLength", MAXIMUM_VALUE_BYTES))
    if not shortest <= len(value) <= longest:
        bounds = f"It must have {shortest} to {longest} characters."
        return said or bounds
    return ""


def _number_refusal(value: str, declaration: Mapping[str, Any], said: str) -> str:
    try:
        number = float(value)
    except ValueError:
        return said or "It must be a number."
    least = float(declaration.get("MinValue", number))
    most = float(declaration.get("MaxValue", number))
    if least <= number <= most:
        return ""
    return said or f"It must be from {least:g} to {most:g}."


def _shown(value: str) -> str:
    return repr(value if len(value) <= 60 else f"{value[:60]}…")
