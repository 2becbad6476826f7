from __future__ import annotations

from typing import Any

import pytest

from local_aws.process import EmbeddedAws
from tests.embedded.probe_stacks import Stack, failing, template

PLACEHOLDER = "https://placeholder.invalid/"
REWRITTEN = "https://portal.example/"
INVITATION = "Sign in at {host} as {{username}} with {{####}}"


def pool(**properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::Cognito::UserPool",
        "Properties": {
            "AdminCreateUserConfig": {
                "AllowAdminCreateUserOnly": True,
                "InviteMessageTemplate": {
                    "EmailMessage": INVITATION.format(host="placeholder.invalid"),
                    "EmailSubject": "Welcome",
                },
            },
            **properties,
        },
    }


def client(**properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::Cognito::UserPoolClient",
        "Properties": {
            "UserPoolId": {"Ref": "Pool"},
            "GenerateSecret": True,
            "CallbackURLs": [PLACEHOLDER],
            "AllowedOAuthFlows": ["code"],
            "AllowedOAuthScopes": ["openid"],
            "AllowedOAuthFlowsUserPoolClient": True,
            "SupportedIdentityProviders": ["COGNITO"],
            **properties,
        },
    }


class Identity:
    """A stack with a pool and a client that somebody has rewritten meanwhile."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.cognito = aws.client("cognito-idp")
        self.stack = Stack(aws)
        body = template({"Pool": pool(), "Client": client()})
        assert self.stack.create(body) == "CREATE_COMPLETE", self.stack.reasons()
        self.pool_id = self.stack.physical_id("Pool")
        self.client_id = self.stack.physical_id("Client")

    def client(self) -> dict[str, Any]:
        """Return what Cognito holds about the client."""
        answer = self.cognito.describe_user_pool_client(
            UserPoolId=self.pool_id, ClientId=self.client_id
        )
        return dict(answer["UserPoolClient"])

    def pool(self) -> dict[str, Any]:
        """Return what Cognito holds about the pool."""
        answer = self.cognito.describe_user_pool(UserPoolId=self.pool_id)
        return dict(answer["UserPool"])

    def invitation(self) -> str:
        """Return the pool's invitation."""
        config = self.pool()["AdminCreateUserConfig"]
        return str(config["InviteMessageTemplate"]["EmailMessage"])

    def rewrite(self) -> None:
        """Write what belongs to the portal, as the product's function does."""
        self.cognito.update_user_pool_client(
            UserPoolId=self.pool_id,
            ClientId=self.client_id,
            CallbackURLs=[REWRITTEN],
            LogoutURLs=[REWRITTEN],
            AllowedOAuthFlows=["code"],
            AllowedOAuthScopes=["openid"],
            AllowedOAuthFlowsUserPoolClient=True,
            SupportedIdentityProviders=["COGNITO"],
        )
        self.cognito.update_user_pool(
            UserPoolId=self.pool_id,
            AutoVerifiedAttributes=["email"],
            AdminCreateUserConfig={
                "AllowAdminCreateUserOnly": True,
                "InviteMessageTemplate": {
                    "EmailMessage": INVITATION.format(host="portal.example")
                },
            },
        )


def test_any_update_of_a_client_writes_the_whole_template(aws: EmbeddedAws) -> None:
    identity = Identity(aws)
    identity.rewrite()
    body = template({"Pool": pool(), "Client": client(RefreshTokenValidity=5)})
    assert identity.stack.update(body) == "UPDATE_COMPLETE"
    found = identity.client()
    assert found["CallbackURLs"] == [PLACEHOLDER]
    assert "LogoutURLs" not in found
    assert found["RefreshTokenValidity"] == 5
    assert "portal.example" in identity.invitation()


def test_any_update_of_a_pool_writes_the_whole_template(aws: EmbeddedAws) -> None:
    identity = Identity(aws)
    identity.rewrite()
    body = template({"Pool": pool(DeletionProtection="INACTIVE"), "Client": client()})
    assert identity.stack.update(body) == "UPDATE_COMPLETE"
    assert "placeholder.invalid" in identity.invitation()
    assert not identity.pool().get("AutoVerifiedAttributes")
    assert identity.client()["CallbackURLs"] == [REWRITTEN]


