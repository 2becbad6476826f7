"""API input as AWS checks it: against the service's own model, which botocore carries.

The library takes nearly any input. Here each call of a modelled service is compared
with the shapes of botocore's service model: required and unknown members, types, enums,
lengths, ranges and patterns. AWS matches a pattern against the whole value, so it is a
full match also where the pattern is not anchored. Most AWS services ignore unknown
members; here they are refused, since they are mistakes nearly always.
"""

from __future__ import annotations

import functools
import gzip
import importlib.resources
import json
from collections.abc import Iterator, Mapping
from typing import Any

import regex
from botocore.loaders import Loader
from botocore.model import (
    ListShape,
    MapShape,
    OperationModel,
    OperationNotFoundError,
    ServiceModel,
    Shape,
    StringShape,
    StructureShape,
)

from local_aws import settings
from local_aws.query_parameters import nested

HOOKS: tuple[str, ...] = ()

ERROR_CODES = {
    "cloudformation": "ValidationError",
    "cognito-idp": "InvalidParameterException",
    "events": "ValidationException",
    "lambda": "ValidationException",
    "logs": "InvalidParameterException",
    "sagemaker": "ValidationException",
    "servicecatalog": "InvalidParametersException",
    "sns": "InvalidParameter",
    "ssm": "ValidationException",
    "wafv2": "WAFInvalidParameterException",
}
"""The validated services, and the code with which each refuses bad input."""

# SageMaker's model is by far the largest, so only what is served is kept of it.
_KEPT_OPERATIONS = {
    "sagemaker": (
        "CreateWorkforce",
        "DescribeWorkforce",
        "UpdateWorkforce",
        "DeleteWorkforce",
        "ListWorkforces",
        "CreateWorkteam",
        "DescribeWorkteam",
        "UpdateWorkteam",
        "DeleteWorkteam",
        "ListWorkteams",
        "CreateLabelingJob",
        "DescribeLabelingJob",
        "ListLabelingJobs",
        "ListLabelingJobsForWorkteam",
        "StopLabelingJob",
        "CreateHumanTaskUi",
        "DescribeHumanTaskUi",
        "ListHumanTaskUis",
        "DeleteHumanTaskUi",
        "CreateFlowDefinition",
        "DescribeFlowDefinition",
        "ListFlowDefinitions",
        "DeleteFlowDefinition",
        "AddTags",
        "ListTags",
        "DeleteTags",
    )
}

# Calls that may carry a setting newer than the SDK, if the test names it.
_FUTURE_PROOF = frozenset(
    {
        "CreateUserPool",
        "UpdateUserPool",
        "CreateUserPoolClient",
        "UpdateUserPoolClient",
    }
)

_OUTSIDE_BODY = frozenset({"uri", "header", "headers"})
_INTEGERS = frozenset({"integer", "long"})
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "structure": Mapping,
    "map": Mapping,
    "list": list,
}


def install() -> None:
    """Do nothing: the middleware calls `validate` for each request."""


def validate(
    service: str, operation: str, parameters: Mapping[str, object]
) -> str | None:
    """Return the text with which AWS would refuse the input of a call, or None.

    `parameters` are the members of a JSON body, or the flat parameters of a query
    request. A service or operation that is not modelled is not checked.
    """
    model = _operation(service, operation) if service in ERROR_CODES else None
    if model is None:
        return None
    if model.input_shape is None or _has_blob_payload(model):
        return None
    given: object = parameters
    if model.metadata.get("protocol") == "query":
        given = nested(parameters, model.input_shape)
    future = (
        frozenset(settings.current().future_member_names)
        if service == "cognito-idp" and operation in _FUTURE_PROOF
        else frozenset()
    )
    fault = next(_faults(model.input_shape, given, "", future), None)
    return fault and f"1 validation error detected: {fault}"


@functools.cache
def _operation(service: str, operation: str) -> OperationModel | None:
    try:
        return _model(service).operation_model(operation)
    except OperationNotFoundError:
        return None


@functools.cache
def _model(service: str) -> ServiceModel:
    document = _document(service)
    if kept := _KEPT_OPERATIONS.get(service):
        document = _pruned(document, kept)
    return ServiceModel(document, service)


def _document(service: str) -> dict[str, Any]:
    """Return a service model without its documentation, which is most of it.

    botocore's own loader would keep all of it in memory for as long as the process
    lives.
    """
    loader = Loader()
    version = loader.determine_latest_version(service, "service-2")
    file = importlib.resources.files("botocore") / "data" / service / version
    packed = (file / "service-2.json.gz").read_bytes()
    document: dict[str, Any] = json.loads(
        gzip.decompress(packed), object_hook=_without_documentation
    )
    return document


def _without_documentation(node: dict[str, Any]) -> dict[str, Any]:
    if isinstance(node.get("documentation"), str):
        del node["documentation"]
    return node


