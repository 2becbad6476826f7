"""The operations of the StackSets API that are served, and what each refuses."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from botocore.loaders import Loader
from botocore.model import ServiceModel
from ministack.services.cloudformation import helpers

from local_aws.query_parameters import nested
from local_aws.stack_sets import deployment, state
from local_aws.stack_sets.state import Instance, Operation, Refusal, StackSet

ADMINISTRATION_ROLE = "AWSCloudFormationStackSetAdministrationRole"
EXECUTION_ROLE = "AWSCloudFormationStackSetExecutionRole"


@dataclass(frozen=True)
class Call:
    """A call of the API, with its input in nested form."""

    given: dict[str, Any]
    flat: dict[str, Any]
    account: str
    region: str

    @classmethod
    def of(
        cls, operation: str, parameters: dict[str, Any], account: str, region: str
    ) -> Call:
        """Return the call that query parameters are."""
        flat = {name: helpers._p(parameters, name) for name in parameters}
        shape = _model().operation_model(operation).input_shape
        given = nested(flat, shape) if shape else {}
        return cls(given, parameters, account, region)

    @property
    def stack_set(self) -> StackSet:
        """The stack set that is named."""
        return state.find(self.account, self.region, self.given["StackSetName"])

    def template(self) -> str:
        """Return the text of the template that is given or named."""
        if not {"TemplateURL", "TemplateBody"} & self.given.keys():
            raise _invalid("Either a template body or a template URL is required.")
        text, error = helpers._resolve_template(self.flat)
        if error:
            raise _invalid("The template cannot be read.")
        return str(text)

    def parameters(self, name: str = "Parameters") -> dict[str, str]:
        """Return parameters by their names."""
        return {
            item["ParameterKey"]: item.get("ParameterValue", "")
            for item in self.given.get(name, [])
        }


@functools.cache
def _model() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("cloudformation", "service-2"))


def as_xml(value: Any) -> str:
    """Return a result as the query protocol writes it."""
    if isinstance(value, Mapping):
        return "".join(
            f"<{name}>{as_xml(item)}</{name}>"
            for name, item in value.items()
            if item not in (None, "")
        )
    if isinstance(value, list):
        return "".join(f"<member>{as_xml(item)}</member>" for item in value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    return escape(str(value))


def _create_stack_set(call: Call) -> dict[str, Any]:
    given = call.given
    model = given.get("PermissionModel", "SELF_MANAGED")
    if model == "SERVICE_MANAGED":
        if not state.is_trusting(call.account):
            raise _invalid(
                "You must enable organizations access to operate a service managed "
                "stack set"
            )
        if "AutoDeployment" not in given:
            raise _invalid("AutoDeployment is required for SERVICE_MANAGED")
    elif "AutoDeployment" in given:
        raise _invalid("AutoDeployment is only for SERVICE_MANAGED")
    role = f"arn:aws:iam::{call.account}:role/{ADMINISTRATION_ROLE}"
    stack_set = StackSet(
        name=given["StackSetName"],
        administrator=call.account,
        region=call.region,
        template=call.template(),
        parameters=call.parameters(),
        capabilities=given.get("Capabilities", []),
        permission_model=model,
        administration_role=given.get("AdministrationRoleARN", role),
        execution_role=given.get("ExecutionRoleName", EXECUTION_ROLE),
    )
    state.add(stack_set)
    return {"StackSetId": stack_set.stack_set_id}


def _describe_stack_set(call: Call) -> dict[str, Any]:
    found = call.stack_set
    service_managed = found.permission_model == "SERVICE_MANAGED"
    return {
        "StackSet": {
            "StackSetName": found.name,
            "StackSetId": found.stack_set_id,
            "Status": "ACTIVE",
            "TemplateBody": found.template,
            "Parameters": _pairs(found.parameters),
            "Capabilities": found.capabilities,
            "PermissionModel": found.permission_model,
            "AdministrationRoleARN": (
                None if service_managed else found.administration_role
            ),
            "OrganizationalUnitIds": sorted(
                {each.unit for each in found.instances.values() if each.unit}
            ),
            "Regions": sorted({region for _, region in found.instances}),
        }
    }


def _update_stack_set(call: Call) -> dict[str, Any]:
    found = call.stack_set
    _check_regions_of_order(call, {region for _, region in found.instances})
    operation = found.begin(_operation(call, "UPDATE"))
    if not call.given.get("UsePreviousTemplate"):
        found.template = call.template()
    found.parameters = call.parameters()
    found.capabilities = call.given.get("Capabilities", [])
    instances = list(found.instances.values())
    deployment.start(found, operation, lambda: instances, deployment.update)
    return {"OperationId": operation.identifier}


def _delete_stack_set(call: Call) -> dict[str, Any]:
    found = call.stack_set
    if found.instances:
        raise Refusal("StackSetNotEmptyException", "StackSet is not empty")
    state.remove(found)
    return {}


def _create_stack_instances(call: Call) -> dict[str, Any]:
    found = call.stack_set
    overrides = call.parameters("ParameterOverrides")
    if unknown := overrides.keys() - _declared(found):
        raise _invalid(f"Parameters: [{', '.join(sorted(unknown))}] do not exist")
    _check_regions_of_order(call, set(call.given["Regions"]))
    targets = _targets(call, found)
    operation = found.begin(_operation(call, "CREATE"))

    def instances() -> Iterator[Instance]:
        for account, unit in targets():
            for region in call.given["Regions"]:
                place = (account, region)
                instance = found.instances.get(place)
                if instance is None:
                    instance = Instance(account, region, unit, overrides)
                    found.instances[place] = instance
                yield instance

    deployment.start(found, operation, instances, deployment.update)
    return {"OperationId": operation.identifier}


def _delete_stack_instances(call: Call) -> dict[str, Any]:
    found = call.stack_set
    if call.given["RetainStacks"]:
        raise _invalid("Retaining stacks is not modelled here.")
    _check_regions_of_order(call, set(call.given["Regions"]))
    targets = _targets(call, found)
    operation = found.begin(_operation(call, "DELETE"))

    def instances() -> Iterator[Instance]:
        for account, _ in targets():
            for region in call.given["Regions"]:
                if instance := found.instances.get((account, region)):
                    yield instance

    deployment.start(found, operation, instances, deployment.delete)
    return {"OperationId": operation.identifier}


def _list_stack_instances(call: Call) -> dict[str, Any]:
    found = call.stack_set
    return {
        "Summaries": [
            {
                "StackSetId": found.stack_set_id,
                "Account": instance.account,
                "Region": instance.region,
                "StackId": instance.stack_id,
                "Status": instance.status,
                "StatusReason": instance.reason,
                "StackInstanceStatus": {"DetailedStatus": instance.detailed_status},
                "OrganizationalUnitId": instance.unit,
                "DriftStatus": "NOT_CHECKED",
                "LastOperationId": instance.last_operation,
            }
            for _, instance in sorted(found.instances.items())
        ]
    }


def _describe_operation(call: Call) -> dict[str, Any]:
    found = _operation_of(call)
    return {
        "StackSetOperation": {
            "OperationId": found.identifier,
            "StackSetId": call.stack_set.stack_set_id,
            "Action": found.action,
            "Status": found.status,
            "StatusReason": found.reason,
            "CreationTimestamp": found.created,
            "EndTimestamp": found.ended,
        }
    }


def _list_results(call: Call) -> dict[str, Any]:
    return {
        "Summaries": [
            {
                "Account": account,
                "Region": region,
                "Status": status,
                "StatusReason": reason,
            }
            for (account, region), (status, reason) in _operation_of(
                call
            ).results.items()
        ]
    }


def _activate_access(call: Call) -> dict[str, Any]:
    state.trust(call.account)
    return {}


def _describe_access(call: Call) -> dict[str, Any]:
    trusting = state.is_trusting(call.account)
    return {"Status": "ENABLED" if trusting else "DISABLED"}


def _targets(call: Call, found: StackSet) -> Callable[[], list[tuple[str, str]]]:
    """Return what finds the target accounts, each with its organizational unit."""
    accounts = call.given.get("Accounts", [])
    targets = call.given.get("DeploymentTargets", {})
    units = targets.get("OrganizationalUnitIds", [])
    if found.permission_model == "SELF_MANAGED":
        if units:
            raise _invalid("OrganizationalUnitIds are only for SERVICE_MANAGED")
        chosen = accounts or targets.get("Accounts", [])
        if not chosen:
            raise _invalid("Accounts are required for SELF_MANAGED")
        return lambda: [(account, "") for account in chosen]
    if accounts or not units:
        raise _invalid("OrganizationalUnitIds are required for SERVICE_MANAGED")
    only = set(targets.get("Accounts", []))
    if only and targets.get("AccountFilterType") != "INTERSECTION":
        raise _invalid("AccountFilterType other than INTERSECTION is not modelled here")
    return lambda: [
        (account, unit)
        for unit in units
        for account in deployment.accounts_under(call.account, unit)
        if not only or account in only
    ]


def _operation(call: Call, action: str) -> Operation:
    return Operation(action, call.given.get("OperationPreferences", {}))


def _operation_of(call: Call) -> Operation:
    operation = call.stack_set.operations.get(call.given["OperationId"])
    if operation is None:
        raise Refusal("OperationNotFoundException", "Operation not found")
    return operation


def _check_regions_of_order(call: Call, regions: set[str]) -> None:
    order = call.given.get("OperationPreferences", {}).get("RegionOrder")
    if order is not None and set(order) != regions:
        raise _invalid("Region order list must contain every deployment region, once")


def _declared(found: StackSet) -> set[str]:
    from ministack.services.cloudformation import engine

    return set(engine._parse_template(found.template).get("Parameters", {}))


def _pairs(parameters: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {"ParameterKey": name, "ParameterValue": value}
        for name, value in parameters.items()
    ]


def _invalid(message: str) -> Refusal:
    return Refusal("ValidationError", message)


ACTIONS: dict[str, Callable[[Call], dict[str, Any]]] = {
    "CreateStackSet": _create_stack_set,
    "DescribeStackSet": _describe_stack_set,
    "UpdateStackSet": _update_stack_set,
    "DeleteStackSet": _delete_stack_set,
    "CreateStackInstances": _create_stack_instances,
    "DeleteStackInstances": _delete_stack_instances,
    "ListStackInstances": _list_stack_instances,
    "DescribeStackSetOperation": _describe_operation,
    "ListStackSetOperationResults": _list_results,
    "ActivateOrganizationsAccess": _activate_access,
    "DescribeOrganizationsAccess": _describe_access,
}
