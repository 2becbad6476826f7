"""The workforce stack: one function, four custom resources, in an order."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from lambda_src import workforce as function
from templates import custom_resources, parameters
from tests.templates_as_data import intrinsics, template

CUSTOM = ["PrivateWorkforce", "WorkTeams", "PortalSignIn", "Workers"]


@pytest.fixture(params=["workforce.yaml", "private-workforce.yaml"])
def resources(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = template(request.param)["Resources"]
    return found


def made_before(resources: dict[str, Any], title: str) -> set[str]:
    """Return what a resource waits for, directly or through others."""
    resource = resources[title]
    direct = set(resource.get("DependsOn", []))
    direct |= set(intrinsics(resource, "Ref")) & resources.keys()
    direct |= {argument[0] for argument in intrinsics(resource, "Fn::GetAtt")}
    return direct.union(*(made_before(resources, other) for other in direct))


def test_custom_resources_are_made_in_their_order(resources: dict[str, Any]) -> None:
    """Teams edit the app client, so the sign-in comes after them, the invited last."""
    for earlier, later in zip(CUSTOM, CUSTOM[1:], strict=False):
        assert earlier in made_before(resources, later)


@pytest.mark.parametrize("name", ["BaseStackId", "RootStackId"])
def test_what_the_root_stack_sets_has_no_effect_where_there_is_none(name: str) -> None:
    """An ARN that is empty or of another stack would stand in the role's policy."""
    resources = template("workforce.yaml")["Resources"]

    def alone(value: Any) -> Any:
        match value:
            case {"Fn::If": ["HasRootStackId", _, otherwise]}:
                return alone(otherwise)
            case dict():
                return {key: alone(inner) for key, inner in value.items()}
            case list():
                return [alone(inner) for inner in value]
        return value

    assert name in set(intrinsics(resources, "Ref"))
    assert name not in set(intrinsics(alone(resources), "Ref"))


def test_no_custom_resource_comes_before_the_retries_are_off(
    resources: dict[str, Any],
) -> None:
    config = resources["WorkforceFunctionEventInvokeConfig"]["Properties"]
    assert config["MaximumRetryAttempts"] == 0
    for title in CUSTOM:
        before = made_before(resources, title)
        assert "WorkforceFunctionEventInvokeConfig" in before


def test_in_the_single_file_sign_in_is_ready_before_it_is_needed() -> None:
    resources = template("private-workforce.yaml")["Resources"]
    assert "UserPoolDomain" in made_before(resources, "PrivateWorkforce")
    before = made_before(resources, "Workers")
    assert "ManagedLoginBranding" in before
    assert {"WebAclAssociation", "LogDeliveryConfiguration"} <= before


def test_the_workers_are_made_last_of_all_and_deleted_first() -> None:
    """A protected user pool then stops a deletion with everything still there."""
    for name in ("workforce.yaml", "private-workforce.yaml"):
        resources = template(name)["Resources"]
        always = {each for each in resources if "Condition" not in resources[each]}
        assert always - {"Workers"} <= made_before(resources, "Workers")


def test_an_event_is_dropped_before_cloudformation_stops_waiting(
    resources: dict[str, Any],
) -> None:
    age = resources["WorkforceFunctionEventInvokeConfig"]["Properties"][
        "MaximumEventAgeInSeconds"
    ]
    run = resources["WorkforceFunction"]["Properties"]["Timeout"]
    for title in CUSTOM:
        assert age + run < resources[title]["Properties"]["ServiceTimeout"] <= 3600


@pytest.mark.parametrize("title", CUSTOM)
def test_template_and_function_agree_on_the_properties(title: str) -> None:
    given = set(getattr(custom_resources, title).props)
    properties = getattr(function, title).Properties
    parsed = {field.name for field in dataclasses.fields(properties)}
    assert given == parsed | set(function.COMMON_PROPERTIES)


@pytest.mark.parametrize("title", CUSTOM)
def test_the_template_gives_every_property(
    resources: dict[str, Any], title: str
) -> None:
    given = resources[title]["Properties"].keys()
    assert given == set(getattr(custom_resources, title).props)


def test_template_and_function_agree_on_what_a_team_name_is() -> None:
    pattern = parameters.WORK_TEAM_NAMES.allowed_pattern
    assert pattern == parameters.list_of(
        function.TEAM_NAME.pattern, at_least=1, at_most=25
    )


