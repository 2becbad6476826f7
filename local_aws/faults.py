"""Faults that the embedded AWS is told to have: which calls they hit, and how.

A fault hits the `nth` call that it matches and the `times - 1` after it (`times` 0: all
after it). What a call then meets is its `kind`:

- throttle: the service's own throttling error, which SDKs retry;
- 500: the service's internal error, which SDKs retry too;
- timeout: no answer, until the client gives up; the call has no effect;
- cut_before, cut_after: the connection is reset before, or after, the call took effect;
- anything else: an error with that code.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import threading
from dataclasses import dataclass
from typing import Any

import botocore.exceptions
import botocore.loaders

from local_aws.calls import names
from local_aws.protocols import RESPONSE_SERVICE, Answer, Request, error

UNANSWERED = ("timeout", "cut_before", "cut_after")

_CALLERS = ("any", "function", "client")

# As services call it in their models; the first that an operation declares is used.
_THROTTLING = ("TooManyRequestsException", "ThrottlingException")
_INTERNAL = (
    "InternalErrorException",
    "InternalServerError",
    "InternalServerException",
    "ServiceException",
)


class FaultError(ValueError):
    """A fault is described wrongly."""


@dataclass(frozen=True)
class Fault:
    """A fault as it was asked for."""

    operation: str
    kind: str
    caller: str = "any"
    nth: int = 1
    times: int = 1
    message: str = ""

    def matches(self, request: Request) -> bool:
        """Return whether `request` counts for this fault."""
        if self.caller not in ("any", request.caller):
            return False
        return names(re.compile(self.operation), request.service, request.operation)

    def answer(self, request: Request) -> Answer:
        """Return the error that `request` gets, for a kind that answers."""
        if self.kind == "throttle":
            code, status = _throttling(request)
            return error(request, code, self.message or "Rate exceeded", status)
        if self.kind == "500":
            code, status = _internal(request)
            return error(request, code, self.message or "Injected fault", status)
        declared = _declared_errors(request.service, request.operation)
        status = declared.get(self.kind, 400)
        return error(request, self.kind, self.message or "Injected fault", status)


def fault_from(document: dict[str, Any]) -> Fault:
    """Return the fault that a JSON document asks for; raises FaultError."""
    fields = {each.name: each for each in dataclasses.fields(Fault)}
    if unknown := sorted(set(document) - set(fields)):
        raise FaultError(
            f"A fault has no {', '.join(unknown)}. It has: {', '.join(fields)}."
        )
    for name in ("operation", "kind"):
        if not document.get(name):
            raise FaultError(f"A fault needs {name!r}, such as CreateWorkforce or 500.")
    for name, value in document.items():
        wanted = int if name in ("nth", "times") else str
        if type(value) is not wanted:
            raise FaultError(f"{name!r} takes a {wanted.__name__}, not {value!r}.")
    fault = Fault(**document)
    if fault.caller not in _CALLERS:
        raise FaultError(f"'caller' is one of {', '.join(_CALLERS)}.")
    if fault.nth < 1 or fault.times < 0:
        raise FaultError("'nth' counts from 1, and 'times' from 0 (for ever).")
    try:
        re.compile(fault.operation)
    except re.error as problem:
        raise FaultError(f"'operation' is no regular expression: {problem}.") from None
    return fault


class Faults:
    """The faults in force; each counts the calls that it matches."""

    def __init__(self) -> None:
        self._seen: list[tuple[Fault, list[int]]] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Put a fault in force; calls are counted from now on."""
        with self._lock:
            self._seen.append((fault, [0]))

    def clear(self) -> None:
        """Forget all faults."""
        with self._lock:
            self._seen.clear()

    def take(self, request: Request) -> Fault | None:
        """Count `request` for every fault that it matches; return the first due."""
        due = None
        with self._lock:
            for fault, count in self._seen:
                if not fault.matches(request):
                    continue
                count[0] += 1
                over = count[0] - fault.nth
                if over >= 0 and (fault.times == 0 or over < fault.times):
                    due = due or fault
        return due


def _throttling(request: Request) -> tuple[str, int]:
    """Return the throttling error of the operation.

    Source: each operation's "Errors", else the service's "Common Errors" (query
    protocol: Throttling; Amazon S3 error responses: SlowDown).
    """
    if request.service in ("s3", RESPONSE_SERVICE):
        return "SlowDown", 503
    declared = _declared_errors(request.service, request.operation)
    for code in _THROTTLING:
        if code in declared:
            return code, declared[code]
    query = "Action" in request.query or b"Action=" in request.body
    return ("Throttling" if query else "ThrottlingException"), 400


def _internal(request: Request) -> tuple[str, int]:
    """Return the internal error of the operation; sources as for throttling."""
    if request.service in ("s3", RESPONSE_SERVICE):
        return "InternalError", 500
    declared = _declared_errors(request.service, request.operation)
    for code in _INTERNAL:
        if code in declared:
            return code, max(declared[code], 500)
    return "InternalFailure", 500


def _declared_errors(service: str, operation: str) -> dict[str, int]:
    """Return the error codes that an operation declares, with their HTTP status."""
    return _errors_by_operation(service).get(operation, {})


@functools.cache
def _errors_by_operation(service: str) -> dict[str, dict[str, int]]:
    """Read the errors of all operations from botocore's model of the service."""
    try:
        model = botocore.loaders.Loader().load_service_model(service, "service-2")
    except botocore.exceptions.UnknownServiceError:
        return {}
    declared: dict[str, dict[str, int]] = {}
    for name, operation in model["operations"].items():
        declared[name] = {}
        for each in operation.get("errors", []):
            shape = model["shapes"][each["shape"]]
            wire = shape.get("error", {})
            status = wire.get("httpStatusCode", 500 if shape.get("fault") else 400)
            declared[name][wire.get("code", each["shape"])] = status
    return declared
