"""What the function takes as a request, and what it says of one that is none."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.hooks import HierarchicalEmitter

from lambda_src import workforce as function
from tests.function.cloudformation_requests import (
    STACK_ID,
    UUID,
    Answers,
    Context,
    answers_taken,
    request,
)

WORKERS = {
    "UserPoolId": "us-east-1_Pool",
    "BaseStackId": STACK_ID,
    "GroupName": "labelers",
    "WorkerEmails": ["ada@example.com", " bob@example.com ", " ", ""],
}


def answer_to(event: dict[str, Any]) -> dict[str, Any]:
    with answers_taken() as answers:
        return _answer_of(answers, event)


def _answer_of(answers: Answers, event: dict[str, Any]) -> dict[str, Any]:
    function.handler({**event, "ResponseURL": answers.url}, Context())
    return answers.only


def test_a_request_is_what_cloudformation_sends() -> None:
    event = request(
        "Update",
        "Custom::Workers",
        WORKERS,
        PhysicalResourceId="workers",
        OldResourceProperties={"WorkerEmails": []},
    )
    assert function.Request.parse(event) == function.Request(
        type="Update",
        resource_type="Custom::Workers",
        stack_id=STACK_ID,
        physical_id="workers",
        properties=event["ResourceProperties"],
        old_properties={"WorkerEmails": []},
    )


@pytest.mark.parametrize("sent", [{}, {"PhysicalResourceId": ""}])
def test_what_a_request_lacks_is_empty_and_its_id_says_that_nothing_was_made(
    sent: dict[str, Any],
) -> None:
    empty = function.Request("", "", "", "not-created", {}, {})
    assert function.Request.parse(sent) == empty


@pytest.mark.parametrize(
    ("member", "value", "field"),
    [
        ("RequestType", 1, "type"),
        ("ResourceType", None, "resource_type"),
        ("StackId", [], "stack_id"),
        ("PhysicalResourceId", 7, "physical_id"),
        ("ResourceProperties", "text", "properties"),
        ("OldResourceProperties", ["text"], "old_properties"),
    ],
)
def test_a_member_of_another_type_is_named(
    member: str, value: object, field: str
) -> None:
    event = request("Create", "Custom::Workers", {}) | {member: value}
    with pytest.raises(
        function.Failure, match=rf"^The request has no usable {field}\.$"
    ):
        function.Request.parse(event)


@pytest.mark.parametrize(
    ("request_type", "kind"),
    [
        ("Create", "Custom::Elephants"),
        ("Rename", "Custom::Workers"),
        ("create", "Custom::Workers"),
    ],
)
def test_what_the_function_does_not_know_is_refused_with_what_to_deploy(
    request_type: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = answer_to(request(request_type, kind, WORKERS, PhysicalResourceId="x"))
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith(
        f"The function does not know {request_type} of {kind}: template and function "
        "are of different versions. Deploy the whole set."
    )
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert first == {"event": "request", "type": request_type, "resource": kind}


def test_deleting_what_was_not_made_needs_nothing_and_does_nothing() -> None:
    answer = answer_to(request("Delete", "Custom::WorkTeams", {}))
    assert (answer["Status"], answer["Data"]) == ("SUCCESS", {})


def test_properties_are_taken_without_blanks_and_without_the_common_ones() -> None:
    given = {"ServiceToken": "arn:aws:lambda", "ServiceTimeout": "1080", **WORKERS}
    assert function.parsed(function.Workers.Properties, given) == (
        function.Workers.Properties(
            UserPoolId="us-east-1_Pool",
            BaseStackId=STACK_ID,
            GroupName="labelers",
            WorkerEmails=("ada@example.com", "bob@example.com"),
        )
    )


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"ServiceToken": "arn:aws:lambda"}, "none"),
        ({"Unknown": "x", "GroupName": "labelers"}, "GroupName, Unknown"),
        (
            {**WORKERS, "Another": "x"},
            "Another, BaseStackId, GroupName, UserPoolId, WorkerEmails",
        ),
    ],
)
def test_properties_of_another_version_are_named_beside_the_right_ones(
    given: dict[str, Any], names: str
) -> None:
    with pytest.raises(function.Failure) as refused:
        function.parsed(function.Workers.Properties, given)
    assert str(refused.value) == (
        "Workers takes the properties BaseStackId, GroupName, UserPoolId, "
        f"WorkerEmails; the template gives {names}. Deploy the whole set in one "
        "version."
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [("GroupName", ["x"]), ("WorkerEmails", "x"), ("WorkerEmails", ["x", 1])],
)
def test_a_property_of_a_wrong_shape_is_named(name: str, value: object) -> None:
    with pytest.raises(
        function.Failure, match=rf"^The property {name} of Workers has a wrong shape\.$"
    ):
        function.parsed(function.Workers.Properties, {**WORKERS, name: value})


@pytest.mark.parametrize(
    "stack_id", ["", UUID.upper(), UUID[:-1], f"{UUID}0", f"{UUID}/x", f"x{UUID}"]
)
def test_a_stack_id_without_a_whole_uuid_at_its_end_names_nothing(
    stack_id: str,
) -> None:
    assert function.uuid_of(STACK_ID) == function.uuid_of(UUID) == UUID
    with pytest.raises(function.Failure, match="does not end in a UUID"):
        function.uuid_of(stack_id)


def test_a_client_is_bound_to_the_time_and_tries_five_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is sent last ends before the last seconds, which are the answer's."""
    made: dict[str, Any] = {}

    def client(service: str, config: Config) -> Any:
        made[service] = config
        return SimpleNamespace(meta=SimpleNamespace(events=HierarchicalEmitter()))

    monkeypatch.setattr(boto3, "client", client)
    aws = function.Aws(function.Deadline(-1))
    for each in (aws.cognito, aws.sagemaker, aws.cloudformation):
        with pytest.raises(function.OutOfTime):
            each.meta.events.emit("before-send.any-service.AnyCall", request=None)
    assert list(made) == ["cognito-idp", "sagemaker", "cloudformation"]
    for config in made.values():
        longest = config.connect_timeout + config.read_timeout
        assert (config.connect_timeout, config.read_timeout) == (5, 20)
        assert longest < function.SECONDS_WITHOUT_CALLS
        assert config.retries == {"mode": "standard", "total_max_attempts": 5}
