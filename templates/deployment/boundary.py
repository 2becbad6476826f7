"""The boundary of the set's roles: all that the function may ever do, and no more.

It is made from the policies of the function's role in the templates, with each value
that only a stack knows widened to an asterisk, so that it cannot fall behind them.
Whoever may make roles under this boundary only cannot make one that may do more.
"""

from __future__ import annotations

import re
from typing import Any

from troposphere import Sub, Template, iam

from templates.accepted import accepted
from templates.deployment.policies import require_short
from templates.wiring import WiringError

_PSEUDO_PARAMETERS = ("AWS::Partition", "AWS::Region", "AWS::AccountId")
_PREFIX = "arn:${AWS::Partition}:"
_HERE = "${AWS::Region}:${AWS::AccountId}"


def add_to(template: Template, stacks: list[Template]) -> iam.ManagedPolicy:
    """Add the boundary of every role that the given templates make."""
    statements = [
        _widened_statement(statement)
        for stack in stacks
        for policy in _role_policies(stack)
        for statement in policy["Statement"]
    ]
    # Both forms of the set have the same policies.
    unique = {str(statement): statement for statement in statements}
    document = {"Version": "2012-10-17", "Statement": list(unique.values())}
    boundary = template.add_resource(
        iam.ManagedPolicy(
            "RolesBoundary",
            Metadata=accepted(
                {
                    "AwsSolutions-IAM5": (
                        "the widest that any role of the set may have, in every stack"
                    ),
                }
            ),
            Description="All that a role of a private labeling workforce may do",
            PolicyDocument=document,
        )
    )
    rendered = boundary.to_dict()["Properties"]["PolicyDocument"]
    require_short(template, str(boundary.title), rendered)
    return boundary


def _role_policies(stack: Template) -> list[dict[str, Any]]:
    policies = []
    for resource in stack.resources.values():
        if resource.resource_type == "AWS::IAM::Role":
            inline = resource.to_dict()["Properties"].get("Policies", [])
            policies += [policy["PolicyDocument"] for policy in inline]
        elif resource.resource_type == "AWS::IAM::Policy":
            policies.append(resource.to_dict()["Properties"]["PolicyDocument"])
    return policies


def _widened_statement(statement: dict[str, Any]) -> dict[str, Any]:
    arns = dict.fromkeys(
        arn for resource in statement["Resource"] for arn in _widened(resource)
    )
    return {
        "Effect": statement["Effect"],
        "Action": statement["Action"],
        "Resource": [Sub(arn) if "${" in arn else arn for arn in arns],
    }


def _widened(resource: Any) -> list[str]:
    """Return the ARNs with an asterisk for everything that only a stack knows.

    Raises:
        WiringError: the resource is written in a way that nobody has foreseen.
    """
    match resource:
        case str(text):
            return [text]
        case {"Fn::If": [_, given, otherwise]}:
            return [*_widened(given), *_widened(otherwise)]
        case {"Fn::Sub": [str(text), _]} | {"Fn::Sub": str(text)}:
            return [re.sub(r"\$\{([^}]+)\}", _kept_or_asterisk, text)]
        case {"Fn::GetAtt": ["WorkforceFunctionLogGroup", "Arn"]}:
            return [f"{_PREFIX}logs:{_HERE}:log-group:*"]
        case {"Ref": str(name)} if name.endswith("StackId"):
            return [f"{_PREFIX}cloudformation:{_HERE}:stack/*"]
    raise WiringError(
        f"No pattern is known for the resource {resource} of a role's policy. "
        "Add one to templates/deployment/boundary.py."
    )


def _kept_or_asterisk(match: re.Match[str]) -> str:
    return match[0] if match[1] in _PSEUDO_PARAMETERS else "*"
