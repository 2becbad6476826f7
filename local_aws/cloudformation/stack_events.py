"""Stack events as CloudFormation writes them.

The library announces every resource of an update, also those that do not change, calls
a creation within an update an update, and ends an update before its clean-up. Reasons:
observed wording of CloudFormation ("The following resource(s) failed to create:
[...]").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local_aws.cloudformation import (
    deletion_order,
    operations,
    status_notifications,
)
from local_aws.cloudformation.operations import Operation

Record = Callable[..., None]


def recording(original: Record) -> Record:
    """Wrap the function that records one stack event."""

    def record(
        stack_id: str,
        stack_name: str,
        logical_id: str,
        resource_type: str,
        status: str,
        reason: str = "",
        physical_id: str = "",
        detailed_status: str = "",
    ) -> None:
        operation = operations.current()
        if operation is not None and operation.stack_id != stack_id:
            operation = None
        if physical_id == stack_id:
            if operation is not None:
                status, reason = _of_stack(operation, status, reason)
            original(
                stack_id,
                stack_name,
                logical_id,
                resource_type,
                status,
                reason,
                physical_id,
                detailed_status,
            )
            status_notifications.put(stack_id, status, reason)
            return
        event = (stack_id, stack_name, logical_id, resource_type)
        outcome = (reason, physical_id, detailed_status)
        if operation is None or not operation.postpones_deletion:
            if operation is None or deletion_order.shows(operation, logical_id, status):
                original(*event, status, *outcome)
        else:
            _of_resource_in_update(original, operation, event, status, outcome)

    return record


def _of_stack(operation: Operation, status: str, reason: str) -> tuple[str, str]:
    """Return status and reason of an event of the stack itself."""
    if status == "UPDATE_COMPLETE" and operation.postpones_deletion:
        operation.stack["StackStatus"] = operations.CLEANING_UP
        return operations.CLEANING_UP, reason
    if status in ("CREATE_FAILED", "UPDATE_FAILED") and operation.failure:
        return status, operation.failure
    if status in ("DELETE_FAILED", "ROLLBACK_FAILED"):
        return status, deletion_order.reason(operation)
    return status, reason


def _of_resource_in_update(
    original: Record,
    operation: Operation,
    event: tuple[str, str, str, str],
    status: str,
    outcome: tuple[str, str, str],
) -> None:
    logical_id = event[2]
    if status == "UPDATE_IN_PROGRESS" and not outcome[0]:
        operation.announcement = (original, event, outcome)
        return
    is_unchanged = operation.announcement is not None
    if status == "UPDATE_IN_PROGRESS":
        operation.announcement = None
    elif status == "UPDATE_COMPLETE" and is_unchanged:
        operation.announcement = None
        return
    elif status == "UPDATE_FAILED":
        announce(logical_id, "UPDATE_IN_PROGRESS")
    if logical_id in operation.created:
        status = status.replace("UPDATE_", "CREATE_")
    original(*event, status, *outcome)


def announce(logical_id: str | None, status: str) -> None:
    """Record the event that was held back until it was known what happens."""
    operation = operations.current()
    if operation is None or operation.announcement is None:
        return
    original, event, outcome = operation.announcement
    operation.announcement = None
    if status == "CREATE_IN_PROGRESS" and logical_id is not None:
        operation.created.add(logical_id)
    original(*event, status, *outcome)


def announcing_creation(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the creation of one resource by the engine."""

    def provision(
        resource_type: str, logical_id: str, properties: Any, stack_name: str
    ) -> Any:
        announce(logical_id, "CREATE_IN_PROGRESS")
        return original(resource_type, logical_id, properties, stack_name)

    return provision


def announcing_update(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the update of one resource by the engine."""

    def update(
        resource_type: str,
        physical_id: str,
        old: Any,
        new: Any,
        stack_name: str,
        logical_id: str | None = None,
        old_attributes: Any = None,
    ) -> Any:
        if old != new:
            announce(logical_id, "UPDATE_IN_PROGRESS")
        return original(
            resource_type, physical_id, old, new, stack_name, logical_id, old_attributes
        )

    return update
