"""The demand of CloudFormation on its deployer, before each resource is handled.

On AWS a handler runs until the first call that is denied, and the rollback removes what
it has made; here nothing is begun, and the event is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services.cloudformation import provisioners

from local_aws import iam
from local_aws.cloudformation.deployer_permissions import demanded
from local_aws.cloudformation.deployer_resources import Subject, places
from local_aws.cloudformation.service_calls import CallFailed
from local_aws.iam import deployer

Properties = Mapping[str, Any]


def creating(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the creation of one resource by the engine."""

    def provision(
        resource_type: str,
        logical_id: str,
        properties: dict[str, Any],
        stack_name: str,
    ) -> Any:
        _demand("create", Subject(resource_type, logical_id, stack_name, properties))
        return original(resource_type, logical_id, properties, stack_name)

    return provision


def updating(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the update of one resource; a replacement is a creation."""

    def update(
        resource_type: str,
        physical_id: str,
        old: dict[str, Any],
        new: dict[str, Any],
        stack_name: str,
        logical_id: str | None = None,
        old_attributes: Any = None,
    ) -> Any:
        if old != new:
            replaces = provisioners._replacing_change(resource_type, old, new)
            subject = Subject(
                resource_type,
                logical_id or physical_id,
                stack_name,
                new,
                "" if replaces else physical_id,
            )
            _demand("create" if replaces else "update", subject, old)
        return original(
            resource_type, physical_id, old, new, stack_name, logical_id, old_attributes
        )

    return update


def deleting(original: Callable[..., None]) -> Callable[..., None]:
    """Wrap the deletion of one resource by the engine."""

    def delete(
        resource_type: str,
        physical_id: str,
        properties: dict[str, Any],
        stack_name: str | None = None,
        logical_id: str | None = None,
    ) -> None:
        subject = Subject(
            resource_type,
            logical_id or physical_id,
            stack_name or "",
            properties,
            physical_id,
        )
        _demand("delete", subject)
        original(resource_type, physical_id, properties, stack_name, logical_id)

    return delete


def _demand(handler: str, subject: Subject, old: Properties | None = None) -> None:
    """Demand everything that a handler needs.

    Raises:
        CallFailed: the deployer lacks a permission; the event names it.
    """
    if deployer.current() is None:
        return
    operation = f"cloudformation:{subject.resource_type}:{handler}"
    actions = demanded(subject.resource_type, handler, subject.properties, old or {})
    try:
        for action in actions:
            for place in places(action, subject):
                iam.require_of_deployer(
                    action, place.arn, operation=operation, context=place.context
                )
    except iam.AccessDenied as denied:
        service = subject.resource_type.split("::")[1]
        raise CallFailed(service, 403, denied.code, denied.message) from denied
