"""The proof of `make local` proves something: it fails when the set is not right."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_aws.process import EmbeddedAws
from ops.errors import OperatorError
from ops.proof import PLACEHOLDER_HOST, WORKER, Deployed, prove

PORTAL = "https://abc.labeling.us-east-1.sagemaker.aws"
CALLBACK = f"{PORTAL}/oauth2/idpresponse"
PLACEHOLDER = f"https://{PLACEHOLDER_HOST}/oauth2/idpresponse"

Deploy = Callable[..., Deployed]


@pytest.fixture
def deploy(aws: EmbeddedAws) -> Deploy:
    """Give a function that makes the sign-in side of the set, right or not quite."""

    def make(
        portal: str = PORTAL, callbacks: tuple[str, ...] = (CALLBACK,)
    ) -> Deployed:
        cognito = aws.client("cognito-idp")
        pool = cognito.create_user_pool(
            PoolName="workers",
            AliasAttributes=["email"],
            MfaConfiguration="OFF",
            AdminCreateUserConfig={
                "AllowAdminCreateUserOnly": True,
                "InviteMessageTemplate": {
                    "EmailSubject": "Welcome",
                    "EmailMessage": f"{{username}} {{####}} {portal}",
                },
            },
        )["UserPool"]["Id"]
        client = cognito.create_user_pool_client(
            UserPoolId=pool,
            ClientName="portal",
            GenerateSecret=True,
            AllowedOAuthFlows=["code"],
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthScopes=["openid", "email", "profile"],
            SupportedIdentityProviders=["COGNITO"],
            CallbackURLs=list(callbacks),
            ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"],
        )["UserPoolClient"]["ClientId"]
        cognito.create_user_pool_domain(UserPoolId=pool, Domain="workers-of-the-test")
        cognito.create_group(UserPoolId=pool, GroupName="labelers")
        return Deployed(
            cognito=cognito,
            endpoint=aws.endpoint,
            outputs={
                "LabelingPortalUrl": PORTAL,
                "UserPoolId": pool,
                "UserPoolClientId": client,
                "UserPoolDomainName": (
                    "workers-of-the-test.auth.us-east-1.amazoncognito.com"
                ),
                "WorkTeamArn": (
                    "arn:aws:sagemaker:us-east-1:111111111111:workteam/"
                    "private-crowd/labelers"
                ),
            },
            mails=aws.control.mails,
        )

    return make


def test_a_worker_gets_from_the_invitation_into_the_portal(deploy: Deploy) -> None:
    deployed = deploy()
    assert len(list(prove(deployed))) == 5


def test_the_proof_leaves_no_worker_and_can_be_repeated(deploy: Deploy) -> None:
    deployed = deploy()
    for _ in range(2):
        list(prove(deployed))
    users = deployed.cognito.list_users(UserPoolId=deployed.outputs["UserPoolId"])
    assert users["Users"] == []


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"portal": f"https://{PLACEHOLDER_HOST}"}, "invitation does not name"),
        ({"portal": f"{PORTAL} {PLACEHOLDER}"}, "invitation does not name"),
        ({"callbacks": (PLACEHOLDER,)}, "refuses the portal's callback"),
        ({"callbacks": (CALLBACK, PLACEHOLDER)}, "accepts the callback .*invalid"),
        (
            {
                "callbacks": (
                    CALLBACK,
                    "https://elsewhere.example.com/oauth2/idpresponse",
                )
            },
            "accepts the callback .*elsewhere",
        ),
    ],
)
def test_a_set_that_is_not_right_is_not_proven(
    deploy: Deploy, wrong: dict[str, str], complaint: str
) -> None:
    deployed = deploy(**wrong)
    with pytest.raises(OperatorError, match=complaint):
        list(prove(deployed))
    with pytest.raises(deployed.cognito.exceptions.UserNotFoundException):
        deployed.cognito.admin_get_user(
            UserPoolId=deployed.outputs["UserPoolId"], Username=WORKER
        )
