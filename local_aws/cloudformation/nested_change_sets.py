"""Change sets that include nested stacks, and what a change set says of a replacement.

The library makes a change set for one stack. With `IncludeNestedStacks` each nested
stack that the root's change set modifies gets one of its own, named in the change
(CloudFormation User Guide, "Change sets for nested stacks"). What a parameter gets from
a resource that changes is not known before the update, and counts as changed
(aws-cloudformation/cloudformation-coverage-roadmap#759). Making and deleting the change
set of a nested stack takes the caller's rights to do so there.
"""

from __future__ import annotations

import copy
import html
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import engine, handlers, helpers, stacks

from local_aws import iam
from local_aws.cloudformation import nested_stacks, operations
from local_aws.cloudformation.custom_resources import is_custom
from local_aws.iam import deployer
from local_aws.registry_schemas import schema_of, top_level

Action = Callable[[dict[str, Any]], Any]
ChangeSet = dict[str, Any]

_unknown: ContextVar[frozenset[str]] = ContextVar("unknown", default=frozenset())

_ID = re.compile(rb"<Id>(.*?)</Id>")
_FROM_THE_ROOT = (
    "ValidationError",
    "Change sets of nested stacks are executed and deleted from their root change set.",
)


def including_nested(actions: dict[str, Action]) -> dict[str, Action]:
    """Wrap the actions on change sets."""
    actions["CreateChangeSet"] = _creating(actions["CreateChangeSet"])
    actions["DescribeChangeSet"] = _describing(actions["DescribeChangeSet"])
    for name in ("ExecuteChangeSet", "DeleteChangeSet"):
        actions[name] = _from_the_root(name, actions[name])
    return actions


def classifying(original: Callable[[str, str], str]) -> Callable[[str, str], str]:
    """Wrap what a change set says about a changed property.

    The library does not know it for every type; the registry's schemas do.
    """

    def recreation(resource_type: str, name: str) -> str:
        if is_custom(resource_type) or resource_type == operations.STACK:
            return "Never"
        schema = schema_of(resource_type)
        if schema is None:
            return original(resource_type, name)
        if name in top_level(schema, "createOnlyProperties"):
            return "Always"
        if name in top_level(schema, "conditionalCreateOnlyProperties"):
            return "Conditionally"
        return "Never"

    return recreation


