"""The Service Catalog endpoint: from a JSON request to an operation and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from local_aws.json_endpoint import Refused, endpoint
from local_aws.servicecatalog import provisioning
from local_aws.servicecatalog.state import as_detail, catalog
from local_aws.servicecatalog.templates import new_artifact, require_parameters

Parameters = Mapping[str, Any]


def _create_artifact(parameters: Parameters) -> dict[str, Any]:
    """Add a version to a product; template constraints must fit it, too."""
    kept = catalog()
    product = kept.product(str(parameters["ProductId"]))
    given = parameters["Parameters"]
    url = str(given.get("Info", {}).get("LoadTemplateFromURL", ""))
    artifact = new_artifact(str(given.get("Name", "")), url)
    for constraint in kept.constraints.values():
        if constraint.kind == "TEMPLATE" and constraint.product_id == product.id:
            try:
                require_parameters(constraint.value, artifact)
            except ValueError as error:
                raise Refused("InvalidParametersException", str(error)) from error
    product.artifacts.append(artifact)
    return {
        "ProvisioningArtifactDetail": as_detail(artifact),
        "Info": {"TemplateUrl": url},
        "Status": "CREATING",
    }


def _list_artifacts(parameters: Parameters) -> dict[str, Any]:
    product = catalog().product(str(parameters["ProductId"]))
    return {
        "ProvisioningArtifactDetails": [as_detail(each) for each in product.artifacts]
    }


def _describe_artifact(parameters: Parameters) -> dict[str, Any]:
    product = catalog().product(str(parameters.get("ProductId", "")))
    identifier = str(parameters.get("ProvisioningArtifactId", ""))
    artifact = catalog().artifact(product, identifier)
    return {"ProvisioningArtifactDetail": as_detail(artifact), "Status": "AVAILABLE"}


def _describe_record(parameters: Parameters) -> dict[str, Any]:
    record = catalog().records.get(str(parameters["Id"]))
    if record is None:
        raise Refused("ResourceNotFoundException", "Record not found.")
    return {"RecordDetail": record, "RecordOutputs": []}


def _describe_provisioned(parameters: Parameters) -> dict[str, Any]:
    launched = provisioning.find(parameters)
    return {
        "ProvisionedProductDetail": {
            "Name": launched.name,
            "Id": launched.id,
            "Type": "CFN_STACK",
            "Status": launched.status,
            "StatusMessage": launched.status_message,
            "ProductId": launched.product_id,
            "ProvisioningArtifactId": launched.artifact_id,
            "LastRecordId": launched.last_record_id,
            "LaunchRoleArn": launched.role_arn,
        }
    }


OPERATIONS: dict[str, Callable[[Parameters], dict[str, Any]]] = {
    "CreateProvisioningArtifact": _create_artifact,
    "DescribeProvisioningArtifact": _describe_artifact,
    "ListProvisioningArtifacts": _list_artifacts,
    "ProvisionProduct": provisioning.provision,
    "UpdateProvisionedProduct": provisioning.update,
    "TerminateProvisionedProduct": provisioning.terminate,
    "DescribeRecord": _describe_record,
    "DescribeProvisionedProduct": _describe_provisioned,
}


def call(operation: str, parameters: Parameters) -> dict[str, Any]:
    """Run one operation.

    Raises:
        Refused: Service Catalog refuses the call, or the operation is not modelled.
    """
    if operation not in OPERATIONS:
        raise Refused("UnknownOperationException", f"{operation} is not modelled.")
    return OPERATIONS[operation](parameters)


handle_request = endpoint(call)
