"""The built templates as plain data, and two ways to look into them."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import yaml

import build

Data = dict[str, Any]


@functools.cache
def rendered() -> dict[str, str]:
    """Return the text of each template by its file name."""
    return build.render_templates()


@functools.cache
def template(name: str) -> Data:
    """Return a template as CloudFormation would read it from its file."""
    data: Data = yaml.load(rendered()[name], Loader=yaml.CSafeLoader)  # noqa: S506 (safe)
    return data


def resources_of_type(name: str, resource_type: str) -> dict[str, Data]:
    """Return the resources of one type by their logical ids."""
    return {
        title: resource
        for title, resource in template(name)["Resources"].items()
        if resource["Type"] == resource_type
    }


def intrinsics(value: Any, function: str) -> Iterator[Any]:
    """Yield the argument of every use of an intrinsic function, at any depth."""
    if isinstance(value, list):
        for item in value:
            yield from intrinsics(item, function)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == function:
                yield item
            yield from intrinsics(item, function)
