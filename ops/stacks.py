"""Look at a stack and its nested stacks: state, outputs, events, what made it fail.

CloudFormation reports every consequence of a failure as a failure of its own. The cause
is the first one, of whatever stack, that is neither a cancellation nor a nested stack.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import yaml
from botocore.exceptions import ClientError

from ops.account import Account
from ops.errors import OperatorError, code_of, message_of, sentence

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef, StackTypeDef


class _TemplateLoader(yaml.CSafeLoader):
    """Reads what a template declares, but not the short form of `Fn::…`."""


_TemplateLoader.add_multi_constructor("!", lambda loader, suffix, node: None)

NESTED = "AWS::CloudFormation::Stack"

_KEPT = {"Retain", "RetainExceptOnCreate"}

# AWS answers about ten DescribeStackEvents a second for an account.
SECONDS_BETWEEN_LOOKS = 1.0


def describe(account: Account, stack: str) -> StackTypeDef | None:
    """Return the stack of this name or id, or None when there is none."""
    try:
        answer = account.cloudformation.describe_stacks(StackName=stack)
    except ClientError as error:
        if _does_not_exist(error):
            return None
        raise
    return answer["Stacks"][0]


def existing(account: Account, stack: str) -> StackTypeDef:
    """Return the stack of this name.

    Raises:
        OperatorError: when there is none.
    """
    described = describe(account, stack)
    if described is None:
        raise OperatorError(
            f"There is no stack {stack} in {account.region}.",
            "`make deploy` makes it; STACK= names another, AWS_REGION another Region.",
        )
    return described


def outputs(stack: StackTypeDef) -> dict[str, str]:
    """Return the outputs of a stack."""
    found = stack.get("Outputs", [])
    return {output["OutputKey"]: output["OutputValue"] for output in found}


def parameters(stack: StackTypeDef) -> dict[str, str]:
    """Return the parameters of a stack."""
    return {
        parameter["ParameterKey"]: parameter.get("ParameterValue", "")
        for parameter in stack.get("Parameters", [])
    }


def prefix_of(domain: str) -> str:
    """Return the prefix of a sign-in domain, which is empty for an empty one."""
    return domain.partition(".auth.")[0]


def ended(account: Account, stack_id: str, seconds: float) -> bool:
    """Wait for the end of a stack's operation; return whether it has come in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        stack = describe(account, stack_id)
        if stack is None or not stack["StackStatus"].endswith("_IN_PROGRESS"):
            return True
        time.sleep(seconds / 4)
    return False


@dataclass(frozen=True)
class Resource:
    """A resource of a stack or of its nested stacks.

    Attributes:
        path: Logical ids from root to the resource, "WorkforceStack/Workforce".
        kind: The resource's type.
        physical_id: Its physical id.
        kept: Whether its template keeps it when the stack is deleted.
    """

    path: str
    kind: str
    physical_id: str
    kept: bool

    @property
    def logical_id(self) -> str:
        """Its logical id, which no other resource of the set has."""
        return self.path.rpartition("/")[2]


def resources(account: Account, stack_id: str, path: str = "") -> Iterator[Resource]:
    """Yield what there is of a stack, its nested stacks and what is in them."""
    template = account.cloudformation.get_template(
        StackName=stack_id, TemplateStage="Processed"
    )
    policies = deletion_policies(template["TemplateBody"])
    listed = account.cloudformation.get_paginator("list_stack_resources")
    for page in listed.paginate(StackName=stack_id):
        for summary in page["StackResourceSummaries"]:
            physical_id = summary.get("PhysicalResourceId", "")
            if not physical_id or summary["ResourceStatus"] == "DELETE_COMPLETE":
                continue
            resource = Resource(
                path=path + summary["LogicalResourceId"],
                kind=summary["ResourceType"],
                physical_id=physical_id,
                kept=policies.get(summary["LogicalResourceId"]) in _KEPT,
            )
            yield resource
            if resource.kind == NESTED and not resource.kept:
                yield from resources(account, physical_id, f"{resource.path}/")


@dataclass(frozen=True)
class Event:
    """One line of a stack's history.

    Attributes:
        at: When CloudFormation wrote it.
        path: Logical ids from root to the resource, "WorkforceStack/Workforce".
        kind: The resource's type.
        physical_id: Its physical id; may be empty.
        status: Its status.
        reason: Why; may be empty.
        stack_id: The stack that it is in.
    """

    at: datetime
    path: str
    kind: str
    physical_id: str
    status: str
    reason: str
    stack_id: str

    @property
    def failed(self) -> bool:
        """Whether this is a failure."""
        return self.status.endswith("_FAILED")


class Viewer(Protocol):
    """Who is shown an operation."""

    def event(self, event: Event) -> None:
        """Take what has happened."""

    def tick(self) -> None:
        """Take that time goes by."""


