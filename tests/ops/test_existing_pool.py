"""`make deploy TEMPLATE=workforce`: a workforce on somebody else's pool and client."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from local_aws.process import EmbeddedAws
from ops.aws_cli import AwsCli
from tests.small_set import ROOT, Operator, Outcome

pytestmark = pytest.mark.local_aws

THEIRS = ["https://app.example.com/signed-in", "https://app.example.com/other"]
LEAVE = ["https://app.example.com/left"]
CLIENT: dict[str, Any] = {
    "ClientName": "theirs",
    "GenerateSecret": True,
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthFlows": ["code"],
    "AllowedOAuthScopes": ["openid", "email"],
    "SupportedIdentityProviders": ["COGNITO"],
    "CallbackURLs": THEIRS,
    "DefaultRedirectURI": THEIRS[0],
    "AccessTokenValidity": 7,
}
INVITATION = "{username} {####} https://labeling-portal.invalid"


@pytest.fixture
def operator(
    aws: EmbeddedAws,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Operator:
    operator = Operator(aws, tmp_path, monkeypatch, capsys)
    shutil.copy(ROOT / "dist" / "workforce.yaml", tmp_path / "dist")
    return operator


@pytest.fixture
def no_cli(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the AWS CLI out, which takes a second to start and has nothing to do."""
    monkeypatch.setattr("ops.aws_cli.find", lambda: AwsCli("aws", "aws-cli/2.31.0"))


class Theirs:
    """A user pool and app client that somebody made without this project."""

    def __init__(
        self,
        operator: Operator,
        *,
        domain: bool = True,
        pool: dict[str, Any] | None = None,
        **client: Any,
    ) -> None:
        self.cognito = operator.aws.client("cognito-idp")
        made = self.cognito.create_user_pool(PoolName="theirs", **(pool or {}))
        self.pool = made["UserPool"]["Id"]
        if domain:
            self.cognito.create_user_pool_domain(UserPoolId=self.pool, Domain="theirs")
        made = self.cognito.create_user_pool_client(
            UserPoolId=self.pool, **{**CLIENT, **client}
        )
        self.client = made["UserPoolClient"]["ClientId"]
        operator.writes_parameters(
            f"UserPoolId: {self.pool}\nUserPoolClientId: {self.client}\n"
        )
        operator.aws.control.clear_calls()

    def now(self) -> dict[str, Any]:
        """Return the app client without what every write changes."""
        described: dict[str, Any] = self.cognito.describe_user_pool_client(
            UserPoolId=self.pool, ClientId=self.client
        )["UserPoolClient"]
        return {k: v for k, v in described.items() if k != "LastModifiedDate"}

    def invitation(self) -> str:
        """Return the text of the invitation."""
        pool = self.cognito.describe_user_pool(UserPoolId=self.pool)["UserPool"]
        text: str = pool["AdminCreateUserConfig"]["InviteMessageTemplate"][
            "EmailMessage"
        ]
        return text


def deploys(operator: Operator) -> Outcome:
    return operator.runs(
        *("deploy", "--template", "workforce", "--stack", "portal"),
        *("--output", "json"),
    )


def test_the_life_of_a_workforce_on_a_foreign_pool(operator: Operator) -> None:
    message = {"EmailMessage": INVITATION, "EmailSubject": "Hello"}
    theirs = Theirs(
        operator,
        pool={"AdminCreateUserConfig": {"InviteMessageTemplate": message}},
        LogoutURLs=LEAVE,
    )
    theirs.cognito.create_group(UserPoolId=theirs.pool, GroupName="staff")
    before = theirs.now()

    made = deploys(operator)
    assert made.code == 0, made.progress
    assert f"keeps its callback URLs ({', '.join(THEIRS)})" in made.progress
    portal = json.loads(made.output)["LabelingPortalUrl"]
    ours = {
        "CallbackURLs": [f"{portal}/oauth2/idpresponse", *THEIRS],
        "LogoutURLs": [f"{portal}/logout", *LEAVE],
    }
    assert theirs.now() == {**before, **ours}
    assert theirs.invitation() == INVITATION.replace(
        "https://labeling-portal.invalid", portal
    )

    # Its owner writes the client again; the next update mends it and keeps the new URL.
    added = [*THEIRS, "https://app.example.com/new"]
    theirs.cognito.update_user_pool_client(
        UserPoolId=theirs.pool,
        ClientId=theirs.client,
        **{
            key: value
            for key, value in {**CLIENT, "CallbackURLs": added}.items()
            if key != "GenerateSecret"
        },
        LogoutURLs=LEAVE,
    )
    with (operator.folder / "parameters.yaml").open("a") as file:
        file.write(
            "WorkTeamNames: [labelers, reviewers]\nWorkerEmails: a@example.com\n"
        )
    updated = deploys(operator)
    assert updated.code == 0, updated.progress
    assert theirs.now()["CallbackURLs"] == [ours["CallbackURLs"][0], *added]

    listed = operator.runs("workers", "--stack", "portal")
    assert listed.code == 0, listed.progress
    assert "a@example.com" in listed.output

    destroyed = operator.runs("destroy", "--yes", "--stack", "portal")
    assert destroyed.code == 0, destroyed.progress
    assert f"Kept: the user pool {theirs.pool}" in destroyed.progress
    assert theirs.now() == {**before, "CallbackURLs": added}
    assert theirs.invitation() == INVITATION
    groups = theirs.cognito.list_groups(UserPoolId=theirs.pool)["Groups"]
    assert [group["GroupName"] for group in groups] == ["staff"]
    users = theirs.cognito.list_users(UserPoolId=theirs.pool)["Users"]
    assert len(users) == 1
    assert operator.aws.client("sagemaker").list_workforces()["Workforces"] == []


@pytest.mark.usefixtures("no_cli")
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
    Theirs(operator, **settings)
    assert deploys(operator).refuses(said)
    assert operator.made() == []


@pytest.mark.usefixtures("no_cli")
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


@pytest.mark.usefixtures("no_cli")
def test_all_of_it_is_said_at_once(operator: Operator) -> None:
    theirs = Theirs(operator, domain=False, GenerateSecret=False)
    operator.writes_parameters(
        f"UserPoolId: {theirs.pool}\nUserPoolClientId: {theirs.client}\n"
        "BaseStackId: arn:aws:cloudformation:us-east-1:111111111111:stack/a/b\n"
    )
    assert deploys(operator).refuses(
        "has no domain", "has no secret", "BaseStackId is given"
    )
    assert operator.made() == []


@pytest.mark.usefixtures("no_cli")
def test_a_client_of_another_pool_is_said(operator: Operator) -> None:
    theirs = Theirs(operator)
    operator.writes_parameters(
        f"UserPoolId: {theirs.pool}\nUserPoolClientId: 1example23456789\n"
    )
    assert deploys(operator).refuses("has no app client 1example23456789")


@pytest.mark.usefixtures("no_cli")
def test_a_stack_of_another_form_is_refused(operator: Operator) -> None:
    """The update would delete the user pool with every account."""
    Theirs(operator)
    operator.aws.client("cloudformation").create_stack(
        StackName="portal",
        TemplateBody=(
            "Resources: {BaseStack: {Type: 'AWS::CloudFormation::WaitConditionHandle'}}"
        ),
    )
    operator.aws.control.clear_calls()
    assert deploys(operator).refuses("was made from dist/root.yaml", "TEMPLATE=root")
    assert operator.made() == []
