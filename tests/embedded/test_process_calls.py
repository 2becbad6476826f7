"""Every AWS call over HTTP is in the log, with who made it and what came of it."""

from __future__ import annotations

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local_aws.calls import redacted
from local_aws.control import ControlError
from local_aws.process import EmbeddedAws


def test_a_call_is_logged_with_its_outcome(aws: EmbeddedAws) -> None:
    client = aws.client("cognito-idp", region="eu-west-1")
    with pytest.raises(ClientError):
        client.describe_user_pool(UserPoolId="eu-west-1_Missing00")
    (call,) = aws.control.calls()
    assert {
        name: call[name]
        for name in (
            *("number", "caller", "service", "operation", "region", "parameters"),
            *("status", "error_code", "principal"),
        )
    } == {
        "number": 1,
        "caller": "client",
        "service": "cognito-idp",
        "operation": "DescribeUserPool",
        "region": "eu-west-1",
        "parameters": {"UserPoolId": "eu-west-1_Missing00"},
        "status": 400,
        "error_code": "ResourceNotFoundException",
        "principal": "arn:aws:iam::111111111111:root",
    }


def test_no_secret_is_kept(aws: EmbeddedAws) -> None:
    client = aws.client("cognito-idp")
    pool = client.create_user_pool(PoolName="pool")["UserPool"]["Id"]
    client.admin_create_user(
        UserPoolId=pool, Username="someone", TemporaryPassword="Not-4-the-log!"
    )
    (call,) = aws.control.calls(operation="AdminCreateUser")
    assert call["parameters"] == {
        "UserPoolId": pool,
        "Username": "someone",
        "TemporaryPassword": "****",
    }


def test_what_only_sounds_secret_is_kept() -> None:
    kept = {
        "Policies": {"PasswordPolicy": {"MinimumLength": 14}},
        "TokenValidityUnits": {"AccessToken": "minutes"},
        "ClientRequestToken": "token-1",
        "GenerateSecret": True,
    }
    assert redacted(kept) == kept


def test_calls_are_found_by_caller_and_by_operation(aws: EmbeddedAws) -> None:
    client, other = aws.client("cognito-idp"), aws.client("sts")
    client.list_user_pools(MaxResults=1)
    other.get_caller_identity()

    def found(**wanted: str) -> list[str]:
        return [call["operation"] for call in aws.control.calls(**wanted)]

    assert found() == ["ListUserPools", "GetCallerIdentity"]
    assert found(operation="cognito-idp:.*") == ["ListUserPools"]
    assert found(operation="Get") == []
    assert found(operation="Get.*", caller="client") == ["GetCallerIdentity"]
    assert found(caller="function") == []
    with pytest.raises(ControlError, match="no regular expression"):
        found(operation="(")


def test_input_that_the_api_model_forbids_is_refused_before_it_is_served(
    aws: EmbeddedAws,
) -> None:
    client = aws.client("cognito-idp", config=Config(parameter_validation=False))
    with pytest.raises(ClientError) as refused:
        client.create_user_pool(PoolName="x" * 129)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterException"
    (call,) = aws.control.calls()
    assert (call["status"], call["error_code"]) == (400, "InvalidParameterException")
    assert client.list_user_pools(MaxResults=1)["UserPools"] == []


def test_an_invitation_can_be_read_as_mail(aws: EmbeddedAws) -> None:
    client = aws.client("cognito-idp")
    pool = client.create_user_pool(
        PoolName="pool",
        AutoVerifiedAttributes=["email"],
        AdminCreateUserConfig={
            "AllowAdminCreateUserOnly": True,
            "InviteMessageTemplate": {
                "EmailSubject": "Welcome",
                "EmailMessage": "You are {username}, password {####}",
            },
        },
    )["UserPool"]["Id"]
    client.admin_create_user(
        UserPoolId=pool,
        Username="worker",
        UserAttributes=[
            {"Name": "email", "Value": "worker@example.com"},
            {"Name": "email_verified", "Value": "true"},
        ],
        DesiredDeliveryMediums=["EMAIL"],
    )
    (mail,) = aws.control.mails()
    assert (mail["to"], mail["subject"]) == ("worker@example.com", "Welcome")
    assert mail["body"].startswith("You are worker, password ")
    assert mail["sent_at"].startswith("20")
