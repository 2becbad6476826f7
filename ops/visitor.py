"""A visitor of the sign-in pages: opens, fills in and follows, as a browser would.

The embedded AWS serves the pages on its endpoint under the sign-in domain's name.
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

_FORM = "application/x-www-form-urlencoded"
# The most redirects on the way to a page.
_MOST_REDIRECTS = 5
# The element that shows the key of an authenticator app as text.
_KEY = "secret"


@dataclass
class Page(HTMLParser):
    """An answer of the sign-in domain, and the form on it.

    Attributes:
        location: Where the answer sends the browser; empty for a page.
        form: The fields of the form with their values; empty without one.
        key: The key for an authenticator app, if the page shows one.
        words: What the page says to its reader, without its look.
    """

    status: int
    location: str
    text: str
    action: str = ""
    form: dict[str, str] = field(default_factory=dict)
    key: str = ""
    words: str = ""
    _in_key: bool = False
    _in_style: bool = False

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the form's fields, called for each tag."""
        attributes = {name: value or "" for name, value in attrs}
        self._in_style = tag == "style"
        self._in_key = attributes.get("id") == _KEY
        if tag == "form":
            self.action = attributes.get("action", "")
        elif tag == "input" and attributes.get("name"):
            self.form[attributes["name"]] = attributes.get("value", "")

    def handle_data(self, data: str) -> None:
        """Collect words and key, called for each text."""
        if self._in_key:
            self.key += data.replace(" ", "").strip()
        elif not self._in_style and data.strip():
            self.words = f"{self.words} {data.strip()}".strip()

    def handle_endtag(self, tag: str) -> None:
        """Leave an element, called for each end tag."""
        self._in_key = self._in_style = False


class Visitor:
    """Somebody with a browser, who keeps the cookies of one host."""

    def __init__(self, endpoint: str, host: str) -> None:
        self._endpoint = urlsplit(endpoint).netloc
        self._host = host
        self._cookies: dict[str, str] = {}

    def open(self, path: str, query: Mapping[str, str]) -> Page:
        """Open a page; redirects within the host are followed."""
        return self._followed(self.unfollowed(path, query))

    def unfollowed(self, path: str, query: Mapping[str, str]) -> Page:
        """Open a page and return the first answer, be it a redirect."""
        return self._request("GET", f"{path}?{urlencode(query)}", "", {})

    def submit(self, page: Page, answers: Mapping[str, str]) -> Page:
        """Fill in the page's form and send it."""
        filled = {name: answers.get(name, page.form[name]) for name in page.form}
        return self._followed(self.post(page.action, filled, {}))

    def post(
        self, path: str, fields: Mapping[str, str], headers: Mapping[str, str]
    ) -> Page:
        """Send fields as a form does."""
        named = {"Content-Type": _FORM, **headers}
        return self._request("POST", path, urlencode(fields), named)

    def _followed(self, page: Page) -> Page:
        for _ in range(_MOST_REDIRECTS):
            target = urljoin(f"https://{self._host}/", page.location)
            if not page.location or urlsplit(target).netloc != self._host:
                break
            parts = urlsplit(target)
            page = self._request("GET", f"{parts.path}?{parts.query}", "", {})
        return page

    def _request(
        self, method: str, path: str, body: str, headers: Mapping[str, str]
    ) -> Page:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        named = {"Host": self._host, "Cookie": cookies, **headers}
        connection = http.client.HTTPConnection(self._endpoint)
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", errors="replace")
        connection.close()
        for header in answer.headers.get_all("Set-Cookie", []):
            for name, each in SimpleCookie(header).items():
                self._cookies[name] = each.value
        return Page(answer.status, answer.headers.get("Location", ""), text)
