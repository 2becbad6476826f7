"""Which permissions CloudFormation needs of the deployer for a resource.

The registry schema of a type lists the permissions of its handlers (CloudFormation CLI
User Guide, "Resource type schema"). All of them are demanded before a handler runs,
those of `read` with `create` and `update`, except what belongs to a property that the
resource does not have: that is said here, type by type, and of a type that is not named
here everything is demanded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from local_aws.cloudformation.custom_resources import is_custom
from local_aws.registry_schemas import schema_of

Properties = Mapping[str, Any]
Applies = Callable[[Properties, Properties], bool]
"""Whether a permission is needed, given the new and the old properties."""

_HANDLERS = {
    "create": ("create", "read"),
    "update": ("update", "read"),
    "delete": ("delete",),
}

#: Listed, but names of no IAM action, so that no policy could be about them.
_NO_IAM_ACTIONS = frozenset({"s3:REST.PUT.OBJECT", "iam:DescribeOrganization"})


def demanded(
    resource_type: str, handler: str, new: Properties, old: Properties
) -> list[str]:
    """Return the actions that a handler needs for a resource, each once.

    Args:
        resource_type: the type of the resource.
        handler: create, update or delete.
        new: the properties that the resource is to have (on delete: has).
        old: the properties that it had before an update.
    """
    if is_custom(resource_type):
        # The function is invoked with the credentials of the stack.
        return ["lambda:InvokeFunction"]
    listed = dict.fromkeys(_listed(resource_type, handler))
    conditions = _ONLY_FOR.get(resource_type, ())
    return [
        action
        for action in listed
        if action not in _NO_IAM_ACTIONS
        and all(
            applies(new, old)
            for pattern, applies in conditions
            if fnmatchcase(action, pattern)
        )
    ]


def _listed(resource_type: str, handler: str) -> Iterator[str]:
    handlers = (schema_of(resource_type) or {}).get("handlers", {})
    for name in _HANDLERS[handler]:
        yield from handlers.get(name, {}).get("permissions", [])


def _given(*path: str) -> Applies:
    """Say that a permission belongs to a property, which may be a nested one."""

    def applies(new: Properties, old: Properties) -> bool:
        return bool(_value(new, path) or _value(old, path))

    return applies


def _value(properties: Properties, path: tuple[str, ...]) -> Any:
    value: Any = properties
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _equal(wanted: str, *path: str) -> Applies:
    return lambda new, old: _value(new, path) == wanted


def _never(new: Properties, old: Properties) -> bool:
    """Say that what the action is about is no resource of this type."""
    return False


def _mentions(service: str, *path: str) -> Applies:
    """Say that a permission belongs to ARNs of a service in a property."""

    def applies(new: Properties, old: Properties) -> bool:
        return f":{service}:" in str((_value(new, path), _value(old, path)))

    return applies


def _removed(name: str) -> Applies:
    return lambda new, old: bool(old.get(name)) and not new.get(name)


def _changed_to_something(name: str) -> Applies:
    return lambda new, old: bool(new.get(name)) and new.get(name) != old.get(name)


def _any_role(new: Properties, old: Properties) -> bool:
    targets = [*new.get("Targets", []), *old.get("Targets", [])]
    holders = [new, old, *targets]
    return any(holder.get("RoleArn") for holder in holders)


_LOG_DESTINATIONS = ("LogConfigurations",)
_OF_OTHER_PROTECTED_RESOURCES = (
    ("elasticloadbalancing:*", "elasticloadbalancing"),
    ("apigateway:*", "apigateway"),
    ("appsync:*", "appsync"),
    ("apprunner:*", "apprunner"),
    ("ec2:*", "ec2"),
    ("amplify:*", "amplify"),
    ("bedrock-agentcore:*", "bedrock-agentcore"),
    ("cognito-idp:*", "cognito-idp"),
)

_ONLY_FOR: dict[str, tuple[tuple[str, Applies], ...]] = {
    "AWS::CloudFormation::Stack": (
        ("iam:PassRole", _never),
        ("cloudformation:*StackPolicy", _given("StackPolicyBody")),
        (
            "cloudformation:UpdateTerminationProtection",
            _given("EnableTerminationProtection"),
        ),
    ),
    "AWS::Cognito::UserPool": (
        ("kms:*", _given("LambdaConfig", "KMSKeyID")),
        ("iam:PassRole", _given("SmsConfiguration")),
        (
            "iam:CreateServiceLinkedRole",
            _equal("DEVELOPER", "EmailConfiguration", "EmailSendingAccount"),
        ),
        ("cognito-idp:AddCustomAttributes", _given("Schema")),
    ),
    "AWS::Cognito::UserPoolClient": (("iam:*", _given("AnalyticsConfiguration")),),
    # "Adding a custom domain", Cognito Developer Guide. A domain has no key of the
    # customer's among its properties.
    "AWS::Cognito::UserPoolDomain": (
        ("cloudfront:*", _given("CustomDomainConfig")),
        ("kms:*", _never),
    ),
    # Vended logs: "Enable logging from AWS services", CloudWatch Logs User Guide.
    "AWS::Cognito::LogDeliveryConfiguration": (
        ("s3:*", _mentions("s3", *_LOG_DESTINATIONS)),
        ("firehose:*", _mentions("firehose", *_LOG_DESTINATIONS)),
        ("iam:CreateServiceLinkedRole", _mentions("firehose", *_LOG_DESTINATIONS)),
    ),
    "AWS::WAFv2::WebACL": (("payments:*", _given("MonetizationConfig")),),
    # "Sending protection pack (web ACL) traffic logs", AWS WAF Developer Guide: the
    # service-linked role is for Firehose.
    "AWS::WAFv2::LoggingConfiguration": (
        ("firehose:*", _mentions("firehose", "LogDestinationConfigs")),
        (
            "iam:CreateServiceLinkedRole",
            _mentions("firehose", "LogDestinationConfigs"),
        ),
        ("s3:*", _mentions("s3", "LogDestinationConfigs")),
    ),
    "AWS::WAFv2::WebACLAssociation": (
        # Their only resource is a rule group (Service Authorization Reference).
        ("wafv2:*PermissionPolicy", _never),
        *(
            (pattern, _mentions(service, "ResourceArn"))
            for pattern, service in _OF_OTHER_PROTECTED_RESOURCES
        ),
    ),
    "AWS::Logs::LogGroup": (
        ("logs:AssociateKmsKey", _given("KmsKeyId")),
        ("logs:DisassociateKmsKey", _given("KmsKeyId")),
        ("logs:PutDataProtectionPolicy", _given("DataProtectionPolicy")),
        ("logs:DeleteDataProtectionPolicy", _given("DataProtectionPolicy")),
        ("logs:CreateLogDelivery", _given("DataProtectionPolicy")),
        ("firehose:*", _given("DataProtectionPolicy")),
        ("logs:PutResourcePolicy", _given("ResourcePolicyDocument")),
        ("logs:DeleteResourcePolicy", _given("ResourcePolicyDocument")),
        ("logs:PutIndexPolicy", _given("FieldIndexPolicies")),
        ("logs:DeleteIndexPolicy", _given("FieldIndexPolicies")),
        (
            "logs:PutBearerTokenAuthentication",
            _given("BearerTokenAuthenticationEnabled"),
        ),
        ("logs:PutLogGroupDeletionProtection", _given("DeletionProtectionEnabled")),
        ("logs:DeleteRetentionPolicy", _removed("RetentionInDays")),
    ),
    "AWS::SNS::Topic": (
        ("iam:*", _given("DeliveryStatusLogging")),
        ("sns:PutDataProtectionPolicy", _given("DataProtectionPolicy")),
        ("sns:Subscribe", _given("Subscription")),
        ("sns:Unsubscribe", _given("Subscription")),
    ),
    "AWS::IAM::Role": (
        ("iam:AttachRolePolicy", _given("ManagedPolicyArns")),
        ("iam:DetachRolePolicy", _given("ManagedPolicyArns")),
        ("iam:DeleteRolePermissionsBoundary", _removed("PermissionsBoundary")),
        (
            "iam:PutRolePermissionsBoundary",
            _changed_to_something("PermissionsBoundary"),
        ),
    ),
    "AWS::IAM::Policy": (
        ("iam:*UserPolicy", _given("Users")),
        ("iam:*GroupPolicy", _given("Groups")),
        ("iam:*RolePolicy", _given("Roles")),
    ),
    "AWS::Lambda::Function": (
        ("lambda:PutFunctionConcurrency", _given("ReservedConcurrentExecutions")),
        ("lambda:DeleteFunctionConcurrency", _given("ReservedConcurrentExecutions")),
        ("s3:*", _given("Code", "S3Bucket")),
        ("ec2:*", _given("VpcConfig")),
        ("elasticfilesystem:*", _given("FileSystemConfigs")),
        ("s3files:*", _given("FileSystemConfigs")),
        ("kms:*", _given("KmsKeyArn")),
        ("lambda:GetLayerVersion", _given("Layers")),
        ("lambda:PutRuntimeManagementConfig", _given("RuntimeManagementConfig")),
        ("lambda:PutFunctionRecursionConfig", _given("RecursiveLoop")),
        ("lambda:PutFunctionScalingConfig", _given("FunctionScalingConfig")),
        ("lambda:PassCapacityProvider", _given("CapacityProviderConfig")),
        ("lambda:GetCodeSigningConfig", _given("CodeSigningConfigArn")),
        ("lambda:PutFunctionCodeSigningConfig", _given("CodeSigningConfigArn")),
        ("lambda:DeleteFunctionCodeSigningConfig", _given("CodeSigningConfigArn")),
        ("lambda:PublishVersion", _given("PublishToLatestPublished")),
        ("lambda:AssociateRuntimeAlias", _given("RuntimeManagementConfig")),
    ),
    "AWS::Events::Rule": (("iam:PassRole", _any_role),),
}
