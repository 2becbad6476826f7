"""App clients: updates reset, and what could not work is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.embedded.prepared import (
    PLACEHOLDER,
    PLACEHOLDER_LOGOUT,
    app_client,
    refusal,
    user_pool,
)

OAUTH = {
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthFlows": ["code"],
    "AllowedOAuthScopes": ["openid"],
}
SETTINGS: dict[str, Any] = {
    "RefreshTokenValidity": 12,
    "AccessTokenValidity": 10,
    "IdTokenValidity": 11,
    "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes"},
    "ReadAttributes": ["email"],
    "WriteAttributes": ["name"],
    "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
    "SupportedIdentityProviders": ["COGNITO"],
    "CallbackURLs": [PLACEHOLDER],
    "LogoutURLs": [PLACEHOLDER_LOGOUT],
    "DefaultRedirectURI": PLACEHOLDER,
    "PreventUserExistenceErrors": "ENABLED",
    "EnableTokenRevocation": False,
    "EnablePropagateAdditionalUserContextData": True,
    "AuthSessionValidity": 9,
    "RefreshTokenRotation": {"Feature": "ENABLED"},
    **OAUTH,
}
READ_ONLY = {"ClientSecret", "CreationDate", "LastModifiedDate"}


@pytest.fixture
def user_pool_id(cognito: Any) -> str:
    return user_pool(cognito)


def create(cognito: Any, user_pool_id: str, **settings: Any) -> dict[str, Any]:
    created = cognito.create_user_pool_client(
        UserPoolId=user_pool_id, ClientName="c", GenerateSecret=True, **settings
    )
    return without_time(created)


def without_time(answer: Any) -> dict[str, Any]:
    described = dict(answer["UserPoolClient"])
    del described["LastModifiedDate"]
    return described


def described(cognito: Any, made: dict[str, Any]) -> dict[str, Any]:
    return without_time(
        cognito.describe_user_pool_client(
            UserPoolId=made["UserPoolId"], ClientId=made["ClientId"]
        )
    )


def update(cognito: Any, made: dict[str, Any], **settings: Any) -> dict[str, Any]:
    return without_time(
        cognito.update_user_pool_client(
            UserPoolId=made["UserPoolId"], ClientId=made["ClientId"], **settings
        )
    )


def test_an_update_resets_everything_it_omits_except_name_and_secret(
    cognito: Any, user_pool_id: str
) -> None:
    fresh = create(cognito, user_pool_id)
    made = create(cognito, user_pool_id, **SETTINGS)
    for setting, value in SETTINGS.items():
        assert made[setting] == value
        assert fresh.get(setting) != value
    update(cognito, made)
    own = {name: made[name] for name in ("ClientId", "ClientSecret", "CreationDate")}
    assert described(cognito, made) == {**fresh, **own}


def test_an_update_with_everything_that_was_described_changes_nothing(
    cognito: Any, user_pool_id: str
) -> None:
    made = create(cognito, user_pool_id, **SETTINGS)
    echo = {
        name: value
        for name, value in made.items()
        if name not in READ_ONLY | {"UserPoolId", "ClientId"}
    }
    assert update(cognito, made, **echo) == made == described(cognito, made)


def test_nothing_unset_is_described(cognito: Any, user_pool_id: str) -> None:
    made = described(cognito, create(cognito, user_pool_id))
    assert [name for name, value in made.items() if value in ("", [], {}, None)] == []


def test_omitted_authentication_flows_are_the_documented_three(
    cognito: Any, user_pool_id: str
) -> None:
    assert create(cognito, user_pool_id)["ExplicitAuthFlows"] == [
        "ALLOW_REFRESH_TOKEN_AUTH",
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_CUSTOM_AUTH",
    ]


@pytest.mark.parametrize("member", ["CallbackURLs", "LogoutURLs"])
@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example/path",
        "https://portal.example/path#fragment",
        "https://portal.example/path#",
        "/relative",
        "portal.example",
        "https://",
        "https://[::1",
        "http://localhost.evil.example/",
    ],
)
@pytest.mark.parametrize("operation", ["create", "update"])
def test_a_bad_url_is_refused(
    cognito: Any, user_pool_id: str, member: str, url: str, operation: str
) -> None:
    settings: dict[str, Any] = {**OAUTH, "CallbackURLs": [PLACEHOLDER], member: [url]}
    named: dict[str, Any] = {"UserPoolId": user_pool_id, "ClientName": "c"}
    if operation == "update":
        named["ClientId"] = create(cognito, user_pool_id)["ClientId"]
    code, message = refusal(
        getattr(cognito, f"{operation}_user_pool_client"), **named, **settings
    )
    assert code == "InvalidParameterException"
    assert url in message


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:3000/",
        "http://127.0.0.1/a",
        "http://[::1]/",
        "myapp://callback",
        PLACEHOLDER,
    ],
)
def test_https_loopback_and_app_urls_are_taken(
    cognito: Any, user_pool_id: str, url: str
) -> None:
    made = create(cognito, user_pool_id, CallbackURLs=[url], **OAUTH)
    assert made["CallbackURLs"] == [url]


def test_a_default_redirect_must_be_a_callback(cognito: Any, user_pool_id: str) -> None:
    code, message = refusal(
        create_call(cognito, user_pool_id),
        CallbackURLs=[PLACEHOLDER],
        DefaultRedirectURI="https://other.example",
        **OAUTH,
    )
    assert code == "InvalidParameterException"
    assert "DefaultRedirectURI" in message


def create_call(cognito: Any, user_pool_id: str) -> Any:
    return lambda **settings: create(cognito, user_pool_id, **settings)


def test_a_url_twice_is_refused(cognito: Any, user_pool_id: str) -> None:
    code, _ = refusal(
        create_call(cognito, user_pool_id), CallbackURLs=[PLACEHOLDER] * 2, **OAUTH
    )
    assert code == "InvalidParameterException"


def test_a_hundred_urls_are_taken_and_not_one_more(
    cognito: Any, user_pool_id: str
) -> None:
    urls = [f"https://portal.example/{number}" for number in range(101)]
    made = create(cognito, user_pool_id, CallbackURLs=urls[:100], **OAUTH)
    assert len(made["CallbackURLs"]) == 100
    code, _ = refusal(create_call(cognito, user_pool_id), CallbackURLs=urls, **OAUTH)
    assert code == "InvalidParameterException"


@pytest.mark.parametrize("flow", ["code", "implicit"])
def test_a_redirecting_flow_needs_a_callback(
    cognito: Any, user_pool_id: str, flow: str
) -> None:
    settings = {**OAUTH, "AllowedOAuthFlows": [flow]}
    assert refusal(create_call(cognito, user_pool_id), **settings) == (
        "InvalidOAuthFlowException",
        "CallbackUrls can not be empty when code flow or implicit flow is selected",
    )


@pytest.mark.parametrize("missing", sorted(OAUTH))
def test_flows_scopes_and_their_switch_go_together(
    cognito: Any, user_pool_id: str, missing: str
) -> None:
    settings = {name: value for name, value in OAUTH.items() if name != missing}
    code, _ = refusal(
        create_call(cognito, user_pool_id), CallbackURLs=[PLACEHOLDER], **settings
    )
    assert code == "InvalidOAuthFlowException"


def test_client_credentials_go_with_no_other_flow(
    cognito: Any, user_pool_id: str
) -> None:
    settings = {**OAUTH, "AllowedOAuthFlows": ["code", "client_credentials"]}
    code, _ = refusal(
        create_call(cognito, user_pool_id), CallbackURLs=[PLACEHOLDER], **settings
    )
    assert code == "InvalidOAuthFlowException"


def test_an_unknown_identity_provider_is_refused(
    cognito: Any, user_pool_id: str
) -> None:
    code, message = refusal(
        create_call(cognito, user_pool_id), SupportedIdentityProviders=["Corporate"]
    )
    assert message == (
        f"The provider Corporate does not exist for User Pool {user_pool_id}."
    )


@pytest.mark.parametrize(
    "validity",
    [
        {"AccessTokenValidity": 4, "TokenValidityUnits": {"AccessToken": "minutes"}},
        {"AccessTokenValidity": 25},
        {"IdTokenValidity": 2, "TokenValidityUnits": {"IdToken": "days"}},
        {"RefreshTokenValidity": 59, "TokenValidityUnits": {"RefreshToken": "minutes"}},
        {"RefreshTokenValidity": 3651},
    ],
)
def test_a_token_validity_out_of_range_is_refused(
    cognito: Any, user_pool_id: str, validity: dict[str, Any]
) -> None:
    assert refusal(create_call(cognito, user_pool_id), **validity) == (
        "InvalidParameterException",
        "Invalid range for token validity.",
    )


def test_the_portal_client_of_the_tests_is_accepted(
    cognito: Any, user_pool_id: str
) -> None:
    assert app_client(cognito, user_pool_id)["ClientSecret"]
