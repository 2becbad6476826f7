"""What boto3 and the AWS CLI say for everyday reasons becomes a fact and a mend."""

from __future__ import annotations

import pytest
from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

from ops.errors import explain, explain_command


def answer(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "CreateStack")


@pytest.mark.parametrize(
    ("error", "fact", "mend"),
    [
        (exceptions.NoCredentialsError(), "no AWS credentials", "aws sso login"),
        (
            exceptions.PartialCredentialsError(
                provider="env", cred_var="AWS_SECRET_ACCESS_KEY"
            ),
            "AWS_SECRET_ACCESS_KEY",
            "aws sso login",
        ),
        (
            exceptions.UnauthorizedSSOTokenError(),
            "cannot be refreshed",
            "aws sso login",
        ),
        (exceptions.NoRegionError(), "No Region", "AWS_REGION"),
        (
            exceptions.EndpointConnectionError(endpoint_url="https://sts.aws"),
            "cannot be reached",
            "network",
        ),
        (
            answer("ExpiredToken", "The security token is expired"),
            "does not accept",
            "expired",
        ),
        (
            answer("AccessDenied", "User: bob is not authorized"),
            "may not call CreateStack",
            "permission",
        ),
        (answer("LimitExceeded", "Too many"), "CreateStack failed (LimitExceeded)", ""),
    ],
)
def test_an_everyday_error_becomes_a_fact_and_a_mend(
    error: BotoCoreError | ClientError, fact: str, mend: str
) -> None:
    explained = explain(error)
    assert fact in explained.fact
    assert mend in explained.mend
    assert explained.fact.endswith(".")


@pytest.mark.parametrize(
    ("output", "fact"),
    [
        (
            "\nUnable to locate credentials. You can configure credentials by running "
            '"aws configure".\n',
            "There are no AWS credentials in the environment.",
        ),
        (
            "\nAn error occurred (ValidationError) when calling the CreateChangeSet "
            "operation: Parameter 'DomainPrefix' must match pattern [a-z]*\n",
            "CreateChangeSet failed (ValidationError): Parameter 'DomainPrefix' must "
            "match pattern [a-z]*.",
        ),
        (
            "\nAn error occurred (AccessDenied) when calling the PutObject operation: "
            "Access Denied\n",
            "These credentials may not call PutObject: Access Denied.",
        ),
        (
            "Failed to create the changeset: Waiter ChangeSetCreateComplete failed: "
            'Waiter encountered a terminal failure state: For expression "Status" we '
            'matched expected path: "FAILED" Status: FAILED. Reason: Template error\n',
            "CloudFormation refuses the change: Template error.",
        ),
        ("", "The AWS CLI failed: it says nothing."),
    ],
)
def test_the_error_of_the_aws_cli_becomes_a_sentence(output: str, fact: str) -> None:
    assert explain_command(output).fact == fact
