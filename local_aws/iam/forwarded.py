"""Permissions that a service uses with the credentials of its caller.

SageMaker edits the Cognito app client as whoever calls it. `require` is how such a
service asks IAM for one of the caller's permissions. Everything that is asked is
recorded, so that a test can compare a role's policy with what was really needed.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ministack.core import iam_actions, iam_evaluator, responses, router

from local_aws import settings


@dataclass(frozen=True)
class ForwardedPermission:
    """One permission that was asked of a caller, and what IAM said."""

    operation: str
    action: str
    resource: str
    principal: str
    allowed: bool


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


def require(action: str, resource: str, *, operation: str) -> None:
    """Ask IAM for one permission of the caller, on behalf of `operation`.

    A call from inside, which CloudFormation makes for a resource, has no caller: the
    deployer's own permissions are not modelled.

    Raises:
        AccessDenied: the caller's policies do not allow the action on the resource.
    """
    access_key_id = _caller.get()
    if access_key_id is None:
        return
    principal = _principal_arn(access_key_id)
    denied = iam_evaluator.enforce(
        access_key_id,
        action,
        action.partition(":")[0],
        responses.get_region(),
        resource_arn=resource,
    )
    _asked.append(
        ForwardedPermission(operation, action, resource, principal, denied is None)
    )
    if denied is None or not settings.current().enforce_forwarded_permissions:
        return
    explicit = getattr(denied, "decision", "") == "Deny"
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
