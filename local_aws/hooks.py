"""How the embedded AWS reaches into the libraries that it stands on.

A name is written "package.module:attribute.path". All of these names are private to
their library, so each extension lists the ones that it touches (`HOOKS`), and the
server refuses to start when a single one of them is missing.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from typing import Any

_replaced: set[tuple[str, Callable[[Any], Any]]] = set()


def missing(names: Iterable[str]) -> list[str]:
    """Return those of `names` that the installed libraries do not have, sorted."""
    return sorted({name for name in names if not _exists(name)})


def replace(name: str, make: Callable[[Any], Any]) -> None:
    """Set `name` to `make(original)`; the same `make` is applied to a name only once.

    Several extensions may replace the same name: the later one gets the earlier one's
    result as its original. Raises LookupError for a name that does not exist.
    """
    if (name, make) in _replaced:
        return
    owner, attribute = _owner(name)
    setattr(owner, attribute, make(getattr(owner, attribute)))
    _replaced.add((name, make))


def _exists(name: str) -> bool:
    try:
        _owner(name)
    except LookupError:
        return False
    return True


def _owner(name: str) -> tuple[Any, str]:
    """Return the object that has the attribute `name` ends in, and its name there."""
    module, _, path = name.partition(":")
    *parents, attribute = path.split(".")
    try:
        owner: Any = importlib.import_module(module)
        for parent in parents:
            owner = getattr(owner, parent)
        getattr(owner, attribute)
    except (ImportError, AttributeError) as error:
        raise LookupError(name) from error
    return owner, attribute
