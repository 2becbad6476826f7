"""Signatures of root credentials, which MiniStack does not check.

It checks those of IAM users and roles only. Here a wrong secret of an account's root is
refused as well, so that a tool that takes its credentials from the wrong place fails.

Source: IAM User Guide, "AWS Signature Version 4 for API requests".
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from local_aws import hooks

HOOKS = (
    "ministack.app:pin_signed_request",
    "ministack.core.iam_evaluator:_is_root_key",
)

_is_pinning: ContextVar[bool] = ContextVar("is_pinning", default=False)


def install() -> None:
    """Let the signature of every key be kept for its check."""
    pin, is_root_key = HOOKS
    hooks.replace(pin, _pinning_every_key)
    hooks.replace(is_root_key, _knowing_no_root_meanwhile)


def _pinning_every_key(pin: Callable[..., None]) -> Callable[..., None]:
    def pin_every_key(*request: Any, **further: Any) -> None:
        token = _is_pinning.set(True)
        try:
            pin(*request, **further)
        finally:
            _is_pinning.reset(token)

    return pin_every_key


def _knowing_no_root_meanwhile(
    is_root_key: Callable[[str], bool],
) -> Callable[[str], bool]:
    """A key that is nobody's root is pinned; elsewhere root stays root."""

    def is_root_key_unless_pinning(access_key: str) -> bool:
        return not _is_pinning.get() and is_root_key(access_key)

    return is_root_key_unless_pinning
