"""The stacks fit together, and the build says what to edit when they do not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from troposphere import Condition, Equals, If, Not, Parameter, Ref, Template, ssm

from templates import (
    TEMPLATES,
    base,
    invitation,
    parameters,
    revision,
    root,
    wiring,
    workforce,
)
from templates.wiring import Input, Inputs, Outputs, Produced
from tests.templates_as_data import intrinsics, rendered, template


class Child:
    """A stack module with one input and two outputs."""

    DESCRIPTION = "A child"
    INPUTS = (Input("UserPoolId", "User pool", "Id of the user pool"),)

    def add_to(self, template: Template, inputs: Inputs) -> Outputs:
        """Give back what comes in."""
        given = inputs["UserPoolId"]
        return {name: Produced("What came in", given) for name in ("Echo", "Again")}


def child() -> Template:
    return wiring.as_stack(Child())


def test_an_input_that_nobody_gives_is_named_with_the_mend() -> None:
    with pytest.raises(
        wiring.WiringError,
        match=r"ChildStack needs UserPoolId; there is nothing.*INPUTS",
    ):
        wiring.nest(Template(), "ChildStack", child(), file="child.yaml", inputs={})


def test_an_input_that_the_child_does_not_know_is_named() -> None:
    inputs: Inputs = {"UserPoolId": "x", "UserPoolIdd": "x"}
    with pytest.raises(wiring.WiringError, match="does not know UserPoolIdd"):
        wiring.nest(Template(), "ChildStack", child(), file="child.yaml", inputs=inputs)


def test_an_output_that_the_child_lacks_is_named_with_those_it_has() -> None:
    stack = wiring.nest(
        Template(), "ChildStack", child(), file="child.yaml", inputs={"UserPoolId": "x"}
    )
    with pytest.raises(
        wiring.WiringError,
        match="ChildStack has no output Eco, Ecco; there is Again, Echo",
    ):
        wiring.outputs_of(stack, child(), ["Eco", "Echo", "Ecco"])


def test_an_operator_parameter_of_a_child_passes_through_root_by_name() -> None:
    nested = child()
    parameters.DOMAIN_PREFIX.ref(nested)
    parent = Template()
    stack = wiring.nest(
        parent, "ChildStack", nested, file="child.yaml", inputs={"UserPoolId": "x"}
    )
    assert stack.Parameters["DomainPrefix"].to_dict() == {"Ref": "DomainPrefix"}
    declared: Parameter = parent.parameters["DomainPrefix"]
    assert declared.to_dict() == nested.parameters["DomainPrefix"].to_dict()


def test_what_base_produces_and_workforce_receives_has_one_name() -> None:
    outputs = template("base.yaml")["Outputs"]
    received = {each.name for each in workforce.INPUTS}
    assert received == set(root.FROM_BASE_TO_WORKFORCE) | {"RootStackId"}
    assert set(root.FROM_BASE_TO_WORKFORCE) <= outputs.keys()


def test_every_output_of_base_is_consumed_or_shown_to_the_operator() -> None:
    consumed = set(root.FROM_BASE_TO_WORKFORCE)
    assert template("base.yaml")["Outputs"].keys() == consumed | set(root.BASE_OUTPUTS)


def test_every_output_of_workforce_is_shown_to_the_operator() -> None:
    assert template("workforce.yaml")["Outputs"].keys() == set(root.WORKFORCE_OUTPUTS)


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_parameter_is_used(name: str) -> None:
    declared = template(name).get("Parameters", {})
    data = {key: value for key, value in template(name).items() if key != "Metadata"}
    used = set(intrinsics(data, "Ref"))
    for argument in intrinsics(data, "Fn::Sub"):
        text = argument if isinstance(argument, str) else argument[0]
        used.update(re.findall(r"\$\{(\w+)\}", text))
    assert declared.keys() <= used


@pytest.mark.parametrize("name", TEMPLATES)
def test_nothing_is_exported_or_imported(name: str) -> None:
    outputs: dict[str, Any] = template(name)["Outputs"]
    assert not [title for title, output in outputs.items() if "Export" in output]
    assert "Fn::ImportValue" not in rendered()[name]


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_output_and_parameter_is_described(name: str) -> None:
    described = {
        **template(name).get("Parameters", {}),
        **template(name)["Outputs"],
    }
    assert not [title for title, item in described.items() if not item["Description"]]


def test_conditions_of_workforce_use_operator_parameters_only() -> None:
    """A value that base produces is unknown when conditions are evaluated in root."""
    used = set(intrinsics(template("workforce.yaml")["Conditions"], "Ref"))
    assert used
    assert used <= parameters.by_name().keys() | {"RootStackId"}


def test_root_holds_nothing_but_the_two_nested_stacks() -> None:
    types = {item["Type"] for item in template("root.yaml")["Resources"].values()}
    assert types == {"AWS::CloudFormation::Stack"}
    assert list(template("root.yaml")["Resources"]) == ["BaseStack", "WorkforceStack"]


def test_the_nested_stacks_go_with_root() -> None:
    for stack in template("root.yaml")["Resources"].values():
        assert stack["DeletionPolicy"] == stack["UpdateReplacePolicy"] == "Delete"


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_says_in_which_format_it_is_and_for_what(name: str) -> None:
    assert template(name)["AWSTemplateFormatVersion"] == "2010-09-09"
    assert template(name)["Description"]


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_may_not_be_there_is_in_no_depends_on(name: str) -> None:
    """CloudFormation refuses such a template when the condition is false."""
    resources = template(name)["Resources"]
    for title, resource in resources.items():
        waited_for = resource.get("DependsOn", [])
        waited_for = [waited_for] if isinstance(waited_for, str) else waited_for
        optional = {each for each in waited_for if "Condition" in resources[each]}
        assert not optional or "Condition" in resource, (title, optional)


@pytest.mark.parametrize("name", ["workforce.yaml", "private-workforce.yaml"])
def test_what_the_last_resource_refers_to_is_not_said_again(name: str) -> None:
    last = template(name)["Resources"]["Workers"]
    referred_to = set(intrinsics(last["Properties"], "Ref"))
    referred_to |= {each[0] for each in intrinsics(last["Properties"], "Fn::GetAtt")}
    assert "WorkforceFunction" in referred_to
    assert not referred_to & set(last["DependsOn"])


def test_the_revision_names_every_parameter_that_pool_and_client_use() -> None:
    resources = template("base.yaml")["Resources"]
    conditions = template("base.yaml")["Conditions"]
    written = [resources["UserPool"], resources["UserPoolClient"]]
    used = set(intrinsics(written, "Ref")) & parameters.by_name().keys()
    deciding = [argument[0] for argument in intrinsics(written, "Fn::If")]
    for condition in deciding:
        used |= set(intrinsics(conditions[condition], "Ref"))
        deciding += intrinsics(conditions[condition], "Condition")
    revision = template("base.yaml")["Outputs"]["IdentityRevision"]["Value"]
    apart = {parameter.name for parameter in base.APART}
    assert set(intrinsics(revision, "Ref")) == used - apart
    assert apart <= used


def test_what_the_revision_leaves_out_reaches_the_sign_in_by_itself() -> None:
    sign_in = template("workforce.yaml")["Resources"]["PortalSignIn"]["Properties"]
    given = set(intrinsics(sign_in, "Ref"))
    assert {parameter.name for parameter in base.APART} <= given


def test_the_revision_changes_with_the_definition_of_the_client(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def revision() -> str:
        outputs = base.add_to(Template(), {"RootStackId": Ref("AWS::StackId")})
        value = outputs["IdentityRevision"].value
        return str(value.to_dict()["Fn::Join"][1][0])  # type: ignore[union-attr]

    before = revision()
    assert revision() == before
    monkeypatch.setattr(invitation, "TEXT", invitation.TEXT + "<p>More.</p>\n")
    assert revision() != before


def test_the_revision_changes_with_a_condition_within_a_condition() -> None:
    def revision_where(value: str) -> str:
        written = Template()
        written.add_condition("IsLarge", Equals(Ref("AWS::Region"), value))
        written.add_condition("IsSmall", Not(Condition("IsLarge")))
        text = If("IsSmall", "a", "b")
        resource = ssm.Parameter("Text", Type="String", Value=text)
        ((digest,),) = revision.revision_of(written, resource).to_dict()["Fn::Join"][1:]
        return str(digest)

    assert revision_where("x") == revision_where("x")
    assert revision_where("x") != revision_where("y")


def test_a_digest_is_short_and_tells_what_is_said_in_whatever_order() -> None:
    digest = revision.digest_of({"a": [1], "b": 2})
    assert re.fullmatch("[0-9a-f]{16}", digest)
    assert revision.digest_of({"b": 2, "a": [1]}) == digest
    assert revision.digest_of({"b": 2, "a": [2]}) != digest
