"""What a parameter declaration is, and the patterns that several of them share."""

from __future__ import annotations

import functools
from typing import NamedTuple, Protocol

from troposphere import AWS_NO_VALUE, Equals, If, Not, Parameter, Ref, Template

#: The longest value of a parameter ("CloudFormation quotas", User Guide).
MAXIMUM_VALUE_BYTES = 4096


def optional(item: str) -> str:
    """Return the pattern of a parameter that is either empty or one item."""
    return f"^({item})?$"


def list_of(item: str, *, at_most: int, at_least: int = 0) -> str:
    """Return the pattern of a comma-separated list that counts its items.

    A CommaDelimitedList has no count, checks items only and cannot be handed to a
    nested stack, so lists are String parameters, split in the template.
    """
    pattern = f"{item}(,{item}){{0,{at_most - 1}}}"
    return f"^({pattern})?$" if at_least == 0 else f"^{pattern}$"


class Labelled(Protocol):
    """What the console's parameter page shows of a parameter."""

    @property
    def name(self) -> str:
        """The name in the template."""

    @property
    def label(self) -> str:
        """What stands over the field."""

    @property
    def group(self) -> str:
        """The heading under which it stands."""


class OperatorParameter(NamedTuple):
    """A parameter that an operator sets, the same through every way in."""

    name: str
    group: str
    label: str
    description: str
    default: str
    allowed_values: tuple[str, ...] = ()
    allowed_pattern: str = ""
    constraint_description: str = ""
    minimum: int | None = None
    maximum: int | None = None
    maximum_length: int | None = None
    bytes_per_character: int = 1
    is_required: bool = False
    """Whether there is no default, so that nobody can leave it out."""

    def ref(self, template: Template) -> Ref:
        """Return a reference to this parameter, declaring it in the template."""
        if self.name not in template.parameters:
            template.add_parameter(self._declaration())
        return Ref(self.name)

    def given(self, template: Template) -> str:
        """Return the name of the condition that this parameter is not empty."""
        condition = f"Has{self.name}"
        template.conditions[condition] = Not(Equals(self.ref(template), ""))
        return condition

    def ref_if_given(self, template: Template) -> If:
        """Return a reference that leaves its property out where this is empty."""
        return If(self.given(template), self.ref(template), Ref(AWS_NO_VALUE))

    def equals(self, template: Template, value: str, condition: str) -> str:
        """Define and return the condition that this parameter has a value."""
        template.conditions[condition] = Equals(self.ref(template), value)
        return condition

    @property
    def longest_value(self) -> int:
        """The number of bytes of the longest value that the constraints let through."""
        if self.allowed_values:
            return max(len(value.encode()) for value in self.allowed_values)
        if self.maximum is not None:
            return len(str(self.maximum))
        if self.maximum_length is None:
            return MAXIMUM_VALUE_BYTES
        return self.maximum_length * self.bytes_per_character

    @functools.cache  # noqa: B019 (the parameters are as many as the modules declare)
    def _declaration(self) -> Parameter:
        constraints = {
            "AllowedValues": list(self.allowed_values),
            "AllowedPattern": self.allowed_pattern,
            "ConstraintDescription": self.constraint_description,
            "MinValue": self.minimum,
            "MaxValue": self.maximum,
            "MaxLength": self.maximum_length,
        }
        return Parameter(
            self.name,
            Type="String" if self.maximum is None else "Number",
            Description=self.description,
            **({} if self.is_required else {"Default": self.default}),
            # A minimum of 0 is a constraint, too.
            **{
                name: value
                for name, value in constraints.items()
                if value not in (None, "", [])
            },
        )


TEAM_NAME = "[A-Za-z0-9]([A-Za-z0-9-]{0,24}[A-Za-z0-9])?"
DOMAIN_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
EMAIL = (
    r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}"
    rf"@{DOMAIN_LABEL}(\.{DOMAIN_LABEL}){{1,8}}"
)
HTTPS_URL = r"https://[^\s,#]{1,1000}"
IPV4_CIDR = (
    r"((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}"
    r"(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])/(3[0-2]|[12]?[0-9])"
)
IPV6_CIDR = r"[0-9A-Fa-f:]{2,39}/(12[0-8]|1[01][0-9]|[1-9]?[0-9])"
