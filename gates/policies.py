"""The permission policies of a template as IAM would get them, with sample values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

#: What a reference gives, by the type of the resource.
_ARNS = {
    "AWS::Logs::LogGroup": "logs:us-east-1:123456789012:log-group:sample:*",
    "AWS::SNS::Topic": "sns:us-east-1:123456789012:sample",
    "AWS::SQS::Queue": "sqs:us-east-1:123456789012:sample",
    "AWS::S3::Bucket": "s3:::sample",
    "AWS::IAM::Role": "iam::123456789012:role/sample",
    "AWS::IAM::ManagedPolicy": "iam::123456789012:policy/sample",
    "AWS::Lambda::Function": "lambda:us-east-1:123456789012:function:sample",
    "AWS::Cognito::UserPool": "cognito-idp:us-east-1:123456789012:userpool/us-east-1_x",
}
#: Parameters that an operator fills with an ARN.
_GIVEN = {
    "OidcClientSecretArn": "secretsmanager:us-east-1:123456789012:secret:sample",
    "WebAclArn": "wafv2:us-east-1:123456789012:regional/webacl/sample/sample",
}
_STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/sample/00000000"
_PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::AccountId": "123456789012",
    "AWS::URLSuffix": "amazonaws.com",
}


def permission_policies(
    template: dict[str, Any],
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the policies of roles and users, by logical id, each ``Fn::If`` both ways.

    Policies of a topic, a bucket or a trust are none: parliament does not know what a
    Principal is.
    """
    for title, resource in template["Resources"].items():
        if not resource["Type"].startswith("AWS::IAM::"):
            continue
        properties = resource["Properties"]
        documents = [
            policy["PolicyDocument"] for policy in properties.get("Policies", ())
        ]
        if "PolicyDocument" in properties:
            documents.append(properties["PolicyDocument"])
        for document in documents:
            for branch in (1, 2):
                yield title, _plain(document, branch, template["Resources"])


def _plain(value: Any, branch: int, resources: dict[str, Any]) -> Any:
    """Return a value without intrinsic functions, conditions taken one way."""
    if isinstance(value, list):
        items = [_plain(item, branch, resources) for item in value]
        return [item for item in items if item is not None]
    if not isinstance(value, dict):
        return value
    match next(iter(value.items()), None):
        case ("Fn::If", choices):
            return _plain(choices[branch], branch, resources)
        case ("Ref", name):
            return _sample(name, resources)
        case ("Fn::GetAtt", path):
            return _sample(path[0] if isinstance(path, list) else path, resources)
        case ("Fn::Sub", text):
            return _filled(text if isinstance(text, str) else text[0], resources)
        case ("Fn::Join", (separator, parts)):
            return separator.join(map(str, _plain(parts, branch, resources)))
        case ("Fn::Select" | "Fn::Split", _):
            return "sample"
    plain = {name: _plain(item, branch, resources) for name, item in value.items()}
    return {name: item for name, item in plain.items() if item is not None}


def _sample(name: str, resources: dict[str, Any]) -> str | None:
    if name == "AWS::NoValue":
        return None
    if name.endswith("StackId"):
        return _STACK
    if name in resources:
        kind = resources[name]["Type"]
        return f"arn:aws:{_ARNS[kind]}" if kind in _ARNS else "sample"
    if name in _GIVEN:
        return f"arn:aws:{_GIVEN[name]}"
    return _PSEUDO.get(name, "sample")


def _filled(text: str, resources: dict[str, Any]) -> str:
    def sample(hole: re.Match[str]) -> str:
        name = hole[1]
        if name.endswith(".Arn"):
            return _sample(name.removesuffix(".Arn"), resources) or ""
        return _sample(name, resources) or ""

    return re.sub(r"\$\{([^}]+)\}", sample, text)
