"""Resource types of AWS WAF that the library lacks, and the operations they need."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ministack.core import responses
from ministack.services import waf
from ministack.services.cloudformation import provisioners

from local_aws.cloudformation.service_calls import call, call_ignoring_absence

Properties = Mapping[str, Any]
Made = tuple[str, dict[str, str]]

LOGGING = "_logging_configuration"


def create_ip_set(logical_id: str, properties: Properties, stack_name: str) -> Made:
    """Create an IP set."""
    generated = provisioners._physical_name(stack_name, logical_id, max_len=128)
    name = properties.get("Name", generated)
    summary = call("waf", "CreateIPSet", {**properties, "Name": name})["Summary"]
    return (
        f"{name}|{summary['Id']}|{properties['Scope']}",
        {"Arn": summary["ARN"], "Id": summary["Id"]},
    )


def update_ip_set(
    physical_id: str, old: Properties, new: Properties, stack_name: str
) -> Made:
    """Replace the addresses of an IP set."""
    found = call("waf", "GetIPSet", _ip_set(physical_id))
    call(
        "waf",
        "UpdateIPSet",
        {
            **_ip_set(physical_id),
            "Addresses": new["Addresses"],
            "Description": new.get("Description", ""),
            "LockToken": found["LockToken"],
        },
    )
    return physical_id, {"Arn": found["IPSet"]["ARN"], "Id": found["IPSet"]["Id"]}


def delete_ip_set(physical_id: str, properties: Properties) -> None:
    """Delete an IP set."""
    call_ignoring_absence("waf", "DeleteIPSet", _ip_set(physical_id))


def _ip_set(physical_id: str) -> dict[str, str]:
    name, ip_set_id, scope = physical_id.split("|")
    return {"Name": name, "Id": ip_set_id, "Scope": scope}


def create_association(
    logical_id: str, properties: Properties, stack_name: str
) -> Made:
    """Associate a web ACL with a resource."""
    call("waf", "AssociateWebACL", properties)
    return f"{properties['ResourceArn']}|{properties['WebACLArn']}", {}


def delete_association(physical_id: str, properties: Properties) -> None:
    """Take a web ACL off a resource."""
    resource_arn = properties["ResourceArn"]
    call("waf", "DisassociateWebACL", {"ResourceArn": resource_arn})


def create_logging(logical_id: str, properties: Properties, stack_name: str) -> Made:
    """Let a web ACL write logs."""
    call("waf", "PutLoggingConfiguration", {"LoggingConfiguration": properties})
    return str(properties["ResourceArn"]), {}


def update_logging(
    physical_id: str, old: Properties, new: Properties, stack_name: str
) -> Made:
    """Change where a web ACL writes logs."""
    return create_logging("", new, stack_name)


def delete_logging(physical_id: str, properties: Properties) -> None:
    """Let a web ACL write no logs."""
    call_ignoring_absence(
        "waf", "DeleteLoggingConfiguration", {"ResourceArn": physical_id}
    )


HANDLERS: dict[str, dict[str, Any]] = {
    "AWS::WAFv2::IPSet": {
        "create": create_ip_set,
        "update": update_ip_set,
        "delete": delete_ip_set,
    },
    "AWS::WAFv2::WebACLAssociation": {
        "create": create_association,
        "delete": delete_association,
    },
    "AWS::WAFv2::LoggingConfiguration": {
        "create": create_logging,
        "update": update_logging,
        "delete": delete_logging,
    },
}


def adding_logging(original: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
    """Wrap the WAF endpoint with the operations on logging configurations."""

    async def handle_request(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Any
    ) -> Any:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        if not operation.endswith("LoggingConfiguration"):
            return await original(method, path, headers, body, query)
        request = json.loads(body or b"{}")
        configuration = request.get("LoggingConfiguration") or request
        acl, refusal = waf._resolve_local_web_acl(configuration["ResourceArn"])
        if refusal:
            return refusal
        return _answer(operation, acl, configuration)

    return handle_request


def _answer(operation: str, acl: dict[str, Any], configuration: dict[str, Any]) -> Any:
    if operation.startswith("Put"):
        acl[LOGGING] = configuration
    elif LOGGING not in acl:
        return waf._waf_err(
            "WAFNonexistentItemException",
            "AWS WAF couldn’t perform the operation because your resource doesn’t "
            "exist.",
        )
    if operation.startswith("Delete"):
        del acl[LOGGING]
        return responses.json_response({})
    return responses.json_response({"LoggingConfiguration": acl[LOGGING]})
