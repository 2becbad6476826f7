"""Nested or as the single file: the services hold the same, at every step of a life."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from local_aws.process import EmbeddedAws
from tests.conftest import SHORT_WAITS
from tests.lifecycle.deployed_set import STACK, DeployedSet
from tests.lifecycle.test_repair import (
    let_the_update_fail_in_the_teams,
    soon,
)

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

#: One call for each kind of thing: service, method, arguments, what is looked at.
LISTINGS: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("sagemaker", "list_workforces", {}, "Workforces"),
    ("sagemaker", "list_workteams", {}, "Workteams"),
    ("lambda", "list_functions", {}, "Functions"),
    ("logs", "describe_log_groups", {}, "logGroups"),
    ("ssm", "describe_parameters", {}, "Parameters"),
    ("events", "list_rules", {}, "Rules"),
    ("sns", "list_topics", {}, "Topics"),
    ("cloudwatch", "describe_alarms", {}, "MetricAlarms"),
    ("wafv2", "list_web_acls", {"Scope": "REGIONAL"}, "WebACLs"),
    ("iam", "list_roles", {}, "Roles"),
)

#: What differs with each making, and says nothing about the form.
ACCIDENTAL = {
    *(
        "ResponseMetadata",
        "RevisionId",
        "LockToken",
        "CodeSha256",
        "storedBytes",
        "ClientSecret",
        "SubDomain",
    ),
    *("RoleId", "Id", "creationTime", "TemporaryPassword", "SessionId", "LastModified"),
}


def state(deployed: DeployedSet) -> dict[str, Any]:
    """Return what the services hold, with the names of this deployment taken out."""
    found: dict[str, Any] = {
        f"{service}.{method}": getattr(deployed.aws.client(service), method)(
            **arguments
        )[answer]
        for service, method, arguments, answer in LISTINGS
    }
    iam = deployed.aws.client("iam")
    found["policies"] = [
        iam.get_role_policy(RoleName=role["RoleName"], PolicyName=name)
        for role in found["iam.list_roles"]
        for name in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
    ]
    if "UserPoolId" in deployed.outputs:
        pool = deployed.outputs["UserPoolId"]
        found["pool"], found["client"] = deployed.pool, deployed.client
        found["groups"], found["users"] = deployed.groups, deployed.users
        found["mfa"] = deployed.cognito.get_user_pool_mfa_config(UserPoolId=pool)
        found["log"] = deployed.cognito.get_log_delivery_configuration(UserPoolId=pool)
        found["outputs"] = deployed.outputs
    found["stack"] = [
        {"Tags": deployed.stack.get("Tags", [])}
        if deployed.outputs
        else {"Outputs": "none"}
    ]
    seen: dict[str, Any] = normalized(found, names(deployed))
    return seen


def names(deployed: DeployedSet) -> list[tuple[str, str]]:
    """Return what each name of this deployment stands for, the longest names first."""
    known: dict[str, str] = {}
    stacks = deployed.cloudformation.list_stacks()["StackSummaries"]
    for stack in stacks:
        known[stack["StackId"]] = "<stack id>"
        known[stack["StackId"].rpartition("/")[2]] = "<uuid>"
        known[stack["StackName"]] = "<stack>"
        listed = deployed.cloudformation.list_stack_resources(
            StackName=stack["StackId"]
        )["StackResourceSummaries"]
        for resource in listed:
            physical_id = resource.get("PhysicalResourceId", "")
            # One with the stack's UUID is not one resource's alone.
            if len(physical_id) > 12 and not UUID.search(physical_id):
                known.setdefault(physical_id, f"<{resource['LogicalResourceId']}>")
    if deployed.outputs:
        known[deployed.portal] = "<portal>"
    return sorted(known.items(), key=lambda item: -len(item[0]))


def normalized(value: Any, known: list[tuple[str, str]]) -> Any:
    """Return a value with names replaced, and without times and accidents."""
    if isinstance(value, dict):
        return {
            normalized(key, known): normalized(item, known)
            for key, item in sorted(value.items())
            if key not in ACCIDENTAL and not isinstance(item, datetime)
        }
    if isinstance(value, list | tuple):
        return sorted((normalized(item, known) for item in value), key=json.dumps)
    if isinstance(value, str):
        for name, meaning in known:
            value = value.replace(name, meaning)
        # A worker's name is a digest of the stack's UUID, Cognito's sub is random.
        value = re.sub(r"-[0-9a-f]{16}\b", "-<digest>", value)
        value = UUID.sub("<random>", value)
        return re.sub(r"-[A-Z0-9]{12,13}\b", "-<random>", value)
    return value


def life(aws: EmbeddedAws, form: str) -> dict[str, Any]:
    """Take one form through its life; return what the services hold at each step."""
    aws.control.reset()
    aws.control.set(**SHORT_WAITS)
    deployed = DeployedSet(aws, form)
    steps: dict[str, Any] = {}
    status = deployed.create(
        WorkerEmails="ada@example.com,alan@example.com",
        WorkTeamNames="labelers,reviewers",
        NotificationEmail="team@example.com",
    )
    assert status == "CREATE_COMPLETE", deployed.reasons
    steps["created"] = state(deployed)
    status = deployed.update(
        {
            "WorkerEmails": "ada@example.com",
            "WorkTeamNames": "labelers,graders",
            "AccessTokenValidityInMinutes": "30",
            "SourceCidrs": "192.0.2.0/24",
        }
    )
    assert status == "UPDATE_COMPLETE", deployed.reasons
    assert soon(lambda: not any("reviewers" in group for group in deployed.groups))
    steps["updated"] = state(deployed)
    let_the_update_fail_in_the_teams(deployed)
    status = deployed.update(
        {"WorkTeamNames": "labelers,novices", "AccessTokenValidityInMinutes": "45"}
    )
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert soon(deployed.leads_to_the_portal)
    steps["repaired"] = state(deployed)
    aws.control.clear_faults()
    stack_id = deployed.stack["StackId"]
    assert deployed.delete() == "DELETE_COMPLETE", deployed.reasons
    assert STACK in stack_id
    steps["deleted"] = deployed.everything_of_the_set()
    return steps


def test_both_forms_leave_the_same_behind_at_every_step(aws: EmbeddedAws) -> None:
    nested, single = life(aws, "root.yaml"), life(aws, "private-workforce.yaml")
    for step in ("created", "updated", "repaired", "deleted"):
        for kind in nested[step]:
            assert single[step][kind] == nested[step][kind], (step, kind)
    # It did look at something.
    assert len(nested["created"]["sagemaker.list_workteams"]) == 2
    assert len(nested["created"]["users"]) == 2
    assert nested["updated"] != nested["created"]
    assert nested["deleted"] == {}
