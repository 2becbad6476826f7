"""`AWS::CloudFormation::Stack`: a child goes through the same engine as its root.

The library deploys children with a second, weaker engine. Here CreateStack, UpdateStack
and DeleteStack run for a child too, and the parent waits for the end (CloudFormation
User Guide, "Embed stacks within other stacks"). The sentences of the events are those
that CloudFormation is reported to write.
"""

from __future__ import annotations

import asyncio
import html
import re
import secrets
import string
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ministack import app
from ministack.services import cloudformation
from ministack.services.cloudformation import provisioners, stacks

from local_aws.cloudformation import operations

Handler = dict[str, Any]

_LONGEST_STACK_NAME = 128
_SUFFIX_LETTERS = string.ascii_uppercase + string.digits
_SUFFIX_LENGTH = 13
_NO_UPDATES = "No updates are to be performed."
_MESSAGE = re.compile(rb"<Message>(.*?)</Message>", re.DOTALL)


def registering(handlers: dict[str, Handler]) -> dict[str, Handler]:
    """Register the handlers of nested stacks in place of the library's."""
    handlers[operations.STACK] = {"create": create, "update": update, "delete": delete}
    return handlers


def create(
    logical_id: str, properties: dict[str, Any], stack_name: str
) -> tuple[str, dict[str, str]]:
    """Create a child stack; it fails without rolling back, as its parent deletes it."""
    parent = cloudformation._stacks[stack_name]
    name = _child_name(stack_name, logical_id)
    request = {
        "Action": ["CreateStack"],
        "StackName": [name],
        "DisableRollback": ["true"],
        **_request(properties, parent),
    }

    async def start() -> Any:
        answer = await cloudformation.handle_request("POST", "/", {}, b"", request)
        if (child := cloudformation._stacks.get(name)) is not None:
            child["ParentId"] = parent["StackId"]
            child["RootId"] = parent.get("RootId", parent["StackId"])
        return answer

    _refuse(_run(start))
    child = cloudformation._stacks[name]
    if child["StackStatus"] != "CREATE_COMPLETE":
        if (operation := operations.current()) is not None:
            operation.creation_failed(
                logical_id, operations.STACK, child["StackId"], properties
            )
        raise ValueError(
            f"Embedded stack {child['StackId']} was not successfully created: "
            f"{child['StackStatusReason']}"
        )
    return child["StackId"], _outputs(child)


def update(
    physical_id: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    stack_name: str,
) -> tuple[str, dict[str, str]]:
    """Update a child, or, while its parent rolls back, roll the child back."""
    child = _child(physical_id)
    operation = operations.current()
    if operation is not None and operation.is_rolling_back:
        _undo_update(child)
        return physical_id, _outputs(child)
    parent = cloudformation._stacks[stack_name]
    keep_failure = operation is not None and operation.disable_rollback
    request = {
        "Action": ["UpdateStack"],
        "StackName": [physical_id],
        "DisableRollback": [str(keep_failure).lower()],
        "Tags": [""],
        **_request(new, parent),
    }
    answer = _run(lambda: cloudformation.handle_request("POST", "/", {}, b"", request))
    if _NO_UPDATES not in _message(answer):
        _refuse(answer)
        if child["StackStatus"] not in ("UPDATE_COMPLETE", operations.CLEANING_UP):
            raise ValueError(
                f"Embedded stack {physical_id} was not successfully updated. Currently "
                f"in {_failure_status(child)} with reason: {child['StackStatusReason']}"
            )
    return physical_id, _outputs(child)


def delete(physical_id: str, properties: Mapping[str, Any]) -> None:
    """Delete a child with all that it holds."""
    try:
        child = _child(physical_id)
    except ValueError:
        return
    operation = operations.current()
    if operation is not None and operation.is_rolling_back:
        _undo_creation(child)
        _refuse_failed_deletion(child, "ROLLBACK_FAILED")
    if child["StackStatus"] == operations.CLEANING_UP:
        # The root failed without rolling back, so the clean-up never comes.
        child["StackStatus"] = "UPDATE_COMPLETE"
    request = {"Action": ["DeleteStack"], "StackName": [physical_id]}
    _refuse(_run(lambda: cloudformation.handle_request("POST", "/", {}, b"", request)))
    _refuse_failed_deletion(child, "DELETE_FAILED")


def _refuse_failed_deletion(child: Mapping[str, Any], failure: str) -> None:
    if child["StackStatus"] == failure:
        raise ValueError(
            f"Embedded stack {child['StackId']} was not successfully deleted: "
            f"{child['StackStatusReason']}"
        )


