"""Validation of resolved properties, before a resource is made or changed.

CloudFormation validates a resource's properties against its type's registry schema
(CloudFormation CLI User Guide, "Resource type schema"): unknown and missing properties,
enums, patterns, ranges; properties that only AWS sets are refused; a change of a
create-only property replaces the resource. A text that is a number or a boolean is
taken for one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import regex
from jsonschema import Draft7Validator, ValidationError, validators
from ministack.services.cloudformation import provisioners

from local_aws.cloudformation import operations, resource_types
from local_aws.cloudformation.custom_resources import is_custom
from local_aws.registry_schemas import (
    referenced,
    schema_of,
    top_level,
)

_SYSTEM_TAG = "aws:cloudformation:"
_LONGEST_SERVICE_TIMEOUT_SECONDS = 3600
_CUSTOM_RESOURCE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "ServiceToken": {"type": "string", "minLength": 1},
        "ServiceTimeout": {
            "type": "integer",
            "minimum": 1,
            "maximum": _LONGEST_SERVICE_TIMEOUT_SECONDS,
        },
    },
    "required": ["ServiceToken"],
}
_Errors = Iterator[ValidationError]


class Invalid(ValueError):
    """Properties do not fit their type's schema."""


def validating_creation(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the creation of one resource by the engine."""

    def provision(
        resource_type: str,
        logical_id: str,
        properties: dict[str, Any],
        stack_name: str,
    ) -> Any:
        properties = coerced(resource_type, properties)
        validate(resource_type, logical_id, properties)
        return original(resource_type, logical_id, properties, stack_name)

    return provision


def validating_update(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the update of one resource by the engine; a rollback is not validated."""

    def update(
        resource_type: str,
        physical_id: str,
        old: dict[str, Any],
        new: dict[str, Any],
        stack_name: str,
        logical_id: str | None = None,
        old_attributes: Any = None,
    ) -> Any:
        old, new = coerced(resource_type, old), coerced(resource_type, new)
        operation = operations.current()
        is_rolling_back = operation is not None and operation.is_rolling_back
        if old != new and not is_rolling_back:
            validate(resource_type, logical_id or physical_id, new)
        return original(
            resource_type, physical_id, old, new, stack_name, logical_id, old_attributes
        )

    return update


def replacing(original: Callable[[str, str], str]) -> Callable[[str, str], str]:
    """Wrap the answer to whether a change of a property replaces the resource.

    The library knows this for the types that it updates itself.
    """

    def recreation(resource_type: str, name: str) -> str:
        handler = provisioners._RESOURCE_HANDLERS.get(resource_type, {})
        is_ours = resource_type in resource_types.HANDLERS
        schema = schema_of(resource_type)
        if schema is None or not (is_ours or "update" not in handler):
            return original(resource_type, name)
        if name in top_level(schema, "createOnlyProperties"):
            return "Always"
        return "Never" if is_ours else original(resource_type, name)

    return recreation


def coerced(resource_type: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Return properties with the texts that stand for numbers or booleans replaced."""
    schema = schema_of(resource_type)
    if schema is None:
        return properties
    result: dict[str, Any] = _coerced(properties, schema, schema)
    return result


def _coerced(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    schema = referenced(schema, root)
    if isinstance(value, dict):
        known = schema.get("properties", {})
        patterns: dict[str, Any] = schema.get("patternProperties", {})
        others: Any = next(iter(patterns.values()), {})
        return {
            name: _coerced(inner, known.get(name, others), root)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        items = schema.get("items", {})
        return [_coerced(inner, items, root) for inner in value]
    types = schema.get("type", [])
    return _coerced_scalar(value, [types] if isinstance(types, str) else types)


def _coerced_scalar(value: Any, types: list[str]) -> Any:
    if isinstance(value, bool):
        return str(value).lower() if types == ["string"] else value
    if isinstance(value, int | float):
        return str(value) if types == ["string"] else value
    if not isinstance(value, str) or "string" in types:
        return value
    if "boolean" in types and value.lower() in ("true", "false"):
        return value.lower() == "true"
    for name, convert in (("integer", int), ("number", float)):
        if name in types:
            try:
                return convert(value)
            except ValueError:
                continue
    return value


def validate(
    resource_type: str, logical_id: str, properties: Mapping[str, Any]
) -> None:
    """Refuse properties that do not fit the schema of their type.

    Raises:
        Invalid: with CloudFormation's words for everything that is wrong.
    """
    own = _without_system_tags(resource_type, properties)
    if is_custom(resource_type):
        own = _with_number(own, "ServiceTimeout")
        faults = list(_faults(_CUSTOM_RESOURCE_SCHEMA, own))
    elif (schema := schema_of(resource_type)) is None:
        return
    else:
        faults = [*_read_only_faults(schema, own), *_faults(schema, own)]
    if faults:
        raise Invalid(
            f"Properties validation failed for resource {logical_id} with message:\n"
            + "\n".join(faults)
        )


def _with_number(properties: dict[str, Any], name: str) -> dict[str, Any]:
    if name not in properties:
        return properties
    return {**properties, name: _coerced_scalar(properties[name], ["integer"])}


def _without_system_tags(
    resource_type: str, properties: Mapping[str, Any]
) -> dict[str, Any]:
    """Leave out the tags that CloudFormation adds itself and no schema allows."""
    name, shape = provisioners._STACK_TAG_PROPERTY.get(resource_type, (None, None))
    if name not in properties:
        return dict(properties)
    tags: Any = properties[name]
    if shape == "map":
        tags = {key: tags[key] for key in tags if not key.startswith(_SYSTEM_TAG)}
    else:
        tags = [tag for tag in tags if not tag["Key"].startswith(_SYSTEM_TAG)]
    rest = {key: value for key, value in properties.items() if key != name}
    return {**rest, name: tags} if tags else rest


def _read_only_faults(
    schema: Mapping[str, Any], properties: Mapping[str, Any]
) -> list[str]:
    set_by_aws = top_level(schema, "readOnlyProperties") & properties.keys()
    return [
        f"#: extraneous key [{name}] is not permitted" for name in sorted(set_by_aws)
    ]


def _faults(schema: Mapping[str, Any], properties: Mapping[str, Any]) -> Iterator[str]:
    for error in _validator()(schema).iter_errors(properties):
        path = "".join(f"/{step}" for step in error.absolute_path)
        yield f"#{path}: {error.message}"


@functools.cache
def _validator() -> Any:
    extend: Callable[..., Any] = validators.extend
    return extend(
        Draft7Validator,
        {
            "additionalProperties": _check_further_properties,
            "enum": _check_enum,
            "pattern": _check_pattern,
            "patternProperties": _check_pattern_properties,
            "required": _check_required,
        },
    )


def _check_required(
    validator: Any, required: list[str], instance: Any, schema: Any
) -> _Errors:
    if isinstance(instance, dict):
        for name in required:
            if name not in instance:
                yield ValidationError(f"required key [{name}] not found")


def _check_enum(
    validator: Any, allowed: list[Any], instance: Any, schema: Any
) -> _Errors:
    if instance not in allowed:
        yield ValidationError(f"{instance} is not a valid enum value")


def _check_pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> _Errors:
    """An anchored pattern must match everything, also a line end at the end."""
    if isinstance(instance, str) and not _matches(pattern, instance):
        yield ValidationError(f"string [{instance}] does not match pattern {pattern}")


def _matches(pattern: str, text: str) -> bool:
    if pattern.startswith("^") and pattern.endswith("$"):
        return regex.fullmatch(pattern, text) is not None
    return regex.search(pattern, text) is not None


def _check_pattern_properties(
    validator: Any, patterns: dict[str, Any], instance: Any, schema: Any
) -> _Errors:
    if isinstance(instance, dict):
        for pattern, inner in patterns.items():
            for name, value in instance.items():
                if _matches(pattern, name):
                    yield from validator.descend(value, inner, path=name)


def _check_further_properties(
    validator: Any, allowed: Any, instance: Any, schema: Any
) -> _Errors:
    if not isinstance(instance, dict):
        return
    patterns = schema.get("patternProperties", {})
    for name, value in instance.items():
        if name in schema.get("properties", {}):
            continue
        if any(_matches(pattern, name) for pattern in patterns):
            continue
        if allowed is False:
            yield ValidationError(f"extraneous key [{name}] is not permitted")
        elif isinstance(allowed, dict):
            yield from validator.descend(value, allowed, path=name)