def test_a_change_of_the_stacks_tags_writes_the_whole_pool(aws: EmbeddedAws) -> None:
    identity = Identity(aws)
    identity.rewrite()
    body = template({"Pool": pool(), "Client": client()})
    tags = [{"Key": "team", "Value": "labels"}]
    assert identity.stack.update(body, Tags=tags) == "UPDATE_COMPLETE"
    assert "placeholder.invalid" in identity.invitation()
    assert identity.pool()["UserPoolTags"]["team"] == "labels"
    assert identity.client()["CallbackURLs"] == [REWRITTEN]


def test_a_rollback_writes_the_old_template_of_what_was_updated(
    aws: EmbeddedAws,
) -> None:
    identity = Identity(aws)
    identity.rewrite()
    body = template(
        {
            "Pool": pool(DeletionProtection="INACTIVE"),
            "Client": client(RefreshTokenValidity=5),
            "Bad": failing(depends_on=["Client"]),
        }
    )
    assert identity.stack.update(body) == "UPDATE_ROLLBACK_COMPLETE"
    assert identity.client()["CallbackURLs"] == [PLACEHOLDER]
    assert identity.client()["RefreshTokenValidity"] == 30
    assert "placeholder.invalid" in identity.invitation()


def test_a_client_whose_own_update_fails_is_written_back(aws: EmbeddedAws) -> None:
    identity = Identity(aws)
    identity.rewrite()
    wrong = client(CallbackURLs=["http://insecure.example/"])
    body = template({"Pool": pool(), "Client": wrong})
    assert identity.stack.update(body) == "UPDATE_ROLLBACK_COMPLETE"
    assert identity.client()["CallbackURLs"] == [PLACEHOLDER]


def test_what_an_update_does_not_touch_stays_rewritten(aws: EmbeddedAws) -> None:
    identity = Identity(aws)
    identity.rewrite()
    group = {
        "Type": "AWS::Cognito::UserPoolGroup",
        "Properties": {"UserPoolId": {"Ref": "Pool"}, "GroupName": "a"},
    }
    body = template({"Pool": pool(), "Client": client(), "Group": group})
    assert identity.stack.update(body) == "UPDATE_COMPLETE"
    assert identity.client()["CallbackURLs"] == [REWRITTEN]
    assert "portal.example" in identity.invitation()


def test_a_pool_carries_cloudformations_tags(aws: EmbeddedAws) -> None:
    identity = Identity(aws)
    system = {
        "aws:cloudformation:stack-name": "probe",
        "aws:cloudformation:stack-id": identity.stack.id,
        "aws:cloudformation:logical-id": "Pool",
    }
    assert identity.pool()["UserPoolTags"] == system
    aws.control.set(system_tags=False)
    assert not identity.pool().get("UserPoolTags")


