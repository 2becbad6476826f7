"""App clients: what an update resets, and which URLs and flows are refused.

UpdateUserPoolClient resets what is omitted, as UpdateUserPool does. Defaults: API
reference, CreateUserPoolClient. The secret cannot be updated and stays.
"""

from __future__ import annotations

import copy
from typing import Any
from urllib.parse import urlsplit

from ministack.services import cognito

from local_aws.cognito.pools import FURTHER, further_settings, pool_of
from local_aws.cognito.refusals import (
    Operation,
    Refusal,
    Request,
    Response,
    body_of,
    invalid_parameter,
    succeeded,
)

DEFAULTS: dict[str, Any] = {
    "RefreshTokenValidity": 30,
    "AccessTokenValidity": None,
    "IdTokenValidity": None,
    "TokenValidityUnits": {},
    "ReadAttributes": [],
    "WriteAttributes": [],
    "ExplicitAuthFlows": [
        "ALLOW_REFRESH_TOKEN_AUTH",
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_CUSTOM_AUTH",
    ],
    "SupportedIdentityProviders": [],
    "CallbackURLs": [],
    "LogoutURLs": [],
    "DefaultRedirectURI": None,
    "AllowedOAuthFlows": [],
    "AllowedOAuthScopes": [],
    "AllowedOAuthFlowsUserPoolClient": False,
    "AnalyticsConfiguration": None,
    "PreventUserExistenceErrors": "LEGACY",
    "EnableTokenRevocation": True,
    "EnablePropagateAdditionalUserContextData": False,
    "AuthSessionValidity": 3,
}
_NOT_SETTINGS = frozenset({"UserPoolId", "ClientId", "ClientName", "GenerateSecret"})

MAXIMUM_URLS = 100
MAXIMUM_URL_LENGTH = 1024
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_REDIRECTING_FLOWS = frozenset({"code", "implicit"})
_SOCIAL_PROVIDERS = frozenset(
    {"COGNITO", "Facebook", "Google", "LoginWithAmazon", "SignInWithApple"}
)

_UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
# (member, unit member, default unit, least and greatest number of seconds), from the
# API reference's CreateUserPoolClient and the developer guide's "Using tokens".
_VALIDITIES = (
    ("AccessTokenValidity", "AccessToken", "hours", 300, 86400),
    ("IdTokenValidity", "IdToken", "hours", 300, 86400),
    ("RefreshTokenValidity", "RefreshToken", "days", 3600, 315360000),
)


def completing_request(original: Operation) -> Operation:
    """Wrap Create- and UpdateUserPoolClient: what is omitted gets its default.

    Settings that the SDK does not know yet are kept beside the library's own.
    """

    def operation(request: Request) -> Response:
        response = original({**copy.deepcopy(DEFAULTS), **request})
        if succeeded(response):
            client_id = body_of(response)["UserPoolClient"]["ClientId"]
            client = cognito._user_pools[request["UserPoolId"]]["_clients"][client_id]
            client[FURTHER] = further_settings(request, _NOT_SETTINGS | DEFAULTS.keys())
        return response

    return operation


def describing(original: Operation) -> Operation:
    """Wrap an operation that returns a client: nothing unset, nothing internal.

    The library returns an empty DefaultRedirectURI, which no SDK would send back.
    """

    def operation(request: Request) -> Response:
        response = original(request)
        if not succeeded(response):
            return response
        described = body_of(response)["UserPoolClient"]
        client = cognito._user_pools[request["UserPoolId"]]["_clients"][
            described["ClientId"]
        ]
        shown = {
            name: value
            for name, value in client.items()
            if not name.startswith("_") and value not in (None, "", [], {})
        }
        answer: Response = cognito.json_response(
            {"UserPoolClient": {**shown, **client.get(FURTHER, {})}}
        )
        return answer

    return operation


