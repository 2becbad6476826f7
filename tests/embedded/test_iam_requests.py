"""Requests of a role are checked on the resource that AWS names, or denied."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from local_aws.iam import policies
from tests.embedded.prepared import (
    ACCOUNT,
    allow,
    client,
    client_as,
    policy,
    refusal,
    role,
    until,
    user_pool,
)

LAMBDA = {"Service": "lambda.amazonaws.com"}
LOGS = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group"
SSM = f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter"


def test_a_pool_is_checked_by_its_arn(aws: Any) -> None:
    cognito = client(aws, "cognito-idp")
    mine, other = user_pool(cognito), user_pool(cognito)
    arn = f"arn:aws:cognito-idp:us-east-1:{ACCOUNT}:userpool/{mine}"
    allowed = client_as(
        aws, role(aws, allow("cognito-idp:DescribeUserPool", arn)), "cognito-idp"
    )
    allowed.describe_user_pool(UserPoolId=mine)
    code, _ = refusal(allowed.describe_user_pool, UserPoolId=other)
    assert code == "AccessDeniedException"


def test_describing_a_domain_needs_every_resource(aws: Any) -> None:
    arn = f"arn:aws:cognito-idp:us-east-1:{ACCOUNT}:userpool/*"
    granted = allow("cognito-idp:DescribeUserPoolDomain", arn)
    cognito = client_as(aws, role(aws, granted), "cognito-idp")
    code, _ = refusal(cognito.describe_user_pool_domain, Domain="workers")
    assert code == "AccessDeniedException"


def test_several_parameters_are_checked_one_by_one(aws: Any) -> None:
    root = client(aws, "ssm")
    for name in ("/a", "/b"):
        root.put_parameter(Name=name, Value="v", Type="String")
    granted = allow("ssm:GetParameters", f"{SSM}/a")
    ssm = client_as(aws, role(aws, granted), "ssm")
    assert len(ssm.get_parameters(Names=["/a"])["Parameters"]) == 1
    code, _ = refusal(ssm.get_parameters, Names=["/a", "/b"])
    assert code == "AccessDeniedException"


@pytest.mark.parametrize(("suffix", "works"), [("", False), (":*", True)])
def test_a_log_group_is_allowed_with_a_star_at_its_end(
    aws: Any, suffix: str, works: bool
) -> None:
    client(aws, "logs").create_log_group(logGroupName="group")
    granted = allow("logs:CreateLogStream", f"{LOGS}:group{suffix}")
    logs = client_as(aws, role(aws, granted), "logs")
    stream = {"logGroupName": "group", "logStreamName": "stream"}
    if works:
        logs.create_log_stream(**stream)
    else:
        assert refusal(logs.create_log_stream, **stream)[0] == "AccessDeniedException"


@pytest.mark.parametrize(("granted", "works"), [("topic", True), ("other", False)])
def test_a_subscription_is_checked_on_its_topic(
    aws: Any, granted: str, works: bool
) -> None:
    root = client(aws, "sns")
    topic = root.create_topic(Name="topic")["TopicArn"]
    subscription = root.subscribe(
        TopicArn=topic,
        Protocol="email",
        Endpoint="a@example.com",
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    allowed = allow("sns:GetSubscriptionAttributes", topic.replace("topic", granted))
    sns = client_as(aws, role(aws, allowed), "sns")
    if works:
        sns.get_subscription_attributes(SubscriptionArn=subscription)
        return
    code, _ = refusal(sns.get_subscription_attributes, SubscriptionArn=subscription)
    assert code.startswith("AuthorizationError")


def test_a_bucket_that_demands_tls_is_open_to_a_role(aws: Any) -> None:
    """The set's buckets do, and AWS is asked over https."""
    bucket, arn = "private", "arn:aws:s3:::private"
    s3 = client(aws, "s3")
    s3.create_bucket(Bucket=bucket)
    without_tls = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    document = {"Version": "2012-10-17", "Statement": [without_tls]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    allowed = client_as(aws, role(aws, allow("s3:ListBucket", arn)), "s3")
    allowed.list_objects_v2(Bucket=bucket)
    del without_tls["Condition"]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    code, _ = refusal(allowed.list_objects_v2, Bucket=bucket)
    assert code == "AccessDenied"


def test_associating_a_web_acl_is_checked_on_acl_and_pool(aws: Any) -> None:
    acl = f"arn:aws:wafv2:us-east-1:{ACCOUNT}:regional/webacl/a/1"
    pool = f"arn:aws:cognito-idp:us-east-1:{ACCOUNT}:userpool/us-east-1_pool"
    wafv2 = client_as(aws, role(aws, allow("wafv2:*", acl)), "wafv2")
    code, _ = refusal(wafv2.associate_web_acl, WebACLArn=acl, ResourceArn=pool)
    assert code == "AccessDeniedException"


def test_a_service_that_iam_does_not_know_is_denied_to_a_role(aws: Any) -> None:
    everything_known = allow("kinesisanalytics:*", "*")
    unknown = client_as(aws, role(aws, everything_known), "kinesisanalyticsv2")
    code, message = refusal(unknown.list_applications)
    assert code.startswith("AccessDenied")
    assert "UnknownOperation" in message
    code, _ = refusal(client(aws, "kinesisanalyticsv2").list_applications)
    assert code == "UnknownOperationException"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"Effect": "Permit"}, "Invalid effect: Permit"),
        ({"Action": None}, "either Action or NotAction"),
        ({"NotAction": "s3:*"}, "either Action or NotAction"),
        ({"Action": "GetObject"}, "prefaced by a vendor"),
        ({"Resource": None}, "must contain resources"),
        ({"NotResource": "*"}, "must contain resources"),
        ({"Resource": "bucket"}, "must be in ARN format"),
        ({"Principal": "*"}, "should not specify Principal"),
        ({"Actions": "s3:*"}, "should not specify Actions"),
        ({"Sid": "a b"}, "letters and digits only"),
        ({"Condition": "x"}, "Condition is not an object"),
    ],
)
def test_a_malformed_statement_is_refused(
    aws: Any, change: dict[str, Any], fault: str
) -> None:
    changed = {**allow("s3:GetObject", "*"), **change}
    statement = {name: value for name, value in changed.items() if value is not None}
    code, message = refusal(lambda: role(aws, statement))
    assert code == "MalformedPolicyDocument"
    assert fault in message


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ("{", "it is not JSON"),
        ([], "not a JSON object"),
        ({"Version": "2012-10-17"}, "has no Statement"),
        ({"Statement": [allow("s3:*", "*")]}, "Version must be one of"),
        ({"Version": "2020-01-01", "Statement": []}, "Version must be one of"),
        ({"Version": "2012-10-17", "Statements": []}, "unknown element Statements"),
        ({"Version": "2012-10-17", "Statement": ["x"]}, "is not an object"),
    ],
)
def test_a_malformed_document_is_refused(document: object, fault: str) -> None:
    assert fault in (policies.identity_policy_fault(document) or "accepted")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"Resource": "*"}, "prohibited field Resource"),
        ({"Principal": None}, "must contain principals"),
        ({"Principal": {"Servise": "x"}}, "Invalid principal"),
        ({"Effect": "Permit"}, "Invalid effect"),
    ],
)
def test_a_malformed_trust_policy_is_refused(
    aws: Any, change: dict[str, Any], fault: str
) -> None:
    trust = {"Effect": "Allow", "Principal": LAMBDA, "Action": "sts:AssumeRole"}
    changed = {**trust, **change}
    statement = {name: value for name, value in changed.items() if value is not None}
    code, message = refusal(
        client(aws, "iam").create_role,
        RoleName="r",
        AssumeRolePolicyDocument=policy(statement),
    )
    assert code == "MalformedPolicyDocument"
    assert fault in message


ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "RoleName": "made",
        "AssumeRolePolicyDocument": json.loads(
            policy({"Effect": "Allow", "Principal": LAMBDA, "Action": "sts:AssumeRole"})
        ),
        "Policies": [
            {
                "PolicyName": "inline",
                "PolicyDocument": json.loads(policy(allow("s3:GetObject", "*"))),
            }
        ],
    },
}
FUNCTION = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Code": {"ZipFile": "def handler(event, context): return 'done'"},
    },
}


