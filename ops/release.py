"""The release: an archive of dist/, a bill of materials, and their checksums.

`make release` writes them to .build/release/. The same commit gives the same bytes, so
that anybody can see that an archive is what the sources say. The bill (CycloneDX) names
what the set was built and tested with; of what it names only boto3 runs in the account,
in the version that Lambda's runtime has.

The templates that a living stack may come from are also kept in tests/released/, where
the next versions are tested to update them.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

from ops import environments
from templates.version import VERSION

CONSTRAINTS = "constraints-sbom.txt"
TOOL = environments.ROOT / ".venv-sbom"
FOLDER = environments.ROOT / ".build" / "release"
NAME = f"private-labeling-workforce-{VERSION}"

#: Each release's templates as they were, by its version.
RELEASED = environments.ROOT / "tests" / "released"
KEPT = ("root.yaml", "base.yaml", "workforce.yaml", "private-workforce.yaml")

#: What an operator without a checkout needs beside the templates.
PAPERS = ("LICENSE", "CHANGELOG.md", "docs/parameters.md", "docs/operations.md")

#: The oldest time that an archive can say.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


def write(folder: Path) -> list[Path]:
    """Write archive, bill of materials and SHA256SUMS; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [archive(folder / f"{NAME}.zip"), bill(folder / f"{NAME}.cdx.json")]
    sums = folder / "SHA256SUMS"
    # The form that `sha256sum --check` reads.
    lines = (
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n"
        for file in files
    )
    sums.write_text("".join(lines), encoding="utf-8")
    return [*files, sums]


def keep(folder: Path) -> Path:
    """Keep the templates of this version in a folder of its own, and return that.

    Raises:
        SystemExit: the version is kept already, with other templates.
    """
    kept = folder / VERSION
    present = {name: (environments.ROOT / "dist" / name).read_bytes() for name in KEPT}
    if kept.exists():
        if {file.name: file.read_bytes() for file in kept.iterdir()} != present:
            raise SystemExit(
                f"{VERSION} is released already, with other templates. Raise the "
                "version in templates/version.py."
            )
        return kept
    kept.mkdir(parents=True)
    for name, content in present.items():
        (kept / name).write_bytes(content)
    return kept


def archive(file: Path) -> Path:
    """Write the archive of the set, and return its path."""
    templates = sorted((environments.ROOT / "dist").glob("*.yaml"))
    papers = [environments.ROOT / name for name in PAPERS]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for source in (*templates, *papers):
            name = source.relative_to(environments.ROOT).as_posix()
            entry = zipfile.ZipInfo(f"{NAME}/{name}", _NO_TIME)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, source.read_bytes())
    return file


def bill(file: Path) -> Path:
    """Write the bill of materials of the pinned packages, and return its path.

    Raises:
        SystemExit: the tool cannot be installed.
        subprocess.CalledProcessError: it fails; what it says is on stderr.
    """
    if not (TOOL / "bin" / "cyclonedx-py").exists():
        environments.create(TOOL, ("cyclonedx-bom",), CONSTRAINTS)
    subprocess.run(
        [
            str(TOOL / "bin" / "cyclonedx-py"),
            *("requirements", "--output-reproducible", "--of", "JSON"),
            *("-o", str(file), "constraints.txt"),
        ],
        cwd=environments.ROOT,
        check=True,
    )
    return file


if __name__ == "__main__":
    # First: a version that must not be released is not written either.
    for written in (keep(RELEASED), *write(FOLDER)):
        print(written.relative_to(environments.ROOT), file=sys.stdout)
