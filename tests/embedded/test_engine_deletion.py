from __future__ import annotations

from pathlib import Path
from typing import Any

from local_aws.process import EmbeddedAws
from tests.embedded.probe_stacks import (
    Probes,
    Stack,
    failing,
    nested,
    parameter,
    probe,
    template,
    upload,
)

FAILS_ONCE = {"turns": {"1": {"Status": "FAILED", "Reason": "no"}}}


def resources() -> dict[str, Any]:
    """Something needed, something that fails to go once, something independent."""
    return {
        "Needed": parameter(),
        "Probe": probe(Delete=FAILS_ONCE, depends_on=["Between"]),
        "Between": parameter(depends_on=["Needed"]),
        "Free": parameter(),
    }


def logical_ids(stack: Stack, stack_id: str | None = None) -> list[str]:
    answer = stack.client.describe_stack_resources(StackName=stack_id or stack.id)
    return sorted(
        each["LogicalResourceId"]
        for each in answer["StackResources"]
        if each["ResourceStatus"] != "DELETE_COMPLETE"
    )


def test_what_an_undeletable_resource_needs_stays_for_the_next_attempt(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    probes, stack = Probes(aws, tmp_path), Stack(aws)
    stack.create(template(resources()))
    assert stack.delete() == "DELETE_FAILED"
    assert logical_ids(stack) == ["Between", "Needed", "Probe"]
    assert len(aws.client("ssm").describe_parameters()["Parameters"]) == 2
    reason = "The following resource(s) failed to delete: [Probe]. "
    assert stack.reason("probe", "DELETE_FAILED") == reason
    assert stack.describe()["StackStatusReason"] == reason
    assert ("Needed", "DELETE_FAILED") not in stack.events()
    assert stack.delete() == "DELETE_COMPLETE"
    assert [kind for kind, _ in probes.kinds()] == ["Create", "Delete", "Delete"]


def test_the_same_holds_for_the_rollback_of_a_creation(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    probes, stack = Probes(aws, tmp_path), Stack(aws)
    body = template(resources(), {"Bad": failing(depends_on=["Probe", "Free"])})
    assert stack.create(body) == "ROLLBACK_FAILED"
    assert logical_ids(stack) == ["Between", "Needed", "Probe"]
    assert stack.reason("probe", "ROLLBACK_FAILED") == (
        "The following resource(s) failed to delete: [Probe]. "
    )
    assert stack.delete() == "DELETE_COMPLETE"
    assert [kind for kind, _ in probes.kinds()] == ["Create", "Delete", "Delete"]


def test_the_same_holds_for_a_child(aws: EmbeddedAws, tmp_path: Path) -> None:
    probes, stack = Probes(aws, tmp_path), Stack(aws)
    url = upload(aws, "child", template(resources()))
    first = parameter("first")
    body = template({"Child": nested(url, depends_on=["First"]), "First": first})
    stack.create(body)
    child_id = stack.physical_id("Child")
    assert stack.delete() == "DELETE_FAILED"
    assert logical_ids(stack) == ["Child", "First"]
    assert logical_ids(stack, child_id) == ["Between", "Needed", "Probe"]
    assert stack.delete() == "DELETE_COMPLETE"
    assert [kind for kind, _ in probes.kinds()] == ["Create", "Delete", "Delete"]


def test_a_child_whose_rollback_fails_is_asked_once(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    probes, stack = Probes(aws, tmp_path), Stack(aws)
    url = upload(aws, "child", template(resources()))
    body = template({"Child": nested(url), "Bad": failing(depends_on=["Child"])})
    assert stack.create(body) == "ROLLBACK_FAILED"
    assert [kind for kind, _ in probes.kinds()] == ["Create", "Delete"]
    assert stack.delete() == "DELETE_COMPLETE"


def test_retained_on_request_after_a_failure(aws: EmbeddedAws, tmp_path: Path) -> None:
    Probes(aws, tmp_path)
    stack = Stack(aws)
    stubborn = probe(Delete={"Status": "FAILED"}, depends_on=["Needed"])
    stack.create(template({"Needed": parameter(), "Probe": stubborn}))
    assert stack.delete() == "DELETE_FAILED"
    stack.client.delete_stack(StackName=stack.id, RetainResources=["Probe"])
    assert stack.settled() == "DELETE_COMPLETE"
    assert aws.client("ssm").describe_parameters()["Parameters"] == []
