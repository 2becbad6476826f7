"""Workers may come through the operator's identity provider, with or without others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_aws.process import EmbeddedAws
from tests.identity.deployed_sign_in import DeployedSignIn, refusal

SAML = {
    "IdentityProviderType": "SAML",
    "IdentityProviderName": "Okta",
    "SamlMetadataUrl": "https://idp.example/metadata",
}
OIDC = {
    "IdentityProviderType": "OIDC",
    "IdentityProviderName": "Entra",
    "OidcIssuerUrl": "https://idp.example",
    "OidcClientId": "labels",
}
DOCUMENT = '<?xml version="1.0"?>\n<EntityDescriptor entityID="x"/>'


def secret(aws: EmbeddedAws) -> str:
    created = aws.client("secretsmanager").create_secret(
        Name="idp", SecretString="the-secret-of-the-client"
    )
    arn: str = created["ARN"]
    return arn


def providers(sign_in: DeployedSignIn) -> dict[str, dict[str, Any]]:
    pool_id = sign_in.outputs["UserPoolId"]
    listed = sign_in.cognito.list_identity_providers(UserPoolId=pool_id)["Providers"]
    return {
        item["ProviderName"]: sign_in.cognito.describe_identity_provider(
            UserPoolId=pool_id, ProviderName=item["ProviderName"]
        )["IdentityProvider"]
        for item in listed
    }


def offered(sign_in: DeployedSignIn) -> list[str]:
    return sorted(sign_in.client["SupportedIdentityProviders"])


def test_saml_comes_beside_passwords_replaces_them_and_goes(
    sign_in: DeployedSignIn,
) -> None:
    sign_in.made(**SAML, IdentityProviderEmailAttribute="http://claims.example/mail")
    found = providers(sign_in)["Okta"]
    assert found["ProviderType"] == "SAML"
    assert found["ProviderDetails"]["MetadataURL"] == SAML["SamlMetadataUrl"]
    assert found["AttributeMapping"]["email"] == "http://claims.example/mail"
    assert offered(sign_in) == ["COGNITO", "Okta"]
    assert sorted(sign_in.client["WriteAttributes"]) == ["email", "name"]
    revision = sign_in.outputs["IdentityRevision"]
    sign_in.changed(
        EnablePasswordSignIn="false", SamlMetadataUrl="", SamlMetadataDocument=DOCUMENT
    )
    assert offered(sign_in) == ["Okta"]
    assert providers(sign_in)["Okta"]["ProviderDetails"]["MetadataFile"] == DOCUMENT
    assert sign_in.outputs["IdentityRevision"] != revision
    revision = sign_in.outputs["IdentityRevision"]
    sign_in.changed(IdentityProviderName="Okta-2")
    assert list(providers(sign_in)) == offered(sign_in) == ["Okta-2"]
    assert sign_in.outputs["IdentityRevision"] != revision
    sign_in.changed(IdentityProviderType="NONE", EnablePasswordSignIn="true")
    assert providers(sign_in) == {}
    assert offered(sign_in) == ["COGNITO"]
    assert sign_in.client["WriteAttributes"] == ["name"]


def test_the_secret_of_oidc_comes_from_secrets_manager_and_is_shown_nowhere(
    sign_in: DeployedSignIn,
) -> None:
    sign_in.made(**OIDC, OidcClientSecretArn=secret(sign_in.aws))
    details = providers(sign_in)["Entra"]["ProviderDetails"]
    assert details["client_secret"] == "the-secret-of-the-client"
    assert details["oidc_issuer"] == "https://idp.example"
    assert details["client_id"] == "labels"
    shown = json.dumps([sign_in.stack, sign_in.reasons, sign_in.outputs], default=str)
    assert "the-secret-of-the-client" not in shown
    assert offered(sign_in) == ["COGNITO", "Entra"]


@pytest.mark.parametrize(
    ("parameters", "mend"),
    [
        ({"IdentityProviderType": "SAML"}, "give SamlMetadataUrl or"),
        ({**SAML, "SamlMetadataDocument": DOCUMENT}, "only one of them"),
        (OIDC, "OidcClientSecretArn"),
        ({"OidcClientSecretArn": "hunter2"}, "never the secret itself"),
        ({"EnablePasswordSignIn": "false"}, "nobody could sign in"),
    ],
)
def test_half_an_identity_provider_is_refused(
    aws: EmbeddedAws, parameters: dict[str, str], mend: str
) -> None:
    assert mend in refusal(aws, **parameters)
