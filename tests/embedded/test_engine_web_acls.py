"""Web ACLs and IP sets that AWS WAF would not take or let go are refused."""

from __future__ import annotations

from typing import Any

import pytest

from local_aws.process import EmbeddedAws
from tests.embedded.probe_stacks import Stack, ip_set, template

VISIBILITY = {
    "SampledRequestsEnabled": False,
    "CloudWatchMetricsEnabled": False,
    "MetricName": "probe",
}


def web_acl(*names: str) -> dict[str, Any]:
    rules = [
        {
            "Name": name,
            "Priority": number,
            "Action": {"Block": {}},
            "Statement": {
                "IPSetReferenceStatement": {"Arn": {"Fn::GetAtt": ["Set", "Arn"]}}
            },
            "VisibilityConfig": VISIBILITY,
        }
        for number, name in enumerate(names)
    ]
    return {
        "Type": "AWS::WAFv2::WebACL",
        "Properties": {
            "Scope": "REGIONAL",
            "DefaultAction": {"Allow": {}},
            "VisibilityConfig": VISIBILITY,
            "Rules": rules,
        },
    }


@pytest.mark.parametrize("address", ["0.0.0.0/0", "2001:db8::/32", "somewhere"])
def test_an_address_that_is_none_of_the_family_is_refused(
    aws: EmbeddedAws, address: str
) -> None:
    stack = Stack(aws)
    assert stack.create(template({"Set": ip_set(address)})) == "ROLLBACK_COMPLETE"
    assert "IP_ADDRESS" in stack.reason("Set", "CREATE_FAILED")


def test_two_rules_of_one_name_are_refused(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    body = template({"Set": ip_set("10.0.0.0/8"), "Acl": web_acl("same", "same")})
    assert stack.create(body) == "ROLLBACK_COMPLETE"
    assert "more than once" in stack.reason("Acl", "CREATE_FAILED")


def test_a_used_ip_set_and_a_used_web_acl_stay(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    body = template({"Set": ip_set("10.0.0.0/8"), "Acl": web_acl("one")})
    assert stack.create(body) == "CREATE_COMPLETE", stack.reasons()
    waf = aws.client("wafv2")
    (acl,) = waf.list_web_acls(Scope="REGIONAL")["WebACLs"]
    pool = aws.client("cognito-idp").create_user_pool(PoolName="x")["UserPool"]
    waf.associate_web_acl(ResourceArn=pool["Arn"], WebACLArn=acl["ARN"])
    assert stack.delete() == "DELETE_FAILED"
    assert "WAFAssociatedItemException" in stack.reason("Acl", "DELETE_FAILED")
