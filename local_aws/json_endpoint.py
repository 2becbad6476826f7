"""A service of AWS's JSON 1.1 protocol that the library lacks: made, and registered."""

from __future__ import annotations

import functools
import json
from collections.abc import Awaitable, Callable, Mapping
from types import ModuleType
from typing import Any

from ministack.core import responses

from local_aws import hooks, iam

#: What the library knows a service by.
HOOKS = (
    "ministack.app:SERVICE_REGISTRY",
    "ministack.app:SERVICE_HANDLERS",
    "ministack.app:_loaded_modules",
    "ministack.core.iam_actions:SERVICE_TO_IAM_NAMESPACE",
    "ministack.core.router:SERVICE_PATTERNS",
)

Answer = tuple[int, dict[str, str], bytes]
#: Takes the operation and its parameters, and returns what the client reads.
Call = Callable[[str, Mapping[str, Any]], dict[str, Any]]


class Refused(Exception):
    """A refused call: the code and the message that the client reads."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def endpoint(call: Call) -> Callable[..., Awaitable[Answer]]:
    """Return what the library expects of its services: the answer to an HTTP request.

    Args:
        call: Runs one operation; what it refuses it raises as `Refused`, or as
            `iam.AccessDenied`.
    """

    async def handle_request(
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query_params: Mapping[str, Any],
    ) -> Answer:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        try:
            with iam.called_by(headers, query_params):
                answer = call(operation, json.loads(body or b"{}"))
        except (Refused, iam.AccessDenied) as error:
            refusal: Answer = responses.error_response_json(
                error.code, error.message, 400
            )
            return refusal
        accepted: Answer = responses.json_response(answer)
        return accepted

    return handle_request


def register(service: str, module: ModuleType, *, target_prefix: str) -> None:
    """Make a module one of the library's services.

    Args:
        service: The service's name, which is also that of its actions in IAM.
        module: Has `handle_request`, and `reset` to forget everything.
        target_prefix: What its operations' names begin with in X-Amz-Target.
    """
    values: tuple[object, ...] = (
        {"module": service},
        module.handle_request,
        module,
        service,
        {"target_prefixes": [target_prefix]},
    )
    for name, value in zip(HOOKS, values, strict=True):
        add = functools.partial(_registered, service=service, value=value)
        hooks.replace(name, add)


def _registered(
    registry: dict[str, Any], service: str, value: object
) -> dict[str, Any]:
    """Add to a registry in place, as other modules hold it by reference."""
    registry[service] = value
    return registry
