"""Passwords and codes: who has the right ones, and when they do not help any more.

The same checks stand behind the sign-in pages and before the API's sign-in. Sources:
the developer guide ("Lockout behavior for failed sign-in attempts", "Creating user
accounts as administrator", "TOTP software token MFA"), PasswordPolicyType of the API
reference (TemporaryPasswordValidityDays), RFC 6238, 5.2 (a code is taken once). The
texts are those that users report.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ministack.services import cognito

from local_aws import settings
from local_aws.cognito.lockouts import lockouts
from local_aws.cognito.refusals import (
    Operation,
    Refusal,
    Request,
    Response,
    body_of,
    member,
    succeeded,
)
from local_aws.cognito.users import FORCE_CHANGE_PASSWORD, INVITED_AT

WRONG = "Incorrect username or password."
_NOT_AUTHORIZED = "NotAuthorizedException"
_LAST_STEP = "_totp_last_step"
_DEFAULT_VALIDITY_DAYS = 7
_SECONDS_OF_A_DAY = 86_400
_SECONDS_OF_A_STEP = 30

#: Flows of InitiateAuth and AdminInitiateAuth that send the password itself.
_PASSWORD_FLOWS = (
    "USER_PASSWORD_AUTH",
    "ADMIN_USER_PASSWORD_AUTH",
    "ADMIN_NO_SRP_AUTH",
)


def user_with(pool: Mapping[str, Any], name: str, password: str) -> dict[str, Any]:
    """Return the user of a pool who has this name or e-mail address and password.

    Raises:
        Refusal: the password is wrong, or right and of no use: the user is locked out
            or disabled, or the password is a temporary one that has expired. (That a
            wrong password tells nothing of the rest is assumed.)
    """
    key = _key(pool, name)
    _refuse_locked(key)
    user, _ = cognito._resolve_user(pool, name)
    if user is None or not password or user.get("_password") != password:
        lockouts.failed(key)
        raise Refusal(_NOT_AUTHORIZED, WRONG)
    if not user.get("Enabled", True):
        raise Refusal(_NOT_AUTHORIZED, "User is disabled.")
    _refuse_expired(pool, user)
    found: dict[str, Any] = user
    return found


def use_code(pool: Mapping[str, Any], user: dict[str, Any], code: str) -> None:
    """Take a code of the user's authenticator app, which is of no use then.

    Raises:
        Refusal: the code is wrong or has been used, or the user is locked out.
    """
    key = _key(pool, user["Username"])
    _refuse_locked(key)
    try:
        _take(user, str(user.get("_totp_secret") or ""), code)
    except Refusal:
        lockouts.failed(key)
        raise
    lockouts.succeeded(key)


def enrol(user: dict[str, Any], secret: str, code: str) -> None:
    """Make an authenticator app the user's second factor.

    Raises:
        Refusal: the code is not one that the app shows.
    """
    user[_LAST_STEP] = _step_of(secret, code)
    user["_totp_secret"] = secret
    user["_mfa_enabled"] = ["SOFTWARE_TOKEN_MFA"]
    user["_preferred_mfa"] = "SOFTWARE_TOKEN_MFA"


def next_code(secret: str, user: Mapping[str, Any]) -> str:
    """Return the code that is taken now or soon, empty when there is none for seconds.

    Args:
        secret: The key of the authenticator app.
        user: Whose codes are taken once each.
    """
    now = int(time.time() // _SECONDS_OF_A_STEP)
    for offset in (0, 1):
        if now + offset > user.get(_LAST_STEP, 0):
            return str(cognito._totp_code(secret, offset))
    return ""


def signed_in(pool: Mapping[str, Any], user: Mapping[str, Any]) -> None:
    """Note that a user is in: earlier failures do not count any more."""
    lockouts.succeeded(_key(pool, user["Username"]))


def _take(user: dict[str, Any], secret: str, code: str) -> None:
    step = _step_of(secret, code)
    if step <= user.get(_LAST_STEP, 0):
        raise Refusal(
            "ExpiredCodeException", "Your software token has already been used once."
        )
    user[_LAST_STEP] = step


def _step_of(secret: str, code: str) -> int:
    """Return which 30 seconds a code belongs to: these, those before or those after."""
    now = int(time.time() // _SECONDS_OF_A_STEP)
    for offset in (0, -1, 1):
        if secret and cognito._totp_code(secret, offset) == code:
            return now + offset
    raise Refusal("CodeMismatchException", "Invalid code received for user")


def _key(pool: Mapping[str, Any], name: str) -> tuple[str, str]:
    user, _ = cognito._resolve_user(pool, name)
    return str(pool["Id"]), str(user["Username"] if user else name.casefold())


def _refuse_locked(key: tuple[str, str]) -> None:
    if lockouts.is_locked(key):
        raise Refusal(_NOT_AUTHORIZED, "Password attempts exceeded")


def _refuse_expired(pool: Mapping[str, Any], user: Mapping[str, Any]) -> None:
    if user["UserStatus"] != FORCE_CHANGE_PASSWORD:
        return
    policy = member(pool, "Policies", "PasswordPolicy") or {}
    # "The default is 7", and 0 stands for the default (API reference).
    days = policy.get("TemporaryPasswordValidityDays") or _DEFAULT_VALIDITY_DAYS
    age = time.time() - user.get(INVITED_AT, user["UserCreateDate"])
    age += settings.current().invitation_age_days * _SECONDS_OF_A_DAY
    if age > days * _SECONDS_OF_A_DAY:
        raise Refusal(
            _NOT_AUTHORIZED,
            "Temporary password has expired and must be reset by an administrator.",
        )


def dating_temporary_password(original: Operation) -> Operation:
    """Wrap AdminSetUserPassword, which can give a temporary password, too."""

    def set_password(request: Request) -> Response:
        response = original(request)
        pool = cognito._user_pools.get(request.get("UserPoolId"))
        user, _ = cognito._resolve_user(pool, request.get("Username"))
        if succeeded(response):
            user[INVITED_AT] = time.time()
        return response

    return set_password


def guarding_password(original: Operation) -> Operation:
    """Wrap the operations that begin a sign-in, where they are given a password."""

    def begin(request: Request) -> Response:
        _, pool, _ = cognito._find_pool_by_client_id(request.get("ClientId"))
        if pool is None or request.get("AuthFlow") not in _PASSWORD_FLOWS:
            return original(request)
        parameters = request.get("AuthParameters") or {}
        name = str(parameters.get("USERNAME", ""))
        try:
            _refuse_locked(_key(pool, name))
            user, _ = cognito._resolve_user(pool, name)
            if user and user.get("_password") == parameters.get("PASSWORD"):
                _refuse_expired(pool, user)
        except Refusal as refusal:
            return refusal.response()
        response = original(request)
        if body_of(response).get("message") == WRONG:
            lockouts.failed(_key(pool, name))
        elif "AuthenticationResult" in body_of(response):
            lockouts.succeeded(_key(pool, name))
        return response

    return begin


def guarding_code(original: Operation) -> Operation:
    """Wrap the operations that answer a challenge, where the answer is a code.

    The library takes a code again and again, as long as the app shows it.
    """

    def respond(request: Request) -> Response:
        if request.get("ChallengeName") != "SOFTWARE_TOKEN_MFA":
            return original(request)
        _, pool, _ = cognito._find_pool_by_client_id(request.get("ClientId"))
        answers = request.get("ChallengeResponses") or {}
        if pool is None:
            return original(request)
        user, _ = cognito._resolve_user(pool, answers.get("USERNAME"))
        if user is None:
            return original(request)
        try:
            use_code(pool, user, str(answers.get("SOFTWARE_TOKEN_MFA_CODE", "")))
        except Refusal as refusal:
            return refusal.response()
        return original(request)

    return respond
