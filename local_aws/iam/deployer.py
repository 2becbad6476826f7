"""Whose permissions CloudFormation uses while it handles a resource.

CloudFormation acts with the credentials of whoever asks for a stack operation, or with
the service role of the stack ("AWS CloudFormation service role", CloudFormation User
Guide). The account's root may do everything, so for it there is no deployer.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ministack.core import iam_evaluator, responses
from ministack.services import iam as iam_service

from local_aws.iam import roles

Statements = list[Any]


@dataclass(frozen=True)
class Deployer:
    """A principal with its policies, as they were when the operation began."""

    arn: str
    account: str
    policies: list[Statements]
    limits: list[list[Statements]]

    def decision(
        self, action: str, resource: str, context: Mapping[str, Any]
    ) -> tuple[bool, bool]:
        """Return whether an action is allowed, and whether it is denied by name."""
        result = iam_evaluator.evaluate(
            iam_evaluator.EvalContext(
                principal_arn=self.arn,
                principal_type="AssumedRole",
                principal_account=self.account,
                action=action,
                resource_arn=resource,
                region=responses.get_region(),
                service_context={key.lower(): context[key] for key in context},
            ),
            self.policies,
            *self.limits,
        )
        return result.decision == "Allow", result.decision == "Deny"


#: The names of the sessions in which services work with a role.
_SESSIONS = {
    "cloudformation.amazonaws.com": "AWSCloudFormation",
    "servicecatalog.amazonaws.com": "servicecatalog",
}

_current: contextvars.ContextVar[Deployer | None] = contextvars.ContextVar(
    "local_aws_deployer", default=None
)


def current() -> Deployer | None:
    """Return the deployer of the running stack operation, None for root."""
    return _current.get()


@contextlib.contextmanager
def acting(deployer: Deployer | None) -> Iterator[None]:
    """Let the stack operation that begins within be this deployer's."""
    token = _current.set(deployer)
    try:
        yield
    finally:
        _current.reset(token)


def caller() -> Deployer | None:
    """Return the signer of the HTTP request that is being answered, None for root."""
    access_key_id = iam_evaluator._verified_key.get()
    if not access_key_id:
        return None
    principal = iam_evaluator.resolve_principal(
        access_key_id, responses.get_account_id()
    )
    if getattr(principal, "policies", None) is None:
        return None
    return Deployer(
        principal.arn, principal.account, principal.policies, principal.limits
    )


def service_role(
    role_arn: str, service: str = "cloudformation.amazonaws.com"
) -> Deployer | None:
    """Return a role that a service assumes, None if it cannot."""
    name = role_arn.rpartition("/")[2]
    if not roles.trusts(role_arn, service):
        return None
    account = responses.get_account_id()
    session = _SESSIONS[service]
    return Deployer(
        f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
        account,
        iam_evaluator._gather_role_policies(name, account),
        iam_evaluator._permissions_boundary(iam_service._roles, name, account),
    )
