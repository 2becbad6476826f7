"""A clock for what waits: no test sleeps, and none depends on the machine's speed."""

from __future__ import annotations


class SimulatedClock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        """Begin at zero, nothing slept."""
        self.now = 0.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        """Return the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let the time go on."""
        self.pauses.append(seconds)
        self.now += seconds
