"""Users: who may be created, how they are found, and what invitation they get.

Sources: API reference (AdminCreateUser, ListUsers, UserPoolType) and the developer
guide ("Customizing user pool attributes", "Customizing user invitation messages").
"""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import regex
from ministack.services import cognito

from local_aws.cognito.directory import NAMING, among, users_of
from local_aws.cognito.pools import pool_of
from local_aws.cognito.refusals import (
    Operation,
    Refusal,
    Request,
    Response,
    body_of,
    invalid_parameter,
    member,
    succeeded,
)

_EMAIL = regex.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_FILTER = regex.compile(
    r'\s*"?(?P<attribute>[A-Za-z_:]+)"?\s*(?P<operator>\^?=)\s*"(?P<value>[^"]*)"\s*'
)
# ListUsers, "searchable attributes".
_SEARCHABLE = frozenset(
    {
        "username",
        "email",
        "phone_number",
        "name",
        "given_name",
        "family_name",
        "preferred_username",
        "cognito:user_status",
        "status",
        "sub",
    }
)
# Of Cognito's own passwords some hold what means something in HTML
# (aws-samples/sample-agentcore-lowcode-nocode#1). Here each does.
_SYMBOLS = "<&"
_TEMPORARY_PASSWORD_LENGTH = 12
INVITED_AT = "_invited_at"
FORCE_CHANGE_PASSWORD = "FORCE_CHANGE_PASSWORD"  # noqa: S105 - a status of the API


def attributes_of(
    user: Mapping[str, Any], member: str = "Attributes"
) -> dict[str, str]:
    """Return the attributes of a user or a request as a mapping."""
    return {each["Name"]: each.get("Value", "") for each in user.get(member) or []}


def is_case_sensitive(pool: Mapping[str, Any]) -> bool:
    """Tell whether user names and aliases differ by case (the API's default)."""
    value = member(pool, "UsernameConfiguration", "CaseSensitive")
    return value is None or bool(value)


def resolving_without_case(
    original: Callable[[Any, Any], tuple[Any, Any]],
) -> Callable[[Any, Any], tuple[Any, Any]]:
    """Wrap the look-up of a user, which ignores case where the pool does.

    The library looks only at who may be meant: at everybody it would take longer than
    all the rest once there are thousands.
    """

    def resolve_user(pool: dict[str, Any], username: Any) -> tuple[Any, Any]:
        if not isinstance(username, str):
            return original(pool, username)
        meant = {user["Username"]: user for user in users_of(pool).called(username)}
        if not is_case_sensitive(pool):
            username = _spelling_in(pool, username, meant)
        return original({**pool, "_users": meant}, username)

    return resolve_user


def _spelling_in(
    pool: Mapping[str, Any], name: str, meant: Mapping[str, dict[str, Any]]
) -> str:
    """Return how the pool spells a user name or a verified e-mail address."""
    if name in meant:
        return name
    folded = name.casefold()
    for username in meant:
        if username.casefold() == folded:
            return username
    for username, user in meant.items():
        attributes = attributes_of(user)
        is_email = attributes.get("email", "").casefold() == folded
        if is_email and _email_is_alias(pool, attributes):
            return username
    return name


