"""Later updates: CloudFormation writes the placeholder back, and it does not stay."""

from __future__ import annotations

import pytest

from tests.lifecycle.deployed_set import DeployedSet
from tests.lifecycle.test_repair import soon


@pytest.fixture
def created(deployed: DeployedSet) -> DeployedSet:
    """Return the set, created with one worker and two teams."""
    status = deployed.create(
        WorkerEmails="ada@example.com", WorkTeamNames="labelers,reviewers"
    )
    assert status == "CREATE_COMPLETE", deployed.reasons
    return deployed


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("AccessTokenValidityInMinutes", "30"),
        ("RefreshTokenValidityInHours", "48"),
        ("PasswordMinimumLength", "20"),
        ("AdditionalCallbackUrls", "https://a.example/cb"),
        ("WorkTeamNames", "labelers,graders"),
        ("SourceCidrs", "192.0.2.0/24"),
        ("LogRetentionInDays", "30"),
    ],
)
def test_after_an_update_of_any_kind_the_sign_in_still_works(
    created: DeployedSet, parameter: str, value: str
) -> None:
    portal = created.portal
    assert created.update({parameter: value}) == "UPDATE_COMPLETE", created.reasons
    assert created.portal == portal
    additional = [value] if parameter == "AdditionalCallbackUrls" else []
    assert created.leads_to_the_portal(*additional)


def test_cloudformation_did_write_the_placeholder_in_between(
    created: DeployedSet,
) -> None:
    """Without this, the test above would prove nothing."""
    created.aws.control.clear_calls()
    created.update({"AccessTokenValidityInMinutes": "30"})
    writes = created.aws.control.calls(
        operation="UpdateUserPoolClient", caller="function"
    )
    assert len(writes) == 1
    assert created.client["AccessTokenValidity"] == 30


def test_source_cidrs_change_in_place(created: DeployedSet) -> None:
    arn = created.outputs["WorkforceArn"]
    created.update({"SourceCidrs": "192.0.2.0/24,2001:db8::/32"})
    (workforce,) = created.workforces
    assert workforce["WorkforceArn"] == arn
    assert workforce["SourceIpConfig"]["Cidrs"] == ["192.0.2.0/24", "2001:db8::/32"]


def test_teams_come_and_go_by_their_names(created: DeployedSet) -> None:
    created.update({"WorkTeamNames": "labelers,graders"})
    assert {name.partition("-")[0] for name in created.teams} == {
        "graders",
        "labelers",
    }
    assert soon(lambda: created.groups == created.teams)


def test_a_worker_who_is_no_longer_named_is_disabled_and_never_lost(
    created: DeployedSet,
) -> None:
    (ada,) = created.users
    created.update({"WorkerEmails": "bob@example.com"})
    assert created.users[ada]["Enabled"] is False
    assert len(created.users) == 2
    created.update({"WorkerEmails": "ada@example.com,bob@example.com"})
    assert created.users[ada]["Enabled"] is True
    assert len(created.aws.control.mails()) == 2


def test_no_update_loses_an_account_or_replaces_the_pool(created: DeployedSet) -> None:
    accounts, pool = set(created.users), created.outputs["UserPoolId"]
    for parameters in (
        {"PasswordMinimumLength": "16", "TemporaryPasswordValidityDays": "3"},
        {"WorkTeamNames": "graders"},
        {"WorkerEmails": ""},
        {"UserPoolDeletionProtection": "ACTIVE"},
    ):
        status = created.update(parameters)
        assert status == "UPDATE_COMPLETE", created.reasons
        assert created.outputs["UserPoolId"] == pool
        assert accounts <= set(created.users)


def test_a_changed_domain_prefix_fails_and_rolls_back_harmlessly(
    created: DeployedSet,
) -> None:
    domain = created.pool["Domain"]
    assert created.update({"DomainPrefix": "another"}) == "UPDATE_ROLLBACK_COMPLETE"
    assert created.pool["Domain"] == domain
    assert len(created.users) == 1


def test_an_update_that_fails_in_the_teams_brings_the_old_ones_back(
    created: DeployedSet,
) -> None:
    before = created.teams
    created.aws.control.add_fault(
        operation="CreateWorkteam", caller="function", kind="ResourceLimitExceeded"
    )
    status = created.update({"WorkTeamNames": "labelers,graders"})
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert created.teams == before
    assert "CreateWorkteam failed with ResourceLimitExceeded" in created.reasons


def test_a_bad_worker_address_changes_nothing(created: DeployedSet) -> None:
    with pytest.raises(created.cloudformation.exceptions.ClientError, match="Worker"):
        created.update({"WorkerEmails": "not-an-address"})
    assert created.stack["StackStatus"] == "CREATE_COMPLETE"
