"""Stack operations: what is cleaned up when, and what a rollback takes along.

The library runs one operation (create or update of one stack) as one coroutine. This
module keeps what the whole tree of nested operations has in common. Old resources are
deleted only when the root has succeeded; until then every child can be rolled back; a
resource whose creation failed is deleted with the rest (CloudFormation User Guide,
"Update behaviors of stack resources" and "Embed stacks within other stacks").
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ministack.core import responses
from ministack.services import cloudformation
from ministack.services.cloudformation import stacks

STACK = "AWS::CloudFormation::Stack"
CLEANING_UP = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
REVERSIBLE = "_reversible_operation"
UNFINISHED = "_failed_operation"
"""Where the library keeps a failed operation of a stack that does not roll back."""


@dataclass
class Operation:
    """One running operation on one stack."""

    stack_name: str
    stack_id: str
    is_update: bool = False
    disable_rollback: bool = False
    parent: Operation | None = None
    children: list[Operation] = field(default_factory=list)
    clean_up: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    is_rolling_back: bool = False
    is_cleaning_up: bool = False
    failed_creation: dict[str, Any] | None = None
    failure: str = ""
    announcement: tuple[Any, ...] | None = None
    """The IN_PROGRESS event that waits until it is known what happens."""
    created: set[str] = field(default_factory=set)
    """Logical ids that this update creates."""
    deletable: Mapping[str, Any] | None = None
    """The resources' definitions, where the order of deletions counts."""
    failed_deletions: list[str] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    """Logical ids of what must stay because something that needs it stays."""

    @property
    def postpones_deletion(self) -> bool:
        """Whether what is to be deleted has to wait for the root's success."""
        return self.is_update and not (self.is_rolling_back or self.is_cleaning_up)

    @property
    def stack(self) -> dict[str, Any]:
        """The library's record of the stack."""
        stack: dict[str, Any] = cloudformation._stacks[self.stack_name]
        return stack

    def creation_failed(
        self,
        logical_id: str,
        resource_type: str,
        physical_id: str,
        properties: dict[str, Any],
    ) -> None:
        """Remember a half-made resource, so that the rollback deletes it."""
        self.failed_creation = {
            "LogicalResourceId": logical_id,
            "ResourceType": resource_type,
            "PhysicalResourceId": physical_id,
            "Properties": properties,
            "Attributes": {},
            "ResourceStatus": "CREATE_FAILED",
            "Timestamp": responses.now_iso(),
        }


_current: contextvars.ContextVar[Operation | None] = contextvars.ContextVar(
    "local_aws_stack_operation", default=None
)
_started: contextvars.ContextVar[list[asyncio.Event] | None] = contextvars.ContextVar(
    "local_aws_started_operations", default=None
)


_waiting: dict[str, Callable[[], Any]] = {}


def when_over(stack_id: str, act: Callable[[], Any]) -> None:
    """Do something, as whoever asks for it, when a stack's operation has ended."""
    _waiting[stack_id] = functools.partial(contextvars.copy_context().run, act)


def current() -> Operation | None:
    """Return the operation that the running code belongs to."""
    return _current.get()


@contextlib.contextmanager
def running(operation: Operation) -> Iterator[None]:
    """Make an operation the one that the code within belongs to."""
    token = _current.set(operation)
    try:
        yield
    finally:
        _current.reset(token)


def deploying(original: Callable[..., Awaitable[None]]) -> Callable[..., Any]:
    """Wrap the coroutine that creates or updates one stack."""

    async def deploy(
        stack_name: str,
        stack_id: str,
        template: dict[str, Any],
        parameters: dict[str, Any],
        disable_rollback: bool,
        *arguments: Any,
        is_update: bool = False,
        previous_stack: dict[str, Any] | None = None,
        **further: Any,
    ) -> None:
        parent = _current.get()
        operation = Operation(stack_name, stack_id, is_update, disable_rollback, parent)
        try:
            with running(operation):
                await original(
                    stack_name,
                    stack_id,
                    template,
                    parameters,
                    disable_rollback,
                    *arguments,
                    is_update=is_update,
                    previous_stack=previous_stack,
                    **further,
                )
                await _finish(operation, template, parameters, previous_stack)
        finally:
            if (act := _waiting.pop(stack_id, None)) is not None:
                act()

    return deploy


async def _finish(
    operation: Operation,
    template: dict[str, Any],
    parameters: dict[str, Any],
    previous_stack: dict[str, Any] | None,
) -> None:
    stack = operation.stack
    if stack["StackStatus"] not in ("CREATE_COMPLETE", CLEANING_UP):
        if operation.failure and operation.disable_rollback:
            stack["StackStatusReason"] = operation.failure
        return
    if operation.parent is None:
        await _commit(operation)
        return
    order = stacks._topological_sort(
        template.get("Resources", {}), stack["_conditions"]
    )
    stack[REVERSIBLE] = stacks._failed_operation(
        operation.is_update,
        previous_stack,
        [logical_id for logical_id in order if logical_id in stack["_resources"]],
        None,
        None,
        [],
        False,
        template,
        parameters,
        False,
        stack.get("Tags") or [],
        (previous_stack or {}).get("Tags") or [],
    )
    operation.parent.children.append(operation)


