"""A life in which a deployer needs every right that it has.

Created with everything that the set can have, updated by parameters and to a later
version that changes each resource, and deleted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from local_aws.process import EmbeddedAws

ACCOUNT = "111111111111"
CERTIFICATE = (
    f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/0f2e9c1a-7b64-4d0e-9c55-3a1b2c3d4e5f"
)

#: Everything that is there under a condition only (test_rights.py holds it to that).
EVERYTHING = {
    "WebAclAllowedIpv4Cidrs": "203.0.113.0/24",
    "WebAclAllowedIpv6Cidrs": "2001:db8::/32",
    "WebAclBlockedIpv4Cidrs": "192.0.2.0/24",
    "WebAclBlockedIpv6Cidrs": "2001:db8:1::/48",
    "NotificationEmail": "ada@example.com",
    "CustomDomainName": "sign-in.labels.example.com",
    "CustomDomainCertificateArn": CERTIFICATE,
    "IdentityProviderType": "OIDC",
    "OidcIssuerUrl": "https://idp.example.com",
    "OidcClientId": "labels",
    "SesIdentityArn": f"arn:aws:ses:us-east-1:{ACCOUNT}:identity/example.com",
    "FromEmailAddress": "labels@example.com",
    "VpcId": "vpc-0123456789abcdef0",
    "SubnetIds": "subnet-0123456789abcdef0,subnet-1123456789abcdef0",
    "SecurityGroupIds": "sg-0123456789abcdef0",
    "LogKeyArn": (
        f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0f2e9c1a-7b64-4d0e-9c55-3a1b2c3d4e5f"
    ),
}

#: What an update of parameters changes besides.
CHANGED = {
    "AccessTokenValidityInMinutes": "30",
    "LogKeyArn": "",
    "LogRetentionInDays": "30",
    "NotificationEmail": "bob@example.com",
    "PasswordMinimumLength": "20",
    "WebAclBlockedIpv4Cidrs": "198.51.100.0/24",
}


def grants(aws: EmbeddedAws) -> dict[str, str]:
    """Make what of an account's own a deployer is to use; return it by parameter."""
    secret = aws.client("secretsmanager").create_secret(
        Name="oidc", SecretString="word"
    )
    zone = aws.client("route53").create_hosted_zone(
        Name="labels.example.com", CallerReference="1"
    )["HostedZone"]["Id"]
    acl = aws.client("wafv2").create_web_acl(
        Name="theirs",
        Scope="REGIONAL",
        DefaultAction={"Allow": {}},
        VisibilityConfig={
            "SampledRequestsEnabled": False,
            "CloudWatchMetricsEnabled": False,
            "MetricName": "theirs",
        },
    )["Summary"]["ARN"]
    return {
        "OidcClientSecretArn": secret["ARN"],
        "CustomDomainHostedZoneId": zone.rpartition("/")[2],
        "CustomDomainCertificateArn": CERTIFICATE,
        "WebAclArn": acl,
    }


#: By type, a property that a later version may change in place, and to what.
_LATER: dict[str, dict[str, Any]] = {
    "AWS::CloudWatch::Alarm": {"Period": 60},
    "AWS::Cognito::LogDeliveryConfiguration": {"LogConfigurations": []},
    "AWS::Cognito::ManagedLoginBranding": {
        "UseCognitoProvidedValues": False,
        "Settings": {},
    },
    "AWS::Cognito::UserPoolIdentityProvider": {"AttributeMapping": {"email": "mail"}},
    "AWS::Cognito::UserPoolClient": {"AuthSessionValidity": 10},
    "AWS::Cognito::UserPoolDomain": {"ManagedLoginVersion": 1},
    "AWS::Events::Rule": {"Description": "Later"},
    "AWS::IAM::Role": {"Description": "Later"},
    "AWS::Lambda::EventInvokeConfig": {"MaximumEventAgeInSeconds": 110},
    "AWS::Lambda::Function": {"MemorySize": 640},
    "AWS::Lambda::Permission": {"Principal": "scheduler.amazonaws.com"},
    "AWS::Logs::LogGroup": {"RetentionInDays": 60},
    "AWS::SNS::Topic": {"DisplayName": "Later"},
    "AWS::SSM::Parameter": {"Description": "Later"},
    "AWS::WAFv2::IPSet": {"Description": "Later"},
    "AWS::WAFv2::LoggingConfiguration": {"RedactedFields": []},
    "AWS::WAFv2::WebACL": {"Description": "Later"},
}


def later(template: dict[str, Any]) -> None:
    """Change each resource that can be changed, as a later version may."""
    for resource in template["Resources"].values():
        resource["Properties"] |= _LATER.get(resource["Type"], {})
        if resource["Type"] == "AWS::IAM::Policy":
            resource["Properties"]["PolicyDocument"]["Statement"][0]["Sid"] = "Later"
        elif resource["Type"] == "AWS::Logs::ResourcePolicy":
            text = resource["Properties"]["PolicyDocument"]["Fn::Sub"]
            text[0] = text[0].replace('"Sid": "', '"Sid": "Later')
        elif resource["Type"] == "AWS::SNS::TopicPolicy":
            resource["Properties"]["PolicyDocument"]["Statement"][0]["Sid"] = "Later"


def denied(demands: Iterable[dict[str, Any]]) -> list[str]:
    """Return what IAM has denied."""
    return [
        f"{each['action']} on {each['resource']} for {each['operation']}"
        for each in demands
        if not each["allowed"]
    ]
