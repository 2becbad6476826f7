"""Launching, updating and terminating a product, with its launch role.

Service Catalog assumes the launch role and works on CloudFormation with it ("Launch
constraints", Administrator Guide); the permissions that it needs for itself are those
of the guide's example ("Add a launch constraint to assign an IAM role"). Each stack
gets tags, for which IAM asks cloudformation:TagResource.
"""

from __future__ import annotations

import asyncio
import html
import re
import time
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_evaluator, responses
from ministack.services import cloudformation

from local_aws import iam
from local_aws.cloudformation import operations
from local_aws.iam import deployer
from local_aws.json_endpoint import Refused
from local_aws.servicecatalog.state import (
    Artifact,
    Catalog,
    Portfolio,
    Product,
    Provisioned,
    catalog,
    new_id,
)
from local_aws.servicecatalog.templates import published

_SERVICE = "servicecatalog.amazonaws.com"
_LOOKING = ("DescribeStacks", "DescribeStackEvents")
_NEEDED = {
    "CreateStack": (
        "GetTemplateSummary",
        "ValidateTemplate",
        "CreateStack",
        "SetStackPolicy",
        "TagResource",
        *_LOOKING,
    ),
    "UpdateStack": (
        "GetTemplateSummary",
        "ValidateTemplate",
        "UpdateStack",
        "SetStackPolicy",
        "TagResource",
        *_LOOKING,
    ),
    "DeleteStack": ("DeleteStack", *_LOOKING),
}
_WITHOUT_STACK = ("GetTemplateSummary", "ValidateTemplate")
_MESSAGE = re.compile(rb"<Message>(.*?)</Message>", re.DOTALL)
_running: set[asyncio.Task[None]] = set()


