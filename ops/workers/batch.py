"""One operation on many workers: some at a time, each noted at once, and a good end.

What only concerns one worker is noted and the others go on. What concerns all of them
(no network, credentials that have expired, Cognito's limit) stops the run.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice

from botocore.exceptions import BotoCoreError, ClientError

from lambda_src.workforce import Failure
from ops.errors import Interrupted, OperatorError, code_of, explain
from ops.workers.operations import trouble
from ops.workers.outcomes import NOT_SENT, REFUSED, Outcome
from ops.workers.pool import EMAILS_A_DAY, OVER_DAILY_LIMIT, THREADS
from ops.workers.rows import Row

#: So many refusals one after the other are not about single workers any more.
REFUSALS_IN_A_ROW = 20

DAILY_LIMIT = (
    f"Cognito's own sender sends {EMAILS_A_DAY} e-mails a day for the whole account"
)
USE_SES = (
    "set SesIdentityArn and FromEmailAddress in the parameter file and run "
    "`make deploy`"
)


def run(
    rows: Iterable[Row],
    operation: Callable[[Row], Outcome],
    note: Callable[[Row, Outcome], None],
) -> OperatorError | None:
    """Do something to each worker, and note each outcome as soon as it is known.

    Args:
        rows: The workers; only a few are read ahead.
        operation: What is done, in several threads.
        note: Takes each outcome, in one thread.

    Returns:
        What stopped it before the end, or None.
    """
    source = iter(rows)
    refused = 0
    stop: OperatorError | None = None
    pending: dict[Future[Outcome], Row] = {}
    with _interruptible() as interrupted, ThreadPoolExecutor(THREADS) as threads:
        while True:
            if interrupted():
                stop = stop or Interrupted("Interrupted.")
            if stop is None:
                for row in islice(source, 2 * THREADS - len(pending)):
                    pending[threads.submit(operation, row)] = row
            else:
                for future in [each for each in pending if each.cancel()]:
                    del pending[future]
            if not pending:
                return stop
            for future in wait(pending, return_when=FIRST_COMPLETED).done:
                row = pending.pop(future)
                outcome, problem = _outcome(future)
                stop = stop or problem
                if outcome is None:
                    continue
                note(row, outcome)
                refused = refused + 1 if outcome.what == REFUSED else 0
                if refused == REFUSALS_IN_A_ROW:
                    stop = stop or OperatorError(
                        f"{refused} workers one after the other were refused, the last "
                        f"one so: {outcome.detail}"
                    )


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Yield what tells whether Ctrl-C was pressed, however often.

    It is only noted: an exception in the middle of anything could lose the outcome of
    a call, and the calls under way end soon.
    """
    pressed = threading.Event()
    before = signal.signal(signal.SIGINT, lambda number, frame: pressed.set())
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def _outcome(future: Future[Outcome]) -> tuple[Outcome | None, OperatorError | None]:
    """Return the outcome for the worker, and what stops everything."""
    try:
        return future.result(), None
    except Failure as error:
        return trouble(error), None
    except ClientError as error:
        if code_of(error) == OVER_DAILY_LIMIT:
            limit = OperatorError(
                f"{DAILY_LIMIT}, and that is reached.",
                f"Run the same command again tomorrow; to send more, {USE_SES}.",
            )
            return Outcome(NOT_SENT, f"{DAILY_LIMIT}."), limit
        outcome = trouble(error)
        return outcome, None if outcome else explain(error)
    except BotoCoreError as error:
        return None, explain(error)
