"""A change set with IncludeNestedStacks shows what happens in nested stacks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.process import EmbeddedAws
from tests.embedded.probe_stacks import Stack, nested, template, upload


def named(name: Any, value: Any) -> dict[str, Any]:
    properties = {"Type": "String", "Name": name, "Value": value}
    return {"Type": "AWS::SSM::Parameter", "Properties": properties}


def first(value: str) -> dict[str, Any]:
    return template(
        {"Kept": named("/kept", "same"), "Changed": named("/changed", value)},
        Outputs={"Name": {"Value": {"Ref": "Changed"}}},
    )


SECOND = template(
    {
        "Follows": named({"Ref": "Name"}, "x"),
        "Alone": named("/alone", "x"),
    },
    Parameters={"Name": {"Type": "String"}},
)


def root(aws: EmbeddedAws, value: str) -> dict[str, Any]:
    return template(
        {
            "First": nested(upload(aws, f"first-{value}", first(value))),
            "Second": nested(
                upload(aws, "second", SECOND),
                Name={"Fn::Sub": "${First.Outputs.Name}-follower"},
            ),
        }
    )


def changes(stack: Stack, change_set: str) -> dict[str, dict[str, Any]]:
    described = stack.client.describe_change_set(ChangeSetName=change_set)
    found = [each["ResourceChange"] for each in described["Changes"]]
    return {each["LogicalResourceId"]: each for each in found}


def make(stack: Stack, body: dict[str, Any]) -> str:
    answer = stack.client.create_change_set(
        StackName="probe",
        ChangeSetName="look",
        TemplateBody=json.dumps(body),
        IncludeNestedStacks=True,
    )
    made: str = answer["Id"]
    return made


def test_the_changes_of_a_child_are_in_a_change_set_of_its_own(
    aws: EmbeddedAws,
) -> None:
    stack = Stack(aws)
    assert stack.create(root(aws, "one")) == "CREATE_COMPLETE"
    look = make(stack, root(aws, "two"))
    of_root = changes(stack, look)
    in_first = changes(stack, of_root["First"]["ChangeSetId"])
    assert in_first.keys() == {"Changed"}
    assert in_first["Changed"]["Replacement"] == "False"
    child = stack.client.describe_change_set(
        ChangeSetName=of_root["First"]["ChangeSetId"]
    )
    assert child["ParentChangeSetId"] == child["RootChangeSetId"] == look

    # What Second gets of First is not known before the update.
    in_second = changes(stack, of_root["Second"]["ChangeSetId"])
    assert in_second.keys() == {"Follows"}
    assert in_second["Follows"]["Replacement"] == "Conditional"
    (detail,) = in_second["Follows"]["Details"]
    assert (detail["Evaluation"], detail["CausingEntity"]) == ("Dynamic", "Name")

    # Only the root's change set is executed or deleted, and takes the others along.
    for act in (stack.client.execute_change_set, stack.client.delete_change_set):
        with pytest.raises(ClientError, match="root change set"):
            act(ChangeSetName=of_root["First"]["ChangeSetId"])
    stack.client.delete_change_set(ChangeSetName=look)
    with pytest.raises(ClientError, match="does not exist"):
        changes(stack, of_root["First"]["ChangeSetId"])
    assert stack.settled() == "CREATE_COMPLETE"


def test_a_create_only_property_replaces(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    body = template({"Named": named("/one", "x")})
    stack.create(body)
    look = make(stack, template({"Named": named("/two", "x")}))
    assert changes(stack, look)["Named"]["Replacement"] == "True"


def test_a_child_that_is_refused_fails_the_change_set_of_its_root(
    aws: EmbeddedAws,
) -> None:
    stack = Stack(aws)
    assert stack.create(root(aws, "one")) == "CREATE_COMPLETE"
    broken = upload(aws, "broken", template({"A": named({"Ref": "Nothing"}, "x")}))
    body = template({**root(aws, "one")["Resources"], "First": nested(broken)})
    described = stack.client.describe_change_set(ChangeSetName=make(stack, body))
    assert described["Status"] == "FAILED"
    assert "was not successfully created" in described["StatusReason"]
