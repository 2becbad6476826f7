"""CloudFormation uses the permissions of whoever deploys, for every resource."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_aws.registry_schemas import schema_of
from tests.embedded.prepared import (
    ACCOUNT,
    allow,
    client,
    client_as,
    policy,
    refusal,
    role,
    until,
)

NAME = "/probe"
PARAMETER = f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/probe"
STACKS = allow("cloudformation:*", "*")


def handlers(*names: str, of: str = "AWS::SSM::Parameter") -> list[str]:
    """Return the permissions that the registry lists."""
    listed = (schema_of(of) or {})["handlers"]
    return sorted({action for name in names for action in listed[name]["permissions"]})


def template(**properties: Any) -> str:
    made = {"Name": NAME, "Type": "String", "Value": "one", **properties}
    return body({"Probe": {"Type": "AWS::SSM::Parameter", "Properties": made}})


def body(resources: dict[str, Any]) -> str:
    return json.dumps({"Resources": resources})


def deployer(aws: Any, *statements: dict[str, Any], trusting: Any = None) -> Any:
    arn = role(aws, STACKS, *statements, trusting=trusting)
    return client_as(aws, arn, "cloudformation")


def outcome(aws: Any, stack: str = "probe") -> tuple[str, str]:
    """Return the status that an operation ends in and what its failures say."""
    cloudformation = client(aws, "cloudformation")
    described = until(
        lambda: cloudformation.describe_stacks(StackName=stack)["Stacks"][0],
        lambda found: not found["StackStatus"].endswith("_IN_PROGRESS"),
    )
    events = cloudformation.describe_stack_events(StackName=described["StackId"])
    reasons = [
        event["ResourceStatusReason"]
        for event in events["StackEvents"]
        if event["ResourceStatus"].endswith("_FAILED")
    ]
    return str(described["StackStatus"]), "\n".join(reasons)


def created(aws: Any, cloudformation: Any, text: str, **more: Any) -> tuple[str, str]:
    cloudformation.create_stack(StackName="probe", TemplateBody=text, **more)
    return outcome(aws)


def test_what_the_handlers_list_is_enough_for_a_life(aws: Any) -> None:
    rights = handlers("create", "read", "update", "delete")
    cloudformation = deployer(aws, allow(rights, PARAMETER))
    status, reasons = created(aws, cloudformation, template())
    assert status == "CREATE_COMPLETE", reasons
    cloudformation.update_stack(StackName="probe", TemplateBody=template(Value="two"))
    assert outcome(aws)[0] == "UPDATE_COMPLETE"
    stack = cloudformation.describe_stacks(StackName="probe")["Stacks"][0]["StackId"]
    cloudformation.delete_stack(StackName="probe")
    assert outcome(aws, stack)[0] == "DELETE_COMPLETE"


@pytest.mark.parametrize("action", handlers("create", "read"))
def test_each_permission_of_create_and_read_is_demanded_to_create(
    aws: Any, action: str
) -> None:
    rights = [each for each in handlers("create", "read") if each != action]
    cloudformation = deployer(aws, allow(rights, PARAMETER))
    status, reasons = created(aws, cloudformation, template())
    assert status == "ROLLBACK_COMPLETE"
    assert f"not authorized to perform: {action} on resource: {PARAMETER}" in reasons
    assert "HandlerErrorCode: AccessDenied" in reasons


def test_a_denied_update_and_a_denied_deletion_name_the_action(aws: Any) -> None:
    cloudformation = deployer(aws, allow(handlers("create", "read"), PARAMETER))
    created(aws, cloudformation, template())
    changed = template(Tags={"team": "vision"})
    cloudformation.update_stack(StackName="probe", TemplateBody=changed)
    status, reasons = outcome(aws)
    assert status == "UPDATE_ROLLBACK_FAILED"
    assert "ssm:RemoveTagsFromResource" in reasons
    cloudformation.delete_stack(StackName="probe")
    status, reasons = outcome(aws)
    assert (status, "ssm:DeleteParameter" in reasons) == ("DELETE_FAILED", True)


def test_rights_on_another_resource_do_not_count(aws: Any) -> None:
    rights = handlers("create", "read", "delete")
    cloudformation = deployer(aws, allow(rights, f"{PARAMETER}/other"))
    _, reasons = created(aws, cloudformation, template())
    assert f"on resource: {PARAMETER}" in reasons


def test_nothing_is_demanded_of_root(aws: Any) -> None:
    status, _ = created(aws, client(aws, "cloudformation"), template())
    assert status == "CREATE_COMPLETE"
    assert aws.control.forwarded_permissions() == []


def test_every_demand_is_recorded(aws: Any) -> None:
    cloudformation = deployer(aws, allow(handlers("create", "read"), PARAMETER))
    created(aws, cloudformation, template())
    demands = aws.control.forwarded_permissions()
    assert {each["action"] for each in demands} == set(handlers("create", "read"))
    assert {each["resource"] for each in demands} == {PARAMETER}
    assert {each["operation"] for each in demands} == {
        "cloudformation:AWS::SSM::Parameter:create"
    }


def service_role(aws: Any, *statements: dict[str, Any], service: str) -> str:
    iam = client(aws, "iam")
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    made = iam.create_role(RoleName="service", AssumeRolePolicyDocument=policy(trust))
    if statements:
        iam.put_role_policy(
            RoleName="service", PolicyName="inline", PolicyDocument=policy(*statements)
        )
    return str(made["Role"]["Arn"])


def test_a_service_role_is_used_and_remembered(aws: Any) -> None:
    rights = allow(handlers("create", "read", "delete"), PARAMETER)
    arn = service_role(aws, rights, service="cloudformation.amazonaws.com")
    root = client(aws, "cloudformation")
    status, reasons = created(aws, root, template(), RoleARN=arn)
    assert status == "CREATE_COMPLETE", reasons
    root.update_stack(StackName="probe", TemplateBody=template(Value="two"))
    status, reasons = outcome(aws)
    assert "assumed-role/service/AWSCloudFormation is not authorized" in reasons


def test_a_service_role_must_trust_cloudformation(aws: Any) -> None:
    arn = service_role(aws, service="lambda.amazonaws.com")
    code, message = refusal(
        client(aws, "cloudformation").create_stack,
        StackName="probe",
        TemplateBody=template(),
        RoleARN=arn,
    )
    assert (code, message) == (
        "ValidationError",
        f"Role {arn} is invalid or cannot be assumed",
    )


def test_whoever_gives_a_service_role_must_be_allowed_to_pass_it(aws: Any) -> None:
    arn = service_role(aws, service="cloudformation.amazonaws.com")
    code, message = refusal(
        deployer(aws).create_stack,
        StackName="probe",
        TemplateBody=template(),
        RoleARN=arn,
    )
    assert (code, f"iam:PassRole on resource: {arn}" in message) == (
        "AccessDenied",
        True,
    )


def test_a_change_set_is_executed_with_its_own_role(aws: Any) -> None:
    rights = allow(handlers("create", "read"), PARAMETER)
    arn = service_role(aws, rights, service="cloudformation.amazonaws.com")
    cloudformation = deployer(aws, allow("iam:PassRole", arn))
    cloudformation.create_change_set(
        StackName="probe",
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateBody=template(),
        RoleARN=arn,
    )
    until(
        lambda: cloudformation.describe_change_set(
            StackName="probe", ChangeSetName="first"
        )["Status"],
        lambda status: status == "CREATE_COMPLETE",
    )
    cloudformation.execute_change_set(StackName="probe", ChangeSetName="first")
    assert outcome(aws)[0] == "CREATE_COMPLETE"


def test_the_caller_must_be_allowed_to_read_the_template(aws: Any) -> None:
    s3 = client(aws, "s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="probe.yaml", Body=template())
    url = f"{aws.endpoint}/templates/probe.yaml"
    rights = allow(handlers("create", "read"), PARAMETER)
    code, message = refusal(
        deployer(aws, rights).create_stack, StackName="probe", TemplateURL=url
    )
    assert code == "AccessDenied"
    assert "s3:GetObject on resource: arn:aws:s3:::templates/probe.yaml" in message


def test_the_deployer_of_the_root_is_asked_for_nested_stacks(aws: Any) -> None:
    s3 = client(aws, "s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="probe.yaml", Body=template())
    nested = {
        "Child": {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {"TemplateURL": f"{aws.endpoint}/templates/probe.yaml"},
        }
    }
    reading = allow("s3:GetObject", "arn:aws:s3:::templates/probe.yaml")
    status, _ = created(aws, deployer(aws, reading), body(nested))
    assert status == "ROLLBACK_COMPLETE"
    asked = aws.control.forwarded_permissions()
    (denied,) = [each for each in asked if not each["allowed"]]
    assert (denied["action"], denied["resource"]) == ("ssm:PutParameter", PARAMETER)
    assert "assumed-role/worker" in denied["principal"]
    (child,) = {
        each["resource"]
        for each in asked
        if each["action"] == "cloudformation:CreateStack"
    }
    assert child == f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/probe-Child-*/*"


def test_a_custom_resource_demands_the_right_to_invoke_its_function(aws: Any) -> None:
    function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:maker"
    custom = {"Type": "Custom::Thing", "Properties": {"ServiceToken": function}}
    _, reasons = created(aws, deployer(aws), body({"Thing": custom}))
    assert f"perform: lambda:InvokeFunction on resource: {function}" in reasons


def test_a_secret_in_a_template_is_read_with_the_deployers_right(aws: Any) -> None:
    secret = client(aws, "secretsmanager").create_secret(Name="s", SecretString="x")
    rights = allow(handlers("create", "read"), PARAMETER)
    value = f"{{{{resolve:secretsmanager:{secret['ARN']}}}}}"
    _, reasons = created(aws, deployer(aws, rights), template(Value=value))
    wanted = f"perform: secretsmanager:GetSecretValue on resource: {secret['ARN']}"
    assert wanted in reasons


def demanded_for(aws: Any, kind: str, **properties: Any) -> set[str]:
    """Return the actions that creating one resource demands."""
    rights = allow("*", "*")
    text = body({"Probe": {"Type": kind, "Properties": properties}})
    status, reasons = created(
        aws, deployer(aws, rights), text, Capabilities=["CAPABILITY_IAM"]
    )
    assert status == "CREATE_COMPLETE", reasons
    return {each["action"] for each in aws.control.forwarded_permissions()}


def test_what_belongs_to_a_property_is_demanded_with_it_only(aws: Any) -> None:
    without = demanded_for(aws, "AWS::SNS::Topic")
    assert "sns:CreateTopic" in without
    assert not without & {"sns:Subscribe", "iam:PassRole", "iam:GetRole"}
    aws.control.reset()
    subscription = {"Endpoint": "ada@example.com", "Protocol": "email"}
    assert "sns:Subscribe" in demanded_for(
        aws, "AWS::SNS::Topic", Subscription=[subscription]
    )


TRUST = json.loads(
    policy(
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    )
)


@pytest.mark.parametrize("is_bounded", [True, False])
def test_a_role_is_made_under_the_boundary_that_the_policy_asks_for(
    aws: Any, is_bounded: bool
) -> None:
    boundary = client(aws, "iam").create_policy(
        PolicyName="boundary", PolicyDocument=policy(allow("logs:*", "*"))
    )["Policy"]["Arn"]
    bounded = {
        **allow("iam:*", f"arn:aws:iam::{ACCOUNT}:role/labels/*"),
        "Condition": {"StringEquals": {"iam:PermissionsBoundary": boundary}},
    }
    others = allow(
        ["iam:GetRole", "iam:List*", "iam:*Tag*Role", "iam:GetRolePol*"], "*"
    )
    properties = {"Path": "/labels/", "AssumeRolePolicyDocument": TRUST}
    if is_bounded:
        properties["PermissionsBoundary"] = boundary
    text = body({"Probe": {"Type": "AWS::IAM::Role", "Properties": properties}})
    status, reasons = created(
        aws, deployer(aws, bounded, others), text, Capabilities=["CAPABILITY_IAM"]
    )
    assert (status == "CREATE_COMPLETE") == is_bounded, reasons
    assert ("perform: iam:CreateRole" in reasons) == (not is_bounded)


@pytest.mark.parametrize("is_exact", [True, False])
@pytest.mark.parametrize(
    ("resource_type", "properties", "arn"),
    [
        (
            "AWS::CloudWatch::Dashboard",
            {"DashboardName": "probe", "DashboardBody": '{"widgets": []}'},
            f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/probe",
        ),
        (
            "AWS::Logs::MetricFilter",
            {
                "LogGroupName": "probe",
                "FilterPattern": "{ $.level = 1 }",
                "MetricTransformations": [
                    {
                        "MetricNamespace": "Own",
                        "MetricName": "Lines",
                        "MetricValue": "1",
                    }
                ],
            },
            f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:probe:log-stream:",
        ),
    ],
)
def test_what_watches_is_made_with_rights_on_exactly_that(
    aws: Any, resource_type: str, properties: dict[str, Any], arn: str, is_exact: bool
) -> None:
    client(aws, "logs").create_log_group(logGroupName="probe")
    text = body({"Probe": {"Type": resource_type, "Properties": properties}})
    rights = handlers("create", "read", "delete", of=resource_type)
    granted = arn if is_exact else f"{arn}-other"
    status, reasons = created(aws, deployer(aws, allow(rights, granted)), text)
    assert (status == "CREATE_COMPLETE") == is_exact
    assert (f"on resource: {arn}" in reasons) != is_exact
