"""P3: the sign-in ends right after operations that call no custom resource."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.lifecycle.deployed_set import PLACEHOLDER, STACK, DeployedSet

#: Within this time a repair that comes at all has come.
SOON_SECONDS = 8.0


def soon(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + SOON_SECONDS
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def let_the_update_fail_in_the_teams(deployed: DeployedSet) -> None:
    deployed.aws.control.add_fault(
        operation="CreateWorkteam|UpdateWorkteam",
        caller="function",
        kind="ResourceLimitExceeded",
        times=0,
    )


def fail_an_update_that_also_writes_the_client(deployed: DeployedSet) -> str:
    """Fail where nothing writes the repair's rule, which a test may have disabled."""
    let_the_update_fail_in_the_teams(deployed)
    return deployed.update(
        {"RestrictTaskDataToSourceIp": "true", "AccessTokenValidityInMinutes": "30"}
    )


def test_after_a_rolled_back_update_the_portals_callback_is_there(
    created: DeployedSet,
) -> None:
    status = fail_an_update_that_also_writes_the_client(created)
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert soon(created.leads_to_the_portal)
    assert created.client["AccessTokenValidity"] == 60


def test_without_the_repair_the_placeholder_would_stay(created: DeployedSet) -> None:
    """What the test above proves: nothing else mends it."""
    events = created.aws.client("events")
    for rule in events.list_rules()["Rules"]:
        events.disable_rule(Name=rule["Name"])
    fail_an_update_that_also_writes_the_client(created)
    time.sleep(1)
    assert PLACEHOLDER in created.client["CallbackURLs"][0]


def test_after_a_failed_update_without_rollback_it_is_right(
    created: DeployedSet,
) -> None:
    let_the_update_fail_in_the_teams(created)
    created.disable_rollback = True
    status = created.update({"WorkTeamNames": "graders", "PasswordMinimumLength": "20"})
    assert status == "UPDATE_FAILED"
    assert soon(created.leads_to_the_portal)


def test_after_a_change_of_stack_tags_only_it_is_right(created: DeployedSet) -> None:
    """CloudFormation writes the pool with its new tags, and with the placeholder."""
    assert created.update(tags={"department": "vision"}) == "UPDATE_COMPLETE"
    assert soon(created.leads_to_the_portal)
    assert created.pool["UserPoolTags"]["department"] == "vision"


def test_after_an_update_of_the_base_stack_alone_it_is_right(
    created: DeployedSet,
) -> None:
    if created.form != "root.yaml":
        pytest.skip("The single file has no base stack of its own.")
    cloudformation = created.cloudformation
    base = next(
        resource["PhysicalResourceId"]
        for resource in cloudformation.describe_stack_resources(StackName=STACK)[
            "StackResources"
        ]
        if resource["LogicalResourceId"] == "BaseStack"
    )
    (stack,) = cloudformation.describe_stacks(StackName=base)["Stacks"]
    cloudformation.update_stack(
        StackName=base,
        UsePreviousTemplate=True,
        Parameters=[
            {
                "ParameterKey": item["ParameterKey"],
                "ParameterValue": "30"
                if item["ParameterKey"] == "AccessTokenValidityInMinutes"
                else item["ParameterValue"],
            }
            for item in stack["Parameters"]
        ],
        Capabilities=["CAPABILITY_IAM"],
    )
    assert created.settled(base) == "UPDATE_COMPLETE"
    assert created.client["AccessTokenValidity"] == 30
    assert soon(created.leads_to_the_portal)


def test_after_a_drift_revert_it_is_right(created: DeployedSet) -> None:
    """A drift-aware change set writes the template's URLs, then ends like any other.

    The embedded AWS has no such change sets: the write is made by hand, and the
    operation that ends is one that touches neither client nor sign-in.
    """
    url = f"https://{PLACEHOLDER}"
    kept = {
        name: value
        for name, value in created.client.items()
        if name not in ("ClientSecret", "CreationDate", "LastModifiedDate")
    }
    written = {
        "CallbackURLs": [f"{url}/oauth2/idpresponse"],
        "LogoutURLs": [f"{url}/logout"],
        "DefaultRedirectURI": f"{url}/oauth2/idpresponse",
    }
    created.cognito.update_user_pool_client(**{**kept, **written})
    assert created.update({"LogRetentionInDays": "30"}) == "UPDATE_COMPLETE"
    assert soon(created.leads_to_the_portal)


def test_an_event_that_comes_late_repairs_late(created: DeployedSet) -> None:
    created.aws.control.set(stack_event_delay_seconds=1.0)
    fail_an_update_that_also_writes_the_client(created)
    assert not created.leads_to_the_portal()
    assert soon(created.leads_to_the_portal)


def test_a_repair_that_fails_at_first_is_tried_again(created: DeployedSet) -> None:
    created.aws.control.add_fault(
        operation="DescribeStacks", caller="function", kind="AccessDeniedException"
    )
    fail_an_update_that_also_writes_the_client(created)
    assert soon(created.leads_to_the_portal)
    assert soon(lambda: '"event": "repair-try-failed"' in created.log_lines)


def test_a_repair_says_in_one_line_what_it_mended(created: DeployedSet) -> None:
    def mended() -> int:
        lines = created.log_lines.splitlines()
        return len([line for line in lines if '"what": "app client"' in line])

    before = mended()
    fail_an_update_that_also_writes_the_client(created)
    assert soon(created.leads_to_the_portal)
    assert soon(lambda: mended() > before)


def test_a_deletion_is_not_disturbed_by_the_repair(created: DeployedSet) -> None:
    assert created.delete() == "DELETE_COMPLETE"
    assert created.everything_of_the_set() == {}
