"""User pools: updates reset, descriptions can be sent back, nonsense is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.awsrequest import AWSRequest

from tests.embedded.prepared import ACCOUNT, client, refusal, until, user_pool

INVITATION = {
    "EmailMessage": "Hello {username}, your password is {####}",
    "EmailSubject": "Welcome",
    "SMSMessage": "{username} {####}",
}
SETTINGS: dict[str, Any] = {
    "Policies": {
        "PasswordPolicy": {"MinimumLength": 14, "TemporaryPasswordValidityDays": 3}
    },
    "DeletionProtection": "ACTIVE",
    "AutoVerifiedAttributes": ["email"],
    "EmailConfiguration": {
        "EmailSendingAccount": "DEVELOPER",
        "SourceArn": f"arn:aws:ses:us-east-1:{ACCOUNT}:identity/a@example.com",
    },
    "UserPoolTags": {"team": "labeling"},
    "AdminCreateUserConfig": {
        "AllowAdminCreateUserOnly": True,
        "InviteMessageTemplate": INVITATION,
    },
    "AccountRecoverySetting": {
        "RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]
    },
    "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_LINK"},
    "UserAttributeUpdateSettings": {
        "AttributesRequireVerificationBeforeUpdate": ["email"]
    },
    "DeviceConfiguration": {"ChallengeRequiredOnNewDevice": True},
    "UserPoolTier": "LITE",
    "KeyConfiguration": {"KeyType": "AWS_OWNED_KEY"},
}
READ_ONLY = {
    "Id",
    "Name",
    "Arn",
    "Status",
    "CreationDate",
    "LastModifiedDate",
    "SchemaAttributes",
    "UsernameAttributes",
    "AliasAttributes",
    "UsernameConfiguration",
    "EstimatedNumberOfUsers",
    "Domain",
    "CustomDomain",
}


def described(cognito: Any, user_pool_id: str) -> dict[str, Any]:
    pool = cognito.describe_user_pool(UserPoolId=user_pool_id)["UserPool"]
    del pool["LastModifiedDate"]
    return dict(pool)


def raw(aws: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """Send a signed JSON request that the SDK's model knows nothing of."""
    signer = client(aws, "cognito-idp")._request_signer
    sent = AWSRequest(
        "POST",
        aws.endpoint + "/",
        headers={
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
            "Content-Type": "application/x-amz-json-1.1",
        },
        data=json.dumps(request),
    )
    signer.sign(operation, sent)
    answer = client(aws, "cognito-idp")._endpoint.http_session.send(sent.prepare())
    return {"status": answer.status_code, **json.loads(answer.content or b"{}")}


def echo(pool: dict[str, Any]) -> dict[str, Any]:
    """Return what an update that keeps everything sends."""
    request = {name: value for name, value in pool.items() if name not in READ_ONLY}
    del request["AdminCreateUserConfig"]["UnusedAccountValidityDays"]
    return request


@pytest.mark.parametrize("setting", sorted(SETTINGS))
def test_an_update_resets_what_it_omits(cognito: Any, setting: str) -> None:
    fresh = described(cognito, user_pool(cognito))
    verified = {"AutoVerifiedAttributes": ["email"]}
    needed = verified if setting == "UserAttributeUpdateSettings" else {}
    user_pool_id = user_pool(cognito, **{setting: SETTINGS[setting]}, **needed)
    changed = described(cognito, user_pool_id)
    assert changed.get(setting) != fresh.get(setting)
    cognito.update_user_pool(UserPoolId=user_pool_id, **needed)
    assert described(cognito, user_pool_id).get(setting) == fresh.get(setting)


def test_an_update_cannot_forget_attributes_that_need_verification(
    cognito: Any,
) -> None:
    names = ("AutoVerifiedAttributes", "UserAttributeUpdateSettings")
    user_pool_id = user_pool(cognito, **{name: SETTINGS[name] for name in names})
    assert refusal(cognito.update_user_pool, UserPoolId=user_pool_id) == (
        "InvalidParameterException",
        "All attributes in AttributesRequireVerificationBeforeUpdate must exist in "
        "AutoVerifiedAttributes",
    )


