"""What a workforce needs of a user pool and app client that somebody else made.

The set makes its own pool so that all of this is true. Where the workforce stack
stands alone (TEMPLATE=workforce) it is looked at before anything is made, and nothing
is changed by looking.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ops.account import Account
from ops.errors import OperatorError, code_of

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.type_defs import UserPoolClientTypeTypeDef

# "Quotas in Amazon Cognito", Cognito Developer Guide.
_MAXIMUM_URLS = 100
# What the portal's load balancer asks for.
_SCOPE = "openid"
# An id of another form is refused as a parameter.
_NOT_THERE = {"ResourceNotFoundException", "InvalidParameterException"}


@dataclass
class Findings:
    """What was found out about pool and client.

    Attributes:
        problems: What the workforce could not be made with.
        told: What the operator should know all the same.
        domain: The host of the sign-in pages, or empty.
    """

    problems: list[OperatorError] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    domain: str = ""

    def lacks(self, fact: str, mend: str) -> None:
        """Note a problem."""
        self.problems.append(OperatorError(fact, mend))


def look(account: Account, values: Mapping[str, str]) -> Findings:
    """Look at the user pool and the app client that the parameters name.

    Args:
        account: Where they are.
        values: The parameters of the workforce stack, as they will be.

    Returns:
        Everything that is missing, and where workers sign in.
    """
    found = Findings()
    for name in ("RootStackId", "BaseStackId"):
        if values.get(name):
            found.lacks(
                f"{name} is given, and the workforce stack stands alone here.",
                f"Leave {name} empty: only the root stack of the whole set sets it.",
            )
    pool_id, client_id = values.get("UserPoolId"), values.get("UserPoolClientId")
    if not pool_id or not client_id:
        found.lacks(
            "The workforce stack needs a user pool and an app client of yours.",
            "Set UserPoolId and UserPoolClientId in the parameter file.",
        )
        return found
    if _look_at_pool(account, pool_id, values, found):
        _look_at_client(account, pool_id, client_id, values, found)
    return found


def _look_at_pool(
    account: Account, pool_id: str, values: Mapping[str, str], found: Findings
) -> bool:
    """Look at the pool; return whether there is one, with clients to look at."""
    cognito = account.client("cognito-idp")
    try:
        pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    except ClientError as error:
        if code_of(error) not in _NOT_THERE:
            raise
        found.lacks(
            f"There is no user pool {pool_id} in {account.region}.",
            "A workforce needs one of its own account and Region: correct UserPoolId, "
            "or AWS_REGION.",
        )
        return False
    prefix = pool.get("Domain", "")
    found.domain = pool.get("CustomDomain") or (
        f"{prefix}.auth.{account.region}.amazoncognito.com" if prefix else ""
    )
    if not found.domain:
        found.lacks(
            f"The user pool {pool_id} has no domain, so nobody could sign in.",
            "Give it one (`aws cognito-idp create-user-pool-domain`).",
        )
    sender = pool.get("EmailConfiguration", {}).get("EmailSendingAccount")
    if sender == "DEVELOPER" and not values.get("SesIdentityArn"):
        identity = pool["EmailConfiguration"].get("SourceArn", "the pool's identity")
        found.lacks(
            f"The user pool {pool_id} sends its e-mails through SES, and whoever "
            "updates it needs a right for that.",
            f"Set SesIdentityArn to {identity}.",
        )
    texts = pool.get("AdminCreateUserConfig", {}).get("InviteMessageTemplate", {})
    if "labeling-portal.invalid" not in texts.get("EmailMessage", ""):
        found.told.append(
            "The invitation of the user pool names no portal. Write "
            "https://labeling-portal.invalid where it should stand, and `make repair` "
            "puts the portal there."
        )
    return True


def _look_at_client(
    account: Account,
    pool_id: str,
    client_id: str,
    values: Mapping[str, str],
    found: Findings,
) -> None:
    cognito = account.client("cognito-idp")
    try:
        client: UserPoolClientTypeTypeDef = cognito.describe_user_pool_client(
            UserPoolId=pool_id, ClientId=client_id
        )["UserPoolClient"]
    except ClientError as error:
        if code_of(error) not in _NOT_THERE:
            raise
        found.lacks(
            f"The user pool {pool_id} has no app client {client_id}.",
            "Correct UserPoolClientId.",
        )
        return
    for is_there, fact, mend in needs(client_id, client):
        if not is_there:
            found.lacks(fact, mend)
    kept = [
        url
        for url in client.get("CallbackURLs", [])
        if "labeling-portal.invalid" not in url
    ]
    found.told.append(
        f"The app client keeps its callback URLs ({', '.join(kept) or 'none'}); the "
        "portal's is added, and goes with the stack."
    )
    teams = values.get("WorkTeamNames") or "labelers"
    found.told.append(
        f"Each work team ({teams}) gets a group of its own in the user pool, named "
        "after it and the stack; groups and accounts that are there stay as they are."
    )


def needs(
    client_id: str, client: Mapping[str, Any]
) -> Iterator[tuple[object, str, str]]:
    """Yield whether a client has what the portal needs, and what to say if not."""
    yield (
        client.get("ClientSecret"),
        f"The app client {client_id} has no secret, and the portal signs in with one.",
        "A client cannot be given one later: make another with GenerateSecret.",
    )
    yield (
        client.get("AllowedOAuthFlowsUserPoolClient")
        and "code" in client.get("AllowedOAuthFlows", []),
        f"The app client {client_id} does not allow the OAuth code flow.",
        "Set AllowedOAuthFlowsUserPoolClient, and code among AllowedOAuthFlows.",
    )
    yield (
        _SCOPE in client.get("AllowedOAuthScopes", []),
        f"The app client {client_id} does not allow the scope {_SCOPE}.",
        f"Add {_SCOPE} to AllowedOAuthScopes.",
    )
    yield (
        client.get("SupportedIdentityProviders"),
        f"The app client {client_id} offers no way to sign in.",
        "Put COGNITO, or the name of an identity provider, into "
        "SupportedIdentityProviders.",
    )
    yield (
        _has_room(client),
        f"The app client {client_id} has {_MAXIMUM_URLS} callback or logout URLs, so "
        "the portal's do not fit.",
        "Remove one.",
    )


def _has_room(client: Mapping[str, Any]) -> bool:
    return all(
        len(urls) < _MAXIMUM_URLS
        for urls in (client.get("CallbackURLs", []), client.get("LogoutURLs", []))
    )
