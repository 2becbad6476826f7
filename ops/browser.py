"""The installed Chromium, which sees the embedded AWS under the real names.

A browser that is started with these arguments finds the labeling portals and the
sign-in domains on loopback and nothing else anywhere, and believes their certificates.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from typing import Any

from ops.errors import OperatorError

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
_SITES = ("*.sagemaker.aws", "*.amazoncognito.com")


def installed() -> str:
    """Return the path of Chromium or Chrome; CHROMIUM in the environment comes first.

    Raises:
        OperatorError: there is none.
    """
    named = os.environ.get("CHROMIUM")
    for name in (named,) if named else NAMES:
        if path := shutil.which(name):
            return path
    raise OperatorError(
        f"{named} is no program." if named else "Chromium is not installed.",
        "Install it (Debian, Ubuntu: `apt-get install chromium`; macOS: `brew install "
        "--cask chromium`), or name one with CHROMIUM=/path/to/chromium.",
    )


def arguments(front: Mapping[str, Any]) -> list[str]:
    """Return what to start Chromium with.

    Args:
        front: What `local_aws.control.Control.https` returns.
    """
    there = f"127.0.0.1:{front['port']}"
    rules = [*(f"MAP {site} {there}" for site in _SITES), "MAP * ~NOTFOUND"]
    switches = [
        f"--host-resolver-rules={', '.join(rules)}",
        f"--ignore-certificate-errors-spki-list={front['key_hash']}",
        "--no-first-run",
        "--no-default-browser-check",
    ]
    # Chromium's sandbox does not start for root, which CI often is.
    return [*switches, "--no-sandbox"] if os.geteuid() == 0 else switches
