from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.process import EmbeddedAws
from ops.visitor import Page, Visitor
from tests.embedded.probe_stacks import Stack, ip_set, template

POOL = {"Type": "AWS::Cognito::UserPool", "Properties": {}}
CLIENT = {
    "Type": "AWS::Cognito::UserPoolClient",
    "Properties": {
        "UserPoolId": {"Ref": "Pool"},
        "CallbackURLs": ["https://a.example/"],
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid"],
        "AllowedOAuthFlowsUserPoolClient": True,
        "SupportedIdentityProviders": ["COGNITO"],
    },
}
PREFIX = "probe-sign-in"
DOMAIN = {
    "Type": "AWS::Cognito::UserPoolDomain",
    "Properties": {
        "UserPoolId": {"Ref": "Pool"},
        "Domain": PREFIX,
        "ManagedLoginVersion": 2,
    },
}
IDS = {
    "PoolId": {"Value": {"Ref": "Pool"}},
    "ClientId": {"Value": {"Ref": "Client"}},
}


def of_pool(kind: str, **properties: Any) -> dict[str, Any]:
    return {
        "Type": f"AWS::Cognito::{kind}",
        "Properties": {"UserPoolId": {"Ref": "Pool"}, **properties},
    }


def created(aws: EmbeddedAws, **resources: Any) -> tuple[Stack, dict[str, str]]:
    stack = Stack(aws)
    body = template({"Pool": POOL, "Client": CLIENT, **resources}, Outputs=IDS)
    assert stack.create(body) == "CREATE_COMPLETE", stack.reasons()
    return stack, stack.outputs()


def removed(stack: Stack, **kept: Any) -> None:
    body = template({"Pool": POOL, "Client": CLIENT, **kept}, Outputs=IDS)
    assert stack.update(body) == "UPDATE_COMPLETE", stack.reasons()


BRANDING = of_pool(
    "ManagedLoginBranding", ClientId={"Ref": "Client"}, UseCognitoProvidedValues=True
)


def sign_in_page(aws: EmbeddedAws, client_id: str) -> Page:
    question = {
        "client_id": client_id,
        "response_type": "code",
        "scope": "openid",
        "redirect_uri": "https://a.example/",
    }
    visitor = Visitor(aws.endpoint, f"{PREFIX}.auth.us-east-1.amazoncognito.com")
    return visitor.open("/oauth2/authorize", question)


def test_managed_login_has_no_pages_without_a_branding(aws: EmbeddedAws) -> None:
    _, ids = created(aws, Domain=DOMAIN)
    assert "Login pages unavailable" in sign_in_page(aws, ids["ClientId"]).words


def test_a_branding_gives_managed_login_its_pages(aws: EmbeddedAws) -> None:
    _, ids = created(aws, Domain=DOMAIN, Branding=BRANDING)
    assert "username" in sign_in_page(aws, ids["ClientId"]).form


def test_a_branding_is_made_changed_and_removed(aws: EmbeddedAws) -> None:
    stack, ids = created(aws, Branding=BRANDING)
    cognito = aws.client("cognito-idp")

    def branding() -> dict[str, Any]:
        answer = cognito.describe_managed_login_branding_by_client(
            UserPoolId=ids["PoolId"], ClientId=ids["ClientId"]
        )
        return dict(answer["ManagedLoginBranding"])

    assert branding()["UseCognitoProvidedValues"] is True
    own = of_pool(
        "ManagedLoginBranding", ClientId={"Ref": "Client"}, Settings={"a": "b"}
    )
    removed(stack, Branding=own)
    assert branding()["Settings"] == {"a": "b"}
    removed(stack)
    with pytest.raises(cognito.exceptions.ResourceNotFoundException):
        branding()


