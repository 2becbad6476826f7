"""The heavy analysers, each a program from an environment of its own.

checkov comes from .venv-checkov (constraints-checkov.txt), cdk-nag and cfn-guard with
its Control Tower rules from gates/node_modules (package-lock.json). None of them uses
the network.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gates.findings import PROJECT, Finding, Templates
from ops import environments

CHECKOV = PROJECT / ".venv-checkov"
NODE = PROJECT / "gates"
GUARD = NODE / "node_modules/@cdklabs/cdk-validator-cfnguard"


class AnalyserError(Exception):
    """An analyser did not run; the message says what to do."""


def checkov(folder: Path, _: Templates) -> Iterator[Finding]:
    """Yield what checkov finds, also what the templates tell it to skip.

    Raises:
        AnalyserError: it did not come to an end.
    """
    python = CHECKOV / "bin" / "python"
    options = ("--framework", "cloudformation", "--skip-download", "--compact")
    program = [str(python), str(CHECKOV / "bin" / "checkov")]
    answer = _answer(
        [*program, "-d", str(folder), *options, "-o", "json"], codes=(0, 1)
    )
    for report in answer if isinstance(answer, list) else [answer]:
        results = report["results"]
        for check in (*results["failed_checks"], *results["skipped_checks"]):
            yield Finding(
                "checkov",
                check["check_id"],
                Path(check["file_path"]).name,
                check["resource"].rpartition(".")[2],
                check["check_name"],
            )


def cfn_guard(folder: Path, _: Templates) -> Iterator[Finding]:
    """Yield what the Control Tower rules of cfn-guard find.

    Raises:
        AnalyserError: it did not come to an end, or no rule applied to anything.
    """
    system = "macos" if sys.platform == "darwin" else "ubuntu"
    machine = "aarch64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
    program = GUARD / "bin" / system / machine / "cfn-guard"
    # npm unpacks it without the right to run.
    program.chmod(0o755)
    rules = GUARD / "rules/control-tower/cfn-guard"
    options = ("-o", "json", "--structured", "-S", "none")
    command = [str(program), "validate", "-d", str(folder), "-r", str(rules), *options]
    reports = _answer(command, codes=(0, 19))
    if not any(report["compliant"] for report in reports):
        raise AnalyserError("cfn-guard applied no rule: its rules or names have moved.")
    for report in reports:
        for broken in report["not_compliant"]:
            rule = broken["Rule"]
            name = Path(report["name"]).name
            yield Finding("cfn-guard", rule["name"], name, "", _guard_message(rule))


def cdk_nag(folder: Path, templates: Templates) -> Iterator[Finding]:
    """Yield what cdk-nag's AwsSolutions rules find.

    Raises:
        AnalyserError: it did not come to an end.
    """
    files = [str(folder / name) for name in templates]
    reports = _answer(
        ["node", str(NODE / "cdk_nag.js"), *files],
        codes=(0,),
        # The CDK's own validator, which is cloudformation-validate.
        CDK_VALIDATION="false",
    )
    for name, violations in zip(templates, reports, strict=True):
        for violation in violations:
            for resource in violation["violatingResources"]:
                yield Finding(
                    "cdk_nag",
                    # Some name what they found in brackets.
                    violation["ruleName"].partition("[")[0],
                    name,
                    resource["constructPath"].rpartition("/")[2],
                    f"{violation['description']} {violation['ruleName']}",
                )


def _guard_message(rule: dict[str, Any]) -> str:
    return str(rule.get("metadata", {}).get("message") or "see the rule's text")


def _answer(command: list[str], codes: tuple[int, ...], **environment: str) -> Any:
    """Run a program and return the JSON that it prints.

    Raises:
        AnalyserError: the program is missing, or ends with another exit code.
    """
    try:
        ran = subprocess.run(
            command,
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
        )
    except FileNotFoundError as error:
        raise AnalyserError(
            f"{command[0]} is missing: `make check-all` installs what needs no root, "
            "Node.js 18 or newer with npm comes from your system."
        ) from error
    if ran.returncode not in codes:
        raise AnalyserError(f"`{' '.join(command)}` failed: {ran.stderr[-2000:]}")
    return json.loads(ran.stdout)


def install() -> None:
    """Make the environments of the heavy analysers where they are not current.

    Raises:
        SystemExit: with a sentence, when pip or npm fails.
    """
    stamp = CHECKOV / ".installed"
    if _older(stamp, PROJECT / "constraints-checkov.txt"):
        environments.create(CHECKOV, ("checkov",), "constraints-checkov.txt")
        stamp.touch()
    environments.npm_ci(NODE)


def _older(file: Path, other: Path) -> bool:
    return not file.exists() or file.stat().st_mtime < other.stat().st_mtime
