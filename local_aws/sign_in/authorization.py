"""What an app asks for when it sends a browser to sign in, and what is refused.

Cognito Developer Guide, "Authorize endpoint" and "Login endpoint"; RFC 6749, 4.1.2.1: a
wrong client or redirect is told to the person, on the domain's error page; everything
else goes back to the app. That the error page's address is
`/error?error=redirect_mismatch&client_id=…`, and that a wrong scope goes back as
`invalid_request` with the description `invalid_scope`, is what users report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from local_aws.protocols import Answer
from local_aws.sign_in.domains import Domain
from local_aws.web.visits import Visit, redirect, with_query


@dataclass(frozen=True)
class Authorization:
    """The parameters of the authorize endpoint; what is not given is empty."""

    client_id: str
    redirect_uri: str
    response_type: str
    scope: str = ""
    state: str = ""
    nonce: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""
    identity_provider: str = ""

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters as they stand in a URL."""
        named = {each.name: str(getattr(self, each.name)) for each in fields(self)}
        return {name: value for name, value in named.items() if value}


class NotAuthorized(Exception):
    """A request that begins no sign-in; `answer` says so to whom it concerns."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def authorization_of(domain: Domain, visit: Visit) -> Authorization:
    """Return what the app asks for.

    Raises:
        NotAuthorized: the app may not ask for it.
    """
    names = [each.name for each in fields(Authorization)]
    asked = Authorization(**{name: visit.query.get(name, "") for name in names})
    if not asked.client_id or not asked.response_type or visit.repeated & set(names):
        raise NotAuthorized(error("Required parameters missing", asked.client_id))
    client = domain.client(asked.client_id)
    if client is None:
        raise NotAuthorized(error("invalid_client", asked.client_id))
    if not client.get("AllowedOAuthFlowsUserPoolClient"):
        raise NotAuthorized(error("unauthorized_client", asked.client_id))
    if not asked.redirect_uri:
        raise NotAuthorized(error("Required parameters missing", asked.client_id))
    refuse_redirect(client, asked.redirect_uri, "CallbackURLs")
    problem = _problem_for_the_app(client, asked)
    if problem:
        told = {**problem, "state": asked.state}
        raise NotAuthorized(redirect(with_query(asked.redirect_uri, told)))
    return asked


def refuse_redirect(client: Mapping[str, Any], url: str, member: str) -> None:
    """Refuse a URL that the client does not list, to the letter.

    Raises:
        NotAuthorized: the URL is not in the list.
    """
    if url not in (client.get(member) or []):
        raise NotAuthorized(error("redirect_mismatch", str(client["ClientId"])))


def error(code: str, client_id: str) -> Answer:
    """Return the way to the domain's error page."""
    return redirect(with_query("/error", {"error": code, "client_id": client_id}))


def _problem_for_the_app(
    client: Mapping[str, Any], asked: Authorization
) -> dict[str, str]:
    flows = client.get("AllowedOAuthFlows") or []
    if asked.response_type not in ("code", "token"):
        return {"error": "invalid_request"}
    # Only the code flow has pages here; the set's client allows no other.
    if asked.response_type == "token" or "code" not in flows:
        return {"error": "unauthorized_client"}
    allowed = set(client.get("AllowedOAuthScopes") or [])
    if not set(asked.scope.split()) <= allowed:
        return {"error": "invalid_request", "error_description": "invalid_scope"}
    has_challenge = bool(asked.code_challenge)
    if has_challenge != (asked.code_challenge_method == "S256"):
        return {"error": "invalid_request"}
    if has_challenge != bool(asked.code_challenge_method):
        return {"error": "invalid_request"}
    return {}
