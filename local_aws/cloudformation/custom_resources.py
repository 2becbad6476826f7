"""Custom resources: the request to the function, the wait, and what the answer means.

The function is invoked asynchronously: when it crashes or runs out of time, Lambda
tries again (Lambda Developer Guide, "Asynchronous invocation"). ServiceTimeout runs
from the moment of sending (CloudFormation User Guide, "Custom resource request
objects"). A request whose Create failed, in whatever way, is followed by a Delete.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import lambda_svc
from ministack.services.cloudformation import custom_resource as library

from local_aws import functions, settings
from local_aws.cloudformation import custom_resource_answers as answers
from local_aws.cloudformation import operations

DEFAULT_SERVICE_TIMEOUT_SECONDS = 3600
# CloudFormation sees an answer a moment after it came. By then the function has ended,
# and its process serves the next request; without the moment each would get a new one.
_LONGEST_MOMENT_SECONDS = 0.5
_SUFFIX_LETTERS = string.ascii_uppercase + string.digits


class NoAnswer(Exception):
    """No answer within ServiceTimeout."""

    def __init__(self, request_id: str) -> None:
        super().__init__(
            "CloudFormation did not receive a response from your Custom Resource. "
            f"Please check your logs for requestId [{request_id}]. If you are using "
            "the Python cfn-response module, you may need to update your Lambda "
            "function code so that CloudFormation can attach the updated version."
        )


def is_custom(resource_type: str) -> bool:
    """Tell whether a type is a custom resource."""
    return resource_type.startswith("Custom::") or (
        resource_type == "AWS::CloudFormation::CustomResource"
    )


def invoking(original: Callable[..., Any]) -> Callable[..., Any]:
    """Replace the library's way to run a custom resource."""
    del original
    return invoke


def invoke(
    request_type: str,
    logical_id: str,
    properties: dict[str, Any],
    stack_name: str,
    stack_id: str,
    resource_type: str,
    physical_id: str | None = None,
    old_props: dict[str, Any] | None = None,
) -> tuple[str, dict[str, Any]]:
    """Send one request and return the physical id and the data of the answer.

    Raises:
        ValueError: the request cannot be sent.
        NoAnswer: ServiceTimeout ran out.
        answers.Failed: the answer is FAILED or is not acceptable.
    """
    if old_props is not None and (
        old_props.get("ServiceToken") != properties.get("ServiceToken")
    ):
        operation = operations.current()
        if operation is not None and operation.is_rolling_back:
            return str(physical_id), {}
        raise ValueError("Modifying service token is not allowed.")
    function = _function(str(properties.get("ServiceToken", "")))
    expected = answers.expect(stack_id, logical_id)
    event = {
        "RequestType": request_type,
        "ServiceToken": properties["ServiceToken"],
        "ResponseURL": f"{library._response_url(expected.token)}?{expected.query}",
        "StackId": stack_id,
        "RequestId": expected.request_id,
        "LogicalResourceId": logical_id,
        "ResourceType": resource_type,
        "ResourceProperties": library._normalise_resource_properties(properties),
    }
    if physical_id is not None:
        event["PhysicalResourceId"] = physical_id
    if old_props is not None:
        event["OldResourceProperties"] = library._normalise_resource_properties(
            old_props
        )
    try:
        answer = _answer(function, event, expected, _timeout(properties))
    except (NoAnswer, answers.Failed) as failure:
        if request_type == "Create":
            _remember_failed_creation(
                failure, stack_name, logical_id, resource_type, properties
            )
        raise
    return answer.physical_id, answer.data


def _answer(
    function: dict[str, Any],
    event: dict[str, Any],
    expected: answers.Expected,
    timeout_seconds: float,
) -> answers.Answer:
    lambda_svc.invoke_async_with_retry(function, event)
    is_answered = expected.arrived.wait(timeout_seconds)
    if not is_answered:
        raise NoAnswer(expected.request_id)
    if settings.current().deliver_events_twice:
        lambda_svc._execute_function_with_config_scope(function, event)
    functions.wait_until_idle(_LONGEST_MOMENT_SECONDS)
    return answers.accept(expected)


def _function(service_token: str) -> dict[str, Any]:
    record, config, _ = lambda_svc._get_func_record_for_ref(service_token)
    if record is None or config is None:
        raise ValueError(
            f"Function not found: {service_token} (Service: Lambda, Status Code: 404)"
        )
    function: dict[str, Any] = lambda_svc._execution_record_for_config(record, config)
    return function


def _timeout(properties: Mapping[str, Any]) -> float:
    return float(properties.get("ServiceTimeout", DEFAULT_SERVICE_TIMEOUT_SECONDS))


def _remember_failed_creation(
    failure: Exception,
    stack_name: str,
    logical_id: str,
    resource_type: str,
    properties: dict[str, Any],
) -> None:
    operation = operations.current()
    if operation is None:
        return
    physical_id = getattr(failure, "physical_id", None) or generated_physical_id(
        stack_name, logical_id
    )
    operation.creation_failed(logical_id, resource_type, physical_id, properties)


def generated_physical_id(stack_name: str, logical_id: str) -> str:
    """Return the id under which CloudFormation deletes what never had one."""
    suffix = "".join(secrets.choice(_SUFFIX_LETTERS) for _ in range(12))
    return f"{stack_name}-{logical_id}-{suffix.lower()}"


def retrying_soon(original: Callable[..., None]) -> Callable[..., None]:
    """Wrap the asynchronous invocation: the pauses between attempts are a setting."""

    def invoke_asynchronously(function: dict[str, Any], event: Any) -> None:
        pause = settings.current().asynchronous_retry_seconds
        lambda_svc._LAMBDA_ASYNC_RETRY_BASE_SECONDS = pause
        original(function, event)

    return invoke_asynchronously


def missing_attribute(original: Callable[..., str]) -> Callable[..., str]:
    """Wrap the message about an attribute that a resource does not have."""

    def message(resource: Mapping[str, Any], logical_id: str, attribute: str) -> str:
        if is_custom(str(resource.get("ResourceType"))):
            return (
                "CustomResource attribute error: Vendor response doesn't contain "
                f"{attribute} key in object {logical_id} in S3 bucket "
                "cloudformation-custom-resource-storage"
            )
        return original(resource, logical_id, attribute)

    return message
