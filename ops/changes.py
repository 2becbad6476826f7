"""What a deployment would change, read from a change set over all nested stacks.

The change set is made to be read and then deleted; `make deploy` executes one of its
own. One that includes nested stacks can be refused for values that are known only in
the update (aws-cloudformation/cloudformation-coverage-roadmap#759), and a deployment
must not depend on that.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ops import stacks
from ops.account import Account
from ops.errors import OperatorError, code_of, sentence

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import (
        DescribeChangeSetOutputTypeDef,
        ParameterTypeDef,
        ResourceChangeTypeDef,
    )

#: What the names of change sets begin with: those of `make diff`, and those in which
#: `make deploy` looks before it deploys. A role that plans may delete the former only.
PLAN = "private-workforce-plan"
LOOK = "private-workforce-look"
_NOTHING = ("didn't contain changes", "No updates are to be performed")
_UNFINISHED = ("CREATE_PENDING", "CREATE_IN_PROGRESS")


@dataclass(frozen=True)
class Change:
    """What happens to one resource.

    Attributes:
        path: Logical ids from root to the resource, "BaseStack/UserPool".
        kind: Its type.
        action: "added", "changed", "replaced" or "deleted".
        certain: Whether it happens for sure; what hangs on a value that another
            resource has only after the update is not certain.
        properties: The names of the properties that change.
        kept: Whether the resource that goes is kept, outside of the stack.
    """

    path: str
    kind: str
    action: str
    certain: bool
    properties: tuple[str, ...]
    kept: bool

    @property
    def logical_id(self) -> str:
        """Its logical id, which no other resource of the set has."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class Difference:
    """What a deployment would change.

    Attributes:
        changes: The resources.
        parameters: The parameters: name, value now, value then.
    """

    changes: tuple[Change, ...]
    parameters: tuple[tuple[str, str, str], ...]

    def of(self, action: str, *, certain: bool = True) -> list[Change]:
        """Return the changes of one kind."""
        return [
            change
            for change in self.changes
            if change.action == action and change.certain == certain
        ]


def find(
    account: Account,
    stack: str,
    template: Path,
    bucket: str,
    values: Mapping[str, str],
    folder: str = "",
    *,
    purpose: str = PLAN,
) -> Difference:
    """Return what deploying the template would change about an existing stack.

    Args:
        account: Where the stack is.
        stack: The name of the stack.
        template: The packaged template.
        bucket: Where the template is uploaded.
        values: The parameters; one that is not named keeps the stack's value.
        folder: Where in the bucket; empty for its top.
        purpose: What the name of the change set begins with.

    Raises:
        OperatorError: when CloudFormation cannot or will not tell.
    """
    described = stacks.existing(account, stack)
    held = stacks.parameters(described)
    declared = stacks.load_template(template.read_text(encoding="utf-8"))
    wanted: list[ParameterTypeDef] = [
        {"ParameterKey": name, "ParameterValue": values[name]}
        if name in values
        else {"ParameterKey": name, "UsePreviousValue": True}
        for name in declared.get("Parameters", {})
        if name in values or name in held
    ]
    # Each its own: two pull requests would delete each other's. One that an interrupted
    # run leaves goes with the next deployment.
    name = f"{purpose}-{uuid.uuid4().hex[:12]}"
    account.cloudformation.create_change_set(
        StackName=stack,
        ChangeSetName=name,
        TemplateURL=_upload(account, template, bucket, folder),
        IncludeNestedStacks=True,
        Capabilities=["CAPABILITY_IAM"],
        Parameters=wanted,
    )
    try:
        root = _finished(account, stack, name)
        return Difference(
            changes=tuple(_changes(account, root, "")),
            parameters=tuple(_parameters(held, root)),
        )
    finally:
        _delete(account, stack, name)


