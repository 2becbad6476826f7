"""The whole set on the embedded AWS, with an operator who runs commands on it."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from local_aws.process import EmbeddedAws
from ops.__main__ import main
from tests.conftest import SHORT_WAITS
from tests.lifecycle.deployed_set import STACK, DeployedSet
from tests.small_set import ROOT, Outcome, hasten


class OperatedSet(DeployedSet):
    """One deployment of the set, and the commands of `python -m ops` run on it."""

    folder: Path

    def runs(self, *arguments: str) -> Outcome:
        """Run a command of ops on this stack, with nobody there to answer."""
        output, progress = io.StringIO(), io.StringIO()
        with (
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(progress),
        ):
            code = main(arguments)
        return Outcome(code, output.getvalue(), progress.getvalue())

    def writes_parameters(self, text: str) -> None:
        """Write the parameter file."""
        (self.folder / "parameters.yaml").write_text(text)

    @property
    def parameter_file(self) -> str:
        """What is in the parameter file."""
        return (self.folder / "parameters.yaml").read_text()

    def made(self) -> Sequence[str]:
        """Return the operations that have changed anything since calls were cleared."""
        reads = ("Get", "List", "Describe", "Head")
        operations = [call["operation"] for call in self.aws.control.calls()]
        return [name for name in operations if not name.startswith(reads)]


@contextlib.contextmanager
def operated(
    aws: EmbeddedAws, folder: Path, **parameters: str
) -> Iterator[OperatedSet]:
    """Give the set, deployed on an emptied embedded AWS, and an operator before it."""
    aws.control.reset()
    aws.control.set(**SHORT_WAITS)
    deployed = OperatedSet(aws, "root.yaml")
    deployed.folder = folder
    status = deployed.create(**parameters)
    assert status == "CREATE_COMPLETE", deployed.reasons
    # Four custom resources, and the repairs that the ends of two stacks start: a test
    # that breaks something must not have it mended by one of those.
    while deployed.log_lines.count("END RequestId") < 6:
        time.sleep(0.03)
    shutil.copytree(ROOT / "dist", folder / "dist")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(folder)
        monkeypatch.setattr("sys.stdin", io.StringIO())
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        for name, value in {**aws.environment(), "STACK": STACK}.items():
            monkeypatch.setenv(name, value)
        hasten(monkeypatch)
        yield deployed
