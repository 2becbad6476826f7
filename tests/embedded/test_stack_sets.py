"""The model of StackSets refuses what the API refuses; instances are real stacks."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.process import EmbeddedAws

TARGET = "222222222222"
TEMPLATE = """
Parameters:
  Value: {Type: String, Default: set}
Resources:
  Thing:
    Type: AWS::SSM::Parameter
    Properties: {Name: /thing, Type: String, Value: !Ref Value}
"""
#: Its wait condition is never signalled, so it fails after two seconds.
SLOW_TEMPLATE = """
Resources:
  Handle: {Type: AWS::CloudFormation::WaitConditionHandle}
  Wait:
    Type: AWS::CloudFormation::WaitCondition
    Properties: {Handle: !Ref Handle, Timeout: "2"}
"""
TRUST = (
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", '
    '"Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}}'
)


@pytest.fixture
def cloudformation(aws: EmbeddedAws) -> Any:
    for account, role in (
        ("111111111111", "AWSCloudFormationStackSetAdministrationRole"),
        (TARGET, "AWSCloudFormationStackSetExecutionRole"),
    ):
        aws.client("iam", account=account).create_role(
            RoleName=role, AssumeRolePolicyDocument=TRUST
        )
    client = aws.client("cloudformation")
    client.create_stack_set(StackSetName="set", TemplateBody=TEMPLATE)
    return client


def instances(cloudformation: Any, stack_set: str = "set", **options: Any) -> str:
    given = {"Accounts": [TARGET], "Regions": ["eu-west-1"], **options}
    operation: str = cloudformation.create_stack_instances(
        StackSetName=stack_set, **given
    )["OperationId"]
    return operation


def ended(cloudformation: Any, operation: str, stack_set: str = "set") -> str:
    while True:
        described = cloudformation.describe_stack_set_operation(
            StackSetName=stack_set, OperationId=operation
        )["StackSetOperation"]
        if described["Status"] != "RUNNING":
            status: str = described["Status"]
            return status
        time.sleep(0.02)


def test_an_instance_is_a_stack_in_its_account_and_region_with_its_own_parameters(
    aws: EmbeddedAws, cloudformation: Any
) -> None:
    own = [{"ParameterKey": "Value", "ParameterValue": "own"}]
    operation = instances(cloudformation, ParameterOverrides=own)
    assert ended(cloudformation, operation) == "SUCCEEDED"
    ssm = aws.client("ssm", "eu-west-1", TARGET)
    assert ssm.get_parameter(Name="/thing")["Parameter"]["Value"] == "own"
    (listed,) = cloudformation.list_stack_instances(StackSetName="set")["Summaries"]
    assert listed["StackId"].startswith(
        f"arn:aws:cloudformation:eu-west-1:{TARGET}:stack/StackSet-set-"
    )
    with pytest.raises(ClientError, match="StackSetNotEmptyException"):
        cloudformation.delete_stack_set(StackSetName="set")


def test_one_operation_at_a_time(cloudformation: Any) -> None:
    cloudformation.create_stack_set(StackSetName="slow", TemplateBody=SLOW_TEMPLATE)
    operation = instances(cloudformation, "slow")
    with pytest.raises(ClientError, match="OperationInProgressException"):
        instances(cloudformation, "slow")
    assert ended(cloudformation, operation, "slow") == "FAILED"


def test_a_set_of_the_same_name_is_refused(cloudformation: Any) -> None:
    with pytest.raises(ClientError, match="NameAlreadyExistsException"):
        cloudformation.create_stack_set(StackSetName="set", TemplateBody=TEMPLATE)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"Accounts": []}, "Accounts are required"),
        ({"Accounts": ["12"]}, "validation error"),
        (
            {
                "Accounts": [],
                "DeploymentTargets": {"OrganizationalUnitIds": ["r-abcd"]},
            },
            "only for SERVICE_MANAGED",
        ),
        (
            {"ParameterOverrides": [{"ParameterKey": "No", "ParameterValue": ""}]},
            "do not exist",
        ),
        (
            {"OperationPreferences": {"RegionOrder": ["us-east-1"]}},
            "Region order",
        ),
    ],
)
def test_what_is_no_target_or_preference_is_refused(
    options: dict[str, Any], said: str, cloudformation: Any
) -> None:
    with pytest.raises(ClientError, match=said):
        instances(cloudformation, **options)


def test_a_service_managed_set_needs_trusted_access(cloudformation: Any) -> None:
    settings = {
        "StackSetName": "managed",
        "TemplateBody": TEMPLATE,
        "PermissionModel": "SERVICE_MANAGED",
        "AutoDeployment": {"Enabled": False},
    }
    with pytest.raises(ClientError, match="organizations access"):
        cloudformation.create_stack_set(**settings)
    cloudformation.activate_organizations_access()
    cloudformation.create_stack_set(**settings)


def test_a_reset_forgets_them(aws: EmbeddedAws, cloudformation: Any) -> None:
    aws.control.reset()
    with pytest.raises(ClientError, match="StackSetNotFoundException"):
        cloudformation.describe_stack_set(StackSetName="set")
