"""Signing in over the API: challenges cannot be skipped, and secrets are needed.

Sources: API reference (RespondToAuthChallenge), developer guide ("Token endpoint"). The
pages of a browser's sign-in are in `local_aws.sign_in`.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs

from ministack.services import cognito

from local_aws.cognito import credentials
from local_aws.cognito.lockouts import lockouts
from local_aws.cognito.refusals import (
    Operation,
    Refusal,
    Request,
    Response,
    body_of,
    succeeded,
)

_NEW_PASSWORD = "NEW_PASSWORD_REQUIRED"  # noqa: S105 - a challenge's name
_MFA_SETUP = "MFA_SETUP"
_GUARDED = frozenset({_NEW_PASSWORD, _MFA_SETUP, "SOFTWARE_TOKEN_MFA"})


@dataclass(frozen=True)
class Challenge:
    """A challenge that was given and is not answered yet."""

    name: str
    client_id: str
    username: str
    verified: bool = False


# By session. They need not outlive the process: a sign-in takes minutes.
_open_challenges: dict[str, Challenge] = {}


def forgetting(original: Callable[[], None]) -> Callable[[], None]:
    """Wrap the reset of Cognito: open challenges and lockouts are forgotten too."""

    def reset() -> None:
        original()
        _open_challenges.clear()
        lockouts.clear()

    return reset


def remembering_challenge(original: Operation) -> Operation:
    """Wrap the operations that begin a sign-in: note which challenge they gave."""

    def begin(request: Request) -> Response:
        response = original(request)
        _remember(request, response)
        return response

    return begin


def _remember(request: Request, response: Response) -> None:
    body = body_of(response)
    if succeeded(response) and "Session" in body:
        _open_challenges[body["Session"]] = Challenge(
            body.get("ChallengeName", ""),
            str(request.get("ClientId")),
            _user_named(body.get("ChallengeParameters", {})),
        )


def _user_named(parameters: Mapping[str, str]) -> str:
    return parameters.get("USER_ID_FOR_SRP") or parameters.get("USERNAME", "")


def answering_challenge(original: Operation) -> Operation:
    """Wrap the operations that answer a challenge.

    The library takes answers without looking at the session, sets the new password
    without looking at the pool's policy, and gives tokens for it also where the pool
    demands MFA.
    """

    def answer(request: Request) -> Response:
        try:
            _refuse_answer(request)
        except Refusal as refusal:
            return refusal.response()
        response = original(request)
        if succeeded(response):
            _open_challenges.pop(str(request.get("Session")), None)
            response = _with_mfa(request, response)
            _remember(request, response)
        return response

    return answer


def _refuse_answer(request: Request) -> None:
    name = str(request.get("ChallengeName"))
    if name not in _GUARDED:
        return
    given = _open_challenges.get(str(request.get("Session")))
    if given is None or (given.name, given.client_id) != (name, request["ClientId"]):
        raise Refusal(
            "NotAuthorizedException",
            "Invalid session for the user, session is expired.",
        )
    if name == _MFA_SETUP and not given.verified:
        raise Refusal(
            "InvalidParameterException", "The authenticator app is not verified yet."
        )
    if name == _NEW_PASSWORD:
        _refuse_password(request)


def _refuse_password(request: Request) -> None:
    _, pool, _ = cognito._find_pool_by_client_id(request.get("ClientId"))
    password = request.get("ChallengeResponses", {}).get("NEW_PASSWORD", "")
    faults = cognito._password_policy_errors(pool, password)
    if faults:
        raise Refusal(
            "InvalidPasswordException",
            f"Password does not conform to policy: {faults[0]}",
        )


def _with_mfa(request: Request, response: Response) -> Response:
    """Return the challenge that follows a new password where the pool demands MFA."""
    if request.get("ChallengeName") != _NEW_PASSWORD:
        return response
    pool_id, pool, _ = cognito._find_pool_by_client_id(request.get("ClientId"))
    name = request["ChallengeResponses"]["USERNAME"]
    user, _ = cognito._resolve_user(pool, name)
    challenge = cognito._mfa_challenge_for_user(pool, user, pool_id, user["Username"])
    if challenge is None:
        return response
    answer: Response = cognito.json_response(challenge)
    return answer


def demanding_mfa(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the choice of the MFA challenge: MFA_SETUP for a user without a factor.

    Developer guide, "TOTP software token MFA": with MFA required, a user who has none
    sets it up before any tokens are given.
    """

    def challenge_for(
        pool: Mapping[str, Any], user: Mapping[str, Any], pool_id: str, username: str
    ) -> Any:
        challenge = original(pool, user, pool_id, username)
        if challenge is not None or pool.get("MfaConfiguration", "OFF") != "ON":
            return challenge
        return {
            "ChallengeName": _MFA_SETUP,
            "Session": secrets.token_urlsafe(48),
            "ChallengeParameters": {
                "MFAS_CAN_SETUP": '["SOFTWARE_TOKEN_MFA"]',
                "USER_ID_FOR_SRP": user["Username"],
            },
        }

    return challenge_for


def handing_on_setup(original: Operation) -> Operation:
    """Wrap the two steps of setting up an authenticator app inside a sign-in.

    The challenge moves to the session that each step returns. A verified code enrols
    the user whom the challenge was for.
    """

    def step(request: Request) -> Response:
        session = str(request.get("Session"))
        challenge = _open_challenges.get(session)
        secret = cognito._totp_session_secrets.get(session)
        if "AccessToken" not in request and challenge is None:
            return Refusal(
                "NotAuthorizedException", "Invalid session for the user."
            ).response()
        response = original(request)
        if not succeeded(response) or challenge is None:
            return response
        verified = "UserCode" in request
        if verified:
            _enrol(challenge, secret or "", str(request["UserCode"]))
        del _open_challenges[session]
        _open_challenges[body_of(response)["Session"]] = replace(
            challenge, verified=verified
        )
        return response

    return step


def _enrol(challenge: Challenge, secret: str, code: str) -> None:
    _, pool, _ = cognito._find_pool_by_client_id(challenge.client_id)
    user, _ = cognito._resolve_user(pool, challenge.username)
    credentials.enrol(user, secret, code)


def checking_secret(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the token endpoint: a client with a secret must send it, in every grant."""

    def token(
        data: Any,
        query: Mapping[str, Any],
        raw_body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        form = {name: values[0] for name, values in parse_qs(raw_body.decode()).items()}
        client_id, client_secret = cognito._authenticate_client(headers or {}, form)
        _, _, client = cognito._find_pool_by_client_id(client_id)
        if client is None or client_secret != (client.get("ClientSecret") or ""):
            return _oauth_error("invalid_client")
        return original(data, query, raw_body, headers)

    return token


def _oauth_error(error: str) -> Response:
    body = json.dumps({"error": error}).encode()
    return 400, {"Content-Type": "application/json"}, body
