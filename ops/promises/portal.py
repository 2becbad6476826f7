"""The way to the portal: workforce, app client, invitation, teams, workers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lambda_src.workforce import CALLBACK_PATH, LOGOUT_PATH, PLACEHOLDER_HOST
from ops.account_checks import Finding
from ops.deployed import Deployed
from ops.promises.telling import BY_HAND, DEPLOY_AGAIN, REPAIR, held, listed


def portal(deployed: Deployed) -> Iterator[Finding]:
    """The workforce is active, on this pool and client, and serves this portal."""
    workforce = deployed.workforce
    if not workforce:
        name = deployed.outputs["WorkforceName"]
        yield Finding("error", f"The workforce {name} is gone.", DEPLOY_AGAIN)
        return
    status = workforce.get("Status", "")
    reason = workforce.get("FailureReason", "")
    yield held(
        status == "Active",
        "The workforce is Active.",
        f"The workforce is {status}. {reason}".strip(),
        "Wait if it is Initializing or Updating; otherwise its reason says what to do.",
    )
    yield held(
        workforce.get("SubDomain") == deployed.portal,
        f"The labeling portal is {deployed.portal}.",
        f"The workforce's portal is {workforce.get('SubDomain')}, and the stack says "
        f"{deployed.portal}.",
        "The workforce was made anew outside the stack: `make destroy` and deploy "
        "again.",
    )
    config = workforce.get("CognitoConfig", {})
    yield held(
        config.get("UserPool") == deployed.outputs["UserPoolId"]
        and config.get("ClientId") == deployed.outputs["UserPoolClientId"],
        "The workforce signs in through this user pool and app client.",
        "The workforce signs in through another user pool or app client.",
        DEPLOY_AGAIN,
    )


def app_client(deployed: Deployed) -> Iterator[Finding]:
    """The app client leads to the portal, and is as tight as the template says."""
    client = deployed.client
    if not client:
        yield Finding("error", "The app client is gone.", DEPLOY_AGAIN)
        return
    base = f"https://{deployed.portal}"
    extra = {
        "CallbackURLs": deployed.parameters.get("AdditionalCallbackUrls", ""),
        "LogoutURLs": deployed.parameters.get("AdditionalLogoutUrls", ""),
    }
    for member, path, word in (
        ("CallbackURLs", CALLBACK_PATH, "callback"),
        ("LogoutURLs", LOGOUT_PATH, "logout"),
    ):
        wanted = {base + path, *filter(None, extra[member].split(","))}
        found = set(client.get(member, []))
        yield held(
            found == wanted,
            f"The app client's {word} URLs are the portal's"
            + (" and yours." if extra[member] else "."),
            f"The app client's {word} URLs are {listed(found)} instead of "
            f"{listed(wanted)}.",
            REPAIR if not found - wanted or _stale(found - wanted) else BY_HAND,
        )
    default = client.get("DefaultRedirectURI")
    yield held(
        default == base + CALLBACK_PATH,
        "Its default redirect is the portal's.",
        f"The app client's default redirect is {default}.",
        REPAIR,
    )
    yield held(
        bool(client.get("ClientSecret"))
        and client.get("AllowedOAuthFlows") == ["code"]
        and client.get("ExplicitAuthFlows") == ["ALLOW_REFRESH_TOKEN_AUTH"],
        "It is confidential and signs in by the code flow alone.",
        f"The app client allows {listed(client.get('ExplicitAuthFlows', []))} and the "
        f"OAuth flows {listed(client.get('AllowedOAuthFlows', []))}.",
        BY_HAND,
    )
    yield held(
        client.get("PreventUserExistenceErrors") == "ENABLED"
        and client.get("EnableTokenRevocation") is True,
        "It does not tell which accounts exist, and tokens can be revoked.",
        "The app client tells which accounts exist, or its tokens cannot be revoked.",
        BY_HAND,
    )


def _stale(urls: set[str]) -> bool:
    return all(PLACEHOLDER_HOST in url or ".labeling." in url for url in urls)


def invitation(deployed: Deployed) -> Iterator[Finding]:
    """Invitations name the portal, and come from administrators only."""
    admin = deployed.pool.get("AdminCreateUserConfig", {})
    texts: Mapping[str, str] = admin.get("InviteMessageTemplate", {})
    body = texts.get("EmailMessage", "")
    yield held(
        deployed.portal in body and PLACEHOLDER_HOST not in str(texts),
        "The invitation names the portal.",
        "The invitation does not name the portal.",
        REPAIR if PLACEHOLDER_HOST in str(texts) else BY_HAND,
    )
    yield held(
        admin.get("AllowAdminCreateUserOnly") is True,
        "Only administrators make accounts.",
        "Anybody can sign up for an account.",
        BY_HAND,
    )


def work_teams(deployed: Deployed) -> Iterator[Finding]:
    """Each work team is there, made of its group."""
    for name in deployed.team_names:
        team = deployed.teams.get(name, {})
        groups = [
            member.get("CognitoMemberDefinition", {}).get("UserGroup")
            for member in team.get("MemberDefinitions", [])
        ]
        yield held(
            name in groups,
            f"The work team {name} is there, made of its group.",
            f"The work team {name} is {'not made of its group' if team else 'gone'}.",
            "Take it out of WorkTeamNames and `make deploy`; then put it back and "
            "deploy again.",
        )


def declared_workers(deployed: Deployed) -> Iterator[Finding]:
    """Each declared worker has an account that works, in a team."""
    cognito = deployed.account.client("cognito-idp")
    members = deployed.members(deployed.team_names[0])
    broken = []
    for email in deployed.worker_emails:
        users = cognito.list_users(
            UserPoolId=deployed.outputs["UserPoolId"], Filter=f'email = "{email}"'
        )["Users"]
        if not any(u["Enabled"] and u["Username"] in members for u in users):
            broken.append(email)
    if deployed.worker_emails:
        yield held(
            not broken,
            f"The {len(deployed.worker_emails)} declared workers have accounts in the "
            "first team.",
            f"Without an enabled account in the first team: {', '.join(broken)}.",
            "Take them out of WorkerEmails and `make deploy`; then put them back and "
            "deploy again.",
        )
