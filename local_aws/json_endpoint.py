"""An endpoint of AWS's JSON 1.1 protocol, made of what runs its operations."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ministack.core import responses

from local_aws import iam

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
