"""The function as Python, with the embedded AWS as its AWS and no stack around it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from lambda_src import workforce as function
from local_aws.process import EmbeddedAws
from tests.function.cloudformation_requests import (
    STACK_ID,
    WORKFORCE_NAME,
    Answers,
    Context,
    request,
)


@functools.cache
def session_of_the_function() -> boto3.Session:
    """Return the session of every function: another would read the models again.

    Its environment names the embedded AWS of the test run.
    """
    with pytest.MonkeyPatch.context() as patch:
        # By this the embedded AWS tells the function's calls from those of the test.
        patch.setenv("AWS_EXECUTION_ENV", "AWS_Lambda_python3.13")
        return boto3.Session()


PLACEHOLDER = f"https://{function.PLACEHOLDER_HOST}"


@dataclass
class SignIn:
    """A user pool with a domain and an app client, as the base stack makes them."""

    cognito: Any
    pool_id: str
    client_id: str
    domain: str
    topic_arn: str

    @property
    def ids(self) -> dict[str, str]:
        """The properties that every custom resource takes."""
        return {"UserPoolId": self.pool_id, "UserPoolClientId": self.client_id}

    @property
    def client(self) -> dict[str, Any]:
        """The app client as Cognito holds it now."""
        described: dict[str, Any] = self.cognito.describe_user_pool_client(
            UserPoolId=self.pool_id, ClientId=self.client_id
        )["UserPoolClient"]
        return described

    @property
    def pool(self) -> dict[str, Any]:
        """The user pool as Cognito holds it now."""
        described: dict[str, Any] = self.cognito.describe_user_pool(
            UserPoolId=self.pool_id
        )["UserPool"]
        return described


def make_sign_in(aws: EmbeddedAws, domain: str = "labels") -> SignIn:
    """Make what the base stack makes."""
    cognito = aws.client("cognito-idp")
    pool_id = cognito.create_user_pool(
        PoolName="workers",
        AliasAttributes=["email"],
        UsernameConfiguration={"CaseSensitive": False},
        Policies={
            "PasswordPolicy": {
                "MinimumLength": 14,
                "RequireSymbols": True,
                "TemporaryPasswordValidityDays": 7,
            }
        },
        AdminCreateUserConfig={
            "AllowAdminCreateUserOnly": True,
            "InviteMessageTemplate": {
                "EmailSubject": "Welcome",
                "EmailMessage": f"{PLACEHOLDER} for {{username}}: {{####}}",
            },
        },
        UserPoolTags={"team": "vision"},
    )["UserPool"]["Id"]
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="portal",
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid", "email", "profile"],
        SupportedIdentityProviders=["COGNITO"],
        CallbackURLs=[f"{PLACEHOLDER}/oauth2/idpresponse", "https://extra.example/cb"],
        LogoutURLs=[f"{PLACEHOLDER}/logout"],
        DefaultRedirectURI=f"{PLACEHOLDER}/oauth2/idpresponse",
        ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"],
        RefreshTokenValidity=25,
        TokenValidityUnits={"RefreshToken": "hours"},
    )["UserPoolClient"]["ClientId"]
    cognito.create_user_pool_domain(Domain=domain, UserPoolId=pool_id)
    topic_arn = aws.client("sns").create_topic(Name="teams")["TopicArn"]
    return SignIn(cognito, pool_id, client_id, f"{domain}.auth.example", topic_arn)


def make_guest_team(aws: EmbeddedAws, sign_in: SignIn) -> None:
    """Make a team of the workforce as somebody would in the console."""
    sign_in.cognito.create_group(UserPoolId=sign_in.pool_id, GroupName="guests")
    aws.client("sagemaker").create_workteam(
        WorkteamName="guests",
        WorkforceName=WORKFORCE_NAME,
        Description="made in the console",
        MemberDefinitions=[
            {
                "CognitoMemberDefinition": {
                    "UserPool": sign_in.pool_id,
                    "ClientId": sign_in.client_id,
                    "UserGroup": "guests",
                }
            }
        ],
    )


class Function:
    """The handler, called as CloudFormation calls it."""

    def __init__(self, sign_in: SignIn, answers: Answers) -> None:
        """Remember where the answers go; each request gets its own time."""
        self.sign_in = sign_in
        self.answers = answers
        self.make_context: Callable[[], Context] = Context

    def answer_to(
        self, request_type: str, kind: str, properties: Any, **members: Any
    ) -> dict[str, Any]:
        """Send one request and return its one answer."""
        before = len(self.answers.bodies)
        event = request(
            request_type,
            f"Custom::{kind}",
            properties,
            ResponseURL=self.answers.url,
            **members,
        )
        function.handler(event, self.make_context())
        (answer,) = self.answers.accepted[before:]
        return answer

    def succeeds(self, *request: Any, **members: Any) -> dict[str, Any]:
        """Send one request, which must succeed, and return its answer."""
        answer = self.answer_to(*request, **members)
        assert answer["Status"] == "SUCCESS", answer["Reason"]
        return answer

    def fails(self, *request: Any, **members: Any) -> str:
        """Send one request, which must fail, and return the reason."""
        answer = self.answer_to(*request, **members)
        assert answer["Status"] == "FAILED", answer
        return str(answer["Reason"])

    def workforce(self, **changes: Any) -> dict[str, Any]:
        """Return the properties of Custom::PrivateWorkforce."""
        return {
            **self.sign_in.ids,
            "WorkforceName": WORKFORCE_NAME,
            "UserPoolDomainName": self.sign_in.domain,
            "SourceCidrs": [""],
            "VpcId": "",
            "SubnetIds": [""],
            "SecurityGroupIds": [""],
            "IpAddressType": "ipv4",
            "ExistingWorkforceName": "",
            **changes,
        }

    def teams(self, *names: str, **changes: Any) -> dict[str, Any]:
        """Return the properties of Custom::WorkTeams."""
        return {
            **self.sign_in.ids,
            "WorkforceName": WORKFORCE_NAME,
            "WorkTeamNames": list(names),
            "NotificationTopicArn": self.sign_in.topic_arn,
            "RestrictTaskDataToSourceIp": "false",
            **changes,
        }

    def portal_sign_in(self, host: str, **changes: Any) -> dict[str, Any]:
        """Return the properties of Custom::PortalSignIn."""
        return {
            **self.sign_in.ids,
            "WorkforceName": WORKFORCE_NAME,
            "LabelingPortalHost": host,
            "IdentityRevision": "1",
            "InvitationRevision": "",
            "WorkforceRevision": "1",
            **changes,
        }

    def workers(self, group: str, *emails: str) -> dict[str, Any]:
        """Return the properties of Custom::Workers."""
        return {
            "UserPoolId": self.sign_in.pool_id,
            "BaseStackId": STACK_ID,
            "GroupName": group,
            "WorkerEmails": list(emails),
        }
