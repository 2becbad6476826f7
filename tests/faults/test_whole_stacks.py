"""A sample of the matrix on whole stacks: the real engine, role, process and repair.

The template's function is the shipped one, whose waits are cut in its text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from local_aws.process import EmbeddedAws
from tests.lifecycle.deployed_set import PLACEHOLDER, DeployedSet
from tests.lifecycle.test_repair import soon

pytestmark = pytest.mark.faults

#: Each form of the set, and the template of it that holds the function.
FORMS = {
    "private-workforce.yaml": "private-workforce.yaml",
    "root.yaml": "workforce.yaml",
}
BEFORE = {"WorkTeamNames": "labelers,reviewers", "WorkerEmails": "ada@example.com"}
#: Writes client, pool, networks, teams and workers.
AFTER = {
    "AccessTokenValidityInMinutes": "30",
    "PasswordMinimumLength": "20",
    "SourceCidrs": "192.0.2.0/24",
    "WorkTeamNames": "labelers,graders",
    "WorkerEmails": "bob@example.com",
}

#: What is waited for in the shipped function, and how long here.
WAITS = {
    "NEW_ROLE_SECONDS = 60": "NEW_ROLE_SECONDS = 1",
    "ANSWER_PAUSES_SECONDS = (0.5, 1, 2, 4)": "ANSWER_PAUSES_SECONDS = (0.01,) * 4",
    "REPAIR_PAUSES_SECONDS = (1, 2, 5, 10, 20)": "REPAIR_PAUSES_SECONDS = (0.01,) * 2",
    "read_timeout=20": "read_timeout=1",
}
WITHOUT_BACKOFF = """
import botocore.retries.standard

botocore.retries.standard.ExponentialBackoff.delay_amount = lambda *_: 0
"""
#: Kills the function's process right before a call, once, when the file is there.
MORTAL = """
import os
import pathlib
import signal


def _kill(**_):
    try:
        pathlib.Path({file!r}).unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def _mortal_client(self, service, _make=Aws._client):
    client = _make(self, service)
    client.meta.events.register("before-send.*.{call}", _kill)
    return client


Aws._client = _mortal_client
"""
#: Stands for the 18 minutes after which CloudFormation gives a request up.
SERVICE_TIMEOUT_SECONDS = 6

ANSWER = "cloudformation-response:PUT"
GIVEN_UP = "CloudFormation did not receive a response"


@dataclass(frozen=True)
class Trouble:
    """A fault during one operation on the stack, and how that ends."""

    name: str
    operation: str
    ends: str
    reason: str = ""
    """What CloudFormation's events say about it."""
    fault: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    killed_before: str = ""

    @property
    def is_unanswered(self) -> bool:
        """Whether CloudFormation waits for its whole patience."""
        return self.reason == GIVEN_UP


def always(operation: str, kind: str) -> dict[str, Any]:
    return {"operation": operation, "kind": kind, "times": 0, "caller": "function"}


def once(operation: str, kind: str) -> dict[str, Any]:
    return {"operation": operation, "kind": kind, "times": 1, "caller": "function"}


