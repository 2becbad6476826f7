"""What a user pool or an app client of somebody's lacks is said before all else."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from ops.aws_cli import AwsCli
from tests.operator_shell import Outcome
from tests.ops.their_pool import Theirs
from tests.small_set import ROOT, Operator

pytestmark = pytest.mark.local_aws


@pytest.fixture
def operator(
    operator: Operator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Operator:
    shutil.copy(ROOT / "dist" / "workforce.yaml", tmp_path / "dist")
    # The AWS CLI takes a second to start, and has nothing to do here.
    monkeypatch.setattr("ops.aws_cli.find", lambda: AwsCli("aws", "aws-cli/2.31.0"))
    return operator


def deploys(operator: Operator) -> Outcome:
    return operator.runs("deploy", "--template", "workforce", "--stack", "portal")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"domain": False}, "has no domain"),
        ({"GenerateSecret": False}, "has no secret"),
        ({"AllowedOAuthFlows": ["implicit"]}, "does not allow the OAuth code flow"),
        ({"AllowedOAuthScopes": ["email"]}, "does not allow the scope openid"),
        ({"SupportedIdentityProviders": []}, "offers no way to sign in"),
        (
            {"LogoutURLs": [f"https://example.com/{number}" for number in range(100)]},
            "has 100 callback or logout URLs",
        ),
        (
            {
                "pool": {
                    "EmailConfiguration": {
                        "EmailSendingAccount": "DEVELOPER",
                        "SourceArn": "arn:aws:ses:us-east-1:1:identity/example.com",
                    }
                }
            },
            "Set SesIdentityArn to arn:aws:ses:us-east-1:1:identity/example.com.",
        ),
    ],
)
def test_what_the_pool_or_client_lacks_is_said_before_anything_is_made(
    settings: dict[str, Any], said: str, operator: Operator
) -> None:
    Theirs(operator.aws, operator.folder, **settings)
    assert deploys(operator).refuses(said)
    assert operator.made() == []


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("", "Set UserPoolId and UserPoolClientId"),
        (
            "UserPoolId: us-east-1_AbCdEfGhI\nUserPoolClientId: x\n",
            "There is no user pool us-east-1_AbCdEfGhI in us-east-1.",
        ),
    ],
)
def test_pool_and_client_must_be_named_and_exist(
    parameters: str, said: str, operator: Operator
) -> None:
    operator.writes_parameters(parameters)
    assert deploys(operator).refuses(said)
    assert operator.made() == []


def test_all_of_it_is_said_at_once(operator: Operator) -> None:
    theirs = Theirs(operator.aws, operator.folder, domain=False, GenerateSecret=False)
    operator.writes_parameters(
        f"UserPoolId: {theirs.pool}\nUserPoolClientId: {theirs.client}\n"
        "BaseStackId: arn:aws:cloudformation:us-east-1:111111111111:stack/a/b\n"
    )
    assert deploys(operator).refuses(
        "has no domain", "has no secret", "BaseStackId is given"
    )
    assert operator.made() == []


def test_a_client_of_another_pool_is_said(operator: Operator) -> None:
    theirs = Theirs(operator.aws, operator.folder)
    operator.writes_parameters(
        f"UserPoolId: {theirs.pool}\nUserPoolClientId: 1example23456789\n"
    )
    assert deploys(operator).refuses("has no app client 1example23456789")


def test_a_stack_of_another_form_is_refused(operator: Operator) -> None:
    """The update would delete the user pool with every account."""
    Theirs(operator.aws, operator.folder)
    operator.aws.client("cloudformation").create_stack(
        StackName="portal",
        TemplateBody=(
            "Resources: {BaseStack: {Type: 'AWS::CloudFormation::WaitConditionHandle'}}"
        ),
    )
    operator.aws.control.clear_calls()
    assert deploys(operator).refuses("was made from dist/root.yaml", "TEMPLATE=root")
    assert operator.made() == []
