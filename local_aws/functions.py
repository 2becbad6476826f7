"""Functions: the environment that they find, and the end that a reset puts to them.

MiniStack hands its own whole environment to the processes of its functions. Here they
keep what Lambda documents and what the SDK needs to find the embedded AWS. And an event
that waits for its next attempt is forgotten by a reset, which MiniStack's own would
survive.

Source: AWS Lambda, "Working with Lambda environment variables", defined runtime
environment variables.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from local_aws import hooks

HOOKS = (
    "ministack.core.lambda_runtime:Worker._spawn",
    "ministack.core.lambda_runtime:_detect_runtime_binary",
    "ministack.services.lambda_svc:invoke_async_with_retry",
    "ministack.services.lambda_svc:_execute_function",
)

_function: ContextVar[Mapping[str, Any] | None] = ContextVar("function", default=None)

# MiniStack's and the server's own; a function that set one of them keeps it, because
# MiniStack sets the function's variables afterwards.
_FOREIGN = (
    "AUTH",
    "BIND_HOST",
    "DOCKER_HOST",
    "GATEWAY_PORT",
    "HOME",
    "IOT_MTLS_ENABLED",
    "LOG_LEVEL",
    "MINISTACK_ACCOUNT_ID",
    "MINISTACK_HOST",
    "MINISTACK_REGION",
    "PERSIST_STATE",
    "S3_DATA_DIR",
    "S3_PERSIST",
    "SFTP_ENABLED",
    "STATE_DIR",
)


def install() -> None:
    """Take over how MiniStack starts functions and sends events to them."""
    makers: tuple[Callable[[Any], Any], ...] = (
        _knowing_function,
        _with_lambda_environment,
        _invocations.dating,
        _invocations.counting,
    )
    for name, make in zip(HOOKS, makers, strict=True):
        hooks.replace(name, make)


def discard_events() -> None:
    """Forget the events that still wait for an attempt."""
    _invocations.discard_events()


def are_running() -> bool:
    """Return whether any function runs, or its log is still being written."""
    return _invocations.running > 0


def wait_until_idle(seconds: float) -> None:
    """Wait until no function runs, at most so long."""
    _invocations.wait_until_idle(seconds)


class _Invocations:
    """Counts what runs, and knows which events were sent before the last reset."""

    def __init__(self) -> None:
        self.running = 0
        self._resets = 0
        self._lock = threading.Lock()
        self._has_ended = threading.Condition(self._lock)
        self._sent: ContextVar[int | None] = ContextVar("sent", default=None)

    def discard_events(self) -> None:
        with self._lock:
            self._resets += 1

    def wait_until_idle(self, seconds: float) -> None:
        with self._has_ended:
            self._has_ended.wait_for(lambda: not self.running, seconds)

    def dating(self, invoke: Callable[..., None]) -> Callable[..., None]:
        """Wrap the asynchronous invocation, whose thread inherits the context."""

        def invoke_dated(function: Any, event: Any) -> None:
            token = self._sent.set(self._resets)
            try:
                invoke(function, event)
            finally:
                self._sent.reset(token)

        return invoke_dated

    def counting(
        self, execute: Callable[..., dict[str, Any]]
    ) -> Callable[..., dict[str, Any]]:
        """Wrap each attempt; one of a discarded event succeeds without running."""

        def execute_counted(function: Any, event: Any) -> dict[str, Any]:
            with self._lock:
                if self._sent.get() not in (None, self._resets):
                    return {}
                self.running += 1
            try:
                return execute(function, event)
            finally:
                with self._has_ended:
                    self.running -= 1
                    self._has_ended.notify_all()

        return execute_counted


_invocations = _Invocations()


def _knowing_function(spawn: Callable[[Any], None]) -> Callable[[Any], None]:
    """Keep the function's configuration at hand while its process is started."""

    def spawn_knowing(worker: Any) -> None:
        token = _function.set(worker.config)
        try:
            spawn(worker)
        finally:
            _function.reset(token)

    return spawn_knowing


def _with_lambda_environment(
    detect: Callable[[str], tuple[str, str]],
) -> Callable[[str], tuple[str, str]]:
    def detect_with_environment(runtime: str) -> tuple[str, str]:
        binary, script = detect(runtime)
        if runtime.startswith("python"):
            script = _preamble(runtime, _function.get() or {}) + script
        return binary, script

    return detect_with_environment


def _preamble(runtime: str, function: Mapping[str, Any]) -> str:
    """Return the lines that run in a function's process before anything else."""
    log_group = function.get("LoggingConfig", {}).get("LogGroup")
    given = {
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": (
            log_group or f"/aws/lambda/{function.get('FunctionName', '')}"
        ),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "_HANDLER": function.get("Handler", ""),
    }
    return (
        "import os\n"
        f"for _name in {_FOREIGN!r}:\n"
        "    os.environ.pop(_name, None)\n"
        f"os.environ.update({given!r})\n"
    )
