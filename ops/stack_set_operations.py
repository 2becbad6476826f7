"""The end of an operation on a stack set: awaited, told, and what to do about it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ops.account import Account
from ops.errors import OperatorError, sentence
from ops.terminal import tell

SECONDS_BETWEEN_LOOKS = 2.0

#: An update that failed is rolled back: the stack is as it was, with its workers.
MEND_AN_UPDATE = (
    "Mend what the lines above name (`make stackset-status` shows them again) and run "
    "the command again. Delete nothing: a stack that was not updated is as it was."
)
MEND_A_CREATION = (
    "Mend what the lines above name (`make stackset-status` shows them again), delete "
    "what was not made with `make stackset-destroy ACCOUNTS=… REGIONS=…`, and run the "
    "command again: it goes on where it stopped."
)
MEND_A_DELETION = (
    "Mend what the lines above name (`make stackset-status` shows them again) and run "
    "the command again."
)


def wait(account: Account, stack: str, operation: str, mend: str) -> list[str]:
    """Wait for the end of an operation, telling each result.

    Args:
        account: Where the stack set is.
        stack: The name of the stack set.
        operation: The id of the operation.
        mend: What to do when it fails.

    Returns:
        Where it failed and was tolerated.

    Raises:
        OperatorError: when it failed in more places than TOLERANCE allows.
    """
    told: set[tuple[str, str, str]] = set()
    status = "RUNNING"
    while status in {"RUNNING", "QUEUED", "STOPPING"}:
        time.sleep(SECONDS_BETWEEN_LOOKS)
        answer = account.cloudformation.describe_stack_set_operation(
            StackSetName=stack, OperationId=operation
        )
        status = answer["StackSetOperation"]["Status"]
        pages = account.cloudformation.get_paginator("list_stack_set_operation_results")
        for page in pages.paginate(StackSetName=stack, OperationId=operation):
            for result in page["Summaries"]:
                line = (result["Account"], result["Region"], result["Status"])
                if line not in told and line[2] not in {"PENDING", "RUNNING"}:
                    told.add(line)
                    reason = sentence(result.get("StatusReason", ""))
                    tell(f"  {'  '.join(line)}  {reason}".rstrip())
    if status != "SUCCEEDED":
        raise OperatorError(
            f"The stack set {stack} did not get everywhere: the operation {status}.",
            mend,
        )
    return [f"{line[0]} in {line[1]}" for line in told if line[2] != "SUCCEEDED"]


def refuse_failures(stack: str, failed: Sequence[str], mend: str) -> None:
    """Say at the end that not everything is done, though the rest went on.

    Args:
        stack: The name of the stack set.
        failed: Where it failed and was tolerated.
        mend: What to do about it.

    Raises:
        OperatorError: with the places that failed.
    """
    if failed:
        raise OperatorError(
            f"The stack set {stack} did not get everywhere; TOLERANCE let the rest go "
            f"on without {', '.join(sorted(failed))}.",
            mend,
        )
