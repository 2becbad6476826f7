"""Work teams behave as on AWS, and hold on to what they are made of."""

from __future__ import annotations

from typing import Any

import pytest

from tests.embedded.prepared import (
    ACCOUNT,
    PLACEHOLDER,
    SignIn,
    active_workforce,
    app_client,
    callbacks,
    refusal,
    sign_in,
)

ARN = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:workteam/private-crowd/team"


@pytest.fixture
def portal(aws: Any, sagemaker: Any, cognito: Any) -> SignIn:
    """A sign-in with an active workforce and a group."""
    aws.control.set(workforce_initializing_seconds=0.02)
    portal = sign_in(aws)
    cognito.create_group(UserPoolId=portal.user_pool_id, GroupName="group")
    active_workforce(sagemaker, portal)
    return portal


def create(sagemaker: Any, portal: SignIn, **changes: Any) -> Any:
    return sagemaker.create_workteam(**request(portal, **changes))


def request(portal: SignIn, **changes: Any) -> dict[str, Any]:
    return {
        "WorkteamName": "team",
        "WorkforceName": "labelers",
        "Description": "A team",
        "MemberDefinitions": portal.members("group"),
        **changes,
    }


def test_a_team_has_the_arn_that_labeling_jobs_use(
    sagemaker: Any, portal: SignIn
) -> None:
    assert create(sagemaker, portal)["WorkteamArn"] == ARN
    team = sagemaker.describe_workteam(WorkteamName="team")["Workteam"]
    workforce = sagemaker.describe_workforce(WorkforceName="labelers")["Workforce"]
    assert team["WorkteamArn"] == ARN
    assert team["WorkforceArn"] == workforce["WorkforceArn"]
    assert team["SubDomain"] == workforce["SubDomain"]
    assert team["MemberDefinitions"] == portal.members("group")


@pytest.mark.parametrize("operation", ["create", "update"])
def test_making_and_updating_a_team_puts_the_callback_back(
    sagemaker: Any, cognito: Any, portal: SignIn, operation: str
) -> None:
    if operation == "update":
        create(sagemaker, portal)
    with_callback = callbacks(cognito, portal)
    only_placeholder(cognito, portal)
    if operation == "create":
        create(sagemaker, portal)
    else:
        sagemaker.update_workteam(WorkteamName="team", Description="New")
    assert callbacks(cognito, portal) == with_callback


def only_placeholder(cognito: Any, portal: SignIn) -> None:
    cognito.update_user_pool_client(
        UserPoolId=portal.user_pool_id,
        ClientId=portal.client_id,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid"],
        CallbackURLs=[PLACEHOLDER],
    )
    assert callbacks(cognito, portal) == [PLACEHOLDER]


def test_a_callback_that_is_there_is_not_added_twice(
    sagemaker: Any, cognito: Any, portal: SignIn
) -> None:
    before = callbacks(cognito, portal)
    create(sagemaker, portal)
    assert callbacks(cognito, portal) == before


def test_a_workforce_with_teams_cannot_be_deleted(
    sagemaker: Any, portal: SignIn
) -> None:
    create(sagemaker, portal)
    code, message = refusal(sagemaker.delete_workforce, WorkforceName="labelers")
    assert code == "ResourceInUse"
    assert "team" in message


def test_a_team_says_which_workforce_it_is_of(sagemaker: Any, portal: SignIn) -> None:
    asked = request(portal)
    del asked["WorkforceName"]
    code, message = refusal(sagemaker.create_workteam, **asked)
    assert code == "ValidationException"
    assert "WorkforceName is missing" in message


def test_deleting_a_team_says_whether_it_succeeded(
    sagemaker: Any, portal: SignIn
) -> None:
    create(sagemaker, portal)
    assert sagemaker.delete_workteam(WorkteamName="team")["Success"] is True
    code, message = refusal(sagemaker.describe_workteam, WorkteamName="team")
    assert code == "ValidationException"
    assert message.startswith("The work team")


def test_a_team_with_a_labeling_job_is_not_deleted(
    aws: Any, sagemaker: Any, portal: SignIn
) -> None:
    create(sagemaker, portal)
    aws.control.set(labeling_jobs={"team": ["cats"]})
    listed = sagemaker.list_labeling_jobs_for_workteam(WorkteamArn=ARN)
    jobs = [job["LabelingJobName"] for job in listed["LabelingJobSummaryList"]]
    assert jobs == ["cats"]
    assert sagemaker.delete_workteam(WorkteamName="team")["Success"] is False
    assert sagemaker.describe_workteam(WorkteamName="team")


