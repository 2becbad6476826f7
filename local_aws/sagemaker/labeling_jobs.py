"""Labeling jobs: they hold a work team, and its workers see them in the portal.

Nothing is labeled: a job is in progress until it is stopped. The setting
`labeling_jobs` puts jobs on a team as well, by name alone. Source: API reference
(CreateLabelingJob, DescribeLabelingJob, StopLabelingJob, ListLabelingJobsForWorkteam).
That a stopped job is Stopped at once is assumed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from local_aws import iam, settings
from local_aws.sagemaker import state
from local_aws.sagemaker.errors import SageMakerError, validation_error
from local_aws.sagemaker.pages import page
from local_aws.sagemaker.state import IN_PROGRESS, STOPPED, LabelingJob, Workteam


def create(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Give a job to a work team; the answer is the job's ARN."""
    account, region = state.scope()
    name = parameters["LabelingJobName"]
    if (account, region, name) in state.labeling_jobs:
        raise SageMakerError("ResourceInUse", f"Labeling job {name} already exists.")
    iam.require(
        "iam:PassRole", parameters["RoleArn"], operation="sagemaker:CreateLabelingJob"
    )
    workteam = _workteam(parameters["HumanTaskConfig"]["WorkteamArn"])
    now = time.time()
    job = LabelingJob(
        account=account,
        region=region,
        name=name,
        arn=f"arn:aws:sagemaker:{region}:{account}:labeling-job/{name.lower()}",
        workteam_arn=workteam.arn,
        request=dict(parameters),
        created_at=now,
        updated_at=now,
    )
    state.labeling_jobs[account, region, name] = job
    return {"LabelingJobArn": job.arn}


def describe(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return a job as it was asked for, and its status."""
    if _is_told(parameters["LabelingJobName"]):
        return {"LabelingJobStatus": IN_PROGRESS}
    job = _find(parameters["LabelingJobName"])
    given = {name: value for name, value in job.request.items() if name != "Tags"}
    return {
        **given,
        "LabelingJobArn": job.arn,
        "LabelingJobStatus": job.status,
        "JobReferenceCode": job.name,
        "LabelCounters": {"TotalLabeled": 0, "HumanLabeled": 0, "Unlabeled": 1},
        "CreationTime": job.created_at,
        "LastModifiedTime": job.updated_at,
    }


def stop(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Stop a job, which lets its work team go."""
    job = _find(parameters["LabelingJobName"])
    job.status = STOPPED
    job.updated_at = time.time()
    return {}


def list_for_workteam(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the labeling jobs of a work team, also stopped ones, a page at a time."""
    workteam = _workteam(parameters["WorkteamArn"])
    shapes = [
        {
            "LabelingJobName": job,
            "JobReferenceCode": job,
            "WorkRequesterAccountId": workteam.account,
            "CreationTime": workteam.created_at,
            "CreateDate": workteam.created_at,
            "LabelCounters": {"HumanLabeled": 0, "PendingHuman": 1, "Total": 1},
        }
        for job in _names_on(workteam)
    ]
    answer = page(
        shapes, parameters, members="LabelingJobSummaryList", name="LabelingJobName"
    )
    for summary in answer["LabelingJobSummaryList"]:
        del summary["CreateDate"]
    return answer


def _names_on(workteam: Workteam) -> list[str]:
    made = [job for job in state.labeling_jobs.values() if job.is_on(workteam)]
    told = settings.current().labeling_jobs.get(workteam.name, [])
    return [*(job.name for job in made), *told]


def _is_told(name: str) -> bool:
    return any(name in names for names in settings.current().labeling_jobs.values())


def running_on(workteam: Workteam) -> list[tuple[str, str]]:
    """Return name and title of each job that a team has not finished."""
    made = [
        (job.name, str(job.request["HumanTaskConfig"]["TaskTitle"]))
        for job in state.labeling_jobs.values()
        if job.is_on(workteam) and job.status == IN_PROGRESS
    ]
    told = settings.current().labeling_jobs.get(workteam.name, [])
    return [*made, *((name, "") for name in told)]


def _workteam(arn: str) -> Workteam:
    for workteam in state.workteams_here():
        if workteam.arn == arn:
            return workteam
    raise validation_error(f"The work team {arn} does not exist.")


def _find(name: str) -> LabelingJob:
    job = state.labeling_jobs.get((*state.scope(), name))
    if job is None:
        raise SageMakerError("ResourceNotFound", f"Labeling job {name} does not exist.")
    return job
