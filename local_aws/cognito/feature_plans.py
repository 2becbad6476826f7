"""What a user pool's feature plan (its tier) allows.

What each plan has: Cognito Developer Guide, "User pool feature plans". That a plan can
be lowered only when what the lower one lacks is off: same guide, "Deactivating
features of a plan"; that it counts what is configured beside the pool (log delivery,
domain) is assumed, and stricter than observed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_aws.cognito.pools import DEFAULTS, pool_of
from local_aws.cognito.refusals import Refusal, Request, member

PLUS = "PLUS"
LITE = "LITE"
_LOG_CONFIGURATIONS = "_log_configurations"
_MANAGED_LOGIN = 2


def has_threat_protection(settings: Mapping[str, Any]) -> bool:
    """Tell whether a pool or a request has threat protection in any mode."""
    mode = member(settings, "UserPoolAddOns", "AdvancedSecurityMode")
    return mode in ("AUDIT", "ENFORCED")


def refuse_features_above_plan(request: Request) -> None:
    """Refuse a pool with features that its plan does not have."""
    tier = request.get("UserPoolTier", DEFAULTS["UserPoolTier"])
    if has_threat_protection(request) and tier != PLUS:
        raise _unavailable("Threat protection", tier)
    if (
        member(request, "Policies", "PasswordPolicy", "PasswordHistorySize")
        and tier == LITE
    ):
        raise _unavailable("Password history", tier)


def refuse_lowering_below_use(request: Request) -> None:
    """Refuse an update that takes away what something beside the pool needs."""
    pool = pool_of(request) or {}
    tier = request.get("UserPoolTier", DEFAULTS["UserPoolTier"])
    sources = {
        configuration.get("EventSource")
        for configuration in pool.get(_LOG_CONFIGURATIONS, [])
    }
    if "userAuthEvents" in sources and not has_threat_protection(request):
        raise Refusal(
            "TierChangeNotAllowedException",
            "User activity logs are exported; stop their delivery first.",
        )
    versions = pool.get("_managed_login_versions", {}).values()
    if tier == LITE and _MANAGED_LOGIN in versions:
        raise Refusal(
            "TierChangeNotAllowedException",
            "A domain has managed login; change it to the hosted UI first.",
        )


def _unavailable(feature: str, tier: object) -> Refusal:
    return Refusal(
        "FeatureUnavailableInTierException",
        f"{feature} is not available in the {tier} tier.",
    )
