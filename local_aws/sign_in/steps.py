"""The steps between a right password and the code: what else a sign-in needs.

Cognito Developer Guide, "User pool authentication flow": a temporary password is
changed first, then the second factor is asked for, or set up where the pool demands one
and the user has none. The order is the API's, whose choice of the factor this uses.
"""

from __future__ import annotations

import base64
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from ministack.services import cognito

from local_aws.cognito import credentials
from local_aws.cognito.refusals import Refusal
from local_aws.cognito.users import FORCE_CHANGE_PASSWORD, attributes_of
from local_aws.sign_in.authorization import Authorization
from local_aws.sign_in.domains import Domain

NEW_PASSWORD = "NEW_PASSWORD_REQUIRED"  # noqa: S105 - a challenge's name
MFA_SETUP = "MFA_SETUP"
MFA_CODE = "SOFTWARE_TOKEN_MFA"
DONE = ""

# AuthSessionValidity, API reference: 3 minutes unless the client says otherwise.
_DEFAULT_MINUTES = 3


@dataclass
class OpenSignIn:
    """A sign-in whose password was right and which needs more."""

    domain: Domain
    asked: Authorization
    username: str
    ends_at: float
    step: str = DONE
    id: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    totp_secret: str = field(
        default_factory=lambda: base64.b32encode(secrets.token_bytes(20)).decode()
    )

    @property
    def user(self) -> dict[str, Any]:
        """The user's record.

        Raises:
            Refusal: the account is gone or disabled by now.
        """
        user: dict[str, Any] | None = self.domain.pool["_users"].get(self.username)
        if user is None or not user.get("Enabled", True):
            raise Refusal("NotAuthorizedException", "User is disabled.")
        return user

    @property
    def email(self) -> str:
        """The user's e-mail address, or the user name."""
        return attributes_of(self.user).get("email", self.username)


_open: dict[str, OpenSignIn] = {}


def begin(domain: Domain, asked: Authorization, name: str, password: str) -> OpenSignIn:
    """Return the sign-in of the user with this name and password, at its next step.

    Raises:
        Refusal: see `credentials.user_with`.
    """
    user = credentials.user_with(domain.pool, name, password)
    client = domain.client(asked.client_id) or {}
    minutes = client.get("AuthSessionValidity") or _DEFAULT_MINUTES
    ends_at = time.time() + minutes * 60
    sign_in = OpenSignIn(domain, asked, user["Username"], ends_at)
    if user["UserStatus"] == FORCE_CHANGE_PASSWORD:
        sign_in.step = NEW_PASSWORD
    elif user["UserStatus"] == "CONFIRMED":
        sign_in.step = _factor(sign_in)
    else:
        raise Refusal("UserNotConfirmedException", "User is not confirmed.")
    _open[sign_in.id] = sign_in
    return _settled(sign_in)


def find(session: str, domain: Domain) -> OpenSignIn | None:
    """Return an open sign-in of this domain, unless its time is over."""
    sign_in = _open.get(session)
    if sign_in is None or sign_in.domain != domain or time.time() > sign_in.ends_at:
        _open.pop(session, None)
        return None
    return sign_in


def at(step: str) -> list[OpenSignIn]:
    """Return the sign-ins that are at a step, the oldest first."""
    return [sign_in for sign_in in _open.values() if sign_in.step == step]


def set_password(sign_in: OpenSignIn, password: str, repeated: str) -> OpenSignIn:
    """Replace the temporary password.

    Raises:
        Refusal: the two differ or break the pool's policy; one sentence a line.
    """
    if password != repeated:
        raise Refusal("InvalidPasswordException", "The two passwords are not the same.")
    faults = cognito._password_policy_errors(sign_in.domain.pool, password)
    if faults:
        told = "\n".join(f"{each}." for each in faults)
        raise Refusal("InvalidPasswordException", told)
    user = sign_in.user
    user["_password"] = password
    user["UserStatus"] = "CONFIRMED"
    user["UserLastModifiedDate"] = time.time()
    sign_in.step = _factor(sign_in)
    return _settled(sign_in)


def set_up_authenticator(sign_in: OpenSignIn, code: str) -> OpenSignIn:
    """Enrol the authenticator app that shows this code.

    Raises:
        Refusal: it is not the app's code.
    """
    credentials.enrol(sign_in.user, sign_in.totp_secret, code)
    sign_in.step = DONE
    return _settled(sign_in)


def check_code(sign_in: OpenSignIn, code: str) -> OpenSignIn:
    """Take the code of the user's authenticator app.

    Raises:
        Refusal: see `credentials.use_code`.
    """
    credentials.use_code(sign_in.domain.pool, sign_in.user, code)
    sign_in.step = DONE
    return _settled(sign_in)


def _factor(sign_in: OpenSignIn) -> str:
    domain = sign_in.domain
    challenge = cognito._mfa_challenge_for_user(
        domain.pool, sign_in.user, domain.pool_id, sign_in.username
    )
    return DONE if challenge is None else str(challenge["ChallengeName"])


def _settled(sign_in: OpenSignIn) -> OpenSignIn:
    """Close a sign-in that needs nothing more."""
    if sign_in.step == DONE:
        _open.pop(sign_in.id, None)
        credentials.signed_in(sign_in.domain.pool, sign_in.user)
    return sign_in


def clear() -> None:
    """Forget every open sign-in."""
    _open.clear()
