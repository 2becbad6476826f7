"""Resource types that the library rejects; each makes real state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local_aws.cloudformation import (
    cognito_resource_types,
    iam_resource_types,
    sagemaker_resource_types,
    wafv2_resource_types,
)

HANDLERS: dict[str, dict[str, Any]] = {
    **cognito_resource_types.HANDLERS,
    **iam_resource_types.HANDLERS,
    **sagemaker_resource_types.HANDLERS,
    **wafv2_resource_types.HANDLERS,
}


def registering(handlers: dict[str, Any]) -> dict[str, Any]:
    """Add the types to the library's."""
    handlers.update(HANDLERS)
    return handlers


def on_threads(original: Callable[[str], bool]) -> Callable[[str], bool]:
    """Wrap the choice of types that wait for something and so need a thread."""

    def runs_on_worker_thread(resource_type: str) -> bool:
        return resource_type in HANDLERS or original(resource_type)

    return runs_on_worker_thread
