"""A stack's update of pool and client sends the template's whole state, no more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.embedded.prepared import PLACEHOLDER, client, until

POOL = {
    "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
    "Policies": {"PasswordPolicy": {"MinimumLength": 14}},
    "KeyConfiguration": {"KeyType": "AWS_OWNED_KEY"},
}
CLIENT = {
    "UserPoolId": {"Ref": "UserPool"},
    "ClientName": "portal",
    "GenerateSecret": True,
    "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthFlows": ["code"],
    "AllowedOAuthScopes": ["openid"],
    "CallbackURLs": [PLACEHOLDER],
    "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 5},
}


def deploy(
    aws: Any, verb: str, pool: dict[str, Any], app_client: dict[str, Any]
) -> dict[str, str]:
    """Create or update the stack and return the ids of pool and client."""
    cloudformation = client(aws, "cloudformation")
    template = {
        "Resources": {
            "UserPool": {"Type": "AWS::Cognito::UserPool", "Properties": pool},
            "Client": {
                "Type": "AWS::Cognito::UserPoolClient",
                "Properties": app_client,
            },
        },
        "Outputs": {
            "UserPoolId": {"Value": {"Ref": "UserPool"}},
            "ClientId": {"Value": {"Ref": "Client"}},
        },
    }
    getattr(cloudformation, f"{verb}_stack")(
        StackName="s", TemplateBody=json.dumps(template)
    )
    stack = until(
        lambda: cloudformation.describe_stacks(StackName="s")["Stacks"][0],
        lambda found: not found["StackStatus"].endswith("IN_PROGRESS"),
    )
    assert stack["StackStatus"] == f"{verb.upper()}_COMPLETE"
    return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}


def test_an_update_of_the_client_writes_the_placeholder_back(
    aws: Any, cognito: Any
) -> None:
    ids = deploy(aws, "create", POOL, CLIENT)
    cognito.update_user_pool_client(
        **ids,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid"],
        CallbackURLs=["https://portal.example/oauth2/idpresponse"],
        AuthSessionValidity=9,
    )
    deploy(aws, "update", POOL, {**CLIENT, "AccessTokenValidity": 2})
    described = cognito.describe_user_pool_client(**ids)["UserPoolClient"]
    assert described["CallbackURLs"] == [PLACEHOLDER]
    assert described["AccessTokenValidity"] == 2
    assert described["AuthSessionValidity"] == 3
    assert described["RefreshTokenRotation"] == CLIENT["RefreshTokenRotation"]


def test_a_property_that_the_template_drops_goes_back_to_its_default(
    aws: Any, cognito: Any
) -> None:
    ids = deploy(aws, "create", POOL, CLIENT)
    pool = cognito.describe_user_pool(UserPoolId=ids["UserPoolId"])["UserPool"]
    assert pool["KeyConfiguration"] == POOL["KeyConfiguration"]
    dropped = ("RefreshTokenRotation", "ExplicitAuthFlows")
    kept = {name: each for name, each in CLIENT.items() if name not in dropped}
    deploy(aws, "update", {"Policies": POOL["Policies"]}, kept)
    described = cognito.describe_user_pool_client(**ids)["UserPoolClient"]
    pool = cognito.describe_user_pool(UserPoolId=ids["UserPoolId"])["UserPool"]
    assert "RefreshTokenRotation" not in described
    assert len(described["ExplicitAuthFlows"]) == 3
    assert "KeyConfiguration" not in pool
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is False
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 14


@pytest.mark.parametrize(
    ("domain", "fault"),
    [
        ("My_Prefix", "does not match pattern"),
        ("my-aws-portal", "reserved word: aws"),
    ],
)
def test_a_stack_gets_no_domain_that_cognito_refuses(
    aws: Any, domain: str, fault: str
) -> None:
    cloudformation = client(aws, "cloudformation")
    properties = {"UserPoolId": {"Ref": "UserPool"}, "Domain": domain}
    resources = {
        "UserPool": {"Type": "AWS::Cognito::UserPool", "Properties": {}},
        "Domain": {"Type": "AWS::Cognito::UserPoolDomain", "Properties": properties},
    }
    cloudformation.create_stack(
        StackName="s", TemplateBody=json.dumps({"Resources": resources})
    )
    stack = until(
        lambda: cloudformation.describe_stacks(StackName="s")["Stacks"][0],
        lambda found: not found["StackStatus"].endswith("IN_PROGRESS"),
    )
    events = cloudformation.describe_stack_events(StackName="s")["StackEvents"]
    reasons = " ".join(event.get("ResourceStatusReason", "") for event in events)
    assert (stack["StackStatus"], fault in reasons) == ("ROLLBACK_COMPLETE", True)
