"""Resource types of Amazon Cognito that the library lacks.

Properties are named like the members of the operations, so they are handed on as they
are. Physical ids: what the type's page in the CloudFormation template reference says
that Ref returns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from local_aws.cloudformation.service_calls import call, call_ignoring_absence

Properties = Mapping[str, Any]
Made = tuple[str, dict[str, str]]
Handler = dict[str, Any]


def _pick(properties: Properties, *names: str) -> dict[str, Any]:
    return {name: properties[name] for name in names if name in properties}


def create_branding(logical_id: str, properties: Properties, stack_name: str) -> Made:
    """Create a managed login branding."""
    answer = call("cognito", "CreateManagedLoginBranding", properties)
    branding_id = answer["ManagedLoginBranding"]["ManagedLoginBrandingId"]
    return _branding(properties, branding_id)


def _branding(properties: Properties, branding_id: str) -> Made:
    physical_id = f"{properties['UserPoolId']}|{branding_id}"
    return physical_id, {"ManagedLoginBrandingId": branding_id}


def update_branding(
    physical_id: str, old: Properties, new: Properties, stack_name: str
) -> Made:
    """Update a managed login branding."""
    pool_id, branding_id = physical_id.split("|")
    call(
        "cognito",
        "UpdateManagedLoginBranding",
        {
            **_pick(new, "UseCognitoProvidedValues", "Settings", "Assets"),
            "UserPoolId": pool_id,
            "ManagedLoginBrandingId": branding_id,
        },
    )
    return _branding(new, branding_id)


def delete_branding(physical_id: str, properties: Properties) -> None:
    """Delete a managed login branding."""
    pool_id, branding_id = physical_id.split("|")
    call_ignoring_absence(
        "cognito",
        "DeleteManagedLoginBranding",
        {"UserPoolId": pool_id, "ManagedLoginBrandingId": branding_id},
    )


def create_user(logical_id: str, properties: Properties, stack_name: str) -> Made:
    """Create a user as an administrator does, with an invitation."""
    answer = call("cognito", "AdminCreateUser", properties)
    return answer["User"]["Username"], {}


def delete_user(physical_id: str, properties: Properties) -> None:
    """Delete a user."""
    call_ignoring_absence(
        "cognito",
        "AdminDeleteUser",
        {"UserPoolId": properties["UserPoolId"], "Username": physical_id},
    )


def create_membership(logical_id: str, properties: Properties, stack_name: str) -> Made:
    """Add a user to a group."""
    call("cognito", "AdminAddUserToGroup", properties)
    members = ("UserPoolId", "GroupName", "Username")
    return "|".join(str(properties[name]) for name in members), {}


def delete_membership(physical_id: str, properties: Properties) -> None:
    """Remove a user from a group."""
    call_ignoring_absence(
        "cognito",
        "AdminRemoveUserFromGroup",
        _pick(properties, "UserPoolId", "GroupName", "Username"),
    )


def create_provider(logical_id: str, properties: Properties, stack_name: str) -> Made:
    """Create an identity provider."""
    call("cognito", "CreateIdentityProvider", properties)
    return str(properties["ProviderName"]), {}


def update_provider(
    physical_id: str, old: Properties, new: Properties, stack_name: str
) -> Made:
    """Update an identity provider."""
    members = ("UserPoolId", "ProviderName", "ProviderDetails")
    optional = ("AttributeMapping", "IdpIdentifiers")
    call("cognito", "UpdateIdentityProvider", _pick(new, *members, *optional))
    return physical_id, {}


def delete_provider(physical_id: str, properties: Properties) -> None:
    """Delete an identity provider."""
    call_ignoring_absence(
        "cognito",
        "DeleteIdentityProvider",
        {"UserPoolId": properties["UserPoolId"], "ProviderName": physical_id},
    )


def setting(
    operation: str,
    identifier: Callable[[Properties], str],
    without: Callable[[Properties], dict[str, Any]],
    attribute: str = "",
) -> Handler:
    """Return the handler of a type that is one Set operation.

    `without` returns the parameters that take the setting away again.
    """

    def made(properties: Properties) -> Made:
        call("cognito", operation, properties)
        physical_id = identifier(properties)
        return physical_id, {attribute: physical_id} if attribute else {}

    def create(logical_id: str, properties: Properties, stack_name: str) -> Made:
        return made(properties)

    def update(
        physical_id: str, old: Properties, new: Properties, stack_name: str
    ) -> Made:
        return made(new)

    def delete(physical_id: str, properties: Properties) -> None:
        call_ignoring_absence("cognito", operation, without(properties))

    return {"create": create, "update": update, "delete": delete}


def _of_client(properties: Properties) -> str:
    return f"{properties['UserPoolId']}|{properties['ClientId']}"


HANDLERS: dict[str, Handler] = {
    "AWS::Cognito::ManagedLoginBranding": {
        "create": create_branding,
        "update": update_branding,
        "delete": delete_branding,
    },
    "AWS::Cognito::UserPoolUser": {"create": create_user, "delete": delete_user},
    "AWS::Cognito::UserPoolUserToGroupAttachment": {
        "create": create_membership,
        "delete": delete_membership,
    },
    "AWS::Cognito::UserPoolIdentityProvider": {
        "create": create_provider,
        "update": update_provider,
        "delete": delete_provider,
    },
    "AWS::Cognito::LogDeliveryConfiguration": setting(
        "SetLogDeliveryConfiguration",
        lambda properties: f"LogDeliveryConfiguration-{properties['UserPoolId']}",
        lambda properties: {
            **_pick(properties, "UserPoolId"),
            "LogConfigurations": [],
        },
        attribute="Id",
    ),
    "AWS::Cognito::UserPoolUICustomizationAttachment": setting(
        "SetUICustomization",
        _of_client,
        lambda properties: _pick(properties, "UserPoolId", "ClientId"),
    ),
    "AWS::Cognito::UserPoolRiskConfigurationAttachment": setting(
        "SetRiskConfiguration",
        _of_client,
        lambda properties: _pick(properties, "UserPoolId", "ClientId"),
    ),
}