def starting_in_the_pool(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the start of a federated account: with the user that the pool now holds."""

    def start(pool: dict[str, Any], pool_id: str, user: Any, *rest: Any) -> Any:
        held = pool["_users"][user["Username"]]
        return original(pool, pool_id, held, *rest)

    return start


def _email_is_alias(pool: Mapping[str, Any], attributes: Mapping[str, str]) -> bool:
    if "email" in (pool.get("UsernameAttributes") or []):
        return True
    aliases = pool.get("AliasAttributes") or []
    return "email" in aliases and attributes.get("email_verified") == "true"


def refuse_new_user(request: Request) -> None:
    """Refuse a user that AdminCreateUser would not make."""
    pool = pool_of(request)
    if pool is None or request.get("MessageAction") == "RESEND":
        return
    username = str(request.get("Username", ""))
    attributes = attributes_of(request, "UserAttributes")
    aliases = pool.get("AliasAttributes") or []
    if "email" in aliases and _EMAIL.fullmatch(username):
        # Real text: aws-amplify/amplify-js#8800.
        raise invalid_parameter(
            "Username cannot be of email format, since user pool is configured for "
            "email alias."
        )
    _refuse_attributes(pool, attributes, username)
    _refuse_existing(pool, username)
    if not request.get("ForceAliasCreation"):
        _refuse_alias(pool, attributes)


def _refuse_attributes(
    pool: Mapping[str, Any], attributes: Mapping[str, str], username: str
) -> None:
    schema = {each["Name"]: each for each in pool["SchemaAttributes"]}
    for name in attributes:
        if name not in schema:
            raise invalid_parameter(
                f"Attributes did not conform to the schema: {name}: Attribute does not "
                "exist in the schema.\n"
            )
    by_name = dict.fromkeys(pool.get("UsernameAttributes") or [], username)
    given = {**by_name, **attributes}
    for name, definition in schema.items():
        if definition.get("Required") and name != "sub" and not given.get(name):
            raise invalid_parameter(
                f"Attributes did not conform to the schema: {name}: The attribute is "
                "required\n"
            )
    email = attributes.get("email")
    if email is not None and not _EMAIL.fullmatch(email):
        raise invalid_parameter("Invalid email address format.")


def _refuse_existing(pool: dict[str, Any], username: str) -> None:
    spelled = _spelling(pool)
    wanted = spelled(username)
    called = users_of(pool).called(username)
    if any(spelled(user["Username"]) == wanted for user in called):
        raise Refusal("UsernameExistsException", "User account already exists")


def _refuse_alias(pool: dict[str, Any], attributes: Mapping[str, str]) -> None:
    if any(_owners_of_alias(pool, attributes)):
        raise Refusal(
            "AliasExistsException", "An account with the email already exists."
        )


def _owners_of_alias(
    pool: dict[str, Any], attributes: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Yield the users who can sign in with a verified e-mail address."""
    email = attributes.get("email")
    if email is None or not _email_is_alias(pool, attributes):
        return
    spelled = _spelling(pool)
    for user in users_of(pool).called(email):
        theirs = attributes_of(user)
        same = spelled(theirs.get("email", "")) == spelled(email)
        if same and _email_is_alias(pool, theirs):
            yield user


def _spelling(pool: Mapping[str, Any]) -> Callable[[str], str]:
    """Return what makes names comparable in a pool."""
    return str if is_case_sensitive(pool) else str.casefold


def refuse_resend(request: Request) -> None:
    """Refuse to invite again somebody who has signed in already (documented code)."""
    pool = pool_of(request)
    if pool is None or request.get("MessageAction") != "RESEND":
        return
    user, _ = cognito._resolve_user(pool, request.get("Username"))
    if user is not None and user["UserStatus"] != FORCE_CHANGE_PASSWORD:
        raise Refusal(
            "UnsupportedUserStateException",
            f"User status is {user['UserStatus']}; only a user in the status "
            f"{FORCE_CHANGE_PASSWORD} can be invited again.",
        )


def inviting(original: Operation) -> Operation:
    """Wrap AdminCreateUser: a temporary password after the pool's own policy.

    Every invitation, a repeated one too, carries a new password unless one is given.
    An alias that was forced moves from its owner to the new user.
    """

    def admin_create_user(request: Request) -> Response:
        pool = pool_of(request)
        if pool is None:
            return original(request)
        password = request.get("TemporaryPassword") or _temporary_password(pool)
        changed = {**request, "TemporaryPassword": password}
        if request.get("MessageAction") == "RESEND":
            user, _ = cognito._resolve_user(pool, request.get("Username"))
            if user is not None:
                user["_password"] = password
            return _dated(pool, request, original(changed))
        attributes = attributes_of(request, "UserAttributes")
        # Unless it is forced, an alias that has an owner was refused before.
        forced = bool(request.get("ForceAliasCreation"))
        owners = list(_owners_of_alias(pool, attributes)) if forced else []
        response = original(changed)
        if succeeded(response):
            for owner in owners:
                _take_alias(owner)
        return _dated(pool, request, response)

    return admin_create_user


def _dated(pool: Mapping[str, Any], request: Request, response: Response) -> Response:
    """Note when a temporary password was given, as it expires."""
    user, _ = cognito._resolve_user(pool, request.get("Username"))
    if succeeded(response) and user is not None:
        user[INVITED_AT] = time.time()
    return response


def _take_alias(user: dict[str, Any]) -> None:
    """Take the e-mail alias from a user, which has moved to another one."""
    attributes = {**attributes_of(user), "email_verified": "false"}
    user["Attributes"] = [
        {"Name": name, "Value": value} for name, value in attributes.items()
    ]


def _temporary_password(pool: Mapping[str, Any]) -> str:
    policy = member(pool, "Policies", "PasswordPolicy") or {}
    classes = (
        string.ascii_lowercase,
        string.ascii_uppercase,
        string.digits,
        _SYMBOLS,
    )
    length = max(_TEMPORARY_PASSWORD_LENGTH, policy.get("MinimumLength", 0))
    letters = [secrets.choice(letters) for letters in classes]
    letters += [secrets.choice("".join(classes)) for _ in range(length - len(classes))]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)


