"""The portal's own business with the sign-in domain: a code for tokens.

The browser sees the code only. The client's secret goes from server to server, in the
Authorization header (Cognito Developer Guide, "Token endpoint").
"""

from __future__ import annotations

import base64
import json
import time
from typing import Any
from urllib.parse import quote, urlencode

from ministack.core import responses
from ministack.services import cognito

from local_aws.portal.visitors import Worker
from local_aws.sagemaker.app_client import portal_callback
from local_aws.sagemaker.state import Workforce


class ExchangeRefused(Exception):
    """The sign-in domain gives no tokens; the message is its error code."""


async def worker_with(workforce: Workforce, code: str) -> Worker:
    """Return the worker whom a code stands for.

    Raises:
        ExchangeRefused: the code, the client or the redirect is not accepted.
    """
    tokens = await _tokens(workforce, code)
    claims = _claims(str(tokens.get("id_token", "")))
    if claims.get("aud") != workforce.client_id:
        raise ExchangeRefused("invalid_token")
    return Worker(
        host=workforce.sub_domain,
        email=str(claims.get("email") or claims.get("cognito:username", "")),
        groups=tuple(claims.get("cognito:groups", ())),
        until=time.time() + float(tokens["expires_in"]),
    )


async def _tokens(workforce: Workforce, code: str) -> dict[str, Any]:
    pair = f"{quote(workforce.client_id)}:{quote(_secret(workforce))}"
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": portal_callback(workforce.sub_domain),
    }
    status, _, body = await cognito.handle_oauth2_token(
        "POST",
        "/oauth2/token",
        {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"},
        urlencode(form).encode(),
        {},
    )
    answer: dict[str, Any] = json.loads(body)
    if status != 200:
        raise ExchangeRefused(str(answer.get("error", status)))
    return answer


def _secret(workforce: Workforce) -> str:
    with responses.request_scope(workforce.account, workforce.region):
        pool = cognito._user_pools.get(workforce.user_pool_id) or {}
    client = pool.get("_clients", {}).get(workforce.client_id, {})
    return str(client.get("ClientSecret", ""))


def _claims(token: str) -> dict[str, Any]:
    """Return what an ID token says.

    It came from the token endpoint itself, which vouches for it (OpenID Connect Core,
    3.1.3.7).
    """
    if token.count(".") != 2:
        return {}
    body = token.split(".")[1]
    claims: dict[str, Any] = json.loads(
        base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    )
    return claims
