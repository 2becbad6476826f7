"""E-mails are shown as whoever gets them sees them."""

from __future__ import annotations

from typing import Any

import pytest

from local_aws.mail import as_page, as_text, words

MAIL = {
    "from": "no-reply@example.com",
    "to": "ada@example.com",
    "subject": "Welcome & hello",
    "sent_at": "2026-01-01T00:00:00+00:00",
    "body": "",
}


def mail(body: str) -> dict[str, Any]:
    return {**MAIL, "body": body}


def test_a_terminal_shows_head_and_words() -> None:
    body = "<p>Hello,</p>\n<p>User name: ada<br>\nTemporary password: a&lt;b</p>"
    assert as_text(mail(body)) == (
        "From:    no-reply@example.com\nTo:      ada@example.com\n"
        "Sent:    2026-01-01 00:00 UTC\nSubject: Welcome & hello\n\n"
        "Hello,\n\nUser name: ada\nTemporary password: a<b\n"
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('<a href="https://a.example">https://a.example</a>', "https://a.example"),
        ('<a href="https://a.example">here</a>', "here (https://a.example)"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ("<style>p{}</style><h1>Title</h1>text", "Title\n\ntext"),
        ("no markup, 1 < 2\nsecond line", "no markup, 1 < 2\nsecond line"),
        ("<p>in\nthe source</p>", "in the source"),
    ],
)
def test_links_lists_and_plain_texts_are_told(body: str, said: str) -> None:
    assert words(body) == said


def test_a_page_shows_the_message_as_it_is_and_loads_nothing() -> None:
    page = as_page(mail('<p>Hello <b>Ada</b></p><img src="https://a.example/x.png">'))
    assert "<b>Ada</b>" in page
    assert "<title>Welcome &amp; hello</title>" in page
    assert "default-src 'none'" in page


def test_a_page_of_a_plain_text_shows_every_sign_of_it() -> None:
    assert "<p>1 &lt; 2<br>\n3</p>" in as_page(mail("1 < 2\n3"))
