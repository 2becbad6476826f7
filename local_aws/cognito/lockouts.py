"""The lock after failed sign-ins.

Cognito Developer Guide, "Lockout behavior for failed sign-in attempts": five failed
attempts lock the user out for one second, each further one doubles that, up to about 15
minutes. Attempts during a lock are refused with "Password attempts exceeded" and do not
count. A success, or 15 minutes without an attempt, forgets all of it. Codes of an
authenticator app count as well ("Adding MFA to a user pool"); that they count together
with passwords is assumed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

FREE_ATTEMPTS = 5
LONGEST_SECONDS = 15 * 60.0


@dataclass
class _Failures:
    number: int
    last: float
    locked_until: float


class Lockouts:
    """Counts the failed attempts of each user; a key is pool and user name."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[tuple[str, str], _Failures] = {}

    def is_locked(self, key: tuple[str, str]) -> bool:
        """Tell whether attempts of a user are refused unseen at this moment."""
        failures = self._failures.get(key)
        return failures is not None and self._clock() < failures.locked_until

    def failed(self, key: tuple[str, str]) -> None:
        """Count a failed attempt, which may lock the user out."""
        now = self._clock()
        known = self._failures.get(key)
        if known is None or now - known.last >= LONGEST_SECONDS:
            known = _Failures(0, now, now)
        known.number += 1
        known.last = now
        if known.number >= FREE_ATTEMPTS:
            seconds = min(2.0 ** (known.number - FREE_ATTEMPTS), LONGEST_SECONDS)
            known.locked_until = now + seconds
        self._failures[key] = known

    def succeeded(self, key: tuple[str, str]) -> None:
        """Forget the failures of a user who has signed in."""
        self._failures.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._failures.clear()


lockouts = Lockouts()
