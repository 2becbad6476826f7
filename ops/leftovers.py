"""What is in an account: asked of the embedded AWS after everything was deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import boto3

# A stack that is gone stays in the list of stacks for ninety days.
_GONE = "DELETE_COMPLETE"


@dataclass(frozen=True)
class _Kind:
    """How one kind of resource is listed: a boto3 method, its answer, a name in it."""

    label: str
    service: str
    method: str
    answer: str
    name: str
    arguments: tuple[tuple[str, int], ...] = ()


_KINDS = (
    _Kind("stack", "cloudformation", "list_stacks", "StackSummaries", "StackName"),
    _Kind("workforce", "sagemaker", "list_workforces", "Workforces", "WorkforceName"),
    _Kind("work team", "sagemaker", "list_workteams", "Workteams", "WorkteamName"),
    _Kind(
        "user pool",
        "cognito-idp",
        "list_user_pools",
        "UserPools",
        "Id",
        (("MaxResults", 60),),
    ),
    _Kind("function", "lambda", "list_functions", "Functions", "FunctionName"),
    _Kind("role", "iam", "list_roles", "Roles", "RoleName"),
    _Kind("log group", "logs", "describe_log_groups", "logGroups", "logGroupName"),
    _Kind("parameter", "ssm", "describe_parameters", "Parameters", "Name"),
    _Kind("bucket", "s3", "list_buckets", "Buckets", "Name"),
)


def find(session: boto3.session.Session, region: str) -> list[str]:
    """Return "kind name" for all that the set or its deployment could have made."""
    found = []
    for kind in _KINDS:
        # The service is a value here, which no overload of boto3's stubs describes.
        client: Any = session.client(kind.service, region_name=region)  # type: ignore[call-overload]
        answer = getattr(client, kind.method)(**dict(kind.arguments))
        found += [
            f"{kind.label} {item[kind.name]}"
            for item in answer.get(kind.answer, [])
            if item.get("StackStatus") != _GONE
        ]
    return found
