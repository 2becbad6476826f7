"""AWS's HTTP protocols, as far as one must look into a request that passes by.

`Request` says which operation of which service a request calls, in what Region, with
which parameters and by whom. `error()` builds an error answer that the caller's SDK
parses as such, in the protocol that the request itself speaks: JSON 1.0/1.1, query
(XML), REST-JSON, REST-XML.
"""

from __future__ import annotations

import contextvars
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4
from xml.sax.saxutils import escape

from ministack.core import iam_actions, iam_evaluator, responses, router

RESPONSE_SERVICE = "cloudformation-response"
"""The "service" whose operation PUT is the answer of a custom resource."""

_RESPONSE_PATH = "/_ministack/cfn-response/"

HOOKS = (
    "ministack.core.router:detect_service",
    "ministack.core.router:extract_access_key_id",
    "ministack.core.router:extract_region",
    "ministack.core.iam_actions:_match_rest_action",
    "ministack.core.iam_actions:extract_iam_action",
    "ministack.core.iam_actions:extract_resource_arn",
    "ministack.core.iam_evaluator:find_iam_access_key_account",
    "ministack.core.iam_evaluator:resolve_credential",
    "ministack.core.responses:request_scope",
    "ministack.core.responses:set_request_account_id",
)


@dataclass(frozen=True)
class Answer:
    """A whole HTTP answer."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    @property
    def error_code(self) -> str | None:
        """The error code that an SDK reads from this answer, None for a success."""
        if self.status < 400:
            return None
        for name, value in self.headers:
            if name.lower() == b"x-amzn-errortype":
                return value.decode("latin-1").partition(":")[0]
        if found := re.search(rb"<Code>([^<]+)</Code>", self.body):
            return found[1].decode()
        document = _json_object(self.body)
        code = document.get("__type") or document.get("code") or str(self.status)
        return str(code).rpartition("#")[2]


@dataclass(frozen=True)
class Request:
    """A call of the AWS API, or the PUT of a custom resource's answer."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    service: str
    operation: str
    members: dict[str, Any] = field(repr=False)
    """The members of a JSON body, or the flat parameters of a query request."""

    @property
    def parameters(self) -> dict[str, Any]:
        """All that the caller gave, in the body and in the query string."""
        return {**_flat(self.query), **self.members}

    @property
    def region(self) -> str:
        """The Region that the request is signed for."""
        return str(router.extract_region(self.headers, self.query))

    @property
    def caller(self) -> str:
        """Who calls: "function" for code that runs in Lambda, else "client".

        botocore puts AWS_EXECUTION_ENV into its User-Agent (botocore, user agent
        header, component exec-env), and only Lambda sets it to AWS_Lambda_<runtime>.
        """
        if self.service == RESPONSE_SERVICE:
            return "function"
        in_lambda = "exec-env/AWS_Lambda" in self.headers.get("user-agent", "")
        return "function" if in_lambda else "client"

    @property
    def principal(self) -> str:
        """The ARN of the caller, empty for an unsigned or unknown one."""
        return str(getattr(self._credential, "principal_arn", ""))

    @property
    def resources(self) -> list[str]:
        """The ARN that IAM checks the call on, as far as MiniStack names one."""
        if self.service == RESPONSE_SERVICE:
            return []
        account = str(getattr(self._credential, "account_id", ""))
        with responses.request_scope(account, self.region):
            arn = iam_actions.extract_resource_arn(
                self.service,
                self.method,
                self.path,
                self.headers,
                self.body,
                _with_form(self.query, self.headers, self.body),
                self.region,
                account,
            )
        return [] if arn in ("", "*") else [str(arn)]

    @property
    def _credential(self) -> Any:
        key = router.extract_access_key_id(self.headers, self.query)
        return contextvars.copy_context().run(_resolve, key) if key else None


def _resolve(access_key: str) -> Any:
    responses.set_request_account_id(
        iam_evaluator.find_iam_access_key_account(access_key) or access_key
    )
    return iam_evaluator.resolve_credential(access_key)


