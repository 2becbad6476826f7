"""The web ACL in front of the sign-in pages: its own rules, or one of your own."""

from __future__ import annotations

from templates.parameters.declaration import OperatorParameter, list_of

GROUP = "Web ACL of the sign-in"

# AWS WAF takes every prefix length but /0 ("AWS::WAFv2::IPSet", template reference).
_IPV4 = (
    r"((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}"
    r"(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])/(3[0-2]|[12][0-9]|[1-9])"
)
_IPV6 = r"[0-9A-Fa-f:]{2,39}/(12[0-8]|1[01][0-9]|[1-9][0-9]|[1-9])"
_IPV4_CONSTRAINT = (
    "Up to 50 IPv4 CIDRs separated by commas without spaces, with a prefix length "
    "from 1 to 32, for example 192.0.2.0/24,198.51.100.7/32."
)
_IPV6_CONSTRAINT = (
    "Up to 50 IPv6 CIDRs separated by commas without spaces, with a prefix length "
    "from 1 to 128, for example 2001:db8::/32."
)
_ALLOWED = (
    "{family} networks from which workers may sign in, separated by commas; the "
    "networks of both families count together. The portal's own calls to Cognito come "
    "from AWS and are let through. Empty, with the other list, allows every network."
)
_BLOCKED = "{family} networks that reach nothing of the sign-in, separated by commas."

WEB_ACL_ARN = OperatorParameter(
    name="WebAclArn",
    group=GROUP,
    label="Web ACL of your own",
    description=(
        "ARN of a regional web ACL of this Region that protects the sign-in instead "
        "of the one made here; the other parameters of this group are then yours to "
        "replace. It must let the portal's calls to /oauth2/token through. Empty "
        "makes one."
    ),
    default="",
    allowed_pattern=(
        r"^(arn:aws:wafv2:[a-z0-9-]{1,30}:[0-9]{12}:regional/webacl"
        r"/[A-Za-z0-9_-]{1,128}/[0-9a-f-]{36})?$"
    ),
    constraint_description=(
        "Empty, or the ARN of a regional web ACL: "
        "arn:aws:wafv2:<Region>:<account>:regional/webacl/<name>/<id>. One of scope "
        "CLOUDFRONT (global/webacl) cannot protect a user pool."
    ),
    maximum_length=260,
)
REQUESTS_PER_FIVE_MINUTES = OperatorParameter(
    name="WebAclRequestsPerFiveMinutes",
    group=GROUP,
    label="Requests in five minutes",
    description=(
        "Number of requests in five minutes after which an IP address is blocked for "
        "a while. Workers who share one address share it; a sign-in takes about ten."
    ),
    default="2000",
    minimum=10,
    maximum=2000000000,
    constraint_description="A number of requests from 10 to 2000000000.",
)
ALLOWED_IPV4_CIDRS = OperatorParameter(
    name="WebAclAllowedIpv4Cidrs",
    group=GROUP,
    label="Allowed IPv4 networks",
    description=_ALLOWED.format(family="IPv4"),
    default="",
    allowed_pattern=list_of(_IPV4, at_most=50),
    constraint_description=_IPV4_CONSTRAINT,
    maximum_length=1024,
)
ALLOWED_IPV6_CIDRS = OperatorParameter(
    name="WebAclAllowedIpv6Cidrs",
    group=GROUP,
    label="Allowed IPv6 networks",
    description=_ALLOWED.format(family="IPv6"),
    default="",
    allowed_pattern=list_of(_IPV6, at_most=50),
    constraint_description=_IPV6_CONSTRAINT,
    maximum_length=2200,
)
BLOCKED_IPV4_CIDRS = OperatorParameter(
    name="WebAclBlockedIpv4Cidrs",
    group=GROUP,
    label="Blocked IPv4 networks",
    description=_BLOCKED.format(family="IPv4"),
    default="",
    allowed_pattern=list_of(_IPV4, at_most=50),
    constraint_description=_IPV4_CONSTRAINT,
    maximum_length=1024,
)
BLOCKED_IPV6_CIDRS = OperatorParameter(
    name="WebAclBlockedIpv6Cidrs",
    group=GROUP,
    label="Blocked IPv6 networks",
    description=_BLOCKED.format(family="IPv6"),
    default="",
    allowed_pattern=list_of(_IPV6, at_most=50),
    constraint_description=_IPV6_CONSTRAINT,
    maximum_length=2200,
)
#: What only the web ACL that is made here can follow.
WEB_ACL_LISTS = (
    ALLOWED_IPV4_CIDRS,
    ALLOWED_IPV6_CIDRS,
    BLOCKED_IPV4_CIDRS,
    BLOCKED_IPV6_CIDRS,
)
