"""Who is in the portal, and who is on the way to it through the sign-in domain."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

# How long a sign-in may take until its answer is no longer expected.
_WAY_SECONDS = 3600


@dataclass(frozen=True)
class Worker:
    """A worker who is signed in to a portal.

    Attributes:
        groups: The worker's groups, as the token named them.
        until: When the tokens end.
    """

    host: str
    email: str
    groups: tuple[str, ...]
    until: float


@dataclass(frozen=True)
class _Way:
    host: str
    until: float


_workers: dict[str, Worker] = {}
_ways: dict[str, _Way] = {}


def sent_to_sign_in(host: str) -> str:
    """Return the state of a new sign-in."""
    state = secrets.token_urlsafe(32)
    _ways[state] = _Way(host, time.time() + _WAY_SECONDS)
    return state


def has_come_back(host: str, state: str) -> bool:
    """Tell whether somebody was sent to sign in with this state; it counts once."""
    way = _ways.pop(state, None)
    return way is not None and way.host == host and time.time() <= way.until


def let_in(worker: Worker) -> str:
    """Return the id of a new session."""
    session = secrets.token_urlsafe(32)
    _workers[session] = worker
    return session


def worker_of(session: str, host: str) -> Worker | None:
    """Return who has this session with the portal, if it has not ended."""
    worker = _workers.get(session)
    if worker is None or worker.host != host or time.time() > worker.until:
        return None
    return worker


def leave(session: str) -> None:
    """End a session."""
    _workers.pop(session, None)


def clear() -> None:
    """Forget everybody."""
    _workers.clear()
    _ways.clear()
