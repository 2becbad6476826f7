"""What the registry lists for a type and the deployer does not get, each with a reason.

A right that the registry lists newly is in neither table, and a test then asks for a
decision. Patterns are those of IAM: an asterisk stands for anything.
"""

from __future__ import annotations

_NO_KEY = "the set gives it no key of the customer's"
_OTHER_DESTINATION = "its logs go to CloudWatch Logs"
_NO_ACTION = "IAM knows no such action"
_OTHER_RESOURCE = "what is protected is a user pool"
_NOT_SET = "the set does not set the property that it is for"

LEFT_OUT: dict[str, dict[str, str]] = {
    "AWS::CloudFormation::Stack": {
        "iam:PassRole": "nested stacks have the deployer of their root",
        "cloudformation:*StackPolicy": _NOT_SET,
        "cloudformation:UpdateTerminationProtection": "only root has it",
    },
    "AWS::Cognito::LogDeliveryConfiguration": {
        "s3:*": _OTHER_DESTINATION,
        "firehose:*": _OTHER_DESTINATION,
        "iam:CreateServiceLinkedRole": _OTHER_DESTINATION,
    },
    "AWS::Cognito::UserPool": {
        "kms:*": _NO_KEY,
        "iam:PassRole": "it sends no text messages",
        "cognito-idp:AddCustomAttributes": "it has no attributes of its own",
    },
    "AWS::Cognito::UserPoolClient": {"iam:*": "it has no Pinpoint analytics"},
    "AWS::Cognito::UserPoolDomain": {"kms:*": _NO_KEY},
    "AWS::Events::Rule": {"iam:PassRole": "a function needs no role as a target"},
    "AWS::IAM::Policy": {
        "iam:*UserPolicy": "it is attached to a role",
        "iam:*GroupPolicy": "it is attached to a role",
    },
    "AWS::IAM::Role": {
        "iam:AttachRolePolicy": "its policies are inline",
        "iam:DetachRolePolicy": "its policies are inline",
        "iam:*RolePermissionsBoundary": "a role has its boundary from the start",
    },
    "AWS::Lambda::Function": {
        "s3:*": "its code is inline",
        "ec2:*": "it is in no VPC",
        "elasticfilesystem:*": "it mounts no file system",
        "s3files:*": "it mounts no file system",
        "kms:*": _NO_KEY,
        "lambda:GetLayerVersion": "it has no layers",
        "lambda:*FunctionConcurrency": _NOT_SET,
        "lambda:PutRuntimeManagementConfig": _NOT_SET,
        "lambda:PutFunctionRecursionConfig": _NOT_SET,
        "lambda:PutFunctionScalingConfig": _NOT_SET,
        "lambda:PassCapacityProvider": _NOT_SET,
        "lambda:GetCodeSigningConfig": _NOT_SET,
        "lambda:PutFunctionCodeSigningConfig": _NOT_SET,
        "lambda:DeleteFunctionCodeSigningConfig": _NOT_SET,
        "lambda:PublishVersion": "it has no versions",
        "lambda:AssociateRuntimeAlias": _NOT_SET,
    },
    "AWS::Logs::LogGroup": {
        "logs:PutDataProtectionPolicy": _NOT_SET,
        "logs:DeleteDataProtectionPolicy": _NOT_SET,
        "logs:CreateLogDelivery": "it audits no data protection policy",
        "firehose:TagDeliveryStream": "it audits no data protection policy",
        "s3:REST.PUT.OBJECT": _NO_ACTION,
        "logs:PutResourcePolicy": "it has no policy of its own",
        "logs:DeleteResourcePolicy": "it has no policy of its own",
        "logs:PutIndexPolicy": _NOT_SET,
        "logs:DeleteIndexPolicy": _NOT_SET,
        "logs:PutBearerTokenAuthentication": _NOT_SET,
        "logs:PutLogGroupDeletionProtection": _NOT_SET,
        "logs:DeleteRetentionPolicy": "it always has a retention",
    },
    "AWS::SNS::Topic": {
        "iam:*": "it logs no deliveries",
        "sns:PutDataProtectionPolicy": _NOT_SET,
    },
    "AWS::WAFv2::LoggingConfiguration": {
        "firehose:*": _OTHER_DESTINATION,
        "s3:*": _OTHER_DESTINATION,
        "iam:CreateServiceLinkedRole": _OTHER_DESTINATION,
        "iam:DescribeOrganization": _NO_ACTION,
    },
    "AWS::WAFv2::WebACL": {"payments:GetConnectedAccount": "it charges nobody"},
    "AWS::WAFv2::WebACLAssociation": {
        "wafv2:*PermissionPolicy": "only rule groups have one",
        "elasticloadbalancing:*": _OTHER_RESOURCE,
        "apigateway:*": _OTHER_RESOURCE,
        "appsync:*": _OTHER_RESOURCE,
        "apprunner:*": _OTHER_RESOURCE,
        "ec2:*": _OTHER_RESOURCE,
        "amplify:*": _OTHER_RESOURCE,
        "bedrock-agentcore:*": _OTHER_RESOURCE,
    },
}