class Watch:
    """Collects what happens to a stack and its nested stacks.

    Args:
        account: Where the stack is.
        stack: Its name or id; it may not exist yet.
        from_its_beginning: Whether to begin with the operation that is under way, or
            was the last one, rather than now.
    """

    def __init__(
        self, account: Account, stack: str, *, from_its_beginning: bool = False
    ) -> None:
        self.history: list[Event] = []
        self._account = account
        # Of each stack: where it is in the tree, and the newest event seen.
        self._paths = {stack: ""}
        self._newest: dict[str, str] = {}
        past = sorted(self._look(), key=lambda event: event.at)
        self._untold = _of_last_operation(past) if from_its_beginning else []

    def news(self) -> list[Event]:
        """Return what is new since the last call, oldest first."""
        events = self._untold + sorted(self._look(), key=lambda event: event.at)
        self._untold = []
        self.history.extend(events)
        return events

    def until(self, done: Callable[[float], bool], viewer: Viewer) -> None:
        """Show every event until `done`, which is given seconds to wait for the end."""
        finished = False
        while not finished:
            finished = done(SECONDS_BETWEEN_LOOKS)
            for event in self.news():
                viewer.event(event)
            viewer.tick()

    def cause(self) -> Event | None:
        """Return the failure that the others follow from."""
        failures = [
            event
            for event in self.history
            if event.failed and "cancelled" not in event.reason.lower()
        ]
        own = [event for event in failures if event.kind != NESTED]
        return min(own or failures, key=lambda event: event.at, default=None)

    def _look(self) -> list[Event]:
        events = []
        waiting = list(self._paths)
        while waiting:
            stack = waiting.pop(0)
            for record in reversed(self._new_records(stack)):
                path = self._paths[stack]
                itself = record.get("PhysicalResourceId") == record["StackId"]
                if itself and path:
                    # The stack above says the same of it.
                    continue
                event = _event(record, path)
                events.append(event)
                nested = event.kind == NESTED and event.physical_id != "" and not itself
                if nested and event.physical_id not in self._paths:
                    self._paths[event.physical_id] = event.path
                    waiting.append(event.physical_id)
        return events

    def _new_records(self, stack: str) -> list[StackEventTypeDef]:
        """Return the records after the newest one seen; AWS lists newest first."""
        pages = self._account.cloudformation.get_paginator("describe_stack_events")
        last_seen = self._newest.get(stack)
        records: list[StackEventTypeDef] = []
        try:
            for page in pages.paginate(StackName=stack):
                for record in page["StackEvents"]:
                    if record["EventId"] == last_seen:
                        return records
                    self._newest[stack] = (records or [record])[0]["EventId"]
                    records.append(record)
        except ClientError as error:
            # Not made yet, or (a nested stack) gone already.
            if not _does_not_exist(error):
                raise
        return records


def _of_last_operation(events: list[Event]) -> list[Event]:
    """Return the events from the beginning of the stack's last operation on."""
    begins = [
        number
        for number, event in enumerate(events)
        if event.physical_id == event.stack_id
        and event.status
        in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS")
    ]
    return events[begins[-1] :] if begins else []


def _event(record: StackEventTypeDef, path: str) -> Event:
    logical_id = record.get("LogicalResourceId", "")
    return Event(
        at=record["Timestamp"],
        path=f"{path}/{logical_id}" if path else logical_id,
        kind=record.get("ResourceType", ""),
        physical_id=record.get("PhysicalResourceId", ""),
        status=record.get("ResourceStatus", ""),
        reason=record.get("ResourceStatusReason", ""),
        stack_id=record["StackId"],
    )


def deletion_policies(template: str | Mapping[str, Any]) -> dict[str, str]:
    """Return the DeletionPolicy of each resource of a template that has one.

    Args:
        template: As GetTemplate returns it: YAML as text, JSON parsed.
    """
    document = load_template(template) if isinstance(template, str) else template
    return {
        logical_id: str(resource["DeletionPolicy"])
        for logical_id, resource in document.get("Resources", {}).items()
        if "DeletionPolicy" in resource
    }


def load_template(text: str) -> dict[str, Any]:
    """Return a YAML template; intrinsic functions in their short form become None."""
    # A subclass of SafeLoader.
    document: dict[str, Any] = yaml.load(text, Loader=_TemplateLoader)  # noqa: S506
    return document


def told(event: Event) -> str:
    """Return an event as a line for a person."""
    reason = f"  {sentence(event.reason)}" if event.failed and event.reason else ""
    return (
        f"  {event.at.astimezone():%H:%M:%S}  {event.status:<26} {event.path}{reason}"
    )


def _does_not_exist(error: ClientError) -> bool:
    return code_of(error) == "ValidationError" and "not exist" in message_of(error)
