"""A text that differs whenever CloudFormation would write certain resources again.

A custom resource is only called when one of its properties changes, so the one that
mends what CloudFormation wrote must be told that it was written.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection
from typing import Any

from troposphere import AWSObject, Join, Ref, Template

from templates import parameters

_CONDITION = re.compile(r'"(?:Fn::If": \[|Condition": )"(\w+)"')
_HOLE = re.compile(r"\$\{(\w+)\}")


class RevisionError(Exception):
    """A revision could outgrow a parameter value; the message says what to bound."""


def revision_of(
    template: Template,
    *resources: AWSObject,
    apart: Collection[parameters.OperatorParameter] = (),
) -> Join:
    """Return the hash of the resources' definitions with their parameters' values.

    A definition changes with the template, a parameter value without it; only both
    together tell every write.

    Args:
        template: the template with the parameters and conditions of the resources.
        resources: what CloudFormation may write.
        apart: parameters that whoever uses the revision takes by themselves.

    Raises:
        RevisionError: the longest possible text does not fit a parameter value.
    """
    definitions = [resource.to_dict() for resource in resources]
    written = [*definitions, *_conditions(template, definitions)]
    left_out = {parameter.name for parameter in apart}
    names = sorted((_references(written) & template.parameters.keys()) - left_out)
    digest = digest_of(written)
    longest = len(digest) + sum(1 + parameters.longest_value(name) for name in names)
    if longest > parameters.MAXIMUM_VALUE_BYTES:
        raise RevisionError(
            f"The revision could have {longest} bytes, a parameter value at most "
            f"{parameters.MAXIMUM_VALUE_BYTES}: give {', '.join(names)} a smaller "
            "maximum_length or allowed_values."
        )
    return Join("|", [digest, *(Ref(name) for name in names)])


def _conditions(template: Template, definitions: object) -> list[dict[str, Any]]:
    """Return the conditions that decide in the definitions, and those in them."""
    mentioned = set(_CONDITION.findall(json.dumps(definitions)))
    conditions = [
        {name: condition.to_dict()}
        for name, condition in template.conditions.items()
        if name in mentioned
    ]
    inner = _conditions(template, conditions) if conditions else []
    return [*conditions, *(each for each in inner if each not in conditions)]


def digest_of(definition: object) -> str:
    """Return a short digest (16 hexadecimal digits) of JSON-like data."""
    text = json.dumps(definition, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _references(value: Any) -> set[str]:
    """Return the names that ``Ref`` and ``Fn::Sub`` mention anywhere in the value."""
    if isinstance(value, str):
        return set(_HOLE.findall(value))
    if isinstance(value, list):
        return set().union(*map(_references, value))
    if isinstance(value, dict):
        own = {value["Ref"]} if isinstance(value.get("Ref"), str) else set()
        return own.union(*map(_references, value.values()))
    return set()
