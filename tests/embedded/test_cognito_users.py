"""Users: who can be made, how they are found, what they are sent, what they lose."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.embedded.prepared import PASSWORD, refusal, user_pool

INVITATION = {
    "EmailMessage": "Portal of {username}: {####}",
    "EmailSubject": "Your portal",
}


@pytest.fixture
def pool(cognito: Any) -> str:
    """A pool like the product's: e-mail as alias, case does not matter."""
    return user_pool(
        cognito,
        AliasAttributes=["email"],
        UsernameConfiguration={"CaseSensitive": False},
        Policies={"PasswordPolicy": {"MinimumLength": 20}},
        AdminCreateUserConfig={"InviteMessageTemplate": INVITATION},
    )


def worker(
    cognito: Any,
    pool: str,
    username: str = "ada",
    email: str | None = "ada@example.com",
    verified: str = "true",
    **further: Any,
) -> Any:
    attributes = [
        {"Name": "email", "Value": email},
        {"Name": "email_verified", "Value": verified},
    ]
    return cognito.admin_create_user(
        UserPoolId=pool,
        Username=username,
        UserAttributes=attributes if email else [],
        **{"DesiredDeliveryMediums": ["EMAIL"], **further},
    )["User"]


def test_an_invitation_carries_the_text_of_that_moment(
    aws: Any, cognito: Any, pool: str
) -> None:
    worker(cognito, pool)
    first = aws.control.mails()[-1]
    assert (first["to"], first["subject"]) == ("ada@example.com", "Your portal")
    assert re.fullmatch(r"Portal of ada: \S{20,}", first["body"])
    cognito.update_user_pool(
        UserPoolId=pool,
        AdminCreateUserConfig={
            "InviteMessageTemplate": {
                "EmailMessage": "New text for {username}: {####}",
                "EmailSubject": "New",
            }
        },
    )
    worker(cognito, pool, "bob", "bob@example.com")
    assert aws.control.mails()[-1]["body"].startswith("New text for bob: ")


def test_a_password_that_cognito_chooses_means_something_in_html(
    aws: Any, cognito: Any, pool: str
) -> None:
    worker(cognito, pool)
    assert {"<", "&"} & {*aws.control.mails()[-1]["body"]}


def test_without_email_as_medium_no_invitation_is_delivered(
    aws: Any, cognito: Any, pool: str
) -> None:
    cognito.admin_create_user(
        UserPoolId=pool,
        Username="ada",
        UserAttributes=[{"Name": "email", "Value": "ada@example.com"}],
    )
    assert aws.control.mails() == []


def test_a_suppressed_invitation_is_not_sent(aws: Any, cognito: Any, pool: str) -> None:
    worker(cognito, pool, MessageAction="SUPPRESS")
    assert aws.control.mails() == []


def test_resending_sends_a_new_password_and_makes_nobody(
    aws: Any, cognito: Any, pool: str
) -> None:
    worker(cognito, pool)
    worker(cognito, pool, MessageAction="RESEND")
    first, second = (mail["body"] for mail in aws.control.mails())
    assert first != second
    assert len(cognito.list_users(UserPoolId=pool)["Users"]) == 1


def test_resending_to_nobody_and_to_someone_who_signed_in_is_refused(
    cognito: Any, pool: str
) -> None:
    named = {"UserPoolId": pool, "Username": "ada"}
    resend = {**named, "MessageAction": "RESEND"}
    code, _ = refusal(cognito.admin_create_user, **resend)
    assert code == "UserNotFoundException"
    worker(cognito, pool)
    cognito.admin_set_user_password(Password=PASSWORD, Permanent=True, **named)
    code, _ = refusal(cognito.admin_create_user, **resend)
    assert code == "UnsupportedUserStateException"


def test_with_an_email_alias_a_user_name_cannot_look_like_an_email(
    cognito: Any, pool: str
) -> None:
    assert refusal(
        cognito.admin_create_user, UserPoolId=pool, Username="ada@example.com"
    ) == (
        "InvalidParameterException",
        "Username cannot be of email format, since user pool is configured for email "
        "alias.",
    )


@pytest.mark.parametrize("username", ["ada", "ADA"])
def test_a_user_name_exists_once_whatever_its_case(
    cognito: Any, pool: str, username: str
) -> None:
    worker(cognito, pool)
    code, _ = refusal(cognito.admin_create_user, UserPoolId=pool, Username=username)
    assert code == "UsernameExistsException"


def test_in_a_case_sensitive_pool_case_tells_users_apart(cognito: Any) -> None:
    pool = user_pool(cognito)
    worker(cognito, pool)
    worker(cognito, pool, "ADA")
    code, _ = refusal(cognito.admin_get_user, UserPoolId=pool, Username="Ada")
    assert code == "UserNotFoundException"


@pytest.mark.parametrize("email", ["ada@example.com", "Ada@Example.com"])
def test_a_verified_email_belongs_to_one_user(
    cognito: Any, pool: str, email: str
) -> None:
    worker(cognito, pool)
    assert refusal(lambda: worker(cognito, pool, "other", email)) == (
        "AliasExistsException",
        "An account with the email already exists.",
    )


def test_an_unverified_email_is_no_alias(cognito: Any, pool: str) -> None:
    worker(cognito, pool, verified="false")
    worker(cognito, pool, "other")
    found = cognito.admin_get_user(UserPoolId=pool, Username="ada@example.com")
    assert found["Username"] == "other"


def test_a_forced_alias_moves_to_the_new_user(cognito: Any, pool: str) -> None:
    worker(cognito, pool)
    worker(cognito, pool, "other", ForceAliasCreation=True)
    found = cognito.admin_get_user(UserPoolId=pool, Username="ada@example.com")
    assert found["Username"] == "other"


