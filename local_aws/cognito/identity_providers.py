"""Identity providers that Cognito would not take.

What each kind needs: ProviderDetails of CreateIdentityProvider (Cognito API
reference). The texts are assumed.
"""

from __future__ import annotations

from typing import Any

from local_aws.cognito.pools import pool_of
from local_aws.cognito.refusals import Request, invalid_parameter

_OIDC = ("client_id", "client_secret", "oidc_issuer", "authorize_scopes")


def refuse_details(request: Request) -> None:
    """Refuse a provider without what its kind needs, or with an empty value."""
    details: dict[str, Any] = request.get("ProviderDetails") or {}
    kind = request.get("ProviderType") or _kind_of_existing(request)
    if empty := sorted(name for name, value in details.items() if not value):
        raise invalid_parameter(f"ProviderDetails has no value for {', '.join(empty)}.")
    if kind == "SAML" and len({"MetadataURL", "MetadataFile"} & details.keys()) != 1:
        raise invalid_parameter("SAML needs one of MetadataURL and MetadataFile.")
    if kind == "OIDC":
        if missing := [name for name in _OIDC if name not in details]:
            raise invalid_parameter(f"OIDC needs {', '.join(missing)}.")
        if "{{resolve:" in details["client_secret"]:
            raise invalid_parameter("client_secret is an unresolved reference.")


def _kind_of_existing(request: Request) -> object:
    providers = (pool_of(request) or {}).get("_identity_providers", {})
    return providers.get(request.get("ProviderName"), {}).get("ProviderType")
