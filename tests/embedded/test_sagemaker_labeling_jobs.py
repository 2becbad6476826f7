"""Labeling jobs and human reviews of the embedded AWS are no more lenient than AWS."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.embedded.prepared import (
    ACCOUNT,
    LABELING_BUCKET,
    LABELING_FILES,
    LABELING_FUNCTIONS,
    LABELING_RIGHTS,
    TEAM,
    SignIn,
    active_workforce,
    allow,
    client,
    client_as,
    labeling_job,
    labeling_role,
    refusal,
    role,
    sign_in,
)

JOB = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:labeling-job/cats"


@pytest.fixture
def wanted(aws: Any) -> dict[str, Any]:
    """What makes a job for a team that there is, with a role of exactly its rights."""
    aws.control.set(workforce_initializing_seconds=0.02, labeling_job_seconds=0.0)
    portal: SignIn = sign_in(aws)
    cognito, sagemaker = client(aws, "cognito-idp"), client(aws, "sagemaker")
    cognito.create_group(UserPoolId=portal.user_pool_id, GroupName="group")
    active_workforce(sagemaker, portal)
    sagemaker.create_workteam(
        WorkteamName="team",
        WorkforceName="labelers",
        Description="A team",
        MemberDefinitions=portal.members("group"),
    )
    return labeling_job(aws)


def status(sagemaker: Any) -> str:
    described = sagemaker.describe_labeling_job(LabelingJobName="Cats")
    return str(described["LabelingJobStatus"])


def listed(sagemaker: Any) -> list[dict[str, Any]]:
    answer = sagemaker.list_labeling_jobs_for_workteam(WorkteamArn=TEAM)
    jobs: list[dict[str, Any]] = answer["LabelingJobSummaryList"]
    return jobs


def test_a_job_lives_holds_its_team_and_is_stopped(
    aws: Any, sagemaker: Any, wanted: dict[str, Any]
) -> None:
    arn = sagemaker.create_labeling_job(**wanted)["LabelingJobArn"]
    assert arn == JOB
    assert status(sagemaker) == "InProgress"
    assert [each["LabelCounters"]["PendingHuman"] for each in listed(sagemaker)] == [1]
    assert sagemaker.delete_workteam(WorkteamName="team")["Success"] is False
    sagemaker.stop_labeling_job(LabelingJobName="Cats")
    assert status(sagemaker) == "Stopped"
    # What nobody labeled still waits, by its counters.
    assert [each["LabelCounters"]["PendingHuman"] for each in listed(sagemaker)] == [1]
    assert sagemaker.delete_workteam(WorkteamName="team")["Success"] is True


def test_a_status_on_the_way_takes_a_while(
    aws: Any, sagemaker: Any, wanted: dict[str, Any]
) -> None:
    aws.control.set(labeling_job_seconds=60.0)
    sagemaker.create_labeling_job(**wanted)
    assert status(sagemaker) == "Initializing"
    sagemaker.stop_labeling_job(LabelingJobName="Cats")
    assert status(sagemaker) == "Stopping"


def test_jobs_are_listed_by_name_and_status(
    sagemaker: Any, wanted: dict[str, Any]
) -> None:
    for number in range(3):
        named = {**wanted, "LabelingJobName": f"job-{number}"}
        sagemaker.create_labeling_job(**named)
    sagemaker.stop_labeling_job(LabelingJobName="job-1")

    def names(**filters: str) -> list[str]:
        answer = sagemaker.list_labeling_jobs(**filters)
        jobs = answer["LabelingJobSummaryList"]
        return [each["LabelingJobName"] for each in jobs]

    assert names(StatusEquals="Stopped") == ["job-1"]
    assert names(NameContains="-2") == ["job-2"]
    assert names() == ["job-0", "job-1", "job-2"]


Change = Callable[[dict[str, Any]], None]
TASK = "HumanTaskConfig"


def _without_labels(wanted: dict[str, Any]) -> None:
    del wanted["LabelCategoryConfigS3Uri"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda j: j.update(LabelAttributeName="a-metadata"), "end with -metadata"),
        (lambda j: j[TASK].update(WorkteamArn=TEAM + "s"), "does not exist"),
        (
            lambda j: j[TASK].update(
                WorkteamArn=TEAM.replace("us-east-1", "eu-west-1")
            ),
            "does not exist",
        ),
        (
            lambda j: j[TASK].update(
                PreHumanTaskLambdaArn=f"{LABELING_FUNCTIONS}:PRE-Shapes".replace(
                    "43", "44"
                )
            ),
            "no function of Ground Truth",
        ),
        (
            lambda j: j[TASK].update(
                PreHumanTaskLambdaArn=f"{LABELING_FUNCTIONS}:PRE-BoundingBox"
            ),
            "different task types",
        ),
        (
            lambda j: j[TASK].update(
                PreHumanTaskLambdaArn=(
                    "arn:aws:lambda:eu-west-1:568282634449:function:PRE-ImageMultiClass"
                )
            ),
            "another Region",
        ),
        (_without_labels, "LabelCategoryConfigS3Uri"),
        (
            lambda j: j["InputConfig"]["DataSource"]["S3DataSource"].update(
                ManifestS3Uri=f"s3://{LABELING_BUCKET}/nothing"
            ),
            "nothing does not exist",
        ),
        (
            lambda j: j[TASK]["UiConfig"].update(
                UiTemplateS3Uri=f"s3://{LABELING_BUCKET}/a.png"
            ),
            "no crowd-form",
        ),
        (
            lambda j: j.update(
                LabelCategoryConfigS3Uri=f"s3://{LABELING_BUCKET}/a.png"
            ),
            "no label category configuration",
        ),
        (
            lambda j: j["OutputConfig"].update(S3OutputPath="s3://elsewhere/"),
            "bucket of s3://elsewhere/ does not exist",
        ),
        (
            lambda j: j.update(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/nobody"),
            "Could not assume role",
        ),
    ],
)
def test_a_job_that_could_not_work_is_refused(
    sagemaker: Any, wanted: dict[str, Any], change: Change, message: str
) -> None:
    wanted = copy.deepcopy(wanted)
    change(wanted)
    code, said = refusal(sagemaker.create_labeling_job, **wanted)
    assert code == "ValidationException"
    assert message in said
    assert sagemaker.list_labeling_jobs()["LabelingJobSummaryList"] == []


def test_a_name_is_used_once(sagemaker: Any, wanted: dict[str, Any]) -> None:
    sagemaker.create_labeling_job(**wanted)
    sagemaker.stop_labeling_job(LabelingJobName="Cats")
    code, _ = refusal(sagemaker.create_labeling_job, **wanted)
    assert code == "ResourceInUse"


@pytest.mark.parametrize("missing", LABELING_RIGHTS)
def test_each_documented_right_of_the_role_is_demanded(
    aws: Any, sagemaker: Any, wanted: dict[str, Any], missing: str
) -> None:
    fewer = {action: at for action, at in LABELING_RIGHTS.items() if action != missing}
    code, said = refusal(
        sagemaker.create_labeling_job, **wanted | {"RoleArn": labeling_role(aws, fewer)}
    )
    assert code == "ValidationException"
    assert f"does not allow {missing} on" in said


def test_a_bucket_without_cors_and_a_bad_line_are_refused(
    aws: Any, sagemaker: Any, wanted: dict[str, Any]
) -> None:
    s3 = client(aws, "s3")
    s3.put_object(
        Bucket=LABELING_BUCKET, Key="manifest", Body=b'{"source-ref": "s3://b/c"}\nx'
    )
    _, said = refusal(sagemaker.create_labeling_job, **wanted)
    assert "s3:GetObject on arn:aws:s3:::b/c" in said
    s3.put_object(
        Bucket=LABELING_BUCKET,
        Key="manifest",
        Body=LABELING_FILES["manifest"].encode() + b"\nx",
    )
    _, said = refusal(sagemaker.create_labeling_job, **wanted)
    assert "Line 2 of the manifest" in said
    s3.put_object(
        Bucket=LABELING_BUCKET, Key="manifest", Body=LABELING_FILES["manifest"].encode()
    )
    s3.delete_bucket_cors(Bucket=LABELING_BUCKET)
    _, said = refusal(sagemaker.create_labeling_job, **wanted)
    assert "no CORS configuration" in said


@pytest.mark.parametrize("service", ["sagemaker.amazonaws.com", "lambda.amazonaws.com"])
def test_who_makes_a_job_passes_the_role_to_sagemaker(
    aws: Any, wanted: dict[str, Any], service: str
) -> None:
    passing = {
        **allow("iam:PassRole", wanted["RoleArn"]),
        "Condition": {"StringEquals": {"iam:PassedToService": service}},
    }
    arn = role(aws, passing, allow("sagemaker:CreateLabelingJob", "*"))
    caller = client_as(aws, arn, "sagemaker")
    if service.startswith("sagemaker"):
        assert caller.create_labeling_job(**wanted)["LabelingJobArn"]
        return
    code, said = refusal(caller.create_labeling_job, **wanted)
    assert code == "AccessDeniedException"
    assert "iam:PassRole" in said


def flow(role_arn: str, ui: str) -> dict[str, Any]:
    return {
        "FlowDefinitionName": "review",
        "RoleArn": role_arn,
        "OutputConfig": {"S3OutputPath": f"s3://{LABELING_BUCKET}/output/"},
        "HumanLoopConfig": {
            "WorkteamArn": TEAM,
            "HumanTaskUiArn": ui,
            "TaskTitle": "Right?",
            "TaskDescription": "Choose.",
            "TaskCount": 1,
        },
    }


def test_a_review_needs_a_template_and_goes_when_it_is_deleted(
    sagemaker: Any, wanted: dict[str, Any]
) -> None:
    missing = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:human-task-ui/ui"
    code, _ = refusal(
        sagemaker.create_flow_definition, **flow(wanted["RoleArn"], missing)
    )
    assert code == "ResourceNotFound"
    ui = sagemaker.create_human_task_ui(
        HumanTaskUiName="ui", UiTemplate={"Content": LABELING_FILES["template"]}
    )["HumanTaskUiArn"]
    assert ui == missing
    sagemaker.create_flow_definition(**flow(wanted["RoleArn"], ui))
    code, _ = refusal(sagemaker.create_flow_definition, **flow(wanted["RoleArn"], ui))
    assert code == "ResourceInUse"
    described = sagemaker.describe_flow_definition(FlowDefinitionName="review")
    assert described["FlowDefinitionStatus"] == "Active"
    (summary,) = sagemaker.list_flow_definitions()["FlowDefinitionSummaries"]
    assert summary["FlowDefinitionArn"].endswith(":flow-definition/review")
    sagemaker.delete_flow_definition(FlowDefinitionName="review")
    sagemaker.delete_human_task_ui(HumanTaskUiName="ui")
    for describe, name in (
        (sagemaker.describe_flow_definition, {"FlowDefinitionName": "review"}),
        (sagemaker.describe_human_task_ui, {"HumanTaskUiName": "ui"}),
    ):
        code, _ = refusal(describe, **name)
        assert code == "ResourceNotFound"


def test_a_template_without_a_form_is_refused(
    sagemaker: Any, wanted: dict[str, Any]
) -> None:
    code, said = refusal(
        sagemaker.create_human_task_ui,
        HumanTaskUiName="ui",
        UiTemplate={"Content": "<p>Hello</p>"},
    )
    assert (code, said) == ("ValidationException", "The template has no crowd-form.")
