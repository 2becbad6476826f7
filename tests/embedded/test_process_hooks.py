"""A library that moved what is hooked is noticed at the start, all at once."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator

import pytest

from local_aws import hooks, server


@pytest.fixture
def library() -> Iterator[types.ModuleType]:
    """Give a library with one function, in one class."""
    module = types.ModuleType("a_library")
    module.double = lambda number: 2 * number  # type: ignore[attr-defined]
    module.Shape = type("Shape", (), {"area": 4})  # type: ignore[attr-defined]
    sys.modules["a_library"] = module
    yield module
    del sys.modules["a_library"]


def test_every_missing_name_is_reported(library: types.ModuleType) -> None:
    names = [
        "a_library:gone",
        "a_library:double",
        "a_library:Shape.gone",
        "a_library:Shape.area",
        "no_library:at_all",
    ]
    assert hooks.missing(names) == [
        "a_library:Shape.gone",
        "a_library:gone",
        "no_library:at_all",
    ]


def test_a_start_without_a_hooked_name_is_refused_in_one_sentence_and_the_mend() -> (
    None
):
    with pytest.raises(server.StartError) as refused:
        server.check(["ministack.app:app", "ministack.app:gone", "gone:gone"])
    assert str(refused.value) == (
        "The embedded AWS is made for MiniStack 1.5.33, but version 1.5.33 is "
        "installed and lacks gone:gone, ministack.app:gone. "
        "Install what constraints.txt names (`make setup`)."
    )


def test_another_version_is_refused_even_if_it_has_all_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "version", lambda name: "1.5.34")
    with pytest.raises(server.StartError, match=r"version 1\.5\.34 is installed\."):
        server.check(["ministack.app:app"])


def test_later_replacements_of_a_name_get_the_earlier_ones(
    library: types.ModuleType,
) -> None:
    def plus_one(original: object) -> object:
        return lambda number: original(number) + 1  # type: ignore[operator]

    def negative(original: object) -> object:
        return lambda number: -original(number)  # type: ignore[operator]

    hooks.replace("a_library:double", plus_one)
    hooks.replace("a_library:double", negative)
    hooks.replace("a_library:double", plus_one)
    assert library.double(3) == -7


def test_a_name_that_does_not_exist_cannot_be_replaced() -> None:
    with pytest.raises(LookupError, match="ministack:gone"):
        hooks.replace("ministack:gone", lambda original: original)
