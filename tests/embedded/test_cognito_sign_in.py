"""Signing in: no step can be skipped, and redirects and secrets must match."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import struct
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.embedded.prepared import (
    PASSWORD,
    PLACEHOLDER,
    PLACEHOLDER_LOGOUT,
    SignIn,
    app_client,
    refusal,
    user_pool,
)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def visit(aws: Any, path: str, form: dict[str, str] | None = None) -> Any:
    """Open a page of the sign-in domain without following its redirect."""
    opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
    data = urlencode(form).encode() if form else None
    try:
        return opener.open(aws.endpoint + path, data, timeout=10)
    except urllib.error.HTTPError as answer:
        return answer


@pytest.fixture
def portal(cognito: Any) -> SignIn:
    """A pool without MFA, with a client that takes passwords, and one worker."""
    pool = user_pool(cognito)
    made = app_client(
        cognito,
        pool,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )
    cognito.admin_create_user(
        UserPoolId=pool, Username="ada", TemporaryPassword=PASSWORD
    )
    return SignIn(pool, made["ClientId"], made["ClientSecret"])


def secret_hash(portal: SignIn, username: str = "ada") -> str:
    digest = hmac.new(
        portal.client_secret.encode(),
        (username + portal.client_id).encode(),
        hashlib.sha256,
    ).digest()
    return base64.b64encode(digest).decode()


def begin(cognito: Any, portal: SignIn, password: str = PASSWORD) -> Any:
    return cognito.initiate_auth(
        ClientId=portal.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={
            "USERNAME": "ada",
            "PASSWORD": password,
            "SECRET_HASH": secret_hash(portal),
        },
    )


def set_password(portal: SignIn, session: str, password: str) -> dict[str, Any]:
    return {
        "ClientId": portal.client_id,
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "Session": session,
        "ChallengeResponses": {
            "USERNAME": "ada",
            "NEW_PASSWORD": password,
            "SECRET_HASH": secret_hash(portal),
        },
    }


def test_the_new_password_must_follow_the_policy(cognito: Any, portal: SignIn) -> None:
    session = begin(cognito, portal)["Session"]
    respond = cognito.respond_to_auth_challenge
    code, message = refusal(respond, **set_password(portal, session, "short"))
    assert code == "InvalidPasswordException"
    assert message.startswith("Password does not conform to policy:")
    signed_in = respond(**set_password(portal, session, PASSWORD + "!"))
    assert signed_in["AuthenticationResult"]["IdToken"]


def test_nobody_sets_a_password_without_the_session_of_the_challenge(
    cognito: Any, portal: SignIn
) -> None:
    respond = cognito.respond_to_auth_challenge
    made_up = "A" * 44
    code, _ = refusal(respond, **set_password(portal, made_up, PASSWORD + "!"))
    assert code == "NotAuthorizedException"


def test_a_challenge_is_answered_once(cognito: Any, portal: SignIn) -> None:
    session = begin(cognito, portal)["Session"]
    respond = cognito.respond_to_auth_challenge
    respond(**set_password(portal, session, PASSWORD + "!"))
    code, _ = refusal(respond, **set_password(portal, session, PASSWORD + "?"))
    assert code == "NotAuthorizedException"


def totp(secret: str) -> str:
    """Return the code that an authenticator app shows now (RFC 6238)."""
    key = base64.b32decode(secret)
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), "sha1")
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


@pytest.fixture
def strict_portal(cognito: Any, portal: SignIn) -> SignIn:
    """The same pool with MFA required."""
    cognito.set_user_pool_mfa_config(
        UserPoolId=portal.user_pool_id,
        MfaConfiguration="ON",
        SoftwareTokenMfaConfiguration={"Enabled": True},
    )
    return portal


def answer(portal: SignIn, name: str, session: str, **further: str) -> dict[str, Any]:
    responses = {"USERNAME": "ada", "SECRET_HASH": secret_hash(portal), **further}
    return {
        "ClientId": portal.client_id,
        "ChallengeName": name,
        "Session": session,
        "ChallengeResponses": responses,
    }


def test_where_mfa_is_required_nobody_gets_in_without_an_authenticator_app(
    cognito: Any, strict_portal: SignIn
) -> None:
    portal, respond = strict_portal, cognito.respond_to_auth_challenge
    session = begin(cognito, portal)["Session"]
    setup = respond(**set_password(portal, session, PASSWORD + "!"))
    assert setup["ChallengeName"] == "MFA_SETUP"
    code, _ = refusal(respond, **answer(portal, "MFA_SETUP", setup["Session"]))
    assert code == "InvalidParameterException"
    associated = cognito.associate_software_token(Session=setup["Session"])
    secret = associated["SecretCode"]
    verified = cognito.verify_software_token(
        Session=associated["Session"], UserCode=totp(secret)
    )
    done = respond(**answer(portal, "MFA_SETUP", verified["Session"]))
    assert done["AuthenticationResult"]["IdToken"]
    again = begin(cognito, portal, PASSWORD + "!")
    assert again["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    named = "SOFTWARE_TOKEN_MFA"
    made_up = {"SOFTWARE_TOKEN_MFA_CODE": totp(secret)}
    code, _ = refusal(respond, **answer(portal, named, "A" * 44, **made_up))
    assert code == "NotAuthorizedException"
    signed_in = respond(**answer(portal, named, again["Session"], **made_up))
    assert signed_in["AuthenticationResult"]["IdToken"]


def test_an_authenticator_app_is_set_up_in_an_open_sign_in_only(
    cognito: Any, strict_portal: SignIn
) -> None:
    code, _ = refusal(cognito.associate_software_token, Session="A" * 44)
    assert code == "NotAuthorizedException"


def test_a_disabled_user_cannot_sign_in_until_enabled_again(
    cognito: Any, portal: SignIn
) -> None:
    named = {"UserPoolId": portal.user_pool_id, "Username": "ada"}
    cognito.admin_disable_user(**named)
    code, _ = refusal(lambda: begin(cognito, portal))
    assert code == "NotAuthorizedException"
    cognito.admin_enable_user(**named)
    assert begin(cognito, portal)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_signing_out_everywhere_ends_refresh_tokens(
    cognito: Any, portal: SignIn
) -> None:
    named = {"UserPoolId": portal.user_pool_id, "Username": "ada"}
    cognito.admin_set_user_password(Password=PASSWORD, Permanent=True, **named)
    tokens = begin(cognito, portal)["AuthenticationResult"]
    cognito.admin_user_global_sign_out(**named)
    code, _ = refusal(
        cognito.initiate_auth,
        ClientId=portal.client_id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={
            "REFRESH_TOKEN": tokens["RefreshToken"],
            "SECRET_HASH": secret_hash(portal),
        },
    )
    assert code == "NotAuthorizedException"


def authorize(aws: Any, portal: SignIn, redirect: str, **further: str) -> Any:
    query = {
        "client_id": portal.client_id,
        "redirect_uri": redirect,
        "response_type": "code",
        "scope": "openid email",
        **further,
    }
    return visit(aws, f"/oauth2/authorize?{urlencode(query)}")


def test_the_authorize_endpoint_takes_a_listed_callback(
    aws: Any, portal: SignIn
) -> None:
    assert authorize(aws, portal, PLACEHOLDER).status == 200


@pytest.mark.parametrize(
    "redirect",
    [
        PLACEHOLDER + "/",
        PLACEHOLDER.upper(),
        PLACEHOLDER + "?a=b",
        PLACEHOLDER_LOGOUT,
        "https://evil.example/oauth2/idpresponse",
    ],
)
def test_the_authorize_endpoint_refuses_any_other_redirect(
    aws: Any, portal: SignIn, redirect: str
) -> None:
    answer = authorize(aws, portal, redirect)
    assert answer.status == 400
    assert json.load(answer)["error"] == "redirect_mismatch"


def test_a_client_without_oauth_cannot_be_authorized(
    aws: Any, cognito: Any, portal: SignIn
) -> None:
    cognito.update_user_pool_client(
        UserPoolId=portal.user_pool_id,
        ClientId=portal.client_id,
        CallbackURLs=[PLACEHOLDER],
    )
    answer = authorize(aws, portal, PLACEHOLDER)
    assert json.load(answer)["error"] == "unauthorized_client"


def logout(aws: Any, portal: SignIn, uri: str) -> Any:
    query = urlencode({"client_id": portal.client_id, "logout_uri": uri})
    return visit(aws, f"/logout?{query}")


def test_the_logout_endpoint_takes_only_a_listed_url(
    aws: Any, cognito: Any, portal: SignIn
) -> None:
    assert logout(aws, portal, PLACEHOLDER_LOGOUT).status == 302
    answer = logout(aws, portal, "https://evil.example/")
    assert json.load(answer)["error"] == "redirect_mismatch"
    cognito.update_user_pool_client(
        UserPoolId=portal.user_pool_id, ClientId=portal.client_id
    )
    assert logout(aws, portal, PLACEHOLDER_LOGOUT).status == 400


def code_for(aws: Any, cognito: Any, portal: SignIn) -> str:
    """Sign the worker in on the pages of the sign-in domain."""
    cognito.admin_set_user_password(
        UserPoolId=portal.user_pool_id,
        Username="ada",
        Password=PASSWORD,
        Permanent=True,
    )
    form = {
        "username": "ada",
        "password": PASSWORD,
        "client_id": portal.client_id,
        "redirect_uri": PLACEHOLDER,
        "response_type": "code",
        "scope": "openid email",
    }
    answer = visit(aws, "/login", form)
    assert answer.status == 302
    return str(parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0])


def buy(aws: Any, portal: SignIn, code: str, secret: str | None) -> Any:
    form = {
        "grant_type": "authorization_code",
        "client_id": portal.client_id,
        "code": code,
        "redirect_uri": PLACEHOLDER,
    }
    if secret is not None:
        form["client_secret"] = secret
    return visit(aws, "/oauth2/token", form)


def test_a_code_and_the_secret_buy_tokens_once(
    aws: Any, cognito: Any, portal: SignIn
) -> None:
    code = code_for(aws, cognito, portal)
    tokens = json.load(buy(aws, portal, code, portal.client_secret))
    assert tokens["id_token"]
    again = json.load(buy(aws, portal, code, portal.client_secret))
    assert again["error"] == "invalid_grant"


@pytest.mark.parametrize("secret", [None, "", "wrong"])
def test_without_the_secret_there_are_no_tokens(
    aws: Any, cognito: Any, portal: SignIn, secret: str | None
) -> None:
    code = code_for(aws, cognito, portal)
    assert json.load(buy(aws, portal, code, secret))["error"] == "invalid_client"


def test_a_refresh_token_needs_the_secret_too(
    aws: Any, cognito: Any, portal: SignIn
) -> None:
    code = code_for(aws, cognito, portal)
    tokens = json.load(buy(aws, portal, code, portal.client_secret))
    form = {
        "grant_type": "refresh_token",
        "client_id": portal.client_id,
        "refresh_token": tokens["refresh_token"],
    }
    answer = visit(aws, "/oauth2/token", form)
    assert json.load(answer)["error"] == "invalid_client"
    form["client_secret"] = portal.client_secret
    assert json.load(visit(aws, "/oauth2/token", form))["access_token"]