def stack(aws: Any, verb: str, **resources: Any) -> tuple[str, str]:
    """Create or update a stack and return its status and all reasons."""
    cloudformation = client(aws, "cloudformation")
    getattr(cloudformation, f"{verb}_stack")(
        StackName="s",
        TemplateBody=json.dumps({"Resources": resources}),
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    described = until(
        lambda: cloudformation.describe_stacks(StackName="s")["Stacks"][0],
        lambda found: not found["StackStatus"].endswith("IN_PROGRESS"),
    )
    events = cloudformation.describe_stack_events(StackName="s")["StackEvents"]
    reasons = [event.get("ResourceStatusReason", "") for event in events]
    return described["StackStatus"], " ".join(reasons)


def changed(resource: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {**resource, "Properties": {**resource["Properties"], **properties}}


def test_a_stack_makes_and_updates_a_role_and_its_function(aws: Any) -> None:
    status, _ = stack(aws, "create", Role=ROLE, Function=FUNCTION)
    assert status == "CREATE_COMPLETE"
    status, reasons = stack(
        aws,
        "update",
        Role=changed(ROLE, Description="new"),
        Function=changed(FUNCTION, Timeout=5),
    )
    assert (status, reasons.count("Invalid")) == ("UPDATE_COMPLETE", 0)


def test_a_stack_cannot_make_a_role_with_a_malformed_policy(aws: Any) -> None:
    malformed = json.loads(policy({**allow("s3:*", "*"), "Effect": "Permit"}))
    policies_ = [{"PolicyName": "inline", "PolicyDocument": malformed}]
    status, reasons = stack(aws, "create", Role=changed(ROLE, Policies=policies_))
    assert status == "ROLLBACK_COMPLETE"
    assert "Invalid effect: Permit" in reasons


def test_a_stack_cannot_make_a_role_below_a_boundary_that_does_not_exist(
    aws: Any,
) -> None:
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/absent"
    status, reasons = stack(
        aws, "create", Role=changed(ROLE, PermissionsBoundary=boundary)
    )
    assert status == "ROLLBACK_COMPLETE"
    assert f"{boundary} does not exist" in reasons


def test_the_boundary_of_a_stacks_role_limits_it(aws: Any) -> None:
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    trust = {"Effect": "Allow", "Principal": root, "Action": "sts:AssumeRole"}
    boundary = client(aws, "iam").create_policy(
        PolicyName="boundary", PolicyDocument=policy(allow("sqs:*", "*"))
    )["Policy"]["Arn"]
    allowing = json.loads(policy(allow("ssm:GetParameter", "*")))
    role_ = changed(
        ROLE,
        AssumeRolePolicyDocument=json.loads(policy(trust)),
        Policies=[{"PolicyName": "inline", "PolicyDocument": allowing}],
        PermissionsBoundary=boundary,
    )
    assert stack(aws, "create", Role=role_)[0] == "CREATE_COMPLETE"
    ssm = client_as(aws, f"arn:aws:iam::{ACCOUNT}:role/made", "ssm")
    code, _ = refusal(ssm.get_parameter, Name="/a")
    assert code == "AccessDeniedException"


def test_a_stack_cannot_give_a_function_a_role_that_does_not_trust_lambda(
    aws: Any,
) -> None:
    principal = {"Service": "ec2.amazonaws.com"}
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    role_ = changed(ROLE, AssumeRolePolicyDocument=json.loads(policy(trust)))
    status, reasons = stack(aws, "create", Role=role_, Function=FUNCTION)
    assert status == "ROLLBACK_COMPLETE"
    assert "cannot be assumed by Lambda" in reasons


def code_archive() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("index.py", "def handler(e, c): print('spoken'); return 1")
    return archive.getvalue()


def function(aws: Any, role_arn: str) -> Any:
    made = client(aws, "lambda").create_function(
        FunctionName="f",
        Runtime="python3.13",
        Role=role_arn,
        Handler="index.handler",
        Code={"ZipFile": code_archive()},
        LoggingConfig={"LogGroup": "own"},
    )
    client(aws, "logs").create_log_group(logGroupName="own")
    return made


def spoken(aws: Any) -> list[str]:
    events = client(aws, "logs").filter_log_events(logGroupName="own")["events"]
    return [event["message"] for event in events]


@pytest.mark.parametrize(
    ("actions", "heard"),
    [
        (["logs:CreateLogStream", "logs:PutLogEvents"], True),
        (["logs:CreateLogStream"], False),
        (["logs:PutLogEvents"], False),
    ],
)
def test_a_function_writes_logs_only_with_the_permissions_for_it(
    aws: Any, actions: list[str], heard: bool
) -> None:
    function(aws, role(aws, allow(actions, f"{LOGS}:own:*"), trusting=LAMBDA))
    answer = client(aws, "lambda").invoke(FunctionName="f")
    assert json.load(answer["Payload"]) == 1
    assert ("spoken" in " ".join(spoken(aws))) == heard


def test_logs_permissions_on_another_group_do_not_count(aws: Any) -> None:
    granted = allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"{LOGS}:other:*")
    function(aws, role(aws, granted, trusting=LAMBDA))
    client(aws, "lambda").invoke(FunctionName="f")
    assert spoken(aws) == []


def test_a_function_needs_a_role_that_trusts_lambda(aws: Any) -> None:
    code, message = refusal(lambda: function(aws, role(aws)))
    assert code == "InvalidParameterValueException"
    assert message == "The role defined for the function cannot be assumed by Lambda."


def test_a_function_whose_role_no_longer_trusts_lambda_does_not_run(aws: Any) -> None:
    function(aws, role(aws, trusting=LAMBDA))
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "ec2.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    client(aws, "iam").update_assume_role_policy(
        RoleName="worker", PolicyDocument=policy(trust)
    )
    answer = client(aws, "lambda").invoke(FunctionName="f")
    assert answer["FunctionError"]
    assert "cannot be assumed by Lambda" in answer["Payload"].read().decode()
