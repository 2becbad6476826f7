"""Which rights each resource type of the set takes, reviewed one by one.

The source is the registry schema of each type, which lists what its create, read,
update and delete handlers call. A test compares this table with the schemas, and
``left_out.py`` with what is missing here; another one deploys with these rights alone.
"""

from __future__ import annotations

from templates.deployment import places

Rights = tuple[tuple[places.Place, tuple[str, ...]], ...]

#: What a type's rights are called when it is a custom resource.
CUSTOM_RESOURCE = "Custom::"

_LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
)

RIGHTS: dict[str, Rights] = {
    # CloudFormation invokes the function with the deployer's rights.
    CUSTOM_RESOURCE: ((places.FUNCTIONS, ("lambda:InvokeFunction",)),),
    "AWS::CloudFormation::Stack": (
        (
            places.NESTED_STACKS,
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
            places.ALARMS,
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
            places.DASHBOARDS,
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
            places.USER_POOLS,
            (
                "cognito-idp:GetLogDeliveryConfiguration",
                "cognito-idp:SetLogDeliveryConfiguration",
            ),
        ),
        (places.EVERY_LOG_GROUP, ("logs:DescribeLogGroups",)),
        (
            places.ANYWHERE,
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
            places.USER_POOLS,
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
        (places.ANYWHERE, ("cognito-idp:CreateUserPool",)),
        (
            places.USER_POOLS,
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
        (places.ANY_USER_POOL, ("cognito-idp:TagResource",)),
        (places.EMAIL_ROLE, ("iam:CreateServiceLinkedRole",)),
    ),
    "AWS::Cognito::UserPoolClient": (
        (
            places.USER_POOLS,
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
            places.USER_POOLS,
            (
                "cognito-idp:CreateUserPoolDomain",
                "cognito-idp:DeleteUserPoolDomain",
                "cognito-idp:UpdateUserPoolDomain",
            ),
        ),
        (places.ANYWHERE, ("cognito-idp:DescribeUserPoolDomain",)),
        (places.CUSTOM_DOMAIN, ("cloudfront:updateDistribution",)),
    ),
    "AWS::Cognito::UserPoolIdentityProvider": (
        (
            places.USER_POOLS,
            (
                "cognito-idp:CreateIdentityProvider",
                "cognito-idp:DeleteIdentityProvider",
                "cognito-idp:DescribeIdentityProvider",
                "cognito-idp:UpdateIdentityProvider",
            ),
        ),
        # Its template refers to the secret dynamically.
        (places.SECRET, ("secretsmanager:GetSecretValue",)),
    ),
    "AWS::Events::Rule": (
        (
            places.RULES,
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
        (places.BOUNDED_ROLES, ("iam:DeleteRolePolicy", "iam:PutRolePolicy")),
        (places.ROLES, ("iam:GetRolePolicy",)),
    ),
    "AWS::IAM::Role": (
        (
            places.BOUNDED_ROLES,
            (
                "iam:CreateRole",
                "iam:DeleteRolePolicy",
                "iam:PutRolePolicy",
            ),
        ),
        (
            places.ROLES,
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
            places.FUNCTIONS,
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
            places.FUNCTIONS,
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
        (places.PASSED_ROLES, ("iam:PassRole",)),
    ),
    "AWS::Lambda::Permission": (
        (
            places.FUNCTIONS,
            ("lambda:AddPermission", "lambda:GetPolicy", "lambda:RemovePermission"),
        ),
    ),
    "AWS::Logs::LogGroup": (
        (
            places.LOG_GROUPS,
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
        (places.EVERY_LOG_GROUP, ("logs:DescribeLogGroups",)),
        (places.ANYWHERE, ("logs:DescribeResourcePolicies",)),
    ),
    "AWS::Logs::MetricFilter": (
        (
            places.LOG_GROUPS,
            (
                "logs:DeleteMetricFilter",
                "logs:DescribeMetricFilters",
                "logs:PutMetricFilter",
            ),
        ),
    ),
    "AWS::Logs::ResourcePolicy": (
        (
            places.ANYWHERE,
            (
                "logs:DeleteResourcePolicy",
                "logs:DescribeResourcePolicies",
                "logs:PutResourcePolicy",
            ),
        ),
    ),
    "AWS::Route53::RecordSet": (
        (
            places.HOSTED_ZONE,
            (
                "route53:ChangeResourceRecordSets",
                "route53:GetHostedZone",
                "route53:ListResourceRecordSets",
            ),
        ),
        (places.DNS_CHANGES, ("route53:GetChange",)),
        (places.EVERY_HOSTED_ZONE, ("route53:ListHostedZones",)),
    ),
    "AWS::SNS::Topic": (
        (
            places.TOPICS,
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
    "AWS::SNS::TopicPolicy": ((places.TOPICS, ("sns:SetTopicAttributes",)),),
    "AWS::SSM::Parameter": (
        (
            places.SSM_PARAMETERS,
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
            places.WEB_ACLS,
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
            places.WEB_ACLS,
            (
                "wafv2:DeleteLoggingConfiguration",
                "wafv2:GetLoggingConfiguration",
                "wafv2:PutLoggingConfiguration",
            ),
        ),
        (places.EVERY_LOG_GROUP, ("logs:DescribeLogGroups",)),
        (places.ANYWHERE, (*_LOG_DELIVERY, "logs:DeleteLogDelivery")),
    ),
    "AWS::WAFv2::WebACL": (
        (
            places.WEB_ACLS,
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
        (places.MANAGED_RULES, ("wafv2:CreateWebACL", "wafv2:UpdateWebACL")),
    ),
    "AWS::WAFv2::WebACLAssociation": (
        (
            places.USER_POOLS,
            (
                "cognito-idp:AssociateWebACL",
                "cognito-idp:DisassociateWebACL",
                "cognito-idp:GetWebACLForResource",
            ),
        ),
        (
            places.ANY_USER_POOL,
            (
                "wafv2:AssociateWebACL",
                "wafv2:DisassociateWebACL",
                "wafv2:GetWebACLForResource",
            ),
        ),
        (
            places.WEB_ACLS,
            ("cognito-idp:AssociateWebACL", "wafv2:AssociateWebACL", "wafv2:GetWebACL"),
        ),
        (
            places.GIVEN_WEB_ACL,
            ("cognito-idp:AssociateWebACL", "wafv2:AssociateWebACL", "wafv2:GetWebACL"),
        ),
    ),
}
