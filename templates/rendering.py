"""A template as the YAML text that is committed, reviewed and uploaded."""

from __future__ import annotations

import functools
from typing import Any

import yaml

#: A template as JSON-like data.
Definition = dict[str, Any]

#: The order in which a person reads a template.
_SECTIONS = (
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Conditions",
    "Resources",
    "Outputs",
)

#: The order in which a person reads a resource.
_ATTRIBUTES = (
    "Type",
    "Condition",
    "DependsOn",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "Metadata",
    "Properties",
)

_STRING = "tag:yaml.org,2002:str"

# No value has an anchor or a tag: CloudFormation knows no aliases.
_MAPPING = yaml.MappingStartEvent(None, None, implicit=True, flow_style=False)
_END_OF_MAPPING = yaml.MappingEndEvent()
_SEQUENCE = yaml.SequenceStartEvent(None, None, implicit=True, flow_style=False)
_END_OF_SEQUENCE = yaml.SequenceEndEvent()
_RESOLVER = yaml.resolver.Resolver()


def to_yaml(template: Definition) -> str:
    """Return the template as YAML text: sections in reading order, ASCII, no aliases.

    The intrinsic functions keep their long form (``Fn::Sub:``), which is what the
    AWS CLI writes too when it packages a nested template.
    """
    sections = _ordered(template, _SECTIONS)
    sections["Resources"] = {
        title: _ordered(resource, _ATTRIBUTES)
        for title, resource in sections["Resources"].items()
    }
    events: list[yaml.Event] = [
        yaml.StreamStartEvent(),
        yaml.DocumentStartEvent(explicit=False),
    ]
    _add(events, sections)
    events += [yaml.DocumentEndEvent(explicit=False), yaml.StreamEndEvent()]
    return str(yaml.emit(events, Dumper=yaml.CSafeDumper, width=88))


def _add(events: list[yaml.Event], value: Any) -> None:
    """Append what libyaml's emitter is told of a value.

    A template has few kinds of values, so they need not become nodes first, as PyYAML
    makes of any object; that takes three times as long.
    """
    if isinstance(value, dict):
        events.append(_MAPPING)
        for name, item in value.items():
            events.append(_scalar(name))
            _add(events, item)
        events.append(_END_OF_MAPPING)
    elif isinstance(value, list):
        events.append(_SEQUENCE)
        for item in value:
            _add(events, item)
        events.append(_END_OF_SEQUENCE)
    elif isinstance(value, str):
        events.append(_scalar(value))
    else:
        plain = (True, False)
        events.append(yaml.ScalarEvent(None, None, plain, str(value).lower()))


@functools.cache
def _scalar(text: str) -> yaml.ScalarEvent:
    """Return the event of a text: several lines as a literal block.

    It is quoted where a reader would take it for a number, a date or a truth value.
    """
    read_as = _RESOLVER.resolve(  # type: ignore[no-untyped-call]  # not annotated
        yaml.ScalarNode, text, (True, False)
    )
    is_plain = read_as == _STRING
    return yaml.ScalarEvent(
        None,
        None if is_plain else _STRING,
        (is_plain, True),
        text,
        style="|" if "\n" in text else None,
    )


def _ordered(mapping: dict[str, Any], order: tuple[str, ...]) -> dict[str, Any]:
    if unknown := mapping.keys() - set(order):
        raise ValueError(f"No place is known for {sorted(unknown)} in a template.")
    return {name: mapping[name] for name in order if name in mapping}
