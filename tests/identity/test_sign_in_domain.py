"""The sign-in pages have a domain of the operator's, if one is given."""

from __future__ import annotations

from typing import Any

import pytest

from local_aws.process import EmbeddedAws
from tests.identity.deployed_sign_in import DeployedSignIn, refusal

NAME = "sign-in.labels.example.com"
CERTIFICATE = (
    "arn:aws:acm:us-east-1:111111111111:certificate"
    "/01234567-89ab-cdef-0123-456789abcdef"
)
CUSTOM = {"CustomDomainName": NAME, "CustomDomainCertificateArn": CERTIFICATE}


def records(aws: EmbeddedAws, zone: str) -> list[dict[str, Any]]:
    listed = aws.client("route53").list_resource_record_sets(HostedZoneId=zone)
    return [each for each in listed["ResourceRecordSets"] if each["Type"] == "A"]


def test_a_domain_of_your_own_comes_with_its_record_and_goes(
    sign_in: DeployedSignIn,
) -> None:
    created = sign_in.aws.client("route53").create_hosted_zone(
        Name="labels.example.com", CallerReference="1"
    )
    zone = created["HostedZone"]["Id"].rpartition("/")[2]
    sign_in.made()
    assert sign_in.outputs["CustomDomainTarget"] == ""
    prefix = sign_in.pool["Domain"]
    sign_in.changed(**CUSTOM, CustomDomainHostedZoneId=zone)
    assert sign_in.pool["CustomDomain"] == NAME
    assert sign_in.pool["Domain"] == prefix
    target = sign_in.outputs["CustomDomainTarget"]
    assert target
    (record,) = records(sign_in.aws, zone)
    assert record["Name"].rstrip(".") == NAME
    assert record["AliasTarget"]["DNSName"].rstrip(".") == target.rstrip(".")
    sign_in.changed(**dict.fromkeys(CUSTOM, ""), CustomDomainHostedZoneId="")
    assert "CustomDomain" not in sign_in.pool
    assert records(sign_in.aws, zone) == []
    assert sign_in.delete() == "DELETE_COMPLETE", sign_in.reasons


def test_a_changed_prefix_on_a_living_stack_rolls_back_and_changes_nothing(
    sign_in: DeployedSignIn,
) -> None:
    sign_in.made(DomainPrefix="first-prefix")
    status = sign_in.update({"DomainPrefix": "second-prefix"})
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert sign_in.pool["Domain"] == "first-prefix"


@pytest.mark.parametrize(
    ("parameters", "mend"),
    [
        ({"CustomDomainName": NAME}, "give both, or none"),
        ({"CustomDomainCertificateArn": CERTIFICATE}, "give both, or none"),
        (
            {
                **CUSTOM,
                "CustomDomainCertificateArn": CERTIFICATE.replace("us-east-1", "x"),
            },
            "ACM certificate in us-east-1",
        ),
        ({"CustomDomainHostedZoneId": "Z0123456789"}, "give that, too"),
    ],
)
def test_half_a_domain_is_refused(
    aws: EmbeddedAws, parameters: dict[str, str], mend: str
) -> None:
    assert mend in refusal(aws, **parameters)
