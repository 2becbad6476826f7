"""Passwords and codes on the sign-in pages: who gets in, and who does not."""

from __future__ import annotations

import pyotp
import pytest
import segno

from local_aws.cognito.lockouts import Lockouts
from ops.visitor import Page
from tests.sites.signed_up import (
    CALLBACK,
    HOST,
    OWN,
    TEMPORARY,
    Authenticator,
    Workers,
)


def is_in(page: Page) -> bool:
    return page.location.startswith(f"{CALLBACK}?code=")


@pytest.mark.parametrize("name", ["ada", "ADA", "ada@example.com", "Ada@Example.com"])
def test_a_worker_signs_in_by_name_or_by_e_mail(workers: Workers, name: str) -> None:
    workers.invite_with_own_password()
    assert is_in(workers.enter(name, OWN))


@pytest.mark.parametrize("name", ["ada", "nobody", "", "<script>"])
def test_a_wrong_password_tells_nothing(workers: Workers, name: str) -> None:
    workers.invite_with_own_password()
    page = workers.enter(name, "wrong")
    assert page.status == 400
    assert "Incorrect username or password." in page.words
    assert page.form.keys() >= {"username", "password"}


def test_a_disabled_worker_does_not_get_in(workers: Workers) -> None:
    workers.invite_with_own_password()
    workers.cognito.admin_disable_user(UserPoolId=workers.pool, Username="ada")
    assert "User is disabled." in workers.enter("ada", OWN).words
    assert "User is disabled." not in workers.enter("ada", "wrong").words


def test_the_temporary_password_has_to_be_changed(workers: Workers) -> None:
    workers.invite()
    visitor = workers.visitor()
    page = workers.enter("ada", TEMPORARY, visitor)
    assert page.form.keys() >= {"new_password", "confirm_password"}
    assert "at least 14 characters" in page.words
    for new, again, wrong in (
        ("short", "short", "Password must have length greater than or equal to 14."),
        (OWN, f"{OWN}!", "The two passwords are not the same."),
        (OWN.lower(), OWN.lower(), "Password must have uppercase characters."),
    ):
        answers = {"new_password": new, "confirm_password": again}
        page = visitor.submit(page, answers)
        assert (page.status, wrong in page.words) == (400, True)
    page = visitor.submit(page, {"new_password": OWN, "confirm_password": OWN})
    assert is_in(page)
    assert "Incorrect" in workers.enter("ada", TEMPORARY).words
    assert is_in(workers.enter("ada", OWN))


def test_an_invitation_expires_and_can_be_sent_again(workers: Workers) -> None:
    workers.invite()
    workers.aws.control.set(invitation_age_days=6.9)
    assert "new_password" in workers.enter("ada", TEMPORARY).form
    workers.aws.control.set(invitation_age_days=7.1)
    page = workers.enter("ada", TEMPORARY)
    assert "Temporary password has expired" in page.words
    assert "new_password" not in page.form


def test_a_password_of_ones_own_does_not_expire(workers: Workers) -> None:
    workers.invite_with_own_password()
    workers.aws.control.set(invitation_age_days=400.0)
    assert is_in(workers.enter("ada", OWN))


def test_after_five_failures_the_right_password_does_not_help(
    workers: Workers,
) -> None:
    workers.invite_with_own_password()
    visitor = workers.visitor()
    page = workers.authorize(visitor)
    for _ in range(5):
        page = visitor.submit(page, {"username": "ada", "password": "wrong"})
        assert "Incorrect username or password." in page.words
    page = visitor.submit(page, {"username": "ada@example.com", "password": OWN})
    assert "Password attempts exceeded" in page.words


def test_each_failure_after_the_fifth_doubles_the_lock() -> None:
    now = 0.0
    lockouts, ada = Lockouts(lambda: now), ("pool", "ada")
    for _ in range(4):
        lockouts.failed(ada)
    assert not lockouts.is_locked(ada)
    for seconds in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900):
        lockouts.failed(ada)
        now += seconds - 0.1
        assert lockouts.is_locked(ada)
        now += 0.2
        assert not lockouts.is_locked(ada)
    assert not lockouts.is_locked(("pool", "bob"))


def test_a_success_or_a_quarter_of_an_hour_forgets_the_failures() -> None:
    now = 0.0
    lockouts, ada = Lockouts(lambda: now), ("pool", "ada")
    for _ in range(5):
        lockouts.failed(ada)
    lockouts.succeeded(ada)
    lockouts.failed(ada)
    assert not lockouts.is_locked(ada)
    for _ in range(4):
        lockouts.failed(ada)
    now += 900
    lockouts.failed(ada)
    assert not lockouts.is_locked(ada)


def enrolled(workers: Workers) -> Authenticator:
    """Sign a worker in for the first time, with an authenticator app."""
    workers.demand_mfa()
    workers.invite_with_own_password()
    visitor = workers.visitor()
    page = workers.enter("ada", OWN, visitor)
    app = Authenticator(page.key)
    assert is_in(visitor.submit(page, {"code": app.code()}))
    return app


