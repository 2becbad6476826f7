"""Names that are released never change.

A logical id that changes is another resource: CloudFormation makes a new one and
deletes the old one, and with a user pool every worker is lost. A parameter or an
output that changes breaks whoever sets or reads it. Add to these tables; never edit
or remove a line (docs/operations.md, "What replaces what").
"""

from __future__ import annotations

import pytest

from tests.templates_as_data import template

BASE = {
    "UserPool": "AWS::Cognito::UserPool",
    "UserPoolClient": "AWS::Cognito::UserPoolClient",
    "UserPoolDomain": "AWS::Cognito::UserPoolDomain",
    "ManagedLoginBranding": "AWS::Cognito::ManagedLoginBranding",
    "DomainPrefixParameter": "AWS::SSM::Parameter",
    "ActivityLogGroup": "AWS::Logs::LogGroup",
    "ActivityLogPolicy": "AWS::Logs::ResourcePolicy",
    "LogDeliveryConfiguration": "AWS::Cognito::LogDeliveryConfiguration",
    "IdentityProvider": "AWS::Cognito::UserPoolIdentityProvider",
    "UserPoolCustomDomain": "AWS::Cognito::UserPoolDomain",
    "CustomDomainRecord": "AWS::Route53::RecordSet",
    "WebAcl": "AWS::WAFv2::WebACL",
    "WebAclLogGroup": "AWS::Logs::LogGroup",
    "WebAclLogging": "AWS::WAFv2::LoggingConfiguration",
    "WebAclAssociation": "AWS::WAFv2::WebACLAssociation",
    "WebAclAllowedIpv4IpSet": "AWS::WAFv2::IPSet",
    "WebAclAllowedIpv6IpSet": "AWS::WAFv2::IPSet",
    "WebAclBlockedIpv4IpSet": "AWS::WAFv2::IPSet",
    "WebAclBlockedIpv6IpSet": "AWS::WAFv2::IPSet",
    "SignInFailuresAlarm": "AWS::CloudWatch::Alarm",
    "SignInThrottlesAlarm": "AWS::CloudWatch::Alarm",
    "UndeliveredEmailsFilter": "AWS::Logs::MetricFilter",
    "UndeliveredEmailsAlarm": "AWS::CloudWatch::Alarm",
    "BlockedRequestsAlarm": "AWS::CloudWatch::Alarm",
}
WORKFORCE = {
    "WorkforceFunctionLogGroup": "AWS::Logs::LogGroup",
    "WorkforceFunctionRole": "AWS::IAM::Role",
    "WorkforceFunctionEmailPolicy": "AWS::IAM::Policy",
    "WorkforceFunctionVpcPolicy": "AWS::IAM::Policy",
    "WorkforceFunction": "AWS::Lambda::Function",
    "WorkforceFunctionEventInvokeConfig": "AWS::Lambda::EventInvokeConfig",
    "WorkforceFunctionErrorsAlarm": "AWS::CloudWatch::Alarm",
    "WorkforceFunctionDroppedEventsAlarm": "AWS::CloudWatch::Alarm",
    "WorkforceFunctionTimeOutsAlarm": "AWS::CloudWatch::Alarm",
    "RepairFailuresFilter": "AWS::Logs::MetricFilter",
    "RepairFailuresAlarm": "AWS::CloudWatch::Alarm",
    "Dashboard": "AWS::CloudWatch::Dashboard",
    "SignInRepairRule": "AWS::Events::Rule",
    "SignInRepairPermission": "AWS::Lambda::Permission",
    "NotificationTopic": "AWS::SNS::Topic",
    "NotificationTopicPolicy": "AWS::SNS::TopicPolicy",
    "PrivateWorkforce": "Custom::PrivateWorkforce",
    "WorkTeams": "Custom::WorkTeams",
    "PortalSignIn": "Custom::PortalSignIn",
    "Workers": "Custom::Workers",
}
RESOURCES = {
    "root.yaml": {
        "BaseStack": "AWS::CloudFormation::Stack",
        "WorkforceStack": "AWS::CloudFormation::Stack",
    },
    "base.yaml": BASE,
    "workforce.yaml": WORKFORCE,
    "private-workforce.yaml": BASE | WORKFORCE,
    "artifact-bucket.yaml": {
        "ArtifactBucket": "AWS::S3::Bucket",
        "ArtifactBucketPolicy": "AWS::S3::BucketPolicy",
    },
    "labeling-examples.yaml": {
        "ExamplesBucket": "AWS::S3::Bucket",
        "ExamplesBucketPolicy": "AWS::S3::BucketPolicy",
        "ExamplesRole": "AWS::IAM::Role",
    },
    "service-catalog.yaml": {
        "RolesBoundary": "AWS::IAM::ManagedPolicy",
        "SignInRights": "AWS::IAM::ManagedPolicy",
        "PortalRights": "AWS::IAM::ManagedPolicy",
        "LaunchRole": "AWS::IAM::Role",
        "Portfolio": "AWS::ServiceCatalog::Portfolio",
        "Product": "AWS::ServiceCatalog::CloudFormationProduct",
        "ProductInPortfolio": "AWS::ServiceCatalog::PortfolioProductAssociation",
        "LaunchRoleConstraint": "AWS::ServiceCatalog::LaunchRoleConstraint",
        "SecurityConstraint": "AWS::ServiceCatalog::LaunchTemplateConstraint",
        "Launchers": "AWS::ServiceCatalog::PortfolioPrincipalAssociation",
        "ApplicationTag": "AWS::ServiceCatalog::TagOption",
        "ApplicationTagOfPortfolio": "AWS::ServiceCatalog::TagOptionAssociation",
    },
    "deploy-role.yaml": {
        "GitHubProvider": "AWS::IAM::OIDCProvider",
        "GitLabProvider": "AWS::IAM::OIDCProvider",
        "RolesBoundary": "AWS::IAM::ManagedPolicy",
        "SignInRights": "AWS::IAM::ManagedPolicy",
        "PortalRights": "AWS::IAM::ManagedPolicy",
        "DeployRole": "AWS::IAM::Role",
        "PlanRole": "AWS::IAM::Role",
    },
}
OPERATOR_PARAMETERS = {
    "WorkTeamNames",
    "WorkerEmails",
    "DomainPrefix",
    "PasswordMinimumLength",
    "TemporaryPasswordValidityDays",
    "AccessTokenValidityInMinutes",
    "RefreshTokenValidityInHours",
    "SourceCidrs",
    "IpAddressType",
    "VpcId",
    "SubnetIds",
    "SecurityGroupIds",
    "RestrictTaskDataToSourceIp",
    "NotificationEmail",
    "EnableMonitoring",
    "ExistingWorkforceName",
    "AdditionalCallbackUrls",
    "AdditionalLogoutUrls",
    "UserPoolDeletionProtection",
    "LogRetentionInDays",
    "PermissionsBoundaryArn",
    "SignInPages",
    "PasswordHistorySize",
    "MultiFactorAuthentication",
    "AccountRecovery",
    "UserPoolTier",
    "ThreatProtectionMode",
    "EnableActivityLogs",
    "LogKeyArn",
    "CustomDomainName",
    "CustomDomainCertificateArn",
    "CustomDomainHostedZoneId",
    "OrganizationName",
    "InvitationSubject",
    "InvitationBody",
    "SesIdentityArn",
    "FromEmailAddress",
    "IdentityProviderType",
    "IdentityProviderName",
    "IdentityProviderEmailAttribute",
    "IdentityProviderNameAttribute",
    "EnablePasswordSignIn",
    "SamlMetadataUrl",
    "SamlMetadataDocument",
    "OidcIssuerUrl",
    "OidcClientId",
    "OidcClientSecretArn",
    "WebAclArn",
    "WebAclRequestsPerFiveMinutes",
    "WebAclAllowedIpv4Cidrs",
    "WebAclAllowedIpv6Cidrs",
    "WebAclBlockedIpv4Cidrs",
    "WebAclBlockedIpv6Cidrs",
}
OPERATOR_OUTPUTS = {
    "LabelingPortalUrl",
    "UserPoolId",
    "UserPoolClientId",
    "UserPoolDomainName",
    "CustomDomainTarget",
    "DomainPrefixParameterName",
    "WorkforceName",
    "WorkforceArn",
    "WorkTeamArn",
    "WorkTeamArns",
    "NotificationTopicArn",
    "DashboardUrl",
    "SetVersion",
}


