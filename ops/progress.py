"""Show a stack operation while it goes on: what happened, what is waited for and why.

On a terminal what is waited for stands below the lines, with the time that it takes; in
a plain log a line says it whenever nothing has happened for a while.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from ops import stacks
from ops.account import Account
from ops.errors import OperatorError, explain
from ops.stacks import Event

SECONDS_OF_SILENCE = 30.0
_SECONDS_BETWEEN_QUESTIONS = 5.0
_MOST_LOG_LINES = 20
# The function's lines are written around what CloudFormation notes.
_AROUND = timedelta(seconds=10)
_PORTAL = "Custom::PrivateWorkforce"

#: Why a resource takes its time.
REASONS: Mapping[str, str] = {
    _PORTAL: "SageMaker makes the workforce and its portal, for minutes",
    "Custom::WorkTeams": "the function makes groups and work teams",
    "Custom::PortalSignIn": "the function puts the portal into the sign-in",
    "Custom::Workers": "the function invites who is new, and looks after who is not",
    "AWS::Cognito::UserPoolDomain": (
        "Cognito sets up the sign-in domain; one of your own takes longest"
    ),
    "AWS::IAM::Role": "IAM makes the role known everywhere",
    "AWS::WAFv2::WebACLAssociation": "AWS WAF makes the web ACL known to Cognito",
}


@dataclass(frozen=True)
class _Waiting:
    event: Event
    since: float
    spinner: Spinner


class Progress:
    """What an operator sees of an operation.

    Args:
        account: Where the stack is; asked for the state of the workforce, and for the
            function's log when a custom resource fails.
        console: Where it is shown; standard error if none is given.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        account: Account,
        console: Console | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        # Soft wrap: what is cut at eighty columns in a log cannot be searched.
        self.console = console or Console(stderr=True, highlight=False, soft_wrap=True)
        self._account = account
        self._clock = clock
        self._begun = self._heard = clock()
        self._waiting: dict[str, _Waiting] = {}
        self._status = ""
        self._asked = float("-inf")
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Begin to show."""
        if self.console.is_terminal:
            self._open.enter_context(
                Live(
                    get_renderable=self.waited_for,
                    console=self.console,
                    transient=True,
                )
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave the lines, and take away what was waited for."""
        self._open.close()

    def event(self, event: Event) -> None:
        """Show what has happened."""
        waited = self._waiting.pop(event.path, None)
        if event.status.endswith("_IN_PROGRESS") and event.kind != stacks.NESTED:
            since = waited.since if waited else self._clock()
            spinner = waited.spinner if waited else Spinner("dots", style="cyan")
            self._waiting[event.path] = _Waiting(event, since, spinner)
        self._heard = self._clock()
        # What stands below the lines as waited for needs no line of its own.
        if event.path in self._waiting and self.console.is_terminal:
            return
        line = stacks.told(event)
        if waited and event.status.endswith("_COMPLETE"):
            seconds = (event.at - waited.event.at).total_seconds()
            line += f"  {seconds:.0f} s" if seconds >= 1 else ""
        self.console.print(Text(line, _style(event)))
        if event.failed and event.kind.startswith("Custom::"):
            began = waited.event if waited else event
            for told in log_lines(self._account, began, event):
                self.console.print(Text(f"            {told}", "dim"))

    def tick(self) -> None:
        """Go on: nothing may have happened."""
        self._ask()
        silent = self._clock() - self._heard >= SECONDS_OF_SILENCE
        if silent and not self.console.is_terminal and self._waiting:
            self._heard = self._clock()
            for waiting in self._waiting.values():
                self.console.print(f"  … {self._told(waiting)}")

    def waited_for(self) -> RenderableType:
        """Return what stands below the lines."""
        # A copy: the display refreshes itself in a thread of its own.
        waiting = list(self._waiting.values())
        for each in waiting:
            each.spinner.update(text=Text(self._told(each), "cyan"))
        lines = [each.spinner for each in waiting]
        return Group(*lines, Text(f"  {_shown(self._clock() - self._begun)}", "dim"))

    def _told(self, waiting: _Waiting) -> str:
        event = waiting.event
        reason = REASONS.get(event.kind, "")
        if event.kind == _PORTAL and self._status:
            reason = f"the workforce is {self._status}"
        elapsed = _shown(self._clock() - waiting.since)
        return f"{event.path}  {elapsed}" + (f"  {reason}" if reason else "")

    def _ask(self) -> None:
        """Look how far the workforce is, but not all the time."""
        waiting = [
            each.event for each in self._waiting.values() if each.event.kind == _PORTAL
        ]
        now = self._clock()
        if not waiting or now - self._asked < _SECONDS_BETWEEN_QUESTIONS:
            return
        self._asked = now
        # Named after the stack that makes it ("What marks a thing as ours").
        name = f"private-workforce-{waiting[0].stack_id.rpartition('/')[2]}"
        try:
            answer = self._account.client("sagemaker").describe_workforce(
                WorkforceName=name
            )
            self._status = answer["Workforce"].get("Status", "")
        except (ClientError, BotoCoreError):
            # Not there yet, or these credentials may not look; both are no failure.
            self._status = ""


