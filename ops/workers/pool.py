"""The user pool and the work teams of a deployed set."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.config import Config

from lambda_src.workforce import addresses
from ops import stacks
from ops.account import Account
from ops.errors import OperatorError

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import UserPoolTypeTypeDef

#: So many calls are under way at the same time. AdminCreateUser takes about a tenth of
#: a second, and Cognito allows 25 changes of group members a second ("Quotas in Amazon
#: Cognito", UserResourceUpdate); what is too fast, adaptive retries slow down.
THREADS = 4

#: Cognito's own sender: so many e-mails a day for the whole account (same page).
EMAILS_A_DAY = 50

_CONFIG = Config(
    connect_timeout=5,
    read_timeout=30,
    max_pool_connections=THREADS,
    retries={"mode": "adaptive", "total_max_attempts": 6},
)

#: What Cognito's limit of a day is called here: it says LimitExceededException, which
#: botocore takes for throttling and tries again, ever slower, for a minute.
OVER_DAILY_LIMIT = "OverDailyEmailLimit"

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@dataclass(frozen=True)
class Pool:
    """The user pool of a deployed set.

    Attributes:
        cognito: Its client, which slows down when Cognito asks for it.
        user_pool_id: Its id.
        stack_uuid: What ends the names of the set's teams and groups.
        groups: The group of each team by the team's name, in the order of the teams.
        declared: The addresses in WorkerEmails.
    """

    cognito: CognitoIdentityProviderClient
    user_pool_id: str
    stack_uuid: str
    groups: dict[str, str]
    declared: tuple[str, ...]

    @property
    def first_team(self) -> str:
        """The team that a worker joins when no other one is named."""
        return next(iter(self.groups))

    def team(self, name: str) -> str | None:
        """Return how the set spells a team, the first one for no name, or None."""
        if not name:
            return self.first_team
        return next(
            (team for team in self.groups if team.casefold() == name.casefold()), None
        )

    @cached_property
    def described(self) -> UserPoolTypeTypeDef:
        """The user pool as Cognito holds it."""
        answer = self.cognito.describe_user_pool(UserPoolId=self.user_pool_id)
        return answer["UserPool"]

    @property
    def cognito_sends(self) -> bool:
        """Whether Cognito's own sender, with its limit, sends the e-mails."""
        sender = self.described.get("EmailConfiguration", {})
        return sender.get("EmailSendingAccount") != "DEVELOPER"

    @property
    def invitation_days(self) -> int:
        """How long an invitation can be accepted; 0 stands for the default of 7."""
        policy = self.described.get("Policies", {}).get("PasswordPolicy", {})
        return policy.get("TemporaryPasswordValidityDays") or 7


def find(account: Account, stack: str) -> Pool:
    """Return the user pool of the stack.

    Raises:
        OperatorError: when there is no such stack, or it has no pool and teams.
    """
    described = stacks.existing(account, stack)
    outputs = stacks.outputs(described)
    arns = outputs.get("WorkTeamArns", "")
    names = [arn.rpartition("/")[2] for arn in arns.split(",") if arn]
    teams = [re.fullmatch(rf"(.+)-({_UUID})", name) for name in names]
    uuids = {team[2] for team in teams if team}
    given = stacks.parameters(described)
    # A workforce that stands alone is told its pool instead of making it.
    user_pool_id = outputs.get("UserPoolId") or given.get("UserPoolId", "")
    if not user_pool_id or None in teams or len(uuids) != 1:
        raise OperatorError(
            f"The stack {stack} ({described['StackStatus']}) has no user pool with "
            "work teams among its outputs.",
            "Name the root stack of this set with STACK=, or finish it with "
            "`make deploy`.",
        )
    emails = given.get("WorkerEmails", "")
    cognito = account.session.client(
        "cognito-idp", region_name=account.region, config=_CONFIG
    )
    cognito.meta.events.register(
        "before-parse.cognito-identity-provider.AdminCreateUser", _tell_daily_limit
    )
    return Pool(
        cognito=cognito,
        user_pool_id=user_pool_id,
        stack_uuid=uuids.pop(),
        groups={team[1]: name for team, name in zip(teams, names, strict=True) if team},
        declared=tuple(addresses(emails.split(","))) if emails else (),
    )


def _tell_daily_limit(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any
) -> None:
    """Give the limit of a day a code of its own."""
    if b"daily email limit" in response_dict["body"]:
        customized_response_dict["Error"] = {
            "Code": OVER_DAILY_LIMIT,
            "Message": "Exceeded daily email limit.",
        }
