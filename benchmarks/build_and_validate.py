"""Build the set into a folder and validate it there, in one process.

What the AWS CDK does by default: the validator of its App is the one of
``gates.in_process.cloudformation_validate``, in another language's package.
"""

from __future__ import annotations

import sys
from pathlib import Path

import build
from gates.in_process import cloudformation_validate


def main(folder: Path) -> int:
    """Build and validate; return the exit code of the build.

    What the validator finds is not judged here: that is ``make check``.
    """
    code = build.main(["--output", str(folder)])
    names = sorted(path.name for path in (folder / "dist").glob("*.yaml"))
    found = list(cloudformation_validate(folder / "dist", {name: {} for name in names}))
    print(f"{len(names)} templates, {len(found)} findings")
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
