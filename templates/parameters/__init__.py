"""Every operator parameter of the set, each declared once.

A stack uses a parameter by asking for its reference (``DOMAIN_PREFIX.ref(template)``).
The parameter then appears in that template, in root, in the console's parameter page
and in docs/parameters.md. It is declared in the module of its group, and nowhere else:
that is why the modules are imported with a star.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

from troposphere import Template

from templates.parameters import (
    domain,
    federation,
    invitation,
    operations,
    portal,
    protection,
    sessions,
    teams,
    web_acl,
)
from templates.parameters.declaration import *
from templates.parameters.domain import *
from templates.parameters.federation import *
from templates.parameters.invitation import *
from templates.parameters.operations import *
from templates.parameters.portal import *
from templates.parameters.protection import *
from templates.parameters.sessions import *
from templates.parameters.teams import *
from templates.parameters.web_acl import *

#: The groups of the console's parameter page, in the order a person reads them.
GROUPS = (
    "Labeling teams",
    "Invitation",
    "Sign-in domain",
    "Sign-in sessions and passwords",
    "Sign-in through your identity provider",
    "Protection of the sign-in",
    "Web ACL of the sign-in",
    "Portal access",
    "Operations",
)

#: The last group, of what an operator leaves empty.
SET_BY_ROOT = "Set by the root stack (leave empty)"
#: The modules that declare parameters, in the order in which a person reads them.
_MODULES = (
    teams,
    invitation,
    domain,
    sessions,
    federation,
    protection,
    web_acl,
    portal,
    operations,
)


def all_parameters() -> Iterator[OperatorParameter]:
    """Yield every operator parameter, grouped as the console shows them."""
    declared = [
        value
        for module in _MODULES
        for value in vars(module).values()
        if isinstance(value, OperatorParameter)
    ]
    for group in GROUPS:
        yield from (parameter for parameter in declared if parameter.group == group)


@functools.cache
def by_name() -> dict[str, OperatorParameter]:
    """Return every operator parameter by its name."""
    return {parameter.name: parameter for parameter in all_parameters()}


def longest_value(name: str) -> int:
    """Return the most bytes that a parameter of any template can have."""
    operator = by_name()
    return operator[name].longest_value if name in operator else MAXIMUM_VALUE_BYTES


def console_interface(
    template: Template, own: Sequence[Labelled] = ()
) -> dict[str, object]:
    """Return the ``AWS::CloudFormation::Interface`` of a template's parameters.

    Args:
        template: the template.
        own: what the template declares besides the operator's parameters of the set,
            or under their names.
    """
    names = {item.name for item in own}
    others = (item for item in all_parameters() if item.name not in names)
    declared: list[Labelled] = [*own, *others]
    present = [item for item in declared if item.name in template.parameters]
    first = [item.group for item in own if item.group != SET_BY_ROOT]
    groups = dict.fromkeys([*first, *GROUPS, SET_BY_ROOT])
    return {
        "ParameterGroups": [
            {
                "Label": {"default": group},
                "Parameters": [item.name for item in present if item.group == group],
            }
            for group in groups
            if any(item.group == group for item in present)
        ],
        "ParameterLabels": {item.name: {"default": item.label} for item in present},
    }
