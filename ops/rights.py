"""Whether the deployer has the rights that a deployment needs, by IAM's own simulation.

A simulation knows neither the resources that a right is limited to nor the policies of
the organization ("IAM policy testing with the IAM policy simulator", IAM User Guide).
So what is not allowed in general is a warning; what is denied stands in the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from botocore.exceptions import ClientError

from ops.account_checks import Finding, Situation
from ops.errors import OperatorError, code_of
from ops.stacks import load_template

#: A role with exactly the rights that a deployment takes.
DEPLOY_ROLE = Path("dist/deploy-role.yaml")

_DENIED = ("AccessDenied", "AccessDeniedException")


def actions() -> list[str]:
    """Return what a deployment calls with the deployer's credentials, sorted.

    Raises:
        OperatorError: when the templates have not been built.
    """
    if not DEPLOY_ROLE.exists():
        raise OperatorError(f"{DEPLOY_ROLE} does not exist.", "`make build` writes it.")
    resources = load_template(DEPLOY_ROLE.read_text(encoding="utf-8"))["Resources"]
    role = resources["DeployRole"]["Properties"]
    policies = [
        *(policy["PolicyDocument"] for policy in role["Policies"]),
        *(
            resources[policy["Ref"]]["Properties"]["PolicyDocument"]
            for policy in role["ManagedPolicyArns"]
        ),
    ]
    return sorted(
        {
            action
            for policy in policies
            for statement in policy["Statement"]
            # What only a parameter brings in is no right that every deployer needs.
            if statement.get("Effect") == "Allow"
            for action in statement["Action"]
        }
    )


def deployers_rights(situation: Situation) -> Iterator[Finding]:
    """Who deploys may do what a deployment does."""
    resource = situation.caller.split(":", 5)[5]
    if resource == "root":
        yield Finding("fine", "The account's root may do everything.")
        return
    wanted = actions()
    iam = situation.account.client("iam")
    try:
        arn = situation.caller
        if resource.startswith("assumed-role/"):
            # The session's ARN leaves out the path of its role.
            arn = iam.get_role(RoleName=resource.split("/")[1])["Role"]["Arn"]
        pages = iam.get_paginator("simulate_principal_policy")
        results = [
            result
            for page in pages.paginate(PolicySourceArn=arn, ActionNames=wanted)
            for result in page["EvaluationResults"]
        ]
    except ClientError as error:
        if code_of(error) not in _DENIED:
            raise
        yield Finding(
            "unknown",
            "Whether these credentials may deploy was not simulated: they may not call "
            "iam:SimulatePrincipalPolicy.",
        )
        return
    yield from _findings(results)


def _findings(results: list[dict[str, str]]) -> Iterator[Finding]:
    decisions: dict[str, list[str]] = {}
    for result in results:
        decisions.setdefault(result["EvalDecision"], []).append(
            result["EvalActionName"]
        )
    if denied := decisions.get("explicitDeny"):
        yield Finding(
            "error",
            f"These credentials are denied {', '.join(denied)}.",
            "A policy or a permissions boundary says so: deploy with other "
            "credentials, or have it changed.",
        )
    if missing := decisions.get("implicitDeny"):
        yield Finding(
            "warning",
            f"These credentials are not allowed in general: {', '.join(missing)}.",
            "Fine if they are allowed on the set's own resources; otherwise have them "
            "granted.",
        )
    if not (denied or missing):
        yield Finding("fine", f"These credentials may deploy ({len(results)} rights).")
