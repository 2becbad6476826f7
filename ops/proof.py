"""Prove that a worker who is invited gets into the portal.

Invites one, reads the e-mail, walks through the sign-in pages as a browser would, and
buys tokens for the code: all on the product's own app client, which is left as it is.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pyotp

from ops.errors import OperatorError
from ops.visitor import Page, Visitor

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

PLACEHOLDER_HOST = "labeling-portal.invalid"
WORKER = "proof"
WORKER_EMAIL = "proof@example.com"

# The most steps that signing in for the first time can have.
_MOST_PAGES = 5


@dataclass(frozen=True)
class Deployed:
    """The deployed set, as its outputs name it, and the way to reach it.

    Attributes:
        cognito: The client of the account that owns the user pool.
        endpoint: The URL of the embedded AWS.
        outputs: Root's outputs.
        mails: Returns what the embedded AWS has sent, oldest first.
    """

    cognito: CognitoIdentityProviderClient
    endpoint: str
    outputs: Mapping[str, str]
    mails: Callable[[], list[dict[str, Any]]]

    def visitor(self) -> Visitor:
        """Return somebody who opens the sign-in pages for the first time."""
        return Visitor(self.endpoint, self.outputs["UserPoolDomainName"])

    @property
    def callback(self) -> str:
        """Where the portal wants its visitors sent back to."""
        portal = urlsplit(self.outputs["LabelingPortalUrl"])
        return f"https://{portal.netloc}/oauth2/idpresponse"


def prove(deployed: Deployed) -> Iterator[str]:
    """Yield a sentence for each thing that has been seen to work.

    The worker that is invited for it is deleted, whatever happens.

    Raises:
        OperatorError: with what does not work.
    """
    pool = deployed.outputs["UserPoolId"]
    password = _password()
    _forget_worker(deployed)
    try:
        # As an operator invites: an account, and the first team's group.
        deployed.cognito.admin_create_user(
            UserPoolId=pool,
            Username=WORKER,
            TemporaryPassword=password,
            UserAttributes=[
                {"Name": "email", "Value": WORKER_EMAIL},
                {"Name": "email_verified", "Value": "true"},
            ],
            DesiredDeliveryMediums=["EMAIL"],
        )
        deployed.cognito.admin_add_user_to_group(
            UserPoolId=pool, Username=WORKER, GroupName=_group(deployed)
        )
        yield _invitation_names_the_portal(deployed)
        visitor = deployed.visitor()
        page = _ask_to_sign_in(deployed, visitor, deployed.callback)
        if page.status != 200 or not page.form:
            raise OperatorError(
                f"The sign-in domain refuses the portal's callback "
                f"({page.status}): {page.words[:200]}"
            )
        yield f"The sign-in domain accepts the portal's callback {deployed.callback}"
        yield _other_callbacks_are_refused(deployed)
        code = _sign_in(deployed, visitor, page, password)
        yield "An invited worker signs in, and is sent to the portal with a code"
        yield _code_buys_tokens(deployed, code)
    finally:
        _forget_worker(deployed)


def _invitation_names_the_portal(deployed: Deployed) -> str:
    mails = deployed.mails()
    received = [mail["body"] for mail in mails if WORKER_EMAIL in str(mail["to"])]
    if not received:
        raise OperatorError("The invited worker has got no e-mail.")
    host = urlsplit(deployed.callback).netloc
    if PLACEHOLDER_HOST in received[-1] or host not in received[-1]:
        raise OperatorError(
            f"The invitation does not name {host} alone: {received[-1]}"
        )
    return f"The invitation of a worker names the portal {host}"


def _ask_to_sign_in(deployed: Deployed, visitor: Visitor, callback: str) -> Page:
    question = {
        "response_type": "code",
        "client_id": deployed.outputs["UserPoolClientId"],
        "redirect_uri": callback,
        "scope": "openid email profile",
        "state": "proof",
    }
    return visitor.open("/oauth2/authorize", question)


def _other_callbacks_are_refused(deployed: Deployed) -> str:
    for host in (PLACEHOLDER_HOST, "elsewhere.example.com"):
        callback = f"https://{host}/oauth2/idpresponse"
        answer = _ask_to_sign_in(deployed, deployed.visitor(), callback)
        if answer.status < 400 or "redirect_mismatch" not in answer.text:
            raise OperatorError(
                f"The sign-in domain accepts the callback {callback} ({answer.status})."
            )
    return "It refuses the placeholder and any other callback"


def _sign_in(deployed: Deployed, visitor: Visitor, page: Page, password: str) -> str:
    """Fill in form after form, as a worker does; return the code."""
    chosen = _password()
    answers = {
        "username": WORKER_EMAIL,
        "password": password,
        "new_password": chosen,
        "confirm_password": chosen,
    }
    for _ in range(_MOST_PAGES):
        if not page.form:
            break
        if page.key:
            answers["code"] = pyotp.TOTP(page.key).now()
        page = visitor.submit(page, answers)
    codes = parse_qs(urlsplit(page.location).query).get("code", [])
    if not page.location.startswith(f"{deployed.callback}?") or not codes:
        raise OperatorError(
            f"Signing in does not end at the portal: {page.status} "
            f"{page.location or page.words[:200]}"
        )
    return codes[0]


def _code_buys_tokens(deployed: Deployed, code: str) -> str:
    client_id = deployed.outputs["UserPoolClientId"]
    client = deployed.cognito.describe_user_pool_client(
        UserPoolId=deployed.outputs["UserPoolId"], ClientId=client_id
    )["UserPoolClient"]
    pair = f"{client_id}:{client['ClientSecret']}".encode()
    answer = deployed.visitor().post(
        "/oauth2/token",
        {
            "grant_type": "authorization_code",
            "client_id": client_id,
            "code": code,
            "redirect_uri": deployed.callback,
        },
        {"Authorization": f"Basic {base64.b64encode(pair).decode()}"},
    )
    tokens: dict[str, Any] = json.loads(answer.text) if answer.status == 200 else {}
    if not {"access_token", "id_token"} <= tokens.keys():
        raise OperatorError(f"The code buys no tokens ({answer.status}).")
    group = _group(deployed)
    if group not in _claims(tokens["id_token"]).get("cognito:groups", []):
        raise OperatorError(f"The worker's token does not name the group {group}.")
    return f"The code buys tokens, which name the work team's group {group}"


def _claims(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    claims: dict[str, Any] = json.loads(
        base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    )
    return claims


def _group(deployed: Deployed) -> str:
    # A team and its group have the same name.
    return deployed.outputs["WorkTeamArn"].rsplit("/", 1)[-1]


def _password() -> str:
    # All four kinds of characters, longer than any policy that the set allows asks for.
    return f"Aa1!{secrets.token_urlsafe(75)}"[:99]


def _forget_worker(deployed: Deployed) -> None:
    try:
        deployed.cognito.admin_delete_user(
            UserPoolId=deployed.outputs["UserPoolId"], Username=WORKER
        )
    except deployed.cognito.exceptions.UserNotFoundException:
        pass
