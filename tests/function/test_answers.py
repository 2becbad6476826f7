"""P6: every request gets exactly one answer, in time, and never too long."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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


def test_without_a_log_stream_the_reason_names_none(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_with(monkeypatch, function.Failure("It failed. Do this."))
    function.handler(event(answers), Context(log_stream_name=""))
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


@given(reason=st.text(max_size=6000))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_an_answer_is_never_longer_than_cloudformation_takes(
    monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    sent: list[bytes] = []
    monkeypatch.setattr(function, "send_answer", lambda url, body: sent.append(body))
    answer = function.Answer(
        request("Create", "Custom::Workers", {}), Context(), function.Deadline(1)
    )
    answer.fail(reason)
    (body,) = sent
    assert len(body) <= 4096
    assert json.loads(body)["Status"] == "FAILED"
    if len(reason.encode()) < 500:
        assert reason in json.loads(body)["Reason"]


@pytest.mark.parametrize("character", ["x", "é", "\N{GRINNING FACE}", "\x00"])
def test_a_long_reason_is_cut_and_says_so(
    answers: Answers, monkeypatch: pytest.MonkeyPatch, character: str
) -> None:
    serve_with(monkeypatch, function.Failure(f"It failed: {character * 9999}"))
    function.handler(event(answers), Context())
    (body,) = answers.bodies
    assert 3900 < len(body) <= 4096
    assert answers.only["Reason"].startswith("It failed: ")
    assert "... Log stream: " in answers.only["Reason"]


@pytest.mark.parametrize("character", ["x", "é", "\N{GRINNING FACE}"])
def test_a_text_is_cut_by_no_more_than_it_must_be(character: str) -> None:
    whole = character * 100
    size = len(json.dumps(whole))
    assert function.cut(whole, size) == whole
    for most in (size - 1, 59, 58, 50):
        text = function.cut(whole, most).removesuffix("...")
        assert len(json.dumps(f"{text}...")) <= most
        assert len(json.dumps(f"{text}{character}...")) > most


def test_the_longest_list_of_teams_fits_an_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[bytes] = []
    monkeypatch.setattr(function, "send_answer", lambda url, body: sent.append(body))
    stack_id = (
        "arn:aws:cloudformation:ap-northeast-1:111111111111:stack/"
        f"{'s' * 128}/0f2e9c1a-7b64-4d0e-9c55-3a1b2c3d4e5f"
    )
    event = request("Create", "Custom::WorkTeams", {}, StackId=stack_id)
    answer = function.Answer(event, Context(), function.Deadline(1))
    arn = (
        "arn:aws:sagemaker:ap-northeast-1:111111111111:workteam/private-crowd/"
        f"{'t' * 26}-0f2e9c1a-7b64-4d0e-9c55-3a1b2c3d4e5f"
    )
    answer.succeed({"WorkTeamArns": ",".join([arn] * 25)})
    assert len(sent[0]) <= 4096


def test_an_event_without_a_url_is_logged_and_not_answered(
    answers: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = event(answers)
    del hostile["ResponseURL"]
    function.handler(hostile, Context())
    assert answers.bodies == []
    assert "no ResponseURL" in capsys.readouterr().out


def test_log_lines_are_json_and_hold_no_response_url(
    answers: Answers,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    serve_with(monkeypatch, RuntimeError("surprise"))
    function.handler(event(answers), Context())
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["answer"]
    assert "s3cret" not in "".join(lines)
