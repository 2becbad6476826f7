"""The users of a pool by what they may be called, without looking at each of them.

The library keeps users in a mapping by user name, and looks at every one of them for
each e-mail address, and for each name that is new. With ten thousand users that is most
of the time that an invitation takes.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterable
from typing import Any

#: What a user can be named by besides the user name: Cognito Developer Guide,
#: "Customizing sign-in attributes"; AdminGetUser takes the sub, too.
NAMING = frozenset({"sub", "email", "phone_number", "preferred_username"})

# Requests are served by threads. One lock for all pools: it is held for microseconds.
_changing = threading.RLock()


class _User(dict[str, Any]):
    """A user who tells the pool's users about other attributes."""

    def __init__(self, content: dict[str, Any], users: Users) -> None:
        super().__init__(content)
        self.users = users

    def __setitem__(self, member: str, value: Any) -> None:
        if member != "Attributes":
            super().__setitem__(member, value)
            return
        with _changing:
            self.users.forget(self)
            super().__setitem__(member, value)
            self.users.note(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return copy.deepcopy(dict(self), memo)


class Users(dict[str, dict[str, Any]]):
    """The mapping that the library wants, which also knows who is called what.

    A copy is a plain mapping again: the state that is kept over a stop, and what is
    read from it.
    """

    def __init__(self, users: dict[str, dict[str, Any]]) -> None:
        super().__init__()
        self._called: dict[str, dict[str, dict[str, Any]]] = {}
        for username, user in users.items():
            self[username] = user

    def __setitem__(self, username: str, user: dict[str, Any]) -> None:
        with _changing:
            if username in self:
                del self[username]
            noted = _User(user, self)
            super().__setitem__(username, noted)
            self.note(noted)

    def __delitem__(self, username: str) -> None:
        with _changing:
            self.forget(self[username])
            super().__delitem__(username)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, dict[str, Any]]:
        return copy.deepcopy(dict(self), memo)

    def called(self, name: str) -> list[dict[str, Any]]:
        """Return who has a name, in whatever case, as user name or in NAMING.

        Whether the pool lets the user be called so is for the caller to decide.
        """
        with _changing:
            return list(self._called.get(name.casefold(), {}).values())

    def note(self, user: dict[str, Any]) -> None:
        """Take in the names of a user."""
        for name in _names(user):
            self._called.setdefault(name, {})[user["Username"]] = user

    def forget(self, user: dict[str, Any]) -> None:
        """Take out the names of a user."""
        for name in _names(user):
            holders = self._called.get(name, {})
            holders.pop(user["Username"], None)
            if not holders:
                self._called.pop(name, None)


def users_of(pool: dict[str, Any]) -> Users:
    """Return the users of a pool, however they came into it."""
    users = pool["_users"]
    if not isinstance(users, Users):
        with _changing:
            if not isinstance(users := pool["_users"], Users):
                users = pool["_users"] = Users(users)
    return users


def among(users: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """Return those of all users of a pool who are called so, or all: nobody is lost."""
    first = users[0] if users else None
    return first.users.called(name) if isinstance(first, _User) else users


def _names(user: dict[str, Any]) -> Iterable[str]:
    values = {
        str(each.get("Value", "")).casefold()
        for each in user.get("Attributes", [])
        if each["Name"] in NAMING
    }
    return values | {user["Username"].casefold()}
