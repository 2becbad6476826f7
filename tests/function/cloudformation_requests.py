"""Custom resource requests as CloudFormation sends them, and where it takes answers."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from lambda_src.workforce import SECONDS_WITHOUT_CALLS

UUID = "0f2e9c1a-7b64-4d0e-9c55-3a1b2c3d4e5f"
STACK_ID = f"arn:aws:cloudformation:us-east-1:111111111111:stack/labels/{UUID}"
WORKFORCE_NAME = f"private-workforce-{UUID}"


def request(
    request_type: str, resource_type: str, properties: Any, **members: Any
) -> dict[str, Any]:
    """Return a request; further members overwrite or add to those it has."""
    event = {
        "RequestType": request_type,
        "ResourceType": resource_type,
        "ResourceProperties": {
            "ServiceToken": "arn:aws:lambda:us-east-1:111111111111:function:f",
            "ServiceTimeout": "1080",
            **properties,
        },
        "StackId": STACK_ID,
        "RequestId": "11111111-2222-3333-4444-555555555555",
        "LogicalResourceId": resource_type.removeprefix("Custom::"),
        "ResponseURL": "http://127.0.0.1:9/",
    }
    return {**event, **members}


@dataclass
class Context:
    """Lambda's context of an invocation that has some time left.

    A minute for AWS calls: plenty here, and what never ends fails soon.
    """

    seconds: float = SECONDS_WITHOUT_CALLS + 60
    log_stream_name: str = "2026/11/24/[$LATEST]0123456789abcdef"
    begun: float = field(default_factory=time.monotonic)

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left, as Lambda does."""
        return int((self.begun + self.seconds - time.monotonic()) * 1000)


@dataclass
class Answers:
    """What was put to the response URL, and how the next puts are answered."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    content_types: list[str | None] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)

    @property
    def accepted(self) -> list[dict[str, Any]]:
        """The bodies that were taken."""
        return [json.loads(body) for body in self.bodies]

    @property
    def only(self) -> dict[str, Any]:
        """The one body that was taken."""
        (body,) = self.accepted
        return body


class _Bucket(http.server.BaseHTTPRequestHandler):
    answers: ClassVar[Answers]

    def do_PUT(self) -> None:  # noqa: N802 (http.server's name)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.answers.refusals.pop(0) if self.answers.refusals else 200
        if status == 200:
            self.answers.bodies.append(body)
            self.answers.content_types.append(self.headers["Content-Type"])
        self.send_response(status)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def answers_taken() -> Iterator[Answers]:
    """Take answers on loopback for the time of a with block."""
    answers = Answers()
    handler = type("Bucket", (_Bucket,), {"answers": answers})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    answers.url = f"http://127.0.0.1:{server.server_port}/answer?signature=s3cret"
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}
    )
    thread.start()
    try:
        yield answers
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
