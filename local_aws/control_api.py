"""The server's side of the control API; the client's side is `local_aws.control`."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import re
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from ministack.services import ses

from local_aws import environment, iam, reset, settings
from local_aws.calls import CallLog
from local_aws.faults import FaultError, Faults, fault_from
from local_aws.protocols import Answer
from local_aws.settings import SettingsError
from local_aws.sign_in import codes

if TYPE_CHECKING:
    from local_aws.web.https import Front

HOOKS = (*reset.HOOKS, "ministack.services.ses:_sent_emails")

_LOOPBACK = ("127.0.0.1", "localhost")

_log = logging.getLogger(__name__)

Handler = Callable[[dict[str, list[str]], Any], Awaitable[Any]]


class ControlApi:
    """Answers the requests under /_local_aws/."""

    def __init__(self, log: CallLog, due: Faults, port: int, persists: bool) -> None:
        self._calls = log
        self._faults = due
        self._port = port
        self._persists = persists
        self._front: Front | None = None
        self.release: Callable[[], None] = lambda: None
        """Ends the answers that are held back; the middleware sets it."""
        self._handlers: dict[tuple[str, str], Handler] = {
            ("GET", "health"): self._health,
            ("GET", "calls"): self._list_calls,
            ("DELETE", "calls"): self._clear_calls,
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "settings"): self._settings,
            ("POST", "settings"): self._change_settings,
            ("GET", "mails"): self._mails,
            ("GET", "permissions"): self._permissions,
            ("POST", "reset"): self._reset,
            ("POST", "https"): self._https,
            ("GET", "codes"): self._codes,
        }

    async def answer(
        self,
        method: str,
        path: str,
        query: bytes,
        headers: Iterable[tuple[bytes, bytes]],
        body: bytes,
    ) -> Answer:
        """Return the answer of one endpoint, 400 with a message for bad input."""
        named = {name.lower(): value.decode("latin-1") for name, value in headers}
        host = named.get(b"host", "").rpartition(":")[0] or named.get(b"host", "")
        if b"origin" in named or host not in _LOOPBACK:
            return _json(403, {"message": "Only local programs may ask for this."})
        handler = self._handlers.get((method, path))
        if handler is None:
            known = ", ".join(f"{verb} {name}" for verb, name in self._handlers)
            return _json(404, {"message": f"There is {known}; no {method} {path}."})
        try:
            document = json.loads(body) if body else None
            return _json(200, await handler(parse_qs(query.decode()), document))
        except (FaultError, SettingsError, TimeoutError) as problem:
            return _json(400, {"message": str(problem)})
        except re.error as problem:
            message = f"'operation' is no regular expression: {problem}."
            return _json(400, {"message": message})
        except ValueError as problem:
            return _json(400, {"message": f"The body is not JSON: {problem}."})

    async def _health(self, query: dict[str, list[str]], document: Any) -> Any:
        return {
            "status": "running",
            "pid": os.getpid(),
            "endpoint": f"http://127.0.0.1:{self._port}",
            "account": environment.ACCOUNT,
            "region": environment.REGION,
            "persists": self._persists,
            "ministack": version("ministack"),
            "stack_operations": reset.running_operations(),
        }

    async def _list_calls(self, query: dict[str, list[str]], document: Any) -> Any:
        caller = query.get("caller", ["any"])[0]
        operation = query.get("operation", [".*"])[0]
        found = self._calls.matching(caller, operation)
        return [dataclasses.asdict(call) for call in found]

    async def _clear_calls(self, query: dict[str, list[str]], document: Any) -> Any:
        self._calls.clear()
        iam.clear_forwarded_permissions()
        return {}

    async def _add_fault(self, query: dict[str, list[str]], document: Any) -> Any:
        self._faults.add(fault_from(_object(document)))
        return {}

    async def _clear_faults(self, query: dict[str, list[str]], document: Any) -> Any:
        self._faults.clear()
        return {}

    async def _settings(self, query: dict[str, list[str]], document: Any) -> Any:
        return dataclasses.asdict(settings.current())

    async def _change_settings(self, query: dict[str, list[str]], document: Any) -> Any:
        return dataclasses.asdict(settings.change(**_object(document)))

    async def _mails(self, query: dict[str, list[str]], document: Any) -> Any:
        """Return what Cognito and SES have sent, in the order of sending."""
        sent = [
            mail
            for key, mails in ses._sent_emails.to_dict().items()
            if key[-1] == "entries"
            for mail in mails
        ]
        sent.sort(key=lambda mail: mail["Timestamp"])
        return [_mail(each) for each in sent]

    async def _permissions(self, query: dict[str, list[str]], document: Any) -> Any:
        return iam.forwarded_permissions()

    async def _https(self, query: dict[str, list[str]], document: Any) -> Any:
        """Open the sites to browsers; the second time find them open."""
        # Not at the top: few ask for it, and it takes its time.
        from local_aws.web import https

        if self._front is None:
            self._front = await https.opened(self._port)
        return dataclasses.asdict(self._front)

    async def _codes(self, query: dict[str, list[str]], document: Any) -> Any:
        return codes.shown_now()

    async def _reset(self, query: dict[str, list[str]], document: Any) -> Any:
        self._faults.clear()
        self.release()
        await reset.reset()
        settings.reset()
        iam.clear_forwarded_permissions()
        self._calls.clear()
        return {}


def _mail(sent: dict[str, Any]) -> dict[str, Any]:
    timestamp = sent["Timestamp"]
    if isinstance(timestamp, int | float):
        timestamp = datetime.fromtimestamp(timestamp, UTC).isoformat()
    return {
        "from": sent.get("Source", ""),
        "to": ", ".join(sent.get("To", [])),
        "subject": sent.get("RenderedSubject") or sent.get("Subject", ""),
        "body": (
            sent.get("RenderedBodyText")
            or sent.get("BodyText")
            or sent.get("BodyHtml")
            or ""
        ),
        "sent_at": timestamp,
    }


def _object(document: Any) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise FaultError("The body must be a JSON object.")
    return document


def _json(status: int, document: Any) -> Answer:
    headers = [(b"content-type", b"application/json")]
    return Answer(status, headers, json.dumps(document).encode())