def test_an_update_with_everything_that_was_described_changes_nothing(
    cognito: Any,
) -> None:
    user_pool_id = user_pool(cognito, **SETTINGS)
    before = described(cognito, user_pool_id)
    cognito.update_user_pool(UserPoolId=user_pool_id, **echo(described_copy(before)))
    assert described(cognito, user_pool_id) == before


def described_copy(pool: dict[str, Any]) -> dict[str, Any]:
    return {**pool, "AdminCreateUserConfig": dict(pool["AdminCreateUserConfig"])}


def test_nothing_that_is_described_is_empty_text(cognito: Any) -> None:
    pool = described(cognito, user_pool(cognito))
    assert [name for name, value in pool.items() if value in ("", None)] == []


def test_factors_are_not_part_of_the_description(aws: Any, cognito: Any) -> None:
    user_pool_id = user_pool(cognito)
    cognito.set_user_pool_mfa_config(
        UserPoolId=user_pool_id,
        SoftwareTokenMfaConfiguration={"Enabled": True},
        MfaConfiguration="ON",
    )
    pool = raw(aws, "DescribeUserPool", {"UserPoolId": user_pool_id})
    assert pool["UserPool"]["MfaConfiguration"] == "ON"
    assert "SoftwareTokenMfaConfiguration" not in pool["UserPool"]


def test_a_pool_can_be_renamed_and_keeps_its_name_otherwise(cognito: Any) -> None:
    user_pool_id = user_pool(cognito)
    cognito.update_user_pool(UserPoolId=user_pool_id, PoolName="renamed")
    cognito.update_user_pool(UserPoolId=user_pool_id)
    assert described(cognito, user_pool_id)["Name"] == "renamed"


def test_a_setting_newer_than_the_sdk_is_kept_and_reset_like_the_others(
    aws: Any, cognito: Any
) -> None:
    aws.control.set(future_member_names=["Telepathy"])
    made = raw(
        aws, "CreateUserPool", {"PoolName": "p", "Telepathy": {"Distance": "far"}}
    )
    pool = made["UserPool"]
    assert pool["Telepathy"] == {"Distance": "far"}
    named = {"UserPoolId": pool["Id"]}
    raw(aws, "UpdateUserPool", {**named, "Telepathy": {"Distance": "near"}})
    after = raw(aws, "DescribeUserPool", named)["UserPool"]
    assert after["Telepathy"] == {"Distance": "near"}
    cognito.update_user_pool(**named)
    assert "Telepathy" not in raw(aws, "DescribeUserPool", named)["UserPool"]


@pytest.mark.parametrize("name", ["Telepathy", "Id", "Arn", "CreationDate", "Domain"])
def test_unknown_and_read_only_members_are_refused(
    aws: Any, cognito: Any, name: str
) -> None:
    answer = raw(
        aws, "UpdateUserPool", {"UserPoolId": user_pool(cognito), name: "value"}
    )
    assert answer["status"] == 400
    assert answer["__type"] == "InvalidParameterException"
    assert name in answer["message"]


def test_the_old_password_lifetime_is_described_but_refused_beside_the_new_one(
    cognito: Any,
) -> None:
    user_pool_id = user_pool(cognito, Policies=SETTINGS["Policies"])
    pool = described(cognito, user_pool_id)
    assert pool["AdminCreateUserConfig"]["UnusedAccountValidityDays"] == 3
    assert refusal(
        cognito.update_user_pool,
        UserPoolId=user_pool_id,
        Policies=pool["Policies"],
        AdminCreateUserConfig=pool["AdminCreateUserConfig"],
    ) == (
        "InvalidParameterException",
        "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of "
        "UnusedAccountValidityDays",
    )


@pytest.mark.parametrize("member", ["EmailMessage", "SMSMessage"])
@pytest.mark.parametrize("placeholder", ["{username}", "{####}"])
@pytest.mark.parametrize("operation", ["create", "update"])
def test_an_invitation_needs_both_placeholders(
    cognito: Any, member: str, placeholder: str, operation: str
) -> None:
    text = INVITATION[member].replace(placeholder, "nothing")
    config = {"InviteMessageTemplate": {**INVITATION, member: text}}
    named = (
        {"PoolName": "p"}
        if operation == "create"
        else {"UserPoolId": user_pool(cognito)}
    )
    code, message = refusal(
        getattr(cognito, f"{operation}_user_pool"),
        AdminCreateUserConfig=config,
        **named,
    )
    assert code == "InvalidParameterException"
    assert placeholder in message


