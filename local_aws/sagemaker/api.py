"""The SageMaker endpoint: from a JSON request to an operation and back.

Private workforces exist in twelve Regions (AWS General Reference and the Regions in
which the registry lists `AWS::SageMaker::Workforce`). What the endpoint of another
Region answers is assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from local_aws.json_endpoint import endpoint
from local_aws.sagemaker import (
    human_reviews,
    labeling_jobs,
    state,
    tags,
    workforces,
    workteams,
)
from local_aws.sagemaker.errors import SageMakerError

REGIONS = frozenset(
    {
        "us-east-1",
        "us-east-2",
        "us-west-2",
        "ca-central-1",
        "eu-central-1",
        "eu-west-1",
        "eu-west-2",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-northeast-1",
        "ap-northeast-2",
    }
)

OPERATIONS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "CreateWorkforce": workforces.create,
    "DescribeWorkforce": workforces.describe,
    "UpdateWorkforce": workforces.update,
    "DeleteWorkforce": workforces.delete,
    "ListWorkforces": workforces.list_all,
    "CreateWorkteam": workteams.create,
    "DescribeWorkteam": workteams.describe,
    "UpdateWorkteam": workteams.update,
    "DeleteWorkteam": workteams.delete,
    "ListWorkteams": workteams.list_all,
    "CreateLabelingJob": labeling_jobs.create,
    "DescribeLabelingJob": labeling_jobs.describe,
    "ListLabelingJobs": labeling_jobs.list_all,
    "ListLabelingJobsForWorkteam": labeling_jobs.list_for_workteam,
    "StopLabelingJob": labeling_jobs.stop,
    "CreateHumanTaskUi": human_reviews.create_task_ui,
    "DescribeHumanTaskUi": human_reviews.describe_task_ui,
    "ListHumanTaskUis": human_reviews.list_task_uis,
    "DeleteHumanTaskUi": human_reviews.delete_task_ui,
    "CreateFlowDefinition": human_reviews.create_flow,
    "DescribeFlowDefinition": human_reviews.describe_flow,
    "ListFlowDefinitions": human_reviews.list_flows,
    "DeleteFlowDefinition": human_reviews.delete_flow,
    "AddTags": tags.add,
    "ListTags": tags.list_all,
    "DeleteTags": tags.delete,
}


def call(operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Run one operation in the account and Region of the present call.

    Raises:
        SageMakerError: SageMaker refuses the call.
        iam.AccessDenied: the caller lacks a permission that SageMaker uses.
    """
    run = OPERATIONS.get(operation)
    _, region = state.scope()
    if run is None or ("Tags" not in operation and region not in REGIONS):
        raise SageMakerError(
            "UnknownOperationException",
            "The requested operation is not supported in the called region.",
        )
    with state.lock:
        state.settle()
        return run(parameters)


handle_request = endpoint(call)
