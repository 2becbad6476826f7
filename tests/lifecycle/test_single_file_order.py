"""What nesting gives for free holds in the single file, whatever takes longest."""

from __future__ import annotations

from local_aws.process import EmbeddedAws
from tests.lifecycle.deployed_set import STACK, DeployedSet

SLOW = [
    "AWS::Cognito::UserPoolDomain",
    "AWS::Cognito::LogDeliveryConfiguration",
    "AWS::WAFv2::WebACL",
    "AWS::WAFv2::WebACLAssociation",
    "AWS::WAFv2::LoggingConfiguration",
]
CERTIFICATE = (
    "arn:aws:acm:us-east-1:111111111111:certificate"
    "/01234567-89ab-cdef-0123-456789abcdef"
)


def began_and_ended(deployed: DeployedSet) -> dict[tuple[str, str], int]:
    """Return the place of each resource's begin and end in the stack's history."""
    pages = deployed.cloudformation.get_paginator("describe_stack_events")
    events = [
        event
        for page in pages.paginate(StackName=STACK)
        for event in page["StackEvents"]
    ]
    return {
        (event["LogicalResourceId"], event["ResourceStatus"]): place
        for place, event in enumerate(reversed(events))
    }


def test_the_slowest_domain_web_acl_and_log_are_waited_for_and_outlive_a_refusal(
    aws: EmbeddedAws,
) -> None:
    aws.control.set(slow_resource_types=SLOW)
    deployed = DeployedSet(aws, "private-workforce.yaml")
    status = deployed.create(
        WorkerEmails="ada@example.com",
        CustomDomainName="sign-in.labels.example.com",
        CustomDomainCertificateArn=CERTIFICATE,
        UserPoolDeletionProtection="ACTIVE",
    )
    assert status == "CREATE_COMPLETE", deployed.reasons
    assert deployed.leads_to_the_portal()
    at = began_and_ended(deployed)

    def ended(name: str) -> int:
        return at[name, "CREATE_COMPLETE"]

    def began(name: str) -> int:
        return at[name, "CREATE_IN_PROGRESS"]

    # They were slow: without a reason to wait, the portal was there before them.
    assert ended("PortalSignIn") < began("WebAclAssociation")
    assert ended("PortalSignIn") < began("LogDeliveryConfiguration")
    assert ended("PortalSignIn") < began("UserPoolCustomDomain")
    # A workforce cannot be made without the domain.
    assert ended("UserPoolDomain") < began("PrivateWorkforce")
    for name in (
        *("UserPoolCustomDomain", "LogDeliveryConfiguration"),
        *("WebAcl", "WebAclAssociation", "WebAclLogging"),
    ):
        assert ended(name) < began("Workers")

    # Deletion begins with the workers, which refuse; everything else is there still.
    before = deployed.everything_of_the_set()
    assert deployed.delete() == "DELETE_FAILED"
    assert deployed.everything_of_the_set() == before
    assert deployed.pool["CustomDomain"] == "sign-in.labels.example.com"
    assert deployed.pool["Domain"]