@pytest.mark.parametrize("name", RESOURCES)
def test_logical_ids_and_types_are_those_released(name: str) -> None:
    built = {
        title: resource["Type"]
        for title, resource in template(name)["Resources"].items()
    }
    assert built == RESOURCES[name], (
        "A changed logical id or type replaces the resource; a replaced user pool "
        "loses every worker. New resources are added to the table, nothing is edited."
    )


@pytest.mark.parametrize("name", ["root.yaml", "private-workforce.yaml"])
def test_parameters_are_those_released(name: str) -> None:
    assert template(name)["Parameters"].keys() == OPERATOR_PARAMETERS


@pytest.mark.parametrize("name", ["root.yaml", "private-workforce.yaml"])
def test_outputs_are_those_released(name: str) -> None:
    assert template(name)["Outputs"].keys() == OPERATOR_OUTPUTS


@pytest.mark.parametrize("name", ["base.yaml", "private-workforce.yaml"])
def test_what_cannot_change_on_a_living_user_pool_is_what_was_released(
    name: str,
) -> None:
    """These are fixed when the pool is made: a change fails or replaces it."""
    pool = template(name)["Resources"]["UserPool"]["Properties"]
    assert pool["AliasAttributes"] == ["email"]
    assert pool["UsernameConfiguration"] == {"CaseSensitive": False}
    assert "UsernameAttributes" not in pool
    assert "Schema" not in pool


@pytest.mark.parametrize("name", ["base.yaml", "private-workforce.yaml"])
def test_what_cannot_change_on_a_living_app_client_is_what_was_released(
    name: str,
) -> None:
    """A replaced client leaves the workforce behind, which cannot follow it."""
    client = template(name)["Resources"]["UserPoolClient"]["Properties"]
    assert client["GenerateSecret"] is True
    assert client["UserPoolId"] == {"Ref": "UserPool"}


@pytest.mark.parametrize("name", ["workforce.yaml", "private-workforce.yaml"])
def test_the_names_that_mark_what_is_ours_are_those_released(name: str) -> None:
    resources = template(name)["Resources"]
    workforce_name = resources["PrivateWorkforce"]["Properties"]["WorkforceName"]
    condition, adopted, own = workforce_name["Fn::If"]
    assert (condition, adopted) == (
        "HasExistingWorkforceName",
        {"Ref": "ExistingWorkforceName"},
    )
    assert own["Fn::Sub"][0] == "private-workforce-${StackUuid}"
    group_name = resources["Workers"]["Properties"]["GroupName"]
    assert group_name["Fn::Sub"][0] == "${FirstTeam}-${StackUuid}"
