"""P6: an answer fits what CloudFormation takes, and is cut by no more than it must."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambda_src import workforce as function
from tests.function.cloudformation_requests import Context, request


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
