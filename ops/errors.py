"""The one error an operator sees: a fact, then what to do about it.

`explain` turns what boto3 raises for everyday reasons (no credentials, expired
credentials, no network, access denied) into that error; anything else is a defect of
this program and keeps its traceback.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    InvalidRegionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

#: What may be interrupted and repeated: it does nothing twice.
GOES_ON = "The same command goes on from there."
NO_CREDENTIALS = "There are no AWS credentials in the environment."
GIVE_CREDENTIALS = (
    "Sign in with `aws sso login` and set AWS_PROFILE, or set AWS_ACCESS_KEY_ID, "
    "AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN."
)
NO_REGION = "No Region is set."
GIVE_REGION = "Set AWS_REGION, for example `export AWS_REGION=us-east-1`."

_EXPIRED = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "InvalidAccessKeyId",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_DENIED = {
    "403",
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
}


class OperatorError(Exception):
    """Something the operator can mend.

    Args:
        fact: What is wrong, in one sentence.
        mend: What to do about it, in one sentence; may be empty.

    Attributes:
        exit_code: What a command that fails with it exits with.
    """

    exit_code = 1

    def __init__(self, fact: str, mend: str = "") -> None:
        self.fact = fact
        self.mend = mend
        super().__init__(f"{fact} {mend}".strip())


class Interrupted(OperatorError):
    """Somebody pressed Ctrl-C."""

    exit_code = 130


class NotReady(Exception):
    """Several things that stand in the way, found before anything was made.

    Args:
        problems: What to mend, each on its own.
    """

    def __init__(self, problems: Sequence[OperatorError]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


def explain(error: BotoCoreError | ClientError) -> OperatorError:
    """Return what an operator should read instead of boto3's exception."""
    if isinstance(error, ClientError):
        return _explain_answer(error)
    if isinstance(error, NoCredentialsError):
        return OperatorError(NO_CREDENTIALS, GIVE_CREDENTIALS)
    if isinstance(error, NoRegionError):
        return OperatorError(NO_REGION, GIVE_REGION)
    if isinstance(error, InvalidRegionError):
        return OperatorError(f"{sentence(str(error))}", GIVE_REGION)
    if isinstance(error, PartialCredentialsError | ProfileNotFound):
        return OperatorError(sentence(str(error)), GIVE_CREDENTIALS)
    if isinstance(
        error,
        TokenRetrievalError | UnauthorizedSSOTokenError | CredentialRetrievalError,
    ):
        return OperatorError(
            f"The AWS credentials cannot be refreshed: {sentence(str(error))}",
            GIVE_CREDENTIALS,
        )
    if isinstance(error, ConnectionError | HTTPClientError):
        return OperatorError(
            f"AWS cannot be reached: {sentence(str(error))}",
            "Check the network, the proxy variables and AWS_REGION.",
        )
    return OperatorError(sentence(str(error)))


def explain_command(output: str) -> OperatorError:
    """Return what an operator should read instead of the AWS CLI's error output.

    The CLI prints the botocore message of the same exceptions that `explain` knows.
    """
    text = " ".join(output.split())
    answer = re.search(
        r"An error occurred \((?P<code>\w+)\) when calling the (?P<operation>\w+) "
        r"operation(?: \([^)]*\))?: (?P<message>.*)",
        text,
    )
    if answer:
        return _explain_code(answer["code"], answer["operation"], answer["message"])
    if "Unable to locate credentials" in text or "NoCredentials" in text:
        return OperatorError(NO_CREDENTIALS, GIVE_CREDENTIALS)
    if "must specify a region" in text:
        return OperatorError(NO_REGION, GIVE_REGION)
    if "Could not connect to the endpoint" in text:
        return OperatorError(
            f"AWS cannot be reached: {sentence(text)}",
            "Check the network, the proxy variables and AWS_REGION.",
        )
    changes = re.search(r"Failed to create the changeset: .*?Reason: (.*)", text)
    if changes:
        return OperatorError(
            f"CloudFormation refuses the change: {sentence(changes[1])}",
        )
    return OperatorError(f"The AWS CLI failed: {sentence(text) or 'it says nothing.'}")


def sentence(text: str) -> str:
    """Return the text on one line, ending in a full stop."""
    line = " ".join(text.split())
    return line if not line or line[-1] in ".!?" else f"{line}."


def code_of(error: ClientError) -> str:
    """Return the error code of an AWS answer."""
    return error.response.get("Error", {}).get("Code", "")


def message_of(error: ClientError) -> str:
    """Return the error message of an AWS answer."""
    return error.response.get("Error", {}).get("Message", "")


def _explain_answer(error: ClientError) -> OperatorError:
    return _explain_code(code_of(error), error.operation_name, message_of(error))


def _explain_code(code: str, operation: str, message: str) -> OperatorError:
    if code in _EXPIRED:
        return OperatorError(
            f"AWS does not accept these credentials ({code}): {sentence(message)}",
            f"They have expired or are mistyped. {GIVE_CREDENTIALS}",
        )
    if code in _DENIED:
        return OperatorError(
            f"These credentials may not call {operation}: {sentence(message)}",
            "Use credentials with that permission, or have it granted.",
        )
    return OperatorError(f"{operation} failed ({code}): {sentence(message)}")
