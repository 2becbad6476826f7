"""The whole set on the embedded AWS, with an operator who runs commands on it."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from local_aws.process import EmbeddedAws
from tests.conftest import SHORT_WAITS
from tests.lifecycle.deployed_set import STACK, DeployedSet
from tests.operator_shell import Outcome, changes, run_command, turn_towards
from tests.small_set import ROOT, hasten


class OperatedSet(DeployedSet):
    """One deployment of the set, and the commands of `python -m ops` run on it."""

    folder: Path

    def runs(self, *arguments: str) -> Outcome:
        """Run a command of ops on this stack, with nobody there to answer."""
        return run_command(*arguments)

    def writes_parameters(self, text: str) -> None:
        """Write the parameter file."""
        (self.folder / "parameters.yaml").write_text(text)

    @property
    def parameter_file(self) -> str:
        """What is in the parameter file."""
        return (self.folder / "parameters.yaml").read_text()

    def made(self) -> Sequence[str]:
        """Return the operations that have changed anything since calls were cleared."""
        return changes(self.aws)


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
        turn_towards(aws, monkeypatch, STACK=STACK)
        hasten(monkeypatch)
        yield deployed
