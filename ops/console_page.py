"""The parameter page that the CloudFormation console makes of the single file.

Drawn from the template's own `AWS::CloudFormation::Interface`, for the README: groups
in their order, a label over each parameter's description, the default in its field. The
console's colours and fonts are not copied, only what it shows and where
("AWS::CloudFormation::Interface", CloudFormation template reference). The picture
carries a digest of what it shows, since the same page has other pixels on each machine.
"""

from __future__ import annotations

import hashlib
import os
import struct
import subprocess
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from ops import browser
from ops.errors import OperatorError
from ops.publish import SINGLE_FILE
from ops.stacks import load_template

PICTURE = Path("docs/images/parameters.png")

#: How many groups the picture shows, from the first.
SHOWN = 2

_WIDTH, _HEIGHT = 900, 890

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEYWORD = b"Page\0"

_STYLE = """
body { font: 14px/1.45 Arial, Helvetica, sans-serif; color: #16191f; margin: 20px; }
h1 { font-size: 22px; margin: 0 0 12px; }
section { border: 1px solid #d5dbdb; border-radius: 6px; margin: 0 0 14px; }
h2 { font-size: 16px; margin: 0; padding: 9px 16px; background: #f4f6f6; }
label { display: block; padding: 9px 16px 0; }
b { display: block; }
small { display: block; color: #545b64; font-size: 12px; }
i { display: block; border: 1px solid #7d8998; border-radius: 4px; font-style: normal;
    padding: 4px 10px; margin: 4px 0 9px; min-height: 19px; white-space: pre-line; }
i.list::after { content: "▾"; float: right; }
"""


def render(template: Mapping[str, Any], shown: int | None = None) -> str:
    """Return the page of a template as HTML.

    Args:
        template: Its sections; parameters without a group come last, as in the console.
        shown: How many groups; None for all.
    """
    interface = template["Metadata"]["AWS::CloudFormation::Interface"]
    labels = interface["ParameterLabels"]
    declared = template["Parameters"]
    groups = [
        (group["Label"]["default"], group["Parameters"])
        for group in interface["ParameterGroups"]
    ]
    grouped = {name for _, names in groups for name in names}
    if rest := [name for name in declared if name not in grouped]:
        groups.append(("Other parameters", rest))
    sections = [
        f"<section><h2>{escape(title)}</h2>"
        + "".join(_field(labels, name, declared[name]) for name in names)
        + "</section>"
        for title, names in groups[:shown]
    ]
    return (
        f"<!doctype html><meta charset='utf-8'><title>Parameters</title>"
        f"<style>{_STYLE}</style><h1>Parameters</h1>{''.join(sections)}"
    )


def is_current(picture: Path = PICTURE) -> bool:
    """Return whether a picture shows what the single file declares now."""
    chunks = dict(_chunks(picture.read_bytes()))
    return chunks.get(b"tEXt", b"") == _mark(_top())


def photograph(picture: Path = PICTURE) -> None:
    """Write the top of the page as a PNG, with the installed Chromium.

    Raises:
        OperatorError: when there is no Chromium, or it does not do it.
    """
    page = _top()
    with tempfile.TemporaryDirectory() as folder:
        html = Path(folder) / "page.html"
        html.write_text(page, encoding="utf-8")
        # Chromium's sandbox does not start for root, which CI often is.
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        # fmt: off
        taken = subprocess.run(
            [
                browser.installed(), "--headless", "--disable-gpu", *root,
                "--hide-scrollbars", f"--window-size={_WIDTH},{_HEIGHT}",
                f"--user-data-dir={folder}/profile",
                f"--screenshot={picture.resolve()}",
                html.as_uri(),
            ],
            capture_output=True,
            text=True,
            timeout=60,
        )
        # fmt: on
    if taken.returncode or not picture.exists():
        last = (taken.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise OperatorError(f"Chromium took no picture: {last}.")
    picture.write_bytes(_marked(picture.read_bytes(), _mark(page)))


def _top() -> str:
    return render(load_template(SINGLE_FILE.read_text(encoding="utf-8")), SHOWN)


def _mark(page: str) -> bytes:
    return _KEYWORD + hashlib.sha256(page.encode()).hexdigest().encode()


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the type and the data of each chunk ("Chunk layout", PNG specification)."""
    position = len(_SIGNATURE)
    while position < len(png):
        length, kind = struct.unpack_from(">I4s", png, position)
        yield kind, png[position + 8 : position + 8 + length]
        position += 12 + length


def _marked(png: bytes, mark: bytes) -> bytes:
    """Return a picture with a text in it, after its header, which must come first."""
    parts = [_SIGNATURE]
    for kind, data in _chunks(png):
        written = [(kind, data), *([(b"tEXt", mark)] if kind == b"IHDR" else [])]
        for name, content in written:
            body = name + content
            parts.append(struct.pack(">I", len(content)) + body)
            parts.append(struct.pack(">I", zlib.crc32(body)))
    return b"".join(parts)


def _field(labels: Mapping[str, Any], name: str, declaration: Mapping[str, Any]) -> str:
    label = labels.get(name, {}).get("default", name)
    kind = "list" if declaration.get("AllowedValues") else "text"
    return (
        f"<label><b>{escape(label)}</b>"
        f"<small>{escape(declaration.get('Description', ''))}</small>"
        f"<i class='{kind}'>{escape(str(declaration.get('Default', '')))}</i></label>"
    )