def picture_of(key: str) -> str:
    """Return the QR code from which an app learns the key, and whose it is."""
    uri = pyotp.TOTP(key).provisioning_uri(name="ada@example.com", issuer_name=HOST)
    return segno.make(uri, error="m").svg_inline(
        omitsize=True, border=4, title="QR code for the app"
    )


def test_where_mfa_is_required_the_app_is_set_up_first(workers: Workers) -> None:
    workers.demand_mfa()
    workers.invite()
    visitor = workers.visitor()
    page = workers.enter("ada", TEMPORARY, visitor)
    page = visitor.submit(page, {"new_password": OWN, "confirm_password": OWN})
    key = page.key
    assert len(key) == 32
    assert picture_of(key) in page.text
    page = visitor.submit(page, {"code": "000000"})
    assert (page.status, page.key) == (400, key)
    assert is_in(visitor.submit(page, {"code": Authenticator(key).code()}))


def test_an_abandoned_set_up_has_to_be_done_the_next_time(workers: Workers) -> None:
    workers.demand_mfa()
    workers.invite_with_own_password()
    first = workers.enter("ada", OWN).key
    second = workers.enter("ada", OWN).key
    assert first and second and first != second


def test_the_second_time_the_apps_code_is_asked(workers: Workers) -> None:
    app = enrolled(workers)
    visitor = workers.visitor()
    page = workers.enter("ada", OWN, visitor)
    assert "code" in page.form
    assert page.key == ""
    page = visitor.submit(page, {"code": "000000"})
    assert "Invalid code received for user" in page.words
    shown = app.code()
    assert is_in(visitor.submit(page, {"code": f"{shown[:3]} {shown[3:]}"}))


def test_a_code_lets_in_once(workers: Workers) -> None:
    app = enrolled(workers)
    shown = app.code()
    for expected in (True, False):
        visitor = workers.visitor()
        page = workers.enter("ada", OWN, visitor)
        page = visitor.submit(page, {"code": shown})
        assert is_in(page) == expected
    assert "has already been used once" in page.words


def test_wrong_codes_lock_out_like_wrong_passwords(workers: Workers) -> None:
    app = enrolled(workers)
    visitor = workers.visitor()
    page = workers.enter("ada", OWN, visitor)
    for _ in range(5):
        page = visitor.submit(page, {"code": "000000"})
        assert "Invalid code" in page.words
    page = visitor.submit(page, {"code": app.code()})
    assert "Password attempts exceeded" in page.words


def test_where_mfa_is_optional_nobody_has_to_set_it_up(workers: Workers) -> None:
    workers.cognito.set_user_pool_mfa_config(
        UserPoolId=workers.pool,
        MfaConfiguration="OPTIONAL",
        SoftwareTokenMfaConfiguration={"Enabled": True},
    )
    workers.invite_with_own_password()
    assert is_in(workers.enter("ada", OWN))


def test_a_form_that_another_site_sends_is_refused(workers: Workers) -> None:
    workers.invite_with_own_password()
    page = workers.authorize()
    stranger = workers.visitor()
    answer = stranger.submit(page, {"username": "ada", "password": OWN})
    assert "Invalid CSRF token" in answer.words


def test_a_step_cannot_be_taken_without_the_ones_before(workers: Workers) -> None:
    visitor = workers.visitor()
    visitor.open("/login", workers.question())
    page = visitor.post("/challenge", {"session": "A" * 43, "code": "000000"}, {})
    assert page.location.startswith("/error?error=Your+session+has+expired")


def test_a_browser_that_has_signed_in_is_not_asked_again(workers: Workers) -> None:
    workers.invite_with_own_password()
    visitor = workers.visitor()
    workers.enter("ada", OWN, visitor)
    assert is_in(workers.authorize(visitor))
    workers.cognito.admin_disable_user(UserPoolId=workers.pool, Username="ada")
    assert "username" in workers.authorize(visitor).form


def test_nothing_that_was_typed_becomes_part_of_a_page(workers: Workers) -> None:
    page = workers.authorize(state='"><script>alert(1)</script>')
    assert page.status == 200
    assert "<script" not in page.text
    visitor = workers.visitor()
    error = visitor.open("/error", {"error": "<script>alert(1)</script>"})
    assert "<script" not in error.text


def test_the_bench_tells_what_an_authenticator_app_would_show(
    workers: Workers,
) -> None:
    workers.demand_mfa()
    workers.invite_with_own_password()
    visitor = workers.visitor()
    page = workers.enter("ada", OWN, visitor)
    (shown,) = workers.aws.control.codes()
    assert (shown["user_pool_id"], shown["email"]) == (workers.pool, "ada@example.com")
    assert is_in(visitor.submit(page, {"code": shown["code"]}))
    (next_one,) = workers.aws.control.codes()
    assert next_one["code"] != shown["code"]
    visitor = workers.visitor()
    page = workers.enter("ada", OWN, visitor)
    assert is_in(visitor.submit(page, {"code": next_one["code"]}))
