"""The architecture as a Mermaid diagram, drawn from the templates themselves.

One group for each stack; one node for the resources of a type; an arrow wherever a
resource refers to another one, and from stack to stack with the values that are handed
on. What only serves another resource is left out, so that the picture stays readable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from templates.rendering import Definition

#: What only serves another resource: rights, logs, lists, looks.
LEFT_OUT = (
    "AWS::Cognito::ManagedLoginBranding",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::Logs::MetricFilter",
    "AWS::Logs::ResourcePolicy",
    "AWS::Route53::RecordSet",
    "AWS::SNS::TopicPolicy",
    "AWS::WAFv2::IPSet",
    "AWS::WAFv2::LoggingConfiguration",
)
#: What is drawn as part of another type: its references are the other one's.
PART_OF = {"AWS::WAFv2::WebACLAssociation": "AWS::WAFv2::WebACL"}
#: What the function does with its role's rights on a service: to what, and what.
ACTS = {
    "sagemaker": ("sagemaker", "makes"),
    "cognito-idp": ("base_UserPool", "rewrites, invites"),
}
OUTSIDE = {"sagemaker": "SageMaker: workforce,<br>work teams, portal"}
#: So many resources of one type are named; the others are counted.
MOST_NAMES = 4

BEGIN = "<!-- Drawn by build.py from the templates: templates/diagram.py. -->"
END = "<!-- The drawing ends here. -->"

_NESTED = "AWS::CloudFormation::Stack"

Resources = Mapping[str, Mapping[str, Any]]


class DiagramError(Exception):
    """A page has no place for the diagram; the message says what to add."""


def render(templates: Mapping[str, Definition]) -> str:
    """Return the diagram of the nested set as Mermaid's text of a flowchart.

    Args:
        templates: root.yaml and the templates of its nested stacks, by their files.
    """
    top = templates["root.yaml"]["Resources"]
    groups: list[str] = []
    links: list[str] = []
    optional: list[str] = []
    for title, stack in top.items():
        if stack["Type"] != _NESTED:
            continue
        file = stack["Properties"]["TemplateURL"]
        resources = templates[file]["Resources"]
        group = _Group(PurePosixPath(file).stem, resources)
        groups += group.drawn()
        links += [*group.links(), *_handed_on(top, title, group.name)]
        optional += group.optional()
    lines = [
        "flowchart LR",
        '    subgraph root["root.yaml"]',
        *groups,
        "    end",
        '    operator(["Operator"]) -->|parameters| root',
        "    root -->|outputs| operator",
        *(f'    {node}(["{text}"])' for node, text in OUTSIDE.items()),
        *(f"    {link}" for link in links),
    ]
    if optional:
        lines += [
            "    classDef optional stroke-dasharray: 4 4",
            f"    class {','.join(optional)} optional",
        ]
    return "\n".join(lines) + "\n"


def placed(page: str, text: str, diagram: str) -> str:
    """Return a page with the diagram between its two marks.

    Args:
        page: The page's name, for the error.
        text: The page as it is.
        diagram: What `render` returned.

    Raises:
        DiagramError: the marks are not there.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise DiagramError(f"{page} needs the lines\n{BEGIN}\n{END}")
    return f"{before}{BEGIN}\n\n```mermaid\n{diagram}```\n\n{END}{after}"


class _Group:
    """The nodes of one stack: each holds all resources of a type."""

    def __init__(self, name: str, resources: Resources) -> None:
        self.name = name
        self._resources = resources
        self._titles: dict[str, list[str]] = {}
        for title, resource in resources.items():
            kind = resource["Type"]
            if kind not in LEFT_OUT and kind not in PART_OF:
                self._titles.setdefault(kind, []).append(title)

    def drawn(self) -> Iterator[str]:
        """Yield the lines of the stack."""
        yield f'        subgraph {self.name}["{self.name}.yaml"]'
        for kind, titles in self._titles.items():
            names = titles[:MOST_NAMES]
            if more := len(titles) - len(names):
                names.append(f"… and {more} more")
            yield f'            {self._node(kind)}["{"<br>".join(names)}"]'
        yield "        end"

    def optional(self) -> list[str]:
        """Return the nodes that are not there with every choice of parameters."""
        return [
            self._node(kind)
            for kind, titles in self._titles.items()
            if all("Condition" in self._resources[title] for title in titles)
        ]

    def links(self) -> list[str]:
        """Return an arrow for each reference of a node, and for each service used."""
        found: dict[str, None] = {}
        for resource in self._resources.values():
            kind = PART_OF.get(resource["Type"], resource["Type"])
            if kind in self._titles:
                for title in references(resource.get("Properties", {})):
                    target = self._resources.get(title, {}).get("Type", "")
                    if target in self._titles and target != kind:
                        link = f"{self._node(kind)} --> {self._node(target)}"
                        found[link] = None
            elif resource["Type"] == "AWS::IAM::Role":
                found |= dict.fromkeys(self._rights(resource))
        return list(found)

    def _rights(self, role: Mapping[str, Any]) -> Iterator[str]:
        """Yield an arrow from the function to each service that its role may use."""
        prefixes = {action.partition(":")[0] for action in _actions(role["Properties"])}
        if "AWS::Lambda::Function" in self._titles:
            function = self._node("AWS::Lambda::Function")
            for prefix, (target, verb) in ACTS.items():
                if prefix in prefixes:
                    yield f"{function} -->|{verb}| {target}"

    def _node(self, kind: str) -> str:
        return f"{self.name}_{kind.rpartition('::')[2]}"


def _handed_on(top: Resources, title: str, name: str) -> Iterator[str]:
    """Yield an arrow from each stack whose outputs a nested stack takes."""
    values: dict[str, list[str]] = {}
    for parameter, value in top[title]["Properties"].get("Parameters", {}).items():
        for source in references(value):
            if top.get(source, {}).get("Type") == _NESTED:
                values.setdefault(source, []).append(parameter)
    for source, parameters in values.items():
        file = top[source]["Properties"]["TemplateURL"]
        yield f"{PurePosixPath(file).stem} ==>|{'<br>'.join(parameters)}| {name}"


def references(value: Any) -> Iterator[str]:
    """Yield the logical ids and parameters that a part of a template refers to."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if name == "Ref":
                yield item
            elif name == "Fn::GetAtt":
                yield item.partition(".")[0] if isinstance(item, str) else item[0]
            elif name == "Fn::Sub":
                text, named = (item, {}) if isinstance(item, str) else item
                holes = re.findall(r"\$\{([A-Za-z0-9]+)[.}]", text)
                yield from (hole for hole in holes if hole not in named)
                yield from references(named)
            else:
                yield from references(item)


def _actions(value: Any) -> Iterator[str]:
    """Yield the actions in the policies of a role."""
    if isinstance(value, list):
        for item in value:
            yield from _actions(item)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if name == "Action":
                yield from [item] if isinstance(item, str) else item
            else:
                yield from _actions(item)
