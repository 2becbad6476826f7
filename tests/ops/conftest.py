"""What the tests of the operator's commands share."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_aws.process import EmbeddedAws
from tests.ops.worker_pool import Workforce, make_workforce
from tests.small_set import Operator


@pytest.fixture
def operator(
    aws: EmbeddedAws,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Operator:
    """Give an operator with a small set, and an account in which nothing is."""
    return Operator(aws, tmp_path, monkeypatch)


@pytest.fixture
def workforce(
    aws: EmbeddedAws,
    monkeypatch: pytest.MonkeyPatch,
) -> Workforce:
    """Give a user pool with two work teams, and somebody who runs commands on it."""
    return make_workforce(aws, monkeypatch)
