"""The operator's identity provider, beside the pool's own accounts or instead of them.

A worker who comes through it gets an account at the first sign-in, which is in no
team: the team's group is given afterwards (docs/security.md).
"""

from __future__ import annotations

from troposphere import AWSHelperFn, Equals, If, Not, Select, Sub, Template, cognito

from templates import parameters


def is_there(template: Template) -> str:
    """Return the condition that there is an identity provider."""
    kind = parameters.IDENTITY_PROVIDER_TYPE.ref(template)
    template.conditions["HasIdentityProvider"] = Not(Equals(kind, "NONE"))
    return "HasIdentityProvider"


def add_to(
    template: Template, user_pool: cognito.UserPool
) -> cognito.UserPoolIdentityProvider:
    """Add the identity provider, if there is one."""
    return template.add_resource(
        cognito.UserPoolIdentityProvider(
            "IdentityProvider",
            Condition=is_there(template),
            UserPoolId=user_pool.ref(),
            ProviderName=parameters.IDENTITY_PROVIDER_NAME.ref(template),
            ProviderType=parameters.IDENTITY_PROVIDER_TYPE.ref(template),
            ProviderDetails=_details(template),
            AttributeMapping={
                "email": parameters.IDENTITY_PROVIDER_EMAIL_ATTRIBUTE.ref(template),
                "name": parameters.IDENTITY_PROVIDER_NAME_ATTRIBUTE.ref(template),
            },
        )
    )


def offered(
    template: Template, provider: cognito.UserPoolIdentityProvider
) -> AWSHelperFn:
    """Return what the sign-in page offers.

    The name is the parameter's, so that a change counts as one of the app client; the
    reference makes the client wait for the provider.
    """
    name = Select(0, [parameters.IDENTITY_PROVIDER_NAME.ref(template), provider.ref()])
    without_password = parameters.ENABLE_PASSWORD_SIGN_IN.equals(
        template, "false", "IsPasswordSignInOff"
    )
    return If(
        is_there(template),
        If(without_password, [name], ["COGNITO", name]),
        ["COGNITO"],
    )


def writable_attributes(template: Template) -> If:
    """Return what is written on a worker with the app client.

    At each sign-in Cognito writes what the provider says, with the client's rights
    ("Specifying attribute mappings", Cognito Developer Guide). A worker cannot: the
    client's scopes do not allow it. An e-mail address that workers could change would
    let one take another's account; an empty list would allow every attribute.
    """
    return If(is_there(template), ["email", "name"], ["name"])


def _details(template: Template) -> AWSHelperFn:
    url, document = parameters.SAML_METADATA_URL, parameters.SAML_METADATA_DOCUMENT
    saml = parameters.IDENTITY_PROVIDER_TYPE.equals(template, "SAML", "IsSaml")
    return If(
        saml,
        If(
            url.given(template),
            {"MetadataURL": url.ref(template)},
            {"MetadataFile": document.ref(template)},
        ),
        {
            "oidc_issuer": parameters.OIDC_ISSUER_URL.ref(template),
            "client_id": parameters.OIDC_CLIENT_ID.ref(template),
            # CloudFormation asks Secrets Manager itself, and shows it to nobody.
            "client_secret": Sub(
                "{{resolve:secretsmanager:${SecretArn}}}",
                SecretArn=parameters.OIDC_CLIENT_SECRET_ARN.ref(template),
            ),
            "authorize_scopes": "openid email profile",
            "attributes_request_method": "GET",
        },
    )
