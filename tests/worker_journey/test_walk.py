"""The last mile: a worker really signs in, before and after what CloudFormation does.

The stages build on one another, as a day does; each test asks for the stage that it is
about.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from lambda_src.workforce import invitation, send_invitation
from tests.embedded.prepared import labeling_job
from tests.lifecycle.deployed_set import PLACEHOLDER, DeployedSet
from tests.lifecycle.test_repair import (
    fail_an_update_that_also_writes_the_client,
    soon,
)
from tests.worker_journey.conftest import FIRST_WORKER
from tests.worker_journey.journey import Worker

pytestmark = pytest.mark.local_aws


@pytest.fixture(scope="module")
def ada(chromium: Browser) -> Worker:
    """Give the worker whom the deployment has invited."""
    return Worker(chromium, FIRST_WORKER)


@pytest.fixture(scope="module")
def seen(deployed: DeployedSet, ada: Worker) -> dict[str, str]:
    """Let the worker sign in for the first time; give the address of each step."""
    addresses = {}

    def look(step: str) -> None:
        ada.look(step)
        addresses[step] = ada.where

    ada.read_invitation(deployed.aws.control.mails())
    ada.look("1-invitation")
    ada.follow_the_link()
    look("2-sign-in")
    ada.sign_in(ada.address, "not the password")
    look("3-wrong-password")
    ada.sign_in(ada.address, ada.temporary_password)
    look("4-new-password")
    ada.choose_password("short")
    look("5-password-against-the-policy")
    ada.choose_password(ada.password)
    look("6-authenticator-app")
    ada.set_up_app()
    look("7-portal")
    return addresses


def shows_the_portal(worker: Worker, deployed: DeployedSet) -> None:
    """Fail unless the worker is in, and sees name and team."""
    assert worker.where == f"https://{deployed.portal}/"
    header = worker.page.get_by_role("banner")
    expect(header).to_contain_text(worker.address)
    team = deployed.outputs["WorkTeamArn"].rsplit("/", 1)[-1]
    expect(worker.page.get_by_role("listitem").filter(has_text=team)).to_be_visible()
    expect(worker.page.get_by_text("no jobs for you")).to_be_visible()


def test_the_invitation_leads_into_the_portal(
    deployed: DeployedSet, ada: Worker, seen: dict[str, str], sign_in_host: str
) -> None:
    assert seen == {
        "2-sign-in": f"https://{sign_in_host}/login",
        "3-wrong-password": f"https://{sign_in_host}/login",
        "4-new-password": f"https://{sign_in_host}/login",
        "5-password-against-the-policy": f"https://{sign_in_host}/challenge",
        "6-authenticator-app": f"https://{sign_in_host}/challenge",
        "7-portal": f"https://{deployed.portal}/",
    }


def test_the_browser_loads_nothing_from_elsewhere(
    deployed: DeployedSet, ada: Worker, seen: dict[str, str], sign_in_host: str
) -> None:
    assert ada.hosts == {deployed.portal, sign_in_host}


@pytest.fixture(scope="module")
def signed_out(deployed: DeployedSet, ada: Worker, seen: dict[str, str]) -> Worker:
    """Let the worker see the portal, and sign out."""
    ada.page.goto(deployed.outputs["LabelingPortalUrl"])
    shows_the_portal(ada, deployed)
    ada.page.get_by_role("link", name="Sign out").click()
    ada.look("8-signed-out")
    return ada


def test_signing_out_ends_at_the_portals_own_page(
    deployed: DeployedSet, signed_out: Worker
) -> None:
    assert signed_out.where == f"https://{deployed.portal}/logout"
    assert signed_out.heading == "You are signed out"


@pytest.fixture(scope="module")
def back_again(deployed: DeployedSet, signed_out: Worker) -> Worker:
    """Let the worker sign in for the second time, by keyboard and by user name."""
    worker = signed_out
    worker.page.goto(deployed.outputs["LabelingPortalUrl"])
    worker.sign_in_by_keyboard(worker.user_name, worker.password)
    worker.look("9-code")
    worker.enter_code()
    return worker


def test_the_second_time_password_and_code_are_asked(
    deployed: DeployedSet, back_again: Worker
) -> None:
    shows_the_portal(back_again, deployed)


def test_a_job_of_the_team_appears_in_the_portal(
    deployed: DeployedSet, back_again: Worker
) -> None:
    deployed.aws.control.set(labeling_job_seconds=0.0)
    request = labeling_job(deployed.aws, deployed.outputs["WorkTeamArn"])
    deployed.sagemaker.create_labeling_job(**request)
    back_again.page.reload()
    expect(back_again.page.get_by_text("Find the cats")).to_be_visible()
    back_again.look("10-job")
    name = request["LabelingJobName"]
    deployed.sagemaker.stop_labeling_job(LabelingJobName=name)
    back_again.page.reload()
    expect(back_again.page.get_by_text("no jobs for you")).to_be_visible()


@pytest.fixture(scope="module")
def after_an_update(deployed: DeployedSet, back_again: Worker) -> DeployedSet:
    """Update what writes the app client anew, and invite a second worker with it."""
    changes = {
        "AccessTokenValidityInMinutes": "45",
        "WorkerEmails": f"{FIRST_WORKER},bob@example.com",
    }
    deployed.aws.control.clear_calls()
    assert deployed.update(changes) == "UPDATE_COMPLETE", deployed.reasons
    return deployed


def test_after_an_update_of_the_app_client_the_next_worker_gets_in(
    after_an_update: DeployedSet, chromium: Browser
) -> None:
    assert after_an_update.client["AccessTokenValidity"] == 45
    bob = Worker(chromium, "bob@example.com")
    bob.sign_in_for_the_first_time(after_an_update.aws.control.mails())
    bob.look("11-after-an-update")
    shows_the_portal(bob, after_an_update)


@pytest.fixture(scope="module")
def after_a_rollback(after_an_update: DeployedSet) -> DeployedSet:
    """Let an update that writes the app client fail and be rolled back."""
    status = fail_an_update_that_also_writes_the_client(after_an_update)
    after_an_update.aws.control.clear_faults()
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert soon(after_an_update.leads_to_the_portal)
    return after_an_update


def invited(deployed: DeployedSet, name: str) -> None:
    """Invite a worker into the first team, as an operator does."""
    team = deployed.outputs["WorkTeamArn"].rsplit("/", 1)[-1]
    pool = deployed.outputs["UserPoolId"]
    request = invitation(pool, name, f"{name}@example.com")
    send_invitation(deployed.cognito, request)
    deployed.cognito.admin_add_user_to_group(
        UserPoolId=pool, Username=name, GroupName=team
    )


def test_after_a_rolled_back_update_the_next_worker_gets_in(
    after_a_rollback: DeployedSet, chromium: Browser
) -> None:
    invited(after_a_rollback, "carol")
    carol = Worker(chromium, "carol@example.com")
    carol.sign_in_for_the_first_time(after_a_rollback.aws.control.mails())
    carol.look("12-after-a-rollback")
    shows_the_portal(carol, after_a_rollback)


@pytest.fixture(scope="module")
def without_the_rewrite(after_a_rollback: DeployedSet) -> Iterator[DeployedSet]:
    """Let the same happen with nobody who puts the portal's callback back."""
    events = after_a_rollback.aws.client("events")
    rules = [rule["Name"] for rule in events.list_rules()["Rules"]]
    for rule in rules:
        events.disable_rule(Name=rule)
    status = fail_an_update_that_also_writes_the_client(after_a_rollback)
    after_a_rollback.aws.control.clear_faults()
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    yield after_a_rollback
    for rule in rules:
        events.enable_rule(Name=rule)


