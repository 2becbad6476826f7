"""What the model of StackSets remembers: stack sets, instances, operations."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Place = tuple[str, str]
"""An account and a Region."""


class Refusal(Exception):
    """An error answer: its code and its message."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


@dataclass
class Instance:
    """A stack of a stack set in one account and Region."""

    account: str
    region: str
    unit: str = ""
    overrides: dict[str, str] = field(default_factory=dict)
    stack_id: str = ""
    status: str = "OUTDATED"
    detailed_status: str = "PENDING"
    reason: str = ""
    last_operation: str = ""


@dataclass
class Operation:
    """One change of instances, and what came of it in each place."""

    action: str
    preferences: dict[str, Any]
    identifier: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "RUNNING"
    reason: str = ""
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended: datetime | None = None
    results: dict[Place, tuple[str, str]] = field(default_factory=dict)


@dataclass
class StackSet:
    """A stack set of an administrator's account and Region."""

    name: str
    administrator: str
    region: str
    template: str
    parameters: dict[str, str]
    capabilities: list[str]
    permission_model: str
    administration_role: str
    execution_role: str
    identifier: str = field(default_factory=lambda: str(uuid.uuid4()))
    instances: dict[Place, Instance] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)

    @property
    def stack_set_id(self) -> str:
        """The id that answers name it by."""
        return f"{self.name}:{self.identifier}"

    def begin(self, operation: Operation) -> Operation:
        """Record an operation; only one runs at a time."""
        if any(other.status == "RUNNING" for other in self.operations.values()):
            raise Refusal(
                "OperationInProgressException",
                f"Another Operation on StackSet {self.stack_set_id} is in progress",
            )
        self.operations[operation.identifier] = operation
        return operation


_stack_sets: dict[tuple[str, str, str], StackSet] = {}
_trusting: set[str] = set()


def find(account: str, region: str, name: str) -> StackSet:
    """Return a stack set by its name or id.

    Raises:
        Refusal: when there is none.
    """
    found = _stack_sets.get((account, region, name.partition(":")[0]))
    if found is None:
        raise Refusal("StackSetNotFoundException", f"StackSet {name} not found")
    return found


def add(stack_set: StackSet) -> None:
    """Remember a new stack set."""
    key = (stack_set.administrator, stack_set.region, stack_set.name)
    if key in _stack_sets:
        raise Refusal(
            "NameAlreadyExistsException", f"StackSet {stack_set.name} already exists"
        )
    _stack_sets[key] = stack_set


def remove(stack_set: StackSet) -> None:
    """Forget a stack set."""
    del _stack_sets[stack_set.administrator, stack_set.region, stack_set.name]


def trust(account: str) -> None:
    """Activate trusted access with AWS Organizations."""
    _trusting.add(account)


def is_trusting(account: str) -> bool:
    """Return whether trusted access is active."""
    return account in _trusting


def reset() -> None:
    """Forget everything."""
    _stack_sets.clear()
    _trusting.clear()