def test_mfa_needs_a_factor(cognito: Any) -> None:
    text = (
        "Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA "
        "must be enabled."
    )
    wanted = ("InvalidParameterException", text)
    user_pool_id = user_pool(cognito)
    update = {"UserPoolId": user_pool_id, "MfaConfiguration": "ON"}
    assert refusal(cognito.create_user_pool, PoolName="p", MfaConfiguration="ON") == (
        wanted
    )
    assert refusal(cognito.update_user_pool, **update) == wanted
    assert refusal(cognito.set_user_pool_mfa_config, **update) == wanted
    cognito.set_user_pool_mfa_config(
        SoftwareTokenMfaConfiguration={"Enabled": True}, **update
    )
    cognito.update_user_pool(**update)
    assert described(cognito, user_pool_id)["MfaConfiguration"] == "ON"


def test_mfa_cannot_be_off_and_have_a_factor(cognito: Any) -> None:
    code, message = refusal(
        cognito.set_user_pool_mfa_config,
        UserPoolId=user_pool(cognito),
        SoftwareTokenMfaConfiguration={"Enabled": True},
        MfaConfiguration="OFF",
    )
    assert message.startswith("Invalid MFA configuration given, can't turn off MFA")


def test_a_protected_pool_is_not_deleted(cognito: Any) -> None:
    user_pool_id = user_pool(cognito, DeletionProtection="ACTIVE")
    assert refusal(cognito.delete_user_pool, UserPoolId=user_pool_id) == (
        "InvalidParameterException",
        "The user pool cannot be deleted because deletion protection is activated. "
        "Deletion protection must be inactivated first.",
    )
    cognito.update_user_pool(UserPoolId=user_pool_id, DeletionProtection="INACTIVE")
    cognito.delete_user_pool(UserPoolId=user_pool_id)


def test_a_pool_with_a_domain_is_not_deleted(cognito: Any) -> None:
    user_pool_id = user_pool(cognito)
    cognito.create_user_pool_domain(UserPoolId=user_pool_id, Domain="workers")
    assert refusal(cognito.delete_user_pool, UserPoolId=user_pool_id) == (
        "InvalidParameterException",
        "User pool cannot be deleted. It has a domain configured that should be "
        "deleted first.",
    )
    cognito.delete_user_pool_domain(UserPoolId=user_pool_id, Domain="workers")
    cognito.delete_user_pool(UserPoolId=user_pool_id)


@pytest.mark.parametrize("word", ["aws", "amazon", "cognito"])
def test_a_domain_cannot_contain_a_reserved_word(cognito: Any, word: str) -> None:
    assert refusal(
        cognito.create_user_pool_domain,
        UserPoolId=user_pool(cognito),
        Domain=f"x{word}x",
    ) == (
        "InvalidParameterException",
        f"Domain cannot contain reserved word: {word}",
    )


@pytest.mark.parametrize("domain", ["Workers", "my_workers", "-workers", "workers-"])
def test_a_malformed_domain_is_refused(cognito: Any, domain: str) -> None:
    code, _ = refusal(
        cognito.create_user_pool_domain, UserPoolId=user_pool(cognito), Domain=domain
    )
    assert code == "InvalidParameterException"


def test_a_domain_exists_once_in_a_region_over_all_accounts(
    aws: Any, cognito: Any
) -> None:
    cognito.create_user_pool_domain(UserPoolId=user_pool(cognito), Domain="workers")
    stranger = client(aws, "cognito-idp", account="222222222222")
    code, message = refusal(
        stranger.create_user_pool_domain,
        UserPoolId=user_pool(stranger),
        Domain="workers",
    )
    assert message == "Domain already associated with another user pool."


def test_managed_login_is_not_for_the_lite_tier(cognito: Any) -> None:
    code, _ = refusal(
        cognito.create_user_pool_domain,
        UserPoolId=user_pool(cognito, UserPoolTier="LITE"),
        Domain="workers",
        ManagedLoginVersion=2,
    )
    assert code == "FeatureUnavailableInTierException"


