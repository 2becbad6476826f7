"""CloudFormation's own rules, as far as cfn-lint knows them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import build
from templates import TEMPLATES

CFN_LINT = Path(sys.executable).with_name("cfn-lint")


def test_the_set_on_disk_has_no_finding(tmp_path: Path) -> None:
    """Linted as files, nested parameters and outputs are checked too.

    W3002 and W1030 are the exceptions: the one says that local TemplateURLs need the
    package command, which is how the set is deployed; the other tries an empty
    BaseStackId together with a root stack, which always gives one.
    """
    build.main(["--output", str(tmp_path)])
    linted = subprocess.run(  # noqa: S603 (our own environment's)
        [
            str(CFN_LINT),
            *("--include-checks", "I"),
            *("--configure-rule", "E3012:strict=true"),
            *("--ignore-checks", "W3002", "W1030"),
            *("--format", "parseable"),
            "--",
            *(str(tmp_path / "dist" / name) for name in TEMPLATES),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (linted.stdout + linted.stderr, linted.returncode) == ("", 0)


def test_a_missing_nested_parameter_would_be_found(tmp_path: Path) -> None:
    build.main(["--output", str(tmp_path)])
    root = tmp_path / "dist/root.yaml"
    lines = root.read_text().splitlines(keepends=True)
    position = next(
        number for number, line in enumerate(lines) if "        UserPoolId:" in line
    )
    del lines[position : position + 4]
    root.write_text("".join(lines))
    linted = subprocess.run(  # noqa: S603 (our own environment's)
        [str(CFN_LINT), "--", str(root)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert "E3043" in linted.stdout
