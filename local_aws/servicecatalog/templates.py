"""Templates of products: read from a URL, copied, and given a constraint's rules.

"Service Catalog copies the template" into a bucket of its own, whose objects carry the
tag servicecatalog:provisioning ("Add a launch constraint", Administrator Guide).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlparse

from ministack.core import responses
from ministack.services import s3
from ministack.services.cloudformation import engine

from local_aws import iam
from local_aws.json_endpoint import Refused
from local_aws.servicecatalog.state import Artifact

_RULE_FUNCTIONS = frozenset(
    {
        "Fn::And",
        "Fn::Contains",
        "Fn::EachMemberEquals",
        "Fn::EachMemberIn",
        "Fn::Equals",
        "Fn::Not",
        "Fn::Or",
        "Fn::RefAll",
        "Fn::ValueOf",
        "Fn::ValueOfAll",
        "Ref",
    }
)


def new_artifact(name: str, url: str) -> Artifact:
    """Return a version from the template at a URL, read in the caller's name.

    Raises:
        Refused: there is no template.
        iam.AccessDenied: the caller may not read it.
    """
    bucket, _, key = urlparse(url).path.lstrip("/").partition("/")
    iam.require(
        "s3:GetObject",
        f"arn:aws:s3:::{bucket}/{key}",
        operation="servicecatalog:CreateProvisioningArtifact",
    )
    body = s3._get_object_data(bucket, key) if key else None
    if not body:
        raise _invalid(f"Invalid templateBody. There is no template at {url}.")
    try:
        parsed = engine._parse_template(body.decode())
    except Exception as error:
        raise _invalid(f"Invalid templateBody. {error}") from error
    for title, resource in parsed.get("Resources", {}).items():
        nested = str(resource.get("Properties", {}).get("TemplateURL", "https://"))
        if not nested.startswith(("http://", "https://")):
            raise _invalid(
                f"Invalid templateBody. TemplateURL of {title} must be a URL: only the "
                "template itself is copied."
            )
    return Artifact(name, bytes(body))


def parsed_rules(text: str) -> dict[str, Any]:
    """Return the rules of a template constraint.

    Raises:
        ValueError: they are not such rules.
    """
    rules = json.loads(text)
    if not isinstance(rules, dict) or not rules:
        raise ValueError("Rules of a template constraint must be a JSON object.")
    for name, rule in rules.items():
        if set(rule) - {"RuleCondition", "Assertions"} or not rule.get("Assertions"):
            raise ValueError(f"Rule {name} must have Assertions.")
        for assertion in rule["Assertions"]:
            if not set(_functions(assertion["Assert"])) <= _RULE_FUNCTIONS:
                raise ValueError(f"Rule {name} uses a function that rules do not know.")
    checked: dict[str, Any] = rules
    return checked


def _functions(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _functions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _functions(inner)


def require_parameters(rules: Mapping[str, Any], artifact: Artifact) -> None:
    """Refuse rules about a parameter that a version does not have.

    Raises:
        ValueError: naming the parameter.
    """
    declared = engine._parse_template(artifact.template.decode()).get("Parameters", {})
    for name in _references(rules):
        if name not in declared and not name.startswith("AWS::"):
            raise ValueError(f"The template has no parameter {name}.")


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref":
                yield str(inner)
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


async def published(artifact: Artifact, rules: Mapping[str, Any], key: str) -> str:
    """Write a version with its rules into the service's bucket; return the URL."""
    template = engine._parse_template(artifact.template.decode())
    template["Rules"] = {**template.get("Rules", {}), **rules}
    bucket = f"sc-{responses.get_account_id()}-service-catalog"
    tagging = {"x-amz-tagging": "servicecatalog%3Aprovisioning=true"}
    body = json.dumps(template).encode()
    await s3.handle_request("PUT", f"/{bucket}", {}, b"", {}, internal=True)
    answer = await s3.handle_request(
        "PUT", f"/{bucket}/{key}", tagging, body, {}, internal=True
    )
    if answer[0] >= 400:
        raise RuntimeError(f"S3 does not take the template: {answer[2]!r}")
    return f"https://s3.amazonaws.com/{bucket}/{key}"


def _invalid(message: str) -> Refused:
    return Refused("InvalidParametersException", message)
