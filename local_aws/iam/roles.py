"""Roles as CloudFormation and Lambda treat them.

A role made by a stack gets the same checks as one made through the API, and keeps its
permissions boundary. A function may only use a role that trusts Lambda ("The role
defined for the function cannot be assumed by Lambda."), and its output reaches
CloudWatch Logs only with the role's logs permissions (Lambda Developer Guide, "Sending
Lambda function logs to CloudWatch Logs").
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core import iam_evaluator, responses
from ministack.services import cloudwatch_logs
from ministack.services import iam as iam_service

from local_aws.iam.policies import identity_policy_fault

NOT_ASSUMABLE = "The role defined for the function cannot be assumed by Lambda."


def checking_role_properties(
    original: Callable[[Mapping[str, Any]], None],
) -> Callable[[Mapping[str, Any]], None]:
    """Wrap the check of `AWS::IAM::Role` properties: inline policies and boundary."""

    def validate(properties: Mapping[str, Any]) -> None:
        original(properties)
        for policy in properties.get("Policies", []):
            if fault := identity_policy_fault(policy.get("PolicyDocument")):
                raise ValueError(f"{policy.get('PolicyName')}: {fault}")
        boundary = properties.get("PermissionsBoundary")
        if boundary and not _policy_exists(str(boundary)):
            raise ValueError(f"Policy {boundary} does not exist or is not attachable.")

    return validate


def _policy_exists(arn: str) -> bool:
    account_id = responses.get_account_id()
    return iam_evaluator._resolve_managed_policy_document(arn, account_id) is not None


def keeping_boundary(handlers: dict[str, Any]) -> dict[str, Any]:
    """Wrap the handlers of `AWS::IAM::Role`, which forget PermissionsBoundary."""
    handler = handlers["AWS::IAM::Role"]
    create_role, update_role = handler["create"], handler["update"]

    def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> Any:
        name, attributes = create_role(logical_id, properties, stack_name)
        _set_boundary(name, properties)
        return name, attributes

    def update(
        physical_id: str, old: dict[str, Any], new: dict[str, Any], *further: Any
    ) -> Any:
        name, attributes = update_role(physical_id, old, new, *further)
        _set_boundary(name, new)
        return name, attributes

    handlers["AWS::IAM::Role"] = {**handler, "create": create, "update": update}
    return handlers


def keeping_boundary_policies(handlers: dict[str, Any]) -> dict[str, Any]:
    """Wrap the handler of `AWS::IAM::ManagedPolicy`: a role's boundary is not deleted.

    The API refuses that, and CloudFormation asks the API.
    """
    handler = handlers["AWS::IAM::ManagedPolicy"]
    delete_policy = handler["delete"]

    def delete(physical_id: str, properties: dict[str, Any]) -> Any:
        if iam_service._boundary_usage_counts().get(physical_id):
            raise ValueError("Cannot delete a policy attached to entities.")
        return delete_policy(physical_id, properties)

    handlers["AWS::IAM::ManagedPolicy"] = {**handler, "delete": delete}
    return handlers


def _set_boundary(name: str, properties: Mapping[str, Any]) -> None:
    boundary = properties.get("PermissionsBoundary", "")
    iam_service._roles[name]["PermissionsBoundary"] = boundary


def role_fault(role_arn: str) -> str | None:
    """Return why Lambda cannot use a role, or None."""
    return None if trusts(role_arn, "lambda.amazonaws.com") else NOT_ASSUMABLE


def trusts(role_arn: str, service: str) -> bool:
    """Tell whether there is a role whose trust policy lets a service assume it.

    The library's evaluator only knows IAM principals, so the service is written into
    the place of one for it.
    """
    role = iam_service._roles.get(role_arn.rpartition("/")[2])
    if role is None:
        return False
    trust = role.get("AssumeRolePolicyDocument") or "{}"
    document = json.loads(trust) if isinstance(trust, str) else trust
    statements = document.get("Statement", [])
    if isinstance(statements, dict):
        statements = [statements]
    named = [
        {**statement, "Principal": {"AWS": service}}
        for statement in statements
        if iam_evaluator._service_principal_matches(statement.get("Principal"), service)
    ]
    return bool(
        iam_evaluator.evaluate_trust_policy(
            {**document, "Statement": named},
            service,
            iam_evaluator.EvalContext(
                principal_arn=service,
                principal_type="Service",
                principal_account=responses.get_account_id(),
                action="sts:AssumeRole",
                resource_arn="*",
                region=responses.get_region(),
            ),
        )
    )


def refusing_role_in_template(handlers: dict[str, Any]) -> dict[str, Any]:
    """Wrap the handlers of `AWS::Lambda::Function` with the check of the role."""
    handler = handlers["AWS::Lambda::Function"]

    def checked(original: Callable[..., Any], properties_at: int) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            if fault := role_fault(str(arguments[properties_at].get("Role", ""))):
                raise ValueError(fault)
            return original(*arguments)

        return run

    handlers["AWS::Lambda::Function"] = {
        **handler,
        "create": checked(handler["create"], 1),
        "update": checked(handler["update"], 2),
    }
    return handlers


def refusing_role_in_call(
    original: Callable[..., Any],
) -> Callable[..., Any]:
    """Wrap CreateFunction and UpdateFunctionConfiguration: check the role."""

    def run(*arguments: Any) -> Any:
        role_arn = arguments[-1].get("Role")
        if role_arn is not None and (fault := role_fault(role_arn)):
            return responses.error_response_json(
                "InvalidParameterValueException", fault, 400
            )
        return original(*arguments)

    return run


def assuming_role(original: Callable[..., dict[str, Any]]) -> Callable[..., Any]:
    """Wrap an invocation: it fails when the role no longer trusts Lambda."""

    def execute(
        function: dict[str, Any], config: dict[str, Any], *further: Any
    ) -> dict[str, Any]:
        fault = role_fault(str(config.get("Role", "")))
        if fault is None:
            return original(function, config, *further)
        body = {"errorType": "AccessDeniedException", "errorMessage": fault}
        return {"body": body, "error": True, "log": ""}

    return execute


def writing_logs(original: Callable[..., None]) -> Callable[..., None]:
    """Wrap the delivery of a function's output: without permission nothing arrives."""

    def emit(function: dict[str, Any], *arguments: Any, **further: Any) -> None:
        config = function.get("config") or function
        if _may_write_logs(config):
            original(function, *arguments, **further)

    return emit


