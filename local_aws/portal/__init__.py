"""The labeling portal of a private workforce, as a worker's browser sees it.

It stands under the workforce's SubDomain and sends everybody who is not signed in to
the sign-in domain of the workforce's user pool, with the callback
`/oauth2/idpresponse`, as an Application Load Balancer does (Elastic Load Balancing User
Guide, "Authenticate users using an Application Load Balancer"; that the portal has
one: SageMaker Developer Guide, "Create a private workforce (OIDC IdP)", an older
revision). What its pages look like is assumed.
"""

from __future__ import annotations

from collections.abc import Callable

from local_aws import hooks
from local_aws.portal import visitors
from local_aws.portal.site import answer

__all__ = ["HOOKS", "answer", "install"]

HOOKS = (
    "ministack.services.cognito:handle_oauth2_token",
    "ministack.services.cognito:_user_pools",
    "local_aws.sagemaker:reset",
)


def install() -> None:
    """Forget the visitors when SageMaker is reset."""
    hooks.replace("local_aws.sagemaker:reset", _forgetting)


def _forgetting(original: Callable[[], None]) -> Callable[[], None]:
    def reset() -> None:
        original()
        visitors.clear()

    return reset
