"""The AWS CLI: the one place that decides which is used.

An `aws` on PATH that works, version 1 or 2; otherwise the pinned one in .venv-aws, made
by `make setup`. One that does not know AWS_ENDPOINT_URL does not work: on its way to
the embedded AWS it would call the real one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ops import environments
from ops.errors import OperatorError, explain_command

CONSTRAINTS = "constraints-aws.txt"
FOLDER = environments.ROOT / ".venv-aws"

# The first with AWS_ENDPOINT_URL, by major version: the changelogs of aws/aws-cli.
_OLDEST = {1: (1, 29, 0), 2: (2, 13, 0)}


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
        "No working AWS CLI: no `aws` on PATH answers `aws --version` with 1.29, 2.13 "
        "or a later version.",
        f"`make setup` installs one into {FOLDER.name}.",
    )


def install() -> AwsCli:
    """Return the AWS CLI to use, making .venv-aws when no other works."""
    try:
        return find()
    except OperatorError:
        return pinned()


def pinned() -> AwsCli:
    """Return the AWS CLI in .venv-aws, making that if need be."""
    program = str(FOLDER / "bin" / "aws")
    if not _version(program):
        environments.create(FOLDER, ("awscli",), CONSTRAINTS)
    return AwsCli(program, _version(program))


def _version(program: str) -> str:
    """Return the version of a program if it is an AWS CLI that works here."""
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
    found = re.match(r"aws-cli/(\d+)\.(\d+)\.(\d+)", answer.stdout)
    if answer.returncode or not found:
        return ""
    version = tuple(map(int, found.groups()))
    return found[0] if version >= _OLDEST.get(version[0], version) else ""
