"""Deletion: all of ours goes, nothing of others, and a readable reason otherwise."""

from __future__ import annotations

from tests.lifecycle.deployed_set import DeployedSet


def test_nothing_is_left(created: DeployedSet) -> None:
    assert created.delete() == "DELETE_COMPLETE", created.reasons
    assert created.everything_of_the_set() == {}


def test_what_somebody_deleted_before_is_not_missed(created: DeployedSet) -> None:
    for team in created.teams:
        created.sagemaker.delete_workteam(WorkteamName=team)
    created.sagemaker.delete_workforce(WorkforceName=created.outputs["WorkforceName"])
    assert created.delete() == "DELETE_COMPLETE", created.reasons
    assert created.everything_of_the_set() == {}


def test_a_team_made_outside_the_stack_stops_the_delete_and_is_named(
    created: DeployedSet,
) -> None:
    pool, client = created.outputs["UserPoolId"], created.outputs["UserPoolClientId"]
    created.cognito.create_group(UserPoolId=pool, GroupName="guests")
    created.sagemaker.create_workteam(
        WorkteamName="guests",
        WorkforceName=created.outputs["WorkforceName"],
        Description="made in the console",
        MemberDefinitions=[
            {
                "CognitoMemberDefinition": {
                    "UserPool": pool,
                    "ClientId": client,
                    "UserGroup": "guests",
                }
            }
        ],
    )
    assert created.delete() == "DELETE_FAILED"
    assert "still has work teams that this stack does not own: guests" in (
        created.reasons
    )
    assert sorted(created.teams)[0] == "guests"
    assert len(created.teams) == 2
    created.sagemaker.delete_workteam(WorkteamName="guests")
    assert created.delete() == "DELETE_COMPLETE", created.reasons
    assert created.everything_of_the_set() == {}


def test_a_protected_pool_stops_the_delete_with_everything_still_there(
    created: DeployedSet,
) -> None:
    created.update({"UserPoolDeletionProtection": "ACTIVE"})
    before = created.everything_of_the_set()
    assert created.delete() == "DELETE_FAILED"
    assert "is protected against deletion, and nothing was deleted" in created.reasons
    assert created.everything_of_the_set() == before
    assert len(created.users) == 1


def test_no_account_is_touched_before_its_pool_goes(created: DeployedSet) -> None:
    created.aws.control.clear_calls()
    created.delete()
    touched = created.aws.control.calls(operation="Admin.*", caller="function")
    assert touched == []
