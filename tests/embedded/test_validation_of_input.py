"""The input of a call is checked against the service's own model."""

from __future__ import annotations

from typing import Any

import pytest

from local_aws import settings, validation
from tests.embedded.prepared import client, refusal

POOL = {"UserPoolId": "us-east-1_pool"}
MEMBER = {
    "CognitoMemberDefinition": {
        "UserPool": "us-east-1_pool",
        "UserGroup": "g",
        "ClientId": "c",
    }
}
TEAM = {"WorkteamName": "t", "Description": "d", "MemberDefinitions": [MEMBER]}


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "fault"),
    [
        ("cognito-idp", "UpdateUserPool", {}, "'userPoolId' failed"),
        (
            "cognito-idp",
            "UpdateUserPool",
            {**POOL, "MfaConfiguration": "SOMETIMES"},
            "enum value set: [OFF, ON, OPTIONAL]",
        ),
        (
            "cognito-idp",
            "UpdateUserPool",
            {**POOL, "Policies": {"PasswordPolicy": {"MinimumLength": 5}}},
            "'policies.passwordPolicy.minimumLength' failed",
        ),
        (
            "cognito-idp",
            "UpdateUserPool",
            {**POOL, "Policies": {"PasswordPolicy": {"MinimumLength": "14"}}},
            "must be of type integer",
        ),
        (
            "cognito-idp",
            "UpdateUserPoolClient",
            {**POOL, "ClientId": "c", "DefaultRedirectURI": ""},
            "greater than or equal to 1",
        ),
        (
            "cognito-idp",
            "UpdateUserPoolClient",
            {**POOL, "ClientId": "c", "EnableTokenRevocation": "true"},
            "must be of type boolean",
        ),
        (
            "sagemaker",
            "CreateWorkforce",
            {"WorkforceName": "under_score"},
            "regular expression pattern",
        ),
        (
            "sagemaker",
            "CreateWorkforce",
            {"WorkforceName": "w" * 64},
            "less than or equal to 63",
        ),
        ("sagemaker", "CreateWorkteam", {"WorkteamName": "t"}, "must not be null"),
        (
            "sagemaker",
            "CreateWorkteam",
            {**TEAM, "MemberDefinitions": [MEMBER] * 11},
            "less than or equal to 10",
        ),
        (
            "sagemaker",
            "UpdateWorkforce",
            {"WorkforceName": "w", "CognitoConfig": {}},
            "Unknown parameter 'CognitoConfig'",
        ),
        ("ssm", "PutParameter", {"Name": "n", "Value": "v", "Tier": "x"}, "'tier'"),
        (
            "logs",
            "PutRetentionPolicy",
            {"logGroupName": "g", "retentionInDays": "7"},
            "must be of type integer",
        ),
        ("events", "PutRule", {"Name": "two words"}, "regular expression pattern"),
        ("wafv2", "CreateWebACL", {"Name": "a"}, "must not be null"),
        (
            "lambda",
            "CreateFunction",
            {"FunctionName": "f", "Role": "r", "Code": {}},
            "'role' failed",
        ),
        (
            "cloudformation",
            "CreateStack",
            {"StackName": "s", "TimeoutInMinutes": "0"},
            "greater than or equal to 1",
        ),
        (
            "cloudformation",
            "CreateStack",
            {"StackName": "s", "Capabilities.member.1": "CAPABILITY_ALL"},
            "enum value set",
        ),
        (
            "cloudformation",
            "CreateStack",
            {"StackName": "s", "Parameter.member.1.ParameterKey": "k"},
            "Unknown parameter 'Parameter'",
        ),
        ("sns", "Subscribe", {"TopicArn": "t"}, "'protocol' failed"),
    ],
)
def test_bad_input_is_refused(
    service: str, operation: str, parameters: dict[str, Any], fault: str
) -> None:
    text = validation.validate(service, operation, parameters)
    assert text is not None
    assert text.startswith("1 validation error detected: ")
    assert fault in text


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("sagemaker", "CreateWorkteam", TEAM),
        ("sagemaker", "UpdateWorkforce", {"WorkforceName": "w"}),
        ("cognito-idp", "UpdateUserPool", {**POOL, "MfaConfiguration": None}),
        ("lambda", "Invoke", {"anything": "goes"}),
        ("lambda", "UpdateFunctionConfiguration", {"Timeout": 5}),
        (
            "cloudformation",
            "CreateStack",
            {
                "StackName": "s",
                "DisableRollback": "true",
                "Parameters.member.1.ParameterKey": "k",
                "Parameters.member.1.ParameterValue": "v",
                "Capabilities.member.1": "CAPABILITY_IAM",
                "Capabilities.member.2": "CAPABILITY_AUTO_EXPAND",
                "NotificationARNs": "",
            },
        ),
        (
            "sns",
            "CreateTopic",
            {
                "Name": "t",
                "Attributes.entry.1.key": "DisplayName",
                "Attributes.entry.1.value": "Topic",
            },
        ),
        ("s3", "PutObject", {"nonsense": 1}),
        ("cognito-idp", "NoSuchOperation", {"nonsense": 1}),
    ],
)
def test_good_input_and_what_has_no_model_pass(
    service: str, operation: str, parameters: dict[str, Any]
) -> None:
    assert validation.validate(service, operation, parameters) is None


def test_a_pattern_is_matched_as_a_whole() -> None:
    parameters = {"WorkforceName": "good/but-not-all"}
    assert validation.validate("sagemaker", "DescribeWorkforce", parameters)


def test_a_secret_value_is_not_repeated() -> None:
    parameters = {**POOL, "Username": "u", "Password": "s e c r e t"}
    text = validation.validate("cognito-idp", "AdminSetUserPassword", parameters)
    assert text is not None
    assert "s e c r e t" not in text


@pytest.mark.parametrize(
    ("operation", "parameters", "accepted"),
    [
        ("UpdateUserPool", POOL, True),
        ("UpdateUserPoolClient", {**POOL, "ClientId": "c"}, True),
        ("DescribeUserPool", POOL, False),
    ],
)
def test_only_named_settings_may_be_newer_than_the_model(
    operation: str, parameters: dict[str, Any], accepted: bool
) -> None:
    sent = {**parameters, "Telepathy": {}}
    assert validation.validate("cognito-idp", operation, sent)
    settings.change(future_member_names=["Telepathy"])
    try:
        text = validation.validate("cognito-idp", operation, sent)
        nested = {**POOL, "AdminCreateUserConfig": {"Telepathy": {}}}
        assert (text is None) == accepted
        assert validation.validate("cognito-idp", "UpdateUserPool", nested)
    finally:
        settings.reset()


@pytest.mark.parametrize(
    ("service", "code"),
    [
        ("cognito-idp", "InvalidParameterException"),
        ("sagemaker", "ValidationException"),
        ("ssm", "ValidationException"),
    ],
)
def test_the_endpoint_refuses_with_the_services_own_code(
    aws: Any, service: str, code: str
) -> None:
    calls: dict[str, Any] = {
        "cognito-idp": lambda: client(aws, service).describe_user_pool(UserPoolId="x"),
        "sagemaker": lambda: client(aws, service).describe_workforce(WorkforceName="_"),
        "ssm": lambda: client(aws, service).put_parameter(
            Name="n", Value="v", Type="Number"
        ),
    }
    refused, message = refusal(calls[service])
    assert refused == code
    assert message.startswith("1 validation error detected: ")
