"""The authorize endpoint: who may send a browser there, and where it goes then."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ops.visitor import Page, Visitor
from tests.sites.signed_up import CALLBACK, HOST, LOGOUT, OWN, Workers


def told_to_the_app(page: Page) -> dict[str, str]:
    """Return the parameters with which a browser is sent back to the app."""
    assert page.location.startswith(f"{CALLBACK}?")
    query = parse_qs(urlsplit(page.location).query)
    return {name: values[0] for name, values in query.items()}


def test_a_listed_callback_leads_to_the_sign_in_page(workers: Workers) -> None:
    page = workers.authorize()
    assert page.status == 200
    assert page.form.keys() >= {"username", "password"}


@pytest.mark.parametrize(
    "redirect",
    [
        f"{CALLBACK}/",
        CALLBACK.upper(),
        f"{CALLBACK}?a=b",
        LOGOUT,
        "https://evil.example/oauth2/idpresponse",
    ],
)
def test_any_other_redirect_ends_on_the_error_page(
    workers: Workers, redirect: str
) -> None:
    page = workers.authorize(redirect_uri=redirect)
    assert (page.status, page.location, page.form) == (400, "", {})
    assert "redirect_mismatch" in page.words


def test_the_error_page_has_the_address_that_people_know(workers: Workers) -> None:
    question = workers.question(redirect_uri="https://evil.example/")
    visitor = workers.visitor()
    page = visitor.unfollowed("/oauth2/authorize", question)
    client = workers.client["ClientId"]
    assert page.location == f"/error?error=redirect_mismatch&client_id={client}"


@pytest.mark.parametrize("missing", ["client_id", "response_type", "redirect_uri"])
def test_what_is_required_is_required(workers: Workers, missing: str) -> None:
    page = workers.authorize(**{missing: ""})
    assert page.status == 400
    assert "Required parameters missing" in page.words


def test_a_client_of_another_pool_is_unknown_here(workers: Workers) -> None:
    other = workers.cognito.create_user_pool(PoolName="other")["UserPool"]["Id"]
    client = workers.cognito.create_user_pool_client(
        UserPoolId=other, ClientName="portal", **workers.asked()
    )["UserPoolClient"]
    assert "invalid_client" in workers.authorize(client_id=client["ClientId"]).words


def test_a_client_without_oauth_cannot_be_authorized(workers: Workers) -> None:
    workers.change_client(
        AllowedOAuthFlowsUserPoolClient=False,
        AllowedOAuthFlows=[],
        AllowedOAuthScopes=[],
    )
    assert "unauthorized_client" in workers.authorize().words


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"response_type": "token"}, {"error": "unauthorized_client"}),
        ({"response_type": "secret"}, {"error": "invalid_request"}),
        (
            {"scope": "openid phone"},
            {"error": "invalid_request", "error_description": "invalid_scope"},
        ),
        ({"code_challenge": "x"}, {"error": "invalid_request"}),
        (
            {"code_challenge": "x", "code_challenge_method": "plain"},
            {"error": "invalid_request"},
        ),
        ({"code_challenge_method": "S256"}, {"error": "invalid_request"}),
    ],
)
def test_other_mistakes_are_told_to_the_app_with_its_state(
    workers: Workers, changes: dict[str, str], told: dict[str, str]
) -> None:
    page = workers.authorize(**changes)
    assert told_to_the_app(page) == {**told, "state": "a state"}


def signed_in(workers: Workers, visitor: Visitor, **changes: str) -> dict[str, str]:
    workers.invite_with_own_password()
    page = workers.authorize(visitor, **changes)
    answer = visitor.submit(page, {"username": "ada", "password": OWN})
    return told_to_the_app(answer)


def bought(workers: Workers, code: str, **changes: str) -> Any:
    form = {
        "grant_type": "authorization_code",
        "client_id": workers.client["ClientId"],
        "client_secret": workers.client["ClientSecret"],
        "redirect_uri": CALLBACK,
        "code": code,
        **changes,
    }
    return json.loads(workers.visitor().post("/oauth2/token", form, {}).text)


def test_after_the_sign_in_the_app_gets_a_code_and_its_own_state(
    workers: Workers,
) -> None:
    told = signed_in(workers, workers.visitor())
    assert told.keys() == {"code", "state"}
    assert told["state"] == "a state"
    assert bought(workers, told["code"])["id_token"]


def test_a_code_with_a_challenge_needs_its_verifier(workers: Workers) -> None:
    verifier = "a-verifier-of-at-least-forty-three-characters-long"
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    pkce = {"code_challenge": challenge, "code_challenge_method": "S256"}
    code = signed_in(workers, workers.visitor(), **pkce)["code"]
    assert bought(workers, code)["error"] == "invalid_grant"
    wrong = bought(workers, code, code_verifier=f"{verifier}!")
    assert wrong["error"] == "invalid_grant"
    assert bought(workers, code, code_verifier=verifier)["id_token"]


def test_a_callback_that_is_taken_away_meanwhile_is_not_used(workers: Workers) -> None:
    workers.invite_with_own_password()
    visitor = workers.visitor()
    page = workers.authorize(visitor)
    workers.change_client(CallbackURLs=["https://elsewhere.example/"])
    answer = visitor.submit(page, {"username": "ada", "password": OWN})
    assert "redirect_mismatch" in answer.words


def test_managed_login_without_a_branding_has_no_pages(workers: Workers) -> None:
    prefix = HOST.partition(".")[0]
    workers.cognito.update_user_pool_domain(
        UserPoolId=workers.pool, Domain=prefix, ManagedLoginVersion=2
    )
    page = workers.authorize()
    assert (page.status, page.form) == (403, {})
    assert "Login pages unavailable" in page.words


def test_an_identity_provider_has_a_button_that_leads_to_it(workers: Workers) -> None:
    workers.cognito.create_identity_provider(
        UserPoolId=workers.pool,
        ProviderName="Corporate",
        ProviderType="OIDC",
        ProviderDetails={
            "client_id": "id",
            "client_secret": "made up",
            "oidc_issuer": "https://login.example.com",
            "authorize_scopes": "openid",
            "attributes_request_method": "GET",
            "authorize_url": "https://login.example.com/authorize",
            "token_url": "https://login.example.com/token",
            "attributes_url": "https://login.example.com/userinfo",
            "jwks_uri": "https://login.example.com/keys",
        },
    )
    assert "Corporate" not in workers.authorize().words
    refused = workers.authorize(identity_provider="Corporate")
    assert "Login option is not available" in refused.words
    workers.change_client(SupportedIdentityProviders=["COGNITO", "Corporate"])
    page = workers.authorize()
    assert "Continue with Corporate" in page.words
    assert page.form.keys() >= {"username", "password"}
    there = workers.authorize(identity_provider="Corporate")
    assert there.location.startswith("https://login.example.com/authorize?")
    workers.change_client(SupportedIdentityProviders=["Corporate"])
    assert workers.authorize().form == {}


def test_the_pages_are_nowhere_but_under_the_domains_name(workers: Workers) -> None:
    elsewhere = Visitor(workers.aws.endpoint, "127.0.0.1")
    assert elsewhere.open("/oauth2/authorize", workers.question()).status == 404
    unknown = Visitor(workers.aws.endpoint, f"no-{HOST}")
    assert unknown.open("/oauth2/authorize", workers.question()).status == 404