@pytest.mark.parametrize("name", ["ada", "ADA", "ada@example.com", "ADA@example.COM"])
def test_a_user_is_found_by_name_and_verified_email_in_any_case(
    cognito: Any, pool: str, name: str
) -> None:
    worker(cognito, pool)
    found = cognito.admin_get_user(UserPoolId=pool, Username=name)
    assert found["Username"] == "ada"


@pytest.mark.parametrize("email", ["ada", "ada@", "ada@host", "a b@example.com"])
def test_a_malformed_email_is_refused(cognito: Any, pool: str, email: str) -> None:
    assert refusal(lambda: worker(cognito, pool, email=email)) == (
        "InvalidParameterException",
        "Invalid email address format.",
    )


def test_an_unknown_attribute_is_refused(cognito: Any, pool: str) -> None:
    code, message = refusal(
        cognito.admin_create_user,
        UserPoolId=pool,
        Username="ada",
        UserAttributes=[{"Name": "custom:team", "Value": "a"}],
    )
    assert code == "InvalidParameterException"
    assert "custom:team: Attribute does not exist in the schema" in message


def test_a_required_attribute_is_required(cognito: Any) -> None:
    pool = user_pool(cognito, Schema=[{"Name": "email", "Required": True}])
    code, message = refusal(lambda: worker(cognito, pool, email=None))
    assert code == "InvalidParameterException"
    assert "email: The attribute is required" in message


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('email = "ADA@example.com"', ["ada"]),
        ('email ^= "a"', ["ada"]),
        ('username = "bob"', ["bob"]),
        ('username = "BOB"', []),
        ('cognito:user_status = "force_change_password"', ["bob"]),
        ('cognito:user_status ^= "CONF"', ["ada"]),
        ('status = "Disabled"', ["bob"]),
        ('"email" = "nobody@example.com"', []),
    ],
)
def test_users_are_filtered(
    cognito: Any, pool: str, text: str, found: list[str]
) -> None:
    worker(cognito, pool)
    worker(cognito, pool, "bob", "bob@example.com")
    cognito.admin_set_user_password(
        UserPoolId=pool, Username="ada", Password=PASSWORD, Permanent=True
    )
    cognito.admin_disable_user(UserPoolId=pool, Username="bob")
    listed = cognito.list_users(UserPoolId=pool, Filter=text)["Users"]
    assert [user["Username"] for user in listed] == found


@pytest.mark.parametrize(
    "text", ["nonsense", 'email != "a"', 'custom:team = "a"', "email = ada"]
)
def test_a_filter_that_cognito_cannot_read_is_refused(
    cognito: Any, pool: str, text: str
) -> None:
    code, _ = refusal(cognito.list_users, UserPoolId=pool, Filter=text)
    assert code == "InvalidParameterException"


def test_users_come_in_pages_of_sixty_with_the_wanted_attributes(
    cognito: Any, pool: str
) -> None:
    for number in range(61):
        worker(
            cognito,
            pool,
            f"worker-{number}",
            f"{number}@example.com",
            MessageAction="SUPPRESS",
        )
    first = cognito.list_users(UserPoolId=pool, AttributesToGet=["email"])
    second = cognito.list_users(
        UserPoolId=pool, PaginationToken=first["PaginationToken"]
    )
    assert (len(first["Users"]), len(second["Users"])) == (60, 1)
    assert {each["Name"] for each in first["Users"][0]["Attributes"]} == {"email"}
    assert "PaginationToken" not in second


def test_groups_list_their_users_and_users_their_groups(
    cognito: Any, pool: str
) -> None:
    worker(cognito, pool)
    group = {"UserPoolId": pool, "GroupName": "team"}
    made = cognito.create_group(**group)["Group"]
    assert "RoleArn" not in made
    cognito.admin_add_user_to_group(Username="ADA", **group)
    members = cognito.list_users_in_group(**group)["Users"]
    assert [user["Username"] for user in members] == ["ada"]
    named = {"UserPoolId": pool, "Username": "ada@example.com"}
    groups = cognito.admin_list_groups_for_user(**named)["Groups"]
    assert [each["GroupName"] for each in groups] == ["team"]
    cognito.admin_remove_user_from_group(Username="ada", **group)
    assert cognito.list_users_in_group(**group)["Users"] == []


def test_cognito_itself_sends_so_many_invitations_a_day(
    aws: Any, cognito: Any, pool: str
) -> None:
    aws.control.set(cognito_emails_a_day=2)
    worker(cognito, pool)
    worker(cognito, pool, MessageAction="RESEND")
    for further in (
        {"username": "bob", "email": "bob@example.com"},
        {"MessageAction": "RESEND"},
    ):
        code, message = refusal(worker, cognito=cognito, pool=pool, **further)
        assert code == "LimitExceededException"
        assert message.startswith("Exceeded daily email limit")
    assert len(aws.control.mails()) == 2
    assert len(cognito.list_users(UserPoolId=pool)["Users"]) == 1
    # Without an e-mail there is nothing to limit.
    worker(cognito, pool, "bob", "bob@example.com", MessageAction="SUPPRESS")


def test_amazon_ses_has_not_that_limit(aws: Any, cognito: Any) -> None:
    aws.control.set(cognito_emails_a_day=0)
    ses = "arn:aws:ses:us-east-1:111111111111:identity/example.com"
    pool = user_pool(
        cognito,
        EmailConfiguration={"EmailSendingAccount": "DEVELOPER", "SourceArn": ses},
    )
    worker(cognito, pool)
    assert len(aws.control.mails()) == 1