STACK = json.dumps(
    {
        "Resources": {
            "UserPool": {
                "Type": "AWS::Cognito::UserPool",
                "Properties": {"UserPoolTags": {"team": "labeling"}},
            }
        },
        "Outputs": {"Id": {"Value": {"Ref": "UserPool"}}},
    }
)


def stack_pool(aws: Any, template: str = STACK) -> str:
    cloudformation = client(aws, "cloudformation")
    cloudformation.create_stack(StackName="s", TemplateBody=template)
    cloudformation.get_waiter("stack_create_complete").wait(StackName="s")
    stack = cloudformation.describe_stacks(StackName="s")["Stacks"][0]
    return str(stack["Outputs"][0]["OutputValue"])


def test_a_pool_of_a_stack_has_system_tags_that_cannot_be_sent_back(
    aws: Any, cognito: Any
) -> None:
    user_pool_id = stack_pool(aws)
    tags = described(cognito, user_pool_id)["UserPoolTags"]
    assert tags["aws:cloudformation:stack-name"] == "s"
    assert tags["aws:cloudformation:logical-id"] == "UserPool"
    assert ":stack/s/" in tags["aws:cloudformation:stack-id"]
    code, message = refusal(
        cognito.update_user_pool, UserPoolId=user_pool_id, UserPoolTags=tags
    )
    assert code == "InvalidParameterException"
    assert "aws:" in message
    cognito.update_user_pool(UserPoolId=user_pool_id, UserPoolTags={"new": "tag"})
    after = described(cognito, user_pool_id)["UserPoolTags"]
    assert {**tags, "new": "tag"} == {"team": "labeling", **after}


def test_system_tags_are_listed_and_can_be_switched_off(aws: Any, cognito: Any) -> None:
    user_pool_id = stack_pool(aws)
    arn = described(cognito, user_pool_id)["Arn"]
    listed = cognito.list_tags_for_resource(ResourceArn=arn)["Tags"]
    assert "aws:cloudformation:stack-id" in listed
    aws.control.set(system_tags=False)
    assert described(cognito, user_pool_id)["UserPoolTags"] == {"team": "labeling"}


def test_reserved_tags_are_refused_when_tagging(cognito: Any) -> None:
    arn = described(cognito, user_pool(cognito))["Arn"]
    code, _ = refusal(cognito.tag_resource, ResourceArn=arn, Tags={"aws:mine": "value"})
    assert code == "InvalidParameterException"


def test_a_stack_cannot_delete_a_protected_pool(aws: Any, cognito: Any) -> None:
    user_pool_id = stack_pool(aws)
    cognito.update_user_pool(UserPoolId=user_pool_id, DeletionProtection="ACTIVE")
    cloudformation = client(aws, "cloudformation")
    cloudformation.delete_stack(StackName="s")
    events = failed_events(cloudformation)
    assert "deletion protection is activated" in events
    assert described(cognito, user_pool_id)


def failed_events(cloudformation: Any) -> str:
    def stack() -> Any:
        return cloudformation.describe_stacks(StackName="s")["Stacks"][0]

    until(stack, lambda found: not found["StackStatus"].endswith("IN_PROGRESS"))
    events = cloudformation.describe_stack_events(StackName="s")["StackEvents"]
    return " ".join(event.get("ResourceStatusReason", "") for event in events)


def test_a_stack_cannot_demand_mfa_without_a_factor(aws: Any, cognito: Any) -> None:
    template = json.loads(STACK)
    pool = template["Resources"]["UserPool"]["Properties"]
    pool["MfaConfiguration"] = "ON"
    cloudformation = client(aws, "cloudformation")
    cloudformation.create_stack(StackName="s", TemplateBody=json.dumps(template))
    assert "Invalid MFA Configuration given" in failed_events(cloudformation)
    assert cognito.list_user_pools(MaxResults=10)["UserPools"] == []


def test_a_stack_may_demand_mfa_with_an_authenticator_app(
    aws: Any, cognito: Any
) -> None:
    template = json.loads(STACK)
    template["Resources"]["UserPool"]["Properties"].update(
        MfaConfiguration="ON", EnabledMfas=["SOFTWARE_TOKEN_MFA"]
    )
    user_pool_id = stack_pool(aws, json.dumps(template))
    assert described(cognito, user_pool_id)["MfaConfiguration"] == "ON"
