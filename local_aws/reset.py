"""Making the embedded AWS empty again, completely, while it runs.

MiniStack's own reset clears its stores. What it leaves alone would leak into the next
test: stack operations in progress, custom resources that wait for an answer, functions
that run, calls that are held back. They are ended first.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import PurePath
from typing import Any

from ministack import app
from ministack.core import lambda_runtime
from ministack.services.cloudformation import custom_resource, wait_conditions

from local_aws import functions

HOOKS = (
    "ministack.app:_get_reset_lock",
    "ministack.app:_reset_all_state",
    "ministack.core.lambda_runtime:reset",
    "ministack.services.cloudformation.custom_resource:_lock",
    "ministack.services.cloudformation.custom_resource:_pending",
    "ministack.services.cloudformation.wait_conditions:reset",
)

_LONGEST_SECONDS = 5.0
_POLL_SECONDS = 0.01


async def reset() -> None:
    """Empty every store; raises TimeoutError if a stack operation cannot be ended."""
    # MiniStack lets no new request in while this lock is held.
    async with app._get_reset_lock():
        await end_operations()
        await asyncio.to_thread(app._reset_all_state)


async def end_operations() -> None:
    """End functions and stack operations that run.

    A stack operation that waits in a thread goes on until its thread notices, and may
    then invoke a function once more (the Delete after a failed Create), so this is
    repeated until none is left. Raises TimeoutError after five seconds.
    """
    end = time.monotonic() + _LONGEST_SECONDS
    functions.discard_events()
    while True:
        await asyncio.to_thread(lambda_runtime.reset)
        _wake_custom_resources()
        wait_conditions.reset()
        operations = _stack_operations()
        if not operations and not functions.are_running():
            return
        if time.monotonic() > end:
            raise TimeoutError(
                f"{len(operations)} stack operations did not end. "
                "Stop the embedded AWS and start it again."
            )
        for operation in operations:
            operation.cancel()
        await asyncio.sleep(_POLL_SECONDS)


def running_operations() -> int:
    """Return how many stack operations run."""
    return len(_stack_operations())


async def operations_ended(longest_seconds: float) -> None:
    """Wait until no stack operation runs, but not longer than that."""
    end = time.monotonic() + longest_seconds
    while _stack_operations() and time.monotonic() < end:
        await asyncio.sleep(_POLL_SECONDS)


def _wake_custom_resources() -> None:
    """Let every wait for the answer of a custom resource end without an answer."""
    with custom_resource._lock:
        waiting = list(custom_resource._pending.values())
        custom_resource._pending.clear()
    for each in waiting:
        each["event"].set()


def _stack_operations() -> list[asyncio.Task[Any]]:
    return [task for task in asyncio.all_tasks() if _is_stack_operation(task)]


def _is_stack_operation(task: asyncio.Task[Any]) -> bool:
    """Return whether a task runs MiniStack's CloudFormation (by its source file)."""
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and "cloudformation" in PurePath(code.co_filename).parts
