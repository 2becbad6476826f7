from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.process import EmbeddedAws
from tests.embedded.probe_stacks import (
    FUNCTION,
    Probes,
    Stack,
    failing,
    nested,
    parameter,
    probe,
    template,
    upload,
)


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as refusal:
        act()
    return str(refusal.value.response["Error"]["Message"])


REFERENCES: dict[str, tuple[dict[str, Any], str]] = {
    "ref": (
        template({"A": parameter({"Ref": "Nothing"})}),
        "Unresolved resource dependencies [Nothing] in the Resources block",
    ),
    "ref_in_output": (
        template({"A": parameter()}, Outputs={"B": {"Value": {"Ref": "Nothing"}}}),
        "Unresolved resource dependencies [Nothing] in the Outputs block",
    ),
    "ref_to_what_a_condition_leaves_out": (
        template(
            {
                "A": parameter({"Ref": "B"}),
                "B": {**parameter(), "Condition": "Never"},
            },
            Conditions={"Never": {"Fn::Equals": ["a", "b"]}},
        ),
        "Unresolved resource dependencies [B] in the Resources block",
    ),
    "attribute": (
        template({"A": parameter({"Fn::GetAtt": ["Nothing", "Arn"]})}),
        "instance of Fn::GetAtt references undefined resource Nothing",
    ),
    "substitution": (
        template({"A": parameter({"Fn::Sub": "a ${Nothing} b"})}),
        "Unresolved resource dependencies [Nothing]",
    ),
    "list_in_a_substitution": (
        template(
            {"A": parameter({"Fn::Sub": "${Names}"})},
            Parameters={"Names": {"Type": "CommaDelimitedList", "Default": "a"}},
        ),
        "variable Names in Fn::Sub expression does not resolve to a string",
    ),
    "dependency": (
        template({"A": parameter(depends_on=["Nothing"])}),
        "Unresolved resource dependencies [Nothing]",
    ),
    "condition": (
        template({"A": {**parameter(), "Condition": "Nothing"}}),
        "Unresolved condition dependency Nothing",
    ),
    "condition_of_a_value": (
        template({"A": parameter({"Fn::If": ["Nothing", "a", "b"]})}),
        "Unresolved condition dependency Nothing",
    ),
    "resource_in_a_condition": (
        template(
            {"A": parameter()},
            Conditions={"C": {"Fn::Equals": [{"Ref": "A"}, "a"]}},
        ),
        "Cannot reference resources in the Conditions block",
    ),
    "circle": (
        template({"A": parameter({"Ref": "B"}), "B": parameter({"Ref": "A"})}),
        "Circular dependency",
    ),
}


@pytest.mark.parametrize(("body", "message"), REFERENCES.values(), ids=REFERENCES)
def test_a_reference_that_leads_nowhere_is_refused(
    aws: EmbeddedAws, body: dict[str, Any], message: str
) -> None:
    stack = Stack(aws)
    assert message in refused(lambda: stack.create(body))
    assert stack.client.list_stacks()["StackSummaries"] == []


def test_a_branch_that_is_not_taken_may_refer_to_what_is_left_out(
    aws: EmbeddedAws,
) -> None:
    body = template(
        {
            "A": parameter({"Fn::If": ["Never", {"Ref": "B"}, "a"]}),
            "B": {**parameter(), "Condition": "Never"},
        },
        Conditions={"Never": {"Fn::Equals": ["a", "b"]}},
    )
    assert Stack(aws).create(body) == "CREATE_COMPLETE"


LETTERS: dict[str, Any] = {
    "Type": "String",
    "AllowedPattern": "[a-z]*",
    "Default": "a",
}
PARAMETERS: dict[str, tuple[dict[str, Any], dict[str, str], str]] = {
    "unknown": (LETTERS, {"Other": "a"}, "[Other] do not exist in the template"),
    "missing": ({"Type": "String"}, {}, "Parameters: [P] must have values"),
    "pattern": (LETTERS, {"P": "A"}, "Parameter 'P' must match pattern [a-z]*"),
    "description": (
        {**LETTERS, "ConstraintDescription": "only small letters"},
        {"P": "A"},
        "Parameter P failed to satisfy constraint: only small letters",
    ),
    "allowed": (
        {"Type": "String", "AllowedValues": ["a", "b"]},
        {"P": "c"},
        "Parameter 'P' must be one of AllowedValues",
    ),
    "allowed_described": (
        {
            "Type": "String",
            "AllowedValues": ["a"],
            "ConstraintDescription": "a only",
        },
        {"P": "c"},
        "Parameter P failed to satisfy constraint: a only",
    ),
    "long": ({"Type": "String"}, {"P": "x" * 4097}, "less than or equal to 4096"),
}


