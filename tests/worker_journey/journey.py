"""What a worker does, from the e-mail to the portal, in a real browser.

Each page on the way is looked at twice, as wide as a desk's and as narrow as a phone's:
it must have no accessibility problem that axe-core knows, fit the width, and load
nothing from elsewhere. A picture of it is kept, without its secrets.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from local_aws.mail import as_page, words
from tests.sites.signed_up import Authenticator

PICTURES = Path(__file__).resolve().parents[2] / ".build" / "worker-journey"
_DESK: ViewportSize = {"width": 1024, "height": 640}
_PHONE: ViewportSize = {"width": 360, "height": 640}
# On a busy machine a page takes seconds.
_PATIENCE_MS = 20_000
_SECRETS = ".temporary-password, .qr, details[open] .code"


class Worker:
    """Somebody with a browser, a phone and a mailbox."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.address = address
        self.password = "My-0wn-long-passphrase"
        self.user_name = ""
        self.temporary_password = ""
        self.app: Authenticator | None = None
        self._context = browser.new_context(viewport=_DESK, locale="en-US")
        self._context.set_default_timeout(_PATIENCE_MS)
        expect.set_options(timeout=_PATIENCE_MS)
        self.page: Page = self._context.new_page()
        self.hosts: set[str] = set()
        self.page.on("request", self._note)

    def _note(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "about"):
            self.hosts.add(parts.netloc)

    @property
    def where(self) -> str:
        """The address in the browser, without its query."""
        parts = urlsplit(self.page.url)
        return f"{parts.scheme}://{parts.netloc}{parts.path}"

    @property
    def heading(self) -> str:
        """The heading of the page that the browser shows."""
        return self.page.get_by_role("heading", level=1).inner_text()

    def read_invitation(self, mails: list[dict[str, Any]]) -> None:
        """Open the newest e-mail to the worker, as a mail program shows it."""
        mail = [each for each in mails if self.address in each["to"]][-1]
        text = words(mail["body"])
        found = re.search(r"User name: (\S+)\nTemporary password: (\S+)", text)
        assert found, text
        self.user_name, self.temporary_password = found.groups()
        secret = f'<span class="temporary-password">{found[2]}</span>'
        self.page.set_content(as_page(mail).replace(found[2], secret))

    def follow_the_link(self) -> None:
        """Click the link of the e-mail, the only one."""
        self.page.get_by_role("link").click()

    def sign_in(self, name: str, password: str) -> None:
        """Fill in the first page."""
        self.page.get_by_label("User name or e-mail address").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def sign_in_by_keyboard(self, name: str, password: str) -> None:
        """Fill in the first page without a mouse; the first field has the focus."""
        keyboard = self.page.keyboard
        expect(self.page.get_by_label("User name or e-mail address")).to_be_focused()
        keyboard.type(name)
        keyboard.press("Tab")
        keyboard.type(password)
        keyboard.press("Enter")
        expect(self.page.get_by_label("Password")).to_have_count(0)

    def choose_password(self, password: str) -> None:
        """Fill in the page that replaces the temporary password."""
        self.page.get_by_label("New password", exact=True).fill(password)
        self.page.get_by_label("New password again").fill(password)
        self.page.get_by_role("button", name="Set the password").click()

    def set_up_app(self) -> None:
        """Type the page's key into an authenticator app, and its code into the page."""
        self.page.get_by_text("No camera?").click()
        key = self.page.locator("#secret").inner_text()
        self.app = Authenticator(key.replace(" ", ""))
        self.enter_code("Continue")

    def enter_code(self, button: str = "Sign in") -> None:
        """Type what the authenticator app shows."""
        assert self.app is not None
        self.page.get_by_label("Six-digit code").fill(self.app.code())
        self.page.get_by_role("button", name=button).click()

    def sign_in_for_the_first_time(self, mails: list[dict[str, Any]]) -> None:
        """Go all the way from the e-mail into the portal."""
        self.read_invitation(mails)
        self.follow_the_link()
        self.sign_in(self.address, self.temporary_password)
        self.choose_password(self.password)
        self.set_up_app()

    def look(self, picture: str) -> None:
        """Keep a picture of the page, and find nothing wrong with it."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        for name, size in ((f"{picture}-phone", _PHONE), (picture, _DESK)):
            self.page.set_viewport_size(size)
            self.page.screenshot(
                path=PICTURES / f"{name}.png",
                mask=[self.page.locator(_SECRETS)],
                mask_color="#8a94a0",
                full_page=True,
            )
            too_wide = "document.documentElement.scrollWidth > innerWidth"
            assert not self.page.evaluate(too_wide), f"{name} is too wide"
        found = Axe().run(self.page)
        assert found.violations_count == 0, found.generate_report()
