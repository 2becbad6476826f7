from __future__ import annotations

import json
import re
from pathlib import Path

from local_aws.process import EmbeddedAws
from tests.embedded.probe_stacks import (
    Probes,
    Stack,
    child_template,
    nested,
    parameter,
    parameter_names,
    probe,
    template,
    upload,
    value_of,
)


def test_a_child_is_made_with_name_ids_and_outputs(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    url = upload(aws, "child", child_template())
    body = template(
        {"Child": nested(url, Value="two")},
        Outputs={"Name": {"Value": {"Fn::GetAtt": ["Child", "Outputs.Name"]}}},
    )
    assert stack.create(body) == "CREATE_COMPLETE"
    child = stack.describe(stack.physical_id("Child"))
    assert re.fullmatch(r"probe-Child-[A-Z0-9]{12,13}", child["StackName"])
    assert (child["ParentId"], child["RootId"]) == (stack.id, stack.id)
    assert child["Capabilities"] == ["CAPABILITY_NAMED_IAM"]
    assert value_of(aws, stack.outputs()["Name"]) == "two"
    assert "ParentId" not in stack.describe()


def test_a_grandchild_knows_its_parent_and_its_root(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    leaf = upload(aws, "leaf", child_template())
    middle = upload(aws, "middle", template({"Leaf": nested(leaf)}))
    assert stack.create(template({"Middle": nested(middle)})) == "CREATE_COMPLETE"
    middle_id = stack.physical_id("Middle")
    (event,) = [
        found
        for found in stack.client.describe_stack_resources(StackName=middle_id)[
            "StackResources"
        ]
    ]
    child = stack.describe(event["PhysicalResourceId"])
    assert (child["ParentId"], child["RootId"]) == (middle_id, stack.id)


def test_the_tags_of_the_root_reach_the_resources_of_a_child(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    url = upload(aws, "child", child_template())
    tags = [{"Key": "team", "Value": "labels"}]
    stack.create(template({"Child": nested(url)}), Tags=tags)
    child = stack.describe(stack.physical_id("Child"))
    assert child["Tags"] == tags
    (name,) = parameter_names(aws)
    found = aws.client("ssm").list_tags_for_resource(
        ResourceType="Parameter", ResourceId=name
    )["TagList"]
    assert {"Key": "team", "Value": "labels"} in found


def test_a_child_gets_only_the_capabilities_of_its_root(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    user = {"Type": "AWS::IAM::User", "Properties": {"UserName": "someone"}}
    url = upload(aws, "child", child_template({"User": user}))
    answer = stack.client.create_stack(
        StackName="probe",
        TemplateBody=json.dumps(template({"Child": nested(url)})),
    )
    stack.id = answer["StackId"]
    assert stack.settled() == "ROLLBACK_COMPLETE"
    assert "CAPABILITY_NAMED_IAM" in stack.reason("Child", "CREATE_FAILED")


def test_an_update_reaches_the_child(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    url = upload(aws, "child", child_template())
    stack.create(template({"Child": nested(url)}))
    child_id = stack.physical_id("Child")
    assert stack.update(template({"Child": nested(url, Value="two")})) == (
        "UPDATE_COMPLETE"
    )
    assert stack.physical_id("Child") == child_id
    (name,) = parameter_names(aws)
    assert value_of(aws, name) == "two"
    assert stack.events(child_id)[-2:] == [
        (child_id.split("/")[1], "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        (child_id.split("/")[1], "UPDATE_COMPLETE"),
    ]


def test_an_unchanged_child_is_not_updated(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    url = upload(aws, "child", child_template())
    stack.create(template({"Child": nested(url), "Mine": parameter()}))
    child_id = stack.physical_id("Child")
    before = stack.events(child_id)
    stack.update(template({"Child": nested(url), "Mine": parameter("two")}))
    assert stack.events(child_id) == before
    assert [event for event in stack.events() if event[0] == "Child"] == [
        ("Child", "CREATE_IN_PROGRESS"),
        ("Child", "CREATE_COMPLETE"),
    ]


def test_a_resource_made_by_an_update_is_announced_as_created(
    aws: EmbeddedAws,
) -> None:
    stack = Stack(aws)
    stack.create(template({"Mine": parameter()}))
    stack.update(template({"Mine": parameter(), "More": parameter()}))
    assert [event for event in stack.events() if event[0] == "More"] == [
        ("More", "CREATE_IN_PROGRESS"),
        ("More", "CREATE_COMPLETE"),
    ]


def test_a_change_of_the_stacks_tags_updates_the_child(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    url = upload(aws, "child", child_template())
    body = template({"Child": nested(url)})
    stack.create(body)
    tags = [{"Key": "team", "Value": "labels"}]
    assert stack.update(body, Tags=tags) == "UPDATE_COMPLETE"
    assert stack.describe(stack.physical_id("Child"))["Tags"] == tags


def test_a_child_that_cannot_be_deleted_fails_its_parent(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    Probes(aws, tmp_path)
    stack = Stack(aws)
    stubborn = probe(Delete={"Status": "FAILED", "Reason": "no"})
    url = upload(aws, "child", child_template({"Probe": stubborn}))
    stack.create(template({"Child": nested(url)}))
    assert stack.delete() == "DELETE_FAILED"
    assert re.fullmatch(
        r"Embedded stack arn:\S+ was not successfully deleted: "
        r"The following resource\(s\) failed to delete: \[Probe\]\. ?",
        stack.reason("Child", "DELETE_FAILED"),
    )


def test_a_retained_resource_of_a_child_outlives_the_stack(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    kept = {**parameter("kept"), "DeletionPolicy": "Retain"}
    url = upload(aws, "child", child_template({"Retained": kept}))
    stack.create(template({"Child": nested(url)}))
    assert stack.delete() == "DELETE_COMPLETE"
    (name,) = parameter_names(aws)
    assert value_of(aws, name) == "kept"


def test_a_retained_child_outlives_its_root(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    url = upload(aws, "child", child_template())
    stack.create(template({"Child": {**nested(url), "DeletionPolicy": "Retain"}}))
    child_id = stack.physical_id("Child")
    assert stack.delete() == "DELETE_COMPLETE"
    assert stack.describe(child_id)["StackStatus"] == "CREATE_COMPLETE"


def test_a_secret_parameter_of_a_child_is_masked(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    child = child_template()
    child["Parameters"] = {"Value": {"Type": "String", "NoEcho": True}}
    stack.create(template({"Child": nested(upload(aws, "child", child), Value="s3")}))
    (shown,) = stack.describe(stack.physical_id("Child"))["Parameters"]
    assert shown["ParameterValue"] == "****"
