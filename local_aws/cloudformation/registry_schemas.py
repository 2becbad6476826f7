"""The CloudFormation registry's schemas of resource types, as cfn-lint carries them.

Only the JSON files are read, one type at a time and when it is first needed; importing
cfn-lint's code would cost a second.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
from collections.abc import Mapping
from typing import Any

_REGION = "us-east-1"


@functools.cache
def schema_of(resource_type: str) -> dict[str, Any] | None:
    """Return the schema of a resource type, or None for a type without one."""
    name = _provider().get(resource_type)
    if name is None:
        return None
    schemas = importlib.resources.files("cfnlint") / "data" / "schemas"
    schema: dict[str, Any] = json.loads(
        (schemas / "resources" / f"{name}.json").read_bytes()
    )
    return schema


@functools.cache
def _provider() -> dict[str, str]:
    schemas = importlib.resources.files("cfnlint") / "data" / "schemas"
    provider: dict[str, str] = json.loads(
        (schemas / "providers" / f"{_REGION}.json").read_bytes()
    )
    return provider


def top_level(schema: Mapping[str, Any], group: str) -> frozenset[str]:
    """Return the top-level properties of a group such as `createOnlyProperties`."""
    paths = (path.split("/")[2:] for path in schema.get(group) or [])
    return frozenset(path[0] for path in paths if len(path) == 1)


def referenced(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a schema refers to within its root, or the schema itself."""
    while "$ref" in schema:
        target: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        schema = target
    return schema
