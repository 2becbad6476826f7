"""Prefix domains: reserved words, and that one exists only once.

The form of a prefix is checked before, by the service model and the registry schema.
"""

from __future__ import annotations

from ministack.core import responses
from ministack.services import cognito

from local_aws.cognito.pools import pool_of
from local_aws.cognito.refusals import Refusal, Request, invalid_parameter

RESERVED_WORDS = ("aws", "amazon", "cognito")
MANAGED_LOGIN = 2


def refuse_domain(request: Request) -> None:
    """Refuse a domain that Cognito would not give away.

    Reserved words, also inside other words: aws-solutions/content-analysis-on-aws#8.
    Unique over all accounts of a Region: "Domain already associated with another user
    pool" (many reports).
    """
    domain = str(request.get("Domain", ""))
    custom = request.get("CustomDomainConfig")
    if custom is None:
        _refuse_reserved_words(domain)
    elif ":acm:us-east-1:" not in str(custom.get("CertificateArn")):
        # CustomDomainConfigType, API reference; the text is assumed.
        raise invalid_parameter("The certificate must be in the Region us-east-1.")
    region = responses.get_region()
    for _, taken_region, taken in cognito._pool_domain_map.to_dict():
        if (taken_region, taken) == (region, domain):
            raise invalid_parameter("Domain already associated with another user pool.")


def _refuse_reserved_words(prefix: str) -> None:
    for word in RESERVED_WORDS:
        if word in prefix:
            raise invalid_parameter(f"Domain cannot contain reserved word: {word}")


def refuse_managed_login_of_lite_pool(request: Request) -> None:
    """Refuse managed login for a pool of the Lite tier (CreateUserPoolDomain)."""
    pool = pool_of(request) or {}
    if (
        request.get("ManagedLoginVersion") == MANAGED_LOGIN
        and pool.get("UserPoolTier") == "LITE"
    ):
        raise Refusal(
            "FeatureUnavailableInTierException",
            "Managed login is not available in the LITE tier.",
        )


def refuse_unknown_domain(request: Request) -> None:
    """Refuse to delete a domain that the pool does not have (assumed text)."""
    domain = request.get("Domain")
    if cognito._pool_domain_map.get(domain) != request.get("UserPoolId"):
        raise invalid_parameter("No such domain or user pool exists.")
