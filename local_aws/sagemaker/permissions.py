"""Permissions that SageMaker uses with its caller's credentials.

CreateWorkforce and CreateWorkteam act on Cognito (and, in VPC mode, on EC2) as the
caller. Which permissions that takes is documented nowhere but in the CloudFormation
registry: the handlers of `AWS::SageMaker::Workforce` and `AWS::SageMaker::Workteam`.
They are read from the registry schemas that cfn-lint carries, so that a newer schema is
a stricter bench. Each is demanded on the resource that the Service Authorization
Reference names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from local_aws import iam, registry_schemas

WORKFORCE = "AWS::SageMaker::Workforce"
WORKTEAM = "AWS::SageMaker::Workteam"

_HANDLER_OF_VERB = {
    "Create": "create",
    "Describe": "read",
    "Update": "update",
    "Delete": "delete",
    "List": "list",
}

# The Service Authorization Reference gives these no resource type.
_WITHOUT_RESOURCE = frozenset(
    {
        "cognito-idp:DescribeUserPoolDomain",
        "sagemaker:ListWorkforces",
        "sagemaker:ListWorkteams",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
    }
)


@dataclass(frozen=True)
class Subject:
    """What a call is about, as far as permissions go."""

    account: str
    region: str
    arn: str
    user_pool_ids: tuple[str, ...] = ()
    vpc_config: Mapping[str, Any] = field(default_factory=dict)


def handler_permissions(type_name: str, handler: str) -> tuple[str, ...]:
    """Return the permissions that a handler of a registry schema lists."""
    schema = registry_schemas.schema_of(type_name)
    if schema is None:
        raise LookupError(f"The registry has no {type_name}.")
    return tuple(schema["handlers"][handler]["permissions"])


def demand(operation: str, subject: Subject) -> None:
    """Demand from the caller everything that the operation does in its name.

    Raises:
        iam.AccessDenied: the caller lacks one of the permissions; it is named.
    """
    verb = next(verb for verb in _HANDLER_OF_VERB if operation.startswith(verb))
    type_name = WORKFORCE if "Workforce" in operation else WORKTEAM
    for action in handler_permissions(type_name, _HANDLER_OF_VERB[verb]):
        if action.startswith("ec2:") and not subject.vpc_config:
            continue
        for resource in _resources(action, subject):
            iam.require(action, resource, operation=f"sagemaker:{operation}")


def _resources(action: str, subject: Subject) -> Iterator[str]:
    if action in _WITHOUT_RESOURCE:
        yield "*"
    elif action.startswith("cognito-idp:"):
        for user_pool_id in subject.user_pool_ids:
            yield (
                f"arn:aws:cognito-idp:{subject.region}:{subject.account}"
                f":userpool/{user_pool_id}"
            )
    elif action.startswith("ec2:"):
        yield from _endpoint_resources(action, subject)
    else:
        yield subject.arn


def _endpoint_resources(action: str, subject: Subject) -> Iterator[str]:
    prefix = f"arn:aws:ec2:{subject.region}:{subject.account}"
    config = subject.vpc_config
    if action != "ec2:CreateVpcEndpoint":
        yield f"{prefix}:vpc-endpoint/{config['VpcEndpointId']}"
        return
    yield f"{prefix}:vpc-endpoint/*"
    yield f"{prefix}:vpc/{config['VpcId']}"
    yield from (f"{prefix}:subnet/{subnet}" for subnet in config["Subnets"])
    yield from (
        f"{prefix}:security-group/{group}" for group in config["SecurityGroupIds"]
    )
