"""Build the CloudFormation templates of the set into dist/.

``python build.py`` writes them, ``python build.py --check`` compares them with what
is committed and fails when that is stale.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Sequence
from pathlib import Path

from templates import TEMPLATES
from templates.inline import InlineError
from templates.rendering import to_yaml
from templates.revision import RevisionError
from templates.wiring import WiringError

DIST = Path(__file__).parent / "dist"

#: "Template body size in an Amazon S3 object" ("CloudFormation quotas").
MAXIMUM_TEMPLATE_BYTES = 1_000_000


def render_all() -> dict[str, str]:
    """Return the text of every template by its file name."""
    return {name: to_yaml(build()) for name, build in TEMPLATES.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Build or check; return the exit code (1: the committed set is stale)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="compare instead of writing"
    )
    parser.add_argument(
        "--output", type=Path, default=DIST, metavar="FOLDER", help="default: dist/"
    )
    options = parser.parse_args(arguments)
    try:
        rendered = render_all()
    except (InlineError, RevisionError, WiringError) as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    if options.check:
        return _check(rendered, options.output)
    options.output.mkdir(parents=True, exist_ok=True)
    for name, text in rendered.items():
        (options.output / name).write_text(text, encoding="utf-8")
        size = len(text.encode())
        share = 100 * size / MAXIMUM_TEMPLATE_BYTES
        print(f"{options.output.name}/{name}: {size:,} bytes ({share:.1f} % of 1 MB)")
    return 0


def _check(rendered: dict[str, str], folder: Path) -> int:
    stale = [
        line
        for name, text in rendered.items()
        for line in difflib.unified_diff(
            _read(folder / name).splitlines(),
            text.splitlines(),
            f"{folder.name}/{name} (committed)",
            f"{folder.name}/{name} (built)",
            lineterm="",
        )
    ]
    foreign = sorted(
        path.name for path in folder.glob("*.yaml") if path.name not in rendered
    )
    if stale:
        print("\n".join(stale))
    if foreign:
        print(f"Nothing builds {', '.join(foreign)}: delete it.")
    if stale or foreign:
        print(f"{folder.name}/ is stale: run make build and review its diff.")
    return 1 if stale or foreign else 0


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
