"""Stack operations that CloudFormation refuses because of the stack's state.

The messages are observed ones ("Stack:arn:... is in ROLLBACK_COMPLETE state and can not
be updated."). A stack that is still being created may be deleted: the deletion then
follows the creation, which on AWS is cancelled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services.cloudformation import engine, handlers, helpers

from local_aws.cloudformation import operations

Action = Callable[[dict[str, Any]], Any]

UPDATABLE = frozenset(
    {
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE",
    }
)
_BEING_CREATED = frozenset({"CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"})


def checking(actions: dict[str, Action]) -> dict[str, Action]:
    """Wrap the actions of the CloudFormation API that change stacks."""
    for name, check in (
        ("CreateStack", _check_create),
        ("UpdateStack", _check_update),
        ("CreateChangeSet", _check_change_set),
    ):
        actions[name] = _checked(actions[name], check)
    actions["DeleteStack"] = _deleting(actions["DeleteStack"])
    return actions


def _checked(original: Action, check: Callable[[dict[str, Any]], Any]) -> Action:
    def act(parameters: dict[str, Any]) -> Any:
        return check(parameters) or original(parameters)

    return act


def _stack(parameters: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the stack that a request names, unless it is deleted."""
    name = helpers._p(parameters, "StackName")
    stack: dict[str, Any] | None = handlers._resolve_stack(name)
    return stack if stack and stack["StackStatus"] != "DELETE_COMPLETE" else None


def _refusal(message: str, code: str = "ValidationError") -> Any:
    return helpers._error(code, message)


def _check_create(parameters: dict[str, Any]) -> Any:
    stack = _stack(parameters)
    if stack is None:
        return None
    return _refusal(
        f"Stack [{stack['StackName']}] already exists", "AlreadyExistsException"
    )


def _check_update(parameters: dict[str, Any]) -> Any:
    stack = _stack(parameters)
    if stack is None:
        return None
    if stack["StackStatus"] not in UPDATABLE:
        return _not_updatable(stack)
    return _changed_types(stack, parameters)


def _not_updatable(stack: Mapping[str, Any]) -> Any:
    return _refusal(
        f"Stack:{stack['StackId']} is in {stack['StackStatus']} state and can not be "
        "updated."
    )


def _changed_types(stack: Mapping[str, Any], parameters: dict[str, Any]) -> Any:
    """Refuse another type under the same logical id."""
    body, _ = helpers._resolve_template(parameters)
    try:
        wanted = engine._parse_template(body)["Resources"] if body else {}
    except Exception:
        return None
    present = stack.get("_template", {}).get("Resources", {})
    changed = sorted(
        name
        for name in present.keys() & wanted.keys()
        if present[name].get("Type") != wanted[name].get("Type")
    )
    if not changed:
        return None
    return _refusal(
        "Update of resource type is not permitted. The new template modifies resource "
        f"type of the following resources: [{', '.join(changed)}]"
    )


def _check_change_set(parameters: dict[str, Any]) -> Any:
    kind = helpers._p(parameters, "ChangeSetType") or "UPDATE"
    if kind == "UPDATE":
        return _check_update(parameters)
    stack = _stack(parameters)
    if kind == "CREATE" and stack and stack["StackStatus"] != "REVIEW_IN_PROGRESS":
        return _check_create(parameters)
    return None


def _deleting(original: Action) -> Action:
    def delete(parameters: dict[str, Any]) -> Any:
        stack = _stack(parameters)
        status = stack["StackStatus"] if stack else ""
        if stack is None or not status.endswith("_IN_PROGRESS"):
            return original(parameters)
        if status in ("DELETE_IN_PROGRESS", "REVIEW_IN_PROGRESS"):
            return original(parameters) if status.startswith("REVIEW") else _accepted()
        if status not in _BEING_CREATED:
            return _refusal(
                f"Stack [{stack['StackId']}] cannot be deleted while in status {status}"
            )
        if stack.get("EnableTerminationProtection"):
            return original(parameters)
        operations.when_over(
            stack["StackId"], lambda: original({"StackName": [stack["StackId"]]})
        )
        return _accepted()

    return delete


def _accepted() -> Any:
    return helpers._xml(200, "DeleteStackResponse", "")
