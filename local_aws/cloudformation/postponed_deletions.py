"""Deletions that wait until the root of an update has succeeded.

CloudFormation deletes what an update has replaced or removed in the clean-up after it
(CloudFormation User Guide, "Update behaviors of stack resources"). The library deletes
within the update, where the update of the root can still fail.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ministack.core import concurrency
from ministack.services.cloudformation import stacks

from local_aws.cloudformation import operations


def postponing_deletion(original: Callable[..., None]) -> Callable[..., None]:
    """Wrap the deletion of a resource: during an update it waits for the clean-up."""

    def delete(
        resource_type: str,
        physical_id: str,
        properties: dict[str, Any],
        stack_name: str | None = None,
        logical_id: str | None = None,
    ) -> None:
        operation = operations.current()
        remove = functools.partial(
            original, resource_type, physical_id, properties, stack_name, logical_id
        )
        if operation is None or not operation.postpones_deletion:
            remove()
            return
        operation.clean_up.append(
            functools.partial(
                _delete_in_clean_up,
                operation,
                remove,
                (logical_id, resource_type),
                physical_id,
            )
        )

    return delete


async def _delete_in_clean_up(
    operation: operations.Operation,
    remove: Callable[[], None],
    subject: tuple[str | None, str],
    physical_id: str,
) -> None:
    """Delete one old resource; if that fails, CloudFormation abandons it."""

    def record(status: str, reason: str = "") -> None:
        stacks._add_event(
            operation.stack_id,
            operation.stack_name,
            *subject,
            status,
            reason,
            physical_id,
        )

    record("DELETE_IN_PROGRESS")
    try:
        await concurrency.run_reentrant(remove)
    except Exception as error:
        record("DELETE_FAILED", str(error))
    else:
        record("DELETE_COMPLETE")


def postponing_predecessor(original: Callable[..., None]) -> Callable[..., None]:
    """Wrap the deletion that a resource handler asks for after a replacement."""

    def delete_predecessor(
        delete: Callable[..., None], *arguments: Any, **further: Any
    ) -> None:
        original(functools.partial(_postponed, delete), *arguments, **further)

    return delete_predecessor


def _postponed(delete: Callable[..., None], *arguments: Any, **further: Any) -> None:
    operation = operations.current()
    remove = functools.partial(delete, *arguments, **further)
    if operation is None or not operation.postpones_deletion:
        remove()
        return

    async def remove_quietly() -> None:
        """The engine's own deletion of the same resource makes the events."""
        remove()

    operation.clean_up.append(remove_quietly)
