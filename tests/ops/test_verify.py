"""`make verify` and `make status`: each promise is broken, and is seen to be broken."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from lambda_src.workforce import writable_client, writable_pool
from local_aws.process import EmbeddedAws
from ops.account import Account
from ops.deployed import Deployed
from ops.promises import CHECKS, Check, answers, drift, portal, sign_in, upkeep
from tests.ops.operated_set import OperatedSet, operated
from tests.small_set import known_account

PLACEHOLDER = "https://labeling-portal.invalid"


@pytest.fixture(scope="module")
def labels(
    embedded_aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OperatedSet]:
    """Give one deployment to all tests here, each of which breaks another part."""
    folder = tmp_path_factory.mktemp("operator")
    given = {
        "WorkerEmails": "ada@example.com,grace@example.com",
        "NotificationEmail": "oncall@example.com",
        "UserPoolDeletionProtection": "ACTIVE",
    }
    with operated(embedded_aws, folder, **given) as deployed:
        yield deployed


def look(check: Check) -> dict[str, list[str]]:
    """Return what a check finds now, by its level."""
    deployed = Deployed(known_account(), "labels")
    found: dict[str, list[str]] = {}
    for finding in answers(deployed, [check]):
        assert finding.mend or finding.level != "error"
        found.setdefault(finding.level, []).append(f"{finding.fact} {finding.mend}")
    return found


def test_a_fresh_deployment_holds_every_promise(labels: OperatedSet) -> None:
    verified = labels.runs("verify")
    assert verified.code == 0, verified.output
    signs = [line[0] for line in verified.output.splitlines()]
    assert signs.count("✓") >= 25
    assert {"✗", "?"} & set(signs) == set()
    state = json.loads(labels.runs("status", "--output", "json").output)
    assert state["Workforce"] == "Active"
    assert state["App client"] == state["Invitation"] == "leads to the portal"
    assert state["Work teams"] == "labelers (2 workers)"
    assert state["Accounts"] == "about 2, protected against deletion"
    assert "Second factor    ON, authenticator app\n" in labels.runs("status").output


def test_no_stack_and_no_success_are_sentences(labels: OperatedSet) -> None:
    missing = labels.runs("verify", "--stack", "missing")
    assert missing.refuses("There is no stack missing", "`make deploy`")
    cloudformation = labels.cloudformation
    cloudformation.create_change_set(
        StackName="empty",
        ChangeSetName="a",
        ChangeSetType="CREATE",
        TemplateBody='{"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}',
    )
    empty = labels.runs("status", "--stack", "empty")
    assert empty.refuses("REVIEW_IN_PROGRESS", "no user pool", "`make deploy`")


def break_client(labels: OperatedSet, **changed: Any) -> None:
    settings = writable_client(labels.client)
    labels.cognito.update_user_pool_client(**{**settings, **changed})


def break_pool(labels: OperatedSet, **changed: Any) -> None:
    settings = writable_pool(labels.pool)
    labels.cognito.update_user_pool(**{**settings, **changed})


def callback(labels: OperatedSet, *others: str) -> list[str]:
    return [f"https://{labels.portal}/oauth2/idpresponse", *others]


@pytest.mark.parametrize(
    ("changed", "words", "mend"),
    [
        (
            {
                "CallbackURLs": [f"{PLACEHOLDER}/oauth2/idpresponse"],
                "DefaultRedirectURI": f"{PLACEHOLDER}/oauth2/idpresponse",
            },
            "callback URLs are https://labeling-portal.invalid",
            "make repair",
        ),
        ({"LogoutURLs": []}, "logout URLs are none", "make repair"),
        (
            {"LogoutURLs": ["https://example.org"]},
            "logout URLs are https://example.org",
            "outside the stack",
        ),
        (
            {"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]},
            "allows ALLOW_USER_PASSWORD_AUTH",
            "outside the stack",
        ),
        ({"EnableTokenRevocation": False}, "cannot be revoked", "outside the stack"),
        (
            {"PreventUserExistenceErrors": "LEGACY"},
            "tells which accounts exist",
            "outside the stack",
        ),
    ],
)
def test_a_broken_app_client_is_seen(
    labels: OperatedSet, changed: dict[str, Any], words: str, mend: str
) -> None:
    before = writable_client(labels.client)
    break_client(labels, **changed)
    try:
        broken = " ".join(look(portal.app_client)["error"])
    finally:
        labels.cognito.update_user_pool_client(**before)
    assert words in broken
    assert mend in broken
    assert look(portal.app_client).keys() == {"fine"}


def texts(labels: OperatedSet, portal: str) -> dict[str, Any]:
    admin = writable_pool(labels.pool)["AdminCreateUserConfig"]
    body = f"{portal} {{username}} {{####}}"
    return {
        **admin,
        "InviteMessageTemplate": {
            **admin["InviteMessageTemplate"],
            "EmailMessage": body,
        },
    }


@pytest.mark.parametrize(
    ("check", "changed", "words", "mend"),
    [
        (
            portal.invitation,
            lambda labels: {"AdminCreateUserConfig": texts(labels, PLACEHOLDER)},
            "does not name the portal",
            "make repair",
        ),
        (
            portal.invitation,
            lambda labels: {"AdminCreateUserConfig": texts(labels, "our portal")},
            "does not name the portal",
            "outside the stack",
        ),
        (
            portal.invitation,
            lambda labels: {
                "AdminCreateUserConfig": {
                    **texts(labels, f"https://{labels.portal}"),
                    "AllowAdminCreateUserOnly": False,
                }
            },
            "Anybody can sign up",
            "outside the stack",
        ),
        (
            sign_in.user_pool,
            lambda labels: {
                "Policies": {"PasswordPolicy": {"MinimumLength": 8}},
            },
            "8 characters instead of 14",
            "outside the stack",
        ),
        (
            sign_in.user_pool,
            lambda labels: {"MfaConfiguration": "OPTIONAL"},
            "OPTIONAL (with authenticator apps) instead of ON",
            "outside the stack",
        ),
        (
            sign_in.user_pool,
            lambda labels: {"UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"}},
            "threat protection ENFORCED, instead of PLUS with AUDIT",
            "outside the stack",
        ),
        (
            sign_in.user_pool,
            lambda labels: {"DeletionProtection": "INACTIVE"},
            "is INACTIVE instead of ACTIVE",
            "outside the stack",
        ),
    ],
)
def test_a_broken_user_pool_is_seen(
    labels: OperatedSet,
    check: Check,
    changed: Callable[[OperatedSet], dict[str, Any]],
    words: str,
    mend: str,
) -> None:
    before = writable_pool(labels.pool)
    break_pool(labels, **changed(labels))
    try:
        broken = " ".join(look(check)["error"])
    finally:
        labels.cognito.update_user_pool(**before)
    assert words in broken
    assert mend in broken
    assert look(check).keys() == {"fine"}


def test_a_worker_who_was_disabled_by_hand_is_named(labels: OperatedSet) -> None:
    (ada,) = [name for name in labels.users if name.startswith("ada-")]
    pool = labels.outputs["UserPoolId"]
    labels.cognito.admin_disable_user(UserPoolId=pool, Username=ada)
    (broken,) = look(portal.declared_workers)["error"]
    assert "in the first team: ada@example.com." in broken


def test_sign_ins_that_are_not_logged_are_seen(labels: OperatedSet) -> None:
    pool = labels.outputs["UserPoolId"]
    labels.cognito.set_log_delivery_configuration(UserPoolId=pool, LogConfigurations=[])
    broken = " ".join(look(sign_in.activity_log)["error"])
    assert "Sign-ins are not logged" in broken
    assert "E-mails that fail are not logged" in broken


def test_a_web_acl_that_was_taken_off_is_seen(labels: OperatedSet) -> None:
    wafv2 = labels.aws.client("wafv2")
    wafv2.disassociate_web_acl(ResourceArn=labels.pool["Arn"])
    (broken,) = look(sign_in.web_acl)["error"]
    assert "In front of the sign-in pages is no web ACL instead of arn:aws:w" in broken
    command = broken.partition("`aws wafv2 associate-web-acl ")[2].split("`")[0].split()
    assert (command[0], command[2]) == ("--web-acl-arn", "--resource-arn")
    wafv2.associate_web_acl(WebACLArn=command[1], ResourceArn=command[3])
    assert look(sign_in.web_acl).keys() == {"fine"}


def test_a_domain_prefix_that_was_written_over_is_seen(labels: OperatedSet) -> None:
    name = labels.outputs["DomainPrefixParameterName"]
    labels.aws.client("ssm").put_parameter(Name=name, Value="other", Overwrite=True)
    (broken,) = look(sign_in.sign_in_domain)["error"]
    assert "holds other instead of the domain prefix" in broken


def test_the_stack_without_protection_is_warned_of(labels: OperatedSet) -> None:
    assert labels.cloudformation.update_termination_protection(
        StackName="labels", EnableTerminationProtection=False
    )
    assert "no termination protection" in look(upkeep.stack)["warning"][0]


def test_a_repair_rule_that_is_off_or_gone_is_seen(labels: OperatedSet) -> None:
    events = labels.aws.client("events")
    (name,) = [rule["Name"] for rule in events.list_rules()["Rules"]]
    events.disable_rule(Name=name)
    assert "is DISABLED, with 1 targets" in look(upkeep.repair_rule)["error"][0]
    (target,) = events.list_targets_by_rule(Rule=name)["Targets"]
    events.remove_targets(Rule=name, Ids=[target["Id"]])
    events.delete_rule(Name=name)
    assert "is gone, with 0 targets" in look(upkeep.repair_rule)["error"][0]


def test_alarms_that_are_on_silent_or_gone_are_seen(labels: OperatedSet) -> None:
    cloudwatch = labels.aws.client("cloudwatch")
    names = [each["AlarmName"] for each in cloudwatch.describe_alarms()["MetricAlarms"]]
    on, silent = sorted(names)[:2]
    cloudwatch.set_alarm_state(AlarmName=on, StateValue="ALARM", StateReason="3 errors")
    cloudwatch.disable_alarm_actions(AlarmNames=[silent])
    broken = " ".join(look(upkeep.alarms)["error"])
    assert "is on: 3 errors" in broken
    assert "tells nobody" in broken
    assert "1 ALARM, " in labels.runs("status").output
    cloudwatch.delete_alarms(AlarmNames=[on])
    assert "is gone" in " ".join(look(upkeep.alarms)["error"])


def test_nobody_who_is_told_of_alarms_is_seen(labels: OperatedSet) -> None:
    sns = labels.aws.client("sns")
    topic = labels.outputs["NotificationTopicArn"]
    for each in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])
    assert "has no subscription" in look(upkeep.notifications)["error"][0]


def test_drift_that_somebody_made_is_named(labels: OperatedSet) -> None:
    functions = labels.aws.client("lambda")
    (function,) = functions.list_functions()["Functions"]
    functions.update_function_configuration(
        FunctionName=function["FunctionName"], MemorySize=128
    )
    (broken,) = [
        text for text in look(drift.drift)["error"] if "WorkforceFunction " in text
    ]
    assert "WorkforceFunction was changed outside the stack: /MemorySize." in broken


def test_a_lost_work_team_and_a_lost_workforce_are_seen(labels: OperatedSet) -> None:
    (team,) = labels.teams
    labels.sagemaker.delete_workteam(WorkteamName=team)
    assert f"The work team {team} is gone." in look(portal.work_teams)["error"][0]
    assert "labelers (gone)" in labels.runs("status").output
    name = labels.outputs["WorkforceName"]
    labels.sagemaker.delete_workforce(WorkforceName=name)
    labels.aws.control.set(workforce_deleting_seconds=0)
    while labels.workforces:
        time.sleep(0.03)
    assert f"The workforce {name} is gone." in look(portal.portal)["error"][0]
    verified = labels.runs("verify", "--no-drift", "--output", "json")
    assert (verified.code, json.loads(verified.output)["ok"]) == (1, False)


def test_what_may_not_be_looked_at_is_no_answer(labels: OperatedSet) -> None:
    labels.aws.control.add_fault("DescribeUserPool$", "AccessDeniedException", times=0)
    try:
        found = look(portal.invitation)
        status = labels.runs("status").output
    finally:
        labels.aws.control.clear_faults()
    assert list(found) == ["unknown"]
    assert "not known: These credentials may not call DescribeUserPool" in status


def test_a_pool_and_a_client_that_are_gone_break_promises_and_not_the_command(
    labels: OperatedSet,
) -> None:
    pool = labels.outputs["UserPoolId"]
    prefix = labels.pool["Domain"]
    break_pool(labels, DeletionProtection="INACTIVE")
    labels.cognito.delete_user_pool_domain(UserPoolId=pool, Domain=prefix)
    assert "is gone" in look(sign_in.sign_in_domain)["error"][0]
    client = labels.outputs["UserPoolClientId"]
    labels.cognito.delete_user_pool_client(UserPoolId=pool, ClientId=client)
    assert look(portal.app_client).keys() == {"error"}
    labels.cognito.delete_user_pool(UserPoolId=pool)
    for check in CHECKS:
        look(check)


def stubbed(*drifts: dict[str, Any], detection: str = "DETECTION_COMPLETE") -> Any:
    """Return a deployed set whose CloudFormation finds these drifts."""
    session = boto3.session.Session("111111111111", "test", region_name="us-east-1")
    here = Account(session, "us-east-1")
    stubber = Stubber(here.cloudformation)
    stack_id = "arn:aws:cloudformation:us-east-1:111111111111:stack/labels/1"
    stubber.add_response("detect_stack_drift", {"StackDriftDetectionId": "a" * 36})
    stubber.add_response(
        "describe_stack_drift_detection_status",
        {
            "StackId": stack_id,
            "StackDriftDetectionId": "a" * 36,
            "DetectionStatus": detection,
            "DetectionStatusReason": "Failed to read",
            "Timestamp": "2026-11-24T00:00:00Z",
        },
    )
    found = [
        {
            "StackId": stack_id,
            "ResourceType": "AWS::Cognito::UserPool",
            "Timestamp": "2026-11-24T00:00:00Z",
            "PhysicalResourceId": "id",
            "StackResourceDriftStatus": "MODIFIED",
            **each,
        }
        for each in drifts
    ]
    for page, token in ((found[:1], "more"), (found[1:], "")):
        answer: dict[str, Any] = {"StackResourceDrifts": page}
        stubber.add_response(
            "describe_stack_resource_drifts",
            answer | ({"NextToken": token} if token else {}),
        )
    stubber.activate()
    deployed = Deployed(here, "labels")
    deployed.__dict__.update(
        stack={"StackId": stack_id},
        outputs={"LabelingPortalUrl": "https://abc.labeling.us-east-1.sagemaker.aws"},
        resources={},
    )
    return deployed


def difference(path: str, expected: str, actual: str) -> dict[str, str]:
    return {
        "PropertyPath": path,
        "ExpectedValue": expected,
        "ActualValue": actual,
        "DifferenceType": "NOT_EQUAL",
    }


PORTALS = {
    "LogicalResourceId": "UserPoolClient",
    "PropertyDifferences": [
        difference(
            "/CallbackURLs/0",
            f"{PLACEHOLDER}/oauth2/idpresponse",
            "https://abc.labeling.us-east-1.sagemaker.aws/oauth2/idpresponse",
        )
    ],
}


def test_drift_that_the_function_makes_is_expected() -> None:
    found = list(drift.drift(stubbed(PORTALS)))
    assert [each.level for each in found] == ["fine", "fine"]
    assert "by the portal, as they must" in found[0].fact


def test_drift_beside_the_functions_is_not() -> None:
    others = {
        "LogicalResourceId": "UserPoolClient",
        "PropertyDifferences": [
            *PORTALS["PropertyDifferences"],
            difference("/CallbackURLs/1", "https://a.org", "https://b.org"),
            difference("/AccessTokenValidity", "60", "1440"),
        ],
    }
    gone = {"LogicalResourceId": "Alarm", "StackResourceDriftStatus": "DELETED"}
    found = list(drift.drift(stubbed(others, gone)))
    assert [each.level for each in found] == ["error", "error", "fine"]
    assert found[0].fact.endswith("stack: /AccessTokenValidity, /CallbackURLs/1.")
    assert found[1].fact == "Alarm was deleted outside the stack."


def test_the_portal_is_expected_nowhere_but_where_the_function_writes_it() -> None:
    portal = "https://abc.labeling.us-east-1.sagemaker.aws/oauth2/idpresponse"
    elsewhere = {
        "LogicalResourceId": "UserPool",
        "PropertyDifferences": [
            difference("/EmailVerificationMessage", PLACEHOLDER, portal)
        ],
    }
    found = list(drift.drift(stubbed(elsewhere)))
    assert [each.level for each in found] == ["error"]


def test_drift_that_could_not_be_looked_for_is_said() -> None:
    found = list(drift.drift(stubbed(detection="DETECTION_FAILED")))
    assert [each.level for each in found] == ["unknown"]
    assert "Failed to read." in found[0].fact
