"""Which rights each resource type of the set takes, reviewed one by one.

The source is the registry schema of each type, which lists what its create, read,
update and delete handlers call. A test compares this table with the schemas, and
``left_out.py`` with what is missing here; another one deploys with these rights alone.
"""

from __future__ import annotations

from templates.deployment.places import (
    ALARMS,
    ANY_USER_POOL,
    ANYWHERE,
    BOUNDED_ROLES,
    CUSTOM_DOMAIN,
    DASHBOARDS,
    DNS_CHANGES,
    EMAIL_ROLE,
    EVERY_HOSTED_ZONE,
    EVERY_LOG_GROUP,
    FUNCTIONS,
    GIVEN_WEB_ACL,
    HOSTED_ZONE,
    LOG_GROUPS,
    MANAGED_RULES,
    NESTED_STACKS,
    PASSED_ROLES,
    ROLES,
    RULES,
    SECRET,
    SSM_PARAMETERS,
    TOPICS,
    USER_POOLS,
    WEB_ACLS,
    Place,
)

Rights = tuple[tuple[Place, tuple[str, ...]], ...]

#: What a type's rights are called when it is a custom resource.
CUSTOM_RESOURCE = "Custom::"

_LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
)

RIGHTS: dict[str, Rights] = {
    # CloudFormation invokes the function with the deployer's rights.
    CUSTOM_RESOURCE: ((FUNCTIONS, ("lambda:InvokeFunction",)),),
    "AWS::CloudFormation::Stack": (
        (
            NESTED_STACKS,
            (
                "cloudformation:CreateStack",
                "cloudformation:DeleteStack",
                "cloudformation:DescribeStacks",
                "cloudformation:GetTemplate",
                "cloudformation:UpdateStack",
            ),
        ),
    ),
    "AWS::CloudWatch::Alarm": (
        (
            ALARMS,
            (
                "cloudwatch:DeleteAlarms",
                "cloudwatch:DescribeAlarms",
                "cloudwatch:ListTagsForResource",
                "cloudwatch:PutMetricAlarm",
                "cloudwatch:TagResource",
                "cloudwatch:UntagResource",
            ),
        ),
    ),
    "AWS::CloudWatch::Dashboard": (
        (
            DASHBOARDS,
            (
                "cloudwatch:DeleteDashboards",
                "cloudwatch:GetDashboard",
                "cloudwatch:ListTagsForResource",
                "cloudwatch:PutDashboard",
                "cloudwatch:TagResource",
                "cloudwatch:UntagResource",
            ),
        ),
    ),
    "AWS::Cognito::LogDeliveryConfiguration": (
        (
            USER_POOLS,
            (
                "cognito-idp:GetLogDeliveryConfiguration",
                "cognito-idp:SetLogDeliveryConfiguration",
            ),
        ),
        (EVERY_LOG_GROUP, ("logs:DescribeLogGroups",)),
        (
            ANYWHERE,
            (
                *_LOG_DELIVERY,
                "logs:DeleteLogDelivery",
                "logs:GetLogDelivery",
                "logs:ListLogDeliveries",
                "logs:UpdateLogDelivery",
            ),
        ),
    ),
    "AWS::Cognito::ManagedLoginBranding": (
        (
            USER_POOLS,
            (
                "cognito-idp:CreateManagedLoginBranding",
                "cognito-idp:DeleteManagedLoginBranding",
                "cognito-idp:DescribeManagedLoginBranding",
                "cognito-idp:DescribeManagedLoginBrandingByClient",
                "cognito-idp:UpdateManagedLoginBranding",
            ),
        ),
    ),
    "AWS::Cognito::UserPool": (
        (ANYWHERE, ("cognito-idp:CreateUserPool",)),
        (
            USER_POOLS,
            (
                "cognito-idp:DeleteUserPool",
                "cognito-idp:DescribeUserPool",
                "cognito-idp:GetUserPoolMfaConfig",
                "cognito-idp:ListTagsForResource",
                "cognito-idp:SetUserPoolMfaConfig",
                "cognito-idp:UntagResource",
                "cognito-idp:UpdateUserPool",
            ),
        ),
        (ANY_USER_POOL, ("cognito-idp:TagResource",)),
        (EMAIL_ROLE, ("iam:CreateServiceLinkedRole",)),
    ),
    "AWS::Cognito::UserPoolClient": (
        (
            USER_POOLS,
            (
                "cognito-idp:CreateUserPoolClient",
                "cognito-idp:DeleteUserPoolClient",
                "cognito-idp:DescribeUserPoolClient",
                "cognito-idp:ListUserPoolClientSecrets",
                "cognito-idp:UpdateUserPoolClient",
            ),
        ),
    ),
    "AWS::Cognito::UserPoolDomain": (
        (
            USER_POOLS,
            (
                "cognito-idp:CreateUserPoolDomain",
                "cognito-idp:DeleteUserPoolDomain",
                "cognito-idp:UpdateUserPoolDomain",
            ),
        ),
        (ANYWHERE, ("cognito-idp:DescribeUserPoolDomain",)),
        (CUSTOM_DOMAIN, ("cloudfront:updateDistribution",)),
    ),
    "AWS::Cognito::UserPoolIdentityProvider": (
        (
            USER_POOLS,
            (
                "cognito-idp:CreateIdentityProvider",
                "cognito-idp:DeleteIdentityProvider",
                "cognito-idp:DescribeIdentityProvider",
                "cognito-idp:UpdateIdentityProvider",
            ),
        ),
        # Its template refers to the secret dynamically.
        (SECRET, ("secretsmanager:GetSecretValue",)),
    ),
    "AWS::Events::Rule": (
        (
            RULES,
            (
                "events:DeleteRule",
                "events:DescribeRule",
                "events:ListTagsForResource",
                "events:ListTargetsByRule",
                "events:PutRule",
                "events:PutTargets",
                "events:RemoveTargets",
                "events:TagResource",
                "events:UntagResource",
            ),
        ),
    ),
    "AWS::IAM::Policy": (
        (BOUNDED_ROLES, ("iam:DeleteRolePolicy", "iam:PutRolePolicy")),
        (ROLES, ("iam:GetRolePolicy",)),
    ),
    "AWS::IAM::Role": (
        (
            BOUNDED_ROLES,
            (
                "iam:CreateRole",
                "iam:DeleteRolePolicy",
                "iam:PutRolePolicy",
            ),
        ),
        (
            ROLES,
            (
                "iam:DeleteRole",
                "iam:GetRole",
                "iam:GetRolePolicy",
                "iam:ListAttachedRolePolicies",
                "iam:ListRolePolicies",
                "iam:TagRole",
                "iam:UntagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole",
                "iam:UpdateRoleDescription",
            ),
        ),
    ),
    "AWS::Lambda::EventInvokeConfig": (
        (
            FUNCTIONS,
            (
                "lambda:DeleteFunctionEventInvokeConfig",
                "lambda:GetFunctionEventInvokeConfig",
                "lambda:PutFunctionEventInvokeConfig",
                "lambda:UpdateFunctionEventInvokeConfig",
            ),
        ),
    ),
    "AWS::Lambda::Function": (
        (
            FUNCTIONS,
            (
                "lambda:CreateFunction",
                "lambda:DeleteFunction",
                "lambda:GetFunction",
                "lambda:GetFunctionCodeSigningConfig",
                "lambda:GetFunctionRecursionConfig",
                "lambda:GetFunctionScalingConfig",
                "lambda:GetRuntimeManagementConfig",
                "lambda:TagResource",
                "lambda:UntagResource",
                "lambda:UpdateFunctionCode",
                "lambda:UpdateFunctionConfiguration",
            ),
        ),
        (PASSED_ROLES, ("iam:PassRole",)),
    ),
    "AWS::Lambda::Permission": (
        (
            FUNCTIONS,
            ("lambda:AddPermission", "lambda:GetPolicy", "lambda:RemovePermission"),
        ),
    ),
    "AWS::Logs::LogGroup": (
        (
            LOG_GROUPS,
            (
                "logs:AssociateKmsKey",
                "logs:CreateLogGroup",
                "logs:DeleteLogGroup",
                "logs:DescribeIndexPolicies",
                "logs:DisassociateKmsKey",
                "logs:GetDataProtectionPolicy",
                "logs:ListTagsForResource",
                "logs:PutRetentionPolicy",
                "logs:TagResource",
                "logs:UntagResource",
            ),
        ),
        (EVERY_LOG_GROUP, ("logs:DescribeLogGroups",)),
        (ANYWHERE, ("logs:DescribeResourcePolicies",)),
    ),
    "AWS::Logs::MetricFilter": (
        (
            LOG_GROUPS,
            (
                "logs:DeleteMetricFilter",
                "logs:DescribeMetricFilters",
                "logs:PutMetricFilter",
            ),
        ),
    ),
    "AWS::Logs::ResourcePolicy": (
        (
            ANYWHERE,
            (
                "logs:DeleteResourcePolicy",
                "logs:DescribeResourcePolicies",
                "logs:PutResourcePolicy",
            ),
        ),
    ),
    "AWS::Route53::RecordSet": (
        (
            HOSTED_ZONE,
            (
                "route53:ChangeResourceRecordSets",
                "route53:GetHostedZone",
                "route53:ListResourceRecordSets",
            ),
        ),
        (DNS_CHANGES, ("route53:GetChange",)),
        (EVERY_HOSTED_ZONE, ("route53:ListHostedZones",)),
    ),
    "AWS::SNS::Topic": (
        (
            TOPICS,
            (
                "sns:CreateTopic",
                "sns:DeleteTopic",
                "sns:GetDataProtectionPolicy",
                "sns:GetTopicAttributes",
                "sns:ListSubscriptionsByTopic",
                "sns:ListTagsForResource",
                "sns:SetTopicAttributes",
                "sns:Subscribe",
                "sns:TagResource",
                "sns:Unsubscribe",
                "sns:UntagResource",
            ),
        ),
    ),
    "AWS::SNS::TopicPolicy": ((TOPICS, ("sns:SetTopicAttributes",)),),
    "AWS::SSM::Parameter": (
        (
            SSM_PARAMETERS,
            (
                "ssm:AddTagsToResource",
                "ssm:DeleteParameter",
                "ssm:GetParameters",
                "ssm:ListTagsForResource",
                "ssm:PutParameter",
                "ssm:RemoveTagsFromResource",
            ),
        ),
    ),
    "AWS::WAFv2::IPSet": (
        (
            WEB_ACLS,
            (
                "wafv2:CreateIPSet",
                "wafv2:DeleteIPSet",
                "wafv2:GetIPSet",
                "wafv2:ListTagsForResource",
                "wafv2:TagResource",
                "wafv2:UntagResource",
                "wafv2:UpdateIPSet",
            ),
        ),
    ),
    "AWS::WAFv2::LoggingConfiguration": (
        (
            WEB_ACLS,
            (
                "wafv2:DeleteLoggingConfiguration",
                "wafv2:GetLoggingConfiguration",
                "wafv2:PutLoggingConfiguration",
            ),
        ),
        (EVERY_LOG_GROUP, ("logs:DescribeLogGroups",)),
        (ANYWHERE, (*_LOG_DELIVERY, "logs:DeleteLogDelivery")),
    ),
    "AWS::WAFv2::WebACL": (
        (
            WEB_ACLS,
            (
                "wafv2:CreateWebACL",
                "wafv2:DeleteWebACL",
                "wafv2:GetWebACL",
                "wafv2:ListTagsForResource",
                "wafv2:TagResource",
                "wafv2:UntagResource",
                "wafv2:UpdateWebACL",
            ),
        ),
        (MANAGED_RULES, ("wafv2:CreateWebACL", "wafv2:UpdateWebACL")),
    ),
    "AWS::WAFv2::WebACLAssociation": (
        (
            USER_POOLS,
            (
                "cognito-idp:AssociateWebACL",
                "cognito-idp:DisassociateWebACL",
                "cognito-idp:GetWebACLForResource",
            ),
        ),
        (
            ANY_USER_POOL,
            (
                "wafv2:AssociateWebACL",
                "wafv2:DisassociateWebACL",
                "wafv2:GetWebACLForResource",
            ),
        ),
        (
            WEB_ACLS,
            ("cognito-idp:AssociateWebACL", "wafv2:AssociateWebACL", "wafv2:GetWebACL"),
        ),
        (
            GIVEN_WEB_ACL,
            ("cognito-idp:AssociateWebACL", "wafv2:AssociateWebACL", "wafv2:GetWebACL"),
        ),
    ),
}
