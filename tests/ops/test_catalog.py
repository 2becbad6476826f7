"""`make catalog`: the product is offered once, and later versions are added to it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from local_aws.process import EmbeddedAws
from ops import account, catalog
from ops.errors import OperatorError
from ops.parameters import declared_in
from ops.publish import Published
from tests.small_set import ROOT, Operator

ACCOUNT = "111111111111"
BUCKET = "published"
LAUNCHERS = f"arn:aws:iam::{ACCOUNT}:role/launchers"
DECLARED = declared_in(ROOT / "dist" / "service-catalog.yaml")

#: As small as the set can be for the portfolio's rules to fit it.
PRODUCT = """\
Parameters:
  MultiFactorAuthentication: {Type: String, Default: REQUIRED}
  UserPoolTier: {Type: String, Default: PLUS}
  EnableActivityLogs: {Type: String, Default: "true"}
  ThreatProtectionMode: {Type: String, Default: DEFAULT}
  PermissionsBoundaryArn: {Type: String, Default: ""}
  CustomDomainCertificateArn: {Type: String, Default: ""}
  CustomDomainHostedZoneId: {Type: String, Default: ""}
  OidcClientSecretArn: {Type: String, Default: ""}
  SamlMetadataUrl: {Type: String, Default: ""}
  SamlMetadataDocument: {Type: String, Default: ""}
  WebAclArn: {Type: String, Default: ""}
Resources:
  Prefix: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: one}}