TROUBLES = [
    Trouble(
        "throttled for ever",
        "create",
        "ROLLBACK_COMPLETE",
        "CreateWorkforce failed with ThrottlingException",
        always("CreateWorkforce", "throttle"),
    ),
    Trouble(
        "500 for ever",
        "create",
        "ROLLBACK_COMPLETE",
        "UpdateUserPool failed with InternalErrorException",
        always("UpdateUserPool", "500"),
    ),
    Trouble(
        "no reply",
        "create",
        "ROLLBACK_COMPLETE",
        "AWS could not be reached",
        always("AdminCreateUser", "timeout"),
    ),
    Trouble(
        "denied what the rollback needs too",
        "create",
        "ROLLBACK_FAILED",
        "ListGroups failed with AccessDeniedException",
        always("ListGroups", "AccessDeniedException"),
    ),
    Trouble(
        "throttled once",
        "create",
        "CREATE_COMPLETE",
        fault=once("DescribeUserPoolClient", "throttle"),
    ),
    Trouble(
        "cut after",
        "create",
        "CREATE_COMPLETE",
        fault=once("CreateWorkforce", "cut_after"),
    ),
    Trouble(
        "killed",
        "create",
        "ROLLBACK_COMPLETE",
        GIVEN_UP,
        killed_before="CreateWorkteam",
    ),
    Trouble(
        "answer refused once", "create", "CREATE_COMPLETE", fault=once(ANSWER, "500")
    ),
    Trouble(
        "answer refused for ever",
        "create",
        "ROLLBACK_FAILED",
        GIVEN_UP,
        always(ANSWER, "500"),
    ),
    Trouble(
        "delivered twice",
        "create",
        "CREATE_COMPLETE",
        settings={"deliver_events_twice": True},
    ),
    Trouble(
        "throttled for ever",
        "update",
        "UPDATE_ROLLBACK_COMPLETE",
        "UpdateWorkforce failed with ThrottlingException",
        always("UpdateWorkforce", "throttle"),
    ),
    Trouble(
        "denied what the rollback needs too",
        "update",
        "UPDATE_ROLLBACK_FAILED",
        "AdminDisableUser failed with AccessDeniedException",
        always("AdminDisableUser", "AccessDeniedException"),
    ),
    Trouble(
        "500 once",
        "update",
        "UPDATE_COMPLETE",
        fault=once("UpdateUserPoolClient", "500"),
    ),
    Trouble(
        "cut before",
        "update",
        "UPDATE_COMPLETE",
        fault=once("DeleteWorkteam", "cut_before"),
    ),
    Trouble(
        "killed",
        "update",
        "UPDATE_ROLLBACK_COMPLETE",
        GIVEN_UP,
        killed_before="UpdateUserPoolClient",
    ),
    Trouble(
        "answer refused once", "update", "UPDATE_COMPLETE", fault=once(ANSWER, "500")
    ),
    Trouble(
        "delivered twice",
        "update",
        "UPDATE_COMPLETE",
        settings={"deliver_events_twice": True},
    ),
    Trouble(
        "500 for ever",
        "delete",
        "DELETE_FAILED",
        "DeleteWorkforce failed with InternalFailure",
        always("DeleteWorkforce", "500"),
    ),
    Trouble(
        "throttled once",
        "delete",
        "DELETE_COMPLETE",
        fault=once("ListWorkteams", "throttle"),
    ),
    Trouble(
        "killed", "delete", "DELETE_FAILED", GIVEN_UP, killed_before="DeleteWorkteam"
    ),
    Trouble(
        "answer refused for ever",
        "delete",
        "DELETE_FAILED",
        GIVEN_UP,
        always(ANSWER, "500"),
    ),
    Trouble(
        "delivered twice",
        "delete",
        "DELETE_COMPLETE",
        settings={"deliver_events_twice": True},
    ),
]


def with_quick_function(deployed: DeployedSet, trouble: Trouble, file: Path) -> None:
    """Cut the waits of the function, and make it mortal where it is to be killed."""

    def change(template: dict[str, Any]) -> None:
        for resource in template["Resources"].values():
            properties = resource.get("Properties", {})
            if trouble.is_unanswered and "ServiceTimeout" in properties:
                properties["ServiceTimeout"] = SERVICE_TIMEOUT_SECONDS
            if "ZipFile" not in properties.get("Code", {}):
                continue
            code = properties["Code"]["ZipFile"]
            for shipped, short in WAITS.items():
                assert code.count(shipped) == 1
                code = code.replace(shipped, short)
            code += WITHOUT_BACKOFF
            if trouble.killed_before:
                code += MORTAL.format(file=str(file), call=trouble.killed_before)
            properties["Code"]["ZipFile"] = code

    deployed.changes[FORMS[deployed.form]] = change


def run(operation: str, deployed: DeployedSet) -> str:
    if operation == "create":
        return deployed.create(**BEFORE)
    return deployed.update(AFTER) if operation == "update" else deployed.delete()


