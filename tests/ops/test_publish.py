"""`make publish`: both forms under a version that is their content, and a link."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.config import Config

from ops.aws_cli import AwsCli
from ops.publish import quick_create_link
from tests.small_set import Operator, credentials_allowing

pytestmark = pytest.mark.local_aws

BUCKET = "published"
SINGLE_FILE = """\
Parameters:
  DomainPrefix: {Type: String, Default: "", AllowedPattern: "^([a-z]+)?$"}
Resources:
  Prefix:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Value: !Sub "prefix ${DomainPrefix}"}
"""


@pytest.fixture
def operator(operator: Operator, tmp_path: Path) -> Operator:
    (tmp_path / "dist" / "private-workforce.yaml").write_text(SINGLE_FILE)
    (tmp_path / "dist" / "workforce.yaml").write_text("Resources: {}\n")
    return operator


@pytest.fixture
def bucket(operator: Operator) -> str:
    s3 = operator.aws.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(
        Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
    )
    operator.aws.control.clear_calls()
    return BUCKET


def published(operator: Operator, *arguments: str) -> dict[str, str]:
    outcome = operator.runs("publish", *arguments, "--output", "json")
    assert outcome.code == 0, outcome.progress
    result: dict[str, str] = json.loads(outcome.output)
    return result


def keys(operator: Operator) -> set[str]:
    listed = operator.aws.client("s3").list_objects_v2(Bucket=BUCKET)
    return {item["Key"] for item in listed["Contents"]}


@pytest.fixture
def no_cli(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the AWS CLI out, which takes a second to start: root.yaml as it is."""
    monkeypatch.setattr("ops.aws_cli.find", lambda: AwsCli("aws", "aws-cli/2.31.0"))
    monkeypatch.setattr("ops.deploy.package", lambda *_: Path("dist/root.yaml"))


def test_both_forms_can_be_deployed_and_the_link_fills_in_the_parameters(
    operator: Operator, bucket: str
) -> None:
    operator.writes_parameters("DomainPrefix: abc\n")
    result = published(operator, "--bucket", bucket, "--stack", "labels")
    cloudformation = operator.aws.client("cloudformation")
    for name in ("TemplateUrl", "RootTemplateUrl"):
        assert f"/{bucket}/private-workforce/{result['Version']}/" in result[name]
        cloudformation.create_stack(StackName=name, TemplateURL=result[name])
        cloudformation.get_waiter("stack_create_complete").wait(StackName=name)
    link = urlsplit(result["QuickCreateLink"])
    assert f"{link.scheme}://{link.netloc}{link.path}?{link.query}" == (
        "https://us-east-1.console.aws.amazon.com/cloudformation/home?region=us-east-1"
    )
    page, _, query = link.fragment.partition("?")
    assert page == "/stacks/create/review"
    assert parse_qs(query) == {
        "templateURL": [result["TemplateUrl"]],
        "stackName": ["labels"],
        "param_DomainPrefix": ["abc"],
    }


@pytest.mark.usefixtures("no_cli")
def test_the_same_content_is_the_same_version_and_is_written_once(
    operator: Operator, bucket: str
) -> None:
    first = published(operator, "--bucket", bucket)
    operator.aws.control.clear_calls()
    assert published(operator, "--bucket", bucket) == first
    assert operator.made() == []


@pytest.mark.usefixtures("no_cli")
@pytest.mark.parametrize("changed", ["private-workforce.yaml", "base.yaml"])
def test_another_content_is_another_version_and_the_old_one_stays(
    changed: str, operator: Operator, bucket: str
) -> None:
    first = published(operator, "--bucket", bucket)
    old = keys(operator)
    file = operator.folder / "dist" / changed
    file.write_text(file.read_text() + "Description: changed\n")
    second = published(operator, "--bucket", bucket)
    assert second["Version"] != first["Version"]
    assert keys(operator) > old


@pytest.mark.usefixtures("no_cli")
def test_an_object_that_somebody_changed_is_put_right_again(
    operator: Operator, bucket: str
) -> None:
    result = published(operator, "--bucket", bucket)
    key = f"private-workforce/{result['Version']}/private-workforce.yaml"
    s3 = operator.aws.client("s3")
    s3.put_object(Bucket=bucket, Key=key, Body=b"Resources: {}")
    published(operator, "--bucket", bucket)
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == SINGLE_FILE.encode()


def test_the_link_carries_any_value_whole() -> None:
    text = "Grüße & mehr = 100 %\n+1 #x"
    link = quick_create_link("us-east-1", "https://s3/x", "labels", {"Text": text})
    query = urlsplit(link).fragment.partition("?")[2]
    assert parse_qs(query)["param_Text"] == [text]
    # "+" for a blank is a convention of forms, which the fragment is none of.
    assert "+" not in link


def test_without_a_bucket_the_one_of_the_stack_is_made(operator: Operator) -> None:
    result = published(operator)
    (made,) = operator.aws.client("s3").list_buckets()["Buckets"]
    assert f"/{made['Name']}/" in result["TemplateUrl"]


@pytest.mark.usefixtures("no_cli")
def test_a_bucket_in_another_region_is_refused(operator: Operator) -> None:
    s3 = operator.aws.client("s3", config=Config(region_name="eu-west-1"))
    s3.create_bucket(
        Bucket="elsewhere",
        CreateBucketConfiguration={"LocationConstraint": "eu-west-1"},
    )
    operator.aws.control.clear_calls()
    outcome = operator.runs("publish", "--bucket", "elsewhere")
    assert outcome.refuses("The bucket elsewhere is not in us-east-1.")
    assert operator.made() == []


@pytest.mark.usefixtures("no_cli")
def test_a_bucket_without_versions_is_refused(operator: Operator) -> None:
    operator.aws.client("s3").create_bucket(Bucket="forgetful")
    operator.aws.control.clear_calls()
    outcome = operator.runs("publish", "--bucket", "forgetful")
    assert outcome.refuses("The bucket forgetful keeps no versions", "versioning on")
    assert operator.made() == []


@pytest.mark.usefixtures("no_cli")
@pytest.mark.parametrize(
    ("allowed", "said"),
    [
        (("sts:*", "s3:ListBucket"), "may not see whether the bucket published is"),
        (("sts:*", "s3:Get*", "s3:ListBucket"), "may not call PutObject"),
    ],
)
def test_publishing_without_the_rights_is_a_sentence(
    allowed: tuple[str, ...],
    said: str,
    operator: Operator,
    bucket: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    credentials_allowing(operator.aws, allowed, monkeypatch)
    assert operator.runs("publish", "--bucket", bucket).refuses(said)
    assert operator.aws.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 0


@pytest.mark.usefixtures("no_cli")
def test_all_that_is_wrong_is_said_at_once(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator.writes_parameters("DomainPrefix: My_Prefix\n")
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    outcome = operator.runs("publish", "--bucket", "missing-bucket")
    assert outcome.refuses("DomainPrefix cannot be", "eu-north-1", "missing-bucket")
    assert operator.made() == []
