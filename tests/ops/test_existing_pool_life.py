"""A workforce on somebody else's pool: deployed, looked at, broken, mended, deleted.

One deployment for all tests, in their order; the last one deletes it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_aws.process import EmbeddedAws
from ops.deployed import Deployed
from ops.promises import Check, answers, existing_pool
from tests.conftest import SHORT_WAITS
from tests.operator_shell import Outcome, run_command, turn_towards
from tests.ops.their_pool import INVITATION, LEAVE, THEIRS, Theirs
from tests.small_set import ROOT, hasten, known_account

pytestmark = pytest.mark.local_aws

PLACEHOLDER = "https://labeling-portal.invalid"


class Portal:
    """The workforce stack, what it stands on, and an operator before it."""

    def __init__(self, aws: EmbeddedAws, folder: Path) -> None:
        self.aws = aws
        self.folder = folder
        message = {"EmailMessage": INVITATION, "EmailSubject": "Hello"}
        self.theirs = Theirs(
            aws,
            folder,
            pool={"AdminCreateUserConfig": {"InviteMessageTemplate": message}},
            LogoutURLs=LEAVE,
        )
        self.theirs.cognito.create_group(UserPoolId=self.theirs.pool, GroupName="staff")
        self.before = self.theirs.now()

    def runs(self, *arguments: str) -> Outcome:
        """Run a command of ops."""
        return run_command(*arguments)

    @property
    def urls(self) -> dict[str, list[str]]:
        """What the app client has once the portal is in it."""
        return {
            "CallbackURLs": [f"{self.address}/oauth2/idpresponse", *THEIRS],
            "LogoutURLs": [f"{self.address}/logout", *LEAVE],
        }

    @property
    def address(self) -> str:
        """The address of the portal."""
        outputs = json.loads(self.runs("outputs", "--output", "json").output)
        address: str = outputs["LabelingPortalUrl"]
        return address


@pytest.fixture(scope="module")
def portal(
    embedded_aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Portal]:
    folder = tmp_path_factory.mktemp("operator")
    (folder / "dist").mkdir()
    for name in ("workforce.yaml", "artifact-bucket.yaml"):
        shutil.copy(ROOT / "dist" / name, folder / "dist")
    embedded_aws.control.reset()
    embedded_aws.control.set(**SHORT_WAITS)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(folder)
        turn_towards(embedded_aws, monkeypatch, STACK="portal", TEMPLATE="workforce")
        hasten(monkeypatch)
        yield Portal(embedded_aws, folder)


def look(check: Check) -> dict[str, list[str]]:
    """Return what a check finds now, by its level."""
    found: dict[str, list[str]] = {}
    for finding in answers(Deployed(known_account(), "portal"), [check]):
        assert finding.mend or finding.level not in ("error", "warning")
        found.setdefault(finding.level, []).append(f"{finding.fact} {finding.mend}")
    return found


def test_a_deployment_adds_the_portal_and_changes_nothing_else(portal: Portal) -> None:
    made = portal.runs("deploy")
    assert made.code == 0, made.progress
    assert f"keeps its callback URLs ({', '.join(THEIRS)})" in made.progress
    assert portal.theirs.now() == {**portal.before, **portal.urls}
    assert portal.theirs.invitation() == INVITATION.replace(PLACEHOLDER, portal.address)


def test_a_fresh_deployment_holds_every_promise_and_names_what_is_the_owners(
    portal: Portal,
) -> None:
    verified = portal.runs("verify")
    assert verified.code == 0, verified.output
    signs = [line[0] for line in verified.output.splitlines()]
    assert signs.count("✓") >= 15
    assert {"✗", "?"} & set(signs) == set()
    assert f"· The user pool {portal.theirs.pool} is not this stack's" in (
        verified.output
    )
    state = json.loads(portal.runs("status", "--output", "json").output)
    assert state["Workforce"] == "Active"
    assert state["App client"] == state["Invitation"] == "leads to the portal"
    assert state["User pool"] == f"{portal.theirs.pool}, which is not this stack's"


def test_a_client_that_its_owner_wrote_again_is_seen_and_mended(
    portal: Portal,
) -> None:
    portal.theirs.writes_client(LogoutURLs=[f"{PLACEHOLDER}/logout", *LEAVE])
    callback, logout = look(existing_pool.app_client)["error"]
    assert f"without {portal.address}/oauth2/idpresponse. `make repair`" in callback
    assert "placeholder" in logout or "without" in logout
    repaired = portal.runs("repair")
    assert "✓ Mended: the app client (CallbackURLs, LogoutURLs)" in repaired.progress
    assert look(existing_pool.app_client).keys() == {"fine"}
    assert portal.theirs.now() == {**portal.before, **portal.urls}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"CallbackURLs": [f"{PLACEHOLDER}/x"]}, "with the placeholder."),
        (
            {"DefaultRedirectURI": f"{PLACEHOLDER}/x"},
            "default redirect is https://labeling-portal.invalid",
        ),
        ({"AllowedOAuthFlows": ["implicit"]}, "does not allow the OAuth code flow"),
        ({"SupportedIdentityProviders": []}, "offers no way to sign in"),
    ],
)
def test_a_client_that_does_not_lead_to_the_portal_is_seen(
    portal: Portal, changed: dict[str, Any], words: str
) -> None:
    callbacks = [*portal.urls["CallbackURLs"], f"{PLACEHOLDER}/x"]
    settings = {**portal.urls, **changed}
    if PLACEHOLDER in str(changed):
        settings["CallbackURLs"] = callbacks
    portal.theirs.writes_client(**settings)
    broken = " ".join(look(existing_pool.app_client)["error"])
    portal.theirs.writes_client(**portal.urls)
    assert words in broken
    assert look(existing_pool.app_client).keys() == {"fine"}


def test_an_invitation_without_the_portal_is_broken_or_its_owners_choice(
    portal: Portal,
) -> None:
    before = portal.theirs.invitation()
    portal.theirs.writes_invitation(INVITATION)
    assert "names the placeholder" in look(existing_pool.invitation)["error"][0]
    portal.theirs.writes_invitation("Welcome, {username}: {####}")
    assert "names no portal" in look(existing_pool.invitation)["warning"][0]
    assert "Invitation       The invitation names no portal." in (
        portal.runs("status").output
    )
    assert portal.runs("verify", "--no-drift").code == 0
    portal.theirs.writes_invitation(before)


def test_a_change_is_shown_before_and_keeps_what_its_owner_has_added(
    portal: Portal,
) -> None:
    added = [*THEIRS, "https://app.example.com/new"]
    portal.theirs.writes_client(CallbackURLs=added)
    with (portal.folder / "parameters.yaml").open("a") as file:
        file.write(
            "WorkTeamNames: [labelers, reviewers]\nWorkerEmails: a@example.com\n"
        )
    shown = portal.runs("diff")
    assert shown.code == 0, shown.progress
    assert "Work teams made: reviewers." in shown.output
    updated = portal.runs("deploy")
    assert updated.code == 0, updated.progress
    (ours, *others) = portal.theirs.now()["CallbackURLs"]
    assert (ours, others) == (portal.urls["CallbackURLs"][0], added)
    portal.before["CallbackURLs"] = added


def test_workers_are_listed_and_invited(portal: Portal) -> None:
    invited = portal.runs("invite", "--email", "b@example.com", "--team", "reviewers")
    assert invited.code == 0, invited.progress
    listed = portal.runs("workers")
    assert listed.code == 0, listed.progress
    assert "a@example.com" in listed.output
    assert "b@example.com" in listed.output


def test_what_is_the_owners_is_left_to_them(portal: Portal) -> None:
    refused = portal.runs("protect")
    assert refused.refuses(f"{portal.theirs.pool} is not this stack's", "Its owner")


def test_a_nested_stack_is_not_looked_at_by_itself(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = "arn:aws:cloudformation:us-east-1:111111111111:stack/labels/1"
    given = [{"ParameterKey": "RootStackId", "ParameterValue": root}]
    monkeypatch.setattr("ops.stacks.existing", lambda *_: {"Parameters": given})
    told = portal.runs("verify")
    assert told.refuses(f"is only a part of {root}", "STACK=")


def test_a_domain_a_client_and_a_pool_that_are_gone_are_named(portal: Portal) -> None:
    theirs = portal.theirs
    theirs.cognito.delete_user_pool_domain(UserPoolId=theirs.pool, Domain=theirs.domain)
    assert "is gone" in look(existing_pool.sign_in_domain)["error"][0]
    theirs.cognito.create_user_pool_domain(UserPoolId=theirs.pool, Domain=theirs.domain)
    deployed = Deployed(known_account(), "portal")
    deployed.__dict__.update(client={}, pool={})
    gone = answers(deployed, [existing_pool.app_client, existing_pool.sign_in_domain])
    assert [each.fact for each in gone] == [
        f"The app client {theirs.client} is gone.",
        f"The user pool {theirs.pool} is gone.",
    ]


def test_a_deletion_takes_the_portal_out_and_keeps_pool_and_accounts(
    portal: Portal,
) -> None:
    theirs = portal.theirs
    destroyed = portal.runs("destroy", "--yes")
    assert destroyed.code == 0, destroyed.progress
    assert f"Kept: the user pool {theirs.pool}" in destroyed.progress
    assert theirs.now() == portal.before
    assert theirs.invitation() == INVITATION
    groups = theirs.cognito.list_groups(UserPoolId=theirs.pool)["Groups"]
    assert [group["GroupName"] for group in groups] == ["staff"]
    assert len(theirs.cognito.list_users(UserPoolId=theirs.pool)["Users"]) == 2
    assert portal.aws.client("sagemaker").list_workforces()["Workforces"] == []