def evaluating_unknown(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the search for references to what changes.

    A value that is not known before the update is a Dynamic evaluation, and replaces
    conditionally (API reference, ResourceChangeDetail and ResourceTargetDefinition).
    """

    def details(
        resource: dict[str, Any], replacements: dict[str, Any], changed: Any
    ) -> Any:
        unknown = _unknown.get()
        found = original(resource, replacements, {*changed, *unknown})
        for properties in found.values():
            for detail in properties:
                if detail["CausingEntity"] in unknown:
                    detail["Evaluation"] = "Dynamic"
        return found

    return details


def _creating(original: Action) -> Action:
    def create(parameters: dict[str, Any]) -> Any:
        if helpers._p(parameters, "IncludeNestedStacks").lower() != "true":
            return original(parameters)
        if (helpers._p(parameters, "ChangeSetType") or "UPDATE") != "UPDATE":
            return helpers._error(
                "ValidationError",
                "The embedded AWS models IncludeNestedStacks for updates only.",
            )
        answer = original(parameters)
        if found := _ID.search(answer[2]):
            root = cloudformation._change_sets[found[1].decode()]
            root["RootChangeSetId"] = root["ChangeSetId"]
            _include_children(original, root, parameters)
        return answer

    return create


def _include_children(
    create: Action, parent: ChangeSet, request: Mapping[str, Any]
) -> None:
    """Make a change set for each nested stack that the parent's modifies."""
    parent["IncludeNestedStacks"] = True
    changed = {
        change["ResourceChange"]["LogicalResourceId"]
        for change in parent["Changes"]
        if change["ResourceChange"]["Action"] == "Modify"
    }
    for change in parent["Changes"]:
        change = change["ResourceChange"]
        if change["ResourceType"] != operations.STACK or change["Action"] != "Modify":
            continue
        child = _child(create, parent, change, changed, request)
        if isinstance(child, str):
            parent["Status"], parent["ExecutionStatus"] = "FAILED", "UNAVAILABLE"
            parent["StatusReason"] = child
            return
        child["ParentChangeSetId"] = parent["ChangeSetId"]
        child["RootChangeSetId"] = parent["RootChangeSetId"]
        change["ChangeSetId"] = child["ChangeSetId"]
        _include_children(create, child, request)


def _child(
    create: Action,
    parent: ChangeSet,
    change: Mapping[str, Any],
    changed: set[str],
    request: Mapping[str, Any],
) -> ChangeSet | str:
    """Return the change set of a nested stack, or why there cannot be one."""
    logical_id = change["LogicalResourceId"]
    declared = parent["_template"]["Resources"][logical_id]["Properties"]
    stack = handlers._resolve_stack(parent["StackId"])
    properties = engine._resolve_refs(
        copy.deepcopy(declared),
        stack["_resources"],
        parent["_resolved_params"],
        engine._evaluate_conditions(parent["_template"], parent["_resolved_params"]),
        parent["_template"].get("Mappings", {}),
        stack["StackName"],
        stack["StackId"],
    )
    unknown = {
        name
        for name, value in declared.get("Parameters", {}).items()
        if any(ref in changed for ref, _ in stacks._intrinsic_references(value))
    }
    # How CloudFormation names it is not documented: here not as the root's.
    name = f"{logical_id}-{parent['ChangeSetName']}"[:128]
    child_request = {
        **nested_stacks._request(properties, stack),
        "StackName": [change["PhysicalResourceId"]],
        "ChangeSetName": [name],
        "ChangeSetType": ["UPDATE"],
        **{key: value for key, value in request.items() if "Capabilities" in key},
    }
    token = _unknown.set(frozenset(unknown))
    try:
        _demand("CreateChangeSet", change["PhysicalResourceId"], name)
        answer = create(child_request)
    except iam.AccessDenied as denied:
        return _not_made(change["PhysicalResourceId"], denied.message)
    finally:
        _unknown.reset(token)
    found = _ID.search(answer[2])
    if found is None:
        return _not_made(change["PhysicalResourceId"], nested_stacks._message(answer))
    made: ChangeSet = cloudformation._change_sets[found[1].decode()]
    return made


def _not_made(stack: str, reason: str) -> str:
    return f"Nested change set of {stack} was not successfully created: {reason}"


def _demand(action: str, stack: str, name: str) -> None:
    """Ask for a right of the caller's on the change set of a nested stack."""
    iam.require_of_deployer(
        f"cloudformation:{action}",
        stack,
        operation=f"cloudformation:{action}",
        context={"cloudformation:ChangeSetName": name},
    )


def _describing(original: Action) -> Action:
    """Wrap DescribeChangeSet, which leaves out what makes a hierarchy."""

    def describe(parameters: dict[str, Any]) -> Any:
        status, headers, body = original(parameters)
        found = re.search(r"<ChangeSetId>(.*?)</ChangeSetId>", body.decode())
        change_set = found and cloudformation._change_sets.get(html.unescape(found[1]))
        if not change_set or not change_set.get("IncludeNestedStacks"):
            return status, headers, body
        text = body.decode()
        for change in change_set["Changes"]:
            change = change["ResourceChange"]
            if "ChangeSetId" in change:
                member = f"<LogicalResourceId>{change['LogicalResourceId']}<"
                text = text.replace(
                    member,
                    f"<ChangeSetId>{html.escape(change['ChangeSetId'])}</ChangeSetId>"
                    f"{member}",
                )
        members = "<IncludeNestedStacks>true</IncludeNestedStacks>" + "".join(
            f"<{name}>{html.escape(change_set[name])}</{name}>"
            for name in ("ParentChangeSetId", "RootChangeSetId")
            if name in change_set
        )
        text = text.replace("<Changes>", f"{members}<Changes>")
        return status, headers, text.encode()

    return describe


def _from_the_root(action: str, original: Action) -> Action:
    """Wrap an action so that it takes a root change set, and its children along."""

    def act(parameters: dict[str, Any]) -> Any:
        name = helpers._p(parameters, "ChangeSetName")
        sets = cloudformation._change_sets
        named = [
            each
            for each in sets.values()
            if name in (each["ChangeSetId"], each["ChangeSetName"])
        ]
        if any("ParentChangeSetId" in each for each in named):
            return helpers._error(*_FROM_THE_ROOT)
        roots = {each["ChangeSetId"] for each in named}
        children = [
            each
            for key, each in sets.items()
            if each.get("RootChangeSetId") in roots and key not in roots
        ]
        if action == "DeleteChangeSet":
            try:
                with deployer.acting(deployer.caller()):
                    for each in children:
                        _demand(action, each["StackId"], each["ChangeSetName"])
            except iam.AccessDenied as denied:
                return helpers._error("AccessDenied", denied.message, 403)
        answer = original(parameters)
        if answer[0] < 400:
            for each in children:
                sets.pop(each["ChangeSetId"], None)
        return answer

    return act
