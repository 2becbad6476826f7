"""Who deploys: the caller of a stack operation, or the service role of the stack.

A role that is given once is used for all later operations on the stack; whoever gives
it needs iam:PassRole for CloudFormation ("AWS CloudFormation service role",
CloudFormation User Guide). The template behind a TemplateURL is read by the caller.
Nested stacks have the deployer of their root.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlparse

from ministack.core import responses
from ministack.services import cloudformation, s3
from ministack.services.cloudformation import changesets, handlers, helpers

from local_aws import iam
from local_aws.cloudformation import operations
from local_aws.iam import deployer

Action = Callable[[dict[str, Any]], Any]

_ROLE = "RoleARN"
_OPERATIONS = (
    "CreateStack",
    "UpdateStack",
    "DeleteStack",
    "CreateChangeSet",
    "ExecuteChangeSet",
    "ContinueUpdateRollback",
    "RollbackStack",
)
_CHANGE_SET_ID = re.compile(rb"<Id>(.*?)</Id>")


def identifying(actions: dict[str, Action]) -> dict[str, Action]:
    """Wrap the stack operations: each runs with the permissions of its deployer."""
    for name in _OPERATIONS:
        actions[name] = _identified(name, actions[name])
    return actions


def _identified(name: str, original: Action) -> Action:
    def act(parameters: dict[str, Any]) -> Any:
        try:
            if operations.current() is not None:
                _read_template(name, parameters)
                return original(parameters)
            # A service that asks in somebody's name has said so already.
            caller = deployer.current() or deployer.caller()
            with deployer.acting(caller):
                _read_template(name, parameters)
                role = _role(name, parameters)
            principal = _service_role(role) if role else caller
        except iam.AccessDenied as denied:
            return helpers._error("AccessDenied", denied.message, 403)
        except ValueError as invalid:
            return helpers._error("ValidationError", str(invalid))
        with deployer.acting(principal):
            answer = original(parameters)
        if role and answer[0] < 400:
            _remember(name, parameters, role, answer[2])
        return answer

    return act


def _read_template(operation: str, parameters: dict[str, Any]) -> None:
    """Ask for the right to read the template at a TemplateURL."""
    path = urlparse(str(helpers._p(parameters, "TemplateURL") or "")).path.lstrip("/")
    bucket, _, key = path.partition("/")
    if not key or deployer.current() is None:
        return
    tags = s3.object_tags_for_condition(bucket, key, {})
    iam.require_of_deployer(
        "s3:GetObject",
        f"arn:aws:s3:::{bucket}/{key}",
        operation=f"cloudformation:{operation}",
        context={f"s3:ExistingObjectTag/{name}": tags[name] for name in tags},
    )


def _role(operation: str, parameters: dict[str, Any]) -> str:
    """Return the service role that the operation names or its stack has."""
    role = str(helpers._p(parameters, _ROLE) or "")
    if role:
        iam.require_of_deployer(
            "iam:PassRole",
            role,
            operation=f"cloudformation:{operation}",
            context={"iam:PassedToService": "cloudformation.amazonaws.com"},
        )
        return role
    stack = _stack(parameters)
    if operation == "ExecuteChangeSet":
        name = helpers._p(parameters, "ChangeSetName")
        _, found = changesets._find_change_set(name, stack.get("StackName", ""))
        return str((found or {}).get(_ROLE) or stack.get(_ROLE, ""))
    return str(stack.get(_ROLE, ""))


def _service_role(role: str) -> deployer.Deployer:
    principal = deployer.service_role(role)
    if principal is None:
        raise ValueError(f"Role {role} is invalid or cannot be assumed")
    return principal


def _remember(
    operation: str, parameters: dict[str, Any], role: str, answer: bytes
) -> None:
    if operation == "CreateChangeSet":
        identifier = _CHANGE_SET_ID.search(answer)
        if identifier is not None:
            cloudformation._change_sets[identifier[1].decode()][_ROLE] = role
    elif stack := _stack(parameters):
        stack[_ROLE] = role


def _stack(parameters: dict[str, Any]) -> dict[str, Any]:
    found = handlers._resolve_stack(helpers._p(parameters, "StackName"))
    stack: dict[str, Any] = found or {}
    return stack


def resolving_secrets(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap dynamic references: the deployer must be allowed to read the secret.

    "Using dynamic references to specify template values", CloudFormation User Guide.
    """

    def resolve(value: Any, *arguments: Any, **further: Any) -> Any:
        for secret in _secrets(value):
            iam.require_of_deployer(
                "secretsmanager:GetSecretValue",
                secret,
                operation="cloudformation:resolve",
            )
        return original(value, *arguments, **further)

    return resolve


_SECRET = re.compile(
    r"\{\{resolve:secretsmanager:(?:(arn:[^:]+:secretsmanager:[^:]+:\d+:secret:"
    r"[^:}]+)|([^:}]+))"
)


def _secrets(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [found for inner in value.values() for found in _secrets(inner)]
    if isinstance(value, list):
        return [found for inner in value for found in _secrets(inner)]
    if not isinstance(value, str):
        return []
    here = f"{responses.get_region()}:{responses.get_account_id()}"
    return [
        arn or f"arn:aws:secretsmanager:{here}:secret:{name}"
        for arn, name in _SECRET.findall(value)
    ]
