"""Nested set and single file hold the same resources with the same properties."""

from __future__ import annotations

import re
from typing import Any

import pytest

from templates import workforce
from tests.templates_as_data import intrinsics, template

NESTED = {
    **template("base.yaml")["Resources"],
    **template("workforce.yaml")["Resources"],
}
SINGLE = template("private-workforce.yaml")["Resources"]


def resolved(value: Any) -> Any:
    """Replace a parameter that another stack fills by the value that it gets."""
    if isinstance(value, list):
        return [resolved(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("Fn::If", [""])[0] == "HasRootStackId":
        return resolved(value["Fn::If"][1])
    name = value.get("Ref")
    if name == "RootStackId":
        return {"Ref": "AWS::StackId"}
    if name == "BaseStackId":
        return {"Ref": "AWS::StackId"}
    if name in {received.name for received in workforce.INPUTS}:
        return resolved(template("base.yaml")["Outputs"][name]["Value"])
    return {key: resolved(item) for key, item in value.items()}


def without_order(resource: dict[str, Any]) -> dict[str, Any]:
    order = ("DependsOn", "Metadata")
    return {key: item for key, item in resource.items() if key not in order}


def test_both_forms_have_the_same_resources() -> None:
    assert SINGLE.keys() == NESTED.keys()


@pytest.mark.parametrize("title", NESTED)
def test_a_resource_is_the_same_in_both_forms(title: str) -> None:
    assert without_order(SINGLE[title]) == resolved(without_order(NESTED[title]))


@pytest.mark.parametrize("title", NESTED)
def test_the_single_file_waits_for_at_least_as_much(title: str) -> None:
    assert set(NESTED[title].get("DependsOn", [])) <= set(
        SINGLE[title].get("DependsOn", [])
    )


@pytest.mark.parametrize("name", ["workforce.yaml", "private-workforce.yaml"])
def test_the_workers_wait_for_every_other_resource_also_where_it_is_optional(
    name: str,
) -> None:
    """Whatever takes longest, nobody is invited before; and they are deleted first."""
    resources = template(name)["Resources"]
    waited_for: set[str] = set()
    found = {"Workers"}
    while found:
        waited_for |= found
        found = {
            mentioned
            for title in found
            for mentioned in mentions(resources[title])
            if mentioned in resources
        } - waited_for
    assert waited_for == resources.keys()


def mentions(resource: dict[str, Any]) -> set[str]:
    """Return the names of everything that a resource waits for, and more."""
    found = {*resource.get("DependsOn", []), *intrinsics(resource, "Ref")}
    found |= {str(argument[0]) for argument in intrinsics(resource, "Fn::GetAtt")}
    for argument in intrinsics(resource, "Fn::Sub"):
        text = argument if isinstance(argument, str) else argument[0]
        found |= set(re.findall(r"\$\{(\w+)", text))
    return found


def test_both_forms_have_the_same_rules_and_conditions() -> None:
    single = template("private-workforce.yaml")
    assert single["Rules"] == template("root.yaml")["Rules"]
    nested = {
        **template("base.yaml")["Conditions"],
        **template("workforce.yaml")["Conditions"],
    }
    # Whether the workforce stack stands alone is no question in the single file.
    del nested["HasRootStackId"]
    assert single["Conditions"] == nested


def test_the_workforce_stack_has_the_rules_of_its_parameters() -> None:
    own = template("workforce.yaml")
    rules = {
        name: rule
        for name, rule in template("root.yaml")["Rules"].items()
        if set(intrinsics(rule, "Ref")) - {"AWS::Region"} <= own["Parameters"].keys()
    }
    assert own["Rules"] == rules
    assert rules.keys() > {"RegionHasPrivateWorkforces"}


def test_both_forms_have_the_same_outputs() -> None:
    single = template("private-workforce.yaml")["Outputs"]
    described = {
        **template("base.yaml")["Outputs"],
        **template("workforce.yaml")["Outputs"],
    }
    for name, output in template("root.yaml")["Outputs"].items():
        assert single[name]["Description"] == output["Description"]
        # The version is produced by no stack.
        produced = described.get(name, output)
        assert single[name]["Value"] == resolved(produced["Value"])
