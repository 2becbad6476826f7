"""A template as the YAML text that is committed, reviewed and uploaded."""

from __future__ import annotations

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


_TAG = "tag:yaml.org,2002:"


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
    return str(yaml.serialize(_node(sections), Dumper=yaml.CSafeDumper, width=88))


def _node(value: Any) -> yaml.Node:
    """Return the YAML of a value, with every text of several lines as a literal block.

    Each value gets a node of its own, because CloudFormation does not know aliases.
    """
    if isinstance(value, str):
        style = "|" if "\n" in value else None
        return yaml.ScalarNode(f"{_TAG}str", value, style=style)
    if isinstance(value, dict):
        items = [(_node(name), _node(item)) for name, item in value.items()]
        return yaml.MappingNode(f"{_TAG}map", items, flow_style=False)
    if isinstance(value, list):
        nodes = [_node(item) for item in value]
        return yaml.SequenceNode(f"{_TAG}seq", nodes, flow_style=False)
    kind = "bool" if isinstance(value, bool) else "int"
    return yaml.ScalarNode(f"{_TAG}{kind}", str(value).lower())


def _ordered(mapping: dict[str, Any], order: tuple[str, ...]) -> dict[str, Any]:
    if unknown := mapping.keys() - set(order):
        raise ValueError(f"No place is known for {sorted(unknown)} in a template.")
    return {name: mapping[name] for name in order if name in mapping}
