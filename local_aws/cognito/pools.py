"""User pools: what an update resets, what a description holds, what is refused.

UpdateUserPool: "If you don't provide a value for an attribute, Amazon Cognito sets it
to its default value" (API reference). The library keeps what is omitted, which would
hide the one mistake that matters here. Everything is reset, also the few settings that
were seen to survive on AWS. Settings that the SDK does not know yet are kept, described
and reset like the others.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Set
from typing import Any

from ministack.services import cognito

from local_aws import settings
from local_aws.cognito.refusals import (
    Operation,
    Request,
    Response,
    body_of,
    invalid_parameter,
    member,
    succeeded,
)

FURTHER = "_further_settings"
SYSTEM_TAGS = "_system_tags"
RESERVED_TAG_PREFIX = "aws:"

# The temporary password's lifetime that PasswordPolicyType documents.
DEFAULT_TEMPORARY_PASSWORD_DAYS = 7

# What CreateUserPool documents as the value of an omitted setting; an empty value means
# that the pool then has no such setting.
DEFAULTS: dict[str, Any] = {
    "Policies": {
        "PasswordPolicy": {
            "MinimumLength": 8,
            "RequireUppercase": True,
            "RequireLowercase": True,
            "RequireNumbers": True,
            "RequireSymbols": True,
            "TemporaryPasswordValidityDays": DEFAULT_TEMPORARY_PASSWORD_DAYS,
        }
    },
    "DeletionProtection": "INACTIVE",
    "LambdaConfig": {},
    "AutoVerifiedAttributes": [],
    "SmsVerificationMessage": "",
    "EmailVerificationMessage": "",
    "EmailVerificationSubject": "",
    "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_CODE"},
    "SmsAuthenticationMessage": "",
    "UserAttributeUpdateSettings": {},
    "MfaConfiguration": "OFF",
    "DeviceConfiguration": {},
    "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
    "SmsConfiguration": {},
    "UserPoolTags": {},
    "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False},
    "UserPoolAddOns": {},
    "AccountRecoverySetting": {},
    "UserPoolTier": "ESSENTIALS",
}

# Members of the two requests that name or make the pool instead of setting it up.
_NOT_SETTINGS = frozenset(
    {
        "UserPoolId",
        "PoolName",
        "Schema",
        "AliasAttributes",
        "UsernameAttributes",
        "UsernameConfiguration",
    }
)

# Members that DescribeUserPool returns beside the settings (API reference,
# UserPoolType). The library also shows the pool's MFA factors, which belong to
# GetUserPoolMfaConfig.
_DESCRIBED = frozenset(DEFAULTS) | {
    "Id",
    "Name",
    "Status",
    "LastModifiedDate",
    "CreationDate",
    "SchemaAttributes",
    "AliasAttributes",
    "UsernameAttributes",
    "UsernameConfiguration",
    "EstimatedNumberOfUsers",
    "Domain",
    "CustomDomain",
    "Arn",
}


def pool_of(request: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the pool a request names, or None; the operation reports that."""
    pool: dict[str, Any] | None = cognito._user_pools.get(request.get("UserPoolId"))
    return pool


def resetting_update(original: Operation) -> Operation:
    """Wrap UpdateUserPool so that it sets what is omitted to its default."""

    def update_user_pool(request: Request) -> Response:
        response = original({**copy.deepcopy(DEFAULTS), **request})
        pool = pool_of(request)
        if pool is not None and succeeded(response):
            pool[FURTHER] = _further_settings(request)
            pool["Name"] = request.get("PoolName", pool["Name"])
        return response

    return update_user_pool


def completing_create(original: Operation) -> Operation:
    """Wrap CreateUserPool: documented defaults, and settings newer than the SDK."""

    def create_user_pool(request: Request) -> Response:
        response = original({**copy.deepcopy(DEFAULTS), **request})
        if not succeeded(response):
            return response
        pool = cognito._user_pools[body_of(response)["UserPool"]["Id"]]
        pool[FURTHER] = _further_settings(request)
        answer: Response = cognito.json_response({"UserPool": cognito._pool_out(pool)})
        return answer

    return create_user_pool


def _further_settings(request: Request) -> dict[str, Any]:
    return further_settings(request, _NOT_SETTINGS | DEFAULTS.keys())


def further_settings(request: Request, known: Set[str]) -> dict[str, Any]:
    """Return the settings of a request that the library has no place for."""
    return {
        name: value
        for name, value in request.items()
        if name not in known and value is not None
    }


def describing(original: Any) -> Any:
    """Wrap the description of a pool: only what AWS returns, nothing that is unset.

    The lifetime of a temporary password is shown in both its old and its new place, of
    which only the new one may be sent back.
    """

    def pool_out(pool: dict[str, Any]) -> dict[str, Any]:
        described = {
            name: copy.deepcopy(value)
            for name, value in original(pool).items()
            if name in _DESCRIBED and value not in (None, "", {}, [])
        }
        policy = described["Policies"].setdefault("PasswordPolicy", {})
        days = policy.get("TemporaryPasswordValidityDays") or (
            DEFAULT_TEMPORARY_PASSWORD_DAYS
        )
        policy["TemporaryPasswordValidityDays"] = days
        described.setdefault("AdminCreateUserConfig", {})[
            "UnusedAccountValidityDays"
        ] = days
        described.setdefault("LambdaConfig", {})
        described["UserPoolTags"] = tags_of(pool)
        return {**described, **pool.get(FURTHER, {})}

    return pool_out


