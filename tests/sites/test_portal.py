"""The labeling portal: it lets in who comes back from the sign-in, and nobody else."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from ops.visitor import Page, Visitor
from tests.embedded.prepared import until
from tests.sites.signed_up import HOST, OWN, Workers


class Portal:
    """A workforce with its portal, and one worker in one of its two teams."""

    def __init__(self, workers: Workers) -> None:
        self.workers = workers
        self.sagemaker = workers.aws.client("sagemaker")
        self.config = {
            "UserPool": workers.pool,
            "ClientId": workers.client["ClientId"],
        }
        self.sagemaker.create_workforce(
            WorkforceName="labelers", CognitoConfig=self.config
        )
        workforce = until(
            lambda: self.sagemaker.describe_workforce(WorkforceName="labelers")[
                "Workforce"
            ],
            lambda each: each["Status"] == "Active",
        )
        self.host: str = workforce["SubDomain"]
        self.arn: str = workforce["WorkforceArn"]
        # The portal's logout URL is the operator's to add.
        workers.change_client(
            CallbackURLs=[self.callback], LogoutURLs=[f"https://{self.host}/logout"]
        )
        workers.invite_with_own_password()
        for team in ("cats", "dogs"):
            self._add_team(team)
        workers.cognito.admin_add_user_to_group(
            UserPoolId=workers.pool, Username="ada", GroupName="cats"
        )

    def _add_team(self, name: str) -> None:
        self.workers.cognito.create_group(UserPoolId=self.workers.pool, GroupName=name)
        member = {"CognitoMemberDefinition": {**self.config, "UserGroup": name}}
        self.sagemaker.create_workteam(
            WorkteamName=name,
            WorkforceName="labelers",
            Description=f"Labels {name}",
            MemberDefinitions=[member],
        )

    @property
    def callback(self) -> str:
        """Where the sign-in leads back to."""
        return f"https://{self.host}/oauth2/idpresponse"

    def visitor(self) -> Visitor:
        """Return somebody with a fresh browser in front of the portal."""
        return Visitor(self.workers.aws.endpoint, self.host)

    def sent(self, visitor: Visitor) -> dict[str, str]:
        """Open the portal; return what it asks the sign-in domain."""
        location = urlsplit(visitor.open("/", {}).location)
        assert (location.netloc, location.path) == (HOST, "/oauth2/authorize")
        return dict(parse_qsl(location.query))

    def signed_in(self, asked: dict[str, str]) -> dict[str, str]:
        """Sign in as the portal asks; return what leads back to it."""
        browser = self.workers.visitor()
        page = browser.open("/oauth2/authorize", asked)
        page = browser.submit(page, {"username": "ada", "password": OWN})
        assert page.location.startswith(f"{self.callback}?")
        return dict(parse_qsl(urlsplit(page.location).query))

    def enter(self, visitor: Visitor) -> Page:
        """Go all the way into the portal."""
        back = self.signed_in(self.sent(visitor))
        return visitor.open("/oauth2/idpresponse", back)


@pytest.fixture
def portal(workers: Workers) -> Portal:
    """Give a workforce with its portal."""
    return Portal(workers)


def test_who_is_not_signed_in_is_sent_to_the_sign_in_domain(portal: Portal) -> None:
    asked = portal.sent(portal.visitor())
    assert asked.pop("state")
    assert asked == {
        "client_id": portal.config["ClientId"],
        "redirect_uri": portal.callback,
        "response_type": "code",
        "scope": "openid",
    }


def test_a_worker_sees_the_teams_of_the_own_groups(portal: Portal) -> None:
    page = portal.enter(portal.visitor())
    assert page.status == 200
    assert "ada@example.com" in page.words
    assert "Labels cats" in page.words
    assert "Labels dogs" not in page.words
    assert "no jobs for you" in page.words


def test_a_worker_sees_the_jobs_of_the_own_teams(portal: Portal) -> None:
    portal.workers.aws.control.set(
        labeling_jobs={"cats": ["count-cats"], "dogs": ["count-dogs"]}
    )
    page = portal.enter(portal.visitor())
    assert "count-cats" in page.words
    assert "count-dogs" not in page.words


def test_a_worker_without_a_team_is_told_so(portal: Portal) -> None:
    portal.workers.cognito.admin_remove_user_from_group(
        UserPoolId=portal.workers.pool, Username="ada", GroupName="cats"
    )
    assert "in no work team" in portal.enter(portal.visitor()).words


def test_the_session_is_this_browsers_and_ends_with_the_logout(portal: Portal) -> None:
    visitor = portal.visitor()
    portal.enter(visitor)
    assert visitor.open("/", {}).status == 200
    assert portal.visitor().open("/", {}).location.startswith(f"https://{HOST}/")
    assert "You are signed out" in visitor.open("/logout", {}).words
    assert visitor.open("/", {}).location.startswith(f"https://{HOST}/")


@pytest.mark.parametrize("wrong", ["none", "made up", "another browser's", "used"])
def test_nobody_gets_in_with_a_state_that_is_not_the_own(
    portal: Portal, wrong: str
) -> None:
    visitor, other = portal.visitor(), portal.visitor()
    back = portal.signed_in(portal.sent(visitor))
    if wrong == "none":
        del back["state"]
    elif wrong == "made up":
        back["state"] = "made up"
    elif wrong == "another browser's":
        visitor = other
        portal.sent(other)
    else:
        assert visitor.open("/oauth2/idpresponse", back).status == 200
    page = visitor.open("/oauth2/idpresponse", back)
    assert (page.status, "Invalid state" in page.words) == (401, True)


def test_a_code_counts_once_and_only_with_the_clients_secret(portal: Portal) -> None:
    visitor = portal.visitor()
    asked = portal.sent(visitor)
    page = visitor.open(
        "/oauth2/idpresponse", {"code": "made up", "state": asked["state"]}
    )
    assert (page.status, "invalid_grant" in page.words) == (401, True)
    back = portal.signed_in(portal.sent(visitor))
    form = {
        "grant_type": "authorization_code",
        "client_id": portal.config["ClientId"],
        "redirect_uri": portal.callback,
        "code": back["code"],
    }
    stolen = portal.workers.visitor().post("/oauth2/token", form, {})
    assert "invalid_client" in stolen.text
    assert visitor.open("/oauth2/idpresponse", back).status == 200


def test_an_error_of_the_sign_in_is_told(portal: Portal) -> None:
    visitor = portal.visitor()
    told = {"error": "invalid_request", "state": portal.sent(visitor)["state"]}
    page = visitor.open("/oauth2/idpresponse", told)
    assert (page.status, "invalid_request" in page.words) == (401, True)


def test_outside_the_allowed_networks_the_portal_is_not_found(portal: Portal) -> None:
    visitor = portal.visitor()
    portal.enter(visitor)

    def opened_from_here(*cidrs: str) -> int:
        portal.sagemaker.update_workforce(
            WorkforceName="labelers", SourceIpConfig={"Cidrs": list(cidrs)}
        )
        until(lambda: _status(portal), lambda status: status == "Active")
        return visitor.open("/", {}).status

    assert opened_from_here("192.0.2.0/24", "2001:db8::/32") == 404
    assert opened_from_here("192.0.2.0/24", "127.0.0.1/32") == 200


def _status(portal: Portal) -> Any:
    described = portal.sagemaker.describe_workforce(WorkforceName="labelers")
    return described["Workforce"]["Status"]


def test_there_is_no_portal_under_another_name_or_at_another_path(
    portal: Portal,
) -> None:
    nobody = Visitor(portal.workers.aws.endpoint, f"x{portal.host}")
    assert nobody.open("/", {}).status == 404
    assert portal.visitor().open("/else", {}).status == 404
