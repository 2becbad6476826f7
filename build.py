"""Build the templates of the set into dist/, docs/parameters.md and the diagrams.

``python build.py`` writes them, ``python build.py --check`` compares them with what
is committed and fails when that is stale.
"""

from __future__ import annotations

import argparse
import functools
import gc
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from templates import TEMPLATES, diagram, parameters_page
from templates.diagram import DiagramError
from templates.inline import InlineError
from templates.rendering import Definition, to_yaml
from templates.revision import RevisionError
from templates.wiring import WiringError

PROJECT = Path(__file__).parent
DIST = PROJECT / "dist"
PAGES_WITH_DIAGRAM = ("README.md", "docs/architecture.md")

#: "Template body size in an Amazon S3 object" ("CloudFormation quotas").
MAXIMUM_TEMPLATE_BYTES = 1_000_000


def definitions() -> dict[str, Definition]:
    """Return every template as CloudFormation takes it, by its file name."""
    return {name: build().to_dict() for name, build in TEMPLATES.items()}


def render_templates() -> dict[str, str]:
    """Return the text of every template by its file name."""
    return {name: to_yaml(template) for name, template in definitions().items()}


def render_all() -> dict[str, str]:
    """Return the text of every built file by its path in the project."""
    templates = definitions()
    return {
        **{f"dist/{name}": to_yaml(template) for name, template in templates.items()},
        **render_pages(templates),
    }


def render_pages(templates: Mapping[str, Definition]) -> dict[str, str]:
    """Return the text of every page that is built from the templates, by its path."""
    drawing = diagram.render(templates)
    return {
        "docs/parameters.md": parameters_page.render(),
        **{
            page: diagram.placed(page, _read(PROJECT / page), drawing)
            for page in PAGES_WITH_DIAGRAM
        },
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Build or check; return the exit code (1: the committed files are stale)."""
    # With a width: asking the terminal for it imports what nothing else here needs.
    help_formatter = functools.partial(argparse.HelpFormatter, width=80)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=help_formatter
    )
    parser.add_argument(
        "--check", action="store_true", help="compare instead of writing"
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=PROJECT,
        metavar="FOLDER",
        help="folder that has or gets dist/ and docs/ (default: the project)",
    )
    parser.add_argument(
        "--diagram", action="store_true", help="only print the architecture's diagram"
    )
    parser.add_argument(
        "--quiet", action="store_true", help="say only which files have changed"
    )
    options = parser.parse_args(arguments)
    if options.diagram:
        print(diagram.render(definitions()), end="")
        return 0
    try:
        rendered = render_all()
    except (DiagramError, InlineError, RevisionError, WiringError) as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    if options.check:
        return _check(rendered, options.output)
    for name, text in rendered.items():
        path = options.output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if options.quiet and _read(path) != text:
            print(f"{name} is built anew.")
        size = path.write_bytes(text.encode())
        if not options.quiet and name.startswith("dist/"):
            share = 100 * size / MAXIMUM_TEMPLATE_BYTES
            print(f"{name}: {size:,} bytes ({share:.1f} % of 1 MB)")
    return 0


def _check(rendered: dict[str, str], project: Path) -> int:
    # Only here: importing it costs a build that writes a tenth of its time.
    import difflib

    stale = [
        line
        for name, text in rendered.items()
        for line in difflib.unified_diff(
            _read(project / name).splitlines(),
            text.splitlines(),
            f"{name} (committed)",
            f"{name} (built)",
            lineterm="",
        )
    ]
    foreign = sorted(
        f"dist/{path.name}"
        for path in (project / "dist").glob("*")
        if f"dist/{path.name}" not in rendered
    )
    if stale:
        print("\n".join(stale))
    if foreign:
        print(f"Nothing builds {', '.join(foreign)}: delete it.")
    if stale or foreign:
        print("The built files are stale: run make build and review the diff.")
    return 1 if stale or foreign else 0


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    # Nothing to collect: nearly all that is made is kept until the end, and to look
    # for what is not takes a tenth of the time.
    gc.disable()
    sys.exit(main())
