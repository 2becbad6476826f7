"""AWS Service Catalog as far as one portfolio with CloudFormation products needs it.

A strict model, after the Service Catalog guides and API reference; nothing of it was
compared with AWS. Portfolios, products and constraints are made by CloudFormation only,
versions and launches by the API. It forgets everything when the process ends.
"""

from __future__ import annotations

import functools
import sys
from typing import Any

from local_aws import hooks
from local_aws.servicecatalog.api import handle_request
from local_aws.servicecatalog.resource_types import HANDLERS
from local_aws.servicecatalog.state import reset

__all__ = ["HOOKS", "handle_request", "install", "reset"]

_SERVICE = "servicecatalog"
_RESOURCE_HANDLERS = "ministack.services.cloudformation.provisioners:_RESOURCE_HANDLERS"

HOOKS = (
    _RESOURCE_HANDLERS,
    "ministack.app:SERVICE_REGISTRY",
    "ministack.app:SERVICE_HANDLERS",
    "ministack.app:_loaded_modules",
    "ministack.core.iam_actions:SERVICE_TO_IAM_NAMESPACE",
    "ministack.core.iam_evaluator:caller_arn",
    "ministack.core.router:SERVICE_PATTERNS",
    "ministack.services.cloudformation:handle_request",
    "ministack.services.s3:_get_object_data",
    "ministack.services.s3:handle_request",
)


def install() -> None:
    """Register Service Catalog and its resource types with the library."""
    for name, value in (
        ("ministack.app:SERVICE_REGISTRY", {"module": _SERVICE}),
        ("ministack.app:SERVICE_HANDLERS", handle_request),
        ("ministack.app:_loaded_modules", sys.modules[__name__]),
        ("ministack.core.iam_actions:SERVICE_TO_IAM_NAMESPACE", _SERVICE),
        (
            "ministack.core.router:SERVICE_PATTERNS",
            {"target_prefixes": ["AWS242ServiceCatalogService."]},
        ),
    ):
        hooks.replace(name, functools.partial(_registered, value=value))
    hooks.replace(_RESOURCE_HANDLERS, _with_types)


def _registered(registry: dict[str, Any], value: object) -> dict[str, Any]:
    registry[_SERVICE] = value
    return registry


def _with_types(handlers: dict[str, Any]) -> dict[str, Any]:
    handlers.update(HANDLERS)
    return handlers
