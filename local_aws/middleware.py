"""What every HTTP request passes before MiniStack sees it.

The control API answers its own paths, and a site (`local_aws.web`) its own names. An
AWS call is logged, may meet a fault, is validated against AWS's API model, and, if a
waiter asks it, is held until there is news. Everything else goes through untouched, and
so does every body.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

from local_aws import faults, hooks, protocols, validation, waiters
from local_aws.calls import Call, CallLog
from local_aws.faults import Fault, Faults
from local_aws.protocols import Answer, Request
from local_aws.web import sites

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

HOOKS = (*protocols.HOOKS, "hypercorn.asyncio.tcp_server:TCPServer.run")

CONTROL_PREFIX = "/_local_aws/"

_writers: dict[tuple[str, int], asyncio.StreamWriter] = {}


class Control(Protocol):
    """What answers the control API."""

    async def answer(
        self, method: str, path: str, query: bytes, headers: Any, body: bytes
    ) -> Answer:
        """Return the answer of one control endpoint."""


def install() -> None:
    """Keep the connections of hypercorn at hand, to be able to cut one."""
    hooks.replace("hypercorn.asyncio.tcp_server:TCPServer.run", _keeping_writer)


def _keeping_writer(run: Callable[[Any], Awaitable[None]]) -> Any:
    async def keep(server: Any) -> None:
        client = server.writer.get_extra_info("peername")
        _writers[client] = server.writer
        try:
            await run(server)
        finally:
            _writers.pop(client, None)

    return keep


class Middleware:
    """The ASGI application around MiniStack's."""

    def __init__(self, app: App, control: Control, log: CallLog, due: Faults) -> None:
        self._app = app
        self._control = control
        self._log = log
        self._faults = due
        self._released = asyncio.Event()

    def release(self) -> None:
        """End every answer that is held back, because of a reset or a stop."""
        self._released.set()
        self._released = asyncio.Event()

    async def __call__(
        self, scope: MutableMapping[str, Any], receive: Receive, send: Send
    ) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await _body(receive)
        if body is None:
            return
        if scope["path"].startswith(CONTROL_PREFIX):
            answer = await self._control.answer(
                scope["method"],
                scope["path"].removeprefix(CONTROL_PREFIX),
                scope["query_string"],
                scope["headers"],
                body,
            )
            await _send(send, answer)
            return
        if sites.is_site(scope["headers"]):
            await self._show(scope, body, receive, send)
            return
        request = protocols.read(
            scope["method"],
            scope["path"],
            scope["query_string"],
            scope["headers"],
            body,
        )
        if request is None:
            await self._app(scope, _replayed(body, receive), send)
            return
        await self._serve(request, scope, receive, send)

    async def _show(
        self,
        scope: MutableMapping[str, Any],
        body: bytes,
        receive: Receive,
        send: Send,
    ) -> None:
        """Show a page of a site; tokens and the like are MiniStack's."""
        answer = await sites.answer(
            scope["method"],
            scope["path"],
            scope["query_string"],
            scope["headers"],
            body,
            scope["client"][0],
        )
        if answer is None:
            await self._app(scope, _replayed(body, receive), send)
        else:
            await _send(send, answer)

    async def _serve(
        self,
        request: Request,
        scope: MutableMapping[str, Any],
        receive: Receive,
        send: Send,
    ) -> None:
        released = self._released
        call = self._log.begin(request)
        fault = self._faults.take(request)
        if fault is not None:
            call.fault = fault.kind
            await self._fail(fault, call, request, scope, receive, send)
            return
        if (refusal := _refusal(request)) is not None:
            await _finish(call, refusal, send)
        elif waiters.is_waiting(request):
            answer = await waiters.hold(
                request, lambda: self._ask(request, scope, receive), released
            )
            await _finish(call, answer, send)
        else:
            watching = _watched(call, send)
            await self._app(scope, _replayed(request.body, receive), watching)

    async def _fail(
        self,
        fault: Fault,
        call: Call,
        request: Request,
        scope: MutableMapping[str, Any],
        receive: Receive,
        send: Send,
    ) -> None:
        if fault.kind not in faults.UNANSWERED:
            await _finish(call, fault.answer(request), send)
            return
        if fault.kind == "cut_after":
            await self._ask(request, scope, receive)
        if fault.kind == "timeout":
            await _client_gone(receive, self._released)
        if (writer := _writers.get(tuple(scope["client"]))) is not None:
            writer.transport.abort()

    async def _ask(
        self, request: Request, scope: MutableMapping[str, Any], receive: Receive
    ) -> Answer:
        """Return MiniStack's whole answer instead of sending it."""
        answer = Answer(500, [], b"")
        parts: list[bytes] = []

        async def keep(message: Message) -> None:
            nonlocal answer
            if message["type"] == "http.response.start":
                answer = Answer(message["status"], list(message["headers"]), b"")
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))

        await self._app(dict(scope), _replayed(request.body, receive), keep)
        return Answer(answer.status, answer.headers, b"".join(parts))


def _refusal(request: Request) -> Answer | None:
    """Return the error for input that the service's API model does not allow."""
    message = validation.validate(request.service, request.operation, request.members)
    if message is None:
        return None
    code = validation.ERROR_CODES[request.service]
    return protocols.error(request, code, message, 400)


def _watched(call: Call, send: Send) -> Send:
    """Return a `send` that also fills in the outcome of `call`."""
    start: Message = {}
    parts: list[bytes] = []

    async def watch(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
            call.status = message["status"]
        elif call.status is not None and call.status >= 400:
            parts.append(message.get("body", b""))
            answer = Answer(call.status, list(start["headers"]), b"".join(parts))
            call.error_code = answer.error_code
        await send(message)

    return watch


async def _finish(call: Call, answer: Answer, send: Send) -> None:
    call.status, call.error_code = answer.status, answer.error_code
    await _send(send, answer)


async def _send(send: Send, answer: Answer) -> None:
    headers = [
        (name, value)
        for name, value in answer.headers
        if name.lower() != b"content-length"
    ]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": headers,
        }
    )
    await send({"type": "http.response.body", "body": answer.body})


async def _body(receive: Receive) -> bytes | None:
    """Return the whole body, None if the client went away before its end."""
    parts = []
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that first gives the body that was read already."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return first.pop() if first else await receive()

    return replay


async def _client_gone(receive: Receive, released: asyncio.Event) -> None:
    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    waiting = [
        asyncio.ensure_future(gone()),
        asyncio.ensure_future(released.wait()),
    ]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for each in waiting:
        each.cancel()