def test_a_protected_pool_fails_the_deletion(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    stack.create(template({"Pool": pool(DeletionProtection="ACTIVE")}))
    assert stack.delete() == "DELETE_FAILED"
    assert "deletion protection is activated" in stack.reason("Pool", "DELETE_FAILED")


def domain(name: str) -> dict[str, Any]:
    return {
        "Type": "AWS::Cognito::UserPoolDomain",
        "Properties": {"UserPoolId": {"Ref": "Pool"}, "Domain": name},
    }


def test_another_domain_would_replace_the_one_that_is_in_its_way(
    aws: EmbeddedAws,
) -> None:
    stack = Stack(aws)
    stack.create(template({"Pool": pool(), "Domain": domain("first-sign-in")}))
    body = template({"Pool": pool(), "Domain": domain("second-sign-in")})
    assert stack.update(body) == "UPDATE_ROLLBACK_COMPLETE"
    assert "already has a domain configured" in stack.reason("Domain", "UPDATE_FAILED")
    cognito = aws.client("cognito-idp")
    found = cognito.describe_user_pool_domain(Domain="first-sign-in")
    assert found["DomainDescription"]["UserPoolId"] == stack.physical_id("Pool")
    missing = cognito.describe_user_pool_domain(Domain="second-sign-in")
    assert missing["DomainDescription"] == {}


UNCHANGEABLE: dict[str, dict[str, Any]] = {
    "sign_in_names": {"UsernameAttributes": ["email"]},
    "aliases": {"AliasAttributes": ["email"]},
    "case": {"UsernameConfiguration": {"CaseSensitive": True}},
}


@pytest.mark.parametrize("change", UNCHANGEABLE.values(), ids=UNCHANGEABLE)
def test_what_is_fixed_when_a_pool_is_made_fails_the_update(
    aws: EmbeddedAws, change: dict[str, Any]
) -> None:
    stack = Stack(aws)
    stack.create(template({"Pool": pool()}))
    before = stack.physical_id("Pool")
    assert stack.update(template({"Pool": pool(**change)})) == (
        "UPDATE_ROLLBACK_COMPLETE"
    )
    assert stack.physical_id("Pool") == before
    (name,) = change
    assert stack.reason("Pool", "UPDATE_FAILED") == (
        f"Updates are not allowed for property - {name}."
    )


def test_an_attribute_of_the_schema_cannot_be_taken_away(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    schema = [{"Name": "badge", "AttributeDataType": "String", "Mutable": True}]
    stack.create(template({"Pool": pool(Schema=schema)}))
    assert stack.update(template({"Pool": pool()})) == "UPDATE_ROLLBACK_COMPLETE"


def test_an_attribute_may_be_added_to_the_schema(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    stack.create(template({"Pool": pool()}))
    schema = [{"Name": "badge", "AttributeDataType": "String", "Mutable": True}]
    body = template({"Pool": pool(Schema=schema)})
    assert stack.update(body) == "UPDATE_COMPLETE", stack.reasons()


def test_required_mfa_with_an_authenticator_app_is_really_set(
    aws: EmbeddedAws,
) -> None:
    stack = Stack(aws)
    mfa = {"MfaConfiguration": "ON", "EnabledMfas": ["SOFTWARE_TOKEN_MFA"]}
    assert stack.create(template({"Pool": pool(**mfa)})) == "CREATE_COMPLETE"
    config = aws.client("cognito-idp").get_user_pool_mfa_config(
        UserPoolId=stack.physical_id("Pool")
    )
    assert config["MfaConfiguration"] == "ON"
    assert config["SoftwareTokenMfaConfiguration"] == {"Enabled": True}


def test_mfa_needs_a_factor(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    status = stack.create(template({"Pool": pool(MfaConfiguration="ON")}))
    assert status == "ROLLBACK_COMPLETE"


def test_required_mfa_survives_another_change_of_the_pool(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    mfa = {"MfaConfiguration": "ON", "EnabledMfas": ["SOFTWARE_TOKEN_MFA"]}
    stack.create(template({"Pool": pool(**mfa)}))
    body = template({"Pool": pool(**mfa, UserPoolName="renamed")})
    assert stack.update(body) == "UPDATE_COMPLETE", stack.reasons()
    config = aws.client("cognito-idp").get_user_pool_mfa_config(
        UserPoolId=stack.physical_id("Pool")
    )
    assert config["MfaConfiguration"] == "ON"
    assert config["SoftwareTokenMfaConfiguration"] == {"Enabled": True}


def test_another_secret_replaces_the_client_after_the_update(aws: EmbeddedAws) -> None:
    identity = Identity(aws)
    body = template({"Pool": pool(), "Client": client(GenerateSecret=False)})
    assert identity.stack.update(body) == "UPDATE_COMPLETE", identity.stack.reasons()
    clients = identity.cognito.list_user_pool_clients(UserPoolId=identity.pool_id)
    (left,) = clients["UserPoolClients"]
    assert left["ClientId"] == identity.stack.physical_id("Client")
    assert left["ClientId"] != identity.client_id


def test_a_replaced_client_survives_a_rollback(aws: EmbeddedAws) -> None:
    identity = Identity(aws)
    body = template(
        {
            "Pool": pool(),
            "Client": client(GenerateSecret=False),
            "Bad": failing(depends_on=["Client"]),
        }
    )
    assert identity.stack.update(body) == "UPDATE_ROLLBACK_COMPLETE"
    clients = identity.cognito.list_user_pool_clients(UserPoolId=identity.pool_id)
    (left,) = clients["UserPoolClients"]
    assert left["ClientId"] == identity.client_id