def _may_write_logs(config: Mapping[str, Any]) -> bool:
    name = (config.get("LoggingConfig") or {}).get("LogGroup") or (
        f"/aws/lambda/{config.get('FunctionName')}"
    )
    needed = ["logs:CreateLogStream", "logs:PutLogEvents"]
    if name not in cloudwatch_logs._log_groups:
        needed.append("logs:CreateLogGroup")
    resource = (
        f"arn:aws:logs:{responses.get_region()}:{responses.get_account_id()}"
        f":log-group:{name}:log-stream:stream"
    )
    return all(
        role_allows(str(config.get("Role", "")), action, resource) for action in needed
    )


def role_allows(role_arn: str, action: str, resource: str) -> bool:
    """Tell whether a role's policies, within its boundary, allow an action."""
    account_id = responses.get_account_id()
    name = role_arn.rpartition("/")[2]
    context = iam_evaluator.EvalContext(
        principal_arn=role_arn,
        principal_type="AssumedRole",
        principal_account=account_id,
        action=action,
        resource_arn=resource,
        region=responses.get_region(),
    )
    result = iam_evaluator.evaluate(
        context,
        iam_evaluator._gather_role_policies(name, account_id),
        *iam_evaluator._permissions_boundary(iam_service._roles, name, account_id),
    )
    return bool(result.decision == "Allow")
