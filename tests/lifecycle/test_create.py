"""A first deployment: everything is there and right, or nothing is."""

from __future__ import annotations

import json
import time

import pytest

from tests.lifecycle.deployed_set import PLACEHOLDER, DeployedSet

WORKERS = "ada@example.com,Bob@Example.com"


def test_the_app_client_leads_to_the_portal_and_nowhere_else(
    deployed: DeployedSet,
) -> None:
    assert deployed.create() == "CREATE_COMPLETE", deployed.reasons
    portal = f"https://{deployed.portal}"
    assert deployed.client["CallbackURLs"] == [f"{portal}/oauth2/idpresponse"]
    assert deployed.client["LogoutURLs"] == [f"{portal}/logout"]
    assert deployed.client["DefaultRedirectURI"] == f"{portal}/oauth2/idpresponse"


def test_additional_urls_come_after_the_portals(deployed: DeployedSet) -> None:
    deployed.create(
        AdditionalCallbackUrls="https://a.example/cb,https://b.example/cb",
        AdditionalLogoutUrls="https://a.example/bye",
    )
    assert deployed.client["CallbackURLs"][1:] == [
        "https://a.example/cb",
        "https://b.example/cb",
    ]
    assert deployed.client["LogoutURLs"][1:] == ["https://a.example/bye"]


def test_everything_else_on_client_and_pool_is_as_the_template_says(
    deployed: DeployedSet,
) -> None:
    deployed.create(TemporaryPasswordValidityDays="3", AccessTokenValidityInMinutes="5")
    client, pool = deployed.client, deployed.pool
    assert client["ExplicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]
    assert client["AllowedOAuthFlows"] == ["code"]
    assert sorted(client["AllowedOAuthScopes"]) == ["email", "openid", "profile"]
    assert client["WriteAttributes"] == ["name"]
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["AccessTokenValidity"] == client["IdTokenValidity"] == 5
    assert client["RefreshTokenValidity"] == 25
    assert pool["MfaConfiguration"] == "ON"
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    policy = pool["Policies"]["PasswordPolicy"]
    assert policy["MinimumLength"] == 14
    assert policy["TemporaryPasswordValidityDays"] == 3
    mfa = deployed.cognito.get_user_pool_mfa_config(
        UserPoolId=deployed.outputs["UserPoolId"]
    )
    assert mfa["SoftwareTokenMfaConfiguration"] == {"Enabled": True}


def test_an_invited_worker_is_told_the_portal_and_never_the_placeholder(
    deployed: DeployedSet,
) -> None:
    deployed.create(WorkerEmails=WORKERS)
    mails = deployed.aws.control.mails()
    assert sorted(mail["to"] for mail in mails) == [
        "ada@example.com",
        "bob@example.com",
    ]
    for mail in mails:
        assert f"https://{deployed.portal}" in mail["body"]
        assert PLACEHOLDER not in mail["body"]


def test_every_named_team_is_there_and_the_outputs_name_them(
    deployed: DeployedSet,
) -> None:
    deployed.create(WorkTeamNames="labelers,reviewers")
    arns = deployed.outputs["WorkTeamArns"].split(",")
    assert [arn.rpartition("/")[2] for arn in arns] == deployed.teams
    assert deployed.outputs["WorkTeamArn"] == arns[0]


def test_the_domain_prefix_is_the_operators_or_holds_the_uuid_of_the_stack(
    deployed: DeployedSet,
) -> None:
    deployed.create(DomainPrefix="vision-labels")
    assert deployed.outputs["UserPoolDomainName"].startswith("vision-labels.auth.")
    assert deployed.pool["Domain"] == "vision-labels"


def test_a_derived_domain_prefix_is_kept_in_a_parameter(deployed: DeployedSet) -> None:
    deployed.create()
    uuid = deployed.stack["StackId"].rpartition("/")[2]
    assert deployed.pool["Domain"] == f"labeling-{uuid}"
    kept = deployed.aws.client("ssm").get_parameter(
        Name=deployed.outputs["DomainPrefixParameterName"]
    )
    assert kept["Parameter"]["Value"] == f"labeling-{uuid}"


def test_a_workforce_in_the_region_is_named_and_survives_and_nothing_is_left(
    deployed: DeployedSet,
) -> None:
    other = deployed.cognito.create_user_pool(PoolName="theirs")["UserPool"]["Id"]
    client = deployed.cognito.create_user_pool_client(
        UserPoolId=other, ClientName="theirs", GenerateSecret=True
    )["UserPoolClient"]["ClientId"]
    deployed.cognito.create_user_pool_domain(Domain="theirs", UserPoolId=other)
    deployed.sagemaker.create_workforce(
        WorkforceName="default",
        CognitoConfig={"UserPool": other, "ClientId": client},
    )
    while deployed.workforces[0]["Status"] != "Active":
        time.sleep(0.03)
    before = deployed.workforces
    assert deployed.create() == "ROLLBACK_COMPLETE"
    assert "A private workforce already exists in this Region" in deployed.reasons
    assert "default" in deployed.reasons
    assert deployed.workforces == before
    assert deployed.everything_of_the_set() == {
        "user pools": ["theirs"],
        "workforces": ["default"],
    }


@pytest.mark.parametrize(
    "operation",
    ["CreateWorkforce", "CreateWorkteam", "UpdateUserPool$", "AdminCreateUser"],
)
def test_a_failed_create_leaves_nothing_and_says_what_failed(
    deployed: DeployedSet, operation: str
) -> None:
    deployed.aws.control.add_fault(
        operation=operation,
        caller="function",
        kind="UnsupportedOperationException",
        times=0,
    )
    assert deployed.create(WorkerEmails="ada@example.com") == "ROLLBACK_COMPLETE"
    assert f"{operation.rstrip('$')} failed with Unsupported" in deployed.reasons
    assert deployed.everything_of_the_set() == {}


def test_a_workforce_that_fails_by_itself_goes_with_the_rollback(
    deployed: DeployedSet,
) -> None:
    deployed.aws.control.set(workforce_outcome="Failed")
    assert deployed.create() == "ROLLBACK_COMPLETE"
    assert "failed: " in deployed.reasons
    assert deployed.everything_of_the_set() == {}


def test_no_secret_is_in_reasons_outputs_or_logs(deployed: DeployedSet) -> None:
    deployed.create(WorkerEmails="ada@example.com")
    secret = deployed.client["ClientSecret"]
    (mail,) = deployed.aws.control.mails()
    password = mail["body"].partition("Temporary password: ")[2].partition("</p>")[0]
    assert password
    shown = "\n".join(
        [deployed.reasons, json.dumps(deployed.outputs), deployed.log_lines]
    )
    assert '"event": "answer"' in shown
    for hidden in (secret, password, "cfn-response"):
        assert hidden not in shown


def test_the_function_logs_json_lines_to_its_own_group(deployed: DeployedSet) -> None:
    deployed.create()
    lines = [line for line in deployed.log_lines.splitlines() if line.startswith("{")]
    assert {"request", "answer", "created", "rewrote"} <= {
        json.loads(line)["event"] for line in lines
    }
