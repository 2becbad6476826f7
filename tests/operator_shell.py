"""An operator's shell: turned towards the embedded AWS, with commands run in it."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Sequence

import pytest

from local_aws.process import EmbeddedAws
from ops.__main__ import main


class Outcome:
    """What a command came to."""

    def __init__(self, code: int, output: str, progress: str) -> None:
        self.code = code
        self.output = output
        self.progress = progress

    def refuses(self, *words: str) -> bool:
        """Return whether the command failed, in sentences that have these words."""
        told = "✗ " in self.progress and "Traceback" not in self.progress
        return self.code == 1 and told and all(word in self.progress for word in words)


def turn_towards(
    aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch, **variables: str
) -> None:
    """Make the embedded AWS the account, with nobody there to answer a question."""
    monkeypatch.setattr("sys.stdin", io.StringIO())
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {**aws.environment(), **variables}.items():
        monkeypatch.setenv(name, value)


def run_command(*arguments: str) -> Outcome:
    """Run a command of ops."""
    output, progress = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(progress):
        code = main(arguments)
    return Outcome(code, output.getvalue(), progress.getvalue())


def changes(aws: EmbeddedAws) -> Sequence[str]:
    """Return the operations that have changed anything since calls were cleared."""
    reads = ("Get", "List", "Describe", "Head")
    operations = [call["operation"] for call in aws.control.calls()]
    return [name for name in operations if not name.startswith(reads)]
