"""What an account may have: Service Quotas, and what CloudFormation says of itself.

Only what is asked here is known: GetServiceQuota of two quotas, and
DescribeAccountLimits. Each has its documented default unless the setting `quotas` says
otherwise; that they are kept to is not modelled. The codes are those that accounts list
("List service quotas", as published by several projects).
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Mapping
from typing import Any

from ministack.core import responses
from ministack.services.cloudformation import helpers

from local_aws import hooks, settings

_SERVICE = "servicequotas"
_ACTIONS = "ministack.services.cloudformation.handlers:_ACTION_HANDLERS"

HOOKS = (
    _ACTIONS,
    "ministack.app:SERVICE_REGISTRY",
    "ministack.app:SERVICE_HANDLERS",
    "ministack.app:_loaded_modules",
    "ministack.core.iam_actions:SERVICE_TO_IAM_NAMESPACE",
    "ministack.core.router:SERVICE_PATTERNS",
    "ministack.services.cloudformation.helpers:_xml",
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
    for name, value in (
        ("ministack.app:SERVICE_REGISTRY", {"module": _SERVICE}),
        ("ministack.app:SERVICE_HANDLERS", handle_request),
        ("ministack.app:_loaded_modules", sys.modules[__name__]),
        ("ministack.core.iam_actions:SERVICE_TO_IAM_NAMESPACE", _SERVICE),
        (
            "ministack.core.router:SERVICE_PATTERNS",
            {"target_prefixes": ["ServiceQuotasV20190624."]},
        ),
    ):
        hooks.replace(name, functools.partial(_registered, value=value))
    hooks.replace(_ACTIONS, _adding)


def reset() -> None:
    """Forget nothing: quotas are settings."""


async def handle_request(
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    query_params: Mapping[str, Any],
) -> tuple[int, dict[str, str], bytes]:
    """Answer one HTTP request, in the form the library expects of its services."""
    operation = headers.get("x-amz-target", "").rpartition(".")[2]
    if operation != "GetServiceQuota":
        return _refused("UnknownOperationException", f"{operation} is not modelled.")
    request = json.loads(body or b"{}")
    service, code = request.get("ServiceCode"), request.get("QuotaCode")
    if (service, code) not in _QUOTAS:
        return _refused(
            "NoSuchResourceException",
            f"There is no quota {code} of {service}, or it is not modelled.",
        )
    name, default = _QUOTAS[service, code]
    place = f"{responses.get_region()}:{responses.get_account_id()}"
    answer: tuple[int, dict[str, str], bytes] = responses.json_response(
        {
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
    )
    return answer


def _refused(code: str, message: str) -> tuple[int, dict[str, str], bytes]:
    refusal: tuple[int, dict[str, str], bytes] = responses.error_response_json(
        code, message, 400
    )
    return refusal


def _registered(registry: dict[str, Any], value: object) -> dict[str, Any]:
    registry[_SERVICE] = value
    return registry


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
