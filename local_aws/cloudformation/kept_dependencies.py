"""What a resource needs that could not be deleted stays, too.

CloudFormation deletes in the reverse order of dependencies, so it does not come to what
a resource depends on before that resource is gone (observed: the function behind a
custom resource whose deletion failed is still there). The library goes on to all of it.
Here each shows a DELETE_FAILED event, of which AWS sends none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import stacks


def keeping(original: Callable[..., None]) -> Callable[..., None]:
    """Wrap the deletion of a resource by the engine."""

    def delete(
        resource_type: str,
        physical_id: str,
        properties: dict[str, Any],
        stack_name: str | None = None,
        logical_id: str | None = None,
    ) -> None:
        stack = cloudformation._stacks.get(stack_name) or {}
        if stack.get("StackStatus") == "DELETE_IN_PROGRESS":
            _check_unneeded(stack, logical_id)
        original(resource_type, physical_id, properties, stack_name, logical_id)

    return delete


def _check_unneeded(stack: dict[str, Any], logical_id: str | None) -> None:
    resources: dict[str, dict[str, Any]] = stack.get("_resources", {})
    definitions = (stack.get("_template") or {}).get("Resources", {})
    for title, resource in resources.items():
        if title == logical_id or resource.get("ResourceStatus") != "DELETE_FAILED":
            continue
        needed = stacks._with_dependencies([title], definitions, set(resources))
        if logical_id in needed:
            raise ValueError(
                f"{logical_id} is needed by {title}, which is still there."
            )
