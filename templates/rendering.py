"""A template as the YAML text that is committed, reviewed and uploaded."""

from __future__ import annotations

from typing import Any

import yaml
from troposphere import Template

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


class _TemplateDumper(yaml.CSafeDumper):
    """libyaml's emitter, with every text of several lines as a literal block."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write repeated values out: CloudFormation does not know YAML aliases."""
        return True


def _represent_text(dumper: yaml.CSafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_TemplateDumper.add_representer(str, _represent_text)


def to_yaml(template: Template) -> str:
    """Return the template as YAML text: sections in reading order, ASCII, no aliases.

    The intrinsic functions keep their long form (``Fn::Sub:``), which is what the
    AWS CLI writes too when it packages a nested template.
    """
    sections = _ordered(template.to_dict(), _SECTIONS)
    sections["Resources"] = {
        title: _ordered(resource, _ATTRIBUTES)
        for title, resource in sections["Resources"].items()
    }
    return yaml.dump(sections, Dumper=_TemplateDumper, sort_keys=False, width=88)


def _ordered(mapping: dict[str, Any], order: tuple[str, ...]) -> dict[str, Any]:
    if unknown := mapping.keys() - set(order):
        raise ValueError(f"No place is known for {sorted(unknown)} in a template.")
    return {name: mapping[name] for name in order if name in mapping}
