"""Every call of the function meets every fault, in every operation on the stack.

Whatever happens, the operation ends, the reason says what failed, nothing of ours is
left after a rollback or a deletion, nothing of others is touched, no account is lost
and no secret is shown. Where a fault stays for ever, AWS cannot clean up: then it is
asserted that the reason says so and that the next try, without the fault, does.
"""

from __future__ import annotations

import pytest

from lambda_src import workforce as function
from local_aws.faults import UNANSWERED
from local_aws.process import EmbeddedAws
from tests.faults.clean_life import ENDS_WELL, FILE, lived, prepared, recorded, run
from tests.faults.faults_of_the_function import (
    DELIVERED_AGAIN,
    KINDS_FOR_CALLS,
    KINDS_FOR_REQUESTS,
    Ends,
    Fault,
    FaultyFunction,
    Kind,
    Lasts,
)
from tests.faults.simulated_stack import SimulatedStack, Step, other_than
from tests.faults.surroundings import Surroundings

#: CloudFormation rolls a deletion back no more than a rollback: somebody tries again.
ENDS_BADLY = {
    "create": "ROLLBACK_COMPLETE",
    "rollback of create": "ROLLBACK_FAILED",
    "update": "UPDATE_ROLLBACK_COMPLETE",
    "rollback of update": "UPDATE_ROLLBACK_FAILED",
    "delete": "DELETE_FAILED",
}


def faults() -> list[Fault]:
    """Return every fault of the matrix, kind by kind."""
    calls = recorded()
    steps = [
        Step(operation, resource)
        for operation, by_resource in calls.items()
        for resource in by_resource
    ]
    on_calls = [
        Fault(step, kind, call)
        for kind in KINDS_FOR_CALLS
        for step in steps
        for call in calls[step.operation][step.resource]
        if kind.matters_for(call)
    ]
    on_requests = [
        Fault(step, kind)
        for kind in KINDS_FOR_REQUESTS
        for step in steps
        # Nobody waits for the answer to a repair.
        if step.operation != "repair" or kind is DELIVERED_AGAIN
    ]
    return [*on_calls, *on_requests]


def representatives(cases: list[Fault]) -> set[Fault]:
    """Return two cases of each kind, and together some of each operation."""
    chosen = set()
    kinds: list[Kind] = [*KINDS_FOR_CALLS, *KINDS_FOR_REQUESTS]
    for number, kind in enumerate(kinds):
        of_kind = [case for case in cases if case.kind is kind]
        for half in (0, 0.5):
            part = (number / len(kinds) + half) % 1
            chosen.add(of_kind[int(part * len(of_kind))])
    return chosen


def named(fault: Fault) -> str:
    """Return the name of a case."""
    call = str(fault.call) if fault.call else ""
    where = " ".join(filter(None, (fault.step.resource, call)))
    return f"{fault.step.operation}: {where}: {fault.kind.name}"


def parameters() -> list[object]:
    """Return the cases; all but the representative ones only run in `make faults`."""
    cases = faults()
    quick = representatives(cases)
    return [
        pytest.param(
            case,
            id=named(case).replace(" ", "-"),
            marks=[] if case in quick else [pytest.mark.faults],
        )
        for case in cases
    ]


def test_the_recorded_calls_are_those_of_the_function(aws: EmbeddedAws) -> None:
    assert lived(aws) == recorded(), (
        f"The function makes other calls than those in {FILE.name}: record them again "
        "with `python -m tests.faults.clean_life`."
    )


@pytest.mark.parametrize("fault", parameters())
def test_a_fault_does_no_harm(
    fault: Fault,
    faulty: FaultyFunction,
    stack: SimulatedStack,
    others: Surroundings,
    capsys: pytest.CaptureFixture[str],
) -> None:
    operation = fault.step.operation
    prepared(operation, stack, others)
    accounts = others.accounts()
    faulty.fault = fault

    if operation == "repair":
        status = stack.fail_in_base(other_than(stack.parameters))
    else:
        status = check_the_end(fault, faulty, stack, others)
    if operation in ("update", "rollback of update", "repair"):
        check_the_repair(fault, stack, others, status)
    assert faulty.was_met

    mend_and_finish(fault, faulty, stack, others)
    others.are_untouched()
    assert accounts <= others.accounts()
    shown = "\n".join([capsys.readouterr().out, *stack.reasons, *faulty.said])
    assert not [secret for secret in others.secrets() if secret in shown]


