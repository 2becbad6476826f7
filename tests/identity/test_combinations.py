"""Every pair of choices fits together: refused with a sentence, or deployed."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping

import pytest

from templates import parameters
from tests.identity.deployed_sign_in import DeployedSignIn

CERTIFICATE = (
    "arn:aws:acm:us-east-1:111111111111:certificate"
    "/01234567-89ab-cdef-0123-456789abcdef"
)
#: Choices that belong together count as one, so that every row is a good one.
CHOICES: dict[str, list[dict[str, str]]] = {
    "plan": [
        {},
        {"ThreatProtectionMode": "ENFORCED"},
        {"UserPoolTier": "ESSENTIALS", "PasswordHistorySize": "24"},
        {"UserPoolTier": "LITE"},
    ],
    "pages": [{}, {"SignInPages": "CLASSIC"}],
    "factor": [
        {},
        {"MultiFactorAuthentication": "OPTIONAL", "AccountRecovery": "ADMINISTRATOR"},
    ],
    "provider": [
        {},
        {
            "IdentityProviderType": "SAML",
            "SamlMetadataUrl": "https://idp.example/metadata",
            "EnablePasswordSignIn": "false",
        },
        {"IdentityProviderType": "SAML", "SamlMetadataDocument": "<x>\n</x>"},
    ],
    "networks": [
        {},
        {"WebAclAllowedIpv4Cidrs": "192.0.2.0/24"},
        {
            "WebAclAllowedIpv6Cidrs": "2001:db8::/32",
            "WebAclBlockedIpv4Cidrs": "192.0.2.1/32",
        },
    ],
    "sender": [
        {},
        {
            "SesIdentityArn": "arn:aws:ses:us-east-1:111111111111:identity/a.example",
            "FromEmailAddress": "labels@a.example",
            "OrganizationName": "Labs",
        },
    ],
    "domain": [
        {},
        {
            "CustomDomainName": "sign-in.labels.example.com",
            "CustomDomainCertificateArn": CERTIFICATE,
        },
    ],
    "monitoring": [{}, {"EnableMonitoring": "false"}],
    "urls": [{}, {"AdditionalCallbackUrls": "https://a.example/cb"}],
}

Row = tuple[int, ...]


def pairs(row: Row) -> set[tuple[tuple[int, int], ...]]:
    return set(itertools.combinations(enumerate(row), 2))


def pairwise() -> list[Row]:
    """Return rows in which every two choices of two kinds meet at least once."""
    every = list(itertools.product(*(range(len(each)) for each in CHOICES.values())))
    missing = set().union(*map(pairs, every))
    draw = random.Random(3)  # noqa: S311 (a sample, and the same at each run)
    rows: list[Row] = []
    while missing:
        best = max(draw.sample(every, 200), key=lambda row: len(pairs(row) & missing))
        if found := pairs(best) & missing:
            rows.append(best)
            missing -= found
    return rows


def combined(row: Row) -> dict[str, str]:
    chosen: Iterator[Mapping[str, str]] = (
        options[number] for options, number in zip(CHOICES.values(), row, strict=True)
    )
    return {name: value for each in chosen for name, value in each.items()}


ROWS = pairwise()


def test_every_pair_of_choices_is_in_the_sample() -> None:
    met = set().union(*map(pairs, ROWS))
    sizes = [len(options) for options in CHOICES.values()]
    assert len(met) == sum(a * b for a, b in itertools.combinations(sizes, 2))
    assert len(ROWS) <= 20


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_combination_is_made_as_asked(sign_in: DeployedSignIn, row: Row) -> None:
    wanted = combined(row)
    sign_in.made(**wanted)
    plan = wanted.get("UserPoolTier", "PLUS")
    assert sign_in.pool["UserPoolTier"] == plan
    assert ("userAuthEvents" in sign_in.log_sources) == (plan == "PLUS")
    callbacks = sign_in.client["CallbackURLs"]
    assert len(callbacks) == 1 + ("AdditionalCallbackUrls" in wanted)
    assert sign_in.pool.get("CustomDomain", "") == wanted.get("CustomDomainName", "")
    has_provider = wanted.get("IdentityProviderType", "NONE") != "NONE"
    has_password = wanted.get("EnablePasswordSignIn", "true") == "true"
    assert len(sign_in.client["SupportedIdentityProviders"]) == (
        has_provider + has_password
    )


def test_every_choice_is_a_parameter() -> None:
    names = {n for options in CHOICES.values() for each in options for n in each}
    assert names <= parameters.by_name().keys()
