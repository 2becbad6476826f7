"""Filtering, ordering and paging that SageMaker's List operations share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from local_aws.sagemaker.errors import validation_error

_DEFAULT_PAGE = 100


def page(
    shapes: Sequence[Mapping[str, Any]],
    parameters: Mapping[str, Any],
    *,
    members: str,
    name: str,
    created: str = "CreateDate",
) -> dict[str, Any]:
    """Return one page of a listing under `members`, with NextToken if there is more.

    `name` is the member that NameContains and SortBy=Name look at, `created` that of
    the default order, which is assumed to be ascending.
    """
    wanted = parameters.get("NameContains", "")
    order = name if parameters.get("SortBy") == "Name" else created
    found = sorted(
        (shape for shape in shapes if wanted in shape[name]),
        key=lambda shape: shape[order],
        reverse=parameters.get("SortOrder") == "Descending",
    )
    token = parameters.get("NextToken", "0")
    if not token.isdigit():
        raise validation_error("Invalid NextToken.")
    first = int(token)
    end = first + parameters.get("MaxResults", _DEFAULT_PAGE)
    answer: dict[str, Any] = {members: found[first:end]}
    if end < len(found):
        answer["NextToken"] = str(end)
    return answer
