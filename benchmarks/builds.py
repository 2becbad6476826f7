"""The build beside its floor and beside the AWS CDK app, whole processes in turn."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import cdk_app
from benchmarks.build_steps import LIBRARIES
from benchmarks.measuring import Measured, in_turn
from gates.findings import PROJECT, load
from ops import environments

_IMPORT = f"import {', '.join(LIBRARIES)}"

PYTHON, FLOOR = "python -c pass", "import floor"
BUILD, VALIDATED = "build", "build + validate"
CDK, CDK_VALIDATED = "CDK app, validation off", "CDK app, default"


def measure(runs: int) -> dict[str, Measured]:
    """Measure everything; install the CDK first where it is not installed.

    Raises:
        SystemExit: npm is missing or fails.
        CdkError: the CDK app fails, or makes other resources than dist/ has.
    """
    environments.npm_ci(cdk_app.APP)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        definitions, output = folder / "definitions.json", folder / "cdk.out"
        templates = load(PROJECT / "dist")
        cdk_app.write_definitions(templates, definitions)
        measured = in_turn(
            {
                PYTHON: lambda: run("-c", "pass"),
                FLOOR: lambda: run("-c", _IMPORT),
                BUILD: lambda: run("build.py", "--output", name),
                VALIDATED: lambda: run("-m", "benchmarks.build_and_validate", name),
                CDK: lambda: cdk_app.run(definitions, output, validation=False),
                CDK_VALIDATED: lambda: cdk_app.run(
                    definitions, output, validation=True
                ),
            },
            runs,
        )
        if different := cdk_app.differences(templates, output):
            raise cdk_app.CdkError("\n".join(different))
    return measured


def measure_steps(runs: int) -> dict[str, float]:
    """Return the median of the seconds of each step of a build, by what it does."""
    seen = [json.loads(run("-m", "benchmarks.build_steps")) for _ in range(runs)]
    return {step: statistics.median(each[step] for each in seen) for step in seen[0]}


def run(*arguments: str) -> str:
    """Run Python in the project, and return what it prints.

    With compiled modules, as on every machine that does not forbid to keep them:
    otherwise each run would compile the builders anew.
    """
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