def _undo_update(child: dict[str, Any]) -> None:
    """Bring a child back to what it was before its root's update."""
    if child["StackStatus"] == "UPDATE_ROLLBACK_FAILED":
        request = {
            "Action": ["ContinueUpdateRollback"],
            "StackName": [child["StackId"]],
        }
        _refuse(
            _run(lambda: cloudformation.handle_request("POST", "/", {}, b"", request))
        )
    else:
        _roll_back(child)
    if child["StackStatus"] == "UPDATE_ROLLBACK_FAILED":
        raise ValueError(
            f"Embedded stack {child['StackId']} was not successfully updated. "
            "Currently in UPDATE_ROLLBACK_FAILED with reason: "
            f"{child['StackStatusReason']}"
        )


def _undo_creation(child: dict[str, Any]) -> None:
    """Roll a child's creation back, which honours RetainExceptOnCreate."""
    kept = child.get(operations.UNFINISHED) or child.get(operations.REVERSIBLE)
    if kept is not None and not kept["is_update"]:
        _roll_back(child)


def _roll_back(child: dict[str, Any]) -> None:
    kept = child.pop(operations.UNFINISHED, None) or child.get(operations.REVERSIBLE)
    if kept is not None:
        _run(
            lambda: stacks._roll_back_operation(
                child["StackName"], child["StackId"], child, kept
            )
        )


def _request(
    properties: Mapping[str, Any], parent: Mapping[str, Any]
) -> dict[str, list[str]]:
    """Return what CreateStack and UpdateStack of a child have in common."""
    request = {"TemplateURL": [str(properties.get("TemplateURL", ""))]}
    parameters = properties.get("Parameters") or {}
    for number, (key, value) in enumerate(parameters.items(), 1):
        if isinstance(value, list | dict):
            raise ValueError(
                "Value of property Parameters must be an object with String (or "
                "simple type) properties"
            )
        request[f"Parameters.member.{number}.ParameterKey"] = [key]
        request[f"Parameters.member.{number}.ParameterValue"] = [_text(value)]
    tags = provisioners._tag_map(properties.get("Tags"))
    own_tags = {key: tags[key] for key in tags if not key.startswith("aws:")}
    for number, (key, value) in enumerate(own_tags.items(), 1):
        request[f"Tags.member.{number}.Key"] = [key]
        request[f"Tags.member.{number}.Value"] = [value]
    for number, capability in enumerate(parent.get("Capabilities", []), 1):
        request[f"Capabilities.member.{number}"] = [capability]
    return request


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _child_name(parent_name: str, logical_id: str) -> str:
    suffix = "".join(secrets.choice(_SUFFIX_LETTERS) for _ in range(_SUFFIX_LENGTH))
    space = _LONGEST_STACK_NAME - len(logical_id) - len(suffix) - 2
    return f"{parent_name[:space]}-{logical_id}-{suffix}"


def _child(stack_id: str) -> dict[str, Any]:
    for stack in cloudformation._stacks.values():
        if stack["StackId"] == stack_id:
            child: dict[str, Any] = stack
            return child
    raise ValueError(f"Stack with id {stack_id} does not exist")


def _outputs(child: Mapping[str, Any]) -> dict[str, str]:
    return {
        f"Outputs.{output['OutputKey']}": output["OutputValue"]
        for output in child.get("Outputs", [])
    }


def _failure_status(child: Mapping[str, Any]) -> str:
    status: str = child["StackStatus"]
    return "UPDATE_ROLLBACK_IN_PROGRESS" if "ROLLBACK_COMPLETE" in status else status


def _run(request: Callable[[], Awaitable[Any]]) -> Any:
    """Run a request on the server's loop, from a resource's thread, to its end."""
    return asyncio.run_coroutine_threadsafe(
        operations.completed(request), app._MAIN_LOOP
    ).result()


def _message(answer: tuple[int, Any, bytes]) -> str:
    found = _MESSAGE.search(answer[2])
    return html.unescape(found[1].decode()) if found else ""


def _refuse(answer: tuple[int, Any, bytes]) -> None:
    if answer[0] >= 400:
        raise ValueError(_message(answer))


def describing_parents(actions: dict[str, Any]) -> dict[str, Any]:
    """Wrap DescribeStacks and ListStacks, which leave out ParentId and RootId."""
    for name in ("DescribeStacks", "ListStacks"):
        actions[name] = _describing_parents(actions[name])
    return actions


def _describing_parents(original: Callable[..., Any]) -> Callable[..., Any]:
    def describe(parameters: Mapping[str, Any]) -> Any:
        status, headers, body = original(parameters)
        text = body.decode()
        for stack in cloudformation._stacks.values():
            if "ParentId" in stack:
                member = f"<StackId>{html.escape(stack['StackId'])}</StackId>"
                text = text.replace(
                    member,
                    f"{member}<ParentId>{html.escape(stack['ParentId'])}</ParentId>"
                    f"<RootId>{html.escape(stack['RootId'])}</RootId>",
                )
        return status, headers, text.encode()

    return describe
