"""The pages of a labeling portal by their paths."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Awaitable, Callable

from local_aws.portal import exchange, pages, visitors
from local_aws.protocols import Answer
from local_aws.sagemaker import state
from local_aws.sagemaker.app_client import portal_callback
from local_aws.sagemaker.state import Workforce, Workteam
from local_aws.sign_in.domains import host_of_pool
from local_aws.web.visits import Visit, page, redirect, with_cookie, with_query

_HOST = re.compile(r"[a-z0-9]+\.labeling\.[a-z0-9-]+\.sagemaker\.aws")
# The names that a load balancer's cookies have.
_SESSION = "AWSELBAuthSessionCookie-0"
_NONCE = "AWSALBAuthNonce"
# What a load balancer asks for by default (AuthenticateCognitoActionConfig).
_SCOPE = "openid"


def is_portal(host: str) -> bool:
    """Tell whether a name can only be that of a labeling portal."""
    return _HOST.fullmatch(host) is not None


async def answer(visit: Visit) -> Answer:
    """Return the page that a portal shows.

    "Workers who attempt to access … using any IP address outside the specified range
    are denied and get a Not Found error" (SourceIpConfig, API reference).
    """
    workforce = _workforce_at(visit.host)
    found = _PAGES.get((visit.method, visit.path))
    if workforce is None or found is None or not _may_come_from(workforce, visit):
        return page(404, pages.not_found())
    return await found(workforce, visit)


def _workforce_at(host: str) -> Workforce | None:
    with state.lock:
        state.settle()
        for workforce in state.workforces.values():
            if workforce.has_portal and workforce.sub_domain == host:
                return workforce
    return None


def _may_come_from(workforce: Workforce, visit: Visit) -> bool:
    cidrs = (workforce.source_ip_config or {}).get("Cidrs") or []
    if not cidrs:
        return True
    address = ipaddress.ip_address(visit.address)
    return any(address in ipaddress.ip_network(cidr) for cidr in cidrs)


async def _home(workforce: Workforce, visit: Visit) -> Answer:
    worker = visitors.worker_of(visit.cookies.get(_SESSION, ""), visit.host)
    sign_in_host = _sign_in_host(workforce)
    if sign_in_host is None:
        return page(502, pages.failed("The user pool has no domain"))
    if worker is None:
        return _to_sign_in(workforce, sign_in_host)
    sign_out = with_query(
        f"https://{sign_in_host}/logout",
        {
            "client_id": workforce.client_id,
            "logout_uri": f"https://{workforce.sub_domain}/logout",
        },
    )
    return page(200, pages.home(worker, _teams(workforce, worker.groups), sign_out))


def _to_sign_in(workforce: Workforce, sign_in_host: str) -> Answer:
    way = visitors.sent_to_sign_in(workforce.sub_domain)
    url = with_query(
        f"https://{sign_in_host}/oauth2/authorize",
        {
            "client_id": workforce.client_id,
            "redirect_uri": portal_callback(workforce.sub_domain),
            "response_type": "code",
            "scope": _SCOPE,
            "state": way,
        },
    )
    return with_cookie(redirect(url), _NONCE, way)


async def _come_back(workforce: Workforce, visit: Visit) -> Answer:
    way = visit.query.get("state", "")
    # Both: the state is one of ours, and this browser is the one that was sent.
    if visit.cookies.get(_NONCE) != way or not visitors.has_come_back(visit.host, way):
        return page(401, pages.failed("Invalid state"))
    if error := visit.query.get("error"):
        return page(401, pages.failed(error))
    try:
        worker = await exchange.worker_with(workforce, visit.query.get("code", ""))
    except exchange.ExchangeRefused as refused:
        return page(401, pages.failed(str(refused)))
    home = with_cookie(redirect("/"), _NONCE, "", 0)
    return with_cookie(home, _SESSION, visitors.let_in(worker))


async def _logout(workforce: Workforce, visit: Visit) -> Answer:
    visitors.leave(visit.cookies.get(_SESSION, ""))
    return with_cookie(page(200, pages.signed_out()), _SESSION, "", 0)


def _sign_in_host(workforce: Workforce) -> str | None:
    return host_of_pool(workforce.account, workforce.region, workforce.user_pool_id)


def _teams(workforce: Workforce, groups: tuple[str, ...]) -> list[Workteam]:
    """Return the teams of the workforce that one of the groups belongs to."""
    here = (workforce.account, workforce.region, workforce.name)
    with state.lock:
        return [
            team
            for team in state.workteams.values()
            if (team.account, team.region, team.workforce_name) == here
            and any(
                member["CognitoMemberDefinition"]["UserGroup"] in groups
                for member in team.member_definitions
            )
        ]


_PAGES: dict[tuple[str, str], Callable[[Workforce, Visit], Awaitable[Answer]]] = {
    ("GET", "/"): _home,
    ("GET", "/oauth2/idpresponse"): _come_back,
    ("GET", "/logout"): _logout,
}
