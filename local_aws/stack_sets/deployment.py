"""How an operation on a stack set goes: Region after Region, account after account."""

from __future__ import annotations

import hashlib
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from local_aws.environment import SECRET_ACCESS_KEY
from local_aws.stack_sets.state import Instance, Operation, Place, StackSet

_POLL_SECONDS = 0.05

Change = Callable[[StackSet, Instance, Operation], None]


class _Failed(Exception):
    """An instance does not get there; the message is the reason."""


def start(
    stack_set: StackSet,
    operation: Operation,
    places: Callable[[], Iterable[Instance]],
    change: Change,
) -> None:
    """Run an operation in the background.

    Args:
        stack_set: What it is an operation of.
        operation: Its record, in which results appear.
        places: Finds the instances; runs in the background, too, since it may call AWS.
        change: Changes one of them.
    """
    threading.Thread(
        target=_run, args=(stack_set, operation, places, change), daemon=True
    ).start()


def _run(
    stack_set: StackSet,
    operation: Operation,
    places: Callable[[], Iterable[Instance]],
    change: Change,
) -> None:
    instances = list(places())
    for instance in instances:
        operation.results[instance.account, instance.region] = ("PENDING", "")
        instance.last_operation = operation.identifier
    tolerance = operation.preferences.get("FailureToleranceCount", 0)
    stopped = False
    for region in _in_order(instances, operation):
        failures = 0
        for instance in instances:
            if instance.region != region:
                continue
            place: Place = (instance.account, region)
            if stopped or failures > tolerance:
                reason = "Cancelled since failure tolerance has exceeded"
                operation.results[place] = ("CANCELLED", reason)
                instance.detailed_status = "CANCELLED"
                continue
            try:
                _check_roles(stack_set, instance.account)
                change(stack_set, instance, operation)
            except (_Failed, ClientError) as error:
                failures += 1
                instance.detailed_status, instance.reason = "FAILED", str(error)
                operation.results[place] = ("FAILED", str(error))
            else:
                operation.results[place] = ("SUCCEEDED", "")
        stopped = stopped or failures > tolerance
    operation.status = "FAILED" if stopped else "SUCCEEDED"
    operation.ended = datetime.now(UTC)


def _in_order(instances: list[Instance], operation: Operation) -> list[str]:
    named = operation.preferences.get("RegionOrder", [])
    others = sorted({instance.region for instance in instances} - set(named))
    return [*named, *others]


def create(stack_set: StackSet, instance: Instance, operation: Operation) -> None:
    """Make the stack of an instance."""
    cloudformation = client("cloudformation", instance.account, instance.region)
    instance.stack_id = cloudformation.create_stack(
        StackName=f"StackSet-{stack_set.name}-{uuid.uuid4()}",
        TemplateURL=_copied(stack_set, instance),
        Parameters=_parameters(stack_set, instance),
        Capabilities=stack_set.capabilities,
    )["StackId"]
    _wait(cloudformation, instance, "CREATE_COMPLETE")
    instance.status, instance.detailed_status = "CURRENT", "SUCCEEDED"


def update(stack_set: StackSet, instance: Instance, operation: Operation) -> None:
    """Update the stack of an instance, or make it where that has not succeeded yet."""
    cloudformation = client("cloudformation", instance.account, instance.region)
    instance.status = "OUTDATED"
    if not instance.stack_id:
        create(stack_set, instance, operation)
        return
    try:
        cloudformation.update_stack(
            StackName=instance.stack_id,
            TemplateURL=_copied(stack_set, instance),
            Parameters=_parameters(stack_set, instance),
            Capabilities=stack_set.capabilities,
        )
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise
    else:
        _wait(cloudformation, instance, "UPDATE_COMPLETE")
    instance.status, instance.detailed_status = "CURRENT", "SUCCEEDED"
    instance.reason = ""


