"""Drift: what CloudFormation finds changed, told apart from what the function changed.

The template holds the placeholder and Cognito the portal, so app client and user pool
always differ. Custom resources are not checked by CloudFormation ("Detect unmanaged
configuration changes", CloudFormation User Guide).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lambda_src.workforce import PLACEHOLDER_HOST
from ops import stacks
from ops.account import Account
from ops.account_checks import Finding
from ops.deployed import Deployed
from ops.errors import sentence
from ops.promises.telling import BY_HAND

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.literals import StackResourceDriftStatusType
    from mypy_boto3_cloudformation.type_defs import (
        PropertyDifferenceTypeDef,
        StackResourceDriftTypeDef,
    )

#: Where the function puts the portal: logical id and beginning of a property's path.
_THE_PORTALS = (
    ("UserPoolClient", "/CallbackURLs"),
    ("UserPoolClient", "/LogoutURLs"),
    ("UserPoolClient", "/DefaultRedirectURI"),
    ("UserPool", "/AdminCreateUserConfig/InviteMessageTemplate"),
)


def drift(deployed: Deployed) -> Iterator[Finding]:
    """Nothing was changed outside the stack, other than by the function."""
    nested = [
        resource.physical_id
        for resource in deployed.resources.values()
        if resource.kind == stacks.NESTED
    ]
    expected = False
    clean = True
    for stack_id in (deployed.stack["StackId"], *nested):
        if reason := _detect(deployed.account, stack_id):
            clean = False
            yield Finding(
                "unknown", f"Drift of {stack_id.split('/')[1]} is not known: {reason}"
            )
        for found in _drifts(deployed.account, stack_id):
            name = found["LogicalResourceId"]
            if found["StackResourceDriftStatus"] == "DELETED":
                clean = False
                yield Finding(
                    "error", f"{name} was deleted outside the stack.", BY_HAND
                )
                continue
            differences = found.get("PropertyDifferences", [])
            others = [
                each
                for each in differences
                if not is_expected(name, each, deployed.portal)
            ]
            expected = expected or len(others) < len(differences)
            if others:
                clean = False
                paths = ", ".join(sorted(each["PropertyPath"] for each in others))
                yield Finding(
                    "error", f"{name} was changed outside the stack: {paths}.", BY_HAND
                )
    if expected:
        yield Finding(
            "fine",
            "App client and invitation differ from the template by the portal, as they "
            "must.",
        )
    if clean:
        yield Finding("fine", "Nothing else was changed outside the stack.")


def is_expected(
    logical_id: str, difference: PropertyDifferenceTypeDef, portal: str
) -> bool:
    """Return whether a difference is what the function writes."""
    path = difference["PropertyPath"]
    place = any(
        logical_id == name and path.startswith(begin) for name, begin in _THE_PORTALS
    )
    values = (difference.get("ExpectedValue", ""), difference.get("ActualValue", ""))
    return place and (PLACEHOLDER_HOST in values[0] or portal in values[1])


def _detect(account: Account, stack_id: str) -> str:
    """Have CloudFormation compare; return why it could not, or nothing."""
    cloudformation = account.cloudformation
    started = cloudformation.detect_stack_drift(StackName=stack_id)
    while True:
        status = cloudformation.describe_stack_drift_detection_status(
            StackDriftDetectionId=started["StackDriftDetectionId"]
        )
        if status["DetectionStatus"] != "DETECTION_IN_PROGRESS":
            break
        time.sleep(stacks.SECONDS_BETWEEN_LOOKS)
    failed = status["DetectionStatus"] == "DETECTION_FAILED"
    return sentence(status.get("DetectionStatusReason", "no reason")) if failed else ""


def _drifts(account: Account, stack_id: str) -> Iterator[StackResourceDriftTypeDef]:
    look = account.cloudformation.describe_stack_resource_drifts
    changed: list[StackResourceDriftStatusType] = ["MODIFIED", "DELETED"]
    answer = look(StackName=stack_id, StackResourceDriftStatusFilters=changed)
    while True:
        yield from answer["StackResourceDrifts"]
        if not answer.get("NextToken"):
            return
        answer = look(
            StackName=stack_id,
            StackResourceDriftStatusFilters=changed,
            NextToken=answer["NextToken"],
        )
