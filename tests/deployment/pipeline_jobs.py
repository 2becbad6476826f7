"""The jobs of the workflow and of the snippet for GitLab, run as their runners do.

The commands are read from where people take them from. What `uses:` an action of GitHub
is left out: the checkout is a copy of this one, and its credentials are what
aws-actions/configure-aws-credentials puts into the environment.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "deploy.yaml"
PAGE = ROOT / "docs" / "operations.md"

_CHECKED_OUT = (
    "Makefile",
    "README.md",
    "build.py",
    "constraints-aws.txt",
    "constraints.txt",
    "dist",
    "docs",
    "lambda_src",
    "ops",
    "pyproject.toml",
    "setup.cfg",
    "templates",
)
_EXPRESSION = re.compile(r"\$\{\{ vars\.(\w+)(?: \|\| '([^']*)')? \}\}")
# GitHub for `shell: bash` and for no shell, GitLab for every script.
_BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")
_DEFAULT_SHELL = ("bash", "-e", "-c")
# Some builds of Python start only with the last.
_KEPT = ("PATH", "LANG", "LD_LIBRARY_PATH")


def check_out(folder: Path) -> Path:
    """Copy what a job needs of this checkout; installed is what is installed here.

    The environment is a link, so that no job installs it again: that takes a minute,
    and each CI run of this very test has just done it.
    """
    folder.mkdir()
    for name in _CHECKED_OUT:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    (folder / ".venv-aws").symlink_to(ROOT / ".venv-aws")
    return folder


@dataclass(frozen=True)
class Step:
    """One step of a job: a script to run, or a role to take from then on.

    Attributes:
        script: what is run, empty for a role.
        shell: the shell it names, or nothing.
        role: the ARN of the role, empty for a script.
    """

    script: str = ""
    shell: str = ""
    role: str = ""


def workflow_job(
    name: str, variables: Mapping[str, str]
) -> tuple[dict[str, str], list[Step]]:
    """Return the environment and the steps of a job of the workflow.

    Args:
        name: The job.
        variables: Those of the repository; a missing one is empty.
    """
    job = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"][name]
    environment = {key: _resolved(text, variables) for key, text in job["env"].items()}
    steps = []
    for step in job["steps"]:
        role = step.get("with", {}).get("role-to-assume", "")
        if "run" in step:
            steps.append(Step(step["run"], step.get("shell", "")))
        elif role:
            steps.append(Step(role=_resolved(role, variables)))
        else:
            assert step["uses"].startswith("actions/checkout@"), step
    return environment, steps


def gitlab_job() -> dict[str, Any]:
    """Return the job that the page gives for GitLab."""
    (text,) = re.findall(
        r"```yaml\n(deploy:\n.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    job: dict[str, Any] = yaml.safe_load(text)["deploy"]
    return job


def run(
    script: str, folder: Path, environment: Mapping[str, str], shell: str = "bash"
) -> subprocess.CompletedProcess[str]:
    """Run one script in a checkout, with a home of its own.

    The AWS CLI keeps there what it gets for a token.
    """
    assert "${{" not in script, "an expression within a script is not evaluated here"
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return subprocess.run(  # noqa: S603 (the project's own scripts)
        [*(_BASH if shell else _DEFAULT_SHELL), script],
        cwd=folder,
        env={**kept, **environment, "HOME": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def _resolved(value: str, variables: Mapping[str, str]) -> str:
    text = _EXPRESSION.sub(lambda m: variables.get(m[1]) or m[2] or "", value)
    assert "${{" not in text, f"{value} is not evaluated here"
    return text
