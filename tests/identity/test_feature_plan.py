"""What the feature plan allows is there, what it lacks is left out or refused."""

from __future__ import annotations

import json

import pytest

from local_aws.process import EmbeddedAws
from tests.identity.deployed_sign_in import UUID, DeployedSignIn, refusal

LOG_GROUP = f"/aws/vendedlogs/private-workforce/{UUID}"
EVERY_SOURCE = {"userNotification": "ERROR", "userAuthEvents": "INFO"}
NOTIFICATIONS = {"userNotification": "ERROR"}


def threat_protection(sign_in: DeployedSignIn) -> str:
    mode: str = sign_in.pool.get("UserPoolAddOns", {}).get("AdvancedSecurityMode")
    return mode


def history(sign_in: DeployedSignIn) -> int | None:
    policy = sign_in.pool["Policies"]["PasswordPolicy"]
    size: int | None = policy.get("PasswordHistorySize")
    return size


def login_version(sign_in: DeployedSignIn) -> int:
    described = sign_in.cognito.describe_user_pool_domain(
        Domain=sign_in.pool["Domain"]
    )["DomainDescription"]
    version: int = described["ManagedLoginVersion"]
    return version


def test_by_default_sign_ins_are_watched_and_logged(sign_in: DeployedSignIn) -> None:
    sign_in.made()
    assert sign_in.pool["UserPoolTier"] == "PLUS"
    assert threat_protection(sign_in) == "AUDIT"
    assert sign_in.log_sources == EVERY_SOURCE
    assert history(sign_in) == 5
    assert login_version(sign_in) == 2
    group = sign_in.log_groups[LOG_GROUP]
    assert group["retentionInDays"] == 90
    assert "kmsKeyId" not in group
    (policy,) = sign_in.aws.client("logs").describe_resource_policies()[
        "resourcePolicies"
    ]
    (statement,) = json.loads(policy["policyDocument"])["Statement"]
    assert statement["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert statement["Resource"].endswith(f"{LOG_GROUP}:log-stream:*")
    assert "${" not in policy["policyDocument"]


@pytest.mark.parametrize(
    ("plan", "size", "version"), [("ESSENTIALS", 5, 2), ("LITE", None, 1)]
)
def test_a_lower_plan_leaves_out_what_it_lacks(
    sign_in: DeployedSignIn, plan: str, size: int | None, version: int
) -> None:
    sign_in.made(UserPoolTier=plan)
    assert sign_in.pool["UserPoolTier"] == plan
    assert threat_protection(sign_in) in (None, "OFF")
    assert sign_in.log_sources == NOTIFICATIONS
    assert history(sign_in) == size
    assert login_version(sign_in) == version


def test_a_plan_is_lowered_in_two_steps_and_raised_in_one(
    sign_in: DeployedSignIn,
) -> None:
    sign_in.made(ThreatProtectionMode="ENFORCED")
    assert threat_protection(sign_in) == "ENFORCED"
    sign_in.changed(
        EnableActivityLogs="false",
        ThreatProtectionMode="DEFAULT",
        SignInPages="CLASSIC",
    )
    assert (sign_in.log_sources, login_version(sign_in)) == (NOTIFICATIONS, 1)
    sign_in.changed(UserPoolTier="LITE")
    assert sign_in.pool["UserPoolTier"] == "LITE"
    sign_in.changed(
        UserPoolTier="PLUS", EnableActivityLogs="true", SignInPages="DEFAULT"
    )
    assert sign_in.log_sources == EVERY_SOURCE


def test_a_plan_that_is_lowered_at_once_rolls_back_and_changes_nothing(
    sign_in: DeployedSignIn,
) -> None:
    sign_in.made()
    assert sign_in.update({"UserPoolTier": "LITE"}) == "UPDATE_ROLLBACK_COMPLETE"
    assert "stop their delivery first" in sign_in.reasons
    assert sign_in.pool["UserPoolTier"] == "PLUS"
    assert sign_in.log_sources == EVERY_SOURCE


def test_without_threat_protection_there_are_no_activity_logs(
    sign_in: DeployedSignIn,
) -> None:
    sign_in.made(ThreatProtectionMode="OFF")
    assert threat_protection(sign_in) == "OFF"
    assert sign_in.log_sources == NOTIFICATIONS


def test_the_second_factor_and_the_recovery_are_the_operators_choice(
    sign_in: DeployedSignIn,
) -> None:
    sign_in.made()
    recovery = {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]}
    assert sign_in.pool["MfaConfiguration"] == "ON"
    assert sign_in.pool["AccountRecoverySetting"] == recovery
    sign_in.changed(
        MultiFactorAuthentication="OPTIONAL",
        AccountRecovery="ADMINISTRATOR",
        PasswordHistorySize="24",
        PasswordMinimumLength="20",
    )
    recovery = {"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]}
    assert sign_in.pool["MfaConfiguration"] == "OPTIONAL"
    assert sign_in.pool["AccountRecoverySetting"] == recovery
    assert history(sign_in) == 24
    factors = sign_in.cognito.get_user_pool_mfa_config(
        UserPoolId=sign_in.outputs["UserPoolId"]
    )
    assert factors["SoftwareTokenMfaConfiguration"] == {"Enabled": True}
    # A factor by e-mail would exclude recovery by e-mail.
    assert "EmailMfaConfiguration" not in factors


def test_the_revision_tells_of_every_such_change(sign_in: DeployedSignIn) -> None:
    sign_in.made(EnableActivityLogs="false")
    seen = {sign_in.outputs["IdentityRevision"]}
    for parameters in (
        {"ThreatProtectionMode": "OFF"},
        {"PasswordHistorySize": "0"},
        {"MultiFactorAuthentication": "OPTIONAL"},
        {"AccountRecovery": "ADMINISTRATOR"},
        {"UserPoolTier": "ESSENTIALS"},
    ):
        sign_in.changed(**parameters)
        revision = sign_in.outputs["IdentityRevision"]
        assert revision not in seen
        seen.add(revision)


@pytest.mark.parametrize(
    ("parameters", "mend"),
    [
        (
            {"UserPoolTier": "ESSENTIALS", "ThreatProtectionMode": "ENFORCED"},
            "set UserPoolTier to PLUS",
        ),
        (
            {"UserPoolTier": "LITE", "SignInPages": "MANAGED"},
            "set SignInPages to CLASSIC",
        ),
        (
            {"UserPoolTier": "LITE", "PasswordHistorySize": "5"},
            "set PasswordHistorySize to DEFAULT or 0",
        ),
    ],
)
def test_what_the_plan_lacks_is_refused_when_it_is_asked_for(
    aws: EmbeddedAws, parameters: dict[str, str], mend: str
) -> None:
    assert mend in refusal(aws, **parameters)
