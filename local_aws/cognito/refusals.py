"""How a check refuses a Cognito call, and how it is put before an operation.

The library implements an operation as a function from the request to the response,
which both the endpoint and the CloudFormation resource call. A check before that
function therefore holds for both.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core import responses

Request = dict[str, Any]
Response = tuple[int, dict[str, str], bytes]
Operation = Callable[[Request], Response]
Check = Callable[[Request], None]


class Refusal(Exception):
    """A refused call: the error code and the message that the client reads."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def response(self) -> Response:
        """Return the HTTP response of the refused call."""
        answer: Response = responses.error_response_json(self.code, self.message, 400)
        return answer


def invalid_parameter(message: str) -> Refusal:
    """Return the error that Cognito gives for most bad input."""
    return Refusal("InvalidParameterException", message)


def checking(*checks: Check) -> Callable[[Operation], Operation]:
    """Return a wrapper that runs checks before an operation."""

    def wrap(original: Operation) -> Operation:
        def operation(request: Request) -> Response:
            try:
                for check in checks:
                    check(request)
            except Refusal as refusal:
                return refusal.response()
            return original(request)

        return operation

    return wrap


def succeeded(response: Response) -> bool:
    """Tell whether an operation was accepted."""
    return response[0] < 400


def body_of(response: Response) -> dict[str, Any]:
    """Return the JSON body of a response."""
    body: dict[str, Any] = json.loads(response[2] or b"{}")
    return body


def in_turn(
    *wrappers: Callable[[Operation], Operation],
) -> Callable[[Operation], Operation]:
    """Return one wrapper out of several; the first is the outermost."""

    def wrap(original: Operation) -> Operation:
        for wrapper in reversed(wrappers):
            original = wrapper(original)
        return original

    return wrap


def member(request: Mapping[str, Any], *path: str) -> Any:
    """Return a nested member of a request, or None where the path ends early."""
    value: Any = request
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
