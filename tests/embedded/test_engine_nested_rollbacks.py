from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from local_aws.process import EmbeddedAws
from tests.embedded.probe_stacks import (
    Probes,
    Stack,
    child_template,
    failing,
    nested,
    parameter,
    parameter_names,
    probe,
    template,
    upload,
    value_of,
)


def test_a_child_that_fails_takes_everything_with_it(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    probes, stack = Probes(aws, tmp_path), Stack(aws)
    url = upload(
        aws,
        "child",
        child_template({"Probe": probe(), "Bad": failing(depends_on=["Probe"])}),
    )
    body = template({"Mine": parameter(), "Child": nested(url, depends_on=["Mine"])})
    assert stack.create(body) == "ROLLBACK_COMPLETE"
    reason = stack.reason("Child", "CREATE_FAILED")
    assert re.fullmatch(
        r"Embedded stack arn:\S+ was not successfully created: "
        r"The following resource\(s\) failed to create: \[Bad\]\. ",
        reason,
    )
    assert probes.kinds() == [("Create", None), ("Delete", "probe-1")]
    assert parameter_names(aws) == []
    child_id = reason.split()[2]
    assert stack.describe(child_id)["StackStatus"] == "DELETE_COMPLETE"


def test_children_that_were_made_go_when_a_sibling_fails(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    url = upload(aws, "child", child_template())
    body = template(
        {"Child": nested(url), "Bad": failing(depends_on=["Child"])},
    )
    assert stack.create(body) == "ROLLBACK_COMPLETE"
    assert parameter_names(aws) == []


def test_a_failure_elsewhere_writes_the_old_properties_back_in_a_child(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    probes, stack = Probes(aws, tmp_path), Stack(aws)
    first = upload(aws, "first", child_template({"Probe": probe(Value="old")}))
    second = upload(aws, "second", child_template({"Probe": probe(Value="new")}))
    stack.create(template({"Child": nested(first)}))
    child_id = stack.physical_id("Child")
    (name,) = parameter_names(aws)
    body = template(
        {
            "Child": nested(second, Value="two"),
            "Bad": failing(depends_on=["Child"]),
        }
    )
    assert stack.update(body) == "UPDATE_ROLLBACK_COMPLETE"
    assert value_of(aws, name) == "one"
    values = [request["ResourceProperties"]["Value"] for request in probes.requests()]
    assert values == ["old", "new", "old"]
    assert stack.describe(child_id)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert ("Kept", "UPDATE_COMPLETE") in stack.events(child_id)


def test_what_a_child_replaced_or_removed_survives_a_rollback_of_the_root(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    probes, stack = Probes(aws, tmp_path), Stack(aws)
    first = upload(
        aws,
        "first",
        child_template({"Probe": probe(), "Gone": probe(Value="gone")}),
    )
    moved = probe(Update={"PhysicalResourceId": "probe-2"})
    second = upload(aws, "second", child_template({"Probe": moved}))
    stack.create(template({"Child": nested(first)}))
    body = template(
        {"Child": nested(second), "Bad": failing(depends_on=["Child"])},
    )
    assert stack.update(body) == "UPDATE_ROLLBACK_COMPLETE"
    assert probes.kinds() == [
        ("Create", None),
        ("Create", None),
        ("Update", "probe-1"),
        ("Delete", "probe-2"),
    ]


def test_what_a_child_replaced_is_deleted_when_the_root_has_succeeded(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    probes, stack = Probes(aws, tmp_path), Stack(aws)
    first = upload(aws, "first", child_template({"Probe": probe()}))
    moved = probe(Update={"PhysicalResourceId": "probe-2"})
    second = upload(aws, "second", child_template({"Probe": moved}))
    stack.create(template({"Child": nested(first)}))
    last = probe(Value="last", depends_on=["Child"])
    assert stack.update(template({"Child": nested(second), "Last": last})) == (
        "UPDATE_COMPLETE"
    )
    assert [
        (request["RequestType"], request["LogicalResourceId"])
        for request in probes.requests()
    ] == [
        ("Create", "Probe"),
        ("Update", "Probe"),
        ("Create", "Last"),
        ("Delete", "Probe"),
    ]


def test_a_child_whose_update_fails_rolls_back_and_names_the_reason(
    aws: EmbeddedAws,
) -> None:
    stack = Stack(aws)
    first = upload(aws, "first", child_template())
    second = upload(
        aws, "second", child_template({"Bad": failing(depends_on=["Kept"])})
    )
    stack.create(template({"Child": nested(first)}))
    (name,) = parameter_names(aws)
    status = stack.update(template({"Child": nested(second, Value="two")}))
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert value_of(aws, name) == "one"
    assert re.fullmatch(
        r"Embedded stack arn:\S+ was not successfully updated\. Currently in "
        r"UPDATE_ROLLBACK_IN_PROGRESS with reason: "
        r"The following resource\(s\) failed to create: \[Bad\]\. ",
        stack.reason("Child", "UPDATE_FAILED"),
    )


def test_a_child_that_an_update_adds_goes_again_when_the_update_fails(
    aws: EmbeddedAws,
) -> None:
    stack = Stack(aws)
    url = upload(aws, "child", child_template())
    stack.create(template({"Mine": parameter()}))
    body = template(
        {
            "Mine": parameter(),
            "Child": nested(url),
            "Bad": failing(depends_on=["Child"]),
        }
    )
    assert stack.update(body) == "UPDATE_ROLLBACK_COMPLETE"
    assert len(parameter_names(aws)) == 1


def test_a_resource_that_is_kept_except_on_create_goes_with_a_failed_create(
    aws: EmbeddedAws,
) -> None:
    stack = Stack(aws)
    kept = {**parameter(), "DeletionPolicy": "RetainExceptOnCreate"}
    url = upload(aws, "child", child_template({"Later": kept}))
    body = template({"Child": nested(url), "Bad": failing(depends_on=["Child"])})
    assert stack.create(body) == "ROLLBACK_COMPLETE"
    assert parameter_names(aws) == []


def test_a_rollback_that_fails_in_a_child_can_be_continued(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    Probes(aws, tmp_path)
    stack = Stack(aws)
    stubborn = {"turns": {"2": {"Status": "FAILED", "Reason": "no"}}}
    old = probe(Value="old", Update=stubborn)
    first = upload(aws, "first", child_template({"Probe": old}))
    second = upload(aws, "second", child_template({"Probe": probe(Value="new")}))
    stack.create(template({"Child": nested(first)}))
    child_id = stack.physical_id("Child")
    body = template({"Child": nested(second), "Bad": failing(depends_on=["Child"])})
    assert stack.update(body) == "UPDATE_ROLLBACK_FAILED"
    assert stack.describe(child_id)["StackStatus"] == "UPDATE_ROLLBACK_FAILED"
    stack.client.continue_update_rollback(StackName=stack.name)
    assert stack.settled() == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.describe(child_id)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"


def unfinished_update(aws: EmbeddedAws) -> Stack:
    stack = Stack(aws)
    url = upload(aws, "child", child_template())
    stack.create(template({"Child": nested(url)}))
    body = template(
        {"Child": nested(url, Value="two"), "Bad": failing(depends_on=["Child"])}
    )
    assert stack.update(body, DisableRollback=True) == "UPDATE_FAILED"
    return stack


def test_an_update_left_as_it_failed_can_be_rolled_back_later(
    aws: EmbeddedAws,
) -> None:
    stack = unfinished_update(aws)
    (name,) = parameter_names(aws)
    assert value_of(aws, name) == "two"
    stack.client.rollback_stack(StackName=stack.name)
    assert stack.settled() == "UPDATE_ROLLBACK_COMPLETE"
    assert value_of(aws, name) == "one"


def test_an_update_left_as_it_failed_can_be_deleted(aws: EmbeddedAws) -> None:
    stack = unfinished_update(aws)
    assert stack.delete() == "DELETE_COMPLETE", stack.reasons()
    assert parameter_names(aws) == []


def test_the_order_of_deletion_is_the_old_one_again_after_a_rollback(
    aws: EmbeddedAws,
) -> None:
    stack = Stack(aws)

    def body(make: str, *more: dict[str, Any]) -> dict[str, Any]:
        return template(
            {
                "First": {**parameter(), "Condition": "IsMade"},
                "Second": {
                    **parameter({"Fn::If": ["IsMade", {"Ref": "First"}, "none"]}),
                },
            },
            *more,
            Parameters={"Make": {"Type": "String", "Default": make}},
            Conditions={"IsMade": {"Fn::Equals": [{"Ref": "Make"}, "yes"]}},
        )

    stack.create(body("yes"))
    assert stack.update(body("no", {"Bad": failing()})) == "UPDATE_ROLLBACK_COMPLETE"
    stack.delete()
    deleted = [name for name, status in stack.events() if status == "DELETE_COMPLETE"]
    assert deleted[-3:] == ["Second", "First", "probe"]


def test_an_app_client_that_a_child_replaced_survives_a_rollback_of_the_root(
    aws: EmbeddedAws,
) -> None:
    def child(secret: bool) -> dict[str, Any]:
        properties = {"UserPoolId": {"Ref": "Pool"}, "GenerateSecret": secret}
        return template(
            {
                "Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {}},
                "Client": {
                    "Type": "AWS::Cognito::UserPoolClient",
                    "Properties": properties,
                },
            },
            Outputs={
                "Pool": {"Value": {"Ref": "Pool"}},
                "Client": {"Value": {"Ref": "Client"}},
            },
        )

    stack = Stack(aws)
    first, second = upload(aws, "a", child(True)), upload(aws, "b", child(False))
    outputs = {
        name: {"Value": {"Fn::GetAtt": ["Child", f"Outputs.{name}"]}}
        for name in ("Pool", "Client")
    }
    stack.create(template({"Child": nested(first)}, Outputs=outputs))
    before = stack.outputs()
    body = template({"Child": nested(second), "Bad": failing(depends_on=["Child"])})
    assert stack.update(body) == "UPDATE_ROLLBACK_COMPLETE"
    (left,) = aws.client("cognito-idp").list_user_pool_clients(
        UserPoolId=before["Pool"]
    )["UserPoolClients"]
    assert left["ClientId"] == before["Client"]
