"""What a feature plan lacks is refused, at the endpoint as in a stack."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.process import EmbeddedAws

PROTECTED = {
    "UserPoolTier": "PLUS",
    "UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"},
}
GROUP = "arn:aws:logs:us-east-1:111111111111:log-group:{}"


@contextmanager
def refused(code: str, words: str) -> Iterator[None]:
    with pytest.raises(ClientError, match=words) as caught:
        yield
    assert caught.value.response["Error"]["Code"] == code


def pool(cognito: Any, **settings: Any) -> str:
    created = cognito.create_user_pool(PoolName="workers", **settings)
    pool_id: str = created["UserPool"]["Id"]
    return pool_id


def activity_logs(group: str, level: str = "INFO") -> list[dict[str, Any]]:
    return [
        {
            "EventSource": "userAuthEvents",
            "LogLevel": level,
            "CloudWatchLogsConfiguration": {"LogGroupArn": GROUP.format(group)},
        }
    ]


def test_threat_protection_needs_plus(cognito: Any) -> None:
    with refused("FeatureUnavailableInTierException", "Threat protection"):
        pool(cognito, UserPoolAddOns={"AdvancedSecurityMode": "AUDIT"})


def test_password_history_needs_more_than_lite(cognito: Any) -> None:
    policies = {"PasswordPolicy": {"PasswordHistorySize": 3}}
    assert pool(cognito, Policies=policies)
    with refused("FeatureUnavailableInTierException", "Password history"):
        pool(cognito, UserPoolTier="LITE", Policies=policies)


def test_activity_logs_need_plan_protection_level_and_an_open_log_group(
    aws: EmbeddedAws, cognito: Any
) -> None:
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="open")
    logs.create_log_group(logGroupName="locked", kmsKeyId="arn:aws:kms:::key/1")
    protected = pool(cognito, **PROTECTED)
    for pool_id, wanted, code, words in (
        (
            pool(cognito),
            activity_logs("open"),
            "FeatureUnavailableInTierException",
            "PLUS",
        ),
        (
            pool(cognito, UserPoolTier="PLUS"),
            activity_logs("open"),
            "InvalidParameterException",
            "threat protection",
        ),
        (
            protected,
            activity_logs("open", "ERROR"),
            "InvalidParameterException",
            "LogLevel",
        ),
        (protected, activity_logs("no"), "InvalidParameterException", "not exist"),
        (protected, activity_logs("locked"), "InvalidParameterException", "KMS"),
    ):
        with refused(code, words):
            cognito.set_log_delivery_configuration(
                UserPoolId=pool_id, LogConfigurations=wanted
            )
    cognito.set_log_delivery_configuration(
        UserPoolId=protected, LogConfigurations=activity_logs("open")
    )


def test_a_plan_is_not_lowered_below_what_is_in_use(
    aws: EmbeddedAws, cognito: Any
) -> None:
    aws.client("logs").create_log_group(logGroupName="open")
    pool_id = pool(cognito, **PROTECTED)
    cognito.set_log_delivery_configuration(
        UserPoolId=pool_id, LogConfigurations=activity_logs("open")
    )
    with refused("TierChangeNotAllowedException", "logs"):
        cognito.update_user_pool(UserPoolId=pool_id, UserPoolTier="ESSENTIALS")
    cognito.set_log_delivery_configuration(UserPoolId=pool_id, LogConfigurations=[])
    cognito.create_user_pool_domain(
        UserPoolId=pool_id, Domain="labels", ManagedLoginVersion=2
    )
    with refused("TierChangeNotAllowedException", "managed login"):
        cognito.update_user_pool(UserPoolId=pool_id, UserPoolTier="LITE")
