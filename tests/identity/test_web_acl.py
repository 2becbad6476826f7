"""The web ACL blocks what it should, and leaves sign-in and portal alone."""

from __future__ import annotations

from typing import Any

import pytest

from local_aws.process import EmbeddedAws
from tests.identity.deployed_sign_in import UUID, DeployedSignIn, refusal
from tests.identity.web_requests import WebAcl, WebRequest

TOKEN = "/oauth2/token"
SAML = "/saml2/idpresponse"
NO_USER_AGENT = (("NoUserAgent_HEADER", "NoUserAgent_Header"),)
LONG_QUERY = (("SizeRestrictions_QUERYSTRING", "SizeRestrictions_QueryString"),)
LARGE_BODY = (("SizeRestrictions_BODY", "SizeRestrictions_Body"),)
CROSS_SITE = (("CrossSiteScripting_BODY", "CrossSiteScripting_Body"),)
OWN = "arn:aws:wafv2:{}:111111111111:regional/webacl/mine/{}"


def web_acl(sign_in: DeployedSignIn) -> WebAcl:
    return WebAcl(sign_in.aws.client("wafv2"), sign_in.pool["Arn"])


def own_web_acl(aws: EmbeddedAws) -> str:
    created = aws.client("wafv2").create_web_acl(
        Name="mine",
        Scope="REGIONAL",
        DefaultAction={"Allow": {}},
        VisibilityConfig={
            "SampledRequestsEnabled": False,
            "CloudWatchMetricsEnabled": False,
            "MetricName": "mine",
        },
    )
    arn: str = created["Summary"]["ARN"]
    return arn


def names(aws: EmbeddedAws, operation: str, key: str) -> list[str]:
    listed: Any = getattr(aws.client("wafv2"), operation)(Scope="REGIONAL")
    return [item["Name"] for item in listed[key]]


def test_by_default_a_web_acl_protects_and_lets_workers_and_portal_through(
    sign_in: DeployedSignIn,
) -> None:
    acl = web_acl(sign_in.made())
    blocks = acl.blocking_rule
    assert blocks(WebRequest()) is None
    assert blocks(WebRequest(matches=LONG_QUERY)) is None
    assert blocks(WebRequest(matches=LARGE_BODY)) == "AWSManagedRulesCommonRuleSet"
    for group in ("AmazonIpReputationList", "KnownBadInputsRuleSet"):
        name = f"AWSManagedRules{group}"
        assert blocks(WebRequest(matches=((name, ""),))) == name
    # No browser is without this header, but the portal's backend may be.
    assert blocks(WebRequest(matches=NO_USER_AGENT)) == "NoUserAgentHeader"
    assert blocks(WebRequest(path=TOKEN, matches=NO_USER_AGENT)) is None
    assert blocks(WebRequest(is_one_too_many=True)) == "TooManyRequests"
    assert blocks(WebRequest(path=TOKEN, is_one_too_many=True)) is None


def test_the_limit_is_the_operators(sign_in: DeployedSignIn) -> None:
    sign_in.made(WebAclRequestsPerFiveMinutes="500")
    (limit,) = [
        rule["Statement"]["RateBasedStatement"]["Limit"]
        for rule in web_acl(sign_in).rules
        if rule["Name"] == "TooManyRequests"
    ]
    assert int(limit) == 500


def test_allowed_and_blocked_networks_come_change_and_go(
    sign_in: DeployedSignIn,
) -> None:
    sign_in.made(
        WebAclAllowedIpv4Cidrs="192.0.2.0/24,203.0.113.0/24",
        WebAclBlockedIpv6Cidrs="2001:db8::/32",
    )
    blocks = web_acl(sign_in).blocking_rule
    assert blocks(WebRequest(address="192.0.2.7")) is None
    assert blocks(WebRequest(address="203.0.113.7")) is None
    assert blocks(WebRequest(address="198.51.100.1")) == "OtherThanAllowedNetworks"
    assert blocks(WebRequest(address="2001:db9::1")) == "OtherThanAllowedNetworks"
    assert blocks(WebRequest(address="198.51.100.1", path=TOKEN)) is None
    assert blocks(WebRequest(address="2001:db8::1")) == "BlockedIpv6Networks"
    sign_in.changed(
        WebAclAllowedIpv4Cidrs="198.51.100.0/24",
        WebAclAllowedIpv6Cidrs="2001:db9::/32",
        WebAclBlockedIpv4Cidrs="198.51.100.66/32",
        WebAclBlockedIpv6Cidrs="",
    )
    blocks = web_acl(sign_in).blocking_rule
    assert blocks(WebRequest(address="198.51.100.1")) is None
    assert blocks(WebRequest(address="2001:db9::1")) is None
    assert blocks(WebRequest(address="198.51.100.66")) == "BlockedIpv4Networks"
    assert blocks(WebRequest(address="192.0.2.7")) == "OtherThanAllowedNetworks"
    sign_in.changed(
        WebAclAllowedIpv4Cidrs="", WebAclAllowedIpv6Cidrs="", WebAclBlockedIpv4Cidrs=""
    )
    assert web_acl(sign_in).blocking_rule(WebRequest(address="192.0.2.7")) is None
    assert names(sign_in.aws, "list_ip_sets", "IPSets") == []