def delete(stack_set: StackSet, instance: Instance, operation: Operation) -> None:
    """Delete the stack of an instance, and the instance with it."""
    if instance.stack_id:
        cloudformation = client("cloudformation", instance.account, instance.region)
        cloudformation.delete_stack(StackName=instance.stack_id)
        instance.status = "INOPERABLE"
        _wait(cloudformation, instance, "DELETE_COMPLETE")
    del stack_set.instances[instance.account, instance.region]


def accounts_under(administrator: str, unit: str) -> list[str]:
    """Return the accounts of a unit and the units in it, but for the management."""
    organizations = client("organizations", administrator, "us-east-1")
    found = [
        account["Id"]
        for account in organizations.list_accounts_for_parent(ParentId=unit)["Accounts"]
        if account["Id"] != administrator
    ]
    for inner in organizations.list_organizational_units_for_parent(ParentId=unit)[
        "OrganizationalUnits"
    ]:
        found += accounts_under(administrator, inner["Id"])
    return found


def client(service: str, account: str, region: str) -> Any:
    """Return a client that calls this process as the root of an account."""
    # Only here: what no start needs would take a quarter of its time.
    import boto3
    from botocore.config import Config

    make: Any = boto3.client
    return make(
        service,
        region_name=region,
        endpoint_url=f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}",
        aws_access_key_id=account,
        aws_secret_access_key=SECRET_ACCESS_KEY,
        config=Config(retries={"total_max_attempts": 1}),
    )


def _check_roles(stack_set: StackSet, account: str) -> None:
    if stack_set.permission_model == "SERVICE_MANAGED":
        return
    administration = stack_set.administration_role.rpartition("/")[2]
    _require_role(stack_set.administrator, administration, "CloudFormation service")
    _require_role(account, stack_set.execution_role, f"Role '{administration}'")


def _require_role(account: str, role: str, trusts: str) -> None:
    try:
        client("iam", account, "us-east-1").get_role(RoleName=role)
    except ClientError as error:
        raise _Failed(
            f"Account {account} should have '{role}' role with trust relationship to "
            f"{trusts}."
        ) from error


def _parameters(stack_set: StackSet, instance: Instance) -> list[dict[str, str]]:
    values = {**stack_set.parameters, **instance.overrides}
    return [
        {"ParameterKey": name, "ParameterValue": value}
        for name, value in values.items()
    ]


def _copied(stack_set: StackSet, instance: Instance) -> str:
    """Return the URL of the template for one target, which cannot read another's."""
    s3 = client("s3", instance.account, instance.region)
    bucket = f"stacksets-{instance.account}-{instance.region}"
    if bucket not in [each["Name"] for each in s3.list_buckets()["Buckets"]]:
        here = {"LocationConstraint": instance.region}
        options = {"CreateBucketConfiguration": here}
        s3.create_bucket(
            Bucket=bucket, **(options if instance.region != "us-east-1" else {})
        )
    key = hashlib.sha256(stack_set.template.encode()).hexdigest()
    s3.put_object(Bucket=bucket, Key=key, Body=stack_set.template.encode())
    return f"{s3.meta.endpoint_url}/{bucket}/{key}"


def _wait(cloudformation: Any, instance: Instance, wanted: str) -> None:
    while True:
        (stack,) = cloudformation.describe_stacks(StackName=instance.stack_id)["Stacks"]
        status = stack["StackStatus"]
        if not status.endswith("_IN_PROGRESS"):
            break
        time.sleep(_POLL_SECONDS)
    if status != wanted:
        events = cloudformation.describe_stack_events(StackName=instance.stack_id)
        failures = [
            f"ResourceLogicalId:{event['LogicalResourceId']}, "
            f"ResourceType:{event['ResourceType']}, "
            f"ResourceStatusReason:{event['ResourceStatusReason']}."
            for event in reversed(events["StackEvents"])
            if event["ResourceStatus"].endswith("_FAILED")
            and event.get("ResourceStatusReason")
        ]
        raise _Failed(failures[0] if failures else f"The stack is {status}.")
