"""The seam as a substitution: ours is put in, everything else comes through."""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.hooks import HierarchicalEmitter
from hypothesis import given
from hypothesis import strategies as st

from lambda_src import workforce as function

PORTAL = "z182d0xam0.labeling.us-west-2.sagemaker.aws"
EARLIER = "a000000000.labeling.us-west-2.sagemaker.aws"
OURS = f"https://{PORTAL}/oauth2/idpresponse"
OUR_LOGOUT = f"https://{PORTAL}/logout"
PLACEHOLDER = "https://labeling-portal.invalid/oauth2/idpresponse"
PLACEHOLDER_LOGOUT = "https://labeling-portal.invalid/logout"
EXTRA = "https://app.example.com/callback?x=1"

CALLBACKS = [
    ("the placeholder becomes the portal", [PLACEHOLDER], [OURS]),
    ("what SageMaker appended is not repeated", [PLACEHOLDER, OURS], [OURS]),
    (
        "extras stay in their order",
        [PLACEHOLDER, EXTRA, "myapp://x"],
        [OURS, EXTRA, "myapp://x"],
    ),
    (
        "an earlier portal goes",
        [f"https://{EARLIER}/oauth2/idpresponse", EXTRA],
        [OURS, EXTRA],
    ),
    ("the bare portal stays", [OURS, f"https://{PORTAL}"], [OURS, f"https://{PORTAL}"]),
    ("a missing portal comes first", [EXTRA], [OURS, EXTRA]),
    ("an empty list is filled", [], [OURS]),
    (
        "upper case is the same host",
        ["https://Labeling-Portal.INVALID/oauth2/idpresponse"],
        [OURS],
    ),
    (
        "the placeholder in a query is not a host",
        ["https://a.example/?u=labeling-portal.invalid"],
        [OURS, "https://a.example/?u=labeling-portal.invalid"],
    ),
    (
        "another Region's portal is somebody's extra",
        ["https://b.labeling.eu-west-1.sagemaker.aws/x"],
        [OURS, "https://b.labeling.eu-west-1.sagemaker.aws/x"],
    ),
]


@pytest.mark.parametrize(
    ("before", "after"),
    [case[1:] for case in CALLBACKS],
    ids=[case[0] for case in CALLBACKS],
)
def test_callback_urls_lead_to_the_portal(before: list[str], after: list[str]) -> None:
    client = function.client_with({"CallbackURLs": before}, PORTAL)
    assert client["CallbackURLs"] == after


def test_logout_urls_are_the_portals_though_sagemaker_writes_none() -> None:
    client = {"CallbackURLs": [OURS], "LogoutURLs": [PLACEHOLDER_LOGOUT, EXTRA]}
    assert function.client_with(client, PORTAL)["LogoutURLs"] == [OUR_LOGOUT, EXTRA]
    assert function.client_with({}, PORTAL)["LogoutURLs"] == [OUR_LOGOUT]


def test_a_default_redirect_that_is_no_longer_listed_becomes_the_portals() -> None:
    """Cognito refuses a default that is not among the callback URLs."""
    client = {"CallbackURLs": [PLACEHOLDER], "DefaultRedirectURI": PLACEHOLDER}
    assert function.client_with(client, PORTAL)["DefaultRedirectURI"] == OURS
    kept = {"CallbackURLs": [EXTRA], "DefaultRedirectURI": EXTRA}
    assert function.client_with(kept, PORTAL)["DefaultRedirectURI"] == EXTRA
    assert "DefaultRedirectURI" not in function.client_with({}, PORTAL)


def test_a_deletion_takes_the_portal_out_and_keeps_the_others() -> None:
    client = {
        "CallbackURLs": [OURS, EXTRA],
        "LogoutURLs": [OUR_LOGOUT],
        "DefaultRedirectURI": OURS,
    }
    assert function.client_without(client, PORTAL) == {
        "CallbackURLs": [EXTRA],
        # A logout URL is nothing that an app client needs.
        "LogoutURLs": [],
        "DefaultRedirectURI": EXTRA,
    }


def test_a_deletion_that_would_leave_no_callback_puts_the_placeholder_back() -> None:
    client = {"CallbackURLs": [OURS], "DefaultRedirectURI": OURS}
    without = function.client_without(client, PORTAL)
    assert without["CallbackURLs"] == [PLACEHOLDER]
    assert without["DefaultRedirectURI"] == PLACEHOLDER


def test_a_deletion_touches_no_default_that_it_need_not() -> None:
    listed = {"CallbackURLs": [OURS, "myapp://x", EXTRA], "DefaultRedirectURI": EXTRA}
    assert function.client_without(listed, PORTAL)["DefaultRedirectURI"] == EXTRA
    none = {"CallbackURLs": [OURS, EXTRA]}
    assert "DefaultRedirectURI" not in function.client_without(none, PORTAL)


