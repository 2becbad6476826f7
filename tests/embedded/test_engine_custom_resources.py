from __future__ import annotations

import time
from pathlib import Path

from local_aws.process import EmbeddedAws
from tests.embedded.probe_stacks import (
    SERVICE_TOKEN,
    Probes,
    Stack,
    eventually,
    failing,
    parameter,
    probe,
)
from tests.embedded.probe_stacks import template as template_of


def test_the_request_holds_what_cloudformation_sends(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    probes, stack = Probes(aws, tmp_path), Stack(aws)
    stack.create(template_of({"Probe": probe(Number=3, Flag=True, List=[{"A": 1}])}))
    stack.update(template_of({"Probe": probe(Number=4, Flag=True, List=[{"A": 1}])}))
    create, update = probes.requests()
    assert create.pop("ResponseURL").startswith(aws.endpoint)
    assert create.pop("RequestId") != update.pop("RequestId")
    properties = {
        "ServiceToken": SERVICE_TOKEN,
        "ServiceTimeout": "5",
        "Number": "3",
        "Flag": "true",
        "List": [{"A": "1"}],
    }
    assert create == {
        "RequestType": "Create",
        "ServiceToken": SERVICE_TOKEN,
        "StackId": stack.id,
        "LogicalResourceId": "Probe",
        "ResourceType": "Custom::Probe",
        "ResourceProperties": properties,
    }
    assert update["PhysicalResourceId"] == "probe-1"
    assert update["OldResourceProperties"] == properties
    assert update["ResourceProperties"] == {**properties, "Number": "4"}


def test_a_failed_create_is_followed_by_a_delete_of_the_id_it_named(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    probes, stack = Probes(aws, tmp_path), Stack(aws)
    answer = {"Status": "FAILED", "Reason": "no", "PhysicalResourceId": "half-made"}
    assert stack.create(template_of({"Probe": probe(Create=answer)})) == (
        "ROLLBACK_COMPLETE"
    )
    assert probes.kinds() == [("Create", None), ("Delete", "half-made")]
    assert stack.reason("Probe", "CREATE_FAILED").startswith(
        "Received response status [FAILED] from custom resource. Message returned: no"
    )
    assert stack.reason("probe", "ROLLBACK_IN_PROGRESS") == (
        "The following resource(s) failed to create: [Probe]. "
        "Rollback requested by user."
    )


def test_a_silent_create_times_out_and_is_deleted_under_a_generated_id(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    probes, stack = Probes(aws, tmp_path), Stack(aws)
    body = template_of({"Probe": probe(Create={"silent": True}, ServiceTimeout=1)})
    assert stack.create(body) == "ROLLBACK_COMPLETE"
    (_, _), (kind, physical_id) = probes.kinds()
    assert kind == "Delete"
    assert str(physical_id).startswith("probe-Probe-")
    assert "did not receive a response" in stack.reason("Probe", "CREATE_FAILED")


def test_the_service_timeout_runs_from_the_sending(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    Probes(aws, tmp_path, retry=False)
    stack = Stack(aws)
    slow = probe(Create={"sleep": 2.8}, ServiceTimeout=1)
    begun = time.monotonic()
    assert stack.create(template_of({"Probe": slow}), DisableRollback=True) == (
        "CREATE_FAILED"
    )
    assert time.monotonic() - begun < 2.9


def test_a_late_answer_is_ignored(aws: EmbeddedAws, tmp_path: Path) -> None:
    probes = Probes(aws, tmp_path, retry=False)
    stack = Stack(aws)
    slow = probe(Create={"sleep": 1.3}, ServiceTimeout=1)
    assert stack.create(template_of({"Probe": slow}), DisableRollback=True) == (
        "CREATE_FAILED"
    )
    assert eventually(lambda: bool(aws.control.calls(operation="PUT")))
    (put,) = aws.control.calls(operation="PUT")
    assert put["status"] == 200
    assert stack.describe()["StackStatus"] == "CREATE_FAILED"
    assert len(probes.requests()) == 1


def test_a_crash_is_retried_twice(aws: EmbeddedAws, tmp_path: Path) -> None:
    probes, stack = Probes(aws, tmp_path), Stack(aws)
    body = template_of({"Probe": probe(Create={"crash": True}, ServiceTimeout=1)})
    stack.create(body, DisableRollback=True)
    assert eventually(lambda: len(probes.requests()) == 3)
    requests = probes.requests()
    assert [request["RequestType"] for request in requests] == ["Create"] * 3
    assert len({request["RequestId"] for request in requests}) == 1


def test_a_crash_is_not_retried_where_the_function_says_so(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    probes = Probes(aws, tmp_path, retry=False)
    body = template_of({"Probe": probe(Create={"crash": True}, ServiceTimeout=1)})
    Stack(aws).create(body, DisableRollback=True)
    # On a busy machine the function may begin after CloudFormation has given up.
    assert eventually(lambda: probes.kinds() != [])
    assert probes.kinds() == [("Create", None)]


def test_only_the_first_answer_counts(aws: EmbeddedAws, tmp_path: Path) -> None:
    Probes(aws, tmp_path)
    aws.control.set(deliver_events_twice=True)
    stack = Stack(aws)
    late = {"Status": "FAILED", "PhysicalResourceId": "late"}
    body = template_of({"Probe": probe(Create={"turns": {"2": late}})})
    assert stack.create(body) == "CREATE_COMPLETE"
    assert stack.physical_id("Probe") == "probe-1"
    assert [put["status"] for put in aws.control.calls(operation="PUT")] == [200, 200]


def test_a_request_can_be_delivered_twice(aws: EmbeddedAws, tmp_path: Path) -> None:
    probes = Probes(aws, tmp_path)
    aws.control.set(deliver_events_twice=True)
    assert Stack(aws).create(template_of({"Probe": probe()})) == "CREATE_COMPLETE"
    first, second = probes.requests()
    assert first == second


def test_a_new_physical_id_on_update_is_a_replacement(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    probes, stack = Probes(aws, tmp_path), Stack(aws)
    stack.create(template_of({"Probe": probe()}))
    moved = probe(Update={"PhysicalResourceId": "probe-2"})
    assert stack.update(template_of({"Probe": moved})) == "UPDATE_COMPLETE"
    assert probes.kinds() == [
        ("Create", None),
        ("Update", "probe-1"),
        ("Delete", "probe-1"),
    ]
    assert stack.physical_id("Probe") == "probe-2"
    assert stack.events()[-5:] == [
        ("Probe", "UPDATE_COMPLETE"),
        ("probe", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        ("Probe", "DELETE_IN_PROGRESS"),
        ("Probe", "DELETE_COMPLETE"),
        ("probe", "UPDATE_COMPLETE"),
    ]


def test_a_delete_that_fails_in_the_clean_up_is_abandoned(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    probes, stack = Probes(aws, tmp_path), Stack(aws)
    stubborn = probe(Delete={"Status": "FAILED", "Reason": "no"})
    stack.create(template_of({"Probe": stubborn, "Kept": parameter()}))
    assert stack.update(template_of({"Kept": parameter()})) == "UPDATE_COMPLETE"
    assert ("Probe", "DELETE_FAILED") in stack.events()
    assert stack.delete() == "DELETE_COMPLETE"
    assert probes.kinds() == [("Create", None), ("Delete", "probe-1")]


def test_a_failed_update_is_sent_back_with_its_properties_swapped(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    probes, stack = Probes(aws, tmp_path), Stack(aws)
    stack.create(template_of({"Probe": probe(Value="old")}))
    broken = probe(Value="new", Update={"Status": "FAILED", "Reason": "no"})
    assert stack.update(template_of({"Probe": broken})) == "UPDATE_ROLLBACK_COMPLETE"
    _, update, back = probes.requests()
    assert back["RequestType"] == "Update"
    assert back["ResourceProperties"] == update["OldResourceProperties"]
    assert back["OldResourceProperties"] == update["ResourceProperties"]


def test_an_update_is_sent_back_when_another_resource_fails(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    probes, stack = Probes(aws, tmp_path), Stack(aws)
    stack.create(template_of({"Probe": probe(Value="old")}))
    body = template_of(
        {"Probe": probe(Value="new"), "Other": failing(depends_on=["Probe"])}
    )
    assert stack.update(body) == "UPDATE_ROLLBACK_COMPLETE"
    values = [request["ResourceProperties"]["Value"] for request in probes.requests()]
    assert values == ["old", "new", "old"]
    assert stack.reason("probe", "UPDATE_ROLLBACK_IN_PROGRESS") == (
        "The following resource(s) failed to create: [Other]. "
    )


def test_a_failed_delete_fails_the_deletion_of_the_stack(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    Probes(aws, tmp_path)
    stack = Stack(aws)
    stack.create(template_of({"Probe": probe(Delete={"Status": "FAILED"})}))
    assert stack.delete() == "DELETE_FAILED"
    assert "Message returned: null" in stack.reason("Probe", "DELETE_FAILED")


def test_the_service_token_cannot_change(aws: EmbeddedAws, tmp_path: Path) -> None:
    probes, stack = Probes(aws, tmp_path), Stack(aws)
    stack.create(template_of({"Probe": probe()}))
    other = probe(ServiceToken=f"{SERVICE_TOKEN}:$LATEST")
    assert stack.update(template_of({"Probe": other})) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.reason("Probe", "UPDATE_FAILED") == (
        "Modifying service token is not allowed."
    )
    assert len(probes.requests()) == 1


def test_an_attribute_that_the_answer_lacks_fails_the_stack(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    Probes(aws, tmp_path)
    stack = Stack(aws)
    missing = {"Fn::GetAtt": ["Probe", "Nothing"]}
    body = template_of({"Probe": probe(), "Kept": parameter(missing)})
    assert stack.create(body) == "ROLLBACK_COMPLETE"
    assert "Vendor response doesn't contain Nothing key" in stack.reason(
        "Kept", "CREATE_FAILED"
    )
