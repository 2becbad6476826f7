"""The control API of the embedded AWS under /_local_aws/, and its Python client.

JSON in and out: GET health, GET mails, GET codes, GET permissions, POST reset, POST
https, GET and DELETE calls, POST and DELETE faults, GET and POST settings. A page in a
browser can reach loopback too, so a request with an Origin, or for another host, is
refused.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any, cast
from urllib.parse import urlencode


class ControlError(Exception):
    """The embedded AWS refused a control request; the message is its reason."""


class Control:
    """Looks into a running embedded AWS, and changes how it behaves."""

    def __init__(self, endpoint: str, timeout: float = 30.0) -> None:
        self._endpoint = endpoint
        self._timeout = timeout

    def health(self) -> dict[str, Any]:
        """Return the process id, the versions, the account and so on."""
        return cast(dict[str, Any], self._request("GET", "health"))

    def calls(
        self, *, caller: str | None = None, operation: str | None = None
    ) -> list[dict[str, Any]]:
        """Return the AWS calls so far, oldest first.

        `caller` is "function" or "client"; `operation` is a regular
        expression for all of "CreateGroup" or of "cognito-idp:CreateGroup".
        """
        asked = {"caller": caller, "operation": operation}
        query = urlencode({key: value for key, value in asked.items() if value})
        return cast(list[dict[str, Any]], self._request("GET", f"calls?{query}"))

    def clear_calls(self) -> None:
        """Forget all calls and forwarded permissions."""
        self._request("DELETE", "calls")

    def add_fault(self, operation: str, kind: str, **details: Any) -> None:
        """Let calls of `operation` fail; kinds and details: see `local_aws.faults`."""
        self._request(
            "POST", "faults", {"operation": operation, "kind": kind, **details}
        )

    def clear_faults(self) -> None:
        """Take back all faults."""
        self._request("DELETE", "faults")

    def settings(self) -> dict[str, Any]:
        """Return the settings in force, see `local_aws.settings`."""
        return cast(dict[str, Any], self._request("GET", "settings"))

    def set(self, **settings: Any) -> None:
        """Change single settings."""
        self._request("POST", "settings", settings)

    def mails(self) -> list[dict[str, Any]]:
        """Return the e-mails sent so far as {from, to, subject, body, sent_at}."""
        return cast(list[dict[str, Any]], self._request("GET", "mails"))

    def forwarded_permissions(self) -> list[dict[str, Any]]:
        """Return what services asked of IAM with their caller's credentials."""
        return cast(list[dict[str, Any]], self._request("GET", "permissions"))

    def https(self) -> dict[str, Any]:
        """Open the sites to browsers; return what `local_aws.web.https.Front` has."""
        return cast(dict[str, Any], self._request("POST", "https"))

    def codes(self) -> list[dict[str, Any]]:
        """Return what authenticator apps show, as {user_pool_id, email, code}."""
        return cast(list[dict[str, Any]], self._request("GET", "codes"))

    def reset(self) -> None:
        """Make everything empty again: resources, calls, faults, settings."""
        self._request("POST", "reset")

    def _request(self, method: str, path: str, document: Any = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - the endpoint is ours
            f"{self._endpoint}/_local_aws/{path}",
            method=method,
            data=None if document is None else json.dumps(document).encode(),
        )
        # Never through a proxy: the environment may name one.
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(request, timeout=self._timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            reason = json.loads(refused.read() or b"{}").get("message", str(refused))
            raise ControlError(reason) from None
        except OSError as problem:
            raise ControlError(
                f"No embedded AWS answers on {self._endpoint} ({problem})."
            ) from None