async def _commit(operation: Operation) -> None:
    """Delete what the whole tree has replaced or removed, children first."""
    for child in operation.children:
        with running(child):
            await _commit(child)
    operation.is_cleaning_up = True
    for delete in operation.clean_up:
        await delete()
    stack = operation.stack
    stack.pop(REVERSIBLE, None)
    if stack["StackStatus"] == CLEANING_UP:
        stack["StackStatus"] = "UPDATE_COMPLETE"
        stacks._add_event(
            operation.stack_id,
            operation.stack_name,
            operation.stack_name,
            STACK,
            "UPDATE_COMPLETE",
            physical_id=operation.stack_id,
        )


def describing_failure(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the record of a failed operation: its reason and its half-made resource."""

    def failed_operation(
        is_update: bool,
        previous_stack: dict[str, Any] | None,
        created: list[str],
        failed_update: Any,
        failed_logical_id: str | None,
        *arguments: Any,
    ) -> Any:
        record = original(
            is_update,
            previous_stack,
            created,
            failed_update,
            failed_logical_id,
            *arguments,
        )
        operation = _current.get()
        if operation is None or failed_logical_id is None:
            return record
        verb = "create" if failed_update is None else "update"
        operation.failure = (
            f"The following resource(s) failed to {verb}: [{failed_logical_id}]. "
        )
        if failed_creation := operation.failed_creation:
            logical_id = failed_creation["LogicalResourceId"]
            operation.stack["_resources"][logical_id] = failed_creation
            record["created"].append(logical_id)
        return record

    return failed_operation


def rolling_back(original: Callable[..., Awaitable[None]]) -> Callable[..., Any]:
    """Wrap the rollback of one stack, by its own failure or by that of its parent."""

    async def roll_back(
        stack_name: str,
        stack_id: str,
        stack: dict[str, Any],
        failed: dict[str, Any],
        reason_override: str = "",
    ) -> None:
        operation = _current.get()
        if operation is None or operation.stack_id != stack_id:
            operation = Operation(stack_name, stack_id, parent=operation)
        operation.is_update = failed.get("is_update", False)
        operation.is_rolling_back = True
        reason = reason_override
        if not reason and operation.failure and not failed.get("cancelled"):
            reason = operation.failure
            if not operation.is_update:
                reason += "Rollback requested by user."
        stack["StackStatusReason"] = operation.failure or reason
        stack.pop(REVERSIBLE, None)
        with running(operation):
            await original(stack_name, stack_id, stack, failed, reason)
        previous = failed.get("previous_stack") or {}
        if "_conditions" in previous:
            stack["_conditions"] = previous["_conditions"]

    return roll_back


def continuing_rollback(original: Callable[..., Awaitable[None]]) -> Callable[..., Any]:
    """Wrap ContinueUpdateRollback, so that nested stacks continue theirs."""

    async def continue_rollback(
        stack_name: str, stack_id: str, resources_to_skip: Any
    ) -> None:
        operation = Operation(
            stack_name, stack_id, is_update=True, is_rolling_back=True
        )
        with running(operation):
            await original(stack_name, stack_id, resources_to_skip)

    return continue_rollback


def sending_back_every_failed_update(
    original: Callable[[str], bool],
) -> Callable[[str], bool]:
    """Wrap the choice of failed resources that the rollback writes: it is all of them.

    The library leaves out those of AWS types, whose handlers may have half succeeded.
    """
    del original
    return lambda resource_type: True


def starting(original: Callable[..., None]) -> Callable[..., None]:
    """Wrap the start of an operation's task, so that a parent can wait for its end."""

    def start(
        operation: Coroutine[Any, Any, None],
        stack: dict[str, Any] | None,
        stack_id: str | None = None,
    ) -> None:
        started = _started.get()
        if started is not None:
            done = asyncio.Event()
            started.append(done)
            operation = _signalling(operation, done)
        original(operation, stack, stack_id)

    return start


async def _signalling(
    operation: Coroutine[Any, Any, None], done: asyncio.Event
) -> None:
    _started.set(None)
    try:
        await operation
    finally:
        done.set()


async def completed(request: Callable[[], Awaitable[Any]]) -> Any:
    """Make a request and return its answer when the operation it started has ended."""
    started: list[asyncio.Event] = []
    token = _started.set(started)
    try:
        answer = await request()
    finally:
        _started.reset(token)
    for done in started:
        await done.wait()
    return answer