def check_the_end(
    fault: Fault, faulty: FaultyFunction, stack: SimulatedStack, others: Surroundings
) -> str:
    """Run the operation; assert its status, its reasons and what it leaves.

    Returns:
        The status.
    """
    operation = fault.step.operation
    status = run(operation, stack)
    if fault.kind.ends is Ends.WELL:
        assert status == ENDS_WELL[operation], stack.reasons
        assert all(answer["Status"] == "SUCCESS" for answer in faulty.answers_to_fault)
    elif not is_in_the_way_of_the_rollback(fault):
        assert status == ENDS_BADLY[operation], stack.reasons
    else:
        assert status in (
            ENDS_BADLY[operation],
            ENDS_BADLY[f"rollback of {operation}"],
        ), stack.reasons
    if fault.kind.ends is Ends.WITH_A_REASON:
        (answer,) = faulty.answers_to_fault
        assert names_the_cause(answer["Reason"], fault)
        if status.endswith("_FAILED"):
            assert names_the_cause(stack.reasons[-1], fault)
    if status in ("ROLLBACK_COMPLETE", "DELETE_COMPLETE"):
        assert others.left() == []
    elif status in ("ROLLBACK_FAILED", "DELETE_FAILED"):
        check_what_is_left(fault, stack, others)
    if status == "CREATE_COMPLETE":
        others.lead_to_the_portal()
        others.are_as_declared()
    return status


def check_what_is_left(
    fault: Fault, stack: SimulatedStack, others: Surroundings
) -> None:
    """Assert that the reason of a deletion that failed names what it leaves."""
    if fault.kind.ends is not Ends.WITH_A_REASON:
        return
    reason = stack.reasons[-1]
    for name in others.left():
        if name == stack.workforce_name:
            assert name in reason
        else:
            assert f"whose names end in -{stack.uuid}" in reason


def is_in_the_way_of_the_rollback(fault: Fault) -> bool:
    """Return whether the fault also meets what CloudFormation does against it."""
    if fault.kind.lasts is not Lasts.FOR_EVER:
        return False
    rollback = recorded().get(f"rollback of {fault.step.operation}", {})
    called = {
        call.operation for by_resource in rollback.values() for call in by_resource
    }
    return bool(rollback) and (fault.call is None or fault.call.operation in called)


def names_the_cause(reason: str, fault: Fault) -> bool:
    """Return whether a reason says which call failed, or that AWS is out of reach."""
    if fault.kind.wire in UNANSWERED:
        return "AWS could not be reached" in reason
    operation = fault.call.operation if fault.call else "nothing"
    return f"{operation} failed with" in reason


def check_the_repair(
    fault: Fault, stack: SimulatedStack, others: Surroundings, status: str
) -> None:
    """Assert that the end of the operation makes everything right, or an alarm."""
    meets_the_repair = fault.step.operation == "repair"
    try:
        stack.repair()
    except function.RepairFailed as error:
        assert fault.kind.ends is Ends.WITH_A_REASON
        assert meets_the_repair or fault.kind.lasts is Lasts.FOR_EVER
        assert names_the_cause(str(error), fault)
        return
    # One whose writes took effect, with every answer lost, finds that at its next try.
    if not (meets_the_repair and fault.kind.ends is Ends.WITHOUT_AN_ANSWER):
        others.lead_to_the_portal()
        if status != "UPDATE_ROLLBACK_FAILED":
            others.are_as_declared()


def mend_and_finish(
    fault: Fault, faulty: FaultyFunction, stack: SimulatedStack, others: Surroundings
) -> None:
    """End the fault; assert that the next try puts everything right."""
    operation = fault.step.operation
    faulty.mend()
    if fault.kind.ends is Ends.WELL:
        return
    if operation in ("create", "rollback of create", "delete"):
        assert stack.delete() == "DELETE_COMPLETE", stack.reasons
        assert others.left() == []
        return
    if operation != "repair":
        assert stack.roll_back_update() == "UPDATE_ROLLBACK_COMPLETE", stack.reasons
    stack.repair()
    others.lead_to_the_portal()
    others.are_as_declared()
