"""The log of every AWS call that reaches the embedded AWS over HTTP.

What a function and its deployment asked for, in order, for tests ("the role has exactly
the rights that the handler uses") and for people who look for the reason of a failure.
Secrets are replaced before anything is kept.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local_aws.protocols import Request

_KEPT = 20_000
_LONGEST_VALUE = 4_096
_SECRET = re.compile(
    r"password|secret|token|session$|authorization|credential|usercode|"
    r"confirmationcode|responseurl|signature",
    re.IGNORECASE,
)
# Named like a secret, but none.
_HARMLESS = re.compile(
    r"passwordpolicy|tokenvalidity|clientrequesttoken|nexttoken|servicetoken|"
    r"revocation|generatesecret",
    re.IGNORECASE,
)


@dataclass
class Call:
    """One call. `status` is None while it runs, and stays so if no answer was sent."""

    number: int
    at: str
    caller: str
    service: str
    operation: str
    region: str
    parameters: dict[str, Any]
    status: int | None
    error_code: str | None
    resources: list[str]
    principal: str
    fault: str | None = None
    """The kind of the injected fault that hit the call."""


class CallLog:
    """The calls, oldest first; the oldest are dropped beyond 20,000."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=_KEPT)
        self._next_number = 1
        self._lock = threading.Lock()

    def begin(self, request: Request) -> Call:
        """Add the call that `request` makes; its outcome is filled in later."""
        with self._lock:
            call = Call(
                number=self._next_number,
                at=datetime.now(UTC).isoformat(timespec="milliseconds"),
                caller=request.caller,
                service=request.service,
                operation=request.operation,
                region=request.region,
                parameters=redacted(request.parameters),
                status=None,
                error_code=None,
                resources=request.resources,
                principal=request.principal,
            )
            self._next_number += 1
            self._calls.append(call)
        return call

    def matching(self, caller: str | None, operation: str | None) -> list[Call]:
        """Return the calls of `caller` to operations that match a pattern.

        The pattern must match all of "CreateGroup" or of "cognito-idp:CreateGroup".
        Raises re.error for a malformed one.
        """
        pattern = re.compile(operation or ".*")
        with self._lock:
            calls = list(self._calls)
        return [
            call
            for call in calls
            if caller in (None, "any", call.caller)
            and names(pattern, call.service, call.operation)
        ]

    def clear(self) -> None:
        """Forget all calls; the next one is number 1."""
        with self._lock:
            self._calls.clear()
            self._next_number = 1


def names(pattern: re.Pattern[str], service: str, operation: str) -> bool:
    """Return whether `pattern` means this operation, with or without its service."""
    full = f"{service}:{operation}"
    return bool(pattern.fullmatch(operation) or pattern.fullmatch(full))


def redacted(value: Any, name: str = "") -> Any:
    """Return `value` with secrets replaced and very long texts shortened."""
    if _HARMLESS.search(name):
        return value
    if isinstance(value, dict):
        return {key: redacted(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [redacted(inner, name) for inner in value]
    if isinstance(value, str) and _SECRET.search(name):
        return "****"
    if isinstance(value, str) and len(value) > _LONGEST_VALUE:
        return f"{value[:_LONGEST_VALUE]}... ({len(value)} characters)"
    return value
