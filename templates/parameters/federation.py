"""Sign-in through the operator's own identity provider."""

from __future__ import annotations

from templates.parameters.declaration import (
    HTTPS_URL,
    MAXIMUM_VALUE_BYTES,
    OperatorParameter,
    optional,
)

GROUP = "Sign-in through your identity provider"

IDENTITY_PROVIDER_TYPE = OperatorParameter(
    name="IdentityProviderType",
    group=GROUP,
    label="Kind of identity provider",
    description=(
        "SAML or OIDC lets workers sign in through an identity provider of yours; "
        "NONE keeps to the accounts of this user pool. To change from one kind to the "
        "other, change IdentityProviderName as well."
    ),
    default="NONE",
    allowed_values=("NONE", "SAML", "OIDC"),
)
IDENTITY_PROVIDER_NAME = OperatorParameter(
    name="IdentityProviderName",
    group=GROUP,
    label="Name of the identity provider",
    description=(
        "Name on the sign-in page's button. A changed name is another provider, whose "
        "workers are other accounts."
    ),
    default="SingleSignOn",
    allowed_pattern="^(?!COGNITO$)[A-Za-z][A-Za-z0-9-]{2,31}$",
    constraint_description=(
        "3 to 32 letters, digits or hyphens that begin with a letter; not COGNITO."
    ),
    maximum_length=32,
)
ENABLE_PASSWORD_SIGN_IN = OperatorParameter(
    name="EnablePasswordSignIn",
    group=GROUP,
    label="Sign-in with a password",
    description=(
        "false takes sign-in with the accounts of this user pool off the sign-in "
        "page, so that only the identity provider is left; invited workers can then "
        "not sign in."
    ),
    default="true",
    allowed_values=("true", "false"),
)
SAML_METADATA_URL = OperatorParameter(
    name="SamlMetadataUrl",
    group=GROUP,
    label="URL of the SAML metadata",
    description="Public URL of the identity provider's metadata, which Cognito reads.",
    default="",
    allowed_pattern=optional(HTTPS_URL),
    constraint_description="Empty, or an https URL.",
    maximum_length=1024,
)
SAML_METADATA_DOCUMENT = OperatorParameter(
    name="SamlMetadataDocument",
    group=GROUP,
    label="SAML metadata",
    description=(
        "The identity provider's metadata itself, if there is no public URL. Longer "
        "documents than 4,096 bytes need SamlMetadataUrl."
    ),
    default="",
    allowed_pattern=r"^(\s*<[\s\S]{1,4090}>\s*)?$",
    constraint_description="Empty, or an XML document of at most 4,096 bytes.",
    maximum_length=MAXIMUM_VALUE_BYTES,
)
OIDC_ISSUER_URL = OperatorParameter(
    name="OidcIssuerUrl",
    group=GROUP,
    label="OIDC issuer",
    description="URL of the OIDC issuer, under which Cognito finds its configuration.",
    default="",
    allowed_pattern=optional(HTTPS_URL),
    constraint_description="Empty, or an https URL.",
    maximum_length=1024,
)
OIDC_CLIENT_ID = OperatorParameter(
    name="OidcClientId",
    group=GROUP,
    label="OIDC client id",
    description="Id of the client that the identity provider has for this user pool.",
    default="",
    allowed_pattern=r"^([!-~]{1,255})?$",
    constraint_description="Empty, or up to 255 characters without spaces.",
    maximum_length=255,
)
OIDC_CLIENT_SECRET_ARN = OperatorParameter(
    name="OidcClientSecretArn",
    group=GROUP,
    label="OIDC client secret",
    description=(
        "ARN of the secret in AWS Secrets Manager whose text is the secret of that "
        "client, and nothing else. After a rotation, change another parameter of "
        "this group to have it read again."
    ),
    default="",
    allowed_pattern=(
        r"^(arn:aws:secretsmanager:[a-z0-9-]{1,30}:[0-9]{12}:secret:"
        r"[A-Za-z0-9/_+=.@-]{1,519})?$"
    ),
    constraint_description=(
        "Empty, or the ARN of a secret in Secrets Manager; never the secret itself."
    ),
    maximum_length=600,
)
IDENTITY_PROVIDER_EMAIL_ATTRIBUTE = OperatorParameter(
    name="IdentityProviderEmailAttribute",
    group=GROUP,
    label="Attribute with the e-mail address",
    description="Claim or SAML attribute that holds a worker's e-mail address.",
    default="email",
    allowed_pattern="^[!-~]{1,256}$",
    constraint_description="1 to 256 characters without spaces.",
    maximum_length=256,
)
IDENTITY_PROVIDER_NAME_ATTRIBUTE = OperatorParameter(
    name="IdentityProviderNameAttribute",
    group=GROUP,
    label="Attribute with the name",
    description="Claim or SAML attribute that holds a worker's name.",
    default="name",
    allowed_pattern="^[!-~]{1,256}$",
    constraint_description="1 to 256 characters without spaces.",
    maximum_length=256,
)
