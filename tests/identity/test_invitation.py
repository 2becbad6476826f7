"""A worker's invitation says who invites, where to, and what is needed."""

from __future__ import annotations

from typing import Any

import pytest

from local_aws.process import EmbeddedAws
from tests.identity.deployed_sign_in import DeployedSignIn, refusal
from tests.lifecycle.deployed_set import PLACEHOLDER, DeployedSet
from tests.lifecycle.test_least_privilege import actions, used
from tests.templates_as_data import template

OWN_TEXT = "<p>{username}, come to https://{portal} with {####}, please.</p>"
SES = "arn:aws:ses:us-east-1:111111111111:identity/example.com"


def invitation(deployed: DeployedSet) -> dict[str, str]:
    texts: dict[str, str] = deployed.pool["AdminCreateUserConfig"][
        "InviteMessageTemplate"
    ]
    return texts


def sender(deployed: DeployedSet) -> dict[str, Any]:
    configured: dict[str, Any] = deployed.pool.get("EmailConfiguration", {})
    return configured


def test_the_built_in_text_names_all_that_a_worker_needs(
    sign_in: DeployedSignIn,
) -> None:
    sign_in.made(OrganizationName="Ärzte Labs", TemporaryPasswordValidityDays="3")
    texts = invitation(sign_in)
    assert texts["EmailSubject"] == "Your invitation to the labeling portal"
    message = texts["EmailMessage"]
    for part in (
        "Ärzte Labs invites you",
        f'<a href="https://{PLACEHOLDER}">https://{PLACEHOLDER}</a>',
        "User name: {username}",
        "Temporary password: {####}",
        "valid for 3 days",
        "authenticator app",
    ):
        assert part in message
    assert "$" not in message
    sign_in.changed(OrganizationName="", MultiFactorAuthentication="OPTIONAL")
    message = invitation(sign_in)["EmailMessage"]
    assert "You are invited to label data." in message
    assert "authenticator app" not in message
    assert message.endswith("a password of your\nown.</p>\n")


def test_the_operators_own_text_and_subject_lead_to_the_portal_through_every_change(
    aws: EmbeddedAws,
) -> None:
    deployed = DeployedSet(aws, "root.yaml")
    status = deployed.create(
        InvitationBody=OWN_TEXT,
        InvitationSubject="Willkommen – bei uns",
        WorkerEmails="ada@example.com",
    )
    assert status == "CREATE_COMPLETE", deployed.reasons
    (mail,) = aws.control.mails()
    assert mail["subject"] == "Willkommen – bei uns"
    assert f"come to https://{deployed.portal} with " in mail["body"]
    for body in (OWN_TEXT.replace("please", "today"), ""):
        assert deployed.update({"InvitationBody": body}) == "UPDATE_COMPLETE"
        message = invitation(deployed)["EmailMessage"]
        assert f"https://{deployed.portal}" in message
        assert PLACEHOLDER not in message
        assert ("today" in message) == bool(body)


def test_the_operators_sender_comes_stays_and_goes_with_its_right(
    aws: EmbeddedAws,
) -> None:
    deployed = DeployedSet(aws, "private-workforce.yaml")
    ses = {"SesIdentityArn": SES, "FromEmailAddress": "labels@example.com"}
    assert deployed.create(**ses) == "CREATE_COMPLETE", deployed.reasons
    wanted = {
        "EmailSendingAccount": "DEVELOPER",
        "SourceArn": SES,
        "From": "labels@example.com",
    }
    assert sender(deployed) == wanted
    assert PLACEHOLDER not in invitation(deployed)["EmailMessage"]
    policy = template("workforce.yaml")["Resources"]["WorkforceFunctionEmailPolicy"]
    assert policy["Condition"] == "HasSesIdentityArn"
    for_emails = {action for action in used(aws) if action.startswith("iam:")}
    assert for_emails == actions(policy["Properties"]["PolicyDocument"])
    without = {"SesIdentityArn": "", "FromEmailAddress": ""}
    assert deployed.update(without) == "UPDATE_COMPLETE", deployed.reasons
    assert sender(deployed).get("EmailSendingAccount") != "DEVELOPER"
    assert deployed.update(ses) == "UPDATE_COMPLETE", deployed.reasons
    assert sender(deployed) == wanted
    assert deployed.delete() == "DELETE_COMPLETE", deployed.reasons


@pytest.mark.parametrize(
    ("parameters", "mend"),
    [
        ({"InvitationBody": OWN_TEXT.replace("{####}", "")}, "that has {username}"),
        ({"SesIdentityArn": SES}, "give both, or none"),
        ({"FromEmailAddress": "labels@example.com"}, "give both, or none"),
    ],
)
def test_half_an_invitation_is_refused(
    aws: EmbeddedAws, parameters: dict[str, str], mend: str
) -> None:
    assert mend in refusal(aws, **parameters)
