"""AWS Service Catalog as far as one portfolio with CloudFormation products needs it.

A strict model, after the Service Catalog guides and API reference; nothing of it was
compared with AWS. Portfolios, products and constraints are made by CloudFormation only,
versions and launches by the API. It forgets everything when the process ends.
"""

from __future__ import annotations

import sys
from typing import Any

from local_aws import hooks, json_endpoint
from local_aws.servicecatalog.api import handle_request
from local_aws.servicecatalog.resource_types import HANDLERS
from local_aws.servicecatalog.state import reset

__all__ = ["HOOKS", "handle_request", "install", "reset"]

_RESOURCE_HANDLERS = "ministack.services.cloudformation.provisioners:_RESOURCE_HANDLERS"

HOOKS = (
    _RESOURCE_HANDLERS,
    *json_endpoint.HOOKS,
    "ministack.core.iam_evaluator:caller_arn",
    "ministack.services.cloudformation:handle_request",
    "ministack.services.s3:_get_object_data",
    "ministack.services.s3:handle_request",
)


def install() -> None:
    """Register Service Catalog and its resource types with the library."""
    json_endpoint.register(
        "servicecatalog",
        sys.modules[__name__],
        target_prefix="AWS242ServiceCatalogService.",
    )
    hooks.replace(_RESOURCE_HANDLERS, _with_types)


def _with_types(handlers: dict[str, Any]) -> dict[str, Any]:
    handlers.update(HANDLERS)
    return handlers
