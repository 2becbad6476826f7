"""When an invitation has expired, so that who comes back gets another one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from lambda_src import workforce as function


@pytest.mark.parametrize(
    ("pool", "days"),
    [
        ({}, 7),
        ({"Policies": {}}, 7),
        # Cognito's way to say its default.
        ({"Policies": {"PasswordPolicy": {"TemporaryPasswordValidityDays": 0}}}, 7),
        ({"Policies": {"PasswordPolicy": {"TemporaryPasswordValidityDays": 30}}}, 30),
    ],
)
@pytest.mark.parametrize(
    ("status", "expires"),
    [("FORCE_CHANGE_PASSWORD", True), ("CONFIRMED", False), ("RESET_REQUIRED", False)],
)
def test_an_invitation_expires_when_the_pools_policy_says(
    pool: dict[str, Any], days: int, status: str, expires: bool
) -> None:
    def describe_user_pool(UserPoolId: str) -> dict[str, Any]:  # noqa: N803 (boto3's)
        assert UserPoolId == "us-east-1_Pool"
        return {"UserPool": pool}

    def has_expired(age: timedelta) -> bool:
        user = {"UserStatus": status, "UserCreateDate": datetime.now(UTC) - age}
        return function.Workers._invitation_expired(aws, "us-east-1_Pool", user)

    cognito = SimpleNamespace(describe_user_pool=describe_user_pool)
    aws: Any = SimpleNamespace(cognito=cognito)
    hour = timedelta(hours=1)
    assert not has_expired(timedelta(days=days) - hour)
    assert has_expired(timedelta(days=days) + hour) is expires
