"""The logout endpoint: it ends the session, and leads only where it may."""

from __future__ import annotations

import pytest

from tests.sites.signed_up import CALLBACK, LOGOUT, OWN, Workers


def question(workers: Workers, **further: str) -> dict[str, str]:
    return {"client_id": workers.client["ClientId"], **further}


def test_signing_out_ends_the_session_and_leads_to_the_listed_url(
    workers: Workers,
) -> None:
    workers.invite_with_own_password()
    visitor = workers.visitor()
    workers.enter("ada", OWN, visitor)
    page = visitor.open("/logout", question(workers, logout_uri=LOGOUT))
    assert page.location == LOGOUT
    assert "username" in workers.authorize(visitor).form


@pytest.mark.parametrize(
    "url", [f"{LOGOUT}/", LOGOUT.upper(), CALLBACK, "https://evil.example/"]
)
def test_any_other_url_is_refused_and_nobody_signed_out(
    workers: Workers, url: str
) -> None:
    workers.invite_with_own_password()
    visitor = workers.visitor()
    workers.enter("ada", OWN, visitor)
    page = visitor.open("/logout", question(workers, logout_uri=url))
    assert (page.status, page.location) == (400, "")
    assert "redirect_mismatch" in page.words
    assert workers.authorize(visitor).location.startswith(CALLBACK)


def test_a_client_without_logout_urls_leads_nowhere(workers: Workers) -> None:
    workers.change_client(LogoutURLs=[])
    page = workers.visitor().open("/logout", question(workers, logout_uri=LOGOUT))
    assert "redirect_mismatch" in page.words


def test_signing_out_to_sign_in_again_leads_to_the_sign_in_page(
    workers: Workers,
) -> None:
    workers.invite_with_own_password()
    visitor = workers.visitor()
    workers.enter("ada", OWN, visitor)
    page = visitor.open("/logout", workers.question())
    assert page.form.keys() >= {"username", "password"}
    refused = visitor.open("/logout", workers.question(redirect_uri=LOGOUT))
    assert "redirect_mismatch" in refused.words


def test_a_target_is_required(workers: Workers) -> None:
    page = workers.visitor().open("/logout", question(workers))
    assert "Required parameters missing" in page.words