def test_the_function_takes_every_address_that_the_template_takes() -> None:
    one = parameters.WORKER_EMAILS.allowed_pattern.removeprefix("^(").split("(,")[0]
    assert one.replace("{1,8}", "+") == function.EMAIL.pattern


def test_the_sign_in_is_made_again_whenever_sagemaker_may_have_edited_the_client(
    resources: dict[str, Any],
) -> None:
    revision = resources["PortalSignIn"]["Properties"]["WorkforceRevision"]
    watched = set(intrinsics(revision, "Ref"))
    workforce = set(intrinsics(resources["PrivateWorkforce"], "Ref"))
    teams = set(intrinsics(resources["WorkTeams"], "Ref"))
    # A changed domain prefix fails the update before it reaches the workforce.
    # A living workforce cannot be exchanged for another one.
    operator = parameters.by_name().keys() - {"DomainPrefix", "ExistingWorkforceName"}
    # What the sender needs is a right that must be there first, and no parameter.
    assert (workforce | teams) & operator == watched & operator
    assert watched - operator == {"WorkforceFunctionEmailPolicy"}


def test_the_log_group_is_the_functions_own_and_its_lines_expire(
    resources: dict[str, Any],
) -> None:
    logging = resources["WorkforceFunction"]["Properties"]["LoggingConfig"]
    assert logging == {"LogGroup": {"Ref": "WorkforceFunctionLogGroup"}}
    group = resources["WorkforceFunctionLogGroup"]["Properties"]
    assert group["RetentionInDays"] == {"Ref": "LogRetentionInDays"}


def test_every_role_takes_the_permissions_boundary(resources: dict[str, Any]) -> None:
    roles = [item for item in resources.values() if item["Type"] == "AWS::IAM::Role"]
    assert roles
    for role in roles:
        assert role["Properties"]["PermissionsBoundary"] == {
            "Fn::If": [
                "HasPermissionsBoundaryArn",
                {"Ref": "PermissionsBoundaryArn"},
                {"Ref": "AWS::NoValue"},
            ]
        }


def test_no_right_goes_before_the_custom_resources_that_need_it(
    resources: dict[str, Any],
) -> None:
    """CloudFormation deletes in the opposite order."""
    policies = [
        title
        for title, item in resources.items()
        if item["Type"] in ("AWS::IAM::Role", "AWS::IAM::Policy")
    ]
    role, *first_needed_by = (
        ("WorkforceFunctionRole", "PrivateWorkforce"),
        ("WorkforceFunctionVpcPolicy", "PrivateWorkforce"),
        ("WorkforceFunctionEmailPolicy", "PortalSignIn"),
    )
    assert policies == [title for title, _ in (role, *first_needed_by)]
    for title, user in (role, *first_needed_by):
        assert title in made_before(resources, user)


def test_no_action_is_a_wildcard(resources: dict[str, Any]) -> None:
    (policy,) = resources["WorkforceFunctionRole"]["Properties"]["Policies"]
    statements = policy["PolicyDocument"]["Statement"]
    assert [
        action
        for statement in statements
        for action in statement["Action"]
        if "*" in action
    ] == []


def test_only_what_takes_no_resource_is_allowed_on_every_resource(
    resources: dict[str, Any],
) -> None:
    """The Service Authorization Reference lists no resource type for these."""
    (policy,) = resources["WorkforceFunctionRole"]["Properties"]["Policies"]
    everywhere = {
        action
        for statement in policy["PolicyDocument"]["Statement"]
        if "*" in statement["Resource"]
        for action in statement["Action"]
    }
    assert everywhere == {
        "sagemaker:ListWorkforces",
        "sagemaker:ListWorkteams",
        "cognito-idp:DescribeUserPoolDomain",
    }


def test_workforce_and_teams_are_the_stacks_own_by_their_arn(
    resources: dict[str, Any],
) -> None:
    (policy,) = resources["WorkforceFunctionRole"]["Properties"]["Policies"]
    statements = {item["Sid"]: item for item in policy["PolicyDocument"]["Statement"]}
    for sid in ("ManageTheWorkforce", "ManageTheWorkTeams"):
        for resource in statements[sid]["Resource"]:
            text, values = resource["Fn::Sub"]
            assert text.endswith("-${StackUuid}")
            assert set(intrinsics(values, "Ref")) == {"AWS::StackId"}