def _delete(account: Account, stack: str, name: str) -> None:
    """Delete a change set, unless an interruption left it while it is made.

    That is refused ("DeleteChangeSet", CloudFormation API reference), and is not what
    the operator wants to read.
    """
    try:
        account.cloudformation.delete_change_set(StackName=stack, ChangeSetName=name)
    except ClientError as error:
        if code_of(error) != "InvalidChangeSetStatus":
            raise


def _upload(account: Account, template: Path, bucket: str, folder: str) -> str:
    """Upload the template, which may be longer than a request; return its URL."""
    body = template.read_bytes()
    name = f"{hashlib.sha256(body).hexdigest()}.template"
    key = f"{folder}/{name}" if folder else name
    account.s3.put_object(Bucket=bucket, Key=key, Body=body)
    # The form that `aws cloudformation package` writes for nested templates.
    return f"https://s3.{account.region}.amazonaws.com/{bucket}/{key}"


def _finished(
    account: Account, stack: str, name: str
) -> DescribeChangeSetOutputTypeDef:
    """Return a change set once it is made.

    Raises:
        OperatorError: with CloudFormation's reason, when it cannot be made.
    """
    while True:
        described = account.cloudformation.describe_change_set(
            StackName=stack, ChangeSetName=name
        )
        if described["Status"] not in _UNFINISHED:
            break
        time.sleep(stacks.SECONDS_BETWEEN_LOOKS)
    reason = described.get("StatusReason", "")
    if described["Status"] == "FAILED" and not any(text in reason for text in _NOTHING):
        raise OperatorError(
            f"CloudFormation cannot say what would change: {sentence(reason)}"
        )
    return described


def _changes(
    account: Account, change_set: DescribeChangeSetOutputTypeDef, path: str
) -> Iterator[Change]:
    # Not a paginator's: it would lose what is said of the change set itself.
    while True:
        for item in change_set.get("Changes", []):
            change = item.get("ResourceChange", {})
            child = change.get("ChangeSetId")
            if child:
                nested = _finished(account, change["PhysicalResourceId"], child)
                yield from _changes(
                    account, nested, f"{path}{change['LogicalResourceId']}/"
                )
            # The stack that holds a change is no change of its own.
            elif (
                change["ResourceType"] != stacks.NESTED or change["Action"] != "Modify"
            ):
                yield _change(change, path)
        if not change_set.get("NextToken"):
            return
        change_set = account.cloudformation.describe_change_set(
            StackName=change_set["StackId"],
            ChangeSetName=change_set["ChangeSetId"],
            NextToken=change_set["NextToken"],
        )


def _change(change: ResourceChangeTypeDef, path: str) -> Change:
    details = change.get("Details", [])
    replaces = change.get("Replacement", "False")
    actions = {"Add": "added", "Import": "added", "Remove": "deleted"}
    action = actions.get(
        change["Action"], "changed" if replaces == "False" else "replaced"
    )
    static = [each for each in details if each.get("Evaluation") == "Static"]
    # Changed for certain and replaced only perhaps is uncertain: that matters more.
    certain = replaces == "True" or (bool(static) and action == "changed")
    # Beside what is sure to change, the rest is not worth naming.
    targets = [detail.get("Target", {}) for detail in static or details]
    names = [target.get("Name") or target.get("Attribute", "") for target in targets]
    return Change(
        path=path + change["LogicalResourceId"],
        kind=change["ResourceType"],
        action=action,
        certain=certain or action in ("added", "deleted"),
        properties=tuple(dict.fromkeys(filter(None, names))),
        kept=change.get("PolicyAction") in ("Retain", "ReplaceAndRetain"),
    )


def _parameters(
    held: Mapping[str, str], change_set: DescribeChangeSetOutputTypeDef
) -> Iterator[tuple[str, str, str]]:
    for parameter in change_set.get("Parameters", []):
        name = parameter["ParameterKey"]
        after = parameter.get("ParameterValue", "")
        before = held.get(name, "")
        if before != after:
            yield name, before, after
