"""The base stack: who may sign in, and how."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_src import workforce as function
from tests.templates_as_data import template

PLACEHOLDER = "https://labeling-portal.invalid"


@pytest.fixture(params=["base.yaml", "private-workforce.yaml"])
def resources(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = template(request.param)["Resources"]
    return found


def test_only_administrators_create_workers(resources: dict[str, Any]) -> None:
    pool = resources["UserPool"]["Properties"]
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True


def test_a_worker_may_sign_in_with_the_email_in_any_case(
    resources: dict[str, Any],
) -> None:
    pool = resources["UserPool"]["Properties"]
    assert pool["AliasAttributes"] == ["email"]
    assert pool["UsernameConfiguration"] == {"CaseSensitive": False}


def test_every_worker_needs_an_authenticator_app(resources: dict[str, Any]) -> None:
    pool = resources["UserPool"]["Properties"]
    assert pool["MfaConfiguration"] == {"Fn::If": ["IsMfaOptional", "OPTIONAL", "ON"]}
    assert pool["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]


def test_a_password_needs_every_kind_of_character(resources: dict[str, Any]) -> None:
    policy = resources["UserPool"]["Properties"]["Policies"]["PasswordPolicy"]
    assert [policy[name] for name in policy if name.startswith("Require")] == [True] * 4


def test_a_replaced_user_pool_is_kept(resources: dict[str, Any]) -> None:
    assert resources["UserPool"]["UpdateReplacePolicy"] == "Retain"


def test_the_client_is_confidential_and_takes_the_code_flow_only(
    resources: dict[str, Any],
) -> None:
    client = resources["UserPoolClient"]["Properties"]
    assert client["GenerateSecret"] is True
    assert client["AllowedOAuthFlows"] == ["code"]
    assert client["AllowedOAuthScopes"] == ["openid", "email", "profile"]
    assert client["ExplicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]


def test_the_client_does_not_tell_which_accounts_exist(
    resources: dict[str, Any],
) -> None:
    client = resources["UserPoolClient"]["Properties"]
    assert client["PreventUserExistenceErrors"] == "ENABLED"


def test_a_worker_cannot_change_the_email(resources: dict[str, Any]) -> None:
    client = resources["UserPoolClient"]["Properties"]
    condition, with_provider, without = client["WriteAttributes"]["Fn::If"]
    assert (condition, without) == ("HasIdentityProvider", ["name"])
    # The provider writes it; a worker would need a scope that is not there.
    assert with_provider == ["email", "name"]
    assert "aws.cognito.signin.user.admin" not in client["AllowedOAuthScopes"]


def test_the_placeholder_stands_wherever_the_portal_belongs(
    resources: dict[str, Any],
) -> None:
    client = resources["UserPoolClient"]["Properties"]
    callbacks = client["CallbackURLs"]["Fn::If"]
    assert callbacks[2] == [f"{PLACEHOLDER}/oauth2/idpresponse"]
    assert client["LogoutURLs"]["Fn::If"][2] == [f"{PLACEHOLDER}/logout"]
    assert client["DefaultRedirectURI"] == f"{PLACEHOLDER}/oauth2/idpresponse"
    invitation = resources["UserPool"]["Properties"]["AdminCreateUserConfig"]
    _, own, built_in = invitation["InviteMessageTemplate"]["EmailMessage"]["Fn::If"]
    assert PLACEHOLDER in built_in["Fn::Sub"][0]
    host, parts = own["Fn::Join"]
    assert host == function.PLACEHOLDER_HOST
    assert parts == {"Fn::Split": ["{portal}", {"Ref": "InvitationBody"}]}
    assert f"https://{function.PLACEHOLDER_HOST}" == PLACEHOLDER


def test_additional_urls_follow_the_portals(resources: dict[str, Any]) -> None:
    client = resources["UserPoolClient"]["Properties"]
    condition, given, _ = client["CallbackURLs"]["Fn::If"]
    assert condition == "HasAdditionalCallbackUrls"
    assert given == {
        "Fn::Split": [
            ",",
            {
                "Fn::Join": [
                    ",",
                    [
                        f"{PLACEHOLDER}/oauth2/idpresponse",
                        {"Ref": "AdditionalCallbackUrls"},
                    ],
                ]
            },
        ]
    }


def test_the_sign_in_pages_are_managed_login_with_a_branding(
    resources: dict[str, Any],
) -> None:
    """Without a branding, managed login answers "Login pages unavailable"."""
    domain = resources["UserPoolDomain"]["Properties"]
    assert domain["ManagedLoginVersion"] == {"Fn::If": ["HasManagedLogin", 2, 1]}
    assert resources["ManagedLoginBranding"]["Condition"] == "HasManagedLogin"
    branding = resources["ManagedLoginBranding"]["Properties"]
    assert branding["ClientId"] == {"Ref": "UserPoolClient"}
    assert branding["UseCognitoProvidedValues"] is True


def test_a_derived_domain_prefix_holds_the_whole_uuid_of_the_root_stack() -> None:
    for name, stack_id in (
        ("base.yaml", "RootStackId"),
        ("private-workforce.yaml", "AWS::StackId"),
    ):
        domain = template(name)["Resources"]["UserPoolDomain"]["Properties"]["Domain"]
        condition, given, derived = domain["Fn::If"]
        assert (condition, given) == ("HasDomainPrefix", {"Ref": "DomainPrefix"})
        text, values = derived["Fn::Sub"]
        assert text == "labeling-${StackUuid}"
        uuid = {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": stack_id}]}]}
        assert values == {"StackUuid": uuid}
