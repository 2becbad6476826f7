"""Work teams of a private workforce.

A team is made of groups of the workforce's user pool. Making and updating one edits the
app client again. Source: API reference (CreateWorkteam, UpdateWorkteam,
DeleteWorkteam).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from local_aws.sagemaker import (
    app_client,
    labeling_jobs,
    permissions,
    state,
    workforces,
)
from local_aws.sagemaker.errors import SageMakerError, validation_error
from local_aws.sagemaker.pages import page
from local_aws.sagemaker.state import Workforce, Workteam

MAXIMUM_WORKTEAMS = 25
MAXIMUM_MEMBERS = 10


def create(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Make a work team and edit the app client; the answer is the team's ARN."""
    account, region = state.scope()
    name = parameters["WorkteamName"]
    arn = f"arn:aws:sagemaker:{region}:{account}:workteam/private-crowd/{name}"
    members = _checked_members(parameters["MemberDefinitions"])
    permissions.demand("CreateWorkteam", _subject(account, region, arn, members))
    if (account, region, name) in state.workteams:
        raise SageMakerError("ResourceInUse", f"Work team {name} already exists.")
    if len(state.workteams_here()) >= MAXIMUM_WORKTEAMS:
        raise SageMakerError(
            "ResourceLimitExceeded",
            f"An account has at most {MAXIMUM_WORKTEAMS} work teams in a Region.",
        )
    workforce = _workforce(parameters.get("WorkforceName"))
    _check_against(workforce, members)
    now = time.time()
    state.workteams[account, region, name] = Workteam(
        account=account,
        region=region,
        name=name,
        arn=arn,
        workforce_name=workforce.name,
        description=parameters["Description"],
        member_definitions=members,
        created_at=now,
        updated_at=now,
        notification_configuration=dict(
            parameters.get("NotificationConfiguration", {})
        ),
        worker_access_configuration=dict(
            parameters.get("WorkerAccessConfiguration", {})
        ),
        tags=list(parameters.get("Tags", [])),
    )
    state.edit_app_client(workforce)
    return {"WorkteamArn": arn}


def _checked_members(definitions: Any) -> list[dict[str, Any]]:
    members = [dict(definition) for definition in definitions]
    if not 1 <= len(members) <= MAXIMUM_MEMBERS:
        raise validation_error(
            f"A work team has one to {MAXIMUM_MEMBERS} member definitions."
        )
    if any("CognitoMemberDefinition" not in member for member in members):
        raise validation_error(
            "A team of a workforce with a CognitoConfig needs CognitoMemberDefinition."
        )
    return members


def _workforce(name: str | None) -> Workforce:
    """Return the Active workforce that a team belongs to."""
    if name is None:
        raise validation_error(
            "WorkforceName is missing, and which workforce is meant then is not "
            "documented: name it."
        )
    workforce = workforces.find(name)
    if workforce.status != state.ACTIVE:
        raise validation_error(
            f"Workforce {workforce.name} is {workforce.status}, not Active."
        )
    return workforce


def _check_against(workforce: Workforce, members: list[dict[str, Any]]) -> None:
    for member in members:
        cognito = member["CognitoMemberDefinition"]
        if (cognito["UserPool"], cognito["ClientId"]) != (
            workforce.user_pool_id,
            workforce.client_id,
        ):
            raise validation_error(
                "All member definitions must have the user pool and the client of "
                f"workforce {workforce.name}."
            )
        app_client.check_group(cognito["UserPool"], cognito["UserGroup"])


def find(name: str) -> Workteam:
    """Return a work team by its name.

    Raises:
        SageMakerError: there is none: a ValidationException whose message contains
            "The work team" (Terraform AWS provider, workteam.go).
    """
    account, region = state.scope()
    workteam = state.workteams.get((account, region, name))
    if workteam is None:
        raise validation_error(
            f"The work team arn:aws:sagemaker:{region}:{account}:workteam/"
            f"private-crowd/{name} does not exist."
        )
    return workteam


def describe(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return a work team."""
    workteam = find(parameters["WorkteamName"])
    permissions.demand("DescribeWorkteam", _subject_of(workteam))
    return {"Workteam": _shape(workteam)}


def update(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Change a work team and edit the app client again."""
    workteam = find(parameters["WorkteamName"])
    members = workteam.member_definitions
    if "MemberDefinitions" in parameters:
        members = _checked_members(parameters["MemberDefinitions"])
    permissions.demand(
        "UpdateWorkteam",
        _subject(workteam.account, workteam.region, workteam.arn, members),
    )
    workforce = _workforce(workteam.workforce_name)
    _check_against(workforce, members)
    workteam.member_definitions = members
    workteam.description = parameters.get("Description", workteam.description)
    for member, attribute in (
        ("NotificationConfiguration", "notification_configuration"),
        ("WorkerAccessConfiguration", "worker_access_configuration"),
    ):
        if member in parameters:
            setattr(workteam, attribute, dict(parameters[member]))
    workteam.updated_at = time.time()
    state.edit_app_client(workforce)
    return {"Workteam": _shape(workteam)}


def delete(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Remove a work team; while labeling jobs hold it, Success is false (assumed)."""
    workteam = find(parameters["WorkteamName"])
    permissions.demand("DeleteWorkteam", _subject_of(workteam))
    if labeling_jobs.unfinished_on(workteam):
        return {"Success": False}
    del state.workteams[workteam.account, workteam.region, workteam.name]
    return {"Success": True}


def list_all(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the work teams of this Region, a page at a time."""
    account, region = state.scope()
    permissions.demand("ListWorkteams", permissions.Subject(account, region, "*"))
    shapes = [_shape(workteam) for workteam in state.workteams_here()]
    return page(shapes, parameters, members="Workteams", name="WorkteamName")


def _subject(
    account: str, region: str, arn: str, members: list[dict[str, Any]]
) -> permissions.Subject:
    pools = dict.fromkeys(
        member["CognitoMemberDefinition"]["UserPool"] for member in members
    )
    return permissions.Subject(account, region, arn, tuple(pools))


def _subject_of(workteam: Workteam) -> permissions.Subject:
    return _subject(
        workteam.account, workteam.region, workteam.arn, workteam.member_definitions
    )


def _shape(workteam: Workteam) -> dict[str, Any]:
    workforce = state.workforces.get(
        (workteam.account, workteam.region, workteam.workforce_name)
    )
    shape: dict[str, Any] = {
        "WorkteamName": workteam.name,
        "WorkteamArn": workteam.arn,
        "MemberDefinitions": workteam.member_definitions,
        "Description": workteam.description,
        "CreateDate": workteam.created_at,
        "LastUpdatedDate": workteam.updated_at,
        "NotificationConfiguration": workteam.notification_configuration,
        "WorkerAccessConfiguration": workteam.worker_access_configuration,
    }
    if workforce is not None:
        shape["WorkforceArn"] = workforce.arn
        shape["SubDomain"] = workforce.sub_domain
    return shape
