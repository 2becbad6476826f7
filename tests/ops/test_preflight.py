"""`make preflight`: all that stands in the way, at once, each with its mend."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local_aws.environment import REGION
from local_aws.process import EmbeddedAws
from ops import account, account_checks, preflight, quotas, rights
from ops.account import Account
from ops.account_checks import Finding, Situation
from tests.small_set import Operator

ACCOUNT = "111111111111"
ROOT_USER = f"arn:aws:iam::{ACCOUNT}:root"
ZONE_NAME = "labels.example.com"
NAME = f"sign-in.{ZONE_NAME}"


@pytest.fixture(scope="module")
def services(embedded_aws: EmbeddedAws) -> Iterator[EmbeddedAws]:
    """Give an empty account, which each test adds to."""
    embedded_aws.control.reset()
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in embedded_aws.environment().items():
            monkeypatch.setenv(name, value)
        yield embedded_aws
    shared_account.cache_clear()


@functools.cache
def shared_account() -> Account:
    """Return the account with its clients, whose making takes the most time."""
    return account.from_environment()


def situation(caller: str = ROOT_USER, **values: str) -> Situation:
    return Situation(shared_account(), "labels", None, values, caller)


def found(
    check: Callable[[Situation], Iterator[Finding]], caller: str = ROOT_USER, **v: str
) -> list[tuple[str, str]]:
    """Return level and text of what a check finds; what is not fine has a mend."""
    findings = list(check(situation(caller, **v)))
    assert all(finding.mend for finding in findings if finding.level == "error")
    return [(each.level, f"{each.fact} {each.mend}".strip()) for each in findings]


def make_pool(services: EmbeddedAws, domain: str) -> str:
    cognito = services.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="theirs")["UserPool"]["Id"]
    cognito.create_user_pool_domain(UserPoolId=pool, Domain=domain)
    found: str = pool
    return found


def test_another_private_workforce_is_named_with_its_owner(
    services: EmbeddedAws,
) -> None:
    ((level, text),) = found(account_checks.private_workforce)
    assert (level, text) == (
        "fine",
        "There is no other private workforce in this Region.",
    )
    pool = make_pool(services, "workforce-domain")
    client = services.client("cognito-idp").create_user_pool_client(
        UserPoolId=pool, ClientName="portal", GenerateSecret=True
    )["UserPoolClient"]["ClientId"]
    services.client("sagemaker").create_workforce(
        WorkforceName="theirs", CognitoConfig={"UserPool": pool, "ClientId": client}
    )
    ((level, text),) = found(account_checks.private_workforce)
    assert level == "error"
    assert f"theirs, on the user pool {pool}, which no stack holds" in text
    adopting = found(account_checks.private_workforce, ExistingWorkforceName="theirs")
    assert adopting == [("fine", "The private workforce theirs is this stack's.")]


def test_an_oidc_workforce_is_in_the_way_as_well(
    services: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = situation()
    vendors: dict[str, Any] = {"WorkforceName": "vendor"}
    theirs = {"WorkforceName": "theirs", "OidcConfig": {}}
    pages = [{"Workforces": [vendors]}, {"Workforces": [theirs]}]
    listing = SimpleNamespace(paginate=lambda: pages)
    client = here.account.client("sagemaker")
    monkeypatch.setattr(client, "get_paginator", lambda name: listing)
    (finding,) = account_checks.private_workforce(here)
    assert "theirs, which signs in through an OIDC provider" in finding.fact


def test_a_domain_prefix_that_is_taken_is_named(services: EmbeddedAws) -> None:
    assert found(account_checks.domain_prefix) == []
    ((level, text),) = found(account_checks.domain_prefix, DomainPrefix="taken")
    assert (level, "free in this account" in text) == ("fine", True)
    pool = make_pool(services, "taken")
    ((level, text),) = found(account_checks.domain_prefix, DomainPrefix="taken")
    assert (level, f"taken by the user pool {pool}" in text) == ("error", True)


def test_a_certificate_is_issued_and_for_the_name(services: EmbeddedAws) -> None:
    assert found(account_checks.certificate) == []
    acm = services.client("acm")
    given = {"CustomDomainName": NAME}
    for wanted, level, words in (
        (f"*.{ZONE_NAME}", "fine", "is issued"),
        (NAME, "fine", "is issued"),
        ("example.org", "error", f"is for example.org, not for {NAME}"),
    ):
        arn = acm.request_certificate(DomainName=wanted, ValidationMethod="DNS")
        given["CustomDomainCertificateArn"] = arn["CertificateArn"]
        (answer,) = found(account_checks.certificate, **given)
        assert (answer[0], words in answer[1]) == (level, True), answer
    acm.delete_certificate(CertificateArn=given["CustomDomainCertificateArn"])
    ((level, text),) = found(account_checks.certificate, **given)
    assert (level, "There is no certificate" in text) == ("error", True)


def test_a_certificate_that_waits_for_its_validation_is_said(
    services: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = situation(CustomDomainCertificateArn="arn", CustomDomainName=NAME)
    pending = {"Certificate": {"DomainName": NAME, "Status": "PENDING_VALIDATION"}}
    acm = here.account.client("acm", region="us-east-1")
    monkeypatch.setattr(acm, "describe_certificate", lambda CertificateArn: pending)
    (finding,) = account_checks.certificate(here)
    assert (finding.level, "PENDING_VALIDATION" in finding.fact) == ("error", True)


def test_a_hosted_zone_is_public_and_holds_the_name(services: EmbeddedAws) -> None:
    assert found(account_checks.hosted_zone) == []
    route53 = services.client("route53")

    def zone(name: str, **options: Any) -> str:
        made = route53.create_hosted_zone(
            Name=name, CallerReference=name + str(options), **options
        )
        identifier: str = made["HostedZone"]["Id"].rpartition("/")[2]
        return identifier

    private = {
        "VPC": {"VPCRegion": REGION, "VPCId": "vpc-0123456789abcdef0"},
        "HostedZoneConfig": {"PrivateZone": True},
    }
    for identifier, level, words in (
        (zone(ZONE_NAME), "fine", "The hosted zone of"),
        (zone("example.org"), "error", f"is for example.org, which {NAME} is not in"),
        (zone(ZONE_NAME, **private), "error", "is private"),
        ("Z0000000000000", "error", "There is no hosted zone Z0000000000000"),
    ):
        (answer,) = found(
            account_checks.hosted_zone,
            CustomDomainName=NAME,
            CustomDomainHostedZoneId=identifier,
        )
        assert (answer[0], words in answer[1]) == (level, True), answer


def test_a_web_acl_of_the_operator_is_there(services: EmbeddedAws) -> None:
    assert found(account_checks.own_web_acl) == []
    wafv2 = services.client("wafv2")
    made = wafv2.create_web_acl(
        Name="ours",
        Scope="REGIONAL",
        DefaultAction={"Allow": {}},
        VisibilityConfig={
            "SampledRequestsEnabled": False,
            "CloudWatchMetricsEnabled": False,
            "MetricName": "ours",
        },
    )["Summary"]
    (answer,) = found(account_checks.own_web_acl, WebAclArn=made["ARN"])
    assert answer == ("fine", "The web ACL ours is there.")
    elsewhere = made["ARN"].replace(REGION, "eu-west-1")
    ((level, text),) = found(account_checks.own_web_acl, WebAclArn=elsewhere)
    assert (level, "is in eu-west-1" in text) == ("error", True)
    wafv2.delete_web_acl(
        Name="ours", Scope="REGIONAL", Id=made["Id"], LockToken=made["LockToken"]
    )
    ((level, text),) = found(account_checks.own_web_acl, WebAclArn=made["ARN"])
    assert (level, "There is no web ACL" in text) == ("error", True)


def test_the_sender_is_verified_and_out_of_the_sandbox(services: EmbeddedAws) -> None:
    identity = f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/{ZONE_NAME}"
    ((level, text),) = found(account_checks.sender, SesIdentityArn=identity)
    assert (level, "There is no SES identity" in text) == ("error", True)
    services.client("sesv2").create_email_identity(EmailIdentity=ZONE_NAME)
    levels = dict(found(account_checks.sender, SesIdentityArn=identity))
    assert levels["fine"] == f"The SES identity {ZONE_NAME} is verified."


@pytest.mark.parametrize(
    ("identity", "production", "level", "words"),
    [
        ({"VerifiedForSendingStatus": False}, True, "error", "is not verified"),
        ({"VerifiedForSendingStatus": True}, False, "warning", "sandbox"),
    ],
)
def test_a_sender_that_may_not_send_to_everybody_is_said(
    services: EmbeddedAws,
    monkeypatch: pytest.MonkeyPatch,
    identity: dict[str, bool],
    production: bool,
    level: str,
    words: str,
) -> None:
    arn = f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/x.org"
    here = situation(SesIdentityArn=arn)
    ses = here.account.client("sesv2", region=REGION)
    monkeypatch.setattr(ses, "get_email_identity", lambda EmailIdentity: identity)
    monkeypatch.setattr(
        ses, "get_account", lambda: {"ProductionAccessEnabled": production}
    )
    finding = list(account_checks.sender(here))[-1]
    assert (finding.level, words in finding.fact) == (level, True)


def test_more_invitations_than_the_default_sender_sends_in_a_day_are_seen_coming(
    services: EmbeddedAws,
) -> None:
    emails = [f"worker{number}@example.com" for number in range(51)]
    assert found(account_checks.sender, WorkerEmails=",".join(emails[:50])) == []
    ((level, text),) = found(account_checks.sender, WorkerEmails=",".join(emails))
    assert (level, "51 workers" in text, "50 e-mails" in text) == (
        "warning",
        True,
        True,
    )


def test_quotas_are_compared_with_what_is_used(
    services: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ",".join(f"team{number}" for number in range(25))
    looks = [look for look, _ in quotas.LOOKS]
    for look in looks:
        ((level, _),) = found(look, WorkTeamNames=names)
        assert level == "fine"
    here = situation(WorkTeamNames=f"{names},another")
    full = {"SummaryMap": {"Roles": 1000, "RolesQuota": 1000}}
    few = {"AccountLimit": {"UnreservedConcurrentExecutions": 1}}
    iam, functions = here.account.client("iam"), here.account.client("lambda")
    monkeypatch.setattr(iam, "get_account_summary", lambda: full)
    monkeypatch.setattr(functions, "get_account_settings", lambda: few)
    make_pool(services, "crowded")
    services.control.set(
        quotas={"StackLimit": 3.0, "L-66E6DF30": 1.0, "L-2EC3DE7B": 0.0}
    )
    findings = [finding for look in looks for finding in look(here)]
    assert [finding.level for finding in findings] == ["error"] * 6
    assert findings[0].fact == "No room for work teams: 26 needed, 25 free."
    assert "Service Quotas (Roles per account)" in findings[1].mend
    assert findings[3].fact == "No room for CloudFormation stacks: 4 needed, 3 free."
    assert findings[4].fact == "No room for user pools: 1 needed, 0 free."
    assert "Maximum web ACLs per account in WAF for regional" in findings[5].mend


def test_what_is_given_needs_no_room_and_an_unknown_quota_is_the_documented_one(
    services: EmbeddedAws,
) -> None:
    services.control.set(quotas={"L-66E6DF30": 0.0, "L-2EC3DE7B": 0.0})
    assert found(quotas.user_pools, UserPoolId="us-east-1_AbCdEfGhI") == []
    assert found(quotas.web_acls, WebAclArn="arn:aws:wafv2:…") == []
    services.control.add_fault("GetServiceQuota", "NoSuchResourceException", times=0)
    ((_, text),) = found(quotas.web_acls)
    services.control.clear_faults()
    assert text == "Room for web ACLs: 1 needed, 100 free."


def test_who_may_not_ask_for_quotas_is_told_that_nobody_looked(
    services: EmbeddedAws,
) -> None:
    services.control.set(quotas={})
    services.control.add_fault("GetServiceQuota", "AccessDeniedException", times=0)
    answers = preflight.ask(situation(), everything=True)
    services.control.clear_faults()
    unknown = [each.fact for each in answers if each.level == "unknown"]
    assert len(unknown) == 2
    assert all("may not call GetServiceQuota" in fact for fact in unknown)
    told = [each.fact for each in answers if each.level == "fine"]
    assert "Room for CloudFormation stacks: 4 needed, 2,000 free." in told


def make_user(services: EmbeddedAws, name: str, *statements: dict[str, Any]) -> str:
    iam = services.client("iam")
    arn: str = iam.create_user(UserName=name)["User"]["Arn"]
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    iam.put_user_policy(
        UserName=name, PolicyName="p", PolicyDocument=json.dumps(document)
    )
    return arn


def test_rights_are_simulated_before_they_are_missed(services: EmbeddedAws) -> None:
    assert found(rights.deployers_rights) == [
        ("fine", "The account's root may do everything.")
    ]
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    allowed = make_user(services, "allowed", everything)
    ((level, text),) = found(rights.deployers_rights, allowed)
    assert (level, "may deploy" in text) == ("fine", True)
    denied = {"Effect": "Deny", "Action": "iam:CreateRole", "Resource": "*"}
    ((level, text),) = found(
        rights.deployers_rights, make_user(services, "denied", everything, denied)
    )
    assert (level, "are denied iam:CreateRole." in text) == ("error", True)
    some = {**everything, "Action": [a for a in rights.actions() if "wafv2" not in a]}
    ((level, text),) = found(rights.deployers_rights, make_user(services, "some", some))
    assert (level, "wafv2:CreateWebACL" in text) == ("warning", True)


def test_who_may_not_simulate_is_told_that_nobody_looked(
    services: EmbeddedAws,
) -> None:
    services.control.add_fault("SimulatePrincipalPolicy", "AccessDenied")
    arn = make_user(
        services, "blind", {"Effect": "Deny", "Action": "*", "Resource": "*"}
    )
    ((level, text),) = found(rights.deployers_rights, arn)
    assert (level, "was not simulated" in text) == ("unknown", True)


def test_a_session_is_simulated_as_its_role(services: EmbeddedAws) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"AWS": ROOT_USER},
        },
    }
    services.client("iam").create_role(
        RoleName="deployer", AssumeRolePolicyDocument=json.dumps(trust)
    )
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/me"
    ((level, text),) = found(rights.deployers_rights, session)
    assert (level, "cloudformation:CreateStack" in text) == ("warning", True)


def test_the_rights_that_are_simulated_are_those_of_the_deploy_role() -> None:
    simulated = rights.actions()
    assert len(simulated) > 100
    assert {"cloudformation:CreateStack", "wafv2:CreateWebACL"} <= set(simulated)
    # The function's, which are the boundary of the roles that a deployer makes.
    assert "sagemaker:CreateWorkforce" not in simulated


def test_templates_that_are_not_built_leave_the_rights_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    here = situation(f"arn:aws:iam::{ACCOUNT}:user/somebody")
    check = preflight.Check(rights.deployers_rights, ())
    (finding,) = preflight._answer(check, here)
    assert (finding.level, finding.mend) == ("unknown", "`make build` writes it.")


def test_a_question_that_may_not_be_asked_is_no_answer(services: EmbeddedAws) -> None:
    services.control.add_fault("ListWorkforces", "AccessDeniedException", times=0)
    try:
        findings = preflight.ask(situation(), everything=False)
    finally:
        services.control.clear_faults()
    assert [(each.level, "ListWorkforces" in each.fact) for each in findings] == [
        ("unknown", True)
    ]


def test_everything_is_said_at_once_in_order_and_nothing_is_made(
    operator: Operator,
) -> None:
    make_pool(operator.aws, "taken")
    operator.writes_parameters("DomainPrefix: taken\nUnknown: 1\n")
    operator.aws.control.clear_calls()
    answer = operator.runs("preflight", "--bucket", "missing")
    assert answer.code == 1
    signs = [line[0] for line in answer.output.splitlines() if line[0] != " "]
    assert signs == ["✗"] * 3 + ["✓"] * 8
    facts = [line for line in answer.output.splitlines() if line[0] == "✗"]
    assert ["taken" in facts[0], "Unknown" in facts[1], "missing" in facts[2]] == [
        True
    ] * 3
    changing = set(operator.made()) - {"SimulatePrincipalPolicy"}
    assert changing == set()
    refused = operator.runs("deploy", "--bucket", "missing")
    assert refused.refuses("taken by the user pool", "Unknown", "missing")

    operator.writes_parameters("")
    ready = operator.runs("preflight", "--output", "json")
    assert (ready.code, json.loads(ready.output)["ok"]) == (0, True)
