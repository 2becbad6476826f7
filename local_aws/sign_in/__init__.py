"""The sign-in pages of a user pool's domain, as a worker's browser sees them.

The domain serves a browser the pages under its own name only: `/oauth2/authorize`,
`/login`, `/logout` and `/error` as the developer guide of Amazon Cognito describes
them ("Authorize endpoint", "Login endpoint", "Logout endpoint"). What programs ask of
a domain (tokens, user info, the way back from an identity provider) the library
answers, behind the checks of `local_aws.cognito`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local_aws import hooks
from local_aws.sign_in import browser_sessions, steps
from local_aws.sign_in.site import answer

__all__ = ["HOOKS", "answer", "install"]

_COGNITO = "ministack.services.cognito"

#: The library's own pages, which ask for less and stand under every name.
_PAGES_OF_THE_LIBRARY = (
    "handle_oauth2_authorize",
    "handle_login_submit",
    "handle_logout",
)

HOOKS = (
    *(f"{_COGNITO}:{name}" for name in _PAGES_OF_THE_LIBRARY),
    f"{_COGNITO}:_all_pools",
    f"{_COGNITO}:_issue_auth_code_redirect",
    f"{_COGNITO}:_mfa_challenge_for_user",
    f"{_COGNITO}:_oauth2_authorize_federation",
    f"{_COGNITO}:_password_policy_errors",
    f"{_COGNITO}:_pool_domain_map",
    f"{_COGNITO}:_resolve_user",
    f"{_COGNITO}:_user_pools",
    f"{_COGNITO}:reset",
    "ministack.core.responses:request_scope",
)


def install() -> None:
    """Take the library's pages away, and forget sign-ins when Cognito is reset."""
    for name in _PAGES_OF_THE_LIBRARY:
        hooks.replace(f"{_COGNITO}:{name}", _elsewhere)
    hooks.replace(f"{_COGNITO}:reset", _forgetting)


def _elsewhere(_: Callable[..., Any]) -> Callable[..., Any]:
    def refuse(*_: Any) -> tuple[int, dict[str, str], bytes]:
        text = b"Sign-in pages are served under the name of the user pool's domain.\n"
        return 404, {"Content-Type": "text/plain"}, text

    return refuse


def _forgetting(original: Callable[[], None]) -> Callable[[], None]:
    def reset() -> None:
        original()
        steps.clear()
        browser_sessions.clear()

    return reset
