"""How a promise is told: held, or broken with what mends it."""

from __future__ import annotations

from collections.abc import Iterable

from ops.account_checks import Finding

REPAIR = "`make repair` puts it right."
BY_HAND = (
    "Somebody changed it outside the stack: change it back in the AWS console. "
    "`make deploy` writes it again only when it changes in the template."
)
DEPLOY_AGAIN = "It was deleted outside the stack: `make destroy` and deploy again."


def held(holds: bool, promise: str, broken: str, mend: str) -> Finding:
    """Return that a promise is held, or how it is broken and what mends it."""
    return Finding("fine", promise) if holds else Finding("error", broken, mend)


def listed(items: Iterable[str]) -> str:
    """Return names in a sentence."""
    return ", ".join(sorted(items)) or "none"
