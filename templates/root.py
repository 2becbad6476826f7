"""The root stack: the operator's parameters, the two nested stacks, the outputs."""

from __future__ import annotations

import functools

from troposphere import AWS_STACK_ID, Ref, Template

from templates import base, rules, wiring, workforce
from templates.version import VERSION
from templates.wiring import Produced

DESCRIPTION = "Private labeling workforce for SageMaker Ground Truth and Amazon A2I"

FROM_BASE_TO_WORKFORCE = (
    "UserPoolId",
    "UserPoolClientId",
    "UserPoolDomainName",
    "IdentityRevision",
    "BaseStackId",
)

#: What an operator needs of each stack.
BASE_OUTPUTS = (
    "UserPoolId",
    "UserPoolClientId",
    "UserPoolDomainName",
    "CustomDomainTarget",
    "DomainPrefixParameterName",
)
WORKFORCE_OUTPUTS = (
    "LabelingPortalUrl",
    "WorkforceName",
    "WorkforceArn",
    "WorkTeamArn",
    "WorkTeamArns",
    "NotificationTopicArn",
    "DashboardUrl",
)
#: What says which set it is.
SET_OUTPUTS = {"SetVersion": Produced("Version of the set", VERSION)}


def templates() -> list[Template]:
    """Return the templates of the nested set, root first."""
    portal = wiring.as_stack(workforce, rules.add_portal_to)
    return [build(), wiring.as_stack(base), portal]


@functools.cache
def build() -> Template:
    """Return the template of the nested set."""
    template = wiring.new_template(DESCRIPTION)
    rules.add_to(template)
    base_template = wiring.as_stack(base)
    base_stack = wiring.nest(
        template,
        "BaseStack",
        base_template,
        file="base.yaml",
        inputs={"RootStackId": Ref(AWS_STACK_ID)},
    )
    workforce_template = wiring.as_stack(workforce, rules.add_portal_to)
    workforce_stack = wiring.nest(
        template,
        "WorkforceStack",
        workforce_template,
        file="workforce.yaml",
        inputs={
            "RootStackId": Ref(AWS_STACK_ID),
            **wiring.outputs_of(base_stack, base_template, FROM_BASE_TO_WORKFORCE),
        },
    )
    return wiring.finish(
        template,
        {
            **wiring.exposed(base_stack, base_template, BASE_OUTPUTS),
            **wiring.exposed(workforce_stack, workforce_template, WORKFORCE_OUTPUTS),
            **SET_OUTPUTS,
        },
    )
