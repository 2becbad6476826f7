"""Who is in the user pool, page by page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from lambda_src.workforce import user_name
from ops import terminal
from ops.errors import OperatorError
from ops.workers.pool import THREADS, Pool

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.type_defs import UserTypeTypeDef

#: The API's own words for the states of an account that is enabled ("UserType").
_STATES = {
    "CONFIRMED": "active",
    "EXTERNAL_PROVIDER": "federated",
    "FORCE_CHANGE_PASSWORD": "invited",
    "RESET_REQUIRED": "reset",
}

# A longer one is folded where a terminal has no room for it.
_WIDEST_EMAIL = 40


@dataclass(frozen=True)
class Worker:
    """A worker, as `make workers` shows one.

    Attributes:
        email: The address.
        name: The name; may be empty.
        state: invited, expired, active, federated, reset, disabled, or the API's word.
        last_invitation: When an invitation that waits was sent, else the first one.
        mfa: Whether Cognito shows a second factor.
        teams: The teams of this set.
        user_name: The account.
        own: Whether this set made the account.
    """

    email: str
    name: str
    state: str
    last_invitation: str
    mfa: bool
    teams: tuple[str, ...]
    user_name: str
    own: bool


def read(pool: Pool, team: str) -> Iterator[list[Worker]]:
    """Yield the workers of the pool, or of one team, a page of at most 60 at a time.

    Raises:
        OperatorError: when there is no such team.
    """
    spelled = pool.team(team)
    if spelled is None:
        raise OperatorError(
            f"There is no team {team!r}.", f"There are: {', '.join(pool.groups)}."
        )
    with ThreadPoolExecutor(THREADS) as threads:
        for users in _pages(pool, pool.groups[spelled] if team else ""):
            yield list(threads.map(lambda user: _worker(pool, user), users))


def show(pages: Iterator[list[Worker]], form: str) -> None:
    """Print the workers page by page, as a table or as one JSON array."""
    if form == "json":
        separator = "[\n"
        for page in pages:
            for worker in page:
                click.echo(separator + json.dumps(asdict(worker)), nl=False)
                separator = ",\n"
        click.echo("[]" if separator == "[\n" else "\n]")
        return
    total = widest = 0
    for page in pages:
        widest = max(widest, *(len(_named(worker)) for worker in page), len("E-mail"))
        terminal.show(_table(page, widest, header=total == 0), wrapped=True)
        total += len(page)
    click.echo(f"{total:,} workers" if total != 1 else "1 worker")


def _pages(pool: Pool, group: str) -> Iterator[list[UserTypeTypeDef]]:
    if group:
        of_group = pool.cognito.get_paginator("list_users_in_group")
        for members in of_group.paginate(UserPoolId=pool.user_pool_id, GroupName=group):
            yield members["Users"]
    else:
        of_pool = pool.cognito.get_paginator("list_users")
        for users in of_pool.paginate(UserPoolId=pool.user_pool_id):
            yield users["Users"]


def _worker(pool: Pool, user: UserTypeTypeDef) -> Worker:
    """Look up what a list of users does not hold: second factor and groups."""
    name = user["Username"]
    attributes = {
        each["Name"]: each.get("Value", "") for each in user.get("Attributes", [])
    }
    details = pool.cognito.admin_get_user(UserPoolId=pool.user_pool_id, Username=name)
    groups = pool.cognito.get_paginator("admin_list_groups_for_user")
    joined = {
        group.get("GroupName", "")
        for page in groups.paginate(UserPoolId=pool.user_pool_id, Username=name)
        for group in page["Groups"]
    }
    email = attributes.get("email", "")
    waiting = user["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    invited = user["UserLastModifiedDate" if waiting else "UserCreateDate"]
    return Worker(
        email=email,
        name=attributes.get("name", ""),
        state=_state(user, invited, pool.invitation_days),
        last_invitation=invited.astimezone(UTC).isoformat(timespec="seconds"),
        mfa=bool(details.get("UserMFASettingList")),
        teams=tuple(team for team, group in pool.groups.items() if group in joined),
        user_name=name,
        own=name == user_name(email.lower(), pool.stack_uuid),
    )


def _state(user: UserTypeTypeDef, invited: datetime, days: int) -> str:
    if not user.get("Enabled", True):
        return "disabled"
    state = _STATES.get(user["UserStatus"], user["UserStatus"].lower())
    if state == "invited" and datetime.now(UTC) - invited > timedelta(days=days):
        return "expired"
    return state


def _named(worker: Worker) -> str:
    return worker.email or worker.user_name


def _table(workers: list[Worker], widest: int, *, header: bool) -> Table:
    """Return a page; its first column is as wide as those of the pages before."""
    table = Table(box=None, show_header=header, header_style="bold", pad_edge=False)
    columns: dict[str, dict[str, Any]] = {
        "E-mail": {"min_width": widest if widest <= _WIDEST_EMAIL else None},
        "State": {"width": 9},
        "Last invitation": {"width": 15},
        "MFA": {"width": 3},
        "Teams": {},
    }
    for name, options in columns.items():
        table.add_column(name, overflow="fold", **options)
    for worker in workers:
        table.add_row(
            _named(worker),
            worker.state,
            worker.last_invitation[:10],
            "yes" if worker.mfa else "–",
            ", ".join(worker.teams) or "–",
        )
    return table