def test_a_client_has_one_branding_only(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    body = template({"Pool": POOL, "Client": CLIENT, "One": BRANDING, "Two": BRANDING})
    assert stack.create(body) == "ROLLBACK_COMPLETE"
    assert "already exists" in stack.reason("Two", "CREATE_FAILED")


def test_users_and_their_groups_are_made_and_removed(aws: EmbeddedAws) -> None:
    user = of_pool("UserPoolUser", Username="ada")
    group = of_pool("UserPoolGroup", GroupName="labelers")
    membership = of_pool(
        "UserPoolUserToGroupAttachment",
        Username={"Ref": "User"},
        GroupName={"Ref": "Group"},
    )
    stack, ids = created(aws, User=user, Group=group, Membership=membership)
    cognito = aws.client("cognito-idp")
    users = cognito.list_users_in_group(UserPoolId=ids["PoolId"], GroupName="labelers")[
        "Users"
    ]
    assert [each["Username"] for each in users] == ["ada"]
    removed(stack)
    assert cognito.list_users(UserPoolId=ids["PoolId"])["Users"] == []


def test_an_identity_provider_is_made_changed_and_removed(aws: EmbeddedAws) -> None:
    def provider(scopes: str) -> dict[str, Any]:
        return of_pool(
            "UserPoolIdentityProvider",
            ProviderName="Corporate",
            ProviderType="OIDC",
            ProviderDetails={
                "client_id": "a",
                "client_secret": "b",
                "oidc_issuer": "https://issuer.example",
                "attributes_request_method": "GET",
                "authorize_scopes": scopes,
            },
        )

    stack, ids = created(aws, Provider=provider("openid"))
    cognito = aws.client("cognito-idp")
    removed(stack, Provider=provider("openid email"))
    found = cognito.describe_identity_provider(
        UserPoolId=ids["PoolId"], ProviderName="Corporate"
    )["IdentityProvider"]
    assert found["ProviderDetails"]["authorize_scopes"] == "openid email"
    removed(stack)
    assert not cognito.list_identity_providers(UserPoolId=ids["PoolId"])["Providers"]


def test_log_delivery_is_set_and_taken_away(aws: EmbeddedAws) -> None:
    aws.client("logs").create_log_group(logGroupName="pool")
    group_arn = "arn:aws:logs:us-east-1:111111111111:log-group:pool"
    logs = [
        {
            "EventSource": "userNotification",
            "LogLevel": "ERROR",
            "CloudWatchLogsConfiguration": {"LogGroupArn": group_arn},
        }
    ]
    stack, ids = created(
        aws, Logs=of_pool("LogDeliveryConfiguration", LogConfigurations=logs)
    )
    cognito = aws.client("cognito-idp")

    def configured() -> list[Any]:
        answer = cognito.get_log_delivery_configuration(UserPoolId=ids["PoolId"])
        return list(answer["LogDeliveryConfiguration"]["LogConfigurations"])

    assert configured() == logs
    removed(stack)
    assert configured() == []


def test_threat_protection_needs_the_plus_tier(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    risk = of_pool("UserPoolRiskConfigurationAttachment", ClientId="ALL")
    assert stack.create(template({"Pool": POOL, "Risk": risk})) == "ROLLBACK_COMPLETE"
    assert "PLUS" in stack.reason("Risk", "CREATE_FAILED")


ACL = {
    "Type": "AWS::WAFv2::WebACL",
    "Properties": {
        "Name": "probe",
        "Scope": "REGIONAL",
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": {
            "SampledRequestsEnabled": True,
            "CloudWatchMetricsEnabled": True,
            "MetricName": "probe",
        },
    },
}


def test_a_pool_is_associated_with_a_web_acl_that_logs(aws: EmbeddedAws) -> None:
    acl_arn = {"Fn::GetAtt": ["Acl", "Arn"]}
    pool_arn = {"Fn::GetAtt": ["Pool", "Arn"]}
    aws.client("logs").create_log_group(logGroupName="aws-waf-logs-a")
    destination = "arn:aws:logs:us-east-1:111111111111:log-group:aws-waf-logs-a"
    stack = Stack(aws)
    body = template(
        {
            "Pool": POOL,
            "Acl": ACL,
            "Association": {
                "Type": "AWS::WAFv2::WebACLAssociation",
                "Properties": {"ResourceArn": pool_arn, "WebACLArn": acl_arn},
            },
            "Logging": {
                "Type": "AWS::WAFv2::LoggingConfiguration",
                "Properties": {
                    "ResourceArn": acl_arn,
                    "LogDestinationConfigs": [destination],
                },
            },
        },
        Outputs={"Acl": {"Value": acl_arn}, "Pool": {"Value": pool_arn}},
    )
    assert stack.create(body) == "CREATE_COMPLETE", stack.reasons()
    waf, arns = aws.client("wafv2"), stack.outputs()
    associated = waf.get_web_acl_for_resource(ResourceArn=arns["Pool"])["WebACL"]
    assert associated["ARN"] == arns["Acl"]
    logging = waf.get_logging_configuration(ResourceArn=arns["Acl"])
    assert logging["LoggingConfiguration"]["LogDestinationConfigs"] == [destination]
    assert stack.update(template({"Pool": POOL, "Acl": ACL})) == "UPDATE_COMPLETE"
    for read in (waf.get_web_acl_for_resource, waf.get_logging_configuration):
        arn = arns["Acl" if read == waf.get_logging_configuration else "Pool"]
        with pytest.raises(ClientError, match="WAFNonexistentItem"):
            read(ResourceArn=arn)


def test_an_ip_set_is_made_changed_and_removed(aws: EmbeddedAws) -> None:
    stack, waf = Stack(aws), aws.client("wafv2")
    stack.create(template({"Pool": POOL, "Addresses": ip_set("192.0.2.0/24")}))
    stack.update(template({"Pool": POOL, "Addresses": ip_set("198.51.100.0/24")}))
    (found,) = waf.list_ip_sets(Scope="REGIONAL")["IPSets"]
    shown = waf.get_ip_set(Name=found["Name"], Id=found["Id"], Scope="REGIONAL")
    assert shown["IPSet"]["Addresses"] == ["198.51.100.0/24"]
    stack.update(template({"Pool": POOL}))
    assert waf.list_ip_sets(Scope="REGIONAL")["IPSets"] == []


def test_a_workforce_and_a_team_are_made_and_removed_in_order(
    aws: EmbeddedAws,
) -> None:
    stack = Stack(aws)
    client = {
        **CLIENT,
        "Properties": {**CLIENT["Properties"], "GenerateSecret": True},  # type: ignore[dict-item]
    }
    workforce = {
        "Type": "AWS::SageMaker::Workforce",
        "DependsOn": "Domain",
        "Properties": {
            "WorkforceName": "native",
            "CognitoConfig": {
                "UserPool": {"Ref": "Pool"},
                "ClientId": {"Ref": "Client"},
            },
        },
    }
    team = {
        "Type": "AWS::SageMaker::Workteam",
        "DependsOn": "Workforce",
        "Properties": {
            "WorkteamName": "native-team",
            "WorkforceName": "native",
            "Description": "A team",
            "MemberDefinitions": [
                {
                    "CognitoMemberDefinition": {
                        "CognitoUserPool": {"Ref": "Pool"},
                        "CognitoUserGroup": {"Ref": "Group"},
                        "CognitoClientId": {"Ref": "Client"},
                    }
                }
            ],
        },
    }
    body = template(
        {
            "Pool": POOL,
            "Client": client,
            "Domain": DOMAIN,
            "Group": of_pool("UserPoolGroup", GroupName="labelers"),
            "Workforce": workforce,
            "Team": team,
        },
        Outputs={"Portal": {"Value": {"Fn::GetAtt": ["Workforce", "SubDomain"]}}},
    )
    assert stack.create(body) == "CREATE_COMPLETE", stack.reasons()
    sagemaker = aws.client("sagemaker")
    (found,) = sagemaker.list_workforces()["Workforces"]
    assert found["SubDomain"] == stack.outputs()["Portal"]
    assert sagemaker.list_workteams()["Workteams"][0]["WorkteamName"] == "native-team"
    assert stack.delete() == "DELETE_COMPLETE", stack.reasons()
    assert sagemaker.list_workforces()["Workforces"] == []
