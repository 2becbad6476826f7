"""The process of the embedded AWS: MiniStack and its extensions behind one port.

The environment is emptied and set before MiniStack is imported, because MiniStack reads
its configuration then. Every library name that is hooked is looked up before anything
is installed: this is private API, and a release that moved one of them must stop the
start, not a test an hour later.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import importlib
import json
import logging
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from local_aws import environment, hooks, settings

MINISTACK_VERSION = "1.5.33"

EXTENSIONS = (
    "local_aws.validation",
    "local_aws.iam",
    "local_aws.cognito",
    "local_aws.sagemaker",
    "local_aws.cloudwatch",
    "local_aws.cloudformation",
    "local_aws.sign_in",
    "local_aws.portal",
    "local_aws.servicecatalog",
    "local_aws.stack_sets",
    "local_aws.quotas",
)

_INSTALLED_FIRST = (
    "local_aws.middleware",
    "local_aws.functions",
    "local_aws.signatures",
)
_ONLY_HOOKED = ("local_aws.control_api",)

HOOKS = (
    "ministack.app:app",
    "ministack.app:_collect_scripts",
)

EXIT_FAILED = 1
EXIT_PORT_TAKEN = 4
EXIT_ALREADY_RUNNING = 5
EXIT_LIBRARY_DOES_NOT_FIT = 6

# How long a stop waits for stack operations whose outcome is to be kept.
_OPERATIONS_SECONDS = 5.0

_log = logging.getLogger(__name__)


class StartError(Exception):
    """The embedded AWS cannot start; the message says why and what to do."""

    def __init__(self, message: str, exit_code: int = EXIT_FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True)
class Places:
    """The files of one embedded AWS."""

    directory: Path

    @property
    def lock(self) -> Path:
        """Locked by the running process for as long as it lives."""
        return self.directory / "lock"

    @property
    def running(self) -> Path:
        """Describes the running process, once it is ready."""
        return self.directory / "process.json"

    @property
    def last_port(self) -> Path:
        """The port that the last process had, to listen on it again."""
        return self.directory / "port"

    @property
    def log(self) -> Path:
        """What the process prints."""
        return self.directory / "server.log"

    @property
    def home(self) -> Path:
        """Home and temporary folder of the process, removed when it stops."""
        return self.directory / "tmp"

    @property
    def saved_state(self) -> Path:
        """What survives a restart, where that is asked for."""
        return self.directory / "state"


def serve(directory: Path, port: int, *, persist: bool, until_eof: bool) -> None:
    """Run the embedded AWS until SIGTERM, SIGINT, or the end of standard input.

    Standard input counts only with `until_eof`: it ends when the parent process does.
    Raises StartError.
    """
    places = Places(directory.resolve())
    places.directory.mkdir(parents=True, exist_ok=True)
    with _locked(places.lock), _bound(port) as listening:
        port = listening.getsockname()[1]
        places.running.unlink(missing_ok=True)
        shutil.rmtree(places.home, ignore_errors=True)
        places.home.mkdir()
        saved_state = places.saved_state if persist else None
        variables = environment.server_environment(places.home)
        os.environ.clear()
        os.environ.update(variables)
        os.environ.update(environment.emulator_environment(port, saved_state))
        try:
            _run(places, listening, saved_state, until_eof=until_eof)
        finally:
            places.running.unlink(missing_ok=True)
            shutil.rmtree(places.home, ignore_errors=True)


def install(extensions: Iterable[str] = EXTENSIONS) -> None:
    """Check every hooked name, then install all extensions, in order.

    Raises StartError with all the names that are missing.
    """
    with _without_key_pairs():
        installed = [
            importlib.import_module(name) for name in (*_INSTALLED_FIRST, *extensions)
        ]
        hooked = [
            *installed,
            *(importlib.import_module(name) for name in _ONLY_HOOKED),
        ]
    check([*HOOKS, *(name for module in hooked for name in module.HOOKS)])
    hooks.replace("ministack.app:_collect_scripts", _without_scripts)
    for module in installed:
        module.install()


@contextlib.contextmanager
def _without_key_pairs() -> Iterator[None]:
    """Let MiniStack find no cryptography while it is imported.

    With it, MiniStack makes a pair of RSA keys at each start (half a second, at times)
    and leaves it in the machine's /tmp. Nothing here looks at a token's signature.
    """
    sys.modules["cryptography"] = None  # type: ignore[assignment]  # as the import system says it
    try:
        yield
    finally:
        del sys.modules["cryptography"]


def check(names: Iterable[str]) -> None:
    """Raise StartError unless the libraries are those that the hooks are written for.

    One sentence names the version that is there, the one that is needed, and every
    name that is missing.
    """
    present = version("ministack")
    missing = hooks.missing(names)
    if present == MINISTACK_VERSION and not missing:
        return
    without = f" and lacks {', '.join(missing)}" if missing else ""
    raise StartError(
        f"The embedded AWS is made for MiniStack {MINISTACK_VERSION}, but version "
        f"{present} is installed{without}. "
        "Install what constraints.txt names (`make setup`).",
        EXIT_LIBRARY_DOES_NOT_FIT,
    )


def _without_scripts(_: Any) -> Callable[..., list[str]]:
    """Run no start-up scripts that other emulators' folders on this machine hold."""
    return lambda *directories: []


