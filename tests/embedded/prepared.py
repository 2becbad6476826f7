"""What the tests of the embedded AWS start from, made through the API."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

PLACEHOLDER = "https://labeling-portal.invalid/oauth2/idpresponse"
PLACEHOLDER_LOGOUT = "https://labeling-portal.invalid/logout"
PASSWORD = "Correct-Horse-7-Battery"
ACCOUNT = "111111111111"
TEAM = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:workteam/private-crowd/team"


@dataclass(frozen=True)
class SignIn:
    """A user pool with a domain, and an app client with a secret."""

    user_pool_id: str
    client_id: str
    client_secret: str

    @property
    def config(self) -> dict[str, str]:
        """The CognitoConfig of a workforce."""
        return {"UserPool": self.user_pool_id, "ClientId": self.client_id}

    def members(self, group: str) -> list[dict[str, Any]]:
        """Return the member definitions of a team made of one group."""
        return [{"CognitoMemberDefinition": {**self.config, "UserGroup": group}}]


@functools.cache
def client(
    aws: Any, service: str, region: str = "us-east-1", account: str = ACCOUNT
) -> Any:
    """Return a client of the embedded AWS; making one takes longer than most tests."""
    return aws.client(service, region=region, account=account)


def user_pool(cognito: Any, **settings: Any) -> str:
    """Make a user pool and return its id."""
    created = cognito.create_user_pool(PoolName="workers", **settings)
    return str(created["UserPool"]["Id"])


def app_client(cognito: Any, user_pool_id: str, **settings: Any) -> dict[str, Any]:
    """Make an app client as the portal needs it and return its description."""
    wanted: dict[str, Any] = {
        "ClientName": "portal",
        "GenerateSecret": True,
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid", "email"],
        "CallbackURLs": [PLACEHOLDER],
        "LogoutURLs": [PLACEHOLDER_LOGOUT],
        **settings,
    }
    created = cognito.create_user_pool_client(UserPoolId=user_pool_id, **wanted)
    described: dict[str, Any] = created["UserPoolClient"]
    return described


def sign_in(aws: Any, region: str = "us-east-1", domain: str = "workers") -> SignIn:
    """Make everything that a workforce needs of Cognito."""
    cognito = client(aws, "cognito-idp", region)
    user_pool_id = user_pool(cognito)
    made = app_client(cognito, user_pool_id)
    cognito.create_user_pool_domain(UserPoolId=user_pool_id, Domain=domain)
    return SignIn(user_pool_id, made["ClientId"], made["ClientSecret"])


def callbacks(cognito: Any, portal: SignIn) -> list[str]:
    """Return the callback URLs that the app client has now."""
    described = cognito.describe_user_pool_client(
        UserPoolId=portal.user_pool_id, ClientId=portal.client_id
    )
    return list(described["UserPoolClient"].get("CallbackURLs", []))


def active_workforce(sagemaker: Any, portal: SignIn, name: str = "labelers") -> Any:
    """Make a workforce, wait until it is Active and return its description."""
    sagemaker.create_workforce(WorkforceName=name, CognitoConfig=portal.config)
    return settled(sagemaker, name)


def settled(sagemaker: Any, name: str = "labelers") -> dict[str, Any]:
    """Wait until a workforce is neither being made nor changed; return it."""
    found = until(
        lambda: sagemaker.describe_workforce(WorkforceName=name)["Workforce"],
        lambda workforce: workforce["Status"] in ("Active", "Failed"),
    )
    return dict(found)


def until(look: Callable[[], Any], done: Callable[[Any], bool]) -> Any:
    """Look again and again, for five seconds at most, until it is done."""
    end = time.monotonic() + 5
    while True:
        seen = look()
        if done(seen):
            return seen
        if time.monotonic() > end:
            raise AssertionError(f"still {seen}")
        time.sleep(0.02)


def refusal(call: Callable[..., Any], **parameters: Any) -> tuple[str, str]:
    """Return code and message with which a call is refused."""
    try:
        call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    raise AssertionError("the call was accepted")


LABELING_BUCKET = "pictures"
LABELING_FILES = {
    "a.png": "png",
    "manifest": json.dumps({"source-ref": f"s3://{LABELING_BUCKET}/a.png"}),
    "labels": json.dumps({"labels": [{"label": "cat"}, {"label": "dog"}]}),
    "template": (
        '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>'
        "<crowd-form></crowd-form>"
    ),
}
_OBJECTS = f"arn:aws:s3:::{LABELING_BUCKET}/*"
#: The documented rights of a labeling job's role, and where they hold.
LABELING_RIGHTS = {
    "s3:ListBucket": f"arn:aws:s3:::{LABELING_BUCKET}",
    "s3:GetBucketLocation": f"arn:aws:s3:::{LABELING_BUCKET}",
    "s3:GetObject": _OBJECTS,
    "s3:PutObject": _OBJECTS,
    "logs:CreateLogStream": "*",
    "logs:PutLogEvents": "*",
    "logs:DescribeLogStreams": "*",
    "cloudwatch:PutMetricData": "*",
}
LABELING_FUNCTIONS = "arn:aws:lambda:us-east-1:432418664414:function"


def labeling_role(aws: Any, rights: Mapping[str, str]) -> str:
    """Make a role that SageMaker can assume, with some rights."""
    iam = client(aws, "iam")
    service = {"Service": "sagemaker.amazonaws.com"}
    trust = {"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"}
    name = f"labeling-{len(iam.list_roles()['Roles'])}"
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))
    statements = [allow(action, at) for action, at in rights.items()]
    iam.put_role_policy(
        RoleName=name, PolicyName="labeling", PolicyDocument=policy(*statements)
    )
    return str(arn["Role"]["Arn"])


def labeling_job(aws: Any, team: str = TEAM, **changes: Any) -> dict[str, Any]:
    """Return what CreateLabelingJob takes, and make what that names."""
    s3 = client(aws, "s3")
    s3.create_bucket(Bucket=LABELING_BUCKET)
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
    s3.put_bucket_cors(Bucket=LABELING_BUCKET, CORSConfiguration={"CORSRules": [rule]})
    for key, body in LABELING_FILES.items():
        s3.put_object(Bucket=LABELING_BUCKET, Key=key, Body=body.encode())
    at = f"s3://{LABELING_BUCKET}"
    return {
        "LabelingJobName": "Cats",
        "LabelAttributeName": "cats",
        "InputConfig": {
            "DataSource": {"S3DataSource": {"ManifestS3Uri": f"{at}/manifest"}}
        },
        "OutputConfig": {"S3OutputPath": f"{at}/output/"},
        "RoleArn": labeling_role(aws, LABELING_RIGHTS),
        "LabelCategoryConfigS3Uri": f"{at}/labels",
        "HumanTaskConfig": {
            "WorkteamArn": team,
            "UiConfig": {"UiTemplateS3Uri": f"{at}/template"},
            "PreHumanTaskLambdaArn": f"{LABELING_FUNCTIONS}:PRE-ImageMultiClass",
            "AnnotationConsolidationConfig": {
                "AnnotationConsolidationLambdaArn": (
                    f"{LABELING_FUNCTIONS}:ACS-ImageMultiClass"
                )
            },
            "TaskTitle": "Find the cats",
            "TaskDescription": "Say which picture has a cat",
            "NumberOfHumanWorkersPerDataObject": 1,
            "TaskTimeLimitInSeconds": 300,
        },
        **changes,
    }


def policy(*statements: Mapping[str, Any]) -> str:
    """Return a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions: str | Iterable[str], resource: str | list[str]) -> dict[str, Any]:
    """Return an Allow statement."""
    named = [actions] if isinstance(actions, str) else list(actions)
    return {"Effect": "Allow", "Action": named, "Resource": resource}


def role(aws: Any, *statements: Mapping[str, Any], trusting: Any = None) -> str:
    """Make a role with one inline policy and return its ARN."""
    iam = client(aws, "iam")
    principal = trusting or {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    created = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=policy(trust))
    if statements:
        iam.put_role_policy(
            RoleName="worker", PolicyName="inline", PolicyDocument=policy(*statements)
        )
    return str(created["Role"]["Arn"])


def client_as(aws: Any, role_arn: str, service: str) -> Any:
    """Return a client with the credentials of a role."""
    credentials = client(aws, "sts").assume_role(
        RoleArn=role_arn, RoleSessionName="test"
    )["Credentials"]
    make: Any = _session().client  # any service's name
    return make(
        service,
        endpoint_url=aws.endpoint,
        region_name="us-east-1",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


@functools.cache
def _session() -> boto3.session.Session:
    return boto3.session.Session()
