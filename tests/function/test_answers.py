"""P6: every request gets exactly one answer, in time, and never too long."""

from __future__ import annotations

import io
import json
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_src import workforce as function
from tests.function.cloudformation_requests import (
    UUID,
    Answers,
    Context,
    answers_taken,
    request,
)

#: The real pauses, which the fixture below shortens.
PAUSES_SECONDS = function.ANSWER_PAUSES_SECONDS


@pytest.fixture
def answers() -> Iterator[Answers]:
    with answers_taken() as taken:
        yield taken


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(function, "ANSWER_PAUSES_SECONDS", (0.01, 0.01, 0.01, 0.01))


def serve_with(monkeypatch: pytest.MonkeyPatch, outcome: Any) -> None:
    def serve(event: Any, answer: Any) -> dict[str, str]:
        if isinstance(outcome, BaseException):
            raise outcome
        return dict(outcome)

    monkeypatch.setattr(function, "serve", serve)


def event(answers: Answers, **members: Any) -> dict[str, Any]:
    return request("Create", "Custom::Workers", {}, ResponseURL=answers.url, **members)


def test_a_success_is_answered_with_its_attributes(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_with(monkeypatch, {"LabelingPortalUrl": "https://portal"})
    function.handler(event(answers), Context())
    assert answers.only["Status"] == "SUCCESS"
    assert answers.only["Data"] == {"LabelingPortalUrl": "https://portal"}
    for name in ("StackId", "RequestId", "LogicalResourceId"):
        assert answers.only[name] == event(answers)[name]


def test_the_content_type_is_empty_which_the_signed_url_covers(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_with(monkeypatch, {})
    function.handler(event(answers), Context())
    assert answers.content_types == [""]


@pytest.mark.parametrize(
    "error",
    [
        function.Failure("It failed. Do this."),
        function.OutOfTime(),
        RuntimeError("surprise"),
        KeyError("x"),
        RecursionError(),
        MemoryError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_is_raised_is_answered_once(
    answers: Answers, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    serve_with(monkeypatch, error)
    function.handler(event(answers), Context())
    assert answers.only["Status"] == "FAILED"
    assert answers.only["Reason"]
    assert "Traceback" not in answers.only["Reason"]


def test_a_failure_says_the_fact_first_and_the_log_stream_last(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_with(monkeypatch, function.Failure("It failed. Do this."))
    function.handler(event(answers), Context())
    assert answers.only["Reason"] == (
        "It failed. Do this. Log stream: 2026/11/24/[$LATEST]0123456789abcdef"
    )


@pytest.mark.parametrize(
    ("code", "message", "sentence"),
    [
        (
            "ThrottlingException",
            "Too many requests for X.",
            "CreateGroup failed with ThrottlingException: Too many requests for X.",
        ),
        (
            "AccessDeniedException",
            "No rights",
            "CreateGroup failed with AccessDeniedException: No rights. Allow the "
            "action to the function's role; a permissions boundary or a service "
            "control policy may be in the way.",
        ),
    ],
)
def test_an_error_of_aws_is_a_sentence_with_the_mend_where_one_is_known(
    code: str, message: str, sentence: str
) -> None:
    error = ClientError({"Error": {"Code": code, "Message": message}}, "CreateGroup")
    assert function.explain(error) == sentence


@pytest.mark.parametrize(
    "make_context",
    [
        lambda: Context(log_stream_name=""),
        lambda: SimpleNamespace(get_remaining_time_in_millis=lambda: 900_000),
    ],
)
def test_without_a_log_stream_the_reason_names_none(
    answers: Answers,
    monkeypatch: pytest.MonkeyPatch,
    make_context: Callable[[], Any],
) -> None:
    serve_with(monkeypatch, function.Failure("It failed. Do this."))
    function.handler(event(answers), make_context())
    assert answers.only["Reason"] == "It failed. Do this."


WORKFORCE = f"the workforce private-workforce-{UUID}"
EVERYTHING = f"{WORKFORCE}, work teams and groups whose names end in -{UUID}"


@pytest.mark.parametrize(
    ("request_type", "kind", "members", "sentence"),
    [
        (
            *("Create", "PrivateWorkforce", {"PhysicalResourceId": "made"}),
            f" With the rollback, or with the stack, goes what was made: {WORKFORCE}.",
        ),
        (
            *("Create", "Workers", {"PhysicalResourceId": "made"}),
            f" With the rollback, or with the stack, goes what was made: {EVERYTHING}.",
        ),
        (
            *("Delete", "PrivateWorkforce", {"PhysicalResourceId": "made"}),
            f" Still there may be {WORKFORCE}.",
        ),
        (
            *("Delete", "WorkTeams", {"PhysicalResourceId": "made"}),
            f" Still there may be {EVERYTHING}.",
        ),
        ("Update", "WorkTeams", {"PhysicalResourceId": "made"}, ""),
        ("Create", "Workers", {}, ""),
        ("Delete", "Workers", {"PhysicalResourceId": "made", "StackId": "odd"}, ""),
    ],
)
def test_what_may_be_left_is_said_where_something_may_be(
    request_type: str, kind: str, members: dict[str, str], sentence: str
) -> None:
    event = request(request_type, f"Custom::{kind}", {}, **members)
    answer = function.Answer(event, Context(), function.Deadline(1))
    assert answer.what_may_be_left() == ""  # nothing is known of the request yet
    answer.request = function.Request.parse(event)
    assert answer.what_may_be_left() == sentence


def test_a_property_that_a_deletion_needs_is_named_where_it_is_missing() -> None:
    event = request("Delete", "Custom::PortalSignIn", {"UserPoolId": ["x"]})
    for name in ("UserPoolId", "WorkforceName"):
        with pytest.raises(
            function.Failure, match=f"^The property {name} of Custom::P"
        ):
            function.Request.parse(event).text(name)


def test_a_hanging_call_is_answered_before_the_function_is_killed(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the answer that comes too late is not given."""
    monkeypatch.setattr(function, "SECONDS_FOR_THE_ANSWER", 1)
    in_time = threading.Event()

    def hang(event: Any, answer: Any) -> dict[str, str]:
        answer.deadline.waits_for = "a reply that never comes"
        for _ in range(500):  # five seconds: far more than the function has
            if answers.bodies:
                break
            in_time.wait(0.01)
        return {}

    monkeypatch.setattr(function, "serve", hang)
    context = Context(seconds=1.2)
    function.handler(event(answers), context)
    assert answers.only["Status"] == "FAILED"
    assert "waited for a reply that never comes" in answers.only["Reason"]
    assert context.get_remaining_time_in_millis() > 0


@pytest.mark.parametrize(
    ("left", "for_calls", "until_the_answer"), [(100, 40, 60), (30, -30, 0)]
)
def test_the_last_minute_is_kept_for_the_answer(
    answers: Answers,
    monkeypatch: pytest.MonkeyPatch,
    left: int,
    for_calls: int,
    until_the_answer: int,
) -> None:
    """No AWS call begins in it, and forty seconds before the end it is given."""
    deadlines, timers = [], []

    class Deadline(function.Deadline):
        def __init__(self, seconds: float) -> None:
            super().__init__(seconds)
            deadlines.append(seconds)

    class Timer(threading.Timer):
        def __init__(self, interval: float, fail: Callable[[], None]) -> None:
            super().__init__(interval, fail)
            timers.append(interval)

    monkeypatch.setattr(function, "Deadline", Deadline)
    monkeypatch.setattr(threading, "Timer", Timer)
    monkeypatch.setattr(function, "repair_once", lambda aws, request: None)
    serve_with(monkeypatch, {})
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: left * 1000)
    function.handler({"Repair": {}}, context)
    function.handler(event(answers), context)
    assert deadlines == [for_calls] * 2
    assert timers == [until_the_answer]


def test_a_surprise_is_named_with_what_to_do(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_with(monkeypatch, KeyError("SubDomain"))
    function.handler(event(answers), Context())
    assert answers.only["Reason"].startswith(
        "The function met an unexpected KeyError: 'SubDomain'. Deploy again; if it "
        "stays so, report it with the function's log. Log stream: "
    )


@pytest.mark.parametrize("refusals", [[500], [503, 500, 403, 500]])
def test_a_refused_answer_is_sent_again(
    answers: Answers, monkeypatch: pytest.MonkeyPatch, refusals: list[int]
) -> None:
    serve_with(monkeypatch, {})
    answers.refusals = list(refusals)
    function.handler(event(answers), Context())
    assert answers.only["Status"] == "SUCCESS"


def test_an_answer_that_is_always_refused_ends_after_a_few_tries_without_the_url(
    answers: Answers,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    serve_with(monkeypatch, {})
    answers.refusals = [500] * 99
    with pytest.raises(OSError, match=r"^CloudFormation did not take the answer\.$"):
        function.handler(event(answers), Context())
    assert len(answers.refusals) == 99 - 5
    text = capsys.readouterr().out
    assert "s3cret" not in text
    refused = {"event": "answer-refused", "error": "HTTPError"}
    assert [json.loads(line) for line in text.splitlines()][1:] == [refused] * 5


def test_no_try_to_answer_waits_for_longer_than_its_part_of_the_time(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = []

    def hang(request: Any, timeout: float) -> None:
        waits.append(timeout)
        raise TimeoutError

    serve_with(monkeypatch, {})
    monkeypatch.setattr(urllib.request, "urlopen", hang)
    with pytest.raises(OSError, match="did not take the answer"):
        function.handler(event(answers), Context())
    assert waits == [function.ANSWER_TIMEOUT_SECONDS] * 5


def test_the_tries_to_answer_end_before_the_function_is_killed() -> None:
    tries = len(PAUSES_SECONDS) + 1
    assert tries == 5
    longest = sum(PAUSES_SECONDS) + tries * function.ANSWER_TIMEOUT_SECONDS
    assert longest < function.SECONDS_FOR_THE_ANSWER < function.SECONDS_WITHOUT_CALLS


@pytest.mark.parametrize("character", ["x", "é", "\N{GRINNING FACE}", "\x00"])
def test_a_long_reason_is_cut_and_says_so(
    answers: Answers, monkeypatch: pytest.MonkeyPatch, character: str
) -> None:
    serve_with(monkeypatch, function.Failure(f"It failed: {character * 9999}"))
    function.handler(event(answers), Context())
    (body,) = answers.bodies
    # An emoji takes twelve bytes; the two quotes are counted twice.
    assert 4096 - 2 - 12 < len(body) <= 4096 - 2
    if character == "x":
        assert len(body) == 4096 - 2
    assert answers.only["Reason"].startswith("It failed: ")
    assert "... Log stream: " in answers.only["Reason"]


def test_an_event_without_a_url_is_logged_and_not_answered(
    answers: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = event(answers)
    del hostile["ResponseURL"]
    function.handler(hostile, Context())
    assert answers.bodies == []
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    reason = "The request has no ResponseURL to answer to."
    assert lines[-1] == {"event": "no-url", "reason": reason}


@pytest.mark.parametrize(
    ("outcome", "status", "reason"),
    [({}, "SUCCESS", ""), (function.Failure("It failed."), "FAILED", "It failed.")],
    ids=["success", "failure"],
)
def test_an_answer_is_logged_as_one_line_of_json_without_its_url(
    answers: Answers,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    outcome: Any,
    status: str,
    reason: str,
) -> None:
    serve_with(monkeypatch, outcome)
    function.handler(event(answers), Context(log_stream_name=""))
    text = capsys.readouterr().out
    assert [json.loads(line) for line in text.splitlines()] == [
        {"event": "answer", "status": status, "reason": reason}
    ]
    assert "s3cret" not in text


def test_a_log_line_is_out_before_lambda_freezes_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Output(io.StringIO):
        flushed = ""

        def flush(self) -> None:
            self.flushed = self.getvalue()

    output = Output()
    monkeypatch.setattr(sys, "stdout", output)
    function.log("seen", what="all of it")
    assert output.flushed == '{"event": "seen", "what": "all of it"}\n'


def test_the_answer_has_the_id_that_was_made_or_else_the_one_that_was_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[bytes] = []
    monkeypatch.setattr(function, "send_answer", lambda url, body: sent.append(body))
    event = request("Update", "Custom::Workers", {}, PhysicalResourceId="before")
    nothing = {"ResponseURL": event["ResponseURL"]}
    function.Answer(nothing, Context(), function.Deadline(1)).succeed({})
    function.Answer(event, Context(), function.Deadline(1)).succeed({})
    answer = function.Answer(event, Context(), function.Deadline(1))
    answer.request = function.Request.parse(event)
    answer.request.made("after")
    answer.succeed({})
    bodies = [json.loads(body) for body in sent]
    ids = [body["PhysicalResourceId"] for body in bodies]
    assert ids == ["not-created", "before", "after"]
    # What the request lacks is answered as empty.
    assert bodies[0]["StackId"] == bodies[0]["RequestId"] == ""
