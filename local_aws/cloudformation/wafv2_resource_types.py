"""Resource types of AWS WAF that the library lacks, and the operations they need."""

from __future__ import annotations

import base64
import ipaddress
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ministack.core import responses
from ministack.services import cloudwatch_logs, cognito, waf
from ministack.services.cloudformation import provisioners

from local_aws.cloudformation.service_calls import call, call_ignoring_absence

Properties = Mapping[str, Any]
Made = tuple[str, dict[str, str]]

LOGGING = "_logging_configuration"


def create_ip_set(logical_id: str, properties: Properties, stack_name: str) -> Made:
    """Create an IP set."""
    _checking_addresses(properties)
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
    _checking_addresses(new)
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
    """Delete an IP set, unless a web ACL still has a rule with it."""
    name, ip_set_id, _ = physical_id.split("|")
    if any(ip_set_id in json.dumps(acl) for acl in waf._web_acls.values()):
        raise _in_use("IPSet", name)
    call_ignoring_absence("waf", "DeleteIPSet", _ip_set(physical_id))


def _ip_set(physical_id: str) -> dict[str, str]:
    name, ip_set_id, scope = physical_id.split("|")
    return {"Name": name, "Id": ip_set_id, "Scope": scope}


def _checking_addresses(request: Mapping[str, Any]) -> None:
    """Refuse what AWS WAF does not take as addresses of an IP set.

    "all IPv4 and IPv6 CIDR ranges except for /0" (CreateIPSet, AWS WAF API reference).
    """
    version = 4 if request.get("IPAddressVersion") == "IPV4" else 6
    for address in request.get("Addresses", []):
        try:
            network = ipaddress.ip_network(address, strict=False)
        except ValueError:
            network = None
        if network is None or network.version != version or network.prefixlen == 0:
            raise ValueError(
                "WAFInvalidParameterException: Error reason: The parameter contains "
                "formatting that is not valid., field: IP_ADDRESS, parameter: "
                f"{address}"
            )


def create_association(
    logical_id: str, properties: Properties, stack_name: str
) -> Made:
    """Associate a web ACL with a user pool that is there.

    A regional web ACL protects what is in its Region ("AssociateWebACL", AWS WAF API
    reference); the text of the error is assumed.
    """
    _, _, service, region, _, resource = properties["ResourceArn"].split(":", 5)
    acl_arn = properties["WebACLArn"]
    if f":{region}:" not in acl_arn or ":regional/webacl/" not in acl_arn:
        raise ValueError(
            "WAFInvalidParameterException: Error reason: The ARN isn't valid. A valid "
            f"ARN begins with arn: and is of a regional web ACL of {region}., "
            f"parameter: {acl_arn}"
        )
    pool_id = resource.partition("/")[2]
    if service == "cognito-idp" and pool_id not in cognito._user_pools:
        raise ValueError(f"WAFNonexistentItemException: {pool_id} does not exist.")
    call("waf", "AssociateWebACL", properties)
    return f"{properties['ResourceArn']}|{properties['WebACLArn']}", {}


def delete_association(physical_id: str, properties: Properties) -> None:
    """Take a web ACL off a resource."""
    resource_arn = properties["ResourceArn"]
    call("waf", "DisassociateWebACL", {"ResourceArn": resource_arn})


def create_logging(logical_id: str, properties: Properties, stack_name: str) -> Made:
    """Let a web ACL write logs to a group that is there and may have them.

    "Your log group names must begin with aws-waf-logs-" (AWS WAF Developer Guide,
    "CloudWatch Logs"); the ARN is given without its ":*".
    """
    for arn in properties["LogDestinationConfigs"]:
        group = str(arn).partition(":log-group:")[2]
        if (
            not group.startswith("aws-waf-logs-")
            or group not in cloudwatch_logs._log_groups
        ):
            raise ValueError(
                "WAFInvalidParameterException: Error reason: The ARN isn't valid., "
                f"field: LOG_DESTINATION, parameter: {arn}"
            )
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


def delete_web_acl(physical_id: str, properties: Properties) -> None:
    """Delete a web ACL, unless something is still associated with it.

    "You can only use this if ... no AWS resources are associated" (DeleteWebACL).
    """
    name, acl_id, scope = physical_id.split("|")
    acl = waf.web_acl_record(acl_id, scope)
    if acl is not None and acl["ARN"] in waf._associations.values():
        raise _in_use("WebACL", name)
    waf.delete_web_acl_record(acl_id, scope)


def _in_use(kind: str, name: str) -> ValueError:
    return ValueError(
        "WAFAssociatedItemException: AWS WAF couldn't perform the operation because "
        f"your resource is being used by another resource: {kind} {name}."
    )


def completing_web_acls(handlers: dict[str, Any]) -> dict[str, Any]:
    """Wrap the library's own web ACLs: rules as the API holds them, uses counted."""
    handler = handlers["AWS::WAFv2::WebACL"]
    create, update = handler["create"], handler["update"]

    def create_web_acl(
        logical_id: str, properties: Properties, stack_name: str
    ) -> Made:
        made: Made = create(logical_id, _checked_rules(properties), stack_name)
        return made

    def update_web_acl(
        physical_id: str, old: Properties, new: Properties, *further: Any
    ) -> Made:
        made: Made = update(physical_id, old, _checked_rules(new), *further)
        return made

    handlers["AWS::WAFv2::WebACL"] = {
        **handler,
        "create": create_web_acl,
        "update": update_web_acl,
        "delete": delete_web_acl,
    }
    return handlers


def _checked_rules(properties: Properties) -> dict[str, Any]:
    """Return a web ACL whose rules AWS WAF would take, as its API holds them.

    Names and priorities are unique ("Rule", AWS WAF API reference).
    """
    rules = properties.get("Rules", [])
    for member in ("Name", "Priority"):
        if len({str(rule[member]) for rule in rules}) != len(rules):
            raise ValueError(
                "WAFInvalidParameterException: Error reason: You have used a rule "
                f"{member.lower()} more than once., field: RULE"
            )
    return {**properties, "Rules": _as_the_api_spells(rules)}


def _as_the_api_spells(value: Any) -> Any:
    """Return rules with the API's members: Arn is ARN, SearchString is a blob."""
    if isinstance(value, list):
        return [_as_the_api_spells(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        "ARN" if name == "Arn" else name: base64.b64encode(item.encode()).decode()
        if name == "SearchString"
        else _as_the_api_spells(item)
        for name, item in value.items()
    }


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
