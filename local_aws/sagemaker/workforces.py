"""Private workforces: one per account and Region, made and removed asynchronously.

CreateWorkforce answers at once with the ARN only; status, portal host and the edit of
the app client follow. Source: API reference (CreateWorkforce, DescribeWorkforce,
UpdateWorkforce, DeleteWorkforce, ListWorkforces) and the error texts that the Terraform
AWS provider matches.
"""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import Mapping
from typing import Any

from local_aws import settings
from local_aws.sagemaker import app_client, network, permissions, state
from local_aws.sagemaker.errors import SageMakerError, validation_error
from local_aws.sagemaker.pages import page
from local_aws.sagemaker.state import Workforce

_SUB_DOMAIN_LETTERS = string.ascii_lowercase + string.digits
_VENDOR_ACCOUNT = "394669845002"


def create(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Begin to make the workforce; the answer holds its ARN and nothing else."""
    account, region = state.scope()
    name = parameters["WorkforceName"]
    cognito = _cognito_config(parameters)
    arn = f"arn:aws:sagemaker:{region}:{account}:workforce/{name}"
    vpc_config = _vpc_config(parameters)
    permissions.demand(
        "CreateWorkforce",
        permissions.Subject(
            account, region, arn, (cognito["UserPool"],), vpc_config or {}
        ),
    )
    if state.workforces_here():
        # Real text: hashicorp/terraform-provider-aws#20472.
        raise validation_error(
            f"Cannot create more than one workforce for account {account}. If you are "
            "trying to update existing workforce, please use UpdateWorkforce API"
        )
    app_client.check_sign_in(cognito["UserPool"], cognito["ClientId"])
    source_ip_config = parameters.get("SourceIpConfig")
    now = time.time()
    workforce = Workforce(
        account=account,
        region=region,
        name=name,
        arn=arn,
        user_pool_id=cognito["UserPool"],
        client_id=cognito["ClientId"],
        created_at=now,
        updated_at=now,
        sub_domain=_new_sub_domain(region),
        outcome=settings.current().workforce_outcome,
        source_ip_config=source_ip_config
        and network.checked_source_ip_config(source_ip_config),
        vpc_config=vpc_config,
        ip_address_type=parameters.get("IpAddressType", "ipv4"),
        tags=list(parameters.get("Tags", [])),
    )
    state.workforces[account, region, name] = workforce
    state.change_status(
        workforce,
        state.INITIALIZING,
        settings.current().workforce_initializing_seconds,
    )
    return {"WorkforceArn": arn}


def _cognito_config(parameters: Mapping[str, Any]) -> dict[str, str]:
    if "OidcConfig" in parameters and "CognitoConfig" in parameters:
        raise validation_error("Use either CognitoConfig or OidcConfig, not both.")
    if "OidcConfig" in parameters:
        raise validation_error(
            "The embedded AWS makes workforces with CognitoConfig only."
        )
    if "CognitoConfig" not in parameters:
        raise validation_error("CognitoConfig or OidcConfig is required.")
    return dict(parameters["CognitoConfig"])


def _vpc_config(parameters: Mapping[str, Any]) -> dict[str, Any] | None:
    config = parameters.get("WorkforceVpcConfig")
    return network.checked_vpc_config(config) if config else None


def _new_sub_domain(region: str) -> str:
    label = "".join(secrets.choice(_SUB_DOMAIN_LETTERS) for _ in range(10))
    return f"{label}.labeling.{region}.sagemaker.aws"


def find(name: str) -> Workforce:
    """Return a workforce by its name.

    Raises:
        SageMakerError: there is none: a ValidationException whose message contains
            "No workforce" (Terraform AWS provider, workforce.go).
    """
    account, region = state.scope()
    workforce = state.workforces.get((account, region, name))
    if workforce is None:
        raise validation_error(
            f"No workforce found with name {name} for account {account}."
        )
    return workforce


def describe(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the workforce as it is now."""
    workforce = find(parameters["WorkforceName"])
    permissions.demand("DescribeWorkforce", _subject(workforce))
    return {"Workforce": _shape(workforce)}


def update(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Change source addresses, VPC or address type; everything else is immutable."""
    workforce = find(parameters["WorkforceName"])
    if "OidcConfig" in parameters:
        raise validation_error(
            "OidcConfig cannot be given to a workforce that has a CognitoConfig."
        )
    vpc_config = _vpc_config(parameters)
    permissions.demand(
        "UpdateWorkforce",
        _subject(workforce, vpc_config or workforce.vpc_config)
        if "WorkforceVpcConfig" in parameters
        else _subject(workforce, {}),
    )
    if workforce.status != state.ACTIVE:
        raise SageMakerError(
            "ConflictException",
            f"Workforce {workforce.name} is {workforce.status}; only an Active "
            "workforce can be updated.",
        )
    if "SourceIpConfig" in parameters:
        workforce.source_ip_config = network.checked_source_ip_config(
            parameters["SourceIpConfig"]
        )
    if "WorkforceVpcConfig" in parameters:
        workforce.vpc_config = vpc_config
    workforce.ip_address_type = parameters.get(
        "IpAddressType", workforce.ip_address_type
    )
    workforce.updated_at = time.time()
    state.change_status(
        workforce, state.UPDATING, settings.current().workforce_updating_seconds
    )
    return {"Workforce": _shape(workforce)}


def delete(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Begin to remove the workforce; it must be Active or Failed and have no teams.

    Source: developer guide, "Managing a workforce in a VPC" (status) and API reference,
    DeleteWorkforce ("If you try to delete a workforce that contains one or more work
    teams, you receive a ResourceInUse error").
    """
    workforce = find(parameters["WorkforceName"])
    permissions.demand("DeleteWorkforce", _subject(workforce))
    if workforce.status not in (state.ACTIVE, state.FAILED):
        raise validation_error(
            f"Workforce {workforce.name} is {workforce.status}; only an Active or "
            "Failed workforce can be deleted."
        )
    teams = [
        workteam.name
        for workteam in state.workteams_here()
        if workteam.workforce_name == workforce.name
    ]
    if teams:
        raise SageMakerError(
            "ResourceInUse",
            f"Workforce {workforce.name} still has work teams: {', '.join(teams)}.",
        )
    state.change_status(
        workforce, state.DELETING, settings.current().workforce_deleting_seconds
    )
    return {}


def list_all(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return private and vendor workforces of this Region, a page at a time."""
    account, region = state.scope()
    permissions.demand("ListWorkforces", permissions.Subject(account, region, "*"))
    shapes = [_shape(workforce) for workforce in state.workforces_here()]
    shapes += [
        _vendor_shape(region, number)
        for number in range(1, settings.current().vendor_workforces + 1)
    ]
    return page(shapes, parameters, members="Workforces", name="WorkforceName")


def _subject(
    workforce: Workforce, vpc_config: Mapping[str, Any] | None = None
) -> permissions.Subject:
    config = workforce.vpc_config if vpc_config is None else vpc_config
    return permissions.Subject(
        workforce.account,
        workforce.region,
        workforce.arn,
        (workforce.user_pool_id,),
        config or {},
    )


def _shape(workforce: Workforce) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "WorkforceName": workforce.name,
        "WorkforceArn": workforce.arn,
        "CreateDate": workforce.created_at,
        "LastUpdatedDate": workforce.updated_at,
        "CognitoConfig": {
            "UserPool": workforce.user_pool_id,
            "ClientId": workforce.client_id,
        },
        "Status": workforce.status,
        "IpAddressType": workforce.ip_address_type,
    }
    if workforce.has_portal:
        shape["SubDomain"] = workforce.sub_domain
    if workforce.failure_reason:
        shape["FailureReason"] = workforce.failure_reason
    if workforce.source_ip_config:
        shape["SourceIpConfig"] = workforce.source_ip_config
    if workforce.vpc_config:
        shape["WorkforceVpcConfig"] = workforce.vpc_config
    return shape


def _vendor_shape(region: str, number: int) -> dict[str, Any]:
    name = f"vendor-{number}"
    arn = f"arn:aws:sagemaker:{region}:{_VENDOR_ACCOUNT}:workforce/{name}"
    return {
        "WorkforceName": name,
        "WorkforceArn": arn,
        "CreateDate": 0.0,
        "LastUpdatedDate": 0.0,
        "Status": state.ACTIVE,
    }
