"""The answers of custom resources: a PUT to a presigned URL, once and in time.

The URL stands for one in S3: it takes any number of PUTs, but CloudFormation reads the
first one only, and none after it gave up. Rules for an answer: CloudFormation User
Guide, "Custom resource response objects" (4,096 bytes; a physical id of 1 to 1,024
bytes). That a PUT with a content type is refused follows from the guide's own examples,
which send an empty one "because the signature covers it".
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from ministack.services.cloudformation import custom_resource as library

PATH = "/_ministack/cfn-response/"
LONGEST_ANSWER_BYTES = 4096
LONGEST_PHYSICAL_ID_BYTES = 1024


class Failed(Exception):
    """The resource failed; `physical_id` is what the answer calls it, if it does."""

    def __init__(self, reason: str, physical_id: str | None = None) -> None:
        super().__init__(reason)
        self.physical_id = physical_id


@dataclass
class Expected:
    """A request that waits for its answer."""

    stack_id: str
    logical_id: str
    request_id: str = field(default_factory=lambda: str(uuid4()))
    token: str = field(default_factory=lambda: str(uuid4()))
    signature: str = field(default_factory=lambda: secrets.token_hex(32))
    arrived: threading.Event = field(default_factory=threading.Event)
    body: bytes = b""

    @property
    def query(self) -> str:
        """The part of the URL that makes it a presigned one."""
        return f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature={self.signature}"


@dataclass(frozen=True)
class Answer:
    """An answer that CloudFormation accepts."""

    physical_id: str
    data: dict[str, Any]


def expect(stack_id: str, logical_id: str) -> Expected:
    """Return a new request to be answered.

    It is kept where the library keeps its own, so that a reset wakes who waits for it.
    """
    expected = Expected(stack_id, logical_id)
    with library._lock:
        library._pending[expected.token] = {
            "event": expected.arrived,
            "result": None,
            "expected": expected,
        }
    return expected


def accept(expected: Expected) -> Answer:
    """Return what the answer says.

    Raises:
        Failed: the answer is FAILED, or breaks a rule for answers.
    """
    if len(expected.body) > LONGEST_ANSWER_BYTES:
        raise Failed("Response object is too long.")
    try:
        answer = json.loads(expected.body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise Failed("Invalid response object: it is not a JSON object.")
    physical_id = answer.get("PhysicalResourceId")
    if (
        not isinstance(physical_id, str)
        or not 1 <= len(physical_id.encode()) <= LONGEST_PHYSICAL_ID_BYTES
    ):
        raise Failed("Invalid PhysicalResourceId")
    _compare(answer, expected, physical_id)
    if answer.get("Status") == "FAILED":
        reason = answer.get("Reason") or "null"
        raise Failed(
            "Received response status [FAILED] from custom resource. Message "
            f"returned: {reason} (RequestId: {expected.request_id})",
            physical_id,
        )
    if answer.get("Status") != "SUCCESS":
        raise Failed("Invalid response object: Status must be SUCCESS or FAILED.")
    data = answer.get("Data")
    if not isinstance(data, dict | None):
        raise Failed("Invalid response object: Data must be an object.", physical_id)
    return Answer(physical_id, data or {})


def _compare(answer: Mapping[str, Any], expected: Expected, physical_id: str) -> None:
    """Refuse an answer to another request; what AWS does with one is assumed."""
    for member, value in (
        ("StackId", expected.stack_id),
        ("RequestId", expected.request_id),
        ("LogicalResourceId", expected.logical_id),
    ):
        if answer.get(member) != value:
            raise Failed(
                f"Invalid response object: {member} is not that of the request.",
                physical_id,
            )


def receiving(original: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
    """Wrap the library's routes that need a body, one of which takes the answers."""

    async def handle(
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query_params: Mapping[str, list[str]],
        request_id: str,
    ) -> Any:
        if not path.startswith(PATH):
            return await original(method, path, headers, body, query_params, request_id)
        status = _receive(path.removeprefix(PATH), method, headers, query_params, body)
        return status, {}, b""

    return handle


def _receive(
    token: str,
    method: str,
    headers: Mapping[str, str],
    query: Mapping[str, list[str]],
    body: bytes,
) -> int:
    """Keep a first answer and return the HTTP status that S3 would give."""
    with library._lock:
        if token not in library._pending:
            return 404
        expected: Expected = library._pending[token]["expected"]
        is_signed = query.get("X-Amz-Signature") == [expected.signature]
        if method != "PUT" or not is_signed or headers.get("content-type"):
            return 403
        if not expected.arrived.is_set():
            expected.body = body
            expected.arrived.set()
    return 200