def test_a_group_of_a_team_cannot_be_deleted(
    sagemaker: Any, cognito: Any, portal: SignIn
) -> None:
    create(sagemaker, portal)
    group = {"UserPoolId": portal.user_pool_id, "GroupName": "group"}
    code, _ = refusal(cognito.delete_group, **group)
    assert code == "InvalidParameterException"
    sagemaker.delete_workteam(WorkteamName="team")
    cognito.delete_group(**group)


def test_a_team_needs_a_group_that_exists(sagemaker: Any, portal: SignIn) -> None:
    code, message = refusal(
        sagemaker.create_workteam,
        **request(portal, MemberDefinitions=portal.members("nobody")),
    )
    assert code == "ValidationException"
    assert message.startswith("Group nobody does not exist")


def test_a_team_needs_the_client_of_its_workforce(
    sagemaker: Any, cognito: Any, portal: SignIn
) -> None:
    other = app_client(cognito, portal.user_pool_id)
    members = portal.members("group")
    members[0]["CognitoMemberDefinition"]["ClientId"] = other["ClientId"]
    code, _ = refusal(
        sagemaker.create_workteam, **request(portal, MemberDefinitions=members)
    )
    assert code == "ValidationException"


def test_a_team_needs_an_active_workforce(
    aws: Any, sagemaker: Any, portal: SignIn
) -> None:
    aws.control.set(workforce_deleting_seconds=30.0)
    sagemaker.delete_workforce(WorkforceName="labelers")
    code, message = refusal(sagemaker.create_workteam, **request(portal))
    assert (code, message) == (
        "ValidationException",
        "Workforce labelers is Deleting, not Active.",
    )


def test_a_second_team_of_the_name_is_refused(sagemaker: Any, portal: SignIn) -> None:
    create(sagemaker, portal)
    code, _ = refusal(sagemaker.create_workteam, **request(portal))
    assert code == "ResourceInUse"


def test_there_are_25_teams_and_not_one_more(sagemaker: Any, portal: SignIn) -> None:
    for number in range(25):
        create(sagemaker, portal, WorkteamName=f"team-{number}")
    code, _ = refusal(sagemaker.create_workteam, **request(portal))
    assert code == "ResourceLimitExceeded"
    assert len(sagemaker.list_workteams()["Workteams"]) == 25


def test_more_than_ten_members_are_refused(sagemaker: Any, portal: SignIn) -> None:
    members = portal.members("group") * 11
    code, _ = refusal(
        sagemaker.create_workteam, **request(portal, MemberDefinitions=members)
    )
    assert code == "ValidationException"


def test_an_update_changes_only_what_it_names(sagemaker: Any, portal: SignIn) -> None:
    topic = {"NotificationTopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:topic"}
    create(sagemaker, portal, NotificationConfiguration=topic)
    sagemaker.update_workteam(WorkteamName="team", Description="New")
    team = sagemaker.describe_workteam(WorkteamName="team")["Workteam"]
    assert team["Description"] == "New"
    assert team["NotificationConfiguration"] == topic
    assert team["MemberDefinitions"] == portal.members("group")


def test_tags_of_a_team_are_added_listed_and_deleted(
    sagemaker: Any, portal: SignIn
) -> None:
    create(sagemaker, portal, Tags=[{"Key": "a", "Value": "1"}])
    sagemaker.add_tags(ResourceArn=ARN, Tags=[{"Key": "b", "Value": "2"}])
    sagemaker.delete_tags(ResourceArn=ARN, TagKeys=["a"])
    assert sagemaker.list_tags(ResourceArn=ARN)["Tags"] == [{"Key": "b", "Value": "2"}]


def test_reserved_tags_are_refused(sagemaker: Any, portal: SignIn) -> None:
    create(sagemaker, portal)
    tags = [{"Key": "aws:mine", "Value": "1"}]
    code, _ = refusal(sagemaker.add_tags, ResourceArn=ARN, Tags=tags)
    assert code == "ValidationException"
