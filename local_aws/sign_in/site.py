"""The pages of a domain by their paths, and the way from one to the next."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable

from ministack.core import responses
from ministack.services import cognito

from local_aws.cloudformation.cognito_operations import branding_of
from local_aws.cognito.refusals import Refusal
from local_aws.protocols import Answer
from local_aws.sign_in import browser_sessions, pages, steps
from local_aws.sign_in.authorization import (
    Authorization,
    NotAuthorized,
    authorization_of,
    error,
    refuse_redirect,
)
from local_aws.sign_in.domains import Domain, domain_at
from local_aws.sign_in.steps import OpenSignIn
from local_aws.web.visits import Visit, page, redirect, with_cookie, with_query

_CSRF_COOKIE = "XSRF-TOKEN"

#: What the library answers under a domain's name.
_FOR_PROGRAMS = ("/oauth2/", "/saml2/", "/.well-known/")


def answer(visit: Visit) -> Answer | None:
    """Return the page that a domain shows; None for what the library answers."""
    domain = domain_at(visit.host)
    if domain is None:
        return page(404, pages.failed("User pool domain does not exist"))
    found = _PAGES.get((visit.method, visit.path))
    if found is None:
        if visit.path.startswith(_FOR_PROGRAMS):
            return None
        return page(404, pages.failed("Not found"))
    try:
        with responses.request_scope(domain.account, domain.region):
            return found(domain, visit)
    except NotAuthorized as refused:
        return refused.answer


def _authorize(domain: Domain, visit: Visit) -> Answer:
    asked = authorization_of(domain, visit)
    if asked.identity_provider:
        return _to_provider(domain, asked)
    user = browser_sessions.user_of(visit, domain)
    if user is not None:
        return _code(domain, asked, user["Username"])
    return redirect(with_query("/login", asked.parameters))


def _to_provider(domain: Domain, asked: Authorization) -> Answer:
    client = domain.client(asked.client_id) or {}
    if asked.identity_provider not in (client.get("SupportedIdentityProviders") or []):
        raise NotAuthorized(error("Login option is not available", asked.client_id))
    status, headers, body = cognito._oauth2_authorize_federation(asked.parameters)
    named = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Answer(status, named, body)


def _login(domain: Domain, visit: Visit) -> Answer:
    asked = authorization_of(domain, visit)
    if domain.has_managed_login and not branding_of(domain.pool, asked.client_id):
        return page(403, pages.unavailable())
    if visit.method == "GET":
        token = visit.cookies.get(_CSRF_COOKIE) or secrets.token_urlsafe(24)
        shown = page(200, pages.login(domain, asked, token))
        return with_cookie(shown, _CSRF_COOKIE, token)
    token = _csrf(visit, asked.client_id)
    name, password = (visit.form.get(each, "") for each in ("username", "password"))
    client = domain.client(asked.client_id) or {}
    if "COGNITO" not in (client.get("SupportedIdentityProviders") or ["COGNITO"]):
        raise NotAuthorized(error("Login option is not available", asked.client_id))
    try:
        sign_in = steps.begin(domain, asked, name.strip(), password)
    except Refusal as refusal:
        return page(400, pages.login(domain, asked, token, refusal.message))
    return _next(sign_in, token)


def _challenge(domain: Domain, visit: Visit) -> Answer:
    sign_in = steps.find(visit.form.get(pages.SESSION_FIELD, ""), domain)
    if sign_in is None:
        raise NotAuthorized(error("Your session has expired", ""))
    token = _csrf(visit, sign_in.asked.client_id)
    try:
        return _next(_STEPS[sign_in.step](sign_in, visit), token)
    except Refusal as refusal:
        return page(400, pages.step(sign_in, token, refusal.message))


def _set_password(sign_in: OpenSignIn, visit: Visit) -> OpenSignIn:
    chosen = visit.form.get("new_password", "")
    return steps.set_password(sign_in, chosen, visit.form.get("confirm_password", ""))


def _set_up(sign_in: OpenSignIn, visit: Visit) -> OpenSignIn:
    return steps.set_up_authenticator(sign_in, _digits(visit))


def _check(sign_in: OpenSignIn, visit: Visit) -> OpenSignIn:
    return steps.check_code(sign_in, _digits(visit))


def _digits(visit: Visit) -> str:
    # Apps show the code as two groups of three.
    return visit.form.get("code", "").replace(" ", "")


def _next(sign_in: OpenSignIn, token: str) -> Answer:
    if sign_in.step != steps.DONE:
        return page(200, pages.step(sign_in, token))
    code = _code(sign_in.domain, sign_in.asked, sign_in.username)
    return browser_sessions.begin(code, sign_in.domain, sign_in.username)


def _code(domain: Domain, asked: Authorization, username: str) -> Answer:
    """Return the way back to the app, with a code for it.

    The client is asked once more: its URLs may have changed since the sign-in began.
    """
    refuse_redirect(
        domain.client(asked.client_id) or {"ClientId": asked.client_id},
        asked.redirect_uri,
        "CallbackURLs",
    )
    _, headers, _ = cognito._issue_auth_code_redirect(
        asked.client_id,
        domain.pool_id,
        asked.redirect_uri,
        asked.scope,
        username,
        asked.nonce,
        asked.code_challenge,
        asked.code_challenge_method,
        asked.state,
    )
    return redirect(headers["Location"])


def _logout(domain: Domain, visit: Visit) -> Answer:
    client_id = visit.query.get("client_id", "")
    client = domain.client(client_id)
    if client is None:
        raise NotAuthorized(error("invalid_client", client_id))
    if target := visit.query.get("logout_uri"):
        refuse_redirect(client, target, "LogoutURLs")
        return browser_sessions.end(redirect(target), visit)
    if visit.query.get("redirect_uri"):
        # "To sign in again": the parameters are those of the login endpoint.
        asked = authorization_of(domain, visit)
        to_login = redirect(with_query("/login", asked.parameters))
        return browser_sessions.end(to_login, visit)
    raise NotAuthorized(error("Required parameters missing", client_id))


def _error(domain: Domain, visit: Visit) -> Answer:
    return page(400, pages.failed(visit.query.get("error", "invalid_request")))


def _csrf(visit: Visit, client_id: str) -> str:
    """Return the token that cookie and form share; refuse a form from elsewhere."""
    cookie = visit.cookies.get(_CSRF_COOKIE, "")
    if not cookie or not hmac.compare_digest(
        cookie.encode(), visit.form.get(pages.CSRF_FIELD, "").encode()
    ):
        raise NotAuthorized(error("Invalid CSRF token", client_id))
    return cookie


_STEPS: dict[str, Callable[[OpenSignIn, Visit], OpenSignIn]] = {
    steps.NEW_PASSWORD: _set_password,
    steps.MFA_SETUP: _set_up,
    steps.MFA_CODE: _check,
}

_PAGES: dict[tuple[str, str], Callable[[Domain, Visit], Answer]] = {
    ("GET", "/oauth2/authorize"): _authorize,
    ("GET", "/login"): _login,
    ("POST", "/login"): _login,
    ("POST", "/challenge"): _challenge,
    ("GET", "/logout"): _logout,
    ("GET", "/error"): _error,
}
