"""The policies of a deployer, computed from the resource types of its templates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from awacs.aws import Action, Allow, Statement
from troposphere import AWS_NO_VALUE, If, Ref, Template, iam

from templates.accepted import accepted
from templates.deployment.places import Deployer, Place
from templates.deployment.rights import CUSTOM_RESOURCE, RIGHTS
from templates.wiring import Value, WiringError

Granted = Statement | If

#: "IAM and AWS STS character limits" (IAM User Guide); white space does not count.
MAXIMUM_POLICY_CHARACTERS = 6144

#: What a value takes at most in a policy, where that is not the parameter's to say.
_LONGEST = {
    "AWS::Partition": len("aws"),
    "AWS::Region": len("ap-northeast-1"),
    "AWS::AccountId": 12,
}
_LONGEST_BOUNDARY = 160

#: Which policy holds a right, by its service: together they are too long for one.
SIGN_IN_SERVICES = frozenset(
    {"cloudfront", "cognito-idp", "route53", "secretsmanager", "wafv2"}
)

_COMMON = {
    "AwsSolutions-IAM5": (
        "what is made gets names with random ends, and some actions take no ARN"
    ),
    "RESOURCE_MISMATCH": (
        "the actions of a place stand in one statement; those that take another "
        "resource have their own statement, too"
    ),
    "UNKNOWN_ACTION": "newer than the list in parliament; the registry names it",
}

#: What analysers find in the policies, and why it stays.
_ACCEPTED = {
    "SignInRights": {
        **_COMMON,
        "RESOURCE_STAR": (
            "the distribution of an own domain belongs to Cognito, in its account"
        ),
    },
    "PortalRights": {
        **_COMMON,
        "MISMATCHED_TYPE_BUT_USABLE": (
            "the boundary is one ARN without a wildcard; IAM compares it as text"
        ),
    },
}


def types_of(templates: Iterable[Template]) -> list[str]:
    """Return the resource types of templates, each once, custom resources as one."""
    found = {
        resource.resource_type or ""
        for template in templates
        for resource in template.resources.values()
    }
    custom = {name for name in found if name.startswith(CUSTOM_RESOURCE)}
    return sorted(found - custom | ({CUSTOM_RESOURCE} if custom else set()))


def rights_of(resource_types: Iterable[str]) -> dict[Place, list[str]]:
    """Return the actions that resource types take, by the place where they hold.

    Raises:
        WiringError: nobody has said yet what a type takes.
    """
    rights: dict[Place, set[str]] = {}
    for name in resource_types:
        if name not in RIGHTS:
            raise WiringError(
                f"templates/deployment/rights.py does not say what {name} takes of a "
                "deployer. Add what the registry lists for its handlers."
            )
        for place, actions in RIGHTS[name]:
            rights.setdefault(place, set()).update(actions)
    return {place: sorted(actions) for place, actions in rights.items()}


def add_rights(
    template: Template, resource_types: Iterable[str], deployer: Deployer
) -> list[Value]:
    """Add the managed policies of a deployer, and return their ARNs.

    Raises:
        WiringError: a type is unknown, or a policy is too long.
    """
    sign_in: list[Granted] = []
    others: list[Granted] = []
    for place, actions in rights_of(resource_types).items():
        for group, holds in ((sign_in, True), (others, False)):
            chosen = [
                action
                for action in actions
                if (action.partition(":")[0] in SIGN_IN_SERVICES) == holds
            ]
            if chosen:
                group.append(_statement(template, place, chosen, deployer))
    return [
        _add_policy(template, "SignInRights", "What makes the sign-in", sign_in),
        _add_policy(template, "PortalRights", "What makes the portal", others),
    ]


def _statement(
    template: Template, place: Place, actions: list[str], deployer: Deployer
) -> Granted:
    statement = Statement(
        Sid=place.sid,
        Effect=Allow,
        Action=[Action(*action.split(":")) for action in actions],
        Resource=place.resources(deployer),
    )
    if (condition := place.conditions(deployer)) is not None:
        statement.Condition = condition
    if not place.parameter:
        return statement
    return If(f"Has{place.parameter}", statement, Ref(AWS_NO_VALUE))


def _add_policy(
    template: Template, title: str, description: str, statements: list[Granted]
) -> Value:
    # awacs takes no Fn::If in the place of a statement.
    document = {"Version": "2012-10-17", "Statement": statements}
    policy = template.add_resource(
        iam.ManagedPolicy(
            title,
            Metadata=accepted(_ACCEPTED[title]),
            Description=description,
            PolicyDocument=document,
        )
    )
    require_short(template, title, policy.to_dict()["Properties"]["PolicyDocument"])
    return policy.ref()


def require_short(template: Template, title: str, document: Mapping[str, Any]) -> None:
    """Refuse a managed policy that can become longer than IAM takes.

    Raises:
        WiringError: with the length that its longest values give it.
    """
    length = longest(document, template)
    if length > MAXIMUM_POLICY_CHARACTERS:
        raise WiringError(
            f"{title} can have {length} characters, and IAM takes "
            f"{MAXIMUM_POLICY_CHARACTERS} in a managed policy. Split it."
        )


def longest(document: Mapping[str, Any], template: Template) -> int:
    """Return the most characters that a policy document can have."""
    text = json.dumps(_widest(document, template), separators=(",", ":"))
    return len(re.sub(r"\s", "", text))


def _widest(value: Any, template: Template) -> Any:
    """Return a document with what CloudFormation fills in at its longest."""
    match value:
        case {"Fn::If": [_, given, _]}:
            return _widest(given, template)
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([^}]+)\}", lambda m: _filler(m[1], template), text)
        case {"Ref": str(name)}:
            return _filler(name, template)
        case dict():
            return {key: _widest(inner, template) for key, inner in value.items()}
        case list():
            return [_widest(inner, template) for inner in value]
    return value


def _filler(name: str, template: Template) -> str:
    if name in _LONGEST:
        return "x" * _LONGEST[name]
    if name in template.parameters:
        return "x" * int(template.parameters[name].properties["MaxLength"])
    return "x" * _LONGEST_BOUNDARY