def wanting_email(original: Callable[[Request], bool]) -> Callable[[Request], bool]:
    """Wrap the choice of the medium: "The default value is SMS" (AdminCreateUser).

    The library takes e-mail for the default, so that a forgotten medium is not noticed.
    """

    def wants_email(request: Request) -> bool:
        return bool(request.get("DesiredDeliveryMediums")) and original(request)

    return wants_email


def refuse_filter(request: Request) -> None:
    """Refuse a ListUsers filter that Cognito cannot parse; the library ignores it."""
    text = request.get("Filter")
    if not text:
        return
    match = _FILTER.fullmatch(text)
    if match is None:
        raise invalid_parameter("Error while parsing filter.")
    if match["attribute"] not in _SEARCHABLE:
        raise invalid_parameter(
            f"Invalid search attribute: {match['attribute']}; searchable are "
            f"{', '.join(sorted(_SEARCHABLE))}."
        )


def filtering_by_status(
    original: Callable[[list[Any], str], list[Any]],
) -> Callable[[list[Any], str], list[Any]]:
    """Wrap the filter of ListUsers with `cognito:user_status`, which it cannot read.

    Where a user's whole name is asked for, only who has it is looked at.
    """

    def apply_filter(users: list[Any], text: str) -> list[Any]:
        match = _FILTER.fullmatch(text)
        if match is None or match["attribute"] != "cognito:user_status":
            by_name = NAMING | {"username"}
            if match and match["attribute"] in by_name and match["operator"] == "=":
                users = among(users, match["value"])
            return original(users, text)
        value = match["value"].casefold()
        return [
            user
            for user in users
            if user["UserStatus"].casefold() == value
            or (
                match["operator"] == "^="
                and user["UserStatus"].casefold().startswith(value)
            )
        ]

    return apply_filter


def listing_wanted_attributes(original: Operation) -> Operation:
    """Wrap ListUsers so that AttributesToGet is obeyed."""

    def list_users(request: Request) -> Response:
        response = original(request)
        wanted = request.get("AttributesToGet")
        if wanted is None or not succeeded(response):
            return response
        body = body_of(response)
        for user in body["Users"]:
            user["Attributes"] = [
                each for each in user["Attributes"] if each["Name"] in wanted
            ]
        answer: Response = cognito.json_response(body)
        return answer

    return list_users