def _pruned(document: Mapping[str, Any], kept: tuple[str, ...]) -> dict[str, Any]:
    """Return a service model with some operations and the shapes that they use."""
    operations = {name: document["operations"][name] for name in kept}
    shapes: dict[str, Any] = {}
    names = [
        each["shape"]
        for operation in operations.values()
        for each in (operation.get("input"), operation.get("output"))
        if each
    ]
    while names:
        name = names.pop()
        if name in shapes:
            continue
        shape = shapes[name] = document["shapes"][name]
        members = [*shape.get("members", {}).values()]
        members += [shape[part] for part in ("member", "key", "value") if part in shape]
        names += [member["shape"] for member in members]
    return {**document, "operations": operations, "shapes": shapes}


def _has_blob_payload(model: OperationModel) -> bool:
    """Tell whether the HTTP body is data of the caller's, as it is for Invoke."""
    payload = model.input_shape and model.input_shape.serialization.get("payload")
    return bool(payload)


def _faults(
    shape: Shape, value: object, path: str, future: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Yield what is wrong with a value of a shape, outermost first."""
    expected = _TYPES.get(shape.type_name)
    if expected is not None and not _is_a(value, shape.type_name, expected):
        yield f"Value at '{path}' must be of type {shape.type_name}"
        return
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        yield from _structure_faults(shape, value, path, future)
    elif isinstance(shape, ListShape) and isinstance(value, list):
        yield from _size_faults(shape, len(value), path, "length", value)
        for number, item in enumerate(value, start=1):
            yield from _faults(shape.member, item, f"{path}.{number}.member")
    elif isinstance(shape, MapShape) and isinstance(value, Mapping):
        yield from _size_faults(shape, len(value), path, "length", value)
        for key, item in value.items():
            yield from _faults(shape.key, key, path)
            yield from _faults(shape.value, item, f"{path}.{key}")
    elif isinstance(value, str):
        yield from _string_faults(shape, value, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _size_faults(shape, value, path, "value", value)


def _is_a(value: object, type_name: str, expected: type | tuple[type, ...]) -> bool:
    if isinstance(value, bool) and type_name != "boolean":
        return False
    return isinstance(value, expected)


def _structure_faults(
    shape: StructureShape,
    value: Mapping[str, object],
    path: str,
    future: frozenset[str],
) -> Iterator[str]:
    members = {
        member.serialization.get("name", name): member
        for name, member in shape.members.items()
    }
    outside_body = {
        name
        for name, member in shape.members.items()
        if member.serialization.get("location") in _OUTSIDE_BODY
    }
    for name in shape.required_members:
        wire_name = shape.members[name].serialization.get("name", name)
        if value.get(wire_name) is None and name not in outside_body:
            yield (
                f"Value null at '{_joined(path, name)}' failed to satisfy constraint: "
                "Member must not be null"
            )
    for name, item in value.items():
        if name in members:
            if item is not None:
                yield from _faults(members[name], item, _joined(path, name))
        elif name not in future:
            yield f"Unknown parameter '{name}' at '{path or shape.name}'"


def _joined(path: str, name: str) -> str:
    """Return a member's path as AWS writes it, with small first letters."""
    small = name[:1].lower() + name[1:]
    return f"{path}.{small}" if path else small


def _string_faults(shape: Shape, value: str, path: str) -> Iterator[str]:
    if isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
        allowed = ", ".join(shape.enum)
        yield (
            f"{_value(shape, value)} at '{path}' failed to satisfy constraint: Member "
            f"must satisfy enum value set: [{allowed}]"
        )
    yield from _size_faults(shape, len(value), path, "length", value)
    pattern = shape.metadata.get("pattern")
    compiled = _compiled(pattern) if pattern else None
    if compiled is not None and not compiled.fullmatch(value):
        yield (
            f"{_value(shape, value)} at '{path}' failed to satisfy constraint: Member "
            f"must satisfy regular expression pattern: {pattern}"
        )


def _size_faults(
    shape: Shape, size: float, path: str, noun: str, value: object
) -> Iterator[str]:
    least, greatest = shape.metadata.get("min"), shape.metadata.get("max")
    for bound, word, broken in (
        (least, "greater", least is not None and size < least),
        (greatest, "less", greatest is not None and size > greatest),
    ):
        if broken:
            yield (
                f"{_value(shape, value)} at '{path}' failed to satisfy constraint: "
                f"Member must have {noun} {word} than or equal to {bound}"
            )


def _value(shape: Shape, value: object) -> str:
    """Return how a refusal shows the value: not at all if the model calls it secret."""
    return "Value" if shape.metadata.get("sensitive") else f"Value '{value}'"


@functools.cache
def _compiled(pattern: str) -> regex.Pattern[str] | None:
    """Return a compiled pattern; None for the few that only Java understands."""
    try:
        return regex.compile(pattern)
    except regex.error:
        return None
