"""IAM where the library is lenient.

Every request of a role is checked on the resource that AWS names for it, an unknown
service or operation is denied, policy documents are checked, a function's role must
trust Lambda and hold the logs permissions, and services that act with their caller's
credentials ask for the caller's permissions (`require`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local_aws import hooks
from local_aws.iam import policies, resources, roles
from local_aws.iam.forwarded import (
    AccessDenied,
    called_by,
    clear_forwarded_permissions,
    forwarded_permissions,
    require,
    require_of_deployer,
)

__all__ = [
    "HOOKS",
    "AccessDenied",
    "called_by",
    "clear_forwarded_permissions",
    "forwarded_permissions",
    "install",
    "require",
    "require_of_deployer",
]

_RESOURCE_HANDLERS = "ministack.services.cloudformation.provisioners:_RESOURCE_HANDLERS"

_REPLACED: dict[str, Callable[[Any], Any]] = {
    "ministack.app:pin_request_origin": resources.over_tls,
    "ministack.core.iam_actions:extract_iam_action": resources.naming_action,
    "ministack.core.iam_actions:extract_resource_arn": resources.naming_resource,
    "ministack.core.iam_evaluator:enforce": resources.checking_every_resource,
    "ministack.core.iam_evaluator:validate_policy_document": policies.refusing_policy,
    "ministack.services.sts:validate_policy_document": policies.refusing_policy,
    "ministack.services.iam:_trust_policy_not_principal_error": (
        policies.refusing_trust_policy
    ),
    "ministack.services.cloudformation.provisioners:_validate_iam_role_trust_policy": (
        roles.checking_role_properties
    ),
    "ministack.services.lambda_svc:_create_function": roles.refusing_role_in_call,
    "ministack.services.lambda_svc:_update_config": roles.refusing_role_in_call,
    "ministack.services.lambda_svc:_execute_function_dispatch": roles.assuming_role,
    "ministack.services.lambda_svc:_emit_lambda_logs": roles.writing_logs,
}

HOOKS = (
    *_REPLACED,
    _RESOURCE_HANDLERS,
    "ministack.core.iam_actions:identity_denial_message",
    "ministack.core.iam_evaluator:EvalContext",
    "ministack.core.iam_evaluator:_gather_role_policies",
    "ministack.core.iam_evaluator:_permissions_boundary",
    "ministack.core.iam_evaluator:_resolve_managed_policy_document",
    "ministack.core.iam_evaluator:_service_principal_matches",
    "ministack.core.iam_evaluator:_verified_key",
    "ministack.core.iam_evaluator:evaluate",
    "ministack.core.iam_evaluator:evaluate_trust_policy",
    "ministack.core.iam_evaluator:is_root_access_key",
    "ministack.core.iam_evaluator:resolve_principal",
    "ministack.core.router:extract_access_key_id",
    "ministack.services.cloudwatch_logs:_log_groups",
    "ministack.services.iam:_boundary_usage_counts",
    "ministack.services.iam:_roles",
)


def install() -> None:
    """Put the stricter checks into the library."""
    for name, make in _REPLACED.items():
        hooks.replace(name, make)
    hooks.replace(_RESOURCE_HANDLERS, _with_checked_roles)


def _with_checked_roles(handlers: dict[str, Any]) -> dict[str, Any]:
    roles.keeping_boundary_policies(handlers)
    return roles.refusing_role_in_template(roles.keeping_boundary(handlers))