def make_what_others_have(deployed: DeployedSet) -> None:
    pool = deployed.outputs["UserPoolId"]
    deployed.cognito.create_group(UserPoolId=pool, GroupName="guests")
    deployed.cognito.admin_create_user(
        UserPoolId=pool, Username="visitor", MessageAction="SUPPRESS"
    )
    deployed.cognito.admin_add_user_to_group(
        UserPoolId=pool, Username="visitor", GroupName="guests"
    )


def what_others_have(deployed: DeployedSet) -> dict[str, Any]:
    pool = deployed.outputs["UserPoolId"]
    groups = deployed.cognito.list_groups(UserPoolId=pool)["Groups"]
    members = deployed.cognito.list_users_in_group(UserPoolId=pool, GroupName="guests")
    return {
        "groups": [each for each in groups if each["GroupName"] == "guests"],
        "members": members["Users"],
    }


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "trouble",
    TROUBLES,
    ids=lambda trouble: f"{trouble.operation}: {trouble.name}".replace(" ", "-"),
)
def test_a_fault_does_no_harm_to_a_whole_stack(
    aws: EmbeddedAws, tmp_path: Path, trouble: Trouble, form: str
) -> None:
    deployed = DeployedSet(aws, form)
    killer = tmp_path / "kill"
    with_quick_function(deployed, trouble, killer)
    if trouble.operation != "create":
        assert deployed.create(**BEFORE) == "CREATE_COMPLETE", deployed.reasons
        make_what_others_have(deployed)
    secrets = the_secrets(deployed, trouble)
    before = {} if trouble.operation == "create" else what_others_have(deployed)
    accounts = set() if trouble.operation == "create" else set(deployed.users)
    if trouble.killed_before:
        killer.touch()
    if trouble.fault:
        aws.control.add_fault(**trouble.fault)
    aws.control.set(**trouble.settings)

    assert run(trouble.operation, deployed) == trouble.ends, deployed.reasons

    assert trouble.reason in deployed.reasons
    assert not killer.exists()
    if trouble.fault:
        calls = aws.control.calls(operation=trouble.fault["operation"])
        assert any(call["fault"] for call in calls)
    if trouble.ends in ("ROLLBACK_COMPLETE", "DELETE_COMPLETE"):
        assert deployed.everything_of_the_set() == {}
    elif trouble.ends != "UPDATE_ROLLBACK_FAILED" and "UPDATE" in trouble.ends:
        assert soon(deployed.leads_to_the_portal)
    if trouble.ends.startswith("UPDATE"):
        assert what_others_have(deployed) == before
        assert accounts <= set(deployed.users)

    aws.control.clear_faults()
    aws.control.set(deliver_events_twice=False)
    if trouble.ends == "UPDATE_ROLLBACK_FAILED":
        deployed.cloudformation.continue_update_rollback(
            StackName=deployed.stack["StackName"]
        )
        assert deployed.settled() == "UPDATE_ROLLBACK_COMPLETE", deployed.reasons
        assert soon(deployed.leads_to_the_portal)
        assert accounts <= set(deployed.users)
    shown = "\n".join([deployed.reasons, deployed.log_lines])
    if trouble.ends not in ("ROLLBACK_COMPLETE", "DELETE_COMPLETE"):
        if "FAILED" not in trouble.ends:
            assert PLACEHOLDER not in json.dumps(deployed.client, default=str)
            shown += json.dumps(deployed.outputs)
        assert deployed.delete() == "DELETE_COMPLETE", deployed.reasons
    assert deployed.everything_of_the_set() == {}
    assert not [secret for secret in secrets if secret in shown]


def the_secrets(deployed: DeployedSet, trouble: Trouble) -> list[str]:
    """Return what must be shown nowhere: secret, temporary password, answer's URL."""
    secrets = ["/cfn-response/", "X-Amz-Signature"]
    if trouble.operation == "create":
        return secrets
    (mail,) = deployed.aws.control.mails()
    password = mail["body"].partition("Temporary password: ")[2].partition("</p>")[0]
    assert password
    return [*secrets, password, deployed.client["ClientSecret"]]
