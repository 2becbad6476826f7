"""`make deploy`, `outputs`, `destroy`: sentences for what is wrong, no surprises."""

from __future__ import annotations

import json

import pytest

from tests.small_set import Operator, credentials_allowing

pytestmark = pytest.mark.local_aws

STACK = "private-workforce"


def test_no_credentials_is_a_sentence(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("HOME", str(operator.folder))
    assert operator.runs("deploy").refuses("no AWS credentials", "aws sso login")
    assert operator.runs("destroy", "--yes").refuses("no AWS credentials")
    assert operator.made() == []


def test_refused_credentials_are_a_sentence(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator.aws.control.add_fault("GetCallerIdentity", "ExpiredToken", times=0)
    assert operator.runs("deploy").refuses("does not accept", "expired")
    assert operator.made() == []


def test_no_region_is_a_sentence(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert operator.runs("deploy").refuses("No Region", "AWS_REGION")


def test_a_region_without_private_workforces_is_refused_before_anything_is_made(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    assert operator.runs("deploy").refuses("eu-north-1", "us-east-1")
    assert operator.made() == []


def test_no_network_is_a_sentence(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    assert operator.runs("outputs").refuses("cannot be reached", "network")


def test_no_cli_is_a_sentence(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(operator.folder))
    monkeypatch.setattr("ops.aws_cli.FOLDER", operator.folder / ".venv-aws")
    assert operator.runs("deploy").refuses("No working AWS CLI", "make setup")
    assert operator.made() == []


def test_all_that_is_wrong_is_said_at_once(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator.writes_parameters("DomainPrefix: My_Prefix\nUnknown: 1\n")
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    outcome = operator.runs("deploy", "--bucket", "missing-bucket")
    assert outcome.refuses(
        "Empty, or lower-case letters.", "Unknown", "eu-north-1", "missing-bucket"
    )
    assert operator.made() == []


def test_a_text_over_4096_bytes_is_said_before_anything_is_uploaded(
    operator: Operator,
) -> None:
    # Fewer characters than bytes: CloudFormation counts bytes.
    operator.writes_parameters(f"Fail: {'é' * 2049}\n")
    assert operator.runs("deploy").refuses("Fail cannot be", "4098 bytes", "4096")
    assert operator.made() == []


def test_a_parameter_file_that_was_named_must_exist(operator: Operator) -> None:
    outcome = operator.runs("deploy", "--parameters", "production.yaml")
    assert outcome.refuses("production.yaml", "cannot be read")
    assert operator.made() == []


def test_a_bucket_without_rights_is_a_sentence(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator.aws.client("s3").create_bucket(Bucket="somebody-elses")
    credentials_allowing(operator.aws, ("cloudformation:*", "sts:*"), monkeypatch)
    outcome = operator.runs("deploy", "--bucket", "somebody-elses")
    assert outcome.refuses("no rights on the bucket somebody-elses", "BUCKET=")
    assert operator.made() == []


def test_a_stack_in_rollback_complete_is_a_sentence_and_destroy_mends_it(
    operator: Operator,
) -> None:
    operator.aws.client("s3").create_bucket(Bucket="artifacts")
    operator.writes_parameters("Fail: yes\n")
    failed = operator.runs("deploy", "--bucket", "artifacts")
    # The cause, and not that the nested stack or the root has failed.
    assert failed.refuses("BaseStack/Second (AWS::SSM::Parameter) failed")
    assert "BaseStack/Second" in failed.progress.split("✗", 1)[0]
    # Whoever comes later finds the same.
    again = operator.runs("watch")
    assert again.refuses("BaseStack/Second (AWS::SSM::Parameter) failed")
    assert "ROLLBACK_COMPLETE" in again.progress

    operator.aws.control.clear_calls()
    again = operator.runs("deploy", "--bucket", "artifacts")
    assert again.refuses("ROLLBACK_COMPLETE", "`make destroy`")
    assert operator.made() == []

    assert operator.runs("destroy", "--yes").code == 0
    assert operator.runs("outputs").refuses("There is no stack")


def test_the_life_of_a_stack(operator: Operator) -> None:
    cloudformation = operator.aws.client("cloudformation")
    operator.writes_parameters("DomainPrefix: abc\nLogRetentionInDays: 7\n")

    deployed = operator.runs("deploy", "--output", "json")
    assert deployed.code == 0, deployed.progress
    assert json.loads(deployed.output).keys() == {"PrefixName"}
    assert "BaseStack/Prefix" in deployed.progress
    (stack,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    assert stack["EnableTerminationProtection"]

    # A parameter that is no longer named keeps its value, and that is said.
    operator.writes_parameters("DomainPrefix: abd\n")
    difference = operator.runs("diff", "--exit-code", "--output", "json")
    assert difference.code == 3, difference.progress
    assert json.loads(difference.output)["parameters"] == [
        {"name": "DomainPrefix", "before": "abc", "after": "abd"}
    ]
    updated = operator.runs("deploy")
    assert updated.code == 0, updated.progress
    assert "LogRetentionInDays keeps its value '7'" in updated.progress
    assert "CREATE_COMPLETE" not in updated.progress
    (stack,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    values = {
        item["ParameterKey"]: item["ParameterValue"] for item in stack["Parameters"]
    }
    assert (values["DomainPrefix"], values["LogRetentionInDays"]) == ("abd", "7")

    # Nothing to do is no failure.
    assert operator.runs("deploy").code == 0
    assert operator.runs("outputs").output.count("PrefixName") == 1

    unconfirmed = operator.runs("destroy")
    assert unconfirmed.refuses("Nothing was deleted", "YES=1")
    assert cloudformation.describe_stacks(StackName=STACK)["Stacks"]

    destroyed = operator.runs("destroy", "--yes")
    assert destroyed.code == 0, destroyed.progress
    assert "Kept: AWS::Logs::LogGroup" in destroyed.progress
    assert "Kept: the artifact bucket" in destroyed.progress

    everything = operator.runs("destroy", "--yes", "--artifacts")
    assert everything.code == 0, everything.progress
    assert operator.aws.client("s3").list_buckets()["Buckets"] == []
    assert operator.runs("destroy", "--yes").refuses("There is no stack")


REFUSES_TO_GO = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          Effect: Allow
          Action: sts:AssumeRole
          Principal: {Service: lambda.amazonaws.com}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code:
        ZipFile: |
          import json
          import urllib.request

          def handler(event, context):
              answer = {
                  "Status": "FAILED" if event["RequestType"] == "Delete" else "SUCCESS",
                  "Reason": "It has children",
                  "PhysicalResourceId": "parent",
                  **{key: event[key] for key in (
                      "StackId", "RequestId", "LogicalResourceId")},
              }
              urllib.request.urlopen(urllib.request.Request(
                  event["ResponseURL"], json.dumps(answer).encode(),
                  {"Content-Type": ""}, method="PUT"))
  Parent:
    Type: Custom::Parent
    Properties: {ServiceToken: !GetAtt Function.Arn, ServiceTimeout: 10}
"""


def test_a_resource_that_cannot_be_deleted_is_named_with_its_reason(
    operator: Operator,
) -> None:
    cloudformation = operator.aws.client("cloudformation")
    cloudformation.create_stack(
        StackName=STACK,
        TemplateBody=REFUSES_TO_GO,
        Capabilities=["CAPABILITY_IAM"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=STACK)
    outcome = operator.runs("destroy", "--yes")
    assert outcome.refuses(
        "✗ Parent (Custom::Parent) cannot be deleted: ", "It has children"
    )
    assert operator.runs("deploy").refuses("DELETE_FAILED", "`make destroy`")


def test_an_operation_in_progress_is_waited_for_by_nobody(operator: Operator) -> None:
    operator.aws.client("cloudformation").create_stack(
        StackName=STACK,
        TemplateBody="""
Resources:
  Handle: {Type: AWS::CloudFormation::WaitConditionHandle}
  Wait:
    Type: AWS::CloudFormation::WaitCondition
    Properties: {Handle: !Ref Handle, Timeout: "60"}
""",
    )
    assert operator.runs("deploy").refuses("in progress", "Wait for its end")
    assert operator.runs("destroy", "--yes").refuses("in progress")


def test_the_last_operation_can_be_looked_at_again(operator: Operator) -> None:
    assert operator.runs("watch").refuses("There is no stack private-workforce")
    cloudformation = operator.aws.client("cloudformation")
    body = '{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}'
    cloudformation.create_stack(StackName=STACK, TemplateBody=body)
    cloudformation.get_waiter("stack_create_complete").wait(StackName=STACK)
    changed = body.replace('Topic"}', 'Topic", "Properties": {"DisplayName": "a"}}')
    cloudformation.update_stack(StackName=STACK, TemplateBody=changed)
    cloudformation.get_waiter("stack_update_complete").wait(StackName=STACK)
    operator.aws.control.add_fault("DescribeStackEvents", "ExpiredToken", nth=2)
    lost = operator.runs("watch")
    assert lost.refuses("carries on", "does not accept", "`make watch`")
    again = operator.runs("watch")
    assert again.code == 0
    assert "CREATE_COMPLETE" not in again.progress
    assert f"✓ The stack {STACK} is UPDATE_COMPLETE." in again.progress
