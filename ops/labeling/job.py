"""A first labeling job: six pictures of shapes, to be told apart by a work team."""

from __future__ import annotations

import json
from typing import Any

from ops.account import Account
from ops.aws_cli import AwsCli
from ops.errors import OperatorError
from ops.labeling.examples import Examples, Team, wait_for
from ops.labeling.pictures import SHAPES, pictures
from ops.terminal import tell

FOLDER = "shapes"
UNFINISHED = ("Initializing", "InProgress", "Stopping")

#: The accounts of Ground Truth's own functions ("HumanTaskConfig", SageMaker API
#: reference); a test compares them with the SDK's copy of that page.
ACCOUNTS = {
    "ap-northeast-1": "477331159723",
    "ap-northeast-2": "845288260483",
    "ap-south-1": "565803892007",
    "ap-southeast-1": "377565633583",
    "ap-southeast-2": "454466003867",
    "ca-central-1": "918755190332",
    "eu-central-1": "203001061592",
    "eu-west-1": "568282634449",
    "eu-west-2": "487402164563",
    "us-east-1": "432418664414",
    "us-east-2": "266458841044",
    "us-west-2": "081040173940",
}

#: "Create a custom worker task template" and "crowd-image-classifier" (SageMaker
#: Developer Guide).
TEMPLATE = """\
<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
<crowd-form>
  <crowd-image-classifier
    name="crowd-image-classifier"
    src="{{ task.input.taskObject | grant_read_access }}"
    header="Which shape is this?"
    categories="{{ task.input.labels | to_json | escape }}"
  >
    <full-instructions header="Telling shapes apart">
      <p>Choose the name of the shape in the picture. Its colour does not matter.</p>
    </full-instructions>
    <short-instructions>
      <p>Choose the name of the shape.</p>
    </short-instructions>
  </crowd-image-classifier>
</crowd-form>
"""


def run(account: Account, cli: AwsCli, stack: str, team_name: str) -> dict[str, str]:
    """Give a work team a labeling job, unless it has this one; wait until it can work.

    Args:
        account: Where the set is.
        cli: The AWS CLI, for the stack of bucket and role.
        stack: The name of root's stack.
        team_name: The work team, or nothing for the first one.

    Returns:
        What an operator wants to know of the job.

    Raises:
        OperatorError: there is no such stack or team, or the job fails.
    """
    team = Team.of(account, stack, team_name)
    functions(account.region)
    examples = Examples.ensured(account, cli, stack, team.boundary)
    open_jobs = [job for job in jobs(examples) if _is_of(job, team)]
    if open_jobs:
        name = open_jobs[0]["LabelingJobName"]
        tell(f"The labeling job {name} is there already.")
    else:
        name = _create(examples, team)
        tell(f"The labeling job {name} is made.")
    job = wait_for(
        lambda: examples.sagemaker.describe_labeling_job(LabelingJobName=name),
        lambda seen: seen["LabelingJobStatus"] != "Initializing",
        f"the labeling job {name} to begin",
    )
    if job["LabelingJobStatus"] != "InProgress":
        raise OperatorError(
            f"The labeling job {name} is {job['LabelingJobStatus']}: "
            f"{job.get('FailureReason', 'no reason is given')}",
            "`make labeling-job-clean`, then try again.",
        )
    tell(
        f"✓ Workers of the team {team.name} find it in the labeling portal, under "
        "their jobs, within some minutes."
    )
    return {
        "LabelingJobName": name,
        "LabelingJobArn": job["LabelingJobArn"],
        "LabelingPortalUrl": team.portal,
        "WorkTeam": team.name,
        "Results": f"{examples.output_uri}{name}/",
    }


def jobs(examples: Examples) -> list[dict[str, Any]]:
    """Return the unfinished labeling jobs that were made from here."""
    return [job for job in _all(examples) if job["LabelingJobStatus"] in UNFINISHED]


def functions(region: str) -> tuple[str, str]:
    """Return Ground Truth's own functions for the classification of images.

    Raises:
        OperatorError: it has none in this Region.
    """
    if region not in ACCOUNTS:
        raise OperatorError(
            f"Ground Truth has no functions in {region}.",
            f"It has them in {', '.join(ACCOUNTS)}.",
        )
    prefix = f"arn:aws:lambda:{region}:{ACCOUNTS[region]}:function"
    return f"{prefix}:PRE-ImageMultiClass", f"{prefix}:ACS-ImageMultiClass"


def _all(examples: Examples) -> list[dict[str, Any]]:
    listed = examples.sagemaker.get_paginator("list_labeling_jobs")
    return [
        job
        for page in listed.paginate(NameContains=examples.uuid)
        for job in page["LabelingJobSummaryList"]
    ]


def _is_of(job: dict[str, Any], team: Team) -> bool:
    is_wanted: bool = job["LabelingJobStatus"] != "Stopping"
    return is_wanted and job["WorkteamArn"] == team.arn


def _create(examples: Examples, team: Team) -> str:
    # A name is used for ever: labeling jobs cannot be deleted.
    name = f"{FOLDER}-{examples.uuid}-{len(_all(examples)) + 1}"
    at = f"s3://{examples.bucket}/{FOLDER}"
    examples.upload(_files(at))
    before, after = functions(examples.account.region)
    examples.with_new_role(
        lambda: examples.sagemaker.create_labeling_job(
            LabelingJobName=name,
            LabelAttributeName="shape",
            InputConfig={
                "DataSource": {
                    "S3DataSource": {"ManifestS3Uri": f"{at}/pictures.manifest"}
                }
            },
            OutputConfig={"S3OutputPath": examples.output_uri},
            RoleArn=examples.role_arn,
            LabelCategoryConfigS3Uri=f"{at}/labels.json",
            HumanTaskConfig={
                "WorkteamArn": team.arn,
                "UiConfig": {"UiTemplateS3Uri": f"{at}/template.liquid"},
                "PreHumanTaskLambdaArn": before,
                "AnnotationConsolidationConfig": {
                    "AnnotationConsolidationLambdaArn": after
                },
                "TaskTitle": "Which shape is this?",
                "TaskDescription": "Choose the name of the shape in each picture.",
                "TaskKeywords": ["shapes", "images"],
                "NumberOfHumanWorkersPerDataObject": 1,
                "TaskTimeLimitInSeconds": 300,
                "TaskAvailabilityLifetimeInSeconds": 864000,
            },
        )
    )
    return name


def _files(at: str) -> dict[str, bytes]:
    """Return pictures, manifest, labels and template by their keys.

    "Use an input manifest file" and "Create a labeling category configuration file"
    (SageMaker Developer Guide).
    """
    drawn = {f"input/{name}": data for name, data in pictures().items()}
    lines = [json.dumps({"source-ref": f"{at}/{key}"}) for key in drawn]
    labels = {
        "document-version": "2018-11-28",
        "labels": [{"label": name} for name in SHAPES],
    }
    files = {
        **drawn,
        "pictures.manifest": "\n".join(lines).encode(),
        "labels.json": json.dumps(labels).encode(),
        "template.liquid": TEMPLATE.encode(),
    }
    return {f"{FOLDER}/{key}": data for key, data in files.items()}