def invitation(text: str) -> dict[str, Any]:
    return {
        "AdminCreateUserConfig": {
            "AllowAdminCreateUserOnly": True,
            "InviteMessageTemplate": {"EmailMessage": text, "EmailSubject": "Hello"},
        }
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<a href='https://labeling-portal.invalid'>", f"<a href='https://{PORTAL}'>"),
        (f"open https://{EARLIER}.", f"open https://{PORTAL}."),
        (f"{EARLIER} labeling-portal.invalid", f"{PORTAL} {PORTAL}"),
        ("{username} {####} no portal", "{username} {####} no portal"),
        (f"https://{PORTAL}/", f"https://{PORTAL}/"),
        (f"https://{EARLIER}.example.com/", f"https://{EARLIER}.example.com/"),
    ],
)
def test_the_invitation_names_the_portal(before: str, after: str) -> None:
    assert function.pool_with(invitation(before), PORTAL) == invitation(after)


def test_a_deletion_puts_the_placeholder_back_into_the_invitation() -> None:
    pool = function.pool_without(invitation(f"https://{PORTAL}"), PORTAL)
    assert pool == invitation("https://labeling-portal.invalid")


def test_a_pool_without_an_invitation_of_its_own_stays_as_it_is() -> None:
    pool = {"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True}}
    assert function.pool_with(pool, PORTAL) == pool
    assert function.pool_with({}, PORTAL) == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
REWRITTEN = {"CallbackURLs", "LogoutURLs", "DefaultRedirectURI"}
NAMES = st.sampled_from([*function.CLIENT_READ_ONLY, *function.POOL_READ_ONLY]) | (
    st.text(min_size=1, max_size=12).filter(lambda name: name not in REWRITTEN)
)
SETTINGS = st.dictionaries(NAMES, JSON, max_size=6)


@given(SETTINGS)
def test_every_other_setting_of_the_client_comes_through(
    client: dict[str, Any],
) -> None:
    """Also those that no SDK knows yet."""
    before = copy.deepcopy(client)
    after = function.client_with(function.writable_client(client), PORTAL)
    assert client == before
    writable = client.keys() - set(function.CLIENT_READ_ONLY)
    assert after.keys() == writable | {"CallbackURLs", "LogoutURLs"}
    assert {k: after[k] for k in writable} == {k: client[k] for k in writable}


@given(SETTINGS)
def test_every_other_setting_of_the_pool_comes_through(pool: dict[str, Any]) -> None:
    described = {**pool, **invitation("labeling-portal.invalid"), "Id": "us-east-1_x"}
    after = function.pool_with(function.writable_pool(described), PORTAL)
    special = {"AdminCreateUserConfig", "UserPoolTags", "UserPoolId", "PoolName"}
    writable = described.keys() - set(function.POOL_READ_ONLY) - special
    assert {k: after[k] for k in writable} == {k: described[k] for k in writable}


@given(st.lists(st.sampled_from([PLACEHOLDER, OURS, EXTRA, f"https://{EARLIER}/x"])))
def test_rewriting_twice_is_rewriting_once(urls: list[str]) -> None:
    once = function.client_with({"CallbackURLs": urls}, PORTAL)
    assert function.client_with(once, PORTAL) == once


def test_what_cognito_returns_but_does_not_take_is_left_out() -> None:
    described = {
        "Id": "us-east-1_x",
        "Name": "workers",
        "Arn": "arn:…",
        "CreationDate": 1.5,
        "EstimatedNumberOfUsers": 3,
        "Domain": "labels",
        "SchemaAttributes": [],
        "MfaConfiguration": "ON",
        "UserPoolTags": {"team": "vision", "aws:cloudformation:stack-id": "arn:…"},
        "AdminCreateUserConfig": {
            "AllowAdminCreateUserOnly": True,
            "UnusedAccountValidityDays": 7,
        },
    }
    assert function.writable_pool(described) == {
        "UserPoolId": "us-east-1_x",
        "PoolName": "workers",
        "MfaConfiguration": "ON",
        "UserPoolTags": {"team": "vision"},
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
    }


def test_the_secret_of_the_client_is_not_among_what_is_written() -> None:
    described = {"ClientId": "c", "ClientSecret": "s3cret", "ClientName": "portal"}
    assert function.writable_client(described) == {
        "ClientId": "c",
        "ClientName": "portal",
    }


class Cognito:
    """Settings that somebody else may change between our calls."""

    def __init__(self, settings: dict[str, Any]) -> None:
        """Start with these settings, and nobody else at work."""
        self.settings = settings
        self.writes = 0
        self.after_write: list[dict[str, Any]] = []

    def read(self) -> dict[str, Any]:
        """Return a copy, as a service would."""
        return copy.deepcopy(self.settings)

    def write(self, settings: dict[str, Any]) -> None:
        """Take the settings; then somebody else may change some."""
        self.writes += 1
        self.settings = copy.deepcopy(settings)
        if self.after_write:
            self.settings.update(self.after_write.pop(0))

    def rewrite(self) -> None:
        """Make these settings lead to the portal."""
        function.rewrite(
            "app client",
            self.read,
            lambda found: function.client_with(found, PORTAL),
            self.write,
        )


def test_an_answer_without_a_body_has_no_members() -> None:
    """So does UpdateUserPool answer ("UpdateUserPool", Cognito API reference)."""
    events = HierarchicalEmitter()
    sent: dict[str, Any] = {}
    received = SimpleNamespace(content=b"")

    def update_user_pool(**ids: str) -> None:
        operation = "cognito-identity-provider.UpdateUserPool"
        events.emit(f"before-call.{operation}", params=sent)
        events.emit(f"after-call.{operation}", http_response=received)

    names = {"update_user_pool": "UpdateUserPool"}
    meta = SimpleNamespace(events=events, method_to_api_mapping=names)
    aws = function.Aws(function.Deadline(9))
    aws.cognito = SimpleNamespace(meta=meta, update_user_pool=update_user_pool)
    answer = aws.raw("update_user_pool", {"UserPoolId": "x", "New": [1]})
    assert answer == {}
    assert sent.pop("body") == b'{"UserPoolId": "x", "New": [1]}'
    # The next call is the SDK's own again.
    received.content = b'{"More": 1}'
    update_user_pool()
    assert sent == answer == {}


def test_nothing_is_written_where_nothing_is_wrong() -> None:
    cognito = Cognito({"CallbackURLs": [OURS], "LogoutURLs": [OUR_LOGOUT]})
    cognito.rewrite()
    assert cognito.writes == 0


def test_a_placeholder_that_comes_back_in_between_is_replaced_again() -> None:
    cognito = Cognito({"CallbackURLs": [PLACEHOLDER]})
    cognito.after_write = [{"CallbackURLs": [PLACEHOLDER]}]
    cognito.rewrite()
    assert cognito.settings["CallbackURLs"] == [OURS]
    assert cognito.writes == 2


def test_a_placeholder_that_always_comes_back_is_an_error_after_a_few_tries() -> None:
    cognito = Cognito({"CallbackURLs": [PLACEHOLDER]})
    cognito.after_write = [{"CallbackURLs": [PLACEHOLDER]}] * 99
    with pytest.raises(function.Failure, match="again and again"):
        cognito.rewrite()
    assert cognito.writes == function.REWRITE_ATTEMPTS


def test_a_setting_that_the_write_lost_is_an_error_with_the_difference() -> None:
    cognito = Cognito({"CallbackURLs": [PLACEHOLDER], "RefreshTokenValidity": 25})
    cognito.after_write = [{"RefreshTokenValidity": 30}]
    with pytest.raises(
        function.Failure, match=r"RefreshTokenValidity is 30 instead of 25"
    ):
        cognito.rewrite()


def test_an_order_of_members_with_members_is_no_difference_either() -> None:
    mechanisms = [{"Name": "verified_email"}, {"Name": "admin_only"}]
    found, wanted = {"Recovery": mechanisms}, {"Recovery": mechanisms[::-1]}
    assert function.difference(found, wanted) == ""


def test_an_order_that_cognito_does_not_keep_is_no_difference() -> None:
    cognito = Cognito({"CallbackURLs": [PLACEHOLDER], "Scopes": ["openid", "email"]})
    cognito.after_write = [{"Scopes": ["email", "openid"]}]
    cognito.rewrite()
    assert cognito.writes == 1


@pytest.mark.parametrize(
    ("found", "wanted"),
    [({"a": []}, {}), ({}, {"a": {}}), ({"a": {"b": ""}}, {"a": {}}), ({"a": 1}, {})],
)
def test_what_is_empty_or_new_is_no_difference(
    found: dict[str, Any], wanted: dict[str, Any]
) -> None:
    assert function.difference(found, wanted) == ""


def test_a_difference_names_each_setting_with_what_is_found_and_what_was_wanted() -> (
    None
):
    found = {"A": 1, "B": None, "C": "same", "D": 0}
    wanted = {"E": "x", "C": "same", "B": [2], "A": {"a": 1}}
    assert function.difference(found, wanted) == (
        'A is 1 instead of {"a": 1}; B is missing instead of [2]; '
        'E is missing instead of "x"'
    )


def test_a_long_setting_is_cut_in_the_reason() -> None:
    text = function.difference({"a": "x" * 999}, {"a": "y" * 999})
    assert len(text) < 300
    # The quotes count as well.
    assert function.shown("x" * 118) == f'"{"x" * 118}"'
    assert function.shown("x" * 119) == f'"{"x" * 116}...'
