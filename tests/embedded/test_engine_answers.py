from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from local_aws.process import EmbeddedAws
from tests.embedded.probe_stacks import Probes, Stack, probe, template

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no_physical_id": ({"PhysicalResourceId": None}, "Invalid PhysicalResourceId"),
    "empty_physical_id": ({"PhysicalResourceId": ""}, "Invalid PhysicalResourceId"),
    "long_physical_id": (
        {"PhysicalResourceId": "x" * 1025},
        "Invalid PhysicalResourceId",
    ),
    "long_answer": ({"Data": {"Long": "x" * 4096}}, "Response object is too long."),
    "no_json": ({"raw": "SUCCESS"}, "it is not a JSON object"),
    "unknown_status": ({"Status": "DONE"}, "Status must be SUCCESS or FAILED"),
    "other_request": ({"RequestId": "other"}, "RequestId is not that of the request"),
    "other_stack": ({"StackId": "other"}, "StackId is not that of the request"),
}


@pytest.mark.parametrize(("answer", "reason"), REFUSED.values(), ids=REFUSED)
def test_an_answer_against_the_rules_fails_the_resource(
    aws: EmbeddedAws, tmp_path: Path, answer: dict[str, Any], reason: str
) -> None:
    Probes(aws, tmp_path)
    stack = Stack(aws)
    assert stack.create(template({"Probe": probe(Create=answer)})) == (
        "ROLLBACK_COMPLETE"
    )
    assert reason in stack.reason("Probe", "CREATE_FAILED")


def test_an_answer_of_4096_bytes_is_taken(aws: EmbeddedAws, tmp_path: Path) -> None:
    Probes(aws, tmp_path)
    stack = Stack(aws)
    body = template({"Probe": probe(Create={"Data": {"Long": "x" * 3500}})})
    assert stack.create(body) == "CREATE_COMPLETE"


def test_a_put_with_a_content_type_is_refused(aws: EmbeddedAws, tmp_path: Path) -> None:
    Probes(aws, tmp_path, retry=False)
    stack = Stack(aws)
    typed = probe(Create={"content_type": "application/json"}, ServiceTimeout=1)
    assert stack.create(template({"Probe": typed}), DisableRollback=True) == (
        "CREATE_FAILED"
    )
    (put,) = aws.control.calls(operation="PUT")
    assert put["status"] == 403


def put(url: str) -> int:
    request = urllib.request.Request(
        url, data=b"{}", method="PUT", headers={"Content-Type": ""}
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code


def test_the_url_is_needed_as_a_whole(aws: EmbeddedAws, tmp_path: Path) -> None:
    probes = Probes(aws, tmp_path)
    Stack(aws).create(template({"Probe": probe()}))
    (request,) = probes.requests()
    url = request["ResponseURL"]
    assert put(url) == 200
    assert put(url.partition("?")[0]) == 403
    assert put(url.replace("cfn-response/", "cfn-response/0")) == 404