def tags_of(pool: Mapping[str, Any]) -> dict[str, str]:
    """Return the pool's own tags and those that CloudFormation gave it."""
    system = pool.get(SYSTEM_TAGS, {}) if settings.current().system_tags else {}
    return {**pool.get("UserPoolTags", {}), **system}


def refuse_reserved_tags(request: Request) -> None:
    """Refuse tags whose key begins with `aws:`, as every tagging API does."""
    for key in {**request.get("UserPoolTags", {}), **request.get("Tags", {})}:
        if key.lower().startswith(RESERVED_TAG_PREFIX):
            raise invalid_parameter(
                f"Tag key {key} begins with aws:, which is reserved for system tags."
            )


def refuse_unused_account_days(request: Request) -> None:
    """Refuse the old lifetime of temporary passwords beside the new one.

    Real text: pulumi/pulumi-aws-native#1256 and the Terraform AWS provider's retry.
    """
    old = member(request, "AdminCreateUserConfig", "UnusedAccountValidityDays")
    new = member(request, "Policies", "PasswordPolicy", "TemporaryPasswordValidityDays")
    if old is not None and new is not None:
        raise invalid_parameter(
            "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of "
            "UnusedAccountValidityDays"
        )


def refuse_invitation_without_placeholders(request: Request) -> None:
    """Refuse an invitation that could not carry user name and temporary password.

    Developer guide, "Customizing user invitation messages"; the error is assumed.
    """
    template = member(request, "AdminCreateUserConfig", "InviteMessageTemplate") or {}
    for name in ("EmailMessage", "SMSMessage"):
        text = template.get(name)
        for placeholder in ("{username}", "{####}"):
            if text is not None and placeholder not in text:
                raise invalid_parameter(f"{name} must contain {placeholder}.")


def refuse_unverifiable_attributes(request: Request) -> None:
    """Refuse to verify attributes before an update that are not verified at all.

    Real text: ekristen/aws-nuke#477, whose update omitted AutoVerifiedAttributes. So
    the one setting is reset and the other counts although it is omitted.
    """
    pool = pool_of(request) or {}
    update_settings = request.get(
        "UserAttributeUpdateSettings", pool.get("UserAttributeUpdateSettings", {})
    )
    wanted = update_settings.get("AttributesRequireVerificationBeforeUpdate", [])
    if set(wanted) - set(request.get("AutoVerifiedAttributes", [])):
        raise invalid_parameter(
            "All attributes in AttributesRequireVerificationBeforeUpdate must exist in "
            "AutoVerifiedAttributes"
        )


def refuse_mfa_without_sms(request: Request) -> None:
    """Refuse CreateUserPool with MFA but no SMS: other factors come afterwards.

    API reference, CreateUserPool: "SMS MFA is the only factor" it takes. Only for the
    endpoint: CloudFormation makes pool and factors in one resource.
    """
    if request.get("MfaConfiguration", "OFF") != "OFF" and not request.get(
        "SmsConfiguration"
    ):
        raise no_factor()


def refuse_mfa_without_factor(request: Request) -> None:
    """Refuse an update that demands MFA of a pool that has no factor for it."""
    pool = pool_of(request)
    if pool is None or request.get("MfaConfiguration", "OFF") == "OFF":
        return
    if not request.get("SmsConfiguration") and not has_factor(pool):
        raise no_factor()


def refuse_factors_against_mode(request: Request) -> None:
    """Refuse SetUserPoolMfaConfig whose mode and factors contradict each other."""
    mode = request.get("MfaConfiguration")
    if mode is None:
        return
    pool = {**(pool_of(request) or {}), **request}
    if mode != "OFF" and not has_factor(pool):
        raise no_factor()
    if mode == "OFF" and has_factor(request):
        # Real text: Terraform AWS provider, user_pool.go.
        raise invalid_parameter(
            "Invalid MFA configuration given, can't turn off MFA and configure an MFA "
            "together."
        )


def has_factor(pool: Mapping[str, Any]) -> bool:
    """Tell whether a pool has a factor besides the password."""
    return bool(
        member(pool, "SoftwareTokenMfaConfiguration", "Enabled")
        or pool.get("SmsMfaConfiguration")
        or pool.get("EmailMfaConfiguration")
    )


def no_factor() -> Exception:
    """Return the error for MFA without a factor (real text: go-to-k/cdkd#1920)."""
    return invalid_parameter(
        "Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA "
        "must be enabled."
    )


def refuse_deletion(request: Request) -> None:
    """Refuse to delete a protected pool and one that still has a domain.

    Real texts: localstack/localstack#11947, hashicorp/terraform-provider-aws#16479.
    """
    pool = pool_of(request)
    if pool is None:
        return
    if pool.get("DeletionProtection") == "ACTIVE":
        raise invalid_parameter(
            "The user pool cannot be deleted because deletion protection is "
            "activated. Deletion protection must be inactivated first."
        )
    if pool.get("Domain") or pool.get("CustomDomain"):
        raise invalid_parameter(
            "User pool cannot be deleted. It has a domain configured that should be "
            "deleted first."
        )


def listing_system_tags(original: Operation) -> Operation:
    """Wrap ListTagsForResource so that it shows CloudFormation's tags too."""

    def list_tags(request: Request) -> Response:
        response = original(request)
        if not succeeded(response):
            return response
        pool_id = request["ResourceArn"].rpartition("/")[2]
        answer: Response = cognito.json_response(
            {"Tags": tags_of(cognito._user_pools[pool_id])}
        )
        return answer

    return list_tags
