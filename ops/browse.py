"""`make local-browse`: a worker's way into the portal, on the embedded AWS.

Invites a worker, prints what the worker needs to sign in, and opens the invitation and
the portal in the installed Chromium, which is shown the way by `ops.browser`.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

from lambda_src.workforce import INVITED, INVITED_AGAIN
from local_aws.control import Control
from local_aws.mail import as_page, as_text
from ops import browser
from ops.errors import OperatorError
from ops.terminal import tell
from ops.workers import operations
from ops.workers.outcomes import MEANINGS
from ops.workers.pool import Pool
from ops.workers.rows import Row

WORKER_EMAIL = "worker@example.com"
_CODES = (
    "At the authenticator app: use the one on your phone, or run `make local-codes`, "
    "which shows its code."
)
_KNOWN = (
    "{email} has signed in before: with the password chosen then. "
    "`make local-browse EMAIL=another@example.com` invites somebody else."
)


def run(
    control: Control, pool: Pool, worker: Row, portal: str, directory: Path
) -> None:
    """Invite the worker, or again; print the invitation; open the portal.

    Args:
        control: The running embedded AWS.
        pool: The deployed set's user pool.
        worker: Whom to invite, and into which team.
        portal: The portal's URL.
        directory: Where the browser may keep its files.

    Raises:
        OperatorError: the worker cannot be invited, or there is no browser or display.
    """
    outcome = operations.invite_again(pool, worker)
    if outcome.what in (INVITED, INVITED_AGAIN):
        tell(f"✓ {worker.email} {MEANINGS[outcome.what]}")
        invitation = _last_mail(control, worker.email)
        click.echo(f"\n{as_text(invitation)}")
        page = directory.resolve() / "invitation.html"
        page.write_text(as_page(invitation), "utf-8")
        pages = [page.as_uri(), portal]
    else:
        tell(_KNOWN.format(email=worker.email))
        pages = [portal]
    tell(_CODES)
    _open(control, pages, directory.resolve() / "browser")
    tell(f"✓ {urlsplit(portal).netloc} is open in the browser")


def _last_mail(control: Control, address: str) -> dict[str, str]:
    mails = [mail for mail in control.mails() if address in mail["to"]]
    if not mails:
        raise OperatorError(f"No e-mail was sent to {address}.")
    return mails[-1]


def _open(control: Control, pages: list[str], profiles: Path) -> None:
    program = browser.installed()
    front = control.https()
    # A profile of its own: the switches count for a first window only, and another
    # process of the embedded AWS has another port.
    profile = profiles / str(front["port"])
    switches = [*browser.arguments(front), f"--user-data-dir={profile}"]
    command = [program, *switches, *pages]
    if not _has_display():
        raise OperatorError(
            "There is no display here to open a browser on.",
            f"In a desktop session on this machine, run: {shlex.join(command)}",
        )
    subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _has_display() -> bool:
    """Tell whether windows can be opened; other systems than Linux always have one."""
    return sys.platform != "linux" or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