def provision(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Begin to launch a product; the record tells how it goes."""
    name = str(parameters["ProvisionedProductName"])
    kept = catalog()
    if any(each.name == name for each in kept.provisioned.values()):
        raise Refused(
            "DuplicateResourceException", f"A provisioned product {name} exists."
        )
    product = kept.product(str(parameters.get("ProductId", "")))
    artifact = kept.artifact(product, str(parameters.get("ProvisioningArtifactId", "")))
    portfolio = kept.launch_path(product, _principal())
    launched = Provisioned(name, product.id, artifact.id, _role(portfolio, product))
    kept.provisioned[launched.id] = launched
    return _begin("CreateStack", launched, artifact, portfolio, parameters)


def update(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Begin to update a launched product, to another version or other parameters."""
    launched = find(parameters)
    kept = catalog()
    product = kept.product(launched.product_id)
    identifier = str(parameters.get("ProvisioningArtifactId") or launched.artifact_id)
    artifact = kept.artifact(product, identifier)
    portfolio = kept.launch_path(product, _principal())
    launched.artifact_id = artifact.id
    return _begin("UpdateStack", launched, artifact, portfolio, parameters)


def terminate(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Begin to delete what was launched."""
    launched = find(parameters)
    kept = catalog()
    portfolio = kept.launch_path(kept.product(launched.product_id), _principal())
    return _begin("DeleteStack", launched, None, portfolio, parameters)


def find(parameters: Mapping[str, Any]) -> Provisioned:
    """Return the launched product that a request names.

    Raises:
        Refused: there is none.
    """
    wanted = {
        parameters.get(key)
        for key in ("ProvisionedProductId", "ProvisionedProductName", "Id", "Name")
    }
    for launched in catalog().provisioned.values():
        if {launched.id, launched.name} & wanted:
            return launched
    raise Refused("ResourceNotFoundException", "Provisioned product not found.")


def _principal() -> str:
    """Return the ARN of the caller, of the role for a session of one."""
    arn: str = iam_evaluator.caller_arn()
    session = re.fullmatch(r"arn:aws:sts::(\d+):assumed-role/([^/]+)/.*", arn)
    return f"arn:aws:iam::{session[1]}:role/{session[2]}" if session else arn


def _role(portfolio: Portfolio, product: Product) -> str:
    launch = list(catalog().constraints_of(portfolio.id, product.id, "LAUNCH"))
    if not launch:
        raise Refused(
            "InvalidParametersException",
            "The embedded AWS launches with a launch role only.",
        )
    return str(launch[0].value)


def _begin(
    operation: str,
    launched: Provisioned,
    artifact: Artifact | None,
    portfolio: Portfolio,
    parameters: Mapping[str, Any],
) -> dict[str, Any]:
    if launched.last_record_id and launched.status == "UNDER_CHANGE":
        raise Refused("InvalidParametersException", "Another operation is in progress.")
    record: dict[str, Any] = {
        "RecordId": new_id("rec"),
        "ProvisionedProductName": launched.name,
        "ProvisionedProductId": launched.id,
        "ProductId": launched.product_id,
        "ProvisioningArtifactId": launched.artifact_id,
        "LaunchRoleArn": launched.role_arn,
        "Status": "CREATED",
        "CreatedTime": time.time(),
        "RecordErrors": [],
    }
    kept = catalog()
    kept.records[record["RecordId"]] = record
    launched.status, launched.last_record_id = "UNDER_CHANGE", record["RecordId"]
    work = _work(kept, operation, launched, artifact, portfolio, parameters, record)
    task = asyncio.get_running_loop().create_task(work)
    _running.add(task)
    task.add_done_callback(_running.discard)
    return {"RecordDetail": dict(record)}


async def _work(
    kept: Catalog,
    operation: str,
    launched: Provisioned,
    artifact: Artifact | None,
    portfolio: Portfolio,
    parameters: Mapping[str, Any],
    record: dict[str, Any],
) -> None:
    record["Status"] = "IN_PROGRESS"
    try:
        principal = deployer.service_role(launched.role_arn, _SERVICE)
        if principal is None:
            raise ValueError(f"Service Catalog cannot assume {launched.role_arn}.")
        with deployer.acting(principal):
            _ask(operation, launched)
            request = await _request(kept, launched, artifact, portfolio, parameters)
            failure = await _run(operation, launched, request)
    except (ValueError, iam.AccessDenied) as refused:
        failure = str(refused)
    record["Status"] = "FAILED" if failure else "SUCCEEDED"
    launched.status = "ERROR" if failure else "AVAILABLE"
    launched.status_message = failure
    if failure:
        record["RecordErrors"] = [{"Code": "InternalFailure", "Description": failure}]
    elif operation == "DeleteStack":
        kept.provisioned.pop(launched.id, None)


def _ask(operation: str, launched: Provisioned) -> None:
    """Ask IAM for what Service Catalog itself does with the launch role."""
    here = f"{responses.get_region()}:{responses.get_account_id()}"
    stack = f"arn:aws:cloudformation:{here}:stack/{launched.stack_name}/*"
    for action in _NEEDED[operation]:
        iam.require_of_deployer(
            f"cloudformation:{action}",
            "*" if action in _WITHOUT_STACK else stack,
            operation=f"servicecatalog:{operation}",
        )


async def _request(
    kept: Catalog,
    launched: Provisioned,
    artifact: Artifact | None,
    portfolio: Portfolio,
    parameters: Mapping[str, Any],
) -> dict[str, list[str]]:
    request = {"StackName": [launched.stack_name]}
    if artifact is None:
        return request
    rules: dict[str, Any] = {}
    for constraint in kept.constraints_of(
        portfolio.id, launched.product_id, "TEMPLATE"
    ):
        rules |= constraint.value
    key = f"{launched.last_record_id}.template"
    request["TemplateURL"] = [await published(artifact, rules, key)]
    request["Capabilities.member.1"] = ["CAPABILITY_NAMED_IAM"]
    given = parameters.get("ProvisioningParameters", [])
    for number, each in enumerate(given, 1):
        prefix = f"Parameters.member.{number}"
        request[f"{prefix}.ParameterKey"] = [each["Key"]]
        if each.get("UsePreviousValue"):
            request[f"{prefix}.UsePreviousValue"] = ["true"]
        else:
            request[f"{prefix}.ParameterValue"] = [each["Value"]]
    tags = dict(kept.tag_options[option] for option in portfolio.tag_options)
    tags |= {tag["Key"]: tag["Value"] for tag in parameters.get("Tags", [])}
    for number, (key, value) in enumerate(tags.items(), 1):
        request[f"Tags.member.{number}.Key"] = [key]
        request[f"Tags.member.{number}.Value"] = [value]
    return request


async def _run(
    operation: str, launched: Provisioned, request: dict[str, list[str]]
) -> str:
    """Run a stack operation to its end; return why it failed, or nothing."""
    stack = cloudformation._stacks.get(launched.stack_name)
    earlier = len(_events(stack))
    answer = await operations.completed(
        lambda: cloudformation.handle_request(
            "POST", "/", {}, b"", {"Action": [operation], **request}
        )
    )
    if answer[0] >= 400:
        found = _MESSAGE.search(answer[2])
        return html.unescape(found[1].decode()) if found else "CloudFormation refuses."
    stack = cloudformation._stacks.get(launched.stack_name) or stack
    if stack is None or stack["StackStatus"] in (
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "DELETE_COMPLETE",
    ):
        return ""
    failed = [
        str(event["ResourceStatusReason"])
        for event in _events(stack)[earlier:]
        if event["ResourceStatus"].endswith("_FAILED")
    ]
    return failed[0] if failed else str(stack["StackStatus"])


def _events(stack: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    return cloudformation._stack_events.get(stack["StackId"], []) if stack else []
