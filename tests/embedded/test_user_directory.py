"""Users are found by what they are called, whatever happens to them, at once."""

from __future__ import annotations

import copy
from typing import Any

from local_aws.cognito.directory import Users, among, users_of
from local_aws.cognito.users import resolving_without_case, starting_in_the_pool
from tests.embedded.prepared import refusal, user_pool


def user(name: str, **attributes: str) -> dict[str, Any]:
    return {"Username": name, "Attributes": in_a_list(attributes)}


def in_a_list(attributes: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in attributes.items()]


def names(users: list[dict[str, Any]]) -> list[str]:
    return [each["Username"] for each in users]


def test_a_user_is_called_by_name_sub_email_and_phone_in_any_case() -> None:
    ada = user("Ada", sub="s-1", email="Ada@Example.com", phone_number="+491", zone="z")
    pool = {"_users": {"Ada": ada}}
    for name in ("ada", "ADA", "S-1", "ada@example.com", "+491"):
        assert names(users_of(pool).called(name)) == ["Ada"]
    assert users_of(pool).called("z") == []


def test_another_email_is_found_and_the_former_one_is_not() -> None:
    users = Users({"ada": user("ada", email="ada@example.com")})
    users["ada"]["Attributes"] = in_a_list({"email": "lovelace@example.com"})
    assert users.called("ada@example.com") == []
    assert names(users.called("lovelace@example.com")) == ["ada"]


def test_who_is_deleted_or_written_over_is_not_found_by_what_they_had() -> None:
    users = Users({"ada": user("ada", email="a@b.org"), "bob": user("bob", sub="s")})
    del users["bob"]
    users["ada"] = user("ada", email="c@d.org")
    assert users.called("bob") == users.called("s") == users.called("a@b.org") == []
    assert names(users.called("ada")) == names(users.called("c@d.org")) == ["ada"]


def test_several_users_can_have_an_email() -> None:
    users = Users({name: user(name, email="team@b.org") for name in ("ada", "bob")})
    del users["ada"]
    assert names(users.called("team@b.org")) == ["bob"]


def test_a_copy_is_a_plain_mapping_that_can_be_read_back() -> None:
    """The state that is kept over a stop is one."""
    pool = {"_users": {"ada": user("ada", email="a@b.org")}}
    kept = copy.deepcopy({"_users": users_of(pool)})
    assert type(kept["_users"]) is dict
    assert type(kept["_users"]["ada"]) is dict
    users_of(pool)["ada"]["Attributes"] = []
    assert names(users_of(kept).called("a@b.org")) == ["ada"]


def test_the_library_looks_at_nobody_but_who_may_be_meant() -> None:
    users = Users({f"u{n}": user(f"u{n}", email=f"{n}@b.org") for n in range(1000)})
    looked_at: list[int] = []

    def library(pool: Any, name: str) -> Any:
        looked_at.append(len(pool["_users"]))
        return None, None

    resolve = resolving_without_case(library)
    for name in ("u7", "7@b.org", "nobody"):
        resolve({"_users": users}, name)
    assert looked_at == [1, 1, 0]
    assert names(among(list(users.values()), "7@b.org")) == ["u7"]


def test_a_federated_account_starts_as_the_one_that_the_pool_holds() -> None:
    """The library goes on with the mapping that it has put into the pool."""
    pool = {"_users": Users({})}
    made = user("idp_ada", email="a@b.org")
    pool["_users"]["idp_ada"] = made
    start = starting_in_the_pool(lambda pool, pool_id, user, *rest: (user, rest))
    started, rest = start(pool, "pool", made, "idp", "ada")
    assert started is pool["_users"]["idp_ada"]
    assert rest == ("idp", "ada")


def test_an_email_that_moved_through_the_api_is_an_alias_at_once(cognito: Any) -> None:
    pool = user_pool(cognito, AliasAttributes=["email"])
    for name in ("ada", "bob"):
        cognito.admin_create_user(
            UserPoolId=pool,
            Username=name,
            UserAttributes=in_a_list(
                {"email": f"{name}@b.org", "email_verified": "true"}
            ),
        )
    change = {"UserAttributes": in_a_list({"email": "new@b.org"})}
    cognito.admin_update_user_attributes(UserPoolId=pool, Username="ada", **change)
    found = cognito.admin_get_user(UserPoolId=pool, Username="new@b.org")
    assert found["Username"] == "ada"
    of_ada = {"UserPoolId": pool, "Username": "ada@b.org"}
    assert refusal(cognito.admin_get_user, **of_ada)[0] == "UserNotFoundException"
    cognito.admin_delete_user(UserPoolId=pool, Username="bob@b.org")
    listed = cognito.list_users(UserPoolId=pool, Filter='email = "bob@b.org"')
    assert listed["Users"] == []
    cognito.admin_create_user(UserPoolId=pool, Username="bob")
