"""Which labeling jobs are in the way of a deletion: those that people still do."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_src import workforce as function


class SageMakerWithJobs:
    """SageMaker with one labeling job that still waits for people."""

    def __init__(self, status: str, **summary: Any) -> None:
        """Remember the job's status; none says that there is no such job."""
        self.status = status
        self.summary = {"LabelCounters": {"PendingHuman": 1}, **summary}

    def get_paginator(self, method: str) -> SageMakerWithJobs:
        """Return what pages through the jobs of a team."""
        assert method == "list_labeling_jobs_for_workteam"
        return self

    def paginate(self, **request: str) -> list[dict[str, Any]]:
        """Return the one page."""
        return [{"LabelingJobSummaryList": [self.summary]}]

    def describe_labeling_job(self, LabelingJobName: str) -> dict[str, str]:  # noqa: N803
        """Return the job, as SageMaker does or as it refuses."""
        assert LabelingJobName == self.summary["LabelingJobName"]
        if not self.status:
            raise ClientError(
                {"Error": {"Code": "ResourceNotFound", "Message": "does not exist"}},
                "DescribeLabelingJob",
            )
        return {"LabelingJobStatus": self.status}


@pytest.mark.parametrize(
    ("status", "is_open"),
    [
        ("Initializing", True),
        ("InProgress", True),
        ("Stopping", True),
        ("Completed", False),
        ("Failed", False),
        ("Stopped", False),
        ("", False),
    ],
)
def test_only_a_job_that_goes_on_is_open(status: str, is_open: bool) -> None:
    sagemaker = SageMakerWithJobs(status, LabelingJobName="cats")
    aws: Any = SimpleNamespace(sagemaker=sagemaker)
    assert function.open_jobs(aws, "arn:team") == ["cats"] * is_open


def test_a_job_of_another_account_is_open_for_as_long_as_people_are_to_do_it() -> None:
    """It has no name here, and cannot be asked whether it has ended."""
    sagemaker = SageMakerWithJobs("Completed", JobReferenceCode="f1e2")
    aws: Any = SimpleNamespace(sagemaker=sagemaker)
    assert function.open_jobs(aws, "arn:team") == ["f1e2"]
    for counters in ({"PendingHuman": 0}, {}):
        sagemaker.summary["LabelCounters"] = counters
        assert function.open_jobs(aws, "arn:team") == []
    del sagemaker.summary["LabelCounters"]
    assert function.open_jobs(aws, "arn:team") == []
