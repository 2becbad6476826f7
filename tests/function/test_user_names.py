"""The user name of a worker: this stack's alone, and the same for ever."""

from __future__ import annotations

import hashlib

import pytest

from lambda_src import workforce as function
from tests.function.cloudformation_requests import UUID


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("ada.lovelace+x@mail.example", "ada.lovelace-x-DIGEST"),
        ("o''neil_@a.example", "o-neil--DIGEST"),
        ("a" * 41 + "@a.example", "a" * 40 + "-DIGEST"),
    ],
)
def test_a_user_name_stays_what_it_is(email: str, name: str) -> None:
    """Under another one, a worker would get a second account."""
    digest = hashlib.sha256(f"{UUID}/{email}".encode()).hexdigest()[:16]
    assert function.user_name(email, UUID) == name.replace("DIGEST", digest)


def test_a_user_name_is_this_stacks_alone() -> None:
    other = UUID.replace("0", "1")
    assert function.user_name("ada@example.com", UUID) != function.user_name(
        "ada@example.com", other
    )


@pytest.mark.parametrize(
    "email", ["ada@example.com", "o'neil+x@a.example", "é@x.example", "a" * 64 + "@b.c"]
)
def test_a_user_name_never_looks_like_an_address_and_fits(email: str) -> None:
    name = function.user_name(email, UUID)
    assert "@" not in name
    assert len(name) <= 128
