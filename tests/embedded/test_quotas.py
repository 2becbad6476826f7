"""Quotas: what is asked has its documented default, and nothing else is known."""

from __future__ import annotations

from typing import Any

import pytest

from tests.embedded.prepared import client, client_as, refusal, role

POOLS = {"ServiceCode": "cognito-idp", "QuotaCode": "L-66E6DF30"}


@pytest.mark.parametrize(
    ("service", "code", "value"),
    [("cognito-idp", "L-66E6DF30", 1000), ("wafv2", "L-2EC3DE7B", 100)],
)
def test_a_quota_has_its_documented_default(
    aws: Any, service: str, code: str, value: int
) -> None:
    quotas = client(aws, "service-quotas")
    quota = quotas.get_service_quota(ServiceCode=service, QuotaCode=code)["Quota"]
    assert (quota["Value"], quota["QuotaCode"], quota["Adjustable"]) == (
        value,
        code,
        True,
    )


def test_a_setting_raises_or_lowers_it(aws: Any) -> None:
    aws.control.set(quotas={"L-66E6DF30": 3.0, "StackLimit": 20.0})
    quota = client(aws, "service-quotas").get_service_quota(**POOLS)["Quota"]
    assert quota["Value"] == 3
    limits = client(aws, "cloudformation").describe_account_limits()["AccountLimits"]
    assert limits == [{"Name": "StackLimit", "Value": 20}]


def test_cloudformation_allows_two_thousand_stacks(aws: Any) -> None:
    limits = client(aws, "cloudformation").describe_account_limits()["AccountLimits"]
    assert limits == [{"Name": "StackLimit", "Value": 2000}]


def test_other_quotas_and_operations_are_refused(aws: Any) -> None:
    quotas = client(aws, "service-quotas")
    other = {**POOLS, "QuotaCode": "L-00000000"}
    assert refusal(quotas.get_service_quota, **other)[0] == "NoSuchResourceException"
    code, message = refusal(quotas.list_services)
    assert (code, "not modelled" in message) == ("UnknownOperationException", True)


def test_whoever_asks_needs_the_right(aws: Any) -> None:
    quotas = client_as(aws, role(aws), "service-quotas")
    code, message = refusal(quotas.get_service_quota, **POOLS)
    assert code == "AccessDeniedException"
    assert "servicequotas:GetServiceQuota" in message
