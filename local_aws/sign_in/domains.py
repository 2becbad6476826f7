"""Which user pool a host name belongs to: prefix domains and domains of one's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ministack.core import responses
from ministack.services import cognito

_PREFIX_DOMAIN = re.compile(
    r"(?P<prefix>[a-z0-9-]+)\.auth\.(?P<region>[a-z0-9-]+)\.amazoncognito\.com"
)
_MANAGED_LOGIN = 2


@dataclass(frozen=True)
class Domain:
    """A domain of a user pool.

    Attributes:
        name: What the pool calls it: a prefix, or a whole host name.
    """

    host: str
    name: str
    account: str
    region: str
    pool_id: str

    @property
    def pool(self) -> dict[str, Any]:
        """The pool's record."""
        with responses.request_scope(self.account, self.region):
            found: dict[str, Any] = cognito._user_pools[self.pool_id]
        return found

    def client(self, client_id: str) -> dict[str, Any] | None:
        """Return an app client of the pool; those of other pools are unknown here."""
        found: dict[str, Any] | None = self.pool["_clients"].get(client_id)
        return found

    @property
    def has_managed_login(self) -> bool:
        """Whether the pages are managed login's, not the classic hosted UI's."""
        versions = self.pool.get("_managed_login_versions", {})
        return bool(versions.get(self.name) == _MANAGED_LOGIN)


def is_prefix_domain(host: str) -> bool:
    """Tell whether a name can only be that of a user pool's domain."""
    return _PREFIX_DOMAIN.fullmatch(host) is not None


def domain_at(host: str) -> Domain | None:
    """Return the domain of this name, if a user pool has it."""
    match = _PREFIX_DOMAIN.fullmatch(host)
    for (account, region, name), pool_id in cognito._pool_domain_map.to_dict().items():
        if match is None:
            is_it = name == host
        else:
            is_it = (name, region) == (match["prefix"], match["region"])
        if is_it:
            return Domain(host, name, account, region, pool_id)
    return None


def host_of_pool(account: str, region: str, pool_id: str) -> str | None:
    """Return where the sign-in pages of a pool are, its prefix domain if it has one."""
    with responses.request_scope(account, region):
        pool = cognito._user_pools.get(pool_id) or {}
    if prefix := pool.get("Domain"):
        return f"{prefix}.auth.{region}.amazoncognito.com"
    own = pool.get("CustomDomain")
    return str(own) if own else None
