"""Who sends a pool's e-mails: Cognito itself, up to its limit, or Amazon SES.

Whoever writes a pool that sends through SES has Cognito's role for sending made ("Using
service-linked roles for Amazon Cognito", Cognito Developer Guide), which IAM asks of
the caller. That it is asked again when the role is already there is assumed, and
stricter than known. The limit is in "Quotas in Amazon Cognito", its error in
rahulpsd18/cognito-backup-restore#46; that no account is made then is assumed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from ministack.core import responses
from ministack.services import cognito, ses

from local_aws import iam, settings
from local_aws.cognito.pools import pool_of
from local_aws.cognito.refusals import Refusal, Request, invalid_parameter, member

HOOKS = ("ministack.services.ses:_sent_emails_list",)

_DAY = 24 * 60 * 60

_ROLE = (
    "aws-service-role/email.cognito-idp.amazonaws.com"
    "/AWSServiceRoleForAmazonCognitoIdpEmailService"
)


def sends_through_ses(request: Mapping[str, Any]) -> bool:
    """Tell whether a request says, or a pool has, that Amazon SES sends."""
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


def refuse_beyond_a_day(request: Request) -> None:
    """Refuse an invitation that Cognito's own sender would send beyond its limit."""
    pool = pool_of(request)
    if pool is None or request.get("MessageAction") == "SUPPRESS":
        return
    if sends_through_ses(pool) or not cognito._wants_email_delivery(request):
        return
    most = settings.current().cognito_emails_a_day
    if sum(1 for _ in islice(_sent_by_cognito(), most)) == most:
        raise Refusal(
            "LimitExceededException",
            "Exceeded daily email limit for the operation or the account. If a higher "
            "limit is required, please configure your user pool to use your own Amazon "
            "SES configuration for sending email.",
        )


def _sent_by_cognito() -> Iterator[Mapping[str, Any]]:
    """Yield the e-mails of a day that the account's pools sent without SES."""
    since = time.time() - _DAY
    for mail in reversed(ses._sent_emails_list()):
        if mail["Timestamp"] < since:
            return
        pool = cognito._user_pools.get(mail.get("UserPoolId", ""))
        if pool is not None and not sends_through_ses(pool):
            yield mail
