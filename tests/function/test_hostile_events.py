"""P6: whatever comes as an event, it gets one readable answer of a size that fits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambda_src import workforce as function
from tests.function.cloudformation_requests import UUID, Context, request

#: CloudFormation gives the function a URL of its own; nothing is sent there.
URL = (
    "https://cloudformation-custom-resource-response-useast1.example/?signature=s3cret"
)

MEMBERS = (
    "RequestType",
    "ResourceType",
    "StackId",
    "RequestId",
    "LogicalResourceId",
    "PhysicalResourceId",
    "ResourceProperties",
    "OldResourceProperties",
)
REQUEST_TYPES = ("Create", "Update", "Delete")
KINDS = tuple(sorted(function.RESOURCES))

#: Also unpaired surrogates, control characters and what is long as JSON.
TEXT = st.text(st.characters(), max_size=40) | st.sampled_from(
    ["", " ", "\x00", "\ud800", "💥" * 30, "not-created", "adopted/x", "true"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4)
    ),
    max_leaves=10,
)


def examples(number: int) -> settings:
    """Return the settings for a test with so many examples."""
    return settings(
        max_examples=number,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


class NoAws:
    """Refuses every call, as AWS refuses what is malformed."""

    def __init__(self, deadline: object) -> None:
        self.deadline = deadline
        self.region = "us-east-1"
        self.cognito = self.sagemaker = self.cloudformation = self

    def patiently(self, call: Callable[[], Any]) -> Any:
        """Make the call, once."""
        return call()

    def __getattr__(self, method: str) -> Any:
        raise ClientError(
            {"Error": {"Code": "ValidationException", "Message": "malformed"}}, method
        )


@pytest.fixture(autouse=True)
def no_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(function, "Aws", NoAws)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """Return what is sent as an answer."""
    bodies: list[bytes] = []

    def send(url: str, body: bytes) -> None:
        assert url == URL
        bodies.append(body)

    monkeypatch.setattr(function, "send_answer", send)
    yield bodies


def answer_to(event: Any, sent: list[bytes]) -> dict[str, Any]:
    """Send an event and return its answer, which has everything an answer needs."""
    sent.clear()
    function.handler(event, Context())
    (body,) = sent
    answer: dict[str, Any] = json.loads(body)
    assert len(body) <= 4096
    assert answer["Status"] in ("SUCCESS", "FAILED")
    assert 1 <= len(answer["PhysicalResourceId"].encode("utf-8", "surrogatepass"))
    for member in ("StackId", "RequestId", "LogicalResourceId"):
        assert isinstance(answer[member], str)
    if answer["Status"] == "FAILED":
        assert answer["Reason"]
        # What the function did not foresee: it must have foreseen all of this.
        assert "unexpected" not in answer["Reason"]
        assert "Traceback" not in answer["Reason"]
        assert "s3cret" not in answer["Reason"]
    return answer


@given(
    kind=st.sampled_from(KINDS),
    request_type=st.sampled_from([*REQUEST_TYPES, "Read", "create", ""]),
    members=st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=6),
    missing=st.sets(st.sampled_from(MEMBERS)),
)
@examples(450)
def test_members_of_any_type_or_none(
    sent: list[bytes],
    kind: str,
    request_type: str,
    members: dict[str, Any],
    missing: set[str],
) -> None:
    event = {**request(request_type, kind, {}, ResponseURL=URL), **members}
    for name in missing:
        event.pop(name, None)
    answer_to(event, sent)


@st.composite
def nearly_right(draw: st.DrawFn) -> tuple[str, str, dict[str, Any]]:
    """Return a request whose properties have the right names, and any values."""
    kind = draw(st.sampled_from(KINDS))
    names = [*function.RESOURCES[kind].Properties.__dataclass_fields__]
    likely = st.sampled_from(
        ["", [""], ["a"], "true", "ipv4", f"private-workforce-{UUID}", "host.example"]
    )
    values = st.one_of(likely, TEXT, st.lists(TEXT, max_size=30), JSON)
    properties = {name: draw(values) for name in names}
    return draw(st.sampled_from(REQUEST_TYPES)), kind, properties


@given(
    asked=nearly_right(),
    old=st.one_of(nearly_right().map(lambda made: made[2]), JSON),
    physical_id=st.one_of(TEXT, st.none(), st.sampled_from([f"workers-{UUID}"])),
)
@examples(450)
def test_properties_of_any_shape(
    sent: list[bytes],
    asked: tuple[str, str, dict[str, Any]],
    old: Any,
    physical_id: str | None,
) -> None:
    request_type, kind, properties = asked
    event = request(
        request_type,
        kind,
        properties,
        ResponseURL=URL,
        OldResourceProperties=old,
        PhysicalResourceId=physical_id,
    )
    answer_to(event, sent)


@given(event=JSON | st.lists(JSON, max_size=3) | st.dictionaries(TEXT, JSON))
@examples(150)
def test_no_event_at_all(sent: list[bytes], event: Any) -> None:
    """Without a URL nobody can be answered, and nothing may be raised either."""
    sent.clear()
    function.handler(event, Context())
    assert sent == []


@given(
    url=JSON.filter(lambda value: not isinstance(value, str)),
    request_type=st.sampled_from(REQUEST_TYPES),
)
@examples(50)
def test_a_url_that_is_none(sent: list[bytes], url: Any, request_type: str) -> None:
    sent.clear()
    event = request(request_type, KINDS[0], {}, ResponseURL=url)
    function.handler(event, Context())
    assert sent == []


@given(
    reason=st.text(st.characters(), max_size=30).map(lambda text: text * 200),
    physical_id=st.integers(0, 1024).map("p".__mul__),
)
@examples(100)
def test_a_reason_of_any_length(
    monkeypatch: pytest.MonkeyPatch, sent: list[bytes], reason: str, physical_id: str
) -> None:
    def fail(event: Any, answer: Any) -> dict[str, str]:
        raise function.Failure(f"It failed: {reason}")

    monkeypatch.setattr(function, "serve", fail)
    event = request(
        "Update", KINDS[0], {}, ResponseURL=URL, PhysicalResourceId=physical_id
    )
    answer = answer_to(event, sent)
    assert answer["Reason"].startswith("It failed: ")


#: What an answer repeats. From CloudFormation, none is much longer.
REPEATED = ("StackId", "RequestId", "LogicalResourceId", "PhysicalResourceId")


@pytest.mark.parametrize("member", REPEATED)
@pytest.mark.parametrize("size", [1000, 5000])
def test_a_repeated_member_of_any_length(
    sent: list[bytes], member: str, size: int
) -> None:
    event = request("Delete", KINDS[0], {}, ResponseURL=URL, **{member: "x" * size})
    answer_to(event, sent)
