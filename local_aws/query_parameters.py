"""Parameters of AWS's query protocol, from their flat form back to nested values.

A query request writes lists as `Name.member.1`, maps as `Name.entry.1.key` and every
scalar as text (Smithy, "AWS query protocol"). The service model tells what each is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

_NOT_PARAMETERS = frozenset({"Action", "Version"})


def nested(parameters: Mapping[str, object], shape: StructureShape) -> dict[str, Any]:
    """Return the nested form of flat parameters for an operation's input shape."""
    tree: dict[str, Any] = {}
    for name, value in parameters.items():
        if name in _NOT_PARAMETERS:
            continue
        *parents, leaf = name.split(".")
        branch = tree
        for parent in parents:
            inner = branch.setdefault(parent, {})
            branch = inner if isinstance(inner, dict) else {}
        branch[leaf] = value
    result = _value(shape, tree)
    return result if isinstance(result, dict) else {}


def _value(shape: Shape, tree: Any) -> Any:
    if isinstance(shape, StructureShape) and isinstance(tree, dict):
        return {
            name: _value(shape.members[name], item) if name in shape.members else item
            for name, item in tree.items()
        }
    if isinstance(shape, ListShape):
        items = _numbered(tree, shape.member.serialization.get("name", "member"), shape)
        return [_value(shape.member, item) for item in items]
    if isinstance(shape, MapShape):
        key = shape.key.serialization.get("name", "key")
        value = shape.value.serialization.get("name", "value")
        return {
            str(entry.get(key)): _value(shape.value, entry.get(value))
            for entry in _numbered(tree, "entry", shape)
            if isinstance(entry, dict)
        }
    return _scalar(shape, tree)


def _numbered(tree: Any, name: str, shape: Shape) -> list[Any]:
    """Return the items of a list or map in their order; an empty list is sent as ""."""
    if not isinstance(tree, dict):
        return []
    numbered = tree if shape.serialization.get("flattened") else tree.get(name, {})
    if not isinstance(numbered, dict):
        return []
    return [numbered[number] for number in sorted(numbered, key=_number)]


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _scalar(shape: Shape, text: Any) -> Any:
    """Return a scalar in its own type; text that is none stays and is refused."""
    if not isinstance(text, str):
        return text
    if shape.type_name == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if shape.type_name in ("integer", "long") and text.lstrip("-").isdigit():
        return int(text)
    return text
