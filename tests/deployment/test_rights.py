"""The rights of a deployer are what the registry lists, but for a reason."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from troposphere import Template, s3

from local_aws.cloudformation.conditions import evaluate
from local_aws.registry_schemas import schema_of
from templates import private_workforce, root
from templates.deployment import boundary, policies
from templates.deployment.left_out import LEFT_OUT
from templates.deployment.rights import CUSTOM_RESOURCE, RIGHTS
from templates.wiring import WiringError
from tests.deployment.whole_life import EVERYTHING
from tests.templates_as_data import template

TYPES = policies.types_of([private_workforce.build(), *root.templates()])
REGISTERED = [name for name in TYPES if name != CUSTOM_RESOURCE]

#: What CloudFormation itself does for a resource, besides its handlers.
NOT_OF_HANDLERS = {"secretsmanager:GetSecretValue"}


def listed(resource_type: str) -> set[str]:
    """Return what the registry lists for the handlers that a stack runs."""
    handlers = (schema_of(resource_type) or {})["handlers"]
    return {
        action
        for name in ("create", "read", "update", "delete")
        for action in handlers.get(name, {}).get("permissions", [])
    }


def given(resource_type: str) -> set[str]:
    return {action for _, actions in RIGHTS[resource_type] for action in actions}


def left_out(resource_type: str) -> dict[str, set[str]]:
    """Return what each pattern of the left-out list stands for."""
    return {
        pattern: {each for each in listed(resource_type) if fnmatchcase(each, pattern)}
        for pattern in LEFT_OUT.get(resource_type, {})
    }


@pytest.mark.parametrize("resource_type", REGISTERED)
def test_whatever_the_registry_lists_is_given_or_left_out_for_a_reason(
    resource_type: str,
) -> None:
    reasoned = set().union(*left_out(resource_type).values())
    granted = given(resource_type) - NOT_OF_HANDLERS
    assert granted | reasoned == listed(resource_type)
    assert not granted & reasoned


@pytest.mark.parametrize("resource_type", sorted(LEFT_OUT))
def test_what_is_left_out_is_listed(resource_type: str) -> None:
    assert all(left_out(resource_type).values())
    assert all(LEFT_OUT[resource_type].values())


def test_no_rights_are_kept_for_a_type_that_the_set_does_not_have() -> None:
    assert set(RIGHTS) == set(TYPES)
    assert set(LEFT_OUT) <= set(TYPES)


def test_the_whole_life_begins_with_every_resource_that_there_can_be() -> None:
    """The rights for one that is not there would never be asked for."""
    built = template("private-workforce.yaml")
    values = {name: each.get("Default") for name, each in built["Parameters"].items()}
    values |= EVERYTHING | {"CustomDomainHostedZoneId": "of grants()"}
    holds = evaluate(built, {name: {"Value": value} for name, value in values.items()})
    absent = {
        title: resource["Condition"]
        for title, resource in built["Resources"].items()
        if "Condition" in resource and not holds[resource["Condition"]]
    }
    assert absent == {}, "EVERYTHING in tests/deployment/whole_life.py lacks these."


def test_a_new_type_without_rights_stops_the_build() -> None:
    grown = Template()
    grown.add_resource(s3.Bucket("Bucket"))
    with pytest.raises(WiringError, match="AWS::S3::Bucket takes of a deployer"):
        policies.rights_of(policies.types_of([grown]))


def test_a_policy_that_iam_would_not_take_stops_the_build() -> None:
    statement = {"Action": ["sns:Publish"] * 450, "Resource": "*"}
    with pytest.raises(WiringError, match=r"TooLong can have 6\d+ characters"):
        policies.require_short(Template(), "TooLong", {"Statement": [statement]})


def test_the_length_of_a_policy_counts_the_longest_values() -> None:
    declared = template("deploy-role.yaml")["Parameters"]["StackName"]["MaxLength"]
    bare = policies.longest({"Resource": ""}, Template())
    here = {"Resource": {"Fn::Sub": "${AWS::Region}:${AWS::AccountId}"}}
    assert policies.longest(here, Template()) == bare + 14 + 1 + 12
    assert declared == 20


@pytest.mark.parametrize("file", ["service-catalog.yaml", "deploy-role.yaml"])
def test_no_role_is_an_administrator_in_disguise(file: str) -> None:
    for title, resource in template(file)["Resources"].items():
        if resource["Type"] != "AWS::IAM::ManagedPolicy":
            continue
        for item in resource["Properties"]["PolicyDocument"]["Statement"]:
            statement = item.get("Fn::If", [None, item])[1]
            assert statement["Effect"] == "Allow", title
            assert not any("*" in action for action in statement["Action"]), title


def test_the_boundary_has_every_action_of_the_functions_role_and_no_other() -> None:
    limited = template("service-catalog.yaml")["Resources"]["RolesBoundary"]
    allowed = {
        action
        for statement in limited["Properties"]["PolicyDocument"]["Statement"]
        for action in statement["Action"]
    }
    resources = template("private-workforce.yaml")["Resources"]
    documents = [
        policy["PolicyDocument"]
        for policy in resources["WorkforceFunctionRole"]["Properties"]["Policies"]
    ] + [
        resource["Properties"]["PolicyDocument"]
        for resource in resources.values()
        if resource["Type"] == "AWS::IAM::Policy"
    ]
    assert allowed == {
        action
        for document in documents
        for statement in document["Statement"]
        for action in statement["Action"]
    }


def test_a_resource_that_the_boundary_cannot_widen_stops_the_build() -> None:
    with pytest.raises(WiringError, match="No pattern is known"):
        boundary._widened({"Fn::GetAtt": ["Bucket", "Arn"]})
