"""Amazon SageMaker's private workforces and work teams, which the library lacks.

The module is registered as the library's service "sagemaker": it answers requests,
forgets everything on a reset and keeps its state over a restart.
"""

from __future__ import annotations

import sys

from local_aws import hooks, iam, json_endpoint
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
    *json_endpoint.HOOKS,
    "ministack.app:_state_map",
    "ministack.core.responses:get_account_id",
    "ministack.core.responses:get_region",
    "ministack.core.responses:request_scope",
    "ministack.core.responses:error_response_json",
    "ministack.core.responses:json_response",
    "ministack.services.cognito:_user_pools",
)


def install() -> None:
    """Register SageMaker with the library, and what it keeps over a restart."""
    json_endpoint.register(
        "sagemaker", sys.modules[__name__], target_prefix="SageMaker."
    )
    hooks.replace("ministack.app:_state_map", _with_state)


def _with_state(modules: dict[str, str]) -> dict[str, str]:
    modules["sagemaker"] = "sagemaker"
    return modules


def reset() -> None:
    """Forget everything, also which permissions were asked."""
    clear()
    iam.clear_forwarded_permissions()
