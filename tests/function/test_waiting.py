"""Waiting: quick to notice, few calls in the slow case, never too long."""

from __future__ import annotations

import pytest

from lambda_src import workforce as function
from tests.function.simulated_clock import SimulatedClock


def wait_for(clock: SimulatedClock, seconds: float, deadline: float = 840) -> int:
    """Wait until the clock shows a time; return the number of looks."""
    looks = 0
    for _ in function.Deadline(deadline).pauses():
        looks += 1
        if clock.now >= seconds:
            break
    return looks


@pytest.mark.parametrize("active_after", [0, 1, 5, 12, 20])
def test_a_workforce_that_is_usual_is_noticed_within_a_second(
    clock: SimulatedClock, active_after: float
) -> None:
    wait_for(clock, active_after)
    assert clock.now - active_after <= 1


def test_a_workforce_that_takes_fourteen_minutes_costs_few_calls(
    clock: SimulatedClock,
) -> None:
    assert wait_for(clock, 800) < 160


def test_pauses_grow_with_the_time_waited_whatever_the_clock_shows(
    clock: SimulatedClock,
) -> None:
    clock.now = 5_000.0
    wait_for(clock, 5_300)
    assert clock.pauses[0] == function.SHORTEST_PAUSE_SECONDS
    assert clock.pauses == sorted(clock.pauses)
    assert clock.pauses[-1] == function.LONGEST_PAUSE_SECONDS


def test_a_pause_that_would_use_the_time_up_is_not_begun(clock: SimulatedClock) -> None:
    with pytest.raises(function.OutOfTime):
        wait_for(clock, 1, deadline=0.25)
    assert clock.pauses == []


def test_waiting_ends_before_the_deadline(clock: SimulatedClock) -> None:
    with pytest.raises(function.OutOfTime):
        wait_for(clock, 9999)
    assert clock.now < 840


def test_no_call_begins_after_the_deadline(clock: SimulatedClock) -> None:
    deadline = function.Deadline(10)
    deadline.check()
    clock.sleep(10)
    with pytest.raises(function.OutOfTime):
        deadline.check()
