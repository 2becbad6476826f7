"""A protected user pool stops the deletion of the set at its first step."""

from __future__ import annotations

from lambda_src.workforce import writable_pool
from local_aws.process import EmbeddedAws
from tests.lifecycle.deployed_set import DeployedSet


def test_a_protected_pool_keeps_everything_and_says_how_to_delete_it(
    aws: EmbeddedAws,
) -> None:
    deployed = DeployedSet(aws, "root.yaml")
    deployed.create(WorkerEmails="ada@example.com", DomainPrefix="kept-prefix")
    protect = {"UserPoolDeletionProtection": "ACTIVE"}
    assert deployed.update(protect) == "UPDATE_COMPLETE", deployed.reasons
    before = deployed.everything_of_the_set()
    users, teams = deployed.users.keys(), deployed.teams
    assert deployed.delete() == "DELETE_FAILED"
    assert "is protected against deletion, and nothing was deleted" in deployed.reasons
    assert "deactivate its deletion protection" in deployed.reasons
    assert deployed.everything_of_the_set() == before
    assert deployed.users.keys() == users
    assert deployed.teams == teams
    assert deployed.pool["Domain"] == "kept-prefix"
    assert len(deployed.workforces) == 1


def test_an_unprotected_pool_goes_with_every_account(aws: EmbeddedAws) -> None:
    deployed = DeployedSet(aws, "private-workforce.yaml")
    deployed.create(WorkerEmails="ada@example.com", UserPoolDeletionProtection="ACTIVE")
    assert deployed.delete() == "DELETE_FAILED"
    # What the Cognito console does: everything else stays.
    settings = writable_pool(deployed.pool)
    deployed.cognito.update_user_pool(**{**settings, "DeletionProtection": "INACTIVE"})
    assert deployed.delete() == "DELETE_COMPLETE", deployed.reasons
    assert deployed.everything_of_the_set() == {}
