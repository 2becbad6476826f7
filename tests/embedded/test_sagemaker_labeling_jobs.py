"""Labeling jobs are given to a team, and hold it until they are stopped."""

from __future__ import annotations

from typing import Any

import pytest

from tests.embedded.prepared import (
    ACCOUNT,
    TEAM,
    active_workforce,
    labeling_job,
    refusal,
    sign_in,
)

JOB = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:labeling-job/cats"


@pytest.fixture(autouse=True)
def team(aws: Any, sagemaker: Any, cognito: Any) -> None:
    """Make a workforce with one team."""
    aws.control.set(workforce_initializing_seconds=0.02)
    portal = sign_in(aws)
    cognito.create_group(UserPoolId=portal.user_pool_id, GroupName="group")
    active_workforce(sagemaker, portal)
    sagemaker.create_workteam(
        WorkteamName="team",
        WorkforceName="labelers",
        Description="A team",
        MemberDefinitions=portal.members("group"),
    )


def names(sagemaker: Any) -> list[str]:
    listed = sagemaker.list_labeling_jobs_for_workteam(WorkteamArn=TEAM)
    return [each["LabelingJobName"] for each in listed["LabelingJobSummaryList"]]


def test_a_job_is_in_progress_and_holds_its_team_until_it_is_stopped(
    sagemaker: Any,
) -> None:
    assert sagemaker.create_labeling_job(**labeling_job())["LabelingJobArn"] == JOB
    described = sagemaker.describe_labeling_job(LabelingJobName="Cats")
    assert described["LabelingJobStatus"] == "InProgress"
    assert described["HumanTaskConfig"] == labeling_job()["HumanTaskConfig"]
    assert names(sagemaker) == ["Cats"]
    assert sagemaker.delete_workteam(WorkteamName="team")["Success"] is False
    sagemaker.stop_labeling_job(LabelingJobName="Cats")
    described = sagemaker.describe_labeling_job(LabelingJobName="Cats")
    assert described["LabelingJobStatus"] == "Stopped"
    # What nobody labeled still waits, by its counters.
    assert names(sagemaker) == ["Cats"]
    assert sagemaker.delete_workteam(WorkteamName="team")["Success"] is True


def test_a_name_is_used_once_and_a_team_must_exist(sagemaker: Any) -> None:
    sagemaker.create_labeling_job(**labeling_job())
    code, _ = refusal(sagemaker.create_labeling_job, **labeling_job())
    assert code == "ResourceInUse"
    other = {**labeling_job()["HumanTaskConfig"], "WorkteamArn": f"{TEAM}x"}
    code, _ = refusal(
        sagemaker.create_labeling_job,
        **labeling_job(LabelingJobName="Dogs", HumanTaskConfig=other),
    )
    assert code == "ValidationException"
    code, _ = refusal(sagemaker.describe_labeling_job, LabelingJobName="Dogs")
    assert code == "ResourceNotFound"
