"""What the documents say of the set is what the templates hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from templates import TEMPLATES, base, parameters, workforce
from tests.pages import section
from tests.templates_as_data import template

SINGLE: dict[str, Any] = template("private-workforce.yaml")["Resources"]

#: The types that hold something, so that a reviewer asks how it is encrypted.
HOLDING = {
    "AWS::Cognito::UserPool",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SSM::Parameter",
}
#: Those that only say how others behave, who may do what, or what is counted.
HOLDING_NOTHING = {
    "AWS::CloudFormation::Stack",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::Cognito::LogDeliveryConfiguration",
    "AWS::Cognito::ManagedLoginBranding",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolDomain",
    "AWS::Cognito::UserPoolIdentityProvider",
    "AWS::Events::Rule",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::OIDCProvider",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Logs::MetricFilter",
    "AWS::Logs::ResourcePolicy",
    "AWS::Route53::RecordSet",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::WAFv2::IPSet",
    "AWS::WAFv2::LoggingConfiguration",
    "AWS::WAFv2::WebACL",
    "AWS::WAFv2::WebACLAssociation",
}


def row(name: str) -> list[set[str]]:
    """Return the names in each cell of a stack's row of inputs and outputs."""
    text = section("architecture.md", "Inputs and outputs")
    (cells,) = re.findall(rf"^\| {name} \|(.*)\|$", text, re.M)
    return [set(re.findall(r"`(\w+)`", cell)) for cell in cells.split(" | ")]


@pytest.mark.parametrize(
    ("name", "module"), [("root", None), ("base", base), ("workforce", workforce)]
)
def test_the_inputs_and_outputs_of_a_stack_are_those_in_the_table(
    name: str, module: ModuleType | None
) -> None:
    takes = {received.name for received in module.INPUTS} if module else set()
    gives = set(template(f"{name}.yaml")["Outputs"])
    assert row(name) == [takes, gives], (
        f"Mend the row of {name} in docs/architecture.md, Inputs and outputs."
    )


@pytest.mark.parametrize("name", SINGLE)
def test_a_resource_is_deleted_with_its_stack_or_said_to_be_kept(name: str) -> None:
    """As the page says of every resource of the stacks that it does not name."""
    kept = SINGLE[name].get("DeletionPolicy", "Delete") != "Delete"
    assert kept == (f"`{name}`" in section("operations.md", "Remove"))


def names_given(resource: dict[str, Any]) -> Iterator[Any]:
    """Yield the names that a template gives to a resource in account and Region."""
    if resource["Type"] == "AWS::IAM::Policy" or resource["Type"].startswith("Custom:"):
        return
    for key, value in resource["Properties"].items():
        is_another = isinstance(value, dict) and value.keys() <= {"Ref", "Fn::GetAtt"}
        if key.endswith("Name") and key != "MetricName" and not is_another:
            yield value


def test_every_name_of_a_resource_marks_it_as_ours() -> None:
    """As the page says of every resource that takes a name."""
    assert "every other resource that takes a name | has `private-workforce`" in (
        section("architecture.md", "What marks a thing as ours")
    )
    given = [(title, name) for title in SINGLE for name in names_given(SINGLE[title])]
    assert len(given) > 10
    for title, name in given:
        assert isinstance(name, dict), f"{title} is named {name} in every stack."
        text, holes = name["Fn::Sub"]
        assert "private-workforce" in text, title
        assert "${StackUuid}" in text, title
        assert "AWS::StackId" in str(holes["StackUuid"]), title


def test_it_is_known_of_each_type_whether_it_holds_something() -> None:
    types = {
        resource["Type"]
        for name in TEMPLATES
        for resource in template(name)["Resources"].values()
        if not resource["Type"].startswith(("Custom::", "AWS::ServiceCatalog::"))
    }
    assert types == HOLDING | HOLDING_NOTHING, (
        "Does a resource of this type hold something? Write it into one of the two."
    )


@pytest.mark.parametrize("name", TEMPLATES)
def test_whatever_holds_something_is_said_to_be_encrypted(name: str) -> None:
    encrypted = section("security.md", "What is encrypted")
    for title, resource in template(name)["Resources"].items():
        if resource["Type"] in HOLDING:
            assert f"`{title}`" in encrypted, (
                f"Say in docs/security.md, What is encrypted, how `{title}` is."
            )


@pytest.mark.parametrize(
    ("group", "headings"),
    [
        ("Sign-in sessions and passwords", ["Who gets in"]),
        (
            "Protection of the sign-in",
            ["Who gets in", "What is logged where", "Lower plans"],
        ),
    ],
)
def test_a_reviewer_reads_of_each_parameter_of_the_sign_in(
    group: str, headings: list[str]
) -> None:
    told = "".join(section("security.md", heading) for heading in headings)
    names = [each.name for each in parameters.all_parameters() if each.group == group]
    assert len(names) > 3
    assert [name for name in names if f"`{name}" not in told] == []
