"""Where workers sign in."""

from __future__ import annotations

from templates.parameters.declaration import (
    OperatorParameter,
    optional,
)

DOMAIN_PREFIX = OperatorParameter(
    name="DomainPrefix",
    group="Sign-in domain",
    label="Domain prefix",
    description=(
        "First label of the sign-in domain, unique in the Region. Empty derives one "
        "from the stack's id. It cannot be changed while the stack lives."
    ),
    default="",
    allowed_pattern=optional(
        "(?!.*(aws|amazon|cognito))[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    ),
    constraint_description=(
        "Empty, or 1 to 63 lower-case letters, digits or inner hyphens that do not "
        "contain the reserved words aws, amazon or cognito."
    ),
    maximum_length=63,
)
SIGN_IN_PAGES = OperatorParameter(
    name="SignInPages",
    group="Sign-in domain",
    label="Sign-in pages",
    description=(
        "MANAGED are the pages of managed login, CLASSIC those of the older hosted "
        "UI. DEFAULT is MANAGED, and CLASSIC in the LITE plan, which has no others."
    ),
    default="DEFAULT",
    allowed_values=("DEFAULT", "MANAGED", "CLASSIC"),
)
CUSTOM_DOMAIN_NAME = OperatorParameter(
    name="CustomDomainName",
    group="Sign-in domain",
    label="Domain of your own",
    description=(
        "Host name of your own for the sign-in pages, besides the prefix domain, with "
        "CustomDomainCertificateArn. Its parent domain must have an A record. Point "
        "it to the output CustomDomainTarget, or give CustomDomainHostedZoneId."
    ),
    default="",
    allowed_pattern=(
        r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
        r"(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?){2,7})?$"
    ),
    constraint_description=(
        "Empty, or a lower-case host name of three labels or more, for example "
        "sign-in.labels.example.com."
    ),
    maximum_length=253,
)
CUSTOM_DOMAIN_CERTIFICATE_ARN = OperatorParameter(
    name="CustomDomainCertificateArn",
    group="Sign-in domain",
    label="Certificate of that domain",
    description=(
        "ARN of the ACM certificate of CustomDomainName; it must be in us-east-1."
    ),
    default="",
    allowed_pattern=r"^(arn:aws:acm:us-east-1:[0-9]{12}:certificate/[0-9a-f-]{36})?$",
    constraint_description=(
        "Empty, or the ARN of an ACM certificate in us-east-1: request or import it "
        "there, wherever the stack is."
    ),
    maximum_length=120,
)
CUSTOM_DOMAIN_HOSTED_ZONE_ID = OperatorParameter(
    name="CustomDomainHostedZoneId",
    group="Sign-in domain",
    label="Hosted zone of that domain",
    description=(
        "Id of the Route 53 hosted zone in which CustomDomainName is made an alias of "
        "the sign-in pages. Empty leaves the DNS record to you."
    ),
    default="",
    allowed_pattern="^(Z[A-Z0-9]{1,31})?$",
    constraint_description="Empty, or the id of a hosted zone.",
    maximum_length=32,
)
