"""Labeling jobs: made, listed for all and for a team, stopped; never deleted.

Source: API reference (CreateLabelingJob, DescribeLabelingJob, ListLabelingJobs,
ListLabelingJobsForWorkteam, StopLabelingJob), SageMaker Developer Guide ("Input data",
"Create a labeling category configuration file"). Nobody labels here: a job that is in
progress stays so until it is stopped. The setting `labeling_jobs` puts jobs on a team
as well, by name alone. Only AWS's own functions for built-in task types are modelled,
whose ARNs are those that the service model documents.
"""

from __future__ import annotations

import functools
import json
import re
import time
from collections.abc import Mapping
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel
from ministack.services import s3

from local_aws import settings
from local_aws.sagemaker import execution_roles, state
from local_aws.sagemaker.errors import SageMakerError, validation_error
from local_aws.sagemaker.pages import page
from local_aws.sagemaker.state import LabelingJob, Workteam

#: Which rights the documented policy of the role has besides those on objects.
_LOGS = ("logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams")
_LOG_GROUP = "/aws/sagemaker/LabelingJobs"


def create(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Make a labeling job; the answer is its ARN."""
    account, region = state.scope()
    name = str(parameters["LabelingJobName"])
    if (account, region, name) in state.labeling_jobs:
        raise SageMakerError("ResourceInUse", f"The labeling job {name} exists.")
    _check_attribute(str(parameters["LabelAttributeName"]))
    task = parameters["HumanTaskConfig"]
    state.workteam_at(task["WorkteamArn"])
    task_type = _check_functions(task, region)
    role = str(parameters["RoleArn"])
    execution_roles.assume(role, operation="sagemaker:CreateLabelingJob")
    objects = _check_input(role, parameters["InputConfig"])
    _check_template(role, task["UiConfig"])
    _check_labels(role, parameters.get("LabelCategoryConfigS3Uri"), task_type)
    execution_roles.check_output(role, parameters["OutputConfig"]["S3OutputPath"])
    _check_telling(role, account, region)
    now = time.time()
    job = LabelingJob(
        account=account,
        region=region,
        name=name,
        arn=f"arn:aws:sagemaker:{region}:{account}:labeling-job/{name.lower()}",
        request=dict(parameters),
        objects=objects,
        created_at=now,
        updated_at=now,
    )
    state.labeling_jobs[account, region, name] = job
    seconds = settings.current().labeling_job_seconds
    state.change_status(job, state.INITIALIZING, seconds)
    return {"LabelingJobArn": job.arn}


def _check_attribute(name: str) -> None:
    """Refuse a name that the output manifest has for something else."""
    if name.endswith("-metadata"):
        raise validation_error("LabelAttributeName can't end with -metadata.")


def _check_functions(task: Mapping[str, Any], region: str) -> str:
    """Return the task type of a pair of AWS's own functions in this Region."""
    consolidation = task.get("AnnotationConsolidationConfig", {})
    after = str(consolidation.get("AnnotationConsolidationLambdaArn", ""))
    before = str(task.get("PreHumanTaskLambdaArn", ""))
    for member, arn, prefix in (
        ("PreHumanTaskLambdaArn", before, "PRE"),
        ("AnnotationConsolidationLambdaArn", after, "ACS"),
    ):
        if arn not in documented_functions()[prefix]:
            raise validation_error(f"{member} is no function of Ground Truth: {arn}.")
        if arn.split(":")[3] != region:
            raise validation_error(f"{member} is in another Region: {arn}.")
    task_type = before.rpartition("PRE-")[2]
    if after.rpartition("ACS-")[2] != task_type:
        raise validation_error("The two functions are of different task types.")
    return task_type


@functools.cache
def documented_functions() -> dict[str, frozenset[str]]:
    """Return the ARNs of AWS's own functions, as the service model documents them."""
    # Not a session: to import one takes a quarter of the time of a start.
    model = ServiceModel(Loader().load_service_model("sagemaker", "service-2"))
    pattern = r"arn:aws:lambda:[\w-]+:\d{12}:function:%s-\w+"
    found = {}
    for prefix, holder, member in (
        ("PRE", "HumanTaskConfig", "PreHumanTaskLambdaArn"),
        ("ACS", "AnnotationConsolidationConfig", "AnnotationConsolidationLambdaArn"),
    ):
        shape: Any = model.shape_for(holder)
        text = shape.members[member].documentation
        found[prefix] = frozenset(re.findall(pattern % prefix, text))
    return found


def _check_input(role: str, config: Mapping[str, Any]) -> int:
    """Return how many objects the manifest lists, each of which must be there."""
    source = config["DataSource"].get("S3DataSource")
    if source is None:
        raise validation_error("Streaming labeling jobs are not modelled.")
    manifest = str(source["ManifestS3Uri"])
    bucket, _ = execution_roles.located(manifest)
    for action in ("s3:ListBucket", "s3:GetBucketLocation"):
        execution_roles.demand(role, action, f"arn:aws:s3:::{bucket}")
    lines = execution_roles.read(role, manifest).decode().splitlines()
    if not lines:
        raise validation_error(f"The manifest {manifest} is empty.")
    for number, line in enumerate(lines, start=1):
        _check_line(role, manifest, number, line)
    return len(lines)


def _check_line(role: str, manifest: str, number: int, line: str) -> None:
    where = f"Line {number} of the manifest {manifest}"
    try:
        entry = json.loads(line)
    except ValueError:
        raise validation_error(f"{where} is no JSON.") from None
    named = [name for name in ("source-ref", "source") if name in entry]
    if len(named) != 1:
        raise validation_error(f"{where} has not one of source-ref and source.")
    if named == ["source-ref"]:
        bucket, _ = execution_roles.located(entry["source-ref"])
        execution_roles.read(role, entry["source-ref"])
        if bucket not in s3._bucket_cors:
            raise validation_error(
                f"The bucket {bucket} has no CORS configuration, without which "
                "browsers do not show its pictures to workers."
            )


def _check_template(role: str, config: Mapping[str, Any]) -> None:
    uri = config.get("UiTemplateS3Uri")
    if uri is None:
        raise validation_error("UiConfig has no UiTemplateS3Uri.")
    template = execution_roles.read(role, uri).decode()
    if "crowd-html-elements.js" not in template or "<crowd-form" not in template:
        raise validation_error(f"The template {uri} has no crowd-form.")


def _check_labels(role: str, uri: str | None, task_type: str) -> None:
    if uri is None:
        raise validation_error(f"{task_type} needs LabelCategoryConfigS3Uri.")
    try:
        labels = json.loads(execution_roles.read(role, uri))["labels"]
        names = [label["label"] for label in labels]
    except (ValueError, KeyError, TypeError):
        raise validation_error(f"{uri} is no label category configuration.") from None
    if len(names) < 2 or len(set(names)) < len(names):
        raise validation_error(f"{uri} needs two different labels or more.")


def _check_telling(role: str, account: str, region: str) -> None:
    group = f"arn:aws:logs:{region}:{account}:log-group:{_LOG_GROUP}:log-stream:job"
    for action in _LOGS:
        execution_roles.demand(role, action, group)
    execution_roles.demand(role, "cloudwatch:PutMetricData", "*")


def find(name: str) -> LabelingJob:
    """Return a labeling job by its name.

    Raises:
        SageMakerError: there is none.
    """
    account, region = state.scope()
    job = state.labeling_jobs.get((account, region, name))
    if job is None:
        raise SageMakerError("ResourceNotFound", f"There is no labeling job {name}.")
    return job


def describe(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return a labeling job; of one that a setting stands for, only its status."""
    if _is_told(parameters["LabelingJobName"]):
        return {"LabelingJobStatus": state.IN_PROGRESS}
    job = find(parameters["LabelingJobName"])
    return {**job.request, **_summary(job), "JobReferenceCode": job.name}


def list_all(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the labeling jobs of this account and Region, a page at a time."""
    wanted = parameters.get("StatusEquals")
    shapes = [
        _summary(job) | {"WorkteamArn": job.workteam_arn}
        for job in _here()
        if wanted in (None, job.status)
    ]
    members = "LabelingJobSummaryList"
    return page(
        shapes,
        parameters,
        members=members,
        name="LabelingJobName",
        created="CreationTime",
    )


def list_for_workteam(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the labeling jobs of a work team, also finished ones, a page at a time.

    What nobody labeled is pending, also after the job was stopped.
    """
    workteam = state.workteam_at(parameters["WorkteamArn"])
    made = [
        (job.name, job.created_at, job.objects)
        for job in _here()
        if job.is_on(workteam)
    ]
    told = [(name, workteam.created_at, 1) for name in _told_to(workteam)]
    shapes = [
        {
            "LabelingJobName": name,
            "JobReferenceCode": name,
            "WorkRequesterAccountId": workteam.account,
            "CreationTime": created_at,
            "LabelCounters": {
                "HumanLabeled": 0,
                "PendingHuman": objects,
                "Total": objects,
            },
        }
        for name, created_at, objects in (*made, *told)
    ]
    return page(
        shapes,
        parameters,
        members="LabelingJobSummaryList",
        name="LabelingJobName",
        created="CreationTime",
    )


def running_on(workteam: Workteam) -> list[tuple[str, str]]:
    """Return name and title of each job that a team's workers see."""
    made = [
        (job.name, str(job.request["HumanTaskConfig"]["TaskTitle"]))
        for job in state.labeling_jobs.values()
        if job.is_on(workteam) and job.status == state.IN_PROGRESS
    ]
    return [*made, *((name, "") for name in _told_to(workteam))]


def unfinished_on(workteam: Workteam) -> list[str]:
    """Return the names of the jobs that hold a team."""
    made = [
        job.name
        for job in state.labeling_jobs.values()
        if job.is_on(workteam) and not job.is_finished
    ]
    return [*made, *_told_to(workteam)]


def _told_to(workteam: Workteam) -> list[str]:
    return list(settings.current().labeling_jobs.get(workteam.name, []))


def _is_told(name: str) -> bool:
    return any(name in names for names in settings.current().labeling_jobs.values())


def stop(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Stop a labeling job; one that is finished stays as it is."""
    job = find(parameters["LabelingJobName"])
    if not job.is_finished and job.status != state.STOPPING:
        state.change_status(
            job, state.STOPPING, settings.current().labeling_job_seconds
        )
    return {}


def _here() -> list[LabelingJob]:
    scope = state.scope()
    return [job for key, job in state.labeling_jobs.items() if key[:2] == scope]


def _summary(job: LabelingJob) -> dict[str, Any]:
    return {
        "LabelingJobName": job.name,
        "LabelingJobArn": job.arn,
        "LabelingJobStatus": job.status,
        "CreationTime": job.created_at,
        "LastModifiedTime": job.updated_at,
        "LabelCounters": {
            "TotalLabeled": 0,
            "HumanLabeled": 0,
            "MachineLabeled": 0,
            "FailedNonRetryableError": 0,
            "Unlabeled": job.objects,
        },
    }
