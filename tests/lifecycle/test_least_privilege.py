"""P10: the role has the rights that are used, and no other."""

from __future__ import annotations

from typing import Any

from local_aws.process import EmbeddedAws
from tests.lifecycle.deployed_set import DeployedSet
from tests.templates_as_data import template

#: What Lambda itself does with the function's role ("Lambda execution role", Lambda
#: Developer Guide).
USED_BY_LAMBDA = {"logs:CreateLogStream", "logs:PutLogEvents"}

#: Asked by SageMaker for tags, or by the function only after somebody else's doing.
USED_IN_FAULTS = {
    # A team that the same request, delivered twice, has made.
    "sagemaker:DescribeWorkteam",
    # A job that still waits for people when its team is to go.
    "sagemaker:DescribeLabelingJob",
}

VPC = {
    "VpcId": "vpc-0123456789abcdef0",
    "SubnetIds": "subnet-0123456789abcdef0,subnet-1123456789abcdef0",
    "SecurityGroupIds": "sg-0123456789abcdef0",
}


def actions(document: dict[str, Any]) -> set[str]:
    """Return the actions of a policy document."""
    return {
        action for statement in document["Statement"] for action in statement["Action"]
    }


def used(aws: EmbeddedAws) -> set[str]:
    """Return the actions of the function's calls, and of services in its name."""
    calls: list[dict[str, Any]] = aws.control.calls(caller="function")
    forwarded = aws.control.forwarded_permissions()
    return {
        f"{call['service']}:{call['operation']}"
        for call in calls
        if call["service"] != "cloudformation-response"
    } | {permission["action"] for permission in forwarded}


def live_a_whole_life(deployed: DeployedSet, **parameters: str) -> None:
    """Create, update in every way, repair and delete."""
    status = deployed.create(
        WorkTeamNames="labelers,reviewers",
        WorkerEmails="ada@example.com,bob@example.com",
        **parameters,
    )
    assert status == "CREATE_COMPLETE", deployed.reasons
    for update in (
        {"WorkTeamNames": "labelers", "WorkerEmails": "bob@example.com"},
        {"WorkerEmails": "ada@example.com,bob@example.com"},
        {"IpAddressType": "dualstack", "RestrictTaskDataToSourceIp": "true"},
        {name: "" for name in parameters} | {"PasswordMinimumLength": "20"},
    ):
        assert deployed.update(update) == "UPDATE_COMPLETE", deployed.reasons
    assert deployed.update(tags={"department": "vision"}) == "UPDATE_COMPLETE"
    assert deployed.delete() == "DELETE_COMPLETE", deployed.reasons


def test_the_role_has_every_right_that_is_used_and_no_other(aws: EmbeddedAws) -> None:
    live_a_whole_life(DeployedSet(aws, "private-workforce.yaml"))
    role = template("workforce.yaml")["Resources"]["WorkforceFunctionRole"]
    (policy,) = role["Properties"]["Policies"]
    allowed = actions(policy["PolicyDocument"])
    assert used(aws) | USED_BY_LAMBDA | USED_IN_FAULTS == allowed


def test_the_rights_for_a_vpc_are_those_used_and_there_only_with_one(
    aws: EmbeddedAws,
) -> None:
    live_a_whole_life(DeployedSet(aws, "private-workforce.yaml"), **VPC)
    policy = template("workforce.yaml")["Resources"]["WorkforceFunctionVpcPolicy"]
    assert policy["Condition"] == "HasVpcId"
    in_the_vpc = {action for action in used(aws) if action.startswith("ec2:")}
    assert in_the_vpc == actions(policy["Properties"]["PolicyDocument"])
