"""A pool that sends its e-mails through Amazon SES.

Whoever writes such a pool has Cognito's role for sending made ("Using service-linked
roles for Amazon Cognito", Cognito Developer Guide), which IAM asks of the caller. That
it is asked again when the role is already there is assumed, and stricter than known.
"""

from __future__ import annotations

from ministack.core import responses

from local_aws import iam
from local_aws.cognito.refusals import Request, invalid_parameter, member

_ROLE = (
    "aws-service-role/email.cognito-idp.amazonaws.com"
    "/AWSServiceRoleForAmazonCognitoIdpEmailService"
)


def sends_through_ses(request: Request) -> bool:
    """Tell whether a request says that the pool sends through Amazon SES."""
    account = member(request, "EmailConfiguration", "EmailSendingAccount")
    return bool(account == "DEVELOPER")


def refuse_half_a_sender(request: Request) -> None:
    """Refuse SES without the identity that sends (EmailConfigurationType)."""
    if sends_through_ses(request) and not member(
        request, "EmailConfiguration", "SourceArn"
    ):
        raise invalid_parameter("SourceArn is required with DEVELOPER.")


def ask_for_the_role(operation: str, request: Request) -> None:
    """Ask IAM whether the caller may have the role for sending made.

    Raises:
        iam.AccessDenied: it may not.
    """
    if sends_through_ses(request):
        iam.require(
            "iam:CreateServiceLinkedRole",
            f"arn:aws:iam::{responses.get_account_id()}:role/{_ROLE}",
            operation=f"cognito-idp:{operation}",
        )