"""


@pytest.fixture
def operator(operator: Operator, aws: EmbeddedAws, tmp_path: Path) -> Operator:
    shutil.copy(ROOT / "dist" / "service-catalog.yaml", tmp_path / "dist")
    (tmp_path / "dist" / "private-workforce.yaml").write_text(PRODUCT)
    (tmp_path / "dist" / "workforce.yaml").write_text("Resources: {}\n")
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
    }
    document = {"Version": "2012-10-17", "Statement": [trust]}
    aws.client("iam").create_role(
        RoleName="launchers", AssumeRolePolicyDocument=json.dumps(document)
    )
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(
        Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
    )
    aws.control.clear_calls()
    return operator


def offered(operator: Operator, *arguments: str) -> dict[str, str]:
    outcome = operator.runs(
        "catalog", "--bucket", BUCKET, *arguments, "--output", "json"
    )
    assert outcome.code == 0, outcome.progress
    result: dict[str, str] = json.loads(outcome.output)
    return result


def versions(operator: Operator, product: str) -> dict[str, str]:
    listed: dict[str, Any] = operator.aws.client(
        "servicecatalog"
    ).list_provisioning_artifacts(ProductId=product)
    return {each["Name"]: each["Id"] for each in listed["ProvisioningArtifactDetails"]}


def held(operator: Operator) -> dict[str, str]:
    (stack,) = operator.aws.client("cloudformation").describe_stacks(
        StackName="private-workforce-catalog"
    )["Stacks"]
    return {
        item["ParameterKey"]: item["ParameterValue"] for item in stack["Parameters"]
    }


@pytest.mark.local_aws
def test_a_later_version_is_added_and_the_old_ones_stay(operator: Operator) -> None:
    # What of yours may be used comes from the parameter file.
    operator.writes_parameters("CustomDomainHostedZoneId: Z0123456789\n")
    first = offered(operator, "--owner", "Platform", "--principal", LAUNCHERS)
    before = versions(operator, first["ProductId"])
    assert list(before) == [first["Version"]]
    assert held(operator)["CustomDomainHostedZoneId"] == "Z0123456789"
    assert (held(operator)["PrincipalType"], held(operator)["WebAclArn"]) == ("IAM", "")
    # The next run finds the portfolio as it is, and another version published.
    operator.aws.client("s3").put_object(
        Bucket=BUCKET, Key="2", Body=PRODUCT.replace("Value: one", "Value: two")
    )
    url = f"{operator.aws.endpoint}/{BUCKET}/2"
    later = Published("0a1b2c3d4e5f", url, "")
    for _ in range(2):
        catalog.add_version(account.from_environment(), first["ProductId"], later)
    after = versions(operator, first["ProductId"])
    assert after == before | {later.version: after[later.version]}
    assert len(after) == 2


@pytest.mark.local_aws
def test_bad_input_is_said_before_anything_is_made(operator: Operator) -> None:
    outcome = operator.runs("catalog", "--bucket", BUCKET, "--owner", "  ")
    assert outcome.refuses(
        "A product needs an owner, and none is given.",
        "OWNER=",
        "Nobody is named who may launch the product.",
        "PRINCIPAL=",
    )
    offer = ("--owner", "Platform", "--principal", f"{LAUNCHERS}-of-yesterday")
    outcome = operator.runs("catalog", "--bucket", BUCKET, *offer)
    assert outcome.refuses(
        f"There is no role {LAUNCHERS}-of-yesterday.", "`aws iam list-roles`"
    )
    assert operator.made() == []


def principals(**held: str) -> Any:
    """Return an account whose IAM has a role, a group and a user, or refuses."""

    def get(kind: str) -> Any:
        def answer(**asked: Any) -> dict[str, Any]:
            if "error" in held:
                raise ClientError({"Error": {"Code": held["error"]}}, "Get")
            name = asked[f"{kind}Name"]
            if name != "leads":
                raise ClientError({"Error": {"Code": "NoSuchEntity"}}, "Get")
            path = held.get("path", "/")
            arn = f"arn:aws:iam::{ACCOUNT}:{kind.lower()}{path}{name}"
            return {kind: {"Arn": arn}}

        return answer

    here = Elsewhere(get_role=get("Role"), get_group=get("Group"), get_user=get("User"))
    here.sts = SimpleNamespace(get_caller_identity=lambda: {"Account": ACCOUNT})
    return here


@pytest.mark.parametrize("kind", ["role", "group", "user"])
def test_who_does_not_exist_cannot_launch(kind: str) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:{kind}"
    assert catalog.absence(principals(), f"{arn}/leads") is None
    for problem, fact in (
        (catalog.absence(principals(), f"{arn}/nobody"), f"There is no {kind} {arn}/n"),
        (
            catalog.absence(principals(path="/labeling/"), f"{arn}/leads"),
            f"its ARN is {arn}/labeling/leads",
        ),
        (
            catalog.absence(principals(), f"arn:aws:iam::222222222222:{kind}/leads"),
            f"belongs to another account than the portfolio ({ACCOUNT})",
        ),
        (
            catalog.absence(principals(error="ValidationError"), f"{arn}/x"),
            f"There is no {kind} {arn}/x",
        ),
    ):
        assert problem is not None
        assert fact in problem.fact
        assert "PRINCIPAL=" in problem.mend


def test_who_may_not_look_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert catalog.absence(principals(error="AccessDenied"), LAUNCHERS) is None
    assert "may not see whether" in capsys.readouterr().err
    with pytest.raises(ClientError):
        catalog.absence(principals(error="Throttling"), LAUNCHERS)


@pytest.mark.parametrize("owner", ["<b>", "x" * 51, "a\nb"])
def test_an_owner_that_cannot_be_one_is_named(owner: str) -> None:
    problem = catalog.owner_problem(owner, DECLARED, is_new=True)
    assert problem is not None
    assert "cannot be the owner of a product" in problem.fact


@pytest.mark.parametrize(
    ("principal", "fact"),
    [
        ("launchers", "is not the ARN of an IAM role, group or user"),
        ("*", "is not the ARN of an IAM role, group or user"),
        (f"arn:aws:iam::{ACCOUNT}:root", "is not the ARN of an IAM role"),
        (f"arn:aws:iam::{ACCOUNT}:policy/p", "is not the ARN of an IAM role"),
        (f"arn:aws:iam::{ACCOUNT}:role/a*", "is neither one principal nor a pattern"),
        (f"arn:aws:iam::{ACCOUNT}:role/a?", "is neither one principal nor a pattern"),
        ("arn:aws:iam:::role/*", "would let everybody in the account launch"),
    ],
)
def test_a_principal_that_is_not_one_is_named(principal: str, fact: str) -> None:
    problem = catalog.principal_problem(principal, DECLARED, is_new=True)
    assert problem is not None
    assert fact in problem.fact


@pytest.mark.parametrize(
    "principal",
    [
        LAUNCHERS,
        f"arn:aws:iam::{ACCOUNT}:group/labeling-leads",
        "arn:aws:iam:::role/launchers",
        "arn:aws:iam:::role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Labeling_*",
    ],
)
def test_a_role_a_group_and_a_pattern_may_launch(principal: str) -> None:
    assert catalog.principal_problem(principal, DECLARED, is_new=True) is None


def test_what_the_portfolio_has_need_not_be_given_again() -> None:
    assert catalog.owner_problem("", DECLARED, is_new=False) is None
    assert catalog.principal_problem("", DECLARED, is_new=False) is None


class Elsewhere:
    """An account whose services answer what a test says."""

    region = "us-east-1"
    sts: Any = None

    def __init__(self, **answers: Any) -> None:
        self._answers = answers

    def client(self, service: str) -> Any:
        """Return something with the operations that are answered."""
        return SimpleNamespace(**self._answers)


def raising(**parameters: Any) -> Any:
    """Refuse a call, as IAM does."""
    raise ClientError({"Error": {"Code": "AccessDenied"}}, "ListWorkforces")


@pytest.mark.parametrize(
    ("listed", "told"),
    [
        (
            lambda: [
                {"Workforces": [{"WorkforceName": "vendor"}]},
                {"Workforces": [{"WorkforceName": "theirs", "OidcConfig": {}}]},
            ],
            "us-east-1 has the private workforce theirs already",
        ),
        (lambda: [{"Workforces": [{"WorkforceName": "vendor"}]}], ""),
        (raising, "may not see whether a private workforce exists"),
    ],
)
def test_a_workforce_that_a_launch_would_meet_is_told(
    capsys: pytest.CaptureFixture[str], listed: Any, told: str
) -> None:
    listing = SimpleNamespace(paginate=listed)
    here = Elsewhere(get_paginator=lambda operation: listing)
    catalog.tell_of_workforce(cast("Any", here))
    said = " ".join(capsys.readouterr().err.split())
    assert told in said
    assert bool(told) == bool(said)


def test_a_version_that_service_catalog_does_not_take_is_an_error() -> None:
    here = Elsewhere(
        list_provisioning_artifacts=lambda **_: {"ProvisioningArtifactDetails": []},
        create_provisioning_artifact=lambda **_: {
            "ProvisioningArtifactDetail": {"Id": "pa-1"},
            "Status": "CREATING",
        },
        describe_provisioning_artifact=lambda **_: {"Status": "FAILED"},
    )
    version = Published("0a1b2c3d4e5f", "https://s3.amazonaws.com/b/k", "")
    with pytest.raises(OperatorError, match="0a1b2c3d4e5f of the product is FAILED"):
        catalog.add_version(cast("Any", here), "prod-1", version)