def test_without_the_rewrite_the_browser_ends_on_redirect_mismatch(
    without_the_rewrite: DeployedSet, chromium: Browser, sign_in_host: str
) -> None:
    assert PLACEHOLDER in str(without_the_rewrite.client["CallbackURLs"])
    somebody = Worker(chromium, "somebody@example.com")
    somebody.page.goto(without_the_rewrite.outputs["LabelingPortalUrl"])
    somebody.look("13-redirect-mismatch")
    assert somebody.where == f"https://{sign_in_host}/error"
    assert "error=redirect_mismatch" in somebody.page.url


def test_who_is_signed_in_notices_nothing_of_it(
    without_the_rewrite: DeployedSet, back_again: Worker
) -> None:
    back_again.page.reload()
    shows_the_portal(back_again, without_the_rewrite)


def test_the_portal_is_not_found_from_a_network_that_is_not_allowed(
    deployed: DeployedSet, back_again: Worker, without_the_rewrite: DeployedSet
) -> None:
    def restrict(*cidrs: str) -> None:
        deployed.sagemaker.update_workforce(
            WorkforceName=deployed.outputs["WorkforceName"],
            SourceIpConfig={"Cidrs": list(cidrs)},
        )

    restrict("192.0.2.0/24")
    assert soon(lambda: _reloaded(back_again) == "Not Found")
    back_again.look("14-not-found")
    restrict("127.0.0.0/8")
    assert soon(lambda: _reloaded(back_again) != "Not Found")
    shows_the_portal(back_again, deployed)


def _reloaded(worker: Worker) -> str:
    worker.page.reload()
    return worker.heading
