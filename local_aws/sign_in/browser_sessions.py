"""Browsers that have signed in: for an hour they need not do so again.

Cognito Developer Guide, "Managed login": the session cookie is valid for one hour, and
the authorize endpoint redirects silently as long as it is. The logout endpoint ends it.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

from local_aws.protocols import Answer
from local_aws.sign_in.domains import Domain
from local_aws.web.visits import Visit, with_cookie

_COOKIE = "cognito"
_SECONDS = 3600
_sessions: dict[str, tuple[str, str, float]] = {}


def begin(answer: Answer, domain: Domain, username: str) -> Answer:
    """Return the answer with the cookie of a new session."""
    session = secrets.token_urlsafe(32)
    _sessions[session] = (domain.pool_id, username, time.time() + _SECONDS)
    return with_cookie(answer, _COOKIE, session, _SECONDS)


def user_of(visit: Visit, domain: Domain) -> dict[str, Any] | None:
    """Return who has signed in with this browser, unless the account is no good now."""
    session = visit.cookies.get(_COOKIE, "")
    pool_id, username, until = _sessions.get(session, ("", "", 0.0))
    if pool_id != domain.pool_id or time.time() > until:
        return None
    user: dict[str, Any] | None = domain.pool["_users"].get(username)
    return user if user is not None and user.get("Enabled", True) else None


def end(answer: Answer, visit: Visit) -> Answer:
    """End the browser's session; return the answer that takes its cookie away."""
    _sessions.pop(visit.cookies.get(_COOKIE, ""), None)
    return with_cookie(answer, _COOKIE, "", 0)


def clear() -> None:
    """Forget every session."""
    _sessions.clear()
