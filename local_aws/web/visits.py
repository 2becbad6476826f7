"""A browser's request for a page, and how a page answers it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlencode

from local_aws.protocols import Answer

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Visit:
    """A request for a page; of what comes more than once the first counts.

    Attributes:
        address: The IP address that the visitor comes from.
        repeated: Names of query parameters that came more than once.
    """

    method: str
    host: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    repeated: frozenset[str] = frozenset()


def visit_of(
    method: str,
    path: str,
    query_string: bytes,
    headers: Iterable[tuple[bytes, bytes]],
    body: bytes,
    address: str,
) -> Visit:
    """Return the parsed request of one ASGI connection."""
    named = {name.lower(): value.decode("latin-1") for name, value in headers}
    query = _parsed(query_string)
    is_form = named.get(b"content-type", "").partition(";")[0].strip() == _FORM
    form = _parsed(body) if is_form else {}
    return Visit(
        method=method,
        host=host_of(named.get(b"host", "")),
        path=path,
        query={name: values[0] for name, values in query.items()},
        form={name: values[0] for name, values in form.items()},
        cookies=_cookies(named.get(b"cookie", "")),
        address=address,
        repeated=frozenset(name for name, values in query.items() if len(values) > 1),
    )


def host_of(header: str) -> str:
    """Return the name in a Host header, without its port and in lower case."""
    return header.partition(":")[0].lower()


def _parsed(encoded: bytes) -> dict[str, list[str]]:
    text = encoded.decode("utf-8", errors="replace")
    return parse_qs(text, keep_blank_values=True)


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: each.value for name, each in SimpleCookie(header).items()}
    except CookieError:
        return {}


def page(status: int, html: str) -> Answer:
    """Return a page, which loads nothing and is kept by nobody."""
    return Answer(
        status,
        [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (
                b"content-security-policy",
                b"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
                b"frame-ancestors 'none'",
            ),
            (b"referrer-policy", b"no-referrer"),
            (b"x-content-type-options", b"nosniff"),
        ],
        html.encode(),
    )


def redirect(url: str) -> Answer:
    """Return the answer that sends the browser to another address."""
    # Header values are one line, whatever came in.
    location = url.replace("\r", "").replace("\n", "").encode("ascii", "ignore")
    return Answer(302, [(b"location", location), (b"cache-control", b"no-store")], b"")


def with_query(url: str, parameters: Mapping[str, str]) -> str:
    """Return a URL with further query parameters; those without a value are left out.

    `url` keeps the query that it has.
    """
    given = {name: value for name, value in parameters.items() if value}
    return f"{url}{'&' if '?' in url else '?'}{urlencode(given)}"


def with_cookie(
    answer: Answer, name: str, value: str, seconds: int | None = None
) -> Answer:
    """Return the answer with one more cookie, for this host and for https only.

    It ends with the browser, or after `seconds`; 0 takes it away.
    """
    cookie = f"{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax"
    if seconds is not None:
        cookie += f"; Max-Age={seconds}"
    headers = [*answer.headers, (b"set-cookie", cookie.encode())]
    return Answer(answer.status, headers, answer.body)