@pytest.mark.parametrize(
    ("definition", "given", "message"), PARAMETERS.values(), ids=PARAMETERS
)
def test_a_parameter_that_does_not_fit_is_refused(
    aws: EmbeddedAws, definition: dict[str, Any], given: dict[str, str], message: str
) -> None:
    body = template({"A": parameter()}, Parameters={"P": definition})
    values = [
        {"ParameterKey": key, "ParameterValue": value} for key, value in given.items()
    ]
    assert message in refused(lambda: Stack(aws).create(body, Parameters=values))


def test_a_child_meets_the_same_checks(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    url = upload(aws, "child", template({"A": parameter()}))
    status = stack.create(template({"Child": nested(url, Unknown="a")}))
    assert status == "ROLLBACK_COMPLETE"
    assert stack.reason("Child", "CREATE_FAILED") == (
        "Parameters: [Unknown] do not exist in the template"
    )


def test_a_rule_is_checked_before_anything_is_made(aws: EmbeddedAws) -> None:
    rules = {
        "Region": {
            "Assertions": [
                {
                    "Assert": {"Fn::Contains": [["eu-west-1"], {"Ref": "AWS::Region"}]},
                    "AssertDescription": "Not in this Region.",
                }
            ]
        }
    }
    stack = Stack(aws)
    body = template({"A": parameter()}, Rules=rules)
    assert "Not in this Region." in refused(lambda: stack.create(body))
    assert stack.client.list_stacks()["StackSummaries"] == []


def test_a_rule_that_cannot_be_evaluated_is_not_skipped(aws: EmbeddedAws) -> None:
    rules = {
        "Key": {
            "Assertions": [
                {
                    "Assert": {
                        "Fn::Contains": [
                            {"Fn::RefAll": "AWS::EC2::KeyPair::KeyName"},
                            "a",
                        ]
                    }
                }
            ]
        }
    }
    body = template({"A": parameter()}, Rules=rules)
    assert "cannot evaluate" in refused(lambda: Stack(aws).create(body))


def test_a_function_that_rules_do_not_know_is_refused(aws: EmbeddedAws) -> None:
    rules = {"R": {"Assertions": [{"Assert": {"Fn::If": ["a", True, False]}}]}}
    body = template({"A": parameter()}, Rules=rules)
    assert "not supported in the Rules block" in refused(
        lambda: Stack(aws).create(body)
    )


def test_a_condition_may_compare_a_pseudo_parameter_or_a_joined_list(
    aws: EmbeddedAws,
) -> None:
    conditions = {
        "Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]},
        "Empty": {"Fn::Equals": [{"Fn::Join": ["", {"Ref": "Names"}]}, ""]},
        "Both": {"Fn::And": [{"Condition": "Here"}, {"Condition": "Empty"}]},
    }
    stack = Stack(aws)
    body = template(
        {"A": {**parameter(), "Condition": "Both"}, "B": parameter()},
        Conditions=conditions,
        Parameters={"Names": {"Type": "CommaDelimitedList", "Default": ""}},
    )
    stack.create(body)
    assert ("A", "CREATE_COMPLETE") in stack.events()


def test_a_list_is_not_compared_with_a_text(aws: EmbeddedAws) -> None:
    body = template(
        {"A": parameter()},
        Conditions={"C": {"Fn::Equals": [{"Ref": "Names"}, ""]}},
        Parameters={"Names": {"Type": "CommaDelimitedList", "Default": ""}},
    )
    assert "Fn::Equals" in refused(lambda: Stack(aws).create(body))


def failed_stack(aws: EmbeddedAws) -> Stack:
    stack = Stack(aws)
    assert stack.create(template({"Bad": failing()})) == "ROLLBACK_COMPLETE"
    return stack


def test_a_rolled_back_stack_is_neither_updated_nor_made_again(
    aws: EmbeddedAws,
) -> None:
    stack = failed_stack(aws)
    good = template({"A": parameter()})
    message = f"Stack:{stack.id} is in ROLLBACK_COMPLETE state and can not be updated."
    assert refused(lambda: stack.update(good)) == message
    for kind in ("UPDATE", "CREATE"):
        answer = refused(
            lambda kind=kind: stack.client.create_change_set(  # type: ignore[misc]
                StackName=stack.name,
                ChangeSetName="c",
                ChangeSetType=kind,
                TemplateBody=json.dumps(good),
            )
        )
        assert answer == (
            message if kind == "UPDATE" else "Stack [probe] already exists"
        )
    assert refused(lambda: stack.create(good)) == "Stack [probe] already exists"
    assert stack.delete() == "DELETE_COMPLETE"


def slow_update(aws: EmbeddedAws, tmp_path: Path) -> Stack:
    Probes(aws, tmp_path)
    stack = Stack(aws)
    stack.create(template({"Probe": probe()}))
    slow = template({"Probe": probe(Update={"sleep": 1})})
    stack.client.update_stack(StackName=stack.name, TemplateBody=json.dumps(slow))
    return stack


def test_a_busy_stack_is_neither_updated_nor_deleted(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    stack = slow_update(aws, tmp_path)
    assert refused(lambda: stack.update(template({"A": parameter()}))) == (
        f"Stack:{stack.id} is in UPDATE_IN_PROGRESS state and can not be updated."
    )
    assert refused(lambda: stack.client.delete_stack(StackName=stack.name)) == (
        f"Stack [{stack.id}] cannot be deleted while in status UPDATE_IN_PROGRESS"
    )
    assert stack.settled() == "UPDATE_COMPLETE"


def test_a_stack_that_is_being_made_may_be_deleted(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    probes = Probes(aws, tmp_path)
    stack = Stack(aws)
    slow = template({"Probe": probe(Create={"sleep": 1})})
    stack.id = stack.client.create_stack(
        StackName=stack.name, TemplateBody=json.dumps(slow)
    )["StackId"]
    stack.client.delete_stack(StackName=stack.name)
    while stack.describe()["StackStatus"] != "DELETE_COMPLETE":
        assert stack.settled() in ("CREATE_COMPLETE", "DELETE_COMPLETE")
    assert probes.kinds() == [("Create", None), ("Delete", "probe-1")]


def test_the_type_of_a_resource_cannot_change(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    stack.create(template({"A": parameter()}))
    other = template({"A": {"Type": "AWS::SQS::Queue", "Properties": {}}})
    assert "following resources: [A]" in refused(lambda: stack.update(other))


def test_roles_need_the_callers_consent(aws: EmbeddedAws) -> None:
    role = {"Role": FUNCTION["FunctionRole"]}
    client = aws.client("cloudformation")
    assert (
        refused(
            lambda: client.create_stack(
                StackName="a", TemplateBody=json.dumps(template(role))
            )
        )
        == "Requires capabilities : [CAPABILITY_IAM]"
    )


def test_a_long_template_has_to_come_from_a_bucket(aws: EmbeddedAws) -> None:
    long = template({"A": {**parameter(), "Metadata": {"a": "x" * 51_200}}})
    stack = Stack(aws)
    assert "less than or equal to 51200" in refused(lambda: stack.create(long))
    url = upload(aws, "long", long)
    stack.id = stack.client.create_stack(StackName="probe", TemplateURL=url)["StackId"]
    assert stack.settled() == "CREATE_COMPLETE"


def test_a_template_has_at_most_a_million_bytes(aws: EmbeddedAws) -> None:
    long = template({"A": {**parameter(), "Metadata": {"a": "x" * 1_000_000}}})
    url = upload(aws, "long", long)
    client = aws.client("cloudformation")
    assert "Template may not exceed 1000000 bytes" in refused(
        lambda: client.create_stack(StackName="a", TemplateURL=url)
    )


def test_a_protected_stack_is_not_deleted(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    stack.create(template({"A": parameter()}), EnableTerminationProtection=True)
    assert "TerminationProtection is enabled" in refused(
        lambda: stack.client.delete_stack(StackName=stack.name)
    )


WRONG_ROLES: dict[str, Any] = {
    "no_such_role": "arn:aws:iam::111111111111:role/nobody",
    "trusts_somebody_else": {"Fn::GetAtt": ["Other", "Arn"]},
}


@pytest.mark.parametrize("role", WRONG_ROLES.values(), ids=WRONG_ROLES)
def test_a_function_needs_a_role_that_trusts_lambda(
    aws: EmbeddedAws, role: Any
) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    other = {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": trust},
    }
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Role": role,
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Code": {"ZipFile": "def handler(event, context): pass"},
        },
    }
    stack = Stack(aws)
    status = stack.create(template({"Other": other, "Function": function}))
    assert status == "ROLLBACK_COMPLETE"
    assert "cannot be assumed by Lambda" in stack.reason("Function", "CREATE_FAILED")
