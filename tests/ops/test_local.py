"""`make local`: one command to a proven portal, and nothing left after it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws import process
from ops import local
from ops.errors import NotReady, OperatorError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Give a folder with the built templates and an embedded AWS of its own."""
    shutil.copytree(ROOT / "dist", tmp_path / "dist")
    yield tmp_path
    process.stop(tmp_path / process.DEFAULT_DIRECTORY)


def start(folder: Path, *command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=folder,
        # An account that the shell happens to have is not to be touched.
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "AWS_PROFILE": "production",
            "AWS_REGION": "eu-north-1",
            "CHROMIUM": "true",
            "DISPLAY": ":0",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(folder: Path, *command: str) -> tuple[int, str, str]:
    running = start(folder, *command)
    output, progress = running.communicate()
    return running.returncode, output, progress


@pytest.mark.local_aws
def test_one_command_leads_to_a_proven_portal_and_another_one_back(
    folder: Path,
) -> None:
    code, output, progress = run(folder, "ops", "local", "up", "--output", "json")
    assert code == 0, progress
    outputs = json.loads(output)
    assert outputs["LabelingPortalUrl"].startswith("https://")
    assert outputs.keys() >= {
        *("UserPoolId", "UserPoolClientId", "UserPoolDomainName", "WorkTeamArn"),
    }
    proven = [line for line in progress.splitlines() if line.startswith("✓")]
    assert len(proven) == 7

    # A browser that opens nothing, but is found and started.
    code, output, progress = run(folder, "ops", "local", "browse")
    assert code == 0, progress
    assert outputs["LabelingPortalUrl"] in output
    assert "Temporary password:" in output
    assert progress.splitlines()[-1].endswith("is open in the browser")

    # An edited parameter updates the stack, and the proof holds again.
    (folder / "parameters.yaml").write_text("AccessTokenValidityInMinutes: 30\n")
    code, _, progress = run(folder, "ops", "local", "up")
    assert code == 0, progress
    assert "UPDATE_COMPLETE" in progress
    assert progress.count("✓") == 7

    code, _, progress = run(folder, "ops", "local", "destroy")
    assert code == 0, progress
    assert "✓ Nothing is left in the embedded AWS" in progress


@pytest.mark.local_aws
def test_what_is_left_is_named(folder: Path) -> None:
    running = process.start(folder / process.DEFAULT_DIRECTORY, port=0)
    process.EmbeddedAws(running).client("s3").create_bucket(Bucket="forgotten")
    code, _, progress = run(folder, "ops", "local", "destroy")
    assert code == 1
    assert "Left in the embedded AWS: bucket forgotten." in progress


def test_a_second_one_says_that_it_waits_for_the_first(folder: Path) -> None:
    directory = folder / process.DEFAULT_DIRECTORY
    directory.mkdir()
    with (directory / "operator.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = start(folder, "ops", "local", "destroy")
        assert second.stderr
        assert "waiting" in second.stderr.readline()
        assert second.poll() is None
    _, progress = second.communicate()
    assert second.returncode == 0
    assert progress == "No embedded AWS is running, so there is nothing to delete.\n"


def test_what_is_to_be_done_is_said_in_local_targets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OperatorError("Protected.", "`make deploy`, then `make destroy` again.")

    def refuse_all(*_: object) -> None:
        raise NotReady([OperatorError("It failed.", "`make destroy` removes it.")])

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(process, "status", refuse)
    with pytest.raises(OperatorError) as told:
        local.take_down("labels")
    assert told.value.mend == "`make local`, then `make local-destroy` again."
    monkeypatch.setattr(process, "status", refuse_all)
    with pytest.raises(NotReady) as all_told:
        local.take_down("labels")
    assert str(all_told.value) == "It failed. `make local-destroy` removes it."
