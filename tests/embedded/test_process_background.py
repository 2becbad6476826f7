"""The background process is started once, found again, ended, and recovered from."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local_aws import __main__ as command
from local_aws import process
from local_aws.process import EmbeddedAws, Running

pytestmark = pytest.mark.local_aws


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    """Give a state directory whose process, if there is one, is stopped afterwards."""
    yield tmp_path / "state"
    process.stop(tmp_path / "state")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Running]]:
    """Give one that was started in the background, for tests that leave it as it is."""
    directory = tmp_path_factory.mktemp("shared")
    yield directory, process.start(directory, port=0)
    process.stop(directory)


def is_alive(pid: int) -> bool:
    """Return whether a process runs (a zombie, whom nobody has collected, does not)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def until(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_a_second_start_finds_the_first(shared: tuple[Path, Running]) -> None:
    directory, first = shared
    second = process.start(directory)
    assert (first.found, second.found) == (False, True)
    assert (second.pid, second.endpoint) == (first.pid, first.endpoint)


def test_two_starts_at_once_end_in_one_process(directory: Path) -> None:
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(lambda _: process.start(directory, port=0), range(2)))
    assert both[0].pid == both[1].pid
    assert sorted(running.found for running in both) == [False, True]


def test_it_outlives_the_shell_that_started_it_and_stops_when_told(
    directory: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arguments = ["--state-directory", str(directory)]
    started = subprocess.run(
        [sys.executable, "-m", "local_aws", "start", "--port", "0", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.fullmatch(
        r"The embedded AWS is ready on http://127\.0\.0\.1:\d+ \(process \d+\)\.\n",
        started.stdout,
    )
    running = process.status(directory)
    assert running is not None
    assert is_alive(running.pid)
    assert (directory / "tmp").is_dir()
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", "example.com")
    assert command.main(["env", *arguments]) == 0
    aimed = capsys.readouterr().out.splitlines()
    assert f"export AWS_ENDPOINT_URL={running.endpoint}" in aimed
    assert "export AWS_CONFIG_FILE=/dev/null" in aimed
    around = "127.0.0.1,example.com"
    assert f"export NO_PROXY={around} no_proxy={around}" in aimed
    assert command.main(["stop", *arguments]) == 0
    assert until(lambda: not is_alive(running.pid))
    assert command.main(["stop", *arguments]) == 0
    assert command.main(["status", *arguments]) == 3
    left = {path.name for path in directory.iterdir()}
    assert left == {"lock", "port", "server.log"}


def test_a_killed_process_is_recovered_from(directory: Path) -> None:
    first = process.start(directory, port=0)
    (directory / "tmp" / "of-a-function").mkdir()
    os.kill(first.pid, signal.SIGKILL)
    assert until(lambda: not is_alive(first.pid))
    assert (directory / "process.json").exists()
    assert process.status(directory) is None
    second = process.start(directory)
    assert second.pid != first.pid
    assert second.port == first.port
    assert list((directory / "tmp").iterdir()) == []


def test_a_taken_port_is_said_in_two_sentences_with_the_mend(
    directory: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code = command.main(
            ["start", "--state-directory", str(directory), "--port", str(port)]
        )
    assert code == 4
    error = capfd.readouterr().err
    assert error.startswith(f"Port {port} of 127.0.0.1 is taken by another program")
    assert error.endswith("choose another port with --port.\n")
    assert len(error.splitlines()) == 1


def test_without_a_wish_a_taken_port_is_avoided(directory: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        directory.mkdir()
        (directory / "port").write_text(str(port))
        assert process.start(directory).port not in (0, port)


def test_a_running_one_is_not_moved_to_another_port(
    shared: tuple[Path, Running], capfd: pytest.CaptureFixture[str]
) -> None:
    directory, running = shared
    arguments = ["--state-directory", str(directory), "--port", str(running.port + 1)]
    assert command.main(["start", *arguments]) == 1
    error = capfd.readouterr().err
    assert f"runs already, on port {running.port}" in error


def test_a_start_that_dies_early_shows_its_last_words(
    directory: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    directory.mkdir()
    (directory / "tmp").write_text("in the place of its temporary folder")
    assert command.main(["start", "--state-directory", str(directory)]) == 1
    error = capfd.readouterr().err
    assert error.startswith("The embedded AWS died at its start (exit code 1):")
    assert "File exists" in error


def test_status_is_readable_by_programs(
    shared: tuple[Path, Running], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def status(directory: Path) -> tuple[int, dict[str, object]]:
        arguments = ["--state-directory", str(directory), "--output", "json"]
        code = command.main(["status", *arguments])
        return code, json.loads(capsys.readouterr().out)

    directory, running = shared
    code, found = status(directory)
    assert code == 0
    assert (found["pid"], found["endpoint"]) == (running.pid, running.endpoint)
    assert found["ministack"] == "1.5.33"
    assert status(tmp_path) == (3, {"status": "stopped"})


def test_it_ends_with_the_process_that_started_it_for_itself(tmp_path: Path) -> None:
    program = (
        "import os, sys, pathlib\n"
        "from local_aws.process import EmbeddedAws, Running\n"
        "with EmbeddedAws.started(directory=pathlib.Path(sys.argv[1])) as aws:\n"
        "    print(aws.pid, flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert until(lambda: not is_alive(int(killed.stdout)))


def pools(aws: EmbeddedAws) -> list[str]:
    found = aws.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]
    return [pool["Name"] for pool in found]


def test_state_survives_a_restart_only_where_asked_and_until_a_reset(
    tmp_path: Path,
) -> None:
    with EmbeddedAws.started(directory=tmp_path) as aws:
        aws.client("cognito-idp").create_user_pool(PoolName="gone")
    with EmbeddedAws.started(directory=tmp_path, persist=True) as aws:
        assert pools(aws) == []
        aws.client("cognito-idp").create_user_pool(PoolName="kept")
        aws.client("s3").create_bucket(Bucket="kept")
        aws.client("s3").put_object(Bucket="kept", Key="key", Body=b"kept")
        aws.control.set(vendor_workforces=2)
    with EmbeddedAws.started(directory=tmp_path, persist=True) as aws:
        assert pools(aws) == ["kept"]
        found = aws.client("s3").get_object(Bucket="kept", Key="key")
        assert found["Body"].read() == b"kept"
        assert aws.control.settings()["vendor_workforces"] == 2
        aws.control.reset()
    with EmbeddedAws.started(directory=tmp_path, persist=True) as aws:
        assert pools(aws) == []
        assert aws.control.settings()["vendor_workforces"] == 0


@pytest.mark.parametrize(
    "name", ["", "start", "stop", "status", "serve", "mail", "env"]
)
def test_each_command_explains_itself_and_its_exit_codes(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main([name, "--help"] if name else ["--help"])
    assert ended.value.code == 0
    assert "no embedded AWS is running" in capsys.readouterr().out


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_what_is_no_port_is_refused(
    port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(["start", f"--port={port}"])
    assert ended.value.code == 2
    assert "is no port (0 to 65535)" in capsys.readouterr().err


def test_mail_without_an_embedded_aws_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["mail", "--state-directory", str(tmp_path)]) == 3
    assert command.main(["env", "--state-directory", str(tmp_path)]) == 3
    assert "No embedded AWS is running" in capsys.readouterr().err
