"""An e-mail as whoever gets it sees it: in a terminal, and in a browser."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from html.parser import HTMLParser
from typing import Any

_MARKUP = re.compile(r"<[a-zA-Z/!][^>]*>")
_NEW_LINE = frozenset({"br", "div", "li", "tr"})
_NEW_PARAGRAPH = frozenset({"h1", "h2", "h3", "ol", "p", "table", "ul"})
_UNSEEN = frozenset({"head", "script", "style", "title"})

_STYLE = """
body{margin:0;padding:1rem;background:#f2f4f7;color:#16202c;
font:16px/1.5 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:40rem;margin:0 auto;background:#fff;border:1px solid #c9d1da;
border-radius:.6rem;padding:1.25rem;overflow-wrap:anywhere}
h1{font-size:1.3rem;margin:0 0 .75rem}
dl{display:grid;grid-template-columns:auto 1fr;gap:.1rem .75rem;margin:0 0 1.25rem;
padding:0 0 1rem;border-bottom:1px solid #c9d1da;color:#46515d;font-size:.92rem}
dd{margin:0}a{color:#0b5394}
"""


def as_text(mail: Mapping[str, Any]) -> str:
    """Return what a terminal shows: head and words, and where each link leads."""
    head = "\n".join(f"{name + ':':<9}{value}" for name, value in _head(mail).items())
    return f"{head}\n{'Subject:':<9}{mail['subject']}\n\n{words(str(mail['body']))}\n"


def as_page(mail: Mapping[str, Any]) -> str:
    """Return the page that a mail program shows; it loads nothing."""
    body = str(mail["body"])
    if not _MARKUP.search(body):
        body = f"<p>{escape(body)}</p>".replace("\n", "<br>\n")
    head = "".join(
        f"<dt>{name}</dt><dd>{escape(value)}</dd>"
        for name, value in _head(mail).items()
    )
    subject = escape(str(mail["subject"]))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{subject}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{subject}</h1>\n<dl>{head}</dl>\n{body}\n</main>\n</body>\n</html>\n"
    )


def words(body: str) -> str:
    """Return the words of a message that may be HTML."""
    if not _MARKUP.search(body):
        return body.strip()
    reader = _Reader()
    reader.feed(body)
    lines = [" ".join(line.split()) for line in "".join(reader.parts).splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _head(mail: Mapping[str, Any]) -> dict[str, str]:
    sent_at = str(mail["sent_at"])[:16].replace("T", " ")
    return {"From": mail["from"], "To": mail["to"], "Sent": f"{sent_at} UTC"}


class _Reader(HTMLParser):
    """Collects what HTML says; line ends in the source mean nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._target = ""
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._break(tag)
        self._unseen += tag in _UNSEEN
        if tag == "a":
            self._target = dict(attrs).get("href") or ""
        elif tag == "li":
            self.parts.append("- ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._target:
            if self.parts[-1:] != [self._target]:
                self.parts.append(f" ({self._target})")
            self._target = ""
        self._unseen -= tag in _UNSEEN
        if tag in _NEW_PARAGRAPH:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(" ".join(data.split("\n")))

    def _break(self, tag: str) -> None:
        if tag in _NEW_LINE:
            self.parts.append("\n")
        elif tag in _NEW_PARAGRAPH:
            self.parts.append("\n\n")
