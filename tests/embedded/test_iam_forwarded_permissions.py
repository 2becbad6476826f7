"""SageMaker demands from its caller what the registry's handlers list."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.embedded.prepared import (
    ACCOUNT,
    SignIn,
    active_workforce,
    allow,
    client,
    client_as,
    refusal,
    role,
    sign_in,
    until,
)

WORKFORCE = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:workforce/labelers"
TEAM = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:workteam/private-crowd/team"
SHORT_TEAM = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:workteam/team"

# Create handlers of AWS::SageMaker::Workforce and ...::Workteam, schemas of 2026-10-20.
CREATE_WORKFORCE = {
    "sagemaker:CreateWorkforce": "workforce",
    "sagemaker:DescribeWorkforce": "workforce",
    "sagemaker:AddTags": "workforce",
    "sagemaker:ListTags": "workforce",
    "cognito-idp:DescribeUserPool": "pool",
    "cognito-idp:DescribeUserPoolClient": "pool",
    "cognito-idp:DescribeUserPoolDomain": "*",
    "cognito-idp:ListGroups": "pool",
    "cognito-idp:ListUsers": "pool",
    "cognito-idp:UpdateUserPool": "pool",
    "cognito-idp:UpdateUserPoolClient": "pool",
}
CREATE_TEAM = {
    "sagemaker:CreateWorkteam": "team",
    "sagemaker:AddTags": "team",
    "sagemaker:ListWorkforces": "*",
    "cognito-idp:DescribeUserPool": "pool",
    "cognito-idp:DescribeUserPoolClient": "pool",
    "cognito-idp:UpdateUserPoolClient": "pool",
    "cognito-idp:ListGroups": "pool",
    "cognito-idp:AdminListGroupsForUser": "pool",
}
VPC_ACTIONS = [
    "ec2:CreateVpcEndpoint",
    "ec2:DescribeVpcEndpoints",
    "ec2:DeleteVpcEndpoints",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
]
VPC = {"VpcId": "vpc-1a", "SecurityGroupIds": ["sg-1a"], "Subnets": ["subnet-1a"]}


@pytest.fixture
def portal(aws: Any) -> SignIn:
    aws.control.set(workforce_initializing_seconds=0.02)
    return sign_in(aws)


def statements(
    actions: dict[str, str], portal: SignIn, without: str = ""
) -> list[dict[str, Any]]:
    """Allow each action on exactly its resource."""
    pool = f"arn:aws:cognito-idp:us-east-1:{ACCOUNT}:userpool/{portal.user_pool_id}"
    resources: dict[str, str | list[str]] = {
        "pool": pool,
        "workforce": WORKFORCE,
        "team": [TEAM, SHORT_TEAM],
        "*": "*",
    }
    return [
        allow(action, resources[kind])
        for action, kind in actions.items()
        if action != without
    ]


def create_workforce(sagemaker: Any, portal: SignIn, **further: Any) -> Any:
    return sagemaker.create_workforce(
        WorkforceName="labelers", CognitoConfig=portal.config, **further
    )


def test_the_listed_permissions_on_the_narrowest_resources_are_enough(
    aws: Any, portal: SignIn
) -> None:
    arn = role(aws, *statements(CREATE_WORKFORCE, portal))
    create_workforce(client_as(aws, arn, "sagemaker"), portal)


@pytest.mark.parametrize("action", sorted(CREATE_WORKFORCE))
def test_each_listed_permission_is_demanded_for_a_workforce(
    aws: Any, portal: SignIn, action: str
) -> None:
    arn = role(aws, *statements(CREATE_WORKFORCE, portal, without=action))
    sagemaker = client_as(aws, arn, "sagemaker")
    code, message = refusal(lambda: create_workforce(sagemaker, portal))
    assert code == "AccessDeniedException"
    assert f"not authorized to perform: {action}" in message
    assert client(aws, "sagemaker").list_workforces()["Workforces"] == []


@pytest.mark.parametrize("action", sorted(CREATE_TEAM))
def test_each_listed_permission_is_demanded_for_a_team(
    aws: Any, portal: SignIn, action: str
) -> None:
    prepare_team(aws, portal)
    arn = role(aws, *statements(CREATE_TEAM, portal, without=action))
    sagemaker = client_as(aws, arn, "sagemaker")
    code, message = refusal(lambda: create_team(sagemaker, portal))
    assert code == "AccessDeniedException"
    assert f"not authorized to perform: {action}" in message


def prepare_team(aws: Any, portal: SignIn) -> None:
    client(aws, "cognito-idp").create_group(
        UserPoolId=portal.user_pool_id, GroupName="group"
    )
    active_workforce(client(aws, "sagemaker"), portal)


def create_team(sagemaker: Any, portal: SignIn) -> Any:
    return sagemaker.create_workteam(
        WorkteamName="team",
        WorkforceName="labelers",
        Description="A team",
        MemberDefinitions=portal.members("group"),
    )


def test_the_listed_permissions_are_enough_for_a_team(aws: Any, portal: SignIn) -> None:
    prepare_team(aws, portal)
    arn = role(aws, *statements(CREATE_TEAM, portal))
    create_team(client_as(aws, arn, "sagemaker"), portal)


@pytest.mark.parametrize("granted", [TEAM, SHORT_TEAM])
def test_a_policy_must_allow_both_spellings_of_a_team(
    aws: Any, portal: SignIn, granted: str
) -> None:
    prepare_team(aws, portal)
    others = statements(CREATE_TEAM, portal, without="sagemaker:CreateWorkteam")
    arn = role(aws, *others, allow("sagemaker:CreateWorkteam", granted))
    sagemaker = client_as(aws, arn, "sagemaker")
    code, _ = refusal(lambda: create_team(sagemaker, portal))
    assert code == "AccessDeniedException"


def test_permissions_on_another_pool_do_not_count(aws: Any, portal: SignIn) -> None:
    other = f"arn:aws:cognito-idp:us-east-1:{ACCOUNT}:userpool/us-east-1_other"
    wrong = "cognito-idp:UpdateUserPoolClient"
    granted = statements(CREATE_WORKFORCE, portal, without=wrong)
    arn = role(aws, *granted, allow(wrong, other))
    sagemaker = client_as(aws, arn, "sagemaker")
    code, message = refusal(lambda: create_workforce(sagemaker, portal))
    assert (code, portal.user_pool_id in message) == ("AccessDeniedException", True)


def test_what_takes_no_resource_must_be_allowed_on_every_resource(
    aws: Any, portal: SignIn
) -> None:
    pool = f"arn:aws:cognito-idp:us-east-1:{ACCOUNT}:userpool/{portal.user_pool_id}"
    action = "cognito-idp:DescribeUserPoolDomain"
    granted = statements(CREATE_WORKFORCE, portal, without=action)
    sagemaker = client_as(aws, role(aws, *granted, allow(action, pool)), "sagemaker")
    code, message = refusal(lambda: create_workforce(sagemaker, portal))
    assert (code, action in message) == ("AccessDeniedException", True)


def test_an_explicit_deny_wins(aws: Any, portal: SignIn) -> None:
    deny = {"Effect": "Deny", "Action": "cognito-idp:Update*", "Resource": "*"}
    arn = role(aws, allow("*", "*"), deny)
    sagemaker = client_as(aws, arn, "sagemaker")
    _, message = refusal(lambda: create_workforce(sagemaker, portal))
    assert "explicit deny" in message


def test_network_permissions_are_demanded_in_vpc_mode_only(
    aws: Any, portal: SignIn
) -> None:
    arn = role(aws, *statements(CREATE_WORKFORCE, portal))
    sagemaker = client_as(aws, arn, "sagemaker")
    code, message = refusal(
        lambda: create_workforce(sagemaker, portal, WorkforceVpcConfig=VPC)
    )
    assert (code, "ec2:CreateVpcEndpoint" in message) == ("AccessDeniedException", True)
    client(aws, "iam").put_role_policy(
        RoleName="worker",
        PolicyName="network",
        PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": allow(VPC_ACTIONS, "*")}
        ),
    )
    create_workforce(sagemaker, portal, WorkforceVpcConfig=VPC)


def test_deleting_demands_its_own_list(aws: Any, portal: SignIn) -> None:
    active_workforce(client(aws, "sagemaker"), portal)
    granted = allow(["sagemaker:DeleteWorkforce", "sagemaker:ListTags"], WORKFORCE)
    sagemaker = client_as(aws, role(aws, granted), "sagemaker")
    code, message = refusal(sagemaker.delete_workforce, WorkforceName="labelers")
    assert "not authorized to perform: sagemaker:DescribeWorkforce" in message


def test_the_demand_can_be_switched_off(aws: Any, portal: SignIn) -> None:
    aws.control.set(enforce_forwarded_permissions=False)
    arn = role(aws, allow("sagemaker:CreateWorkforce", WORKFORCE))
    create_workforce(client_as(aws, arn, "sagemaker"), portal)


def test_every_demand_is_recorded(aws: Any, portal: SignIn) -> None:
    arn = role(aws, *statements(CREATE_WORKFORCE, portal))
    create_workforce(client_as(aws, arn, "sagemaker"), portal)
    demanded = aws.control.forwarded_permissions()
    assert {each["action"] for each in demanded} == set(CREATE_WORKFORCE)
    assert all(each["allowed"] for each in demanded)
    assert {each["operation"] for each in demanded} == {"sagemaker:CreateWorkforce"}
    assert all("assumed-role/worker/" in each["principal"] for each in demanded)


def test_the_edit_of_the_client_outlives_the_callers_permissions(
    aws: Any, portal: SignIn
) -> None:
    """The demand is made when the call is made; the edit comes later."""
    arn = role(aws, *statements(CREATE_WORKFORCE, portal))
    create_workforce(client_as(aws, arn, "sagemaker"), portal)
    client(aws, "iam").delete_role_policy(RoleName="worker", PolicyName="inline")
    root = client(aws, "sagemaker")
    until(
        lambda: root.describe_workforce(WorkforceName="labelers")["Workforce"],
        lambda workforce: workforce["Status"] == "Active",
    )
