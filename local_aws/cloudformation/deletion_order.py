"""What stays when the deletion of a resource fails.

CloudFormation deletes a resource only after everything that depends on it, so what a
resource that cannot be deleted depends on stays in the stack, for the next attempt
(CloudFormation User Guide, "DependsOn attribute"). The library goes on, and would for
example delete a function whose custom resource is still there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import stacks

from local_aws.cloudformation import operations
from local_aws.cloudformation.operations import Operation


class Kept(Exception):
    """A resource is not deleted yet; the engine shows it as one that failed."""


def deleting(original: Callable[..., Awaitable[None]]) -> Callable[..., Any]:
    """Wrap the coroutine that deletes one stack."""

    async def delete(
        stack_name: str,
        stack_id: str,
        retain_resources: Any = (),
        force: bool = False,
    ) -> None:
        stack = cloudformation._stacks[stack_name]
        parent = operations.current()
        operation = Operation(stack_name, stack_id, parent=parent)
        operation.is_rolling_back = parent is not None and parent.is_rolling_back
        if not force:
            operation.deletable = (stack.get("_template") or {}).get("Resources", {})
        with operations.running(operation):
            records = dict(stack["_resources"])
            await original(stack_name, stack_id, retain_resources, force)
            _keep(operation, records)

    return delete


def rolling_back(original: Callable[..., Awaitable[None]]) -> Callable[..., Any]:
    """Wrap the rollback of one stack; that of a creation deletes like a deletion."""

    async def roll_back(
        stack_name: str,
        stack_id: str,
        stack: dict[str, Any],
        failed: dict[str, Any],
        reason_override: str = "",
    ) -> None:
        operation = operations.current()
        records = dict(stack["_resources"])
        if operation is not None and not failed.get("is_update"):
            operation.deletable = (failed.get("template") or {}).get("Resources", {})
        await original(stack_name, stack_id, stack, failed, reason_override)
        if operation is not None and operation.deletable:
            _keep(operation, records)

    return roll_back


def _keep(operation: Operation, records: Mapping[str, dict[str, Any]]) -> None:
    """Put back what the engine has forgotten or shows as failed, but is only kept."""
    stack = operation.stack
    for logical_id in operation.failed_deletions:
        record = {**records[logical_id], "ResourceStatus": "DELETE_FAILED"}
        stack["_resources"][logical_id] = record
    for logical_id in operation.kept & records.keys():
        record = {**records[logical_id], "ResourceStatus": "CREATE_COMPLETE"}
        record.pop("ResourceStatusReason", None)
        stack["_resources"][logical_id] = record
    if operation.failed_deletions:
        stack["StackStatusReason"] = reason(operation)


def guarding(original: Callable[..., None]) -> Callable[..., None]:
    """Wrap the deletion of one resource: what has to stay is not deleted."""

    def delete(
        resource_type: str,
        physical_id: str,
        properties: dict[str, Any],
        stack_name: str | None = None,
        logical_id: str | None = None,
    ) -> None:
        operation = operations.current()
        if operation is not None and logical_id in operation.kept:
            raise Kept
        original(resource_type, physical_id, properties, stack_name, logical_id)

    return delete


def shows(operation: Operation, logical_id: str, status: str) -> bool:
    """Tell whether an event of a resource is to be recorded, and draw conclusions."""
    if operation.deletable is None or not status.startswith("DELETE_"):
        return True
    if logical_id in operation.kept:
        return False
    if status == "DELETE_FAILED":
        operation.failed_deletions.append(logical_id)
        operation.kept |= stacks._with_dependencies(
            [logical_id], operation.deletable, set(operation.deletable)
        ) - {logical_id}
    return True


def reason(operation: Operation) -> str:
    """Return why the stack could not be deleted or rolled back."""
    names = ", ".join(operation.failed_deletions)
    return f"The following resource(s) failed to delete: [{names}]. "
