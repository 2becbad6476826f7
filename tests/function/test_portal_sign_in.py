"""Custom::PortalSignIn: app client and invitation name the portal, the rest stays."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_aws.process import EmbeddedAws
from tests.function.cloudformation_requests import UUID
from tests.function.function_on_embedded_aws import PLACEHOLDER, Function, SignIn

PHYSICAL_ID = f"portal-sign-in-{UUID}"
EXTRA = "https://extra.example/cb"
VOLATILE = {"LastModifiedDate", "CreationDate"}


def stable(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: item for name, item in settings.items() if name not in VOLATILE}


def test_the_client_leads_to_the_portal_and_keeps_the_extras(
    call: Function, sign_in: SignIn, portal: str
) -> None:
    made = call.succeeds("Create", "PortalSignIn", call.portal_sign_in(portal))
    assert made["PhysicalResourceId"] == PHYSICAL_ID
    assert sign_in.client["CallbackURLs"] == [
        f"https://{portal}/oauth2/idpresponse",
        EXTRA,
    ]
    assert sign_in.client["LogoutURLs"] == [f"https://{portal}/logout"]
    assert sign_in.client["DefaultRedirectURI"] == (
        f"https://{portal}/oauth2/idpresponse"
    )


def test_the_invitation_names_the_portal(
    call: Function, sign_in: SignIn, portal: str
) -> None:
    call.succeeds("Create", "PortalSignIn", call.portal_sign_in(portal))
    invitation = sign_in.pool["AdminCreateUserConfig"]["InviteMessageTemplate"]
    assert invitation == {
        "EmailSubject": "Welcome",
        "EmailMessage": f"https://{portal} for {{username}}: {{####}}",
    }


def test_every_other_setting_of_client_and_pool_stays(
    call: Function, sign_in: SignIn, portal: str
) -> None:
    """The embedded AWS resets what an update leaves out, as Cognito may."""
    client, pool = stable(sign_in.client), stable(sign_in.pool)
    call.succeeds("Create", "PortalSignIn", call.portal_sign_in(portal))
    for name in ("CallbackURLs", "LogoutURLs", "DefaultRedirectURI"):
        client.pop(name)
    assert client.items() <= stable(sign_in.client).items()
    pool["AdminCreateUserConfig"]["InviteMessageTemplate"]["EmailMessage"] = (
        f"https://{portal} for {{username}}: {{####}}"
    )
    assert stable(sign_in.pool) == pool


def test_the_secret_of_the_client_stays_and_is_not_logged(
    call: Function, sign_in: SignIn, portal: str, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = sign_in.client["ClientSecret"]
    answer = call.succeeds("Create", "PortalSignIn", call.portal_sign_in(portal))
    assert sign_in.client["ClientSecret"] == secret
    assert secret not in capsys.readouterr().out + json.dumps(answer)


def test_what_was_rewritten_is_logged_by_its_name(
    call: Function, portal: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    call.succeeds("Create", "PortalSignIn", call.portal_sign_in(portal))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    urls = ["CallbackURLs", "DefaultRedirectURI", "LogoutURLs"]
    assert [line for line in lines if line["event"] == "rewrote"] == [
        {"event": "rewrote", "what": "app client", "members": urls},
        {
            "event": "rewrote",
            "what": "user pool",
            "members": ["AdminCreateUserConfig"],
        },
    ]


def test_a_setting_that_the_sdk_does_not_know_comes_through(
    aws: EmbeddedAws, call: Function, sign_in: SignIn, portal: str
) -> None:
    aws.control.set(future_member_names=["FutureConfiguration"])
    future = {"FutureConfiguration": {"Mode": "STRICT", "Levels": [1, 2]}}
    for operation, ids in (
        ("UpdateUserPool", {"UserPoolId": sign_in.pool_id}),
        (
            "UpdateUserPoolClient",
            {"UserPoolId": sign_in.pool_id, "ClientId": sign_in.client_id},
        ),
    ):
        send_json(
            sign_in.cognito, operation, {**current(sign_in, operation), **future, **ids}
        )
    call.succeeds("Create", "PortalSignIn", call.portal_sign_in(portal))
    assert read_json(sign_in, "DescribeUserPool")["UserPool"].items() >= future.items()
    client = read_json(sign_in, "DescribeUserPoolClient")["UserPoolClient"]
    assert client.items() >= future.items()
    assert client["CallbackURLs"][0] == f"https://{portal}/oauth2/idpresponse"


def test_a_second_run_finds_nothing_to_write(
    aws: EmbeddedAws, call: Function, portal: str
) -> None:
    call.succeeds("Create", "PortalSignIn", call.portal_sign_in(portal))
    aws.control.clear_calls()
    call.succeeds(
        "Update",
        "PortalSignIn",
        call.portal_sign_in(portal, IdentityRevision="2"),
        PhysicalResourceId=PHYSICAL_ID,
        OldResourceProperties=call.portal_sign_in(portal),
    )
    operations = {entry["operation"] for entry in aws.control.calls()}
    assert operations == {"DescribeUserPool", "DescribeUserPoolClient"}


def test_system_tags_of_cloudformation_are_not_sent_back(
    aws: EmbeddedAws, call: Function, sign_in: SignIn, portal: str
) -> None:
    call.succeeds("Create", "PortalSignIn", call.portal_sign_in(portal))
    assert sign_in.pool["UserPoolTags"] == {"team": "vision"}


def test_a_concurrent_modification_is_tried_again(
    aws: EmbeddedAws, call: Function, sign_in: SignIn, portal: str
) -> None:
    aws.control.add_fault(
        operation="UpdateUserPool", kind="ConcurrentModificationException", times=2
    )
    call.succeeds("Create", "PortalSignIn", call.portal_sign_in(portal))
    assert portal in json.dumps(sign_in.pool["AdminCreateUserConfig"])


def test_a_refused_write_is_said_with_the_action_and_changes_nothing(
    aws: EmbeddedAws, call: Function, sign_in: SignIn, portal: str
) -> None:
    before = stable(sign_in.client)
    aws.control.add_fault(
        operation="UpdateUserPoolClient", kind="AccessDeniedException", times=0
    )
    reason = call.fails("Create", "PortalSignIn", call.portal_sign_in(portal))
    assert reason.startswith("UpdateUserPoolClient failed with AccessDeniedException")
    assert stable(sign_in.client) == before


def test_a_delete_puts_the_placeholder_back_and_keeps_the_extras(
    call: Function, sign_in: SignIn, portal: str
) -> None:
    properties = call.portal_sign_in(portal)
    call.succeeds("Create", "PortalSignIn", properties)
    call.succeeds("Delete", "PortalSignIn", properties, PhysicalResourceId=PHYSICAL_ID)
    assert sign_in.client["CallbackURLs"] == [EXTRA]
    assert "LogoutURLs" not in sign_in.client
    assert sign_in.client["DefaultRedirectURI"] == EXTRA
    assert PLACEHOLDER in json.dumps(sign_in.pool["AdminCreateUserConfig"])


@pytest.mark.parametrize("operation", ["UpdateUserPoolClient", "UpdateUserPool$"])
def test_a_delete_that_aws_refuses_is_not_passed_over(
    aws: EmbeddedAws, call: Function, portal: str, operation: str
) -> None:
    properties = call.portal_sign_in(portal)
    call.succeeds("Create", "PortalSignIn", properties)
    aws.control.add_fault(operation=operation, kind="AccessDeniedException", times=0)
    reason = call.fails(
        "Delete", "PortalSignIn", properties, PhysicalResourceId=PHYSICAL_ID
    )
    assert reason.startswith(f"{operation.rstrip('$')} failed with AccessDenied")


def test_a_delete_leaves_the_way_to_an_adopted_portal(
    aws: EmbeddedAws, call: Function, sign_in: SignIn, portal: str
) -> None:
    properties = call.portal_sign_in(portal, WorkforceName="theirs")
    call.succeeds("Create", "PortalSignIn", properties)
    before = stable(sign_in.client)
    call.succeeds("Delete", "PortalSignIn", properties, PhysicalResourceId=PHYSICAL_ID)
    assert stable(sign_in.client) == before


def test_a_delete_succeeds_when_client_and_pool_are_gone(
    call: Function, sign_in: SignIn, portal: str
) -> None:
    gone = call.portal_sign_in(
        portal, UserPoolId="us-east-1_GoneGone1", UserPoolClientId="gone"
    )
    call.succeeds("Delete", "PortalSignIn", gone, PhysicalResourceId=PHYSICAL_ID)


@pytest.mark.parametrize("host", ["", "portal", "https://portal.example", "a b.c"])
def test_what_is_not_a_host_name_is_never_written(
    aws: EmbeddedAws, call: Function, host: str
) -> None:
    reason = call.fails("Create", "PortalSignIn", call.portal_sign_in(host))
    assert "is not the host name of a labeling portal" in reason
    assert aws.control.calls(operation="Update.*") == []


def current(sign_in: SignIn, operation: str) -> dict[str, Any]:
    """Return what an update must send to keep everything."""
    if operation == "UpdateUserPool":
        pool = sign_in.pool
        return {
            "PoolName": pool["Name"],
            "Policies": pool["Policies"],
            "AdminCreateUserConfig": {
                "AllowAdminCreateUserOnly": True,
                "InviteMessageTemplate": pool["AdminCreateUserConfig"][
                    "InviteMessageTemplate"
                ],
            },
        }
    client = sign_in.client
    return {
        name: client[name]
        for name in (
            "CallbackURLs",
            "AllowedOAuthFlows",
            "AllowedOAuthScopes",
            "AllowedOAuthFlowsUserPoolClient",
        )
    }


def send_json(cognito: Any, operation: str, body: dict[str, Any]) -> dict[str, Any]:
    """Send what this SDK would refuse to send, and return what it would not read."""
    answer: dict[str, Any] = {}

    def send(params: dict[str, Any], **_: Any) -> None:
        params["body"] = json.dumps(body).encode()

    def receive(http_response: Any, **_: Any) -> None:
        answer.update(json.loads(http_response.content or b"{}"))

    event = f"cognito-identity-provider.{operation}"
    cognito.meta.events.register(f"before-call.{event}", send)
    cognito.meta.events.register(f"after-call.{event}", receive)
    method = {api: name for name, api in cognito.meta.method_to_api_mapping.items()}
    ids = {name: body[name] for name in ("UserPoolId", "ClientId") if name in body}
    try:
        getattr(cognito, method[operation])(**ids)
    finally:
        cognito.meta.events.unregister(f"before-call.{event}", send)
        cognito.meta.events.unregister(f"after-call.{event}", receive)
    return answer


def read_json(sign_in: SignIn, operation: str) -> dict[str, Any]:
    """Return a description with the settings that this SDK does not know."""
    ids = {"UserPoolId": sign_in.pool_id}
    if operation.endswith("Client"):
        ids["ClientId"] = sign_in.client_id
    return send_json(sign_in.cognito, operation, ids)
