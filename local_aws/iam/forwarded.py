"""Permissions that a service uses with the credentials of its caller.

SageMaker edits the Cognito app client as whoever calls it, and CloudFormation makes
resources as whoever deploys. `require` is how such a service asks IAM for one of the
caller's permissions, `require_of_deployer` how CloudFormation does. Everything that is
asked is recorded, so that a test can compare a role's policy with what was needed.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ministack.core import iam_actions, iam_evaluator, responses, router

from local_aws import settings
from local_aws.iam import deployer


@dataclass(frozen=True)
class ForwardedPermission:
    """One permission that was asked of a caller, and what IAM said."""

    operation: str
    action: str
    resource: str
    principal: str
    allowed: bool
    context: Mapping[str, Any] = field(default_factory=dict)
    """The condition keys that the request has besides the global ones."""


class AccessDenied(Exception):
    """The caller lacks a permission; the message names action and resource."""

    code = "AccessDeniedException"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


_caller: contextvars.ContextVar[str | None] = contextvars.ContextVar(
    "local_aws_caller", default=None
)
_asked: list[ForwardedPermission] = []


@contextlib.contextmanager
def called_by(
    headers: Mapping[str, str], query_params: Mapping[str, Any]
) -> Iterator[None]:
    """Make the signer of a request the caller whose permissions `require` asks."""
    token = _caller.set(router.extract_access_key_id(headers, query_params))
    try:
        yield
    finally:
        _caller.reset(token)


def require(
    action: str,
    resource: str,
    *,
    operation: str,
    context: Mapping[str, Any] | None = None,
) -> None:
    """Ask IAM for one permission of the caller, on behalf of `operation`.

    A call from inside, which CloudFormation makes for a resource, is the deployer's.

    Raises:
        AccessDenied: the caller's policies do not allow the action on the resource.
    """
    access_key_id = _caller.get()
    if not access_key_id:
        require_of_deployer(action, resource, operation=operation, context=context)
        return
    principal = _principal_arn(access_key_id)
    denied = iam_evaluator.enforce(
        access_key_id,
        action,
        action.partition(":")[0],
        responses.get_region(),
        resource_arn=resource,
        service_context=dict(context or {}),
    )
    _asked.append(
        ForwardedPermission(
            operation, action, resource, principal, denied is None, context or {}
        )
    )
    if denied is not None:
        explicit = getattr(denied, "decision", "") == "Deny"
        _refuse(action, principal, resource, explicit=explicit)


def require_of_deployer(
    action: str,
    resource: str,
    *,
    operation: str,
    context: Mapping[str, Any] | None = None,
) -> None:
    """Ask IAM for one permission of whoever deploys the stack, if that is not root.

    Raises:
        AccessDenied: the deployer's policies do not allow the action on the resource.
    """
    principal = deployer.current()
    if principal is None:
        return
    context = context or {}
    allowed, explicit = principal.decision(action, resource, context)
    _asked.append(
        ForwardedPermission(
            operation, action, resource, principal.arn, allowed, context
        )
    )
    if not allowed:
        _refuse(action, principal.arn, resource, explicit=explicit)


def _refuse(action: str, principal: str, resource: str, *, explicit: bool) -> None:
    if settings.current().enforce_forwarded_permissions:
        raise AccessDenied(
            iam_actions.identity_denial_message(action, principal, resource, explicit)
        )


def _principal_arn(access_key_id: str) -> str:
    found = iam_evaluator.resolve_principal(access_key_id, responses.get_account_id())
    return str(getattr(found, "arn", ""))


def forwarded_permissions() -> list[dict[str, Any]]:
    """Return every permission that was asked so far, oldest first."""
    return [asdict(permission) for permission in _asked]


def clear_forwarded_permissions() -> None:
    """Forget which permissions were asked."""
    _asked.clear()
