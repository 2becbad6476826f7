"""Operations of Amazon Cognito that the library lacks and some resource types need.

Brandings of managed login, log delivery and threat protection are kept on the record of
their user pool, so they end with it and survive a restart with it. Shapes and error
codes: Amazon Cognito user pools API reference. That one client has one branding at
most, and that the sign-in pages of managed login do not exist without one: Cognito
Developer Guide, "Apply branding to managed login pages".
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import uuid4

from ministack.core import responses
from ministack.services import cloudwatch_logs, cognito

from local_aws.cognito import feature_plans

Request = Mapping[str, Any]
Response = tuple[int, dict[str, str], bytes]

BRANDINGS = "_managed_login_brandings"
LOG_CONFIGURATIONS = "_log_configurations"
RISK_CONFIGURATIONS = "_risk_configurations"


class Refused(Exception):
    """A refused call: error code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def adding(original: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
    """Wrap the dispatch of Cognito's operations with those in this module."""

    async def dispatch(action: str, request: dict[str, Any]) -> Any:
        operation = _OPERATIONS.get(action)
        if operation is None:
            return await original(action, request)
        try:
            answer = operation(_pool(request), request)
        except Refused as refusal:
            return responses.error_response_json(refusal.code, str(refusal), 400)
        return responses.json_response(answer)

    return dispatch


def _pool(request: Request) -> dict[str, Any]:
    pool_id = request.get("UserPoolId")
    pool: dict[str, Any] | None = cognito._user_pools.get(pool_id)
    if pool is None:
        raise Refused(
            "ResourceNotFoundException", f"User pool {pool_id} does not exist."
        )
    return pool


def _client_exists(pool: Request, client_id: object) -> None:
    if client_id not in pool["_clients"]:
        raise Refused(
            "ResourceNotFoundException", f"User pool client {client_id} does not exist."
        )


def _create_branding(pool: dict[str, Any], request: Request) -> dict[str, Any]:
    client_id = request.get("ClientId")
    _client_exists(pool, client_id)
    if pool.get("UserPoolTier") == "LITE":
        raise Refused(
            "FeatureUnavailableInTierException",
            "Managed login is not available in the LITE tier.",
        )
    if branding_of(pool, client_id) is not None:
        raise Refused(
            "ManagedLoginBrandingExistsException",
            "Managed login branding already exists for this client.",
        )
    branding = {
        "ManagedLoginBrandingId": str(uuid4()),
        "UserPoolId": pool["Id"],
        "ClientId": client_id,
        "CreationDate": time.time(),
        **_look(request),
    }
    pool.setdefault(BRANDINGS, {})[branding["ManagedLoginBrandingId"]] = branding
    return {"ManagedLoginBranding": _shown(branding)}


def _look(request: Request) -> dict[str, Any]:
    """Return what a request sets; Cognito's own style excludes other settings."""
    uses_own_style = bool(request.get("UseCognitoProvidedValues", False))
    if uses_own_style and (request.get("Settings") or request.get("Assets")):
        raise Refused(
            "InvalidParameterException",
            "UseCognitoProvidedValues excludes Settings and Assets.",
        )
    return {
        "UseCognitoProvidedValues": uses_own_style,
        "Settings": request.get("Settings") or {},
        "Assets": request.get("Assets") or [],
        "LastModifiedDate": time.time(),
    }


def _shown(branding: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in branding.items() if name != "ClientId"}


def branding_of(pool: Request, client_id: object) -> dict[str, Any] | None:
    """Return the branding of an app client, or None."""
    for branding in pool.get(BRANDINGS, {}).values():
        if branding["ClientId"] == client_id:
            found: dict[str, Any] = branding
            return found
    return None


def _branding(pool: Request, request: Request) -> dict[str, Any]:
    branding_id = request.get("ManagedLoginBrandingId")
    branding: dict[str, Any] | None = pool.get(BRANDINGS, {}).get(branding_id)
    if branding is None:
        raise Refused(
            "ResourceNotFoundException",
            f"Managed login branding {branding_id} does not exist.",
        )
    return branding


def _describe_branding(pool: dict[str, Any], request: Request) -> dict[str, Any]:
    return {"ManagedLoginBranding": _shown(_branding(pool, request))}


def _describe_branding_by_client(
    pool: dict[str, Any], request: Request
) -> dict[str, Any]:
    branding = branding_of(pool, request.get("ClientId"))
    if branding is None:
        raise Refused(
            "ResourceNotFoundException",
            "Managed login branding does not exist for this client.",
        )
    return {"ManagedLoginBranding": _shown(branding)}


def _update_branding(pool: dict[str, Any], request: Request) -> dict[str, Any]:
    branding = _branding(pool, request)
    branding.update(_look(request))
    return {"ManagedLoginBranding": _shown(branding)}


def _delete_branding(pool: dict[str, Any], request: Request) -> dict[str, Any]:
    branding = _branding(pool, request)
    del pool[BRANDINGS][branding["ManagedLoginBrandingId"]]
    return {}


#: The level that each source of log lines has (LogConfigurationType, API reference).
_LOG_LEVELS = {"userNotification": "ERROR", "userAuthEvents": "INFO"}


def _set_log_delivery(pool: dict[str, Any], request: Request) -> dict[str, Any]:
    configurations = request.get("LogConfigurations", [])
    for configuration in configurations:
        source = configuration.get("EventSource")
        if configuration.get("LogLevel") != _LOG_LEVELS.get(source):
            raise Refused(
                "InvalidParameterException",
                f"LogLevel {configuration.get('LogLevel')} is not that of {source}.",
            )
        if source == "userAuthEvents":
            _check_activity_logs(pool)
        if destination := configuration.get("CloudWatchLogsConfiguration"):
            _check_log_group(destination.get("LogGroupArn", ""))
    pool[LOG_CONFIGURATIONS] = configurations
    return _get_log_delivery(pool, request)


def _check_activity_logs(pool: dict[str, Any]) -> None:
    """Refuse activity logs of a pool without the plan or the protection for them."""
    if pool.get("UserPoolTier") != "PLUS":
        raise Refused(
            "FeatureUnavailableInTierException",
            "Export of user activity logs needs the PLUS tier.",
        )
    if not feature_plans.has_threat_protection(pool):
        raise Refused(
            "InvalidParameterException",
            "Export of user activity logs needs threat protection.",
        )


def _check_log_group(arn: str) -> None:
    """Refuse a log group that is not there, or that has a key of the customer's.

    "The log group must not be encrypted with KMS, and must be in the same account"
    (CloudWatchLogsConfigurationType, API reference).
    """
    name = arn.partition(":log-group:")[2]
    group = cloudwatch_logs._log_groups.get(name)
    if group is None:
        raise Refused(
            "InvalidParameterException", f"Log group {name or arn} does not exist."
        )
    if group.get("kmsKeyId"):
        raise Refused(
            "InvalidParameterException", f"Log group {name} is encrypted with KMS."
        )


def _get_log_delivery(pool: dict[str, Any], request: Request) -> dict[str, Any]:
    return {
        "LogDeliveryConfiguration": {
            "UserPoolId": pool["Id"],
            "LogConfigurations": pool.get(LOG_CONFIGURATIONS, []),
        }
    }


def _set_risk(pool: dict[str, Any], request: Request) -> dict[str, Any]:
    client_id = request.get("ClientId", "ALL")
    if client_id != "ALL":
        _client_exists(pool, client_id)
    if pool.get("UserPoolTier") != "PLUS":
        raise Refused(
            "FeatureUnavailableInTierException",
            "Threat protection needs the PLUS tier.",
        )
    pool.setdefault(RISK_CONFIGURATIONS, {})[client_id] = {
        **request,
        "LastModifiedDate": time.time(),
    }
    return _describe_risk(pool, request)


def _describe_risk(pool: dict[str, Any], request: Request) -> dict[str, Any]:
    configurations = pool.get(RISK_CONFIGURATIONS, {})
    client_id = request.get("ClientId", "ALL")
    return {
        "RiskConfiguration": configurations.get(client_id, {"UserPoolId": pool["Id"]})
    }


_OPERATIONS: dict[str, Callable[[dict[str, Any], Request], dict[str, Any]]] = {
    "CreateManagedLoginBranding": _create_branding,
    "DescribeManagedLoginBranding": _describe_branding,
    "DescribeManagedLoginBrandingByClient": _describe_branding_by_client,
    "UpdateManagedLoginBranding": _update_branding,
    "DeleteManagedLoginBranding": _delete_branding,
    "SetLogDeliveryConfiguration": _set_log_delivery,
    "GetLogDeliveryConfiguration": _get_log_delivery,
    "SetRiskConfiguration": _set_risk,
    "DescribeRiskConfiguration": _describe_risk,
}
