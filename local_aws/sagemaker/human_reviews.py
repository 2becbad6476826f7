"""Amazon A2I: task templates (human task UIs) and flow definitions.

Source: API reference (CreateHumanTaskUi, CreateFlowDefinition and their Describe, List
and Delete). Human loops belong to another service, which is not modelled.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from typing import Any

from local_aws import settings
from local_aws.sagemaker import execution_roles, state
from local_aws.sagemaker.errors import SageMakerError, validation_error
from local_aws.sagemaker.pages import page
from local_aws.sagemaker.state import HumanReview

TASK_UI = "human-task-ui"
FLOW = "flow-definition"


def create_task_ui(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Keep a task template; the answer is its ARN."""
    content = str(parameters["UiTemplate"]["Content"])
    if "<crowd-form" not in content:
        raise validation_error("The template has no crowd-form.")
    part = _made(TASK_UI, str(parameters["HumanTaskUiName"]), parameters)
    return {"HumanTaskUiArn": part.arn}


def describe_task_ui(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return a task template, with the digest of its content."""
    part = _find(TASK_UI, parameters["HumanTaskUiName"])
    content = part.request["UiTemplate"]["Content"].encode()
    return {
        "HumanTaskUiName": part.name,
        "HumanTaskUiArn": part.arn,
        "HumanTaskUiStatus": part.status,
        "CreationTime": part.created_at,
        "UiTemplate": {"ContentSha256": hashlib.sha256(content).hexdigest()},
    }


def list_task_uis(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the task templates, a page at a time."""
    return _listed(TASK_UI, "HumanTaskUi", "HumanTaskUiSummaries", parameters)


def delete_task_ui(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Delete a task template."""
    part = _find(TASK_UI, parameters["HumanTaskUiName"])
    del state.human_reviews[part.account, part.region, part.kind, part.name]
    return {}


def create_flow(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Make a flow definition; the answer is its ARN."""
    loop = parameters.get("HumanLoopConfig")
    if loop is None:
        raise validation_error("HumanLoopConfig is missing.")
    state.workteam_at(loop["WorkteamArn"])
    ui = str(loop["HumanTaskUiArn"])
    if _find(TASK_UI, ui.rpartition("/")[2]).arn != ui:
        raise SageMakerError("ResourceNotFound", f"There is no {ui}.")
    role = str(parameters["RoleArn"])
    execution_roles.assume(role, operation="sagemaker:CreateFlowDefinition")
    execution_roles.check_output(role, parameters["OutputConfig"]["S3OutputPath"])
    part = _made(FLOW, str(parameters["FlowDefinitionName"]), parameters)
    state.change_status(
        part, state.INITIALIZING, settings.current().labeling_job_seconds
    )
    return {"FlowDefinitionArn": part.arn}


def describe_flow(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return a flow definition."""
    part = _find(FLOW, parameters["FlowDefinitionName"])
    return {
        **part.request,
        "FlowDefinitionArn": part.arn,
        "FlowDefinitionStatus": part.status,
        "CreationTime": part.created_at,
    }


def list_flows(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the flow definitions, a page at a time."""
    return _listed(
        FLOW, "FlowDefinition", "FlowDefinitionSummaries", parameters, has_status=True
    )


def delete_flow(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Delete a flow definition, which takes a while."""
    part = _find(FLOW, parameters["FlowDefinitionName"])
    if part.status != state.DELETING:
        state.change_status(
            part, state.DELETING, settings.current().labeling_job_seconds
        )
    return {}


def _made(kind: str, name: str, parameters: Mapping[str, Any]) -> HumanReview:
    account, region = state.scope()
    key = (account, region, kind, name)
    if key in state.human_reviews:
        raise SageMakerError("ResourceInUse", f"The {kind} {name} exists.")
    part = HumanReview(
        account=account,
        region=region,
        kind=kind,
        name=name,
        arn=f"arn:aws:sagemaker:{region}:{account}:{kind}/{name}",
        request=dict(parameters),
        created_at=time.time(),
    )
    state.human_reviews[key] = part
    return part


def _find(kind: str, name: str) -> HumanReview:
    account, region = state.scope()
    part = state.human_reviews.get((account, region, kind, name))
    if part is None:
        raise SageMakerError("ResourceNotFound", f"There is no {kind} {name}.")
    return part


def _listed(
    kind: str,
    member: str,
    members: str,
    parameters: Mapping[str, Any],
    *,
    has_status: bool = False,
) -> dict[str, Any]:
    account, region = state.scope()
    shapes = [
        {
            f"{member}Name": part.name,
            f"{member}Arn": part.arn,
            "CreationTime": part.created_at,
            **({f"{member}Status": part.status} if has_status else {}),
        }
        for key, part in state.human_reviews.items()
        if key[:3] == (account, region, kind)
    ]
    name = f"{member}Name"
    return page(shapes, parameters, members=members, name=name, created="CreationTime")
