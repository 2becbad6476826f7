"""Calls that CloudFormation makes to other services while it handles a resource.

They go through the services' own endpoints in process, so that a resource meets the
same checks as any other caller. `deployer_demands` asks for the deployer's permissions.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from ministack import app

_TARGETS = {
    "cognito": "AWSCognitoIdentityProviderService",
    "waf": "AWSWAF_20190729",
}
_SERVICE_NAMES = {"cognito": "CognitoIdentityProvider", "waf": "Wafv2"}


class CallFailed(ValueError):
    """A service refused a call; the text is what the stack event then shows."""

    def __init__(self, service: str, status: int, code: str, message: str) -> None:
        super().__init__(
            f'Resource handler returned message: "{message} (Service: {service}, '
            f'Status Code: {status}, Request ID: {uuid4()})" '
            f"(RequestToken: {uuid4()}, HandlerErrorCode: {handler_error_code(code)})"
        )
        self.code = code


def handler_error_code(code: str) -> str:
    """Return the resource handler's error code for an API error code."""
    if "NotFound" in code or "Nonexistent" in code:
        return "NotFound"
    if "Exists" in code or "Duplicate" in code:
        return "AlreadyExists"
    if "AccessDenied" in code:
        return "AccessDenied"
    return "InvalidRequest"


def call(module: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Call an operation of a service with a JSON protocol and return its answer.

    Raises:
        CallFailed: the service refuses.
    """
    service = importlib.import_module(f"ministack.services.{module}")
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": f"{_TARGETS[module]}.{operation}",
    }
    status, _, body = app.call_service_handler_sync(
        service.handle_request,
        "POST",
        "/",
        headers,
        json.dumps(parameters).encode(),
        {},
    )
    answer: dict[str, Any] = json.loads(body or b"{}")
    if status >= 400:
        code = str(answer.get("__type", "")).rpartition("#")[2]
        message = str(answer.get("message") or answer.get("Message") or code)
        raise CallFailed(_SERVICE_NAMES[module], status, code, message)
    return answer


def call_ignoring_absence(
    module: str, operation: str, parameters: Mapping[str, Any]
) -> None:
    """Call an operation that deletes; what is gone already needs no deleting."""
    try:
        call(module, operation, parameters)
    except CallFailed as failure:
        if handler_error_code(failure.code) != "NotFound":
            raise
