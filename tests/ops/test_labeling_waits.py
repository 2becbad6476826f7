"""How the examples wait: for a role that is new, and for SageMaker."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops import stacks
from ops.account import Account
from ops.errors import OperatorError
from ops.labeling import examples as waiting
from ops.labeling.examples import Examples, or_none, wait_for

NOWHERE: Any = Account(None, "us-east-1")  # type: ignore[arg-type]
EXAMPLES = Examples(NOWHERE, "bucket", "role", "uuid")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait in no time."""
    monkeypatch.setattr(waiting, "SECONDS_BETWEEN_LOOKS", 0.0)


def refused(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Call")


def test_a_role_that_is_not_known_yet_is_tried_again() -> None:
    answers = [refused("ValidationException", "Could not assume role x.")] * 2

    def call() -> str:
        if answers:
            raise answers.pop()
        return "done"

    assert EXAMPLES.with_new_role(call) == "done"
    assert answers == []


@pytest.mark.parametrize(
    ("seconds", "message"),
    [(60.0, "No such bucket."), (-1.0, "Could not assume role.")],
)
def test_what_no_waiting_mends_is_raised(
    monkeypatch: pytest.MonkeyPatch, seconds: float, message: str
) -> None:
    monkeypatch.setattr(waiting, "NEW_ROLE_SECONDS", seconds)
    calls = []

    def call() -> None:
        calls.append(message)
        raise refused("ValidationException", message)

    with pytest.raises(ClientError, match=message):
        EXAMPLES.with_new_role(call)
    assert len(calls) == 1


def test_waiting_ends_with_what_was_seen_last_or_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = iter([1, 2, 3])
    assert wait_for(lambda: next(seen), lambda number: number == 3, "three") == 3
    monkeypatch.setattr(waiting, "LONGEST_WAIT_SECONDS", -1.0)
    with pytest.raises(OperatorError, match="Waited 15 minutes for four"):
        wait_for(lambda: 1, lambda number: number == 4, "four")


def test_only_what_there_is_not_is_none() -> None:
    def raising(code: str) -> Any:
        def call() -> None:
            raise refused(code, "No.")

        return call

    assert or_none(raising("ResourceNotFound")) is None
    with pytest.raises(ClientError):
        or_none(raising("AccessDeniedException"))


def test_a_stack_that_does_not_go_is_named_with_its_status(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class CloudFormation:
        """Takes the deletion, which then fails."""

        def delete_stack(self, **_: str) -> None:
            return None

    class Here:
        """An account with nothing but CloudFormation."""

        cloudformation = CloudFormation()

    stack = {"StackId": "id", "StackStatus": "DELETE_FAILED"}
    monkeypatch.setattr(stacks, "describe", lambda *_: stack)
    left: Any = Examples(Here(), "", "", "uuid")  # type: ignore[arg-type]
    with pytest.raises(OperatorError, match="labels-examples is DELETE_FAILED"):
        left.delete("labels")
