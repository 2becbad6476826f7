"""Sign-in through the operator's own identity provider."""

from __future__ import annotations

from templates.parameters.declaration import OperatorParameter

GROUP = "Sign-in through your identity provider"

IDENTITY_PROVIDER_TYPE = OperatorParameter(
    name="IdentityProviderType",
    group=GROUP,
    label="Kind of identity provider",
    description=(
        "SAML or OIDC lets workers sign in through an identity provider of yours; "
        "NONE keeps sign-in to the accounts of this user pool. It cannot be changed "
        "together with keeping IdentityProviderName."
    ),
    default="NONE",
    allowed_values=("NONE", "SAML", "OIDC"),
)