def follow(
    account: Account, watch: stacks.Watch, done: Callable[[float], bool]
) -> None:
    """Show an operation to its end.

    Args:
        account: Where the stack is.
        watch: Collects what happens.
        done: Returns whether the end has come, waiting the seconds that it is given.

    Raises:
        OperatorError: when it cannot be looked at any more, and goes on all the same.
    """
    try:
        with Progress(account) as shown:
            watch.until(done, shown)
    except (ClientError, BotoCoreError) as error:
        problem = explain(error)
        raise OperatorError(
            f"CloudFormation carries on, but cannot be looked at: {problem.fact}",
            f"{problem.mend} `make watch` looks at the operation again.".strip(),
        ) from error


def log_lines(account: Account, began: Event, failed: Event) -> list[str]:
    """Return what the function logged of a request, and where there is more of it.

    At once: with the rollback of a first creation the log group goes.
    """
    stream = re.search(r"Log stream: (\S+)", failed.reason)
    if stream is None:
        return []
    window = {
        "startTime": int((began.at - _AROUND).timestamp() * 1000),
        "endTime": int((failed.at + _AROUND).timestamp() * 1000),
    }
    try:
        described = account.cloudformation.describe_stack_resource(
            StackName=failed.stack_id, LogicalResourceId="WorkforceFunctionLogGroup"
        )
        group = described["StackResourceDetail"].get("PhysicalResourceId", "")
        events = _events(account, group, stream[1], window)
    except (ClientError, BotoCoreError):
        return []
    lines = [line for event in events for line in event["message"].splitlines()]
    return [
        *_of_failed_request(lines)[-_MOST_LOG_LINES:],
        _console_url(account.region, group, stream[1], window),
    ]


def _events(
    account: Account, group: str, stream: str, window: Mapping[str, int]
) -> list[dict[str, Any]]:
    """Return the events of a stream, or of the whole group where it is not there."""
    logs = account.client("logs")
    try:
        answer = logs.get_log_events(
            logGroupName=group, logStreamName=stream, startFromHead=False, **window
        )
    except logs.exceptions.ResourceNotFoundException:
        answer = logs.filter_log_events(logGroupName=group, **window)
    events: list[dict[str, Any]] = answer["events"]
    return events


def _of_failed_request(lines: list[str]) -> list[str]:
    """Return what was logged between the START of a request that failed and its END.

    Where none is seen to have failed, a killed one say, return everything.
    """
    requests: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("START RequestId"):
            requests.append([])
        elif not line.startswith(("END RequestId", "REPORT RequestId")):
            requests[-1].append(line)
    for request in requests:
        if any('"status": "FAILED"' in line for line in request):
            return request
    return [line for request in requests for line in request]


def _console_url(
    region: str, group: str, stream: str, window: Mapping[str, int]
) -> str:
    """Return the address of a log stream's page, in the console's own quoting."""

    def quoted(text: str) -> str:
        return quote(quote(text, safe=""), safe="").replace("%", "$")

    query = f"?start={window['startTime']}&end={window['endTime']}"
    return (
        f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
        f"#logsV2:log-groups/log-group/{quoted(group)}/log-events/{quoted(stream)}"
        f"{quote(query, safe='').replace('%', '$')}"
    )


def _style(event: Event) -> str:
    if event.failed:
        return "bold red"
    if "ROLLBACK" in event.status:
        return "yellow"
    return "green" if event.status.endswith("_COMPLETE") else ""


def _shown(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
