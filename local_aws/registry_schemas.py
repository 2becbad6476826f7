"""The CloudFormation registry's schemas of resource types, as cfn-lint carries them.

Only the JSON files are read, one type at a time and when it is first needed. The
package is looked up and not imported, as importlib.resources would: importing cfn-lint
costs a second and 45 MB.
"""

from __future__ import annotations

import functools
import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_REGION = "us-east-1"


@functools.cache
def schema_of(resource_type: str) -> dict[str, Any] | None:
    """Return the schema of a resource type, or None for a type without one."""
    name = _provider().get(resource_type)
    return None if name is None else _read("resources", name)


@functools.cache
def _provider() -> dict[str, str]:
    return _read("providers", _REGION)


def _read(folder: str, name: str) -> dict[str, Any]:
    package = importlib.util.find_spec("cfnlint")
    if package is None or package.origin is None:
        raise LookupError("cfn-lint is not installed; `make setup` installs it.")
    path = Path(package.origin).parent / "data" / "schemas" / folder / f"{name}.json"
    schema: dict[str, Any] = json.loads(path.read_bytes())
    return schema


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
