"""The AWS CLI: the one place that decides which is used.

An `aws` on PATH that works, version 1 or 2; otherwise the pinned one in .venv-aws, made
by `make setup`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ops import environments
from ops.errors import OperatorError, explain_command

CONSTRAINTS = "constraints-aws.txt"
FOLDER = environments.ROOT / ".venv-aws"


@dataclass(frozen=True)
class AwsCli:
    """A working AWS CLI.

    Attributes:
        program: Its path.
        version: What `aws --version` prints first, for example "aws-cli/2.31.0".
    """

    program: str
    version: str

    def run(self, arguments: Sequence[str]) -> str:
        """Run a command to its end and return what it prints.

        Raises:
            OperatorError: when it fails, with the reason that it gives.
        """
        process = self.start(arguments)
        output, errors = process.communicate()
        if process.returncode:
            raise explain_command(errors or output)
        return output

    def start(self, arguments: Sequence[str]) -> subprocess.Popen[str]:
        """Start a command, its output and errors piped to the caller."""
        return subprocess.Popen(
            [self.program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A pager would wait for a person.
            env=os.environ | {"AWS_PAGER": ""},
        )


def find() -> AwsCli:
    """Return the AWS CLI to use.

    Raises:
        OperatorError: when there is none.
    """
    for program in (shutil.which("aws"), str(FOLDER / "bin" / "aws")):
        if program and (version := _version(program)):
            return AwsCli(program, version)
    raise OperatorError(
        "No working AWS CLI: there is no `aws` on PATH that answers `aws --version`.",
        f"`make setup` installs one into {FOLDER.name}.",
    )


def install() -> AwsCli:
    """Return the AWS CLI to use, making .venv-aws when no other works."""
    try:
        return find()
    except OperatorError:
        environments.create(FOLDER, ("awscli",), CONSTRAINTS)
        return find()


def _version(program: str) -> str:
    if not Path(program).exists():
        return ""
    # CLI 1 on old Pythons printed its version to stderr.
    answer = subprocess.run(
        [program, "--version"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    words = answer.stdout.split()
    works = answer.returncode == 0 and words and words[0].startswith("aws-cli/")
    return words[0] if works else ""
