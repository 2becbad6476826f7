"""Amazon SageMaker's private workforces and work teams, which the library lacks.

The module is registered as the library's service "sagemaker": it answers requests,
forgets everything on a reset and keeps its state over a restart.
"""

from __future__ import annotations

import functools
import sys
from typing import Any

from local_aws import hooks, iam
from local_aws.sagemaker.api import call, handle_request
from local_aws.sagemaker.errors import SageMakerError
from local_aws.sagemaker.state import clear, get_state, load_persisted_state

__all__ = [
    "HOOKS",
    "SageMakerError",
    "call",
    "get_state",
    "handle_request",
    "install",
    "load_persisted_state",
    "reset",
]

HOOKS = (
    "ministack.app:SERVICE_REGISTRY",
    "ministack.app:SERVICE_HANDLERS",
    "ministack.app:_loaded_modules",
    "ministack.app:_state_map",
    "ministack.core.router:SERVICE_PATTERNS",
    "ministack.core.responses:get_account_id",
    "ministack.core.responses:get_region",
    "ministack.core.responses:request_scope",
    "ministack.core.responses:error_response_json",
    "ministack.core.responses:json_response",
    "ministack.services.cognito:_user_pools",
)


def install() -> None:
    """Register SageMaker with the library."""
    this_module = sys.modules[__name__]
    for name, value in (
        ("ministack.app:SERVICE_REGISTRY", {"module": "sagemaker"}),
        ("ministack.app:SERVICE_HANDLERS", handle_request),
        ("ministack.app:_loaded_modules", this_module),
        ("ministack.app:_state_map", "sagemaker"),
        (
            "ministack.core.router:SERVICE_PATTERNS",
            {"target_prefixes": ["SageMaker."]},
        ),
    ):
        hooks.replace(name, functools.partial(_registered, value=value))


def _registered(registry: dict[str, Any], value: object) -> dict[str, Any]:
    """Add SageMaker to a registry in place, as other modules hold it by reference."""
    registry["sagemaker"] = value
    return registry


def reset() -> None:
    """Forget everything, also which permissions were asked."""
    clear()
    iam.clear_forwarded_permissions()
