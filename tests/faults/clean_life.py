"""The calls of the function in a life without faults, as they were recorded.

The matrix is made of these calls. They are kept in a file, so that the cases have the
same names in every run and a review sees when the function calls something else.
`python -m tests.faults.clean_life` records them again.
"""

from __future__ import annotations

import json
from pathlib import Path

from local_aws.process import EmbeddedAws
from tests.faults.faults_of_the_function import Call, function_on
from tests.faults.simulated_stack import SimulatedStack, other_than, quiet_stack
from tests.faults.surroundings import Surroundings
from tests.function.function_on_embedded_aws import make_sign_in

FILE = Path(__file__).with_name("recorded_calls.json")

#: Every operation on a stack, and the status that it ends in without a fault.
ENDS_WELL = {
    "create": "CREATE_COMPLETE",
    "rollback of create": "ROLLBACK_COMPLETE",
    "update": "UPDATE_COMPLETE",
    "rollback of update": "UPDATE_ROLLBACK_COMPLETE",
    "delete": "DELETE_COMPLETE",
    "repair": "UPDATE_ROLLBACK_COMPLETE",
}

#: By operation on the stack and by resource, in the order of the first calls.
Calls = dict[str, dict[str, list[Call]]]


def recorded() -> Calls:
    """Return the calls in the file."""
    texts = json.loads(FILE.read_text(encoding="utf-8"))
    return {
        operation: {
            resource: list(map(Call.parse, calls))
            for resource, calls in by_resource.items()
        }
        for operation, by_resource in texts.items()
    }


def prepared(operation: str, stack: SimulatedStack, others: Surroundings) -> None:
    """Bring the stack to where an operation on it begins."""
    if operation in ("create", "rollback of create"):
        return
    assert stack.create() == "CREATE_COMPLETE", stack.reasons
    # In a deletion, the team of somebody else would rightly be in the way.
    if operation != "delete":
        others.make_team()
    # What it takes away leaves a group to the repair.
    if operation == "repair":
        after = other_than(stack.parameters)
        assert stack.update(after) == "UPDATE_COMPLETE", stack.reasons


def run(operation: str, stack: SimulatedStack) -> str:
    """Run an operation and return the stack's status afterwards."""
    after = other_than(stack.parameters)
    if operation in ("create", "rollback of create"):
        return stack.create(fails=operation != "create")
    if operation in ("update", "rollback of update"):
        return stack.update(after, fails=operation != "update")
    if operation == "repair":
        status = stack.fail_in_base(after)
        stack.repair()
        return status
    return stack.delete()


def lived(aws: EmbeddedAws) -> Calls:
    """Return the calls of every operation when there is no fault."""
    calls: Calls = {}
    for operation, status in ENDS_WELL.items():
        aws.control.reset()
        with function_on(aws) as faulty:
            stack = SimulatedStack(faulty, make_sign_in(aws), quiet_stack(aws))
            prepared(operation, stack, Surroundings(stack, aws))
            assert run(operation, stack) == status, stack.reasons
        calls[operation] = {
            step.resource: called
            for step, called in faulty.calls.items()
            if step.operation == operation
        }
    return calls


def record() -> None:
    """Write the calls to the file, as they are on an embedded AWS of its own."""
    with EmbeddedAws.started() as aws:
        calls = lived(aws)
    texts = {
        operation: {
            resource: list(map(str, called)) for resource, called in by_resource.items()
        }
        for operation, by_resource in calls.items()
    }
    FILE.write_text(json.dumps(texts, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    record()
