"""Every operator parameter of the set, each declared once.

A stack uses a parameter by asking for its reference (``DOMAIN_PREFIX.ref(template)``).
The parameter then appears in that template, in root, in the console's parameter page
and in docs/parameters.md; nothing else has to be edited but the list below.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

from troposphere import Template

from templates.parameters import (
    domain,
    federation,
    invitation,
    operations,
    portal,
    protection,
    sessions,
    teams,
    web_acl,
)
from templates.parameters.declaration import (
    MAXIMUM_VALUE_BYTES,
    Labelled,
    OperatorParameter,
    list_of,
    optional,
)
from templates.parameters.domain import (
    CUSTOM_DOMAIN_CERTIFICATE_ARN,
    CUSTOM_DOMAIN_HOSTED_ZONE_ID,
    CUSTOM_DOMAIN_NAME,
    DOMAIN_PREFIX,
    SIGN_IN_PAGES,
)
from templates.parameters.federation import (
    ENABLE_PASSWORD_SIGN_IN,
    IDENTITY_PROVIDER_EMAIL_ATTRIBUTE,
    IDENTITY_PROVIDER_NAME,
    IDENTITY_PROVIDER_NAME_ATTRIBUTE,
    IDENTITY_PROVIDER_TYPE,
    OIDC_CLIENT_ID,
    OIDC_CLIENT_SECRET_ARN,
    OIDC_ISSUER_URL,
    SAML_METADATA_DOCUMENT,
    SAML_METADATA_URL,
)
from templates.parameters.invitation import (
    FROM_EMAIL_ADDRESS,
    INVITATION_BODY,
    INVITATION_SUBJECT,
    ORGANIZATION_NAME,
    SES_IDENTITY_ARN,
)
from templates.parameters.operations import (
    ENABLE_MONITORING,
    EXISTING_WORKFORCE_NAME,
    LOG_RETENTION_IN_DAYS,
    NOTIFICATION_EMAIL,
    PERMISSIONS_BOUNDARY_ARN,
    USER_POOL_DELETION_PROTECTION,
)
from templates.parameters.portal import (
    ADDITIONAL_CALLBACK_URLS,
    ADDITIONAL_LOGOUT_URLS,
    IP_ADDRESS_TYPE,
    RESTRICT_TASK_DATA_TO_SOURCE_IP,
    SECURITY_GROUP_IDS,
    SOURCE_CIDRS,
    SUBNET_IDS,
    VPC_ID,
)
from templates.parameters.protection import (
    ENABLE_ACTIVITY_LOGS,
    LOG_KEY_ARN,
    THREAT_PROTECTION_MODE,
    USER_POOL_TIER,
)
from templates.parameters.sessions import (
    ACCESS_TOKEN_VALIDITY_IN_MINUTES,
    ACCOUNT_RECOVERY,
    MULTI_FACTOR_AUTHENTICATION,
    PASSWORD_HISTORY_SIZE,
    PASSWORD_MINIMUM_LENGTH,
    REFRESH_TOKEN_VALIDITY_IN_HOURS,
    TEMPORARY_PASSWORD_VALIDITY_DAYS,
)
from templates.parameters.teams import (
    WORK_TEAM_NAMES,
    WORKER_EMAILS,
)
from templates.parameters.web_acl import (
    ALLOWED_IPV4_CIDRS,
    ALLOWED_IPV6_CIDRS,
    BLOCKED_IPV4_CIDRS,
    BLOCKED_IPV6_CIDRS,
    REQUESTS_PER_FIVE_MINUTES,
    WEB_ACL_ARN,
    WEB_ACL_LISTS,
)

__all__ = [
    "ACCESS_TOKEN_VALIDITY_IN_MINUTES",
    "ACCOUNT_RECOVERY",
    "ADDITIONAL_CALLBACK_URLS",
    "ADDITIONAL_LOGOUT_URLS",
    "ALLOWED_IPV4_CIDRS",
    "ALLOWED_IPV6_CIDRS",
    "BLOCKED_IPV4_CIDRS",
    "BLOCKED_IPV6_CIDRS",
    "CUSTOM_DOMAIN_CERTIFICATE_ARN",
    "CUSTOM_DOMAIN_HOSTED_ZONE_ID",
    "CUSTOM_DOMAIN_NAME",
    "DOMAIN_PREFIX",
    "ENABLE_ACTIVITY_LOGS",
    "ENABLE_MONITORING",
    "ENABLE_PASSWORD_SIGN_IN",
    "EXISTING_WORKFORCE_NAME",
    "FROM_EMAIL_ADDRESS",
    "GROUPS",
    "IDENTITY_PROVIDER_EMAIL_ATTRIBUTE",
    "IDENTITY_PROVIDER_NAME",
    "IDENTITY_PROVIDER_NAME_ATTRIBUTE",
    "IDENTITY_PROVIDER_TYPE",
    "INVITATION_BODY",
    "INVITATION_SUBJECT",
    "IP_ADDRESS_TYPE",
    "LOG_KEY_ARN",
    "LOG_RETENTION_IN_DAYS",
    "MAXIMUM_VALUE_BYTES",
    "MULTI_FACTOR_AUTHENTICATION",
    "NOTIFICATION_EMAIL",
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET_ARN",
    "OIDC_ISSUER_URL",
    "ORGANIZATION_NAME",
    "PASSWORD_HISTORY_SIZE",
    "PASSWORD_MINIMUM_LENGTH",
    "PERMISSIONS_BOUNDARY_ARN",
    "REFRESH_TOKEN_VALIDITY_IN_HOURS",
    "REQUESTS_PER_FIVE_MINUTES",
    "RESTRICT_TASK_DATA_TO_SOURCE_IP",
    "SAML_METADATA_DOCUMENT",
    "SAML_METADATA_URL",
    "SECURITY_GROUP_IDS",
    "SES_IDENTITY_ARN",
    "SIGN_IN_PAGES",
    "SOURCE_CIDRS",
    "SUBNET_IDS",
    "TEMPORARY_PASSWORD_VALIDITY_DAYS",
    "THREAT_PROTECTION_MODE",
    "USER_POOL_DELETION_PROTECTION",
    "USER_POOL_TIER",
    "VPC_ID",
    "WEB_ACL_ARN",
    "WEB_ACL_LISTS",
    "WORKER_EMAILS",
    "WORK_TEAM_NAMES",
    "Labelled",
    "OperatorParameter",
    "all_parameters",
    "by_name",
    "console_interface",
    "list_of",
    "longest_value",
    "optional",
]

#: The groups of the console's parameter page, in the order a person reads them.
GROUPS = (
    "Labeling teams",
    "Invitation",
    "Sign-in domain",
    "Sign-in sessions and passwords",
    "Sign-in through your identity provider",
    "Protection of the sign-in",
    "Web ACL of the sign-in",
    "Portal access",
    "Operations",
)

#: The last group, of what an operator leaves empty.
SET_BY_ROOT = "Set by the root stack (leave empty)"

#: The modules that declare parameters, in the order in which a person reads them.
_MODULES = (
    teams,
    invitation,
    domain,
    sessions,
    federation,
    protection,
    web_acl,
    portal,
    operations,
)


def all_parameters() -> Iterator[OperatorParameter]:
    """Yield every operator parameter, grouped as the console shows them."""
    declared = [
        value
        for module in _MODULES
        for value in vars(module).values()
        if isinstance(value, OperatorParameter)
    ]
    for group in GROUPS:
        yield from (parameter for parameter in declared if parameter.group == group)


@functools.cache
def by_name() -> dict[str, OperatorParameter]:
    """Return every operator parameter by its name."""
    return {parameter.name: parameter for parameter in all_parameters()}


def longest_value(name: str) -> int:
    """Return the most bytes that a parameter of any template can have."""
    operator = by_name()
    return operator[name].longest_value if name in operator else MAXIMUM_VALUE_BYTES


def console_interface(
    template: Template, own: Sequence[Labelled] = ()
) -> dict[str, object]:
    """Return the ``AWS::CloudFormation::Interface`` of a template's parameters.

    Args:
        template: the template.
        own: what the template declares besides the operator's parameters of the set.
    """
    declared: list[Labelled] = [*own, *all_parameters()]
    present = [item for item in declared if item.name in template.parameters]
    first = [item.group for item in own if item.group != SET_BY_ROOT]
    groups = dict.fromkeys([*first, *GROUPS, SET_BY_ROOT])
    return {
        "ParameterGroups": [
            {
                "Label": {"default": group},
                "Parameters": [item.name for item in present if item.group == group],
            }
            for group in groups
            if any(item.group == group for item in present)
        ],
        "ParameterLabels": {item.name: {"default": item.label} for item in present},
    }
