"""Measuring whole tasks, one of each kind in turn."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """The runs of one thing, in seconds."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The run in the middle."""
        return statistics.median(self.seconds)

    @property
    def fastest(self) -> float:
        """The shortest run."""
        return min(self.seconds)

    @property
    def slowest(self) -> float:
        """The longest run."""
        return max(self.seconds)


def in_turn(
    tasks: Mapping[str, Callable[[], object]], runs: int
) -> dict[str, Measured]:
    """Run each task so often, in turn, after one run that is not counted.

    In turn, so that a machine whose speed drifts slows all of them.
    """
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for number in range(runs + 1):
        for name, task in tasks.items():
            seconds = timed(task)
            if number:
                times[name].append(seconds)
    return {name: Measured(tuple(seconds)) for name, seconds in times.items()}


def timed(task: Callable[[], object]) -> float:
    """Return the seconds that a task takes."""
    begun = time.perf_counter()
    task()
    return time.perf_counter() - begun
