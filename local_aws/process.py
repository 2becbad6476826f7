"""Starting, finding and stopping the background process of the embedded AWS.

Everything about one embedded AWS is in its state directory. The process holds the lock
file there for as long as it lives, so "is it running" is asked of the operating system
and never of a process id that may belong to somebody else by now.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local_aws.control import Control, ControlError
from local_aws.environment import (
    ACCOUNT,
    REGION,
    SECRET_ACCESS_KEY,
    client_environment,
    server_environment,
)
from local_aws.server import (
    EXIT_ALREADY_RUNNING,
    EXIT_FAILED,
    EXIT_LIBRARY_DOES_NOT_FIT,
    EXIT_PORT_TAKEN,
    Places,
    StartError,
)

if TYPE_CHECKING:
    import boto3
    from botocore.config import Config

DEFAULT_DIRECTORY = Path(".local_aws")
DEFAULT_PORT = 4566

_START_SECONDS = 30.0
_STOP_SECONDS = 10.0
_POLL_SECONDS = 0.01
_LOG_LINES = 15

# The process's last line is its explanation; after any other end it may be anything.
_EXPLAINED = (EXIT_PORT_TAKEN, EXIT_ALREADY_RUNNING, EXIT_LIBRARY_DOES_NOT_FIT)


class StopError(Exception):
    """The embedded AWS did not stop; the message says what to do."""


@dataclass(frozen=True)
class Running:
    """A running embedded AWS."""

    pid: int
    port: int
    endpoint: str
    found: bool = False
    """Whether it ran already when it was to be started."""


def start(
    directory: Path = DEFAULT_DIRECTORY,
    *,
    port: int | None = None,
    persist: bool = False,
) -> Running:
    """Start the embedded AWS of `directory` in the background, or find it running.

    Without `port` it listens on the one that it had last, or on 4566, or, if that is
    taken, on any free one. Raises StartError, with the process's last words.
    """
    places = Places(directory.resolve())
    wanted = [_last_port(places), 0] if port is None else [port]
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        if _is_locked(places):
            if (running := status(directory)) is not None:
                return _as_asked(running, port)
            time.sleep(_POLL_SECONDS)
            continue
        try:
            return _spawned(places, wanted[0], persist=persist, end=end)
        except StartError as problem:
            if problem.exit_code == EXIT_PORT_TAKEN and len(wanted) > 1:
                wanted.pop(0)
            elif problem.exit_code != EXIT_ALREADY_RUNNING:
                raise
    raise StartError(
        f"The embedded AWS in {places.directory} is not ready after "
        f"{_START_SECONDS:.0f} seconds. Stop it with `python -m local_aws stop` and "
        f"look into {places.log}."
    )


def stop(directory: Path = DEFAULT_DIRECTORY) -> bool:
    """Stop the embedded AWS of `directory`; return whether one was running.

    Raises StopError if it cannot be ended.
    """
    places = Places(directory.resolve())
    if not _is_locked(places):
        return False
    pid = _described(places).get("pid")
    if pid is None:
        raise StopError(
            f"The embedded AWS in {places.directory} is just starting. "
            "Try again in a second."
        )
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        end = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < end:
            if not _is_locked(places):
                return True
            time.sleep(_POLL_SECONDS)
    raise StopError(f"Process {pid} does not end. Look into {places.log}.")


def status(directory: Path = DEFAULT_DIRECTORY) -> Running | None:
    """Return the embedded AWS that runs in `directory` and answers, or None."""
    places = Places(directory.resolve())
    if not _is_locked(places) or not (described := _described(places)):
        return None
    running = Running(**described)
    try:
        health = Control(running.endpoint, timeout=_START_SECONDS).health()
    except ControlError:
        return None
    return running if health["pid"] == running.pid else None


class EmbeddedAws:
    """A running embedded AWS, as tests and tools use it."""

    def __init__(self, running: Running) -> None:
        self.pid = running.pid
        self.port = running.port
        self.endpoint = running.endpoint
        self.control = Control(running.endpoint)

    def environment(
        self,
        region: str = REGION,
        account: str = ACCOUNT,
    ) -> dict[str, str]:
        """Return the environment for programs that are to talk to this AWS."""
        return client_environment(self.endpoint, region, account)

    def client(
        self,
        service: str,
        region: str = REGION,
        account: str = ACCOUNT,
        config: Config | None = None,
    ) -> Any:
        """Return a boto3 client of this AWS; `config` as boto3 takes it.

        Without one it is the client of everybody in this process: to make one takes
        longer than most of its calls.
        """
        key = (account, SECRET_ACCESS_KEY)
        if config is None:
            return _shared_client(self.endpoint, service, region, key)
        return _client(self.endpoint, service, region, key, config)

    @classmethod
    @contextlib.contextmanager
    def started(
        cls,
        port: int = 0,
        settings: dict[str, Any] | None = None,
        directory: Path | None = None,
        *,
        persist: bool = False,
    ) -> Iterator[EmbeddedAws]:
        """Run an embedded AWS of its own for the length of a `with` block.

        It listens on a free port unless told otherwise, keeps its files in a temporary
        directory, and ends with this process even if that is killed.
        """
        with contextlib.ExitStack() as stack:
            if directory is None:
                directory = Path(
                    stack.enter_context(tempfile.TemporaryDirectory(prefix="aws-"))
                )
            places = Places(directory.resolve())
            process = _launch(places, port, persist=persist, until_eof=True)
            stack.callback(_end, process)
            end = time.monotonic() + _START_SECONDS
            aws = cls(_ready(process, places, end))
            if settings:
                aws.control.set(**settings)
            yield aws


def _client(
    endpoint: str,
    service: str,
    region: str,
    key: tuple[str, str],
    config: Config | None = None,
) -> Any:
    from botocore.config import Config

    # An empty mapping means no proxy, not even one that the environment names.
    direct = Config(proxies={})
    client: Any = _session().client  # any service's name
    return client(
        service,
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=key[0],
        aws_secret_access_key=key[1],
        config=direct if config is None else direct.merge(config),
    )


_shared_client = functools.lru_cache(maxsize=128)(_client)


@functools.cache
def _session() -> boto3.session.Session:
    """Return the session of all clients, which reads each service's model only once.

    It knows neither the user's profiles nor the files that they are in.
    """
    # Not at the top: the server process imports this module and has no use for it.
    import boto3
    import botocore.session

    nowhere = (None, None, os.devnull, None)
    variables = {
        "profile": (None, None, None, None),
        "config_file": nowhere,
        "credentials_file": nowhere,
    }
    return boto3.session.Session(
        botocore_session=botocore.session.Session(session_vars=variables)
    )


def _spawned(places: Places, port: int, *, persist: bool, end: float) -> Running:
    process = _launch(places, port, persist=persist, until_eof=False)
    return _ready(process, places, end)


def _launch(
    places: Places, port: int, *, persist: bool, until_eof: bool
) -> subprocess.Popen[bytes]:
    """Start `python -m local_aws serve`, cut off from this process's environment."""
    places.directory.mkdir(parents=True, exist_ok=True)
    command = [
        *(sys.executable, "-m", "local_aws", "serve"),
        *("--state-directory", str(places.directory)),
        *("--port", str(port)),
        *(("--persist",) if persist else ()),
        *(("--until-eof",) if until_eof else ()),
    ]
    with places.log.open("ab") as log:
        return subprocess.Popen(
            command,
            # Where `-m local_aws` finds this very package.
            cwd=Path(__file__).parent.parent,
            env=server_environment(places.home),
            stdin=subprocess.PIPE if until_eof else subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _ready(process: subprocess.Popen[bytes], places: Places, end: float) -> Running:
    """Wait until `process` serves; raises StartError when it dies or takes too long."""
    while time.monotonic() < end:
        described = _described(places)
        if described.get("pid") == process.pid:
            # It is to outlive this process, so nobody will ask for its exit code.
            process.returncode = 0 if process.stdin is None else None
            return Running(**described)
        if (code := process.poll()) is not None:
            words = _last_words(places)
            known = code in _EXPLAINED
            died = f"The embedded AWS died at its start (exit code {code}):\n"
            raise StartError(
                words.splitlines()[-1] if known and words else f"{died}{words}",
                code if known else EXIT_FAILED,
            )
        time.sleep(_POLL_SECONDS)
    process.kill()
    raise StartError(
        f"The embedded AWS was not ready after {_START_SECONDS:.0f} seconds and was "
        f"ended. Its last words in {places.log}:\n{_last_words(places)}"
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    finally:
        if process.stdin is not None:
            process.stdin.close()


def _as_asked(running: Running, port: int | None) -> Running:
    if port not in (None, 0, running.port):
        raise StartError(
            f"The embedded AWS runs already, on port {running.port} instead of {port}. "
            "Stop it first with `python -m local_aws stop`."
        )
    return Running(running.pid, running.port, running.endpoint, found=True)


def _is_locked(places: Places) -> bool:
    try:
        lock = places.lock.open()
    except FileNotFoundError:
        return False
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _described(places: Places) -> dict[str, Any]:
    try:
        described: dict[str, Any] = json.loads(places.running.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return described


def _last_port(places: Places) -> int:
    try:
        return int(places.last_port.read_text())
    except (FileNotFoundError, ValueError):
        return DEFAULT_PORT


def _last_words(places: Places) -> str:
    lines = places.log.read_text(errors="replace").splitlines()
    return "\n".join(lines[-_LOG_LINES:])
