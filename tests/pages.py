"""The pages in docs/, as far as tests hold them to the set."""

from __future__ import annotations

from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"


def section(page: str, heading: str) -> str:
    """Return what stands under a heading of a page in docs/."""
    text = (DOCS / page).read_text("utf-8")
    found = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    assert found, f"docs/{page} has no section {heading}"
    return found
