"""Custom::WorkTeams: a group and a team for each name, and nobody else's touched."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from lambda_src import workforce as function
from local_aws.process import EmbeddedAws
from tests.embedded.prepared import labeling_job
from tests.function.cloudformation_requests import STACK_ID, UUID
from tests.function.function_on_embedded_aws import (
    Function,
    SignIn,
    make_guest_team,
)

pytestmark = pytest.mark.usefixtures("portal")

PHYSICAL_ID = f"work-teams-{UUID}"


def ours(*names: str) -> list[str]:
    return [f"{name}-{UUID}" for name in names]


def teams(aws: EmbeddedAws) -> dict[str, dict[str, Any]]:
    listed = aws.client("sagemaker").list_workteams()["Workteams"]
    return {team["WorkteamName"]: team for team in listed}


def groups(sign_in: SignIn) -> dict[str, dict[str, Any]]:
    listed = sign_in.cognito.list_groups(UserPoolId=sign_in.pool_id)["Groups"]
    return {group["GroupName"]: group for group in listed}


def update(call: Function, before: list[str], after: list[str]) -> dict[str, Any]:
    return call.succeeds(
        "Update",
        "WorkTeams",
        call.teams(*after),
        PhysicalResourceId=PHYSICAL_ID,
        OldResourceProperties=call.teams(*before),
    )


def test_each_name_becomes_a_team_and_a_group_that_say_whose_they_are(
    aws: EmbeddedAws, call: Function, sign_in: SignIn
) -> None:
    made = call.succeeds("Create", "WorkTeams", call.teams("labelers", "reviewers"))
    assert list(teams(aws)) == list(groups(sign_in)) == ours("labelers", "reviewers")
    for name, team in teams(aws).items():
        member = team["MemberDefinitions"][0]["CognitoMemberDefinition"]
        assert member["UserGroup"] == name
        assert member["ClientId"] == sign_in.client_id
        assert UUID in team["Description"]
        assert UUID in groups(sign_in)[name]["Description"]
    assert made["PhysicalResourceId"] == PHYSICAL_ID
    assert made["Data"] == {
        "WorkTeamArns": ",".join(team["WorkteamArn"] for team in teams(aws).values())
    }


def test_the_order_of_the_arns_is_the_order_of_the_names(call: Function) -> None:
    made = call.succeeds("Create", "WorkTeams", call.teams("zebra", "ant"))
    first, second = made["Data"]["WorkTeamArns"].split(",")
    assert "/zebra-" in first
    assert "/ant-" in second


def test_a_create_that_is_delivered_twice_makes_each_team_once(
    aws: EmbeddedAws, call: Function
) -> None:
    first = call.succeeds("Create", "WorkTeams", call.teams("labelers"))
    second = call.succeeds("Create", "WorkTeams", call.teams("labelers"))
    assert first["Data"] == second["Data"]
    assert list(teams(aws)) == ours("labelers")


@pytest.mark.parametrize("operation", ["CreateGroup", "CreateWorkteam"])
def test_a_call_whose_answer_is_lost_on_the_way_does_no_harm(
    aws: EmbeddedAws, call: Function, sign_in: SignIn, operation: str
) -> None:
    aws.control.add_fault(operation=operation, kind="cut_after")
    call.succeeds("Create", "WorkTeams", call.teams("labelers"))
    assert list(teams(aws)) == list(groups(sign_in)) == ours("labelers")


def test_an_update_makes_new_teams_and_keeps_the_others_as_they_are(
    aws: EmbeddedAws, call: Function
) -> None:
    call.succeeds("Create", "WorkTeams", call.teams("labelers"))
    before = teams(aws)
    updated = update(call, ["labelers"], ["labelers", "reviewers"])
    assert list(teams(aws)) == ours("labelers", "reviewers")
    assert teams(aws)[ours("labelers")[0]] == before[ours("labelers")[0]]
    assert updated["PhysicalResourceId"] == PHYSICAL_ID


def test_an_update_deletes_the_teams_that_are_no_longer_named(
    aws: EmbeddedAws, call: Function, sign_in: SignIn
) -> None:
    call.succeeds("Create", "WorkTeams", call.teams("labelers", "reviewers"))
    update(call, ["labelers", "reviewers"], ["reviewers"])
    assert list(teams(aws)) == ours("reviewers")


def test_a_rolled_back_update_brings_the_teams_back_with_everybody_in_them(
    aws: EmbeddedAws, call: Function, sign_in: SignIn
) -> None:
    """So the update keeps their groups; a group brought back would be empty."""
    call.succeeds("Create", "WorkTeams", call.teams("labelers", "reviewers"))
    call.succeeds(
        "Create", "Workers", call.workers(ours("reviewers")[0], "ada@example.com")
    )
    update(call, ["labelers", "reviewers"], ["labelers", "graders"])
    update(call, ["labelers", "graders"], ["labelers", "reviewers"])
    assert list(teams(aws)) == ours("labelers", "reviewers")
    members = sign_in.cognito.list_users_in_group(
        UserPoolId=sign_in.pool_id, GroupName=ours("reviewers")[0]
    )["Users"]
    assert len(members) == 1


def test_removing_a_team_keeps_the_accounts_in_it(
    aws: EmbeddedAws, call: Function, sign_in: SignIn
) -> None:
    call.succeeds("Create", "WorkTeams", call.teams("labelers", "reviewers"))
    call.succeeds(
        "Create", "Workers", call.workers(ours("reviewers")[0], "ada@example.com")
    )
    update(call, ["labelers", "reviewers"], ["labelers"])
    users = sign_in.cognito.list_users(UserPoolId=sign_in.pool_id)["Users"]
    assert [user["Enabled"] for user in users] == [True]


def test_teams_and_groups_of_others_survive_update_and_delete(
    aws: EmbeddedAws, call: Function, sign_in: SignIn
) -> None:
    make_guest_team(aws, sign_in)
    guests = teams(aws)["guests"]
    call.succeeds("Create", "WorkTeams", call.teams("labelers"))
    update(call, ["labelers"], ["reviewers"])
    call.succeeds(
        "Delete", "WorkTeams", call.teams("reviewers"), PhysicalResourceId=PHYSICAL_ID
    )
    assert teams(aws) == {"guests": guests}
    assert list(groups(sign_in)) == ["guests"]


@pytest.mark.parametrize("physical_id", [PHYSICAL_ID, "generated-1X2Y"])
def test_a_delete_takes_what_is_ours_whatever_the_properties_and_the_id_say(
    aws: EmbeddedAws, call: Function, sign_in: SignIn, physical_id: str
) -> None:
    """An update that failed half-way may have made teams that nobody names."""
    call.succeeds("Create", "WorkTeams", call.teams("labelers", "reviewers"))
    call.succeeds(
        "Delete",
        "WorkTeams",
        {"UserPoolId": sign_in.pool_id},
        PhysicalResourceId=physical_id,
    )
    assert teams(aws) == {}
    assert groups(sign_in) == {}


@pytest.mark.parametrize("operation", ["DeleteWorkteam", "DeleteGroup", "ListGroups"])
def test_a_delete_that_aws_refuses_is_not_passed_over(
    aws: EmbeddedAws, call: Function, operation: str
) -> None:
    call.succeeds("Create", "WorkTeams", call.teams("labelers"))
    aws.control.add_fault(operation=operation, kind="AccessDeniedException", times=0)
    reason = call.fails(
        "Delete", "WorkTeams", call.teams("labelers"), PhysicalResourceId=PHYSICAL_ID
    )
    assert reason.startswith(f"{operation} failed with AccessDenied")


def test_a_delete_of_what_is_gone_succeeds_also_without_the_pool(
    aws: EmbeddedAws, call: Function, sign_in: SignIn
) -> None:
    call.succeeds(
        "Delete",
        "WorkTeams",
        {"UserPoolId": "us-east-1_GoneGone1"},
        PhysicalResourceId=PHYSICAL_ID,
    )


def test_more_teams_than_a_page_are_all_found(
    aws: EmbeddedAws, call: Function, sign_in: SignIn
) -> None:
    for number in range(70):
        sign_in.cognito.create_group(
            UserPoolId=sign_in.pool_id, GroupName=f"a{number:02}"
        )
    names = [f"t{number:02}" for number in range(25)]
    call.succeeds("Create", "WorkTeams", call.teams(*names))
    call.succeeds(
        "Delete", "WorkTeams", call.teams(*names), PhysicalResourceId=PHYSICAL_ID
    )
    assert teams(aws) == {}
    assert len(groups(sign_in)) == 60  # the first page of the 70 of others


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        ([], "takes 1 to 25 names"),
        ([f"t{number}" for number in range(26)], "takes 1 to 25 names"),
        (["a" * 27], "at most 26"),
        (["no spaces"], "letters, digits or inner hyphens"),
        (["labelers", "Labelers"], "repeats labelers"),
    ],
)
def test_bad_names_are_said_before_any_call(
    aws: EmbeddedAws, call: Function, names: list[str], complaint: str
) -> None:
    aws.control.clear_calls()
    assert complaint in call.fails("Create", "WorkTeams", call.teams(*names))
    assert aws.control.calls() == []


def job_on(aws: EmbeddedAws, team: str, job: str) -> None:
    aws.control.set(labeling_jobs={f"{team}-{UUID}": [job]})


def test_a_team_in_use_is_not_removed_and_the_jobs_are_named(
    aws: EmbeddedAws, call: Function
) -> None:
    call.succeeds("Create", "WorkTeams", call.teams("labelers", "reviewers"))
    job_on(aws, "reviewers", "cats-and-dogs")
    reason = call.fails(
        "Update",
        "WorkTeams",
        call.teams("labelers", "graders"),
        PhysicalResourceId=PHYSICAL_ID,
        OldResourceProperties=call.teams("labelers", "reviewers"),
    )
    assert "still has labeling jobs: cats-and-dogs" in reason
    assert list(teams(aws)) == ours("labelers", "reviewers")


def test_a_stopped_job_is_not_in_the_way_though_people_have_left_work(
    aws: EmbeddedAws, call: Function
) -> None:
    call.succeeds("Create", "WorkTeams", call.teams("labelers", "reviewers"))
    team = teams(aws)[f"reviewers-{UUID}"]["WorkteamArn"]
    sagemaker = aws.client("sagemaker")
    aws.control.set(labeling_job_seconds=0.0)
    sagemaker.create_labeling_job(**labeling_job(aws, team))
    (listed,) = sagemaker.list_labeling_jobs_for_workteam(WorkteamArn=team)[
        "LabelingJobSummaryList"
    ]
    assert listed["LabelCounters"]["PendingHuman"] > 0
    properties = call.teams("labelers", "reviewers")
    request = {"PhysicalResourceId": PHYSICAL_ID}
    assert "Cats" in call.fails("Delete", "WorkTeams", properties, **request)
    sagemaker.stop_labeling_job(LabelingJobName="Cats")
    call.succeeds("Delete", "WorkTeams", properties, **request)
    assert teams(aws) == {}


class SageMakerThatKeepsTeams:
    """SageMaker that lists a team after its deletion, whatever it answers to that."""

    def __init__(self, *names: str, success: bool = False) -> None:
        """Remember the teams that there are, and what a deletion is answered."""
        self.names = names
        self.success = success

    def delete_workteam(self, WorkteamName: str) -> dict[str, bool]:  # noqa: N803
        """Delete nothing."""
        return {"Success": self.success}

    def get_paginator(self, method: str) -> SageMakerThatKeepsTeams:
        """Return what pages through the teams."""
        assert method == "list_workteams"
        return self

    def paginate(self) -> list[dict[str, Any]]:
        """Return two pages."""
        return [
            {"Workteams": [{"WorkteamName": "guests"}]},
            {"Workteams": [{"WorkteamName": name} for name in self.names]},
        ]


def test_a_team_that_aws_does_not_delete_is_an_error_unless_it_is_gone() -> None:
    kept: Any = SimpleNamespace(sagemaker=SageMakerThatKeepsTeams("labelers"))
    with pytest.raises(function.Failure, match="did not delete the work team labelers"):
        function.WorkTeams._delete_team(kept, "labelers")
    gone: Any = SimpleNamespace(sagemaker=SageMakerThatKeepsTeams())
    function.WorkTeams._delete_team(gone, "labelers")
    # What was deleted may be listed for a moment.
    stale: Any = SageMakerThatKeepsTeams("labelers", success=True)
    listed: Any = SimpleNamespace(sagemaker=stale)
    function.WorkTeams._delete_team(listed, "labelers")


def test_a_team_in_use_stops_the_delete_before_anything_is_deleted(
    aws: EmbeddedAws, call: Function, sign_in: SignIn
) -> None:
    call.succeeds("Create", "WorkTeams", call.teams("labelers", "reviewers"))
    on = {f"labelers-{UUID}": ["birds"], f"reviewers-{UUID}": ["cats-and-dogs"]}
    aws.control.set(labeling_jobs=on)
    properties = call.teams("labelers", "reviewers")
    reason = call.fails(
        "Delete", "WorkTeams", properties, PhysicalResourceId=PHYSICAL_ID
    )
    assert "labeling jobs: birds, cats-and-dogs. " in reason
    assert list(teams(aws)) == list(groups(sign_in)) == ours("labelers", "reviewers")
    aws.control.set(labeling_jobs={})
    call.succeeds("Delete", "WorkTeams", properties, PhysicalResourceId=PHYSICAL_ID)
    assert teams(aws) == {}


def test_each_team_tells_the_topic_of_its_work(
    aws: EmbeddedAws, call: Function, sign_in: SignIn
) -> None:
    call.succeeds("Create", "WorkTeams", call.teams("labelers"))
    (team,) = teams(aws).values()
    assert team["NotificationConfiguration"] == {
        "NotificationTopicArn": sign_in.topic_arn
    }


def test_task_data_is_bound_to_the_workers_address_and_set_free_again(
    aws: EmbeddedAws, call: Function
) -> None:
    def bound() -> str:
        (team,) = teams(aws).values()
        access = team["WorkerAccessConfiguration"]["S3Presign"]
        return str(access["IamPolicyConstraints"]["SourceIp"])

    free, tied = (
        call.teams("labelers", RestrictTaskDataToSourceIp=text)
        for text in ("false", "true")
    )
    call.succeeds("Create", "WorkTeams", free)
    assert bound() == "Disabled"
    for before, after, found in ((free, tied, "Enabled"), (tied, free, "Disabled")):
        call.succeeds(
            "Update",
            "WorkTeams",
            after,
            PhysicalResourceId=PHYSICAL_ID,
            OldResourceProperties=before,
        )
        assert bound() == found


def test_an_update_that_changes_no_team_writes_none(
    aws: EmbeddedAws, call: Function
) -> None:
    call.succeeds("Create", "WorkTeams", call.teams("labelers"))
    update(call, ["labelers"], ["labelers"])
    assert aws.control.calls(operation="UpdateWorkteam") == []


def test_a_team_that_was_made_without_saying_so_is_free(call: Function) -> None:
    """SageMaker need not return a setting that nobody gave."""
    written: list[dict[str, Any]] = []
    sagemaker = SimpleNamespace(update_workteam=lambda **team: written.append(team))
    aws: Any = SimpleNamespace(sagemaker=sagemaker)
    team = {
        "WorkteamName": "labelers",
        "NotificationConfiguration": {
            "NotificationTopicArn": call.sign_in.topic_arn,
        },
    }

    def bring_up_to_date(**changes: str) -> None:
        given = call.teams("labelers", **changes)
        kind = function.WorkTeams.Properties
        function.WorkTeams._bring_up_to_date(aws, function.parsed(kind, given), team)

    bring_up_to_date()
    assert written == []
    bring_up_to_date(RestrictTaskDataToSourceIp="true")
    assert [each.keys() - {"WorkteamName"} for each in written] == [
        {"WorkerAccessConfiguration"}
    ]


def test_a_boolean_that_is_none_is_refused(call: Function) -> None:
    properties = call.teams("labelers", RestrictTaskDataToSourceIp="False")
    reason = call.fails("Create", "WorkTeams", properties)
    assert reason.startswith("true or false is allowed, not 'False'")


def test_each_team_is_tagged_with_its_stack(aws: EmbeddedAws, call: Function) -> None:
    made = call.succeeds("Create", "WorkTeams", call.teams("labelers"))
    tags = aws.client("sagemaker").list_tags(ResourceArn=made["Data"]["WorkTeamArns"])
    assert tags["Tags"] == [{"Key": "private-workforce:stack", "Value": STACK_ID}]
