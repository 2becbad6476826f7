"""What an account may have: Service Quotas, and what CloudFormation says of itself.

Only what is asked here is known: GetServiceQuota of two quotas, and
DescribeAccountLimits. Each has its documented default unless the setting `quotas` says
otherwise; that they are kept to is not modelled. The codes are those that accounts list
("List service quotas", as published by several projects).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from ministack.core import responses
from ministack.services.cloudformation import helpers

from local_aws import hooks, json_endpoint, settings
from local_aws.json_endpoint import Refused, endpoint

_ACTIONS = "ministack.services.cloudformation.handlers:_ACTION_HANDLERS"

HOOKS = (
    _ACTIONS,
    "ministack.services.cloudformation.helpers:_xml",
    *json_endpoint.HOOKS,
)

STACKS = "StackLimit"

#: Name and default of a quota by service and code ("Quotas in Amazon Cognito", "AWS WAF
#: quotas").
_QUOTAS = {
    ("cognito-idp", "L-66E6DF30"): ("User pools per account", 1000.0),
    ("wafv2", "L-2EC3DE7B"): (
        "Maximum web ACLs per account in WAF for regional",
        100.0,
    ),
}

# "CloudFormation quotas".
_STACKS = 2000


def install() -> None:
    """Register Service Quotas with the library, and CloudFormation's operation."""
    json_endpoint.register(
        "servicequotas",
        sys.modules[__name__],
        target_prefix="ServiceQuotasV20190624.",
    )
    hooks.replace(_ACTIONS, _adding)


def reset() -> None:
    """Forget nothing: quotas are settings."""


def call(operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Run one operation of Service Quotas, and return what the client reads.

    Raises:
        Refused: the operation or the quota is not modelled.
    """
    if operation != "GetServiceQuota":
        raise Refused("UnknownOperationException", f"{operation} is not modelled.")
    service, code = parameters["ServiceCode"], parameters["QuotaCode"]
    if (service, code) not in _QUOTAS:
        raise Refused(
            "NoSuchResourceException",
            f"There is no quota {code} of {service}, or it is not modelled.",
        )
    name, default = _QUOTAS[service, code]
    place = f"{responses.get_region()}:{responses.get_account_id()}"
    return {
        "Quota": {
            "ServiceCode": service,
            "QuotaArn": f"arn:aws:servicequotas:{place}:{service}/{code}",
            "QuotaCode": code,
            "QuotaName": name,
            "Value": settings.current().quotas.get(code, default),
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
        }
    }


handle_request = endpoint(call)


def _adding(actions: dict[str, Any]) -> dict[str, Any]:
    # In place: the library's modules share it.
    actions["DescribeAccountLimits"] = _describe_account_limits
    return actions


def _describe_account_limits(parameters: Mapping[str, Any]) -> Any:
    stacks = int(settings.current().quotas.get(STACKS, _STACKS))
    limit = f"<member><Name>{STACKS}</Name><Value>{stacks}</Value></member>"
    result = f"<AccountLimits>{limit}</AccountLimits>"
    return helpers._xml(
        200,
        "DescribeAccountLimitsResponse",
        f"<DescribeAccountLimitsResult>{result}</DescribeAccountLimitsResult>",
    )