def test_the_log_has_no_codes_no_cookies_and_an_end(sign_in: DeployedSignIn) -> None:
    sign_in.made(LogRetentionInDays="365")
    acl = web_acl(sign_in)
    logging = acl.waf.get_logging_configuration(ResourceArn=acl.arn)[
        "LoggingConfiguration"
    ]
    name = f"aws-waf-logs-private-workforce-{UUID}"
    (destination,) = logging["LogDestinationConfigs"]
    assert destination.endswith(f":log-group:{name}")
    assert logging["RedactedFields"] == [
        {"QueryString": {}},
        {"SingleHeader": {"Name": "authorization"}},
        {"SingleHeader": {"Name": "cookie"}},
    ]
    assert sign_in.log_groups[name]["retentionInDays"] == 365


def test_a_key_encrypts_the_log_of_the_web_acl_and_not_that_of_cognito(
    sign_in: DeployedSignIn,
) -> None:
    key = "arn:aws:kms:us-east-1:111111111111:key/01234567-89ab-cdef-0123-456789abcdef"
    sign_in.made(LogKeyArn=key)
    keys = {
        name.partition("/")[0]: group.get("kmsKeyId")
        for name, group in sign_in.log_groups.items()
    }
    assert keys == {f"aws-waf-logs-private-workforce-{UUID}": key, "": None}


def test_a_web_acl_of_your_own_takes_the_place_and_gives_it_back(
    sign_in: DeployedSignIn,
) -> None:
    own = own_web_acl(sign_in.aws)
    sign_in.made()
    assert web_acl(sign_in).arn != own
    sign_in.changed(WebAclArn=own)
    assert web_acl(sign_in).arn == own
    assert names(sign_in.aws, "list_web_acls", "WebACLs") == ["mine"]
    assert list(sign_in.log_groups) == [f"/aws/vendedlogs/private-workforce/{UUID}"]
    sign_in.changed(WebAclArn="")
    assert web_acl(sign_in).arn != own
    assert sign_in.delete() == "DELETE_COMPLETE", sign_in.reasons
    assert names(sign_in.aws, "list_web_acls", "WebACLs") == ["mine"]
    assert sign_in.everything_of_the_set() == {}


def test_a_web_acl_of_another_region_fails_and_leaves_nothing(
    sign_in: DeployedSignIn,
) -> None:
    other = OWN.format("eu-west-1", UUID)
    status = sign_in.create(
        RootStackId=f"arn:aws:cloudformation:us-east-1:1:stack/x/{UUID}",
        WebAclArn=other,
    )
    assert status == "ROLLBACK_COMPLETE"
    assert "regional web ACL of us-east-1" in sign_in.reasons
    assert sign_in.everything_of_the_set() == {}


def test_with_saml_the_body_rules_count_where_the_response_comes_in(
    sign_in: DeployedSignIn,
) -> None:
    sign_in.made(**SAML_PROVIDER)
    blocks = web_acl(sign_in).blocking_rule
    for body in (LARGE_BODY, CROSS_SITE):
        assert blocks(WebRequest(path=SAML, matches=body)) is None
        assert blocks(WebRequest(path="/login", matches=body)) is not None
    assert blocks(WebRequest(path=SAML, matches=NO_USER_AGENT)) == "NoUserAgentHeader"


SAML_PROVIDER = {
    "IdentityProviderType": "SAML",
    "SamlMetadataUrl": "https://idp.example/metadata",
}


@pytest.mark.parametrize("cidrs", ["WebAclAllowedIpv4Cidrs", "WebAclBlockedIpv4Cidrs"])
def test_a_web_acl_of_your_own_and_a_list_are_refused_together(
    aws: EmbeddedAws, cidrs: str
) -> None:
    own = OWN.format("us-east-1", UUID)
    said = refusal(aws, WebAclArn=own, **{cidrs: "192.0.2.0/24"})
    assert "put the networks there" in said


@pytest.mark.parametrize(
    "arn",
    [
        OWN.format("us-east-1", UUID).replace("regional/", "global/"),
        OWN.format("cn-north-1", UUID).replace("arn:aws:", "arn:aws-cn:"),
    ],
)
def test_a_web_acl_of_the_wrong_scope_or_partition_is_refused(
    aws: EmbeddedAws, arn: str
) -> None:
    assert "the ARN of a regional web ACL" in refusal(aws, WebAclArn=arn)
