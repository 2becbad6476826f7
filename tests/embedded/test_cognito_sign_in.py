"""Signing in over the API: no step can be skipped, and secrets must match."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ops.visitor import Visitor
from tests.embedded.prepared import (
    PASSWORD,
    PLACEHOLDER,
    SignIn,
    app_client,
    refusal,
    user_pool,
)
from tests.sites.signed_up import Authenticator

HOST = "workers.auth.us-east-1.amazoncognito.com"


@pytest.fixture
def portal(cognito: Any) -> SignIn:
    """A pool without MFA, with a client that takes passwords, and one worker."""
    pool = user_pool(cognito)
    made = app_client(
        cognito,
        pool,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )
    cognito.create_user_pool_domain(UserPoolId=pool, Domain="workers")
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
    app = Authenticator(associated["SecretCode"])
    verified = cognito.verify_software_token(
        Session=associated["Session"], UserCode=app.code()
    )
    done = respond(**answer(portal, "MFA_SETUP", verified["Session"]))
    assert done["AuthenticationResult"]["IdToken"]
    again = begin(cognito, portal, PASSWORD + "!")
    assert again["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    named = "SOFTWARE_TOKEN_MFA"
    shown = {"SOFTWARE_TOKEN_MFA_CODE": app.code()}
    code, _ = refusal(respond, **answer(portal, named, "A" * 44, **shown))
    assert code == "NotAuthorizedException"
    signed_in = respond(**answer(portal, named, again["Session"], **shown))
    assert signed_in["AuthenticationResult"]["IdToken"]
    once_more = begin(cognito, portal, PASSWORD + "!")
    used = answer(portal, named, once_more["Session"], **shown)
    code, message = refusal(respond, **used)
    assert code == "ExpiredCodeException"
    assert message == "Your software token has already been used once."


def test_an_authenticator_app_is_set_up_in_an_open_sign_in_only(
    cognito: Any, strict_portal: SignIn
) -> None:
    code, _ = refusal(cognito.associate_software_token, Session="A" * 44)
    assert code == "NotAuthorizedException"


def test_an_invitation_expires_for_the_api_too(
    aws: Any, cognito: Any, portal: SignIn
) -> None:
    aws.control.set(invitation_age_days=7.1)
    code, message = refusal(lambda: begin(cognito, portal))
    assert code == "NotAuthorizedException"
    assert message.startswith("Temporary password has expired")


def test_a_new_invitation_gives_a_new_password_and_new_time(
    cognito: Any, portal: SignIn
) -> None:
    named = {"UserPoolId": portal.user_pool_id, "Username": "ada"}
    cognito.admin_set_user_password(Password=PASSWORD + "?", **named)
    assert begin(cognito, portal, PASSWORD + "?")["ChallengeName"] == (
        "NEW_PASSWORD_REQUIRED"
    )


def test_after_five_failures_the_api_locks_the_user_out(
    cognito: Any, portal: SignIn
) -> None:
    for _ in range(5):
        _, message = refusal(lambda: begin(cognito, portal, "wrong"))
        assert message == "Incorrect username or password."
    _, message = refusal(lambda: begin(cognito, portal))
    assert message == "Password attempts exceeded"


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


def code_for(aws: Any, cognito: Any, portal: SignIn) -> str:
    """Sign the worker in on the pages of the sign-in domain."""
    cognito.admin_set_user_password(
        UserPoolId=portal.user_pool_id,
        Username="ada",
        Password=PASSWORD,
        Permanent=True,
    )
    visitor = Visitor(aws.endpoint, HOST)
    question = {
        "client_id": portal.client_id,
        "redirect_uri": PLACEHOLDER,
        "response_type": "code",
        "scope": "openid email",
    }
    page = visitor.open("/oauth2/authorize", question)
    answer = visitor.submit(page, {"username": "ada", "password": PASSWORD})
    return str(parse_qs(urlsplit(answer.location).query)["code"][0])


def tokens_for(aws: Any, form: dict[str, str]) -> dict[str, str]:
    """Return what the token endpoint answers."""
    answer = Visitor(aws.endpoint, HOST).post("/oauth2/token", form, {})
    answered: dict[str, str] = json.loads(answer.text)
    return answered


def buy(aws: Any, portal: SignIn, code: str, secret: str | None) -> dict[str, str]:
    form = {
        "grant_type": "authorization_code",
        "client_id": portal.client_id,
        "code": code,
        "redirect_uri": PLACEHOLDER,
    }
    if secret is not None:
        form["client_secret"] = secret
    return tokens_for(aws, form)


def test_a_code_and_the_secret_buy_tokens_once(
    aws: Any, cognito: Any, portal: SignIn
) -> None:
    code = code_for(aws, cognito, portal)
    tokens = buy(aws, portal, code, portal.client_secret)
    assert tokens["id_token"]
    again = buy(aws, portal, code, portal.client_secret)
    assert again["error"] == "invalid_grant"


@pytest.mark.parametrize("secret", [None, "", "wrong"])
def test_without_the_secret_there_are_no_tokens(
    aws: Any, cognito: Any, portal: SignIn, secret: str | None
) -> None:
    code = code_for(aws, cognito, portal)
    assert buy(aws, portal, code, secret)["error"] == "invalid_client"


def test_a_refresh_token_needs_the_secret_too(
    aws: Any, cognito: Any, portal: SignIn
) -> None:
    code = code_for(aws, cognito, portal)
    tokens = buy(aws, portal, code, portal.client_secret)
    form = {
        "grant_type": "refresh_token",
        "client_id": portal.client_id,
        "refresh_token": tokens["refresh_token"],
    }
    assert tokens_for(aws, form)["error"] == "invalid_client"
    form["client_secret"] = portal.client_secret
    assert tokens_for(aws, form)["access_token"]