def refuse_urls(request: Request) -> None:
    """Refuse callback, logout and default URLs that Cognito does not take.

    API reference, CallbackURLs: absolute, no fragment, https except http on localhost,
    127.0.0.1 and [::1] (custom schemes are for apps). That duplicates are refused is
    assumed.
    """
    for member in ("CallbackURLs", "LogoutURLs"):
        urls = request.get(member, [])
        if len(urls) > MAXIMUM_URLS:
            raise invalid_parameter(
                f"1 validation error detected: Value at '{member}' failed to satisfy "
                "constraint: Member must have length less than or equal to "
                f"{MAXIMUM_URLS}"
            )
        if len(set(urls)) < len(urls):
            raise invalid_parameter(f"{member} contains a URL twice.")
        for url in urls:
            _refuse_url(url, member)
    default = request.get("DefaultRedirectURI")
    if default and default not in request.get("CallbackURLs", []):
        raise invalid_parameter(
            f"DefaultRedirectURI {default} must be in the CallbackURLs list."
        )


def _refuse_url(url: str, member: str) -> None:
    if not 1 <= len(url) <= MAXIMUM_URL_LENGTH:
        raise invalid_parameter(
            f"{member}: a URL has 1 to {MAXIMUM_URL_LENGTH} letters."
        )
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise invalid_parameter(f"{url} is not a valid URL in {member}.") from None
    if "#" in url:
        raise invalid_parameter(f"{url} in {member} must not contain a fragment.")
    if not parts.scheme:
        raise invalid_parameter(f"{url} in {member} is not an absolute URL.")
    if parts.scheme in ("http", "https") and not host:
        raise invalid_parameter(f"{url} in {member} has no host.")
    if parts.scheme == "http" and host not in _LOOPBACK:
        # Real text: "cannot use the HTTP protocol." in many reports.
        raise invalid_parameter(f"{url} cannot use the HTTP protocol.")


def refuse_flows(request: Request) -> None:
    """Refuse OAuth flows that could not work.

    Real texts: cisagov/crossfeed#440 (no callback); Terraform AWS provider (no scopes).
    """
    flows = request.get("AllowedOAuthFlows", [])
    scopes = request.get("AllowedOAuthScopes", [])
    enabled = request.get("AllowedOAuthFlowsUserPoolClient", False)
    if enabled and not (flows and scopes):
        raise Refusal(
            "InvalidOAuthFlowException",
            "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client "
            "is allowed to use OAuth flows.",
        )
    if (flows or scopes) and not enabled:
        raise Refusal(
            "InvalidOAuthFlowException",
            "AllowedOAuthFlowsUserPoolClient must be true before flows and scopes can "
            "be set.",
        )
    if _REDIRECTING_FLOWS & set(flows) and not request.get("CallbackURLs"):
        raise Refusal(
            "InvalidOAuthFlowException",
            "CallbackUrls can not be empty when code flow or implicit flow is selected",
        )
    if "client_credentials" in flows and len(flows) > 1:
        raise Refusal(
            "InvalidOAuthFlowException",
            "client_credentials flow can not be selected along with code flow or "
            "implicit flow.",
        )


def refuse_unknown_providers(request: Request) -> None:
    """Refuse identity providers that the pool does not have (text seen with CDK)."""
    pool = pool_of(request)
    if pool is None:
        return
    known = _SOCIAL_PROVIDERS | pool["_identity_providers"].keys()
    for provider in request.get("SupportedIdentityProviders", []):
        if provider not in known:
            raise invalid_parameter(
                f"The provider {provider} does not exist for User Pool {pool['Id']}."
            )


def refuse_validities(request: Request) -> None:
    """Refuse token validities outside their ranges (real text, ranges documented)."""
    units = request.get("TokenValidityUnits") or {}
    for member, unit_member, default_unit, least, greatest in _VALIDITIES:
        validity = request.get(member)
        if not validity:
            continue
        unit = units.get(unit_member, default_unit)
        if not least <= validity * _UNITS.get(unit, 0) <= greatest:
            raise invalid_parameter("Invalid range for token validity.")
