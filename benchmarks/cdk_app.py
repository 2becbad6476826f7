"""The AWS CDK app of benchmarks/cdk: its input, its runs, and that it makes the set.

The app has a level-1 construct for each resource. Their properties, in the CDK's
spelling, are data that is made from dist/ before anything is timed: the app is always
that of today's set, and spends no time on anything but constructing and synthesizing.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gates.findings import Templates

APP = Path(__file__).parent / "cdk"

#: Properties whose content is somebody else's language: its keys stay as they are.
FREE_FORM = {
    *("AssumeRolePolicyDocument", "EventPattern", "PolicyDocument", "Settings"),
    *("AttributeMapping", "Info", "ProviderDetails", "SingleHeader"),
    *("Parameters", "Variables"),
}

#: What stands beside a resource's properties, by the CDK's name.
OPTIONS = {
    "deletionPolicy": "DeletionPolicy",
    "updateReplacePolicy": "UpdateReplacePolicy",
    "metadata": "Metadata",
}


class CdkError(Exception):
    """The app failed, or makes something else; the message says what."""


def write_definitions(templates: Templates, file: Path) -> None:
    """Write what the app reads: each template in the CDK's spelling."""
    file.write_text(
        json.dumps(
            {
                name.removesuffix(".yaml"): definition(template)
                for name, template in templates.items()
            }
        ),
        encoding="utf-8",
    )


def definition(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return a template as the properties of the app's constructs."""
    return {
        "description": template["Description"],
        "metadata": template["Metadata"],
        **{
            kind.lower(): constructor_properties(template.get(kind, {}))
            for kind in ("Parameters", "Rules", "Outputs")
        },
        "conditions": {
            name: {"expression": expression}
            for name, expression in template.get("Conditions", {}).items()
        },
        "resources": {
            name: resource_definition(resource)
            for name, resource in template["Resources"].items()
        },
    }


def resource_definition(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Return a resource as the arguments of its construct."""
    properties = resource.get("Properties", {})
    own = resource["Type"].startswith("Custom::")
    depends_on = resource.get("DependsOn", [])
    return {
        "type": resource["Type"],
        "properties": properties if own else in_cdk_spelling(properties),
        "options": {
            name: resource[key] for name, key in OPTIONS.items() if key in resource
        },
        "condition": resource.get("Condition"),
        "dependsOn": [depends_on] if isinstance(depends_on, str) else depends_on,
    }


def constructor_properties(section: Mapping[str, Any]) -> dict[str, Any]:
    """Return a section of a template, the keys of its items in the CDK's spelling."""
    return {name: in_cdk_spelling(item) for name, item in section.items()}


def in_cdk_spelling(value: Any) -> Any:
    """Return a value as a level-1 construct takes it, intrinsic functions as is."""
    if isinstance(value, list):
        return [in_cdk_spelling(item) for item in value]
    if not isinstance(value, dict) or is_intrinsic(value):
        return value
    return {
        spelled(key): inner if key in FREE_FORM else in_cdk_spelling(inner)
        for key, inner in value.items()
    }


def is_intrinsic(value: Mapping[str, Any]) -> bool:
    """Tell whether a mapping is ``{"Ref": …}``, ``{"Fn::If": …}`` and so on."""
    return len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::"))


def spelled(name: str) -> str:
    """Return the CDK's name of a property: CallbackURLs is callbackUrLs there."""
    words = re.sub(r"([a-z\d])([A-Z])", r"\1_\2", name)
    words = re.sub(r"([A-Z]+)([A-Z][a-z]+)", r"\1_\2", words).lower()
    return re.sub(r"_(.)", lambda found: found[1].upper(), words)


def run(definitions: Path, folder: Path, *, validation: bool) -> None:
    """Synthesize the app's stacks into a folder.

    Args:
        definitions: what write_definitions() wrote.
        folder: where the CDK writes them.
        validation: whether with the CDK's own validator, as by default.

    Raises:
        CdkError: the app fails.
    """
    off = {} if validation else {"CDK_VALIDATION": "false"}
    kept = {key: value for key, value in os.environ.items() if key != "CDK_VALIDATION"}
    ran = subprocess.run(
        ["node", str(APP / "app.js"), str(definitions), str(folder)],  # noqa: S607
        env=kept | off,
        capture_output=True,
        text=True,
    )
    if ran.returncode:
        raise CdkError(f"The CDK app failed: {ran.stderr[-2000:]}")


def differences(templates: Templates, folder: Path) -> list[str]:
    """Return a sentence for each resource that the app's stacks have otherwise."""
    return [
        f"{name}: the CDK app makes {where} otherwise than dist/ has it."
        for name, template in templates.items()
        for where in different(template, synthesized(folder, name))
    ]


def synthesized(folder: Path, name: str) -> dict[str, Any]:
    """Return the template that the CDK made of one of ours."""
    file = folder / f"{name.removesuffix('.yaml')}.template.json"
    template: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return template


def different(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """Return the names of what differs between two templates."""
    found = []
    for section in sorted(ours.keys() | theirs.keys()):
        left, right = normal(ours.get(section)), normal(theirs.get(section))
        if not isinstance(left, dict) or not isinstance(right, dict):
            found += [section] if left != right else []
        else:
            names = sorted(left.keys() | right.keys())
            found += [name for name in names if left.get(name) != right.get(name)]
    return found


def normal(value: Any) -> Any:
    """Return a value in a form in which what means the same is equal.

    The CDK drops empty values, sorts DependsOn, and writes one name as a list.
    """
    if isinstance(value, list):
        return [normal(item) for item in value]
    if not isinstance(value, dict):
        return value
    shown = {key: normal(inner) for key, inner in value.items()}
    if "DependsOn" in shown:
        names = shown["DependsOn"]
        shown["DependsOn"] = sorted([names] if isinstance(names, str) else names)
    return shown
