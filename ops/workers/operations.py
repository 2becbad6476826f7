"""What can be done to one worker. Each may be repeated, and does no harm then."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from lambda_src import workforce
from lambda_src.workforce import (
    ENABLED,
    INVITED,
    INVITED_AGAIN,
    Workers,
    find_user,
    invitation,
    send_invitation,
    user_name,
)
from ops.errors import code_of, message_of, sentence
from ops.workers.outcomes import (
    DISABLED,
    JOINED,
    NOT_SENT,
    PRESENT,
    REFUSED,
    REMOVED,
    UNKNOWN,
    Outcome,
)
from ops.workers.pool import Pool
from ops.workers.rows import Row

Operation = Callable[[Pool, Row], Outcome]

#: Cognito says something about this worker, and the others can go on.
_OF_ONE_WORKER = {
    "InvalidParameterException",
    "UnsupportedUserStateException",
    "UserLambdaValidationException",
    "UserNotFoundException",
}


class _Aws(workforce.Aws):
    """The function's view of AWS, with the operator's client and no deadline."""

    def __init__(self, cognito: Any) -> None:
        super().__init__(workforce.Deadline(math.inf))
        self.cognito = cognito


def invite(pool: Pool, row: Row) -> Outcome:
    """Make the worker's account, which sends the invitation, and join the team.

    AdminCreateUser comes first: of two runs at the same time only one makes the
    account, and for a new worker nothing needs to be looked up. An account that is
    there gets what Custom::Workers gives it.
    """
    own_name = user_name(row.email, pool.stack_uuid)
    request = invitation(pool.user_pool_id, own_name, row.email)
    if row.name:
        request["UserAttributes"].append({"Name": "name", "Value": row.name})
    try:
        send_invitation(pool.cognito, request)
    except ClientError as error:
        if code_of(error) not in workforce.ACCOUNT_EXISTS:
            raise
        foreign = code_of(error) == "AliasExistsException"
        return _welcome(pool, row, JOINED if foreign else PRESENT)
    pool.cognito.admin_add_user_to_group(
        UserPoolId=pool.user_pool_id,
        Username=own_name,
        GroupName=pool.groups[row.team],
    )
    return Outcome(INVITED)


def invite_again(pool: Pool, row: Row) -> Outcome:
    """Invite a worker whose invitation an earlier run could not send."""
    outcome = invite(pool, row)
    if outcome.what != PRESENT:
        return outcome
    again = resend(pool, row)
    return outcome if again.what == REFUSED else again


def resend(pool: Pool, row: Row) -> Outcome:
    """Send the invitation again, with a new temporary password."""
    user, problem = _own(pool, row)
    if problem:
        return problem
    if not user.get("Enabled", True):
        return Outcome(REFUSED, "The account is disabled: enable it first.")
    if user.get("UserStatus") != "FORCE_CHANGE_PASSWORD":
        return Outcome(
            REFUSED, "The worker has accepted the invitation and has a password."
        )
    request = invitation(pool.user_pool_id, user["Username"], row.email)
    send_invitation(pool.cognito, {**request, "MessageAction": "RESEND"})
    return Outcome(INVITED_AGAIN)


def disable(pool: Pool, row: Row) -> Outcome:
    """Sign the worker out and let nobody sign in; change nothing else."""
    user, problem = _own(pool, row)
    if problem:
        return problem
    who = {"UserPoolId": pool.user_pool_id, "Username": user["Username"]}
    pool.cognito.admin_user_global_sign_out(**who)
    pool.cognito.admin_disable_user(**who)
    return Outcome(DISABLED)


def enable(pool: Pool, row: Row) -> Outcome:
    """Let the worker sign in again."""
    user, problem = _own(pool, row)
    if problem:
        return problem
    pool.cognito.admin_enable_user(
        UserPoolId=pool.user_pool_id, Username=user["Username"]
    )
    valid = timedelta(days=pool.invitation_days)
    waiting = user.get("UserStatus") == "FORCE_CHANGE_PASSWORD"
    if waiting and datetime.now(UTC) - user["UserLastModifiedDate"] > valid:
        return Outcome(ENABLED, "The invitation has expired: resend it.")
    return Outcome(ENABLED)


def remove(pool: Pool, row: Row) -> Outcome:
    """Do what Custom::Workers does when an address leaves WorkerEmails."""
    own_name = user_name(row.email, pool.stack_uuid)
    aws = _Aws(pool.cognito)
    user = find_user(aws, pool.user_pool_id, own_name, row.email)
    if user is None:
        return Outcome(UNKNOWN)
    Workers.dismiss(aws, pool.stack_uuid, pool.user_pool_id, row.email)
    if user["Username"] != own_name:
        return Outcome(REMOVED, _foreign(user, "left the teams and can still sign in"))
    return Outcome(REMOVED)


def trouble(error: ClientError | workforce.Failure) -> Outcome | None:
    """Return the outcome for the worker, or None when no worker would fare better."""
    if isinstance(error, workforce.Failure):
        return Outcome(REFUSED, str(error))
    code = code_of(error)
    if code == "CodeDeliveryFailureException":
        return Outcome(NOT_SENT, sentence(message_of(error)))
    if code in _OF_ONE_WORKER:
        return Outcome(REFUSED, f"{code}: {sentence(message_of(error))}")
    return None


def _welcome(pool: Pool, row: Row, otherwise: str) -> Outcome:
    outcomes: dict[str, str] = {}
    wanted = Workers.Properties(
        UserPoolId=pool.user_pool_id,
        BaseStackId="",
        GroupName=pool.groups[row.team],
        WorkerEmails=(row.email,),
    )
    Workers.welcome(_Aws(pool.cognito), pool.stack_uuid, wanted, row.email, outcomes)
    return Outcome(outcomes.get(row.email, otherwise))


def _own(pool: Pool, row: Row) -> tuple[dict[str, Any], Outcome | None]:
    """Return the worker's account, and what is in the way of changing it."""
    own_name = user_name(row.email, pool.stack_uuid)
    user = find_user(_Aws(pool.cognito), pool.user_pool_id, own_name, row.email)
    if user is None:
        return {}, Outcome(UNKNOWN)
    if user["Username"] != own_name:
        return user, Outcome(REFUSED, _foreign(user, "is not changed"))
    return user, None


def _foreign(user: dict[str, Any], what: str) -> str:
    return f"This set did not make the account {user['Username']}, which {what}."