def _locked(path: Path) -> IO[str]:
    lock = path.open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise StartError(
            f"An embedded AWS runs already in {path.parent}.", EXIT_ALREADY_RUNNING
        ) from None
    return lock


def _bound(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen(128)
    except OSError as problem:
        listening.close()
        raise StartError(
            f"Port {port} of 127.0.0.1 is taken by another program ({problem}). "
            "Stop that program or choose another port with --port.",
            EXIT_PORT_TAKEN,
        ) from None
    return listening


def _run(
    places: Places,
    listening: socket.socket,
    saved_state: Path | None,
    *,
    until_eof: bool,
) -> None:
    install()
    from hypercorn.asyncio import serve as serve_http
    from hypercorn.config import Config
    from ministack import app as ministack_app

    from local_aws import reset
    from local_aws.calls import CallLog
    from local_aws.control_api import ControlApi
    from local_aws.faults import Faults
    from local_aws.middleware import Middleware

    port = listening.getsockname()[1]
    log, due = CallLog(), Faults()
    control = ControlApi(log, due, port, persists=saved_state is not None)

    async def main() -> None:
        middleware = Middleware(ministack_app.app, control, log, due)
        control.release = middleware.release
        config = Config()
        config.bind = [f"fd://{listening.fileno()}"]
        config.keep_alive_timeout = 75
        config.graceful_timeout = 1
        config.loglevel = "WARNING"

        async def stopped() -> None:
            await _stop_requested(until_eof=until_eof)
            if saved_state is not None:
                await reset.operations_ended(_OPERATIONS_SECONDS)
            middleware.release()
            await reset.end_operations()

        def ready() -> None:
            _load_settings(saved_state)
            _describe(places, port)

        await serve_http(
            _with_lifespan(middleware, ready, lambda: _save_settings(saved_state)),
            config,
            shutdown_trigger=stopped,
        )

    asyncio.run(main())


def _with_lifespan(
    app: Any, ready: Callable[[], None], stopping: Callable[[], None]
) -> Any:
    """Call `ready` after MiniStack's start-up, `stopping` before its shutdown."""

    async def with_lifespan(
        scope: MutableMapping[str, Any], receive: Any, send: Any
    ) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return

        async def received() -> Any:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                stopping()
            return message

        async def sent(message: Any) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                ready()

        await app(scope, received, sent)

    return with_lifespan


async def _stop_requested(*, until_eof: bool) -> None:
    loop = asyncio.get_running_loop()
    requested = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, requested.set)
    if until_eof:
        loop.add_reader(sys.stdin.fileno(), requested.set)
    await requested.wait()
    if until_eof:
        loop.remove_reader(sys.stdin.fileno())


def _describe(places: Places, port: int) -> None:
    """Say who runs here; the file appears at once and whole, when all is ready."""
    described = {
        "pid": os.getpid(),
        "port": port,
        "endpoint": f"http://127.0.0.1:{port}",
    }
    places.last_port.write_text(str(port))
    unfinished = places.running.with_suffix(".new")
    unfinished.write_text(json.dumps(described))
    unfinished.replace(places.running)


def _load_settings(saved_state: Path | None) -> None:
    if saved_state is not None and (saved_state / "settings.json").exists():
        settings.change(**json.loads((saved_state / "settings.json").read_text()))


def _save_settings(saved_state: Path | None) -> None:
    if saved_state is not None:
        saved_state.mkdir(parents=True, exist_ok=True)
        (saved_state / "settings.json").write_text(
            json.dumps(asdict(settings.current()))
        )
