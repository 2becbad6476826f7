"""Whoever has a deployer's rights cannot get more than them.

Each attempt is asked of IAM with the policies as they are deployed; the one with a
template also runs.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.deployment.policies_of_roles import Policies
from tests.deployment.portfolio import ACCOUNT, Portfolio

LAUNCHED = f"SC-{ACCOUNT}-pp-nopqrstuvwxyz"
OURS = f"arn:aws:iam::{ACCOUNT}:role/private-workforce/{LAUNCHED}-Role"
#: Of a set that somebody deployed, perhaps without a boundary.
OTHER_SET = f"arn:aws:iam::{ACCOUNT}:role/private-workforce/labels-Role"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:role/administrator"
OTHER_PRODUCT = f"arn:aws:iam::{ACCOUNT}:role/SC-{ACCOUNT}-pp-abcdefghijklm-Role"


@pytest.fixture(scope="module")
def rights(portfolio: Portfolio) -> Policies:
    return Policies.of(portfolio.aws, portfolio.outputs["LaunchRoleArn"])


@pytest.fixture(scope="module")
def boundary(portfolio: Portfolio) -> str:
    return portfolio.outputs["RolesBoundaryArn"]


def under(boundary: str) -> dict[str, str]:
    return {"iam:PermissionsBoundary": boundary}


@pytest.mark.parametrize("action", ["iam:CreateRole", "iam:PutRolePolicy"])
def test_a_role_is_made_and_given_rights_under_the_boundary_only(
    rights: Policies, boundary: str, action: str
) -> None:
    assert rights.allow(action, OURS, under(boundary))
    assert not rights.allow(action, OURS)
    assert not rights.allow(
        action, OURS, under("arn:aws:iam::aws:policy/AdministratorAccess")
    )


@pytest.mark.parametrize("role", [ADMINISTRATOR, OTHER_PRODUCT, OTHER_SET])
@pytest.mark.parametrize(
    "action",
    [
        "iam:PutRolePolicy",
        "iam:DeleteRolePolicy",
        "iam:UpdateAssumeRolePolicy",
        "iam:DeleteRole",
        "iam:CreateRole",
    ],
)
def test_an_unrelated_role_is_not_touched(
    rights: Policies, boundary: str, action: str, role: str
) -> None:
    assert not rights.allow(action, role, under(boundary))


@pytest.mark.parametrize(
    "action", ["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"]
)
def test_the_boundary_is_neither_removed_nor_exchanged(
    rights: Policies, boundary: str, action: str
) -> None:
    assert not rights.allow(action, OURS, under(boundary))


@pytest.mark.parametrize(
    "action",
    [
        "iam:CreatePolicyVersion",
        "iam:SetDefaultPolicyVersion",
        "iam:DeletePolicy",
        "iam:CreatePolicy",
    ],
)
def test_the_boundary_is_not_edited(
    rights: Policies, boundary: str, action: str
) -> None:
    assert not rights.allow(action, boundary)


@pytest.mark.parametrize("action", ["iam:AttachRolePolicy", "iam:CreateUser"])
def test_no_policy_is_attached_and_nobody_made(
    rights: Policies, boundary: str, action: str
) -> None:
    assert not rights.allow(action, OURS, under(boundary))


def test_a_role_of_the_set_is_passed_to_lambda_only(rights: Policies) -> None:
    def passes(role: str, service: str) -> bool:
        return rights.allow("iam:PassRole", role, {"iam:PassedToService": service})

    assert passes(OURS, "lambda.amazonaws.com")
    assert not passes(OURS, "ec2.amazonaws.com")
    assert not passes(OURS, "cloudformation.amazonaws.com")
    for other in (ADMINISTRATOR, OTHER_SET):
        assert not passes(other, "lambda.amazonaws.com")
    assert not rights.allow("iam:PassRole", OURS)


def test_the_boundary_gives_no_right_on_roles_policies_or_functions(
    portfolio: Portfolio, boundary: str
) -> None:
    document = portfolio.aws.client("iam").get_policy_version(
        PolicyArn=boundary, VersionId="v1"
    )["PolicyVersion"]["Document"]
    actions = {
        action for statement in document["Statement"] for action in statement["Action"]
    }
    assert {action for action in actions if action.startswith(("iam:", "lambda:"))} == {
        # Of one role of Cognito's only.
        "iam:CreateServiceLinkedRole"
    }


ATTEMPTS: dict[str, tuple[dict[str, Any], str]] = {
    "a role without the boundary": (
        {"Path": "/private-workforce/", "PermissionsBoundary": {"Ref": "AWS::NoValue"}},
        "iam:CreateRole",
    ),
    "a role elsewhere": ({"Path": "/"}, "iam:CreateRole"),
    "a role with a policy of AWS": (
        {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]},
        "iam:AttachRolePolicy",
    ),
}


@pytest.mark.parametrize("attempt", list(ATTEMPTS))
def test_a_template_that_tries_is_refused(portfolio: Portfolio, attempt: str) -> None:
    properties, action = ATTEMPTS[attempt]

    def trying(template: dict[str, Any]) -> None:
        role = template["Resources"]["WorkforceFunctionRole"]
        role["Properties"] |= properties
        # Nothing else is needed to see it refused.
        template["Resources"] = {"WorkforceFunctionRole": role}
        role["Properties"]["Policies"] = []
        del template["Outputs"]

    name = attempt.replace(" ", "-")
    version = portfolio.add_version(trying, name)
    why = portfolio.launch(name, version=version)
    assert f"not authorized to perform: {action}" in why
