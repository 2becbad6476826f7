"""How the stacks of the set are put together.

A stack module declares the values it receives (``INPUTS``) and one function
``add_to(template, inputs)`` that returns its outputs. Nested, the inputs are
parameters and the outputs are Outputs; in the single file the same functions are
called on one template and the values are references.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from troposphere import (
    AWSHelperFn,
    If,
    Output,
    Parameter,
    Ref,
    Template,
    cloudformation,
)

from templates import parameters
from templates.version import VERSION

Value = str | AWSHelperFn
Inputs = Mapping[str, Value]
Outputs = dict[str, "Produced"]


class WiringError(Exception):
    """Two stacks do not fit together; the message says what to edit."""


class Input(NamedTuple):
    """A value that a stack receives from another one.

    One with a default can be left out where the stack stands alone; the console then
    shows it with its label, in its group. None has an AllowedPattern: a change set over
    nested stacks checks it on values that are not known yet, and is refused
    (aws-cloudformation/rain#526).
    """

    name: str
    label: str
    description: str
    default: str | None = None
    group: str = parameters.SET_BY_ROOT


class Produced(NamedTuple):
    """A value that a stack produces, with the description of its output."""

    description: str
    value: Value


class StackModule(Protocol):
    """A module of this package that describes one stack."""

    @property
    def DESCRIPTION(self) -> str:
        """What the stack is, for the console."""

    @property
    def INPUTS(self) -> tuple[Input, ...]:
        """What the stack receives from others."""

    def add_to(self, template: Template, inputs: Inputs) -> Outputs:
        """Add the stack's resources to the template and return what it produces."""


def new_template(description: str) -> Template:
    """Return an empty template with the format version and a description."""
    template = Template(Description=description)
    template.set_version("2010-09-09")
    return template


def finish(
    template: Template,
    outputs: Outputs,
    own_parameters: Sequence[parameters.Labelled] = (),
) -> Template:
    """Add outputs, version and the console's parameter page; return the template."""
    for name, produced in outputs.items():
        template.add_output(
            Output(name, Description=produced.description, Value=produced.value)
        )
    metadata: dict[str, object] = {"PrivateLabelingWorkforce": {"Version": VERSION}}
    if template.parameters:
        metadata["AWS::CloudFormation::Interface"] = parameters.console_interface(
            template, own_parameters
        )
    template.set_metadata(metadata)
    return template


@functools.cache
def as_stack(
    module: StackModule, add_rules: Callable[[Template], None] | None = None
) -> Template:
    """Return the template of a stack module on its own, its inputs as parameters.

    Built once: root needs it, and its file.

    Args:
        module: the stack module.
        add_rules: adds what is refused where the stack stands alone, without root.
    """
    template = new_template(module.DESCRIPTION)
    for received in module.INPUTS:
        default = {} if received.default is None else {"Default": received.default}
        template.add_parameter(
            Parameter(
                received.name,
                Type="String",
                Description=received.description,
                **default,
            )
        )
    inputs = {received.name: Ref(received.name) for received in module.INPUTS}
    outputs = module.add_to(template, inputs)
    if add_rules:
        add_rules(template)
    return finish(template, outputs, module.INPUTS)


def nest(
    parent: Template, title: str, child: Template, *, file: str, inputs: Inputs
) -> cloudformation.Stack:
    """Nest a child template, passing operator parameters through by name.

    Args:
        parent: the template that gets the stack.
        title: logical id of the nested stack.
        child: the template of the child.
        file: its file, relative to the parent's; ``package`` replaces it by a URL.
        inputs: the values of the parameters that are not the operator's.

    Raises:
        WiringError: the inputs are not those that the child declares.
    """
    operator = parameters.by_name()
    received = [name for name in child.parameters if name not in operator]
    _require(title, "needs", received, inputs)
    _require(title, "does not know", inputs, received)
    passed = {
        name: operator[name].ref(parent) if name in operator else inputs[name]
        for name in child.parameters
    }
    return parent.add_resource(
        cloudformation.Stack(
            title,
            TemplateURL=file,
            Parameters=passed,
            DeletionPolicy="Delete",
            UpdateReplacePolicy="Delete",
        )
    )


def make_last(template: Template, title: str) -> None:
    """Make a resource wait for every other one, and be the first to be deleted.

    DependsOn cannot name what may not be there, but a reference in the Metadata can: it
    is waited for as one in the Properties is. What the resource refers to needs not be
    said.
    """
    last = template.resources[title]
    mentioned = json.dumps(last.to_dict()["Properties"])
    others = {
        name: resource.resource.get("Condition")
        for name, resource in template.resources.items()
        if name != title and f'"{name}"' not in mentioned
    }
    last.DependsOn = [name for name, condition in others.items() if not condition]
    last.Metadata = {
        "MadeAfter": [
            If(condition, Ref(name), "")
            for name, condition in others.items()
            if condition
        ]
    }


def outputs_of(
    stack: cloudformation.Stack, child: Template, names: Iterable[str]
) -> dict[str, Value]:
    """Return the named outputs of a nested stack as values for another one.

    Raises:
        WiringError: the child has no such output.
    """
    names = list(names)
    _require(str(stack.title), "has no output", names, child.outputs)
    return {name: stack.get_att(f"Outputs.{name}") for name in names}


def exposed(
    stack: cloudformation.Stack, child: Template, names: Iterable[str]
) -> Outputs:
    """Return the named outputs of a nested stack as outputs of its parent.

    Raises:
        WiringError: the child has no such output.
    """
    return {
        name: Produced(child.outputs[name].Description, value)
        for name, value in outputs_of(stack, child, names).items()
    }


def _require(
    title: str, fault: str, wanted: Iterable[str], present: Iterable[str]
) -> None:
    present = list(present)
    if missing := [name for name in wanted if name not in present]:
        raise WiringError(
            f"{title} {fault} {', '.join(missing)}; "
            f"there is {', '.join(sorted(present)) or 'nothing'}. "
            "Make the INPUTS of the stack module and the names in root agree."
        )