def read(
    method: str,
    path: str,
    query_string: bytes,
    headers: Iterable[tuple[bytes, bytes]],
    body: bytes,
) -> Request | None:
    """Return the AWS call that an HTTP request is, None for anything else.

    Anything else is a page of a sign-in domain, MiniStack's own endpoints and so on.
    """
    query = parse_qs(query_string.decode("latin-1"), keep_blank_values=True)
    named = {
        name.decode("latin-1").lower(): value.decode("latin-1")
        for name, value in headers
    }
    if method == "PUT" and path.startswith(_RESPONSE_PATH):
        return Request(
            method,
            path,
            query,
            named,
            body,
            RESPONSE_SERVICE,
            "PUT",
            _json_object(body),
        )
    if path.startswith("/_"):
        return None
    routing = _with_form(query, named, body)
    service = router.detect_service(method, path, named, routing)
    operation = _operation(service, method, path, query, named, body, routing)
    if operation is None:
        return None
    form = "x-www-form-urlencoded" in named.get("content-type", "")
    members = _flat(routing) if form else _json_object(body)
    return Request(method, path, query, named, body, service, operation, members)


def error(request: Request, code: str, message: str, status: int) -> Answer:
    """Return an error answer in the protocol of `request`.

    Source: Smithy, AWS protocols, "Operation error serialization" of each protocol.
    """
    request_id = str(uuid4())
    headers = [(b"x-amzn-requestid", request_id.encode())]
    content_type = request.headers.get("content-type", "")
    if "x-amz-target" in request.headers:
        headers.append((b"content-type", content_type.encode("latin-1")))
        return Answer(status, headers, _json({"__type": code, "message": message}))
    fault = "Sender" if status < 500 else "Receiver"
    if "Action" in request.query or "x-www-form-urlencoded" in content_type:
        headers.append((b"content-type", b"text/xml"))
        inner = _xml(Type=fault, Code=code, Message=message)
        document = (
            f"<ErrorResponse><Error>{inner}</Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        return Answer(status, headers, document.encode())
    if request.service in ("s3", RESPONSE_SERVICE):
        headers.append((b"content-type", b"application/xml"))
        inner = _xml(Code=code, Message=message, RequestId=request_id)
        declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
        return Answer(status, headers, f"{declaration}<Error>{inner}</Error>".encode())
    headers.append((b"content-type", b"application/json"))
    headers.append((b"x-amzn-errortype", code.encode("latin-1", "replace")))
    return Answer(status, headers, _json({"Type": fault, "message": message}))


def _operation(
    service: str,
    method: str,
    path: str,
    query: Mapping[str, list[str]],
    headers: Mapping[str, str],
    body: bytes,
    routing: Mapping[str, list[str]],
) -> str | None:
    """Return the operation; for S3 and Lambda, whose paths name it, the IAM action."""
    if target := headers.get("x-amz-target", ""):
        return target.rpartition(".")[2]
    if action := routing.get("Action"):
        return action[0]
    if service not in ("s3", "lambda"):
        found = iam_actions._match_rest_action(service, method, path, query)
        return None if found is None else str(found)
    signed = "authorization" in headers or "X-Amz-Signature" in query
    if service == "s3" and not signed:
        # Whatever nobody else claims is routed to S3, a sign-in page too.
        return None
    action_name = iam_actions.extract_iam_action(
        service, method, path, headers, body, routing
    )
    return None if action_name is None else str(action_name).rpartition(":")[2]


def _flat(given: Mapping[str, list[str]]) -> dict[str, Any]:
    return {
        name: values[0] if len(values) == 1 else values
        for name, values in given.items()
        if name not in ("Action", "Version") and not name.startswith("X-Amz-")
    }


def _with_form(
    query: Mapping[str, list[str]], headers: Mapping[str, str], body: bytes
) -> dict[str, list[str]]:
    if "x-www-form-urlencoded" not in headers.get("content-type", ""):
        return dict(query)
    form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {**form, **query}


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _json(document: object) -> bytes:
    return json.dumps(document).encode()


def _xml(**elements: str) -> str:
    return "".join(
        f"<{name}>{escape(text)}</{name}>" for name, text in elements.items()
    )
