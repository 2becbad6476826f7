"""The registry's own types for private workforces and work teams."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from local_aws import sagemaker

Properties = Mapping[str, Any]
Made = tuple[str, dict[str, str]]

_POLL_SECONDS = 0.02
_LONGEST_SECONDS = 60.0


def _call(operation: str, parameters: Properties) -> dict[str, Any]:
    try:
        return sagemaker.call(operation, parameters)
    except sagemaker.SageMakerError as error:
        raise ValueError(
            f'Resource handler returned message: "{error.message}" '
            f"(HandlerErrorCode: {error.code})"
        ) from None


def _wait(is_over: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + _LONGEST_SECONDS
    while not is_over():
        if time.monotonic() > end:
            raise ValueError(f"{what} did not stabilize.")
        time.sleep(_POLL_SECONDS)


def create_workforce(logical_id: str, properties: Properties, stack_name: str) -> Made:
    """Create a workforce and wait until it is active."""
    _call("CreateWorkforce", properties)
    return _active_workforce(str(properties["WorkforceName"]))


def _active_workforce(name: str) -> Made:
    workforce: dict[str, Any] = {}

    def is_settled() -> bool:
        answer = _call("DescribeWorkforce", {"WorkforceName": name})
        workforce.update(answer["Workforce"])
        return workforce["Status"] not in ("Initializing", "Updating")

    _wait(is_settled, f"Workforce {name}")
    if workforce["Status"] != "Active":
        raise ValueError(
            f"Workforce {name} is {workforce['Status']}: "
            f"{workforce.get('FailureReason', '')}"
        )
    return workforce["WorkforceArn"], {
        "WorkforceArn": workforce["WorkforceArn"],
        "SubDomain": workforce.get("SubDomain", ""),
    }


def update_workforce(
    physical_id: str, old: Properties, new: Properties, stack_name: str
) -> Made:
    """Update what can be updated of a workforce."""
    mutable = ("WorkforceName", "SourceIpConfig", "WorkforceVpcConfig", "IpAddressType")
    _call("UpdateWorkforce", {name: new[name] for name in mutable if name in new})
    return _active_workforce(str(new["WorkforceName"]))


def delete_workforce(physical_id: str, properties: Properties) -> None:
    """Delete a workforce and wait until it is gone."""
    name = {"WorkforceName": physical_id.rpartition("/")[2]}
    if not _exists("DescribeWorkforce", name):
        return
    _call("DeleteWorkforce", name)
    _wait(
        lambda: not _exists("DescribeWorkforce", name),
        f"Workforce {name['WorkforceName']}",
    )


def _exists(operation: str, name: Properties) -> bool:
    try:
        sagemaker.call(operation, name)
    except sagemaker.SageMakerError:
        return False
    return True


def create_workteam(logical_id: str, properties: Properties, stack_name: str) -> Made:
    """Create a work team."""
    name = str(properties.get("WorkteamName", f"{stack_name}-{logical_id}"))
    answer = _call("CreateWorkteam", {**_workteam(properties), "WorkteamName": name})
    return answer["WorkteamArn"], {
        "WorkteamArn": answer["WorkteamArn"],
        "WorkteamName": name,
    }


def _workteam(properties: Properties) -> dict[str, Any]:
    members = [
        {
            "CognitoMemberDefinition": {
                "UserPool": group["CognitoUserPool"],
                "UserGroup": group["CognitoUserGroup"],
                "ClientId": group["CognitoClientId"],
            }
        }
        for definition in properties["MemberDefinitions"]
        if (group := definition.get("CognitoMemberDefinition"))
    ]
    return {**properties, "MemberDefinitions": members}


def update_workteam(
    physical_id: str, old: Properties, new: Properties, stack_name: str
) -> Made:
    """Update a work team."""
    name = physical_id.rpartition("/")[2]
    wanted = _workteam(new)
    mutable = ("MemberDefinitions", "Description", "NotificationConfiguration")
    _call(
        "UpdateWorkteam",
        {
            **{member: wanted[member] for member in mutable if member in wanted},
            "WorkteamName": name,
        },
    )
    return physical_id, {"WorkteamArn": physical_id, "WorkteamName": name}


def delete_workteam(physical_id: str, properties: Properties) -> None:
    """Delete a work team."""
    name = {"WorkteamName": physical_id.rpartition("/")[2]}
    if _exists("DescribeWorkteam", name):
        _call("DeleteWorkteam", name)


HANDLERS: dict[str, dict[str, Any]] = {
    "AWS::SageMaker::Workforce": {
        "create": create_workforce,
        "update": update_workforce,
        "delete": delete_workforce,
    },
    "AWS::SageMaker::Workteam": {
        "create": create_workteam,
        "update": update_workteam,
        "delete": delete_workteam,
    },
}
