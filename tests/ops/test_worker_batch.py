"""Many workers: what stops all of them, what one of them, how many at a time."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from lambda_src.workforce import Failure
from ops.errors import Interrupted, OperatorError
from ops.workers import batch
from ops.workers.outcomes import Outcome
from ops.workers.pool import OVER_DAILY_LIMIT, THREADS
from ops.workers.rows import Row

Noted = list[tuple[str, str]]


def answer(code: str, message: str = "No.") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "AdminCreateUser")


def rows(count: int) -> Iterator[Row]:
    for number in range(count):
        yield Row(number + 2, f"{number}@example.com", "", "labelers")


def do(
    count: int, operation: Callable[[Row], Outcome]
) -> tuple[OperatorError | None, Noted]:
    noted: Noted = []
    stop = batch.run(
        rows(count),
        operation,
        lambda row, outcome: noted.append((row.email, outcome.what)),
    )
    return stop, noted


def failing_at(number: int, error: Exception) -> Callable[[Row], Outcome]:
    def operation(row: Row) -> Outcome:
        if row.line - 2 == number:
            raise error
        return Outcome("invited")

    return operation


def test_everybody_is_done_once() -> None:
    stop, noted = do(100, lambda row: Outcome("invited"))
    assert stop is None
    assert sorted(noted) == sorted((row.email, "invited") for row in rows(100))


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (answer("InvalidParameterException"), "refused"),
        (answer("UnsupportedUserStateException"), "refused"),
        (answer("UserNotFoundException"), "refused"),
        (answer("CodeDeliveryFailureException"), "not sent"),
        (Failure("It belongs to somebody else."), "refused"),
    ],
)
def test_what_concerns_one_worker_does_not_stop_the_others(
    error: Exception, outcome: str
) -> None:
    stop, noted = do(50, failing_at(7, error))
    assert stop is None
    assert len(noted) == 50
    assert ("7@example.com", outcome) in noted


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (answer("ExpiredTokenException"), "They have expired"),
        (answer("AccessDeniedException"), "may not call AdminCreateUser"),
        (answer("TooManyRequestsException"), "AdminCreateUser failed (TooMany"),
        (answer("LimitExceededException", "Too many users"), "Too many users"),
        (EndpointConnectionError(endpoint_url="https://x"), "AWS cannot be reached"),
    ],
)
def test_what_concerns_everybody_stops_and_is_explained(
    error: Exception, words: str
) -> None:
    stop, noted = do(1000, failing_at(7, error))
    assert stop
    assert words in str(stop)
    assert "7@example.com" not in dict(noted)
    assert len(noted) < 40


def test_the_limit_of_a_day_stops_and_that_invitation_is_noted_as_not_sent() -> None:
    stop, noted = do(1000, failing_at(7, answer(OVER_DAILY_LIMIT)))
    assert stop
    assert "sends 50 e-mails a day for the whole account, and that is" in stop.fact
    assert "tomorrow" in stop.mend
    assert "SesIdentityArn" in stop.mend
    assert dict(noted)["7@example.com"] == "not sent"


def test_when_everybody_is_refused_it_stops() -> None:
    stop, noted = do(
        1000, lambda row: Outcome("refused", "The sender is not verified.")
    )
    assert stop
    assert "20 workers one after the other were refused" in stop.fact
    assert "The sender is not verified." in stop.fact
    assert len(noted) < 40


def test_a_defect_is_no_outcome() -> None:
    with pytest.raises(ZeroDivisionError):
        do(10, failing_at(3, ZeroDivisionError()))


def test_only_a_few_are_read_ahead() -> None:
    """However long the file is, memory holds no more of it."""
    gate = threading.Event()
    read = noted = most = 0

    def source() -> Iterator[Row]:
        nonlocal read
        for row in rows(1000):
            read += 1
            yield row

    def operation(row: Row) -> Outcome:
        gate.wait()
        return Outcome("invited")

    def note(row: Row, outcome: Outcome) -> None:
        nonlocal noted, most
        noted += 1
        most = max(most, read - noted)

    threading.Timer(0.05, gate.set).start()
    assert batch.run(source(), operation, note) is None
    assert noted == 1000
    assert most < 2 * THREADS


@pytest.mark.parametrize("presses", [1, 3])
def test_an_interruption_lets_what_is_under_way_end_and_notes_it(presses: int) -> None:
    begun: list[str] = []
    before = signal.getsignal(signal.SIGINT)

    def operation(row: Row) -> Outcome:
        begun.append(row.email)
        if row.line == 12:
            for _ in range(presses):
                os.kill(os.getpid(), signal.SIGINT)
        return Outcome("invited")

    try:
        stop, noted = do(1000, operation)
    except KeyboardInterrupt:
        # Or it would end all tests.
        pytest.fail("The interruption went through.")
    assert isinstance(stop, Interrupted)
    assert stop.exit_code == 130
    assert sorted(begun) == sorted(email for email, _ in noted)
    assert len(noted) < 40
    assert signal.getsignal(signal.SIGINT) is before


def test_what_has_not_begun_when_it_stops_is_not_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: list[int] = []
    waits = 0
    first_ones, go_on = threading.Barrier(THREADS, timeout=30), threading.Event()

    def operation(row: Row) -> Outcome:
        begun.append(row.line)
        if row.line < 2 + THREADS:
            first_ones.wait()
        if row.line == 2:
            raise EndpointConnectionError(endpoint_url="https://example.com")
        go_on.wait(30)
        return Outcome("invited")

    def wait_again(pending: Any, **options: Any) -> Any:
        nonlocal waits
        waits += 1
        if waits == 2:
            go_on.set()
        return wait(pending, **options)

    monkeypatch.setattr(batch, "wait", wait_again)
    stop, noted = do(1000, operation)
    assert isinstance(stop, OperatorError)
    # Each thread had one, and that of the first was free for another at once.
    assert THREADS <= len(begun) <= THREADS + 1
    assert len(noted) == len(begun) - 1
