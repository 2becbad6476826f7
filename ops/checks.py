"""What is asked before anything is made, so that all of it is said at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from lambda_src.workforce import REGIONS
from ops.errors import OperatorError, explain

Result = TypeVar("Result")


def collect(found: list[OperatorError], look: Callable[[], Result]) -> Result | None:
    """Return what `look` returns, or None after noting why it could not."""
    try:
        return look()
    except OperatorError as error:
        found.append(error)
    except (BotoCoreError, ClientError) as error:
        found.append(explain(error))
    return None


def note(found: list[OperatorError], problem: OperatorError | None) -> None:
    """Note a problem if it is one."""
    if problem:
        found.append(problem)


def region_problem(region: str) -> OperatorError | None:
    """Return that a Region has no private workforces, or None."""
    if region in REGIONS:
        return None
    return OperatorError(
        f"SageMaker has no private workforces in {region}.",
        f"Deploy in one of {', '.join(REGIONS)}.",
    )
