"""An operation is shown: what happened, what is waited for and why, in any log."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from ops.__main__ import main
from ops.progress import Progress
from ops.stacks import NESTED, Event

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
UUID = "0f2e9c1a-7b64-4d0e-9c55-3a1b2c3d4e5f"
STACK = f"arn:aws:cloudformation:us-east-1:111111111111:stack/labels-Workforce/{UUID}"
PORTAL = "Custom::PrivateWorkforce"
LOG = "2026/11/24/[$LATEST]abc"


class FakeAccount:
    """An account that remembers what it is asked."""

    region = "us-east-1"

    class exceptions:  # noqa: N801 (boto3's name)
        """The errors of a client."""

        class ResourceNotFoundException(Exception):  # noqa: N818 (boto3's name)
            """What is not there."""

    def __init__(self, *lines: str, has_stream: bool = True) -> None:
        self.lines = lines
        self.asked: list[str] = []
        self.has_stream = has_stream
        self.denied = False

    @property
    def cloudformation(self) -> Any:
        """The client of CloudFormation, which this is, too."""
        return self

    def client(self, service: str) -> Any:
        """Return the client of any service, which this is, too."""
        return self

    def describe_workforce(self, WorkforceName: str) -> Any:  # noqa: N803
        """Answer as SageMaker."""
        self.asked.append(WorkforceName)
        if self.denied:
            error: Any = {"Error": {"Code": "AccessDeniedException"}}
            raise ClientError(error, "DescribeWorkforce")
        return {"Workforce": {"Status": "Initializing"}}

    def describe_stack_resource(self, **request: str) -> Any:
        """Answer as CloudFormation."""
        assert request["StackName"] == STACK
        return {"StackResourceDetail": {"PhysicalResourceId": "/labels/function"}}

    def get_log_events(self, **request: Any) -> Any:
        """Answer as CloudWatch Logs."""
        if not self.has_stream:
            raise self.exceptions.ResourceNotFoundException
        assert request["logStreamName"] == LOG
        return {"events": [{"message": line} for line in self.lines]}

    def filter_log_events(self, **request: Any) -> Any:
        """Answer as CloudWatch Logs."""
        assert request["startTime"] < request["endTime"]
        return {"events": [{"message": line} for line in self.lines]}


class Shown(Progress):
    """Progress on a console whose output can be read, with time that is told."""

    def __init__(self, account: Any, *, terminal: bool = False) -> None:
        self.now = 0.0
        self.file = io.StringIO()
        console = Console(
            file=self.file,
            force_terminal=terminal,
            soft_wrap=True,
            width=200,
            highlight=False,
        )
        super().__init__(account, console, clock=lambda: self.now)

    @property
    def text(self) -> str:
        """What was shown so far."""
        return self.file.getvalue()

    @property
    def below(self) -> str:
        """What stands below the lines on a terminal."""
        with self.console.capture() as captured:
            self.console.print(self.waited_for())
        return captured.get()


def event(status: str, second: int = 0, kind: str = PORTAL, reason: str = "") -> Event:
    return Event(
        at=START + timedelta(seconds=second),
        path="WorkforceStack/PrivateWorkforce",
        kind=kind,
        physical_id="",
        status=status,
        reason=reason,
        stack_id=STACK,
    )


def test_a_plain_log_has_a_line_for_each_event_and_the_time_it_took() -> None:
    shown = Shown(FakeAccount())
    with shown:
        shown.event(event("CREATE_IN_PROGRESS"))
        shown.event(event("CREATE_COMPLETE", 95))
    first, second = shown.text.splitlines()
    assert first.endswith("CREATE_IN_PROGRESS         WorkforceStack/PrivateWorkforce")
    assert second.endswith("WorkforceStack/PrivateWorkforce  95 s")
    assert "\x1b" not in shown.text


def test_a_plain_log_says_what_is_waited_for_when_nothing_happens() -> None:
    shown = Shown(FakeAccount())
    shown.event(event("CREATE_IN_PROGRESS"))
    for second in range(100):
        shown.now = second
        shown.tick()
    waiting = [line for line in shown.text.splitlines() if "…" in line]
    assert waiting == [
        f"  … WorkforceStack/PrivateWorkforce  {seconds}  the workforce is Initializing"
        for seconds in ("30 s", "1 min 00 s", "1 min 30 s")
    ]


def test_the_workforce_is_asked_for_by_its_stack_and_not_all_the_time() -> None:
    account = FakeAccount()
    shown = Shown(account)
    shown.tick()
    assert account.asked == []
    shown.event(event("CREATE_IN_PROGRESS"))
    for second in range(10):
        shown.now = second
        shown.tick()
    assert account.asked == [f"private-workforce-{UUID}"] * 2


def test_who_may_not_ask_for_the_workforce_reads_why_it_takes_time() -> None:
    account = FakeAccount()
    account.denied = True
    shown = Shown(account, terminal=True)
    shown.event(event("CREATE_IN_PROGRESS"))
    shown.tick()
    assert "SageMaker makes the workforce and its portal, for minutes" in shown.below


def test_a_terminal_shows_what_is_waited_for_below_and_takes_it_away() -> None:
    shown = Shown(FakeAccount(), terminal=True)
    with shown:
        shown.event(event("CREATE_IN_PROGRESS"))
        shown.now = 61
        shown.tick()
        assert "PrivateWorkforce  1 min 01 s  the workforce is Init" in shown.below
        assert "CREATE_IN_PROGRESS" not in shown.text
        shown.event(event("CREATE_COMPLETE", 61))
        assert "PrivateWorkforce" not in shown.below
    assert "CREATE_COMPLETE" in shown.text


def test_a_nested_stack_is_not_waited_for_besides_its_resources() -> None:
    shown = Shown(FakeAccount(), terminal=True)
    shown.event(event("CREATE_IN_PROGRESS", kind=NESTED))
    assert "PrivateWorkforce" not in shown.below


FAILED = f"Message returned: Not so. Log stream: {LOG} (RequestId: 1)"
LINES = (
    "START RequestId: 1",
    '{"event": "answer", "status": "SUCCESS"}',
    "END RequestId: 1",
    "START RequestId: 2",
    '{"event": "request"}\n{"event": "answer", "status": "FAILED"}',
    "END RequestId: 2",
    "REPORT RequestId: 2",
    "START RequestId: 3",
    '{"event": "request"}',
)


@pytest.mark.parametrize("has_stream", [True, False])
def test_a_custom_resource_that_fails_shows_its_requests_log_and_where_it_is(
    has_stream: bool,
) -> None:
    shown = Shown(FakeAccount(*LINES, has_stream=has_stream))
    shown.event(event("CREATE_IN_PROGRESS"))
    shown.event(event("CREATE_FAILED", 20, reason=FAILED))
    first, second, url = [line.strip() for line in shown.text.splitlines()[2:]]
    assert (first, second) == tuple(LINES[4].splitlines())
    begin, end = (int(START.timestamp()) + s for s in (-10, 30))
    assert url == (
        "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1"
        "#logsV2:log-groups/log-group/$252Flabels$252Ffunction/log-events/"
        "2026$252F11$252F24$252F$255B$2524LATEST$255Dabc"
        f"$3Fstart$3D{begin}000$26end$3D{end}000"
    )


def test_a_failure_without_a_log_stream_is_its_reason_alone() -> None:
    shown = Shown(FakeAccount(*LINES))
    shown.event(event("CREATE_FAILED", reason="Function gone"))
    assert len(shown.text.splitlines()) == 1
    assert "Function gone." in shown.text


def test_a_request_that_was_killed_shows_all_there_is() -> None:
    shown = Shown(FakeAccount("START RequestId: 1", "Task timed out"))
    shown.event(event("CREATE_FAILED", reason=FAILED))
    assert "Task timed out" in shown.text


def interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("deploy", "CloudFormation carries on with what it has begun: `make watch`"),
        ("destroy", "CloudFormation carries on with what it has begun: `make watch`"),
        ("protect", "CloudFormation carries on with what it has begun: `make watch`"),
        ("package", "The same command goes on from there."),
        ("publish", "The same command goes on from there."),
        ("catalog", "The same command goes on from there."),
        ("verify", "Nothing was changed."),
        ("repair", "The function goes on"),
        ("workers", "Nothing was changed."),
        ("invite --email ada@example.com", "The same command goes on from there."),
        ("labeling-job", "`make labeling-job-clean` deletes it."),
        ("stackset --accounts 111111111111", "`make stackset-status` looks at it"),
    ],
)
def test_who_interrupts_is_told_what_is_left(
    command: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("ops.account.from_environment", interrupt)
    assert main(command.split()) == 130
    assert said in capsys.readouterr().err


def test_who_interrupts_what_has_nothing_to_go_on_with_is_told_no_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ops.aws_cli.find", interrupt)
    assert main(["cli"]) == 130
    assert capsys.readouterr().err.split() == ["Interrupted."]


def test_who_interrupts_is_told_how_to_look_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setattr("ops.change_set.look_again", interrupt)
    assert main(["watch"]) == 130
    told = capsys.readouterr().err
    assert "carries on" in told
    assert "`make watch`" in told
