"""`make stackset`: many accounts and Regions, planned before anything is made.

MiniStack has no StackSets. These tests run against the strict model of that API in
`local_aws/stack_sets/`, which makes a real stack for each instance.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.process import EmbeddedAws
from ops.aws_cli import AwsCli
from tests.small_set import Operator

pytestmark = pytest.mark.local_aws

HERE, FIRST, SECOND = "111111111111", "222222222222", "333333333333"
SINGLE_FILE = """\
Parameters:
  DomainPrefix: {Type: String, Default: "", AllowedPattern: "^([a-z]+)?$"}
  LogRetentionInDays: {Type: Number, Default: 90}
Resources:
  Prefix:
    Type: AWS::SSM::Parameter
    Properties:
      Name: /prefix
      Type: String
      Value: !Sub "prefix ${DomainPrefix} ${LogRetentionInDays}"
"""


@pytest.fixture
def operator(
    operator: Operator,
    aws: EmbeddedAws,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Operator:
    (tmp_path / "dist" / "private-workforce.yaml").write_text(SINGLE_FILE)
    (tmp_path / "dist" / "workforce.yaml").write_text("Resources: {}\n")
    monkeypatch.setattr("ops.aws_cli.find", lambda: AwsCli("aws", "aws-cli/2.31.0"))
    monkeypatch.setattr("ops.deploy.package", lambda *_: Path("dist/root.yaml"))
    monkeypatch.setattr("ops.stack_set_operations.SECONDS_BETWEEN_LOOKS", 0.05)
    aws.client("s3").create_bucket(Bucket="published")
    aws.client("s3").put_bucket_versioning(
        Bucket="published", VersioningConfiguration={"Status": "Enabled"}
    )
    monkeypatch.setenv("BUCKET", "published")
    return operator


@pytest.fixture
def self_managed(operator: Operator) -> Operator:
    """Make the roles that self-managed permissions need, in three accounts."""
    give_role(operator, HERE, "AWSCloudFormationStackSetAdministrationRole")
    for account in (HERE, FIRST, SECOND):
        give_role(operator, account, "AWSCloudFormationStackSetExecutionRole")
    operator.aws.control.clear_calls()
    return operator


def give_role(operator: Operator, account: str, role: str) -> None:
    client(operator, "iam", account).create_role(
        RoleName=role,
        AssumeRolePolicyDocument=(
            '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", '
            '"Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}}'
        ),
    )


def client(
    operator: Operator, service: str, account: str, region: str = "us-east-1"
) -> Any:
    return operator.aws.client(service, region, account)


def prefix(operator: Operator, account: str, region: str) -> str:
    ssm = client(operator, "ssm", account, region)
    value: str = ssm.get_parameter(Name="/prefix")["Parameter"]["Value"]
    return value


def test_the_life_of_a_stack_set(self_managed: Operator) -> None:
    operator = self_managed
    made = operator.runs(
        *("stackset", "--yes", "--accounts", f"{FIRST},{SECOND}"),
        *("--regions", "us-east-1 eu-west-1", "--prefixes", f"{SECOND}=second"),
    )
    assert made.code == 0, made.progress
    assert f"create  {SECOND}  eu-west-1  with the domain prefix second" in (
        made.progress
    )
    assert made.output.count("CURRENT") == 4
    assert prefix(operator, FIRST, "eu-west-1") == "prefix  90"
    assert prefix(operator, SECOND, "us-east-1") == "prefix second 90"

    # An update reaches every stack, keeps the prefix of an account, and adds a place.
    operator.writes_parameters("LogRetentionInDays: 7\n")
    updated = operator.runs(
        *("stackset", "--yes", "--accounts", HERE, "--regions", "us-east-1"),
    )
    assert updated.code == 0, updated.progress
    assert prefix(operator, SECOND, "us-east-1") == "prefix second 7"
    assert prefix(operator, HERE, "us-east-1") == "prefix  7"
    shown = operator.runs("stackset-status").output
    assert shown.count("CURRENT") == 5

    # A deletion is planned and asked about, too.
    planned = operator.runs("stackset-destroy", "--dry-run")
    assert planned.code == 0
    assert planned.progress.count("delete  ") == 5
    assert operator.runs("stackset-destroy").refuses("Nothing was deleted")

    left = operator.runs(
        *("stackset-destroy", "--yes", "--accounts", FIRST, "--regions", "eu-west-1")
    )
    assert left.code == 0, left.progress
    assert operator.runs("stackset-status").output.count("CURRENT") == 4
    gone = operator.runs("stackset-destroy", "--yes")
    assert gone.code == 0, gone.progress
    assert "The stack set private-workforce is deleted." in gone.progress
    with pytest.raises(ClientError, match="ParameterNotFound"):
        prefix(operator, SECOND, "us-east-1")
    assert operator.runs("stackset-status").refuses("There is no stack set")


def test_a_dry_run_shows_the_plan_and_makes_nothing(self_managed: Operator) -> None:
    planned = self_managed.runs(
        *("stackset", "--dry-run", "--accounts", FIRST),
        *("--regions", "eu-west-1,us-east-1"),
    )
    assert planned.code == 0, planned.progress
    assert f"create  {FIRST}  eu-west-1" in planned.progress
    assert "this was a dry run" in planned.progress
    assert self_managed.made() == []


def test_nothing_is_made_unless_somebody_says_yes(self_managed: Operator) -> None:
    asked = self_managed.runs(
        *("stackset", "--accounts", FIRST, "--regions", "us-east-1")
    )
    assert asked.refuses("Nothing was changed", "YES=1")
    assert self_managed.made() == []


def test_a_failure_stops_before_the_next_region_and_another_run_goes_on(
    self_managed: Operator,
) -> None:
    operator = self_managed
    # One stack cannot be made: its parameter is there already.
    ssm = client(operator, "ssm", FIRST)
    ssm.put_parameter(Name="/prefix", Type="String", Value="somebody's")
    arguments = (
        *("stackset", "--yes", "--accounts", f"{FIRST},{SECOND}"),
        *("--regions", "us-east-1,us-west-2"),
    )
    failed = operator.runs(*arguments)
    assert failed.refuses("did not get everywhere", "stackset-status")
    assert f"{FIRST}  us-east-1  FAILED" in failed.progress
    assert f"{SECOND}  us-west-2  CANCELLED" in failed.progress
    shown = operator.runs("stackset-status").output
    assert "ResourceLogicalId:Prefix" in shown, shown
    ssm.delete_parameter(Name="/prefix")
    # A stack whose creation was rolled back takes no update.
    place = ("--accounts", FIRST, "--regions", "us-east-1")
    assert operator.runs("stackset-destroy", "--yes", *place).code == 0
    again = operator.runs(*arguments)
    assert again.code == 0, again.progress
    assert again.output.count("CURRENT") == 4


def test_a_tolerated_failure_does_not_keep_the_others_from_their_stack(
    self_managed: Operator,
) -> None:
    operator = self_managed
    client(operator, "ssm", FIRST).put_parameter(
        Name="/prefix", Type="String", Value="somebody's"
    )
    tolerant = operator.runs(
        *("stackset", "--yes", "--accounts", f"{FIRST},{SECOND}"),
        *("--regions", "us-east-1,us-west-2", "--tolerance", "1"),
    )
    # It still is no success.
    assert tolerant.refuses("did not get everywhere")
    assert prefix(operator, SECOND, "us-west-2") == "prefix  90"


def test_a_missing_role_is_said_before_and_an_accounts_role_with_its_account(
    operator: Operator,
) -> None:
    arguments = ("stackset", "--yes", "--accounts", FIRST, "--regions", "us-east-1")
    operator.aws.control.clear_calls()
    assert operator.runs(*arguments).refuses(
        "no role AWSCloudFormationStackSetAdministrationRole", "OU="
    )
    assert operator.made() == []
    give_role(operator, HERE, "AWSCloudFormationStackSetAdministrationRole")
    assert operator.runs(*arguments).refuses(
        f"Account {FIRST} should have 'AWSCloudFormationStackSetExecutionRole' role"
    )


def test_an_organizational_unit_gets_the_set_in_each_of_its_accounts(
    operator: Operator,
) -> None:
    organizations = operator.aws.client("organizations")
    (root,) = organizations.list_roots()["Roots"]
    unit = organizations.create_organizational_unit(
        ParentId=root["Id"], Name="labeling"
    )["OrganizationalUnit"]["Id"]
    member = organizations.create_account(
        Email="labeling@example.com", AccountName="labeling"
    )["CreateAccountStatus"]["AccountId"]
    organizations.move_account(
        AccountId=member, SourceParentId=root["Id"], DestinationParentId=unit
    )
    arguments = ("stackset", "--yes", "--ou", unit, "--regions", "us-east-1")
    operator.aws.control.clear_calls()
    assert operator.runs(*arguments).refuses("no trusted access to AWS Organizations")
    assert operator.made() == []
    operator.aws.client("cloudformation").activate_organizations_access()
    unknown = ("stackset", "--ou", f"{unit[:-1]}x", "--regions", "us-east-1")
    assert operator.runs(*unknown).refuses("There is no organizational unit ou-")

    made = operator.runs(*arguments)
    assert made.code == 0, made.progress
    assert prefix(operator, member, "us-east-1") == "prefix  90"
    gone = operator.runs("stackset-destroy", "--yes")
    assert gone.code == 0, gone.progress


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Neither accounts nor an organizational unit"),
        (("--accounts", FIRST), "No Regions are named"),
        (("--accounts", "12"), "'12' is no account id"),
        (("--ou", "Labeling"), "'Labeling' is no organizational unit"),
        (("--regions", "eu-north-1"), "no private workforces in eu-north-1"),
        (("--prefixes", "acme"), "'acme' gives no account a domain prefix"),
        (("--prefixes", f"{FIRST}=a,{SECOND}=a"), "two accounts the same domain"),
    ],
)
def test_a_target_that_is_none_is_refused_before_anything_is_asked(
    arguments: tuple[str, ...], said: str, operator: Operator
) -> None:
    operator.aws.control.clear_calls()
    assert operator.runs("stackset", *arguments).refuses(said)
    assert operator.aws.control.calls() == []


def test_one_prefix_for_all_accounts_is_refused(self_managed: Operator) -> None:
    self_managed.writes_parameters("DomainPrefix: acme\n")
    refused = self_managed.runs(
        *("stackset", "--accounts", FIRST, "--regions", "us-east-1")
    )
    assert refused.refuses("belongs to one account", "PREFIXES=")
    assert self_managed.made() == []
