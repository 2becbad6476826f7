"""What `make destroy` refuses before it touches anything, and a changed prefix."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import WaiterError

from local_aws.environment import REGION
from local_aws.process import EmbeddedAws
from ops import destroy, protect, readiness
from ops.account import Account
from ops.errors import OperatorError
from tests.small_set import credentials_allowing

TEMPLATE = {
    "Resources": {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}},
    "Parameters": {"PoolId": {"Type": "String"}},
    "Outputs": {"UserPoolId": {"Value": {"Ref": "PoolId"}}},
}


@pytest.fixture
def account(aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> Account:
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    return Account(boto3.session.Session(region_name=REGION), REGION)


def make_stack_with_pool(aws: EmbeddedAws, protection: str) -> None:
    pool = aws.client("cognito-idp").create_user_pool(
        PoolName="workers", DeletionProtection=protection
    )["UserPool"]["Id"]
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(
        StackName="labels",
        TemplateBody=json.dumps(TEMPLATE),
        Parameters=[{"ParameterKey": "PoolId", "ParameterValue": pool}],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName="labels")


def test_a_protected_pool_is_said_with_the_mend_and_nothing_is_deleted(
    aws: EmbeddedAws, account: Account
) -> None:
    make_stack_with_pool(aws, "ACTIVE")
    with pytest.raises(OperatorError) as refused:
        destroy.find(account, "labels")
    assert "is protected against deletion" in str(refused.value)
    assert "UserPoolDeletionProtection to INACTIVE" in str(refused.value)
    assert aws.control.calls(operation="DeleteStack") == []


def test_an_unprotected_pool_is_no_obstacle(aws: EmbeddedAws, account: Account) -> None:
    make_stack_with_pool(aws, "INACTIVE")
    assert destroy.find(account, "labels").name == "labels"


def test_a_boundary_that_something_still_has_is_said_before_anything_is_deleted(
    aws: EmbeddedAws, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of the portfolio or the pipeline, whose roles would be gone already."""
    nothing = {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [nothing]}
    policy = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"PolicyDocument": document},
    }
    cloudformation, iam = aws.client("cloudformation"), aws.client("iam")
    cloudformation.create_stack(
        StackName="labels-catalog",
        TemplateBody=json.dumps({"Resources": {"RolesBoundary": policy}}),
        Capabilities=["CAPABILITY_IAM"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName="labels-catalog")
    found = cloudformation.describe_stack_resource(
        StackName="labels-catalog", LogicalResourceId="RolesBoundary"
    )["StackResourceDetail"]
    trusted = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    iam.create_role(
        RoleName="function",
        AssumeRolePolicyDocument=json.dumps(document | {"Statement": [trusted]}),
        PermissionsBoundary=found["PhysicalResourceId"],
    )
    iam.create_user(UserName="ada", PermissionsBoundary=found["PhysicalResourceId"])
    with pytest.raises(OperatorError, match="still the .* of function, ada"):
        destroy.find(account, "labels-catalog")
    iam.delete_user(UserName="ada")
    with pytest.raises(OperatorError, match="RolesBoundary is still the .* function"):
        destroy.find(account, "labels-catalog")
    assert aws.control.calls(operation="DeleteStack") == []
    # CloudFormation would find it out, too, but only then.
    cloudformation.delete_stack(StackName="labels-catalog")
    with pytest.raises(WaiterError, match="DELETE_FAILED"):
        cloudformation.get_waiter("stack_delete_complete").wait(
            StackName="labels-catalog"
        )
    # Who may not look is not kept from trying.
    credentials_allowing(aws, ["cloudformation:*"], monkeypatch)
    theirs = Account(boto3.session.Session(region_name=REGION), REGION)
    assert destroy.find(theirs, "labels-catalog").name == "labels-catalog"
    iam.delete_role(RoleName="function")
    doomed = destroy.find(account, "labels-catalog")
    assert doomed.described == "the stack labels-catalog"
    destroy.delete(account, doomed)


def test_a_stack_that_cannot_be_protected_is_left_alone(
    aws: EmbeddedAws, account: Account, tmp_path: Path
) -> None:
    make_stack_with_pool(aws, "INACTIVE")
    with pytest.raises(OperatorError, match="has no parameter UserPoolDeletionProt"):
        protect.run(account, "labels", tmp_path / "parameters.yaml")
    assert aws.control.calls(operation="UpdateStack") == []


@pytest.mark.parametrize(
    ("wanted", "refused"),
    [
        ({}, False),
        ({"DomainPrefix": "ours"}, False),
        ({"DomainPrefix": ""}, True),
        ({"DomainPrefix": "another"}, True),
    ],
)
def test_only_another_prefix_is_refused(
    wanted: dict[str, str], refused: bool, tmp_path: Path
) -> None:
    problem = readiness.prefix_problem(deployed_at("ours"), wanted, tmp_path / "p.yaml")
    assert (problem is not None) == refused


def test_an_empty_prefix_is_the_derived_one(tmp_path: Path) -> None:
    derived = deployed_at("labeling-0f2e")
    assert readiness.prefix_problem(derived, {"DomainPrefix": ""}, tmp_path) is None


def deployed_at(prefix: str) -> Any:
    host = f"{prefix}.auth.us-east-1.amazoncognito.com"
    return {
        "StackId": "arn:aws:cloudformation:us-east-1:111111111111:stack/labels/0f2e",
        "Outputs": [{"OutputKey": "UserPoolDomainName", "OutputValue": host}],
    }
