"""What the tests of the operator's commands share."""

from __future__ import annotations

import pytest

from local_aws.process import EmbeddedAws
from tests.ops.worker_pool import Workforce, make_workforce


@pytest.fixture
def workforce(
    aws: EmbeddedAws,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Workforce:
    """Give a user pool with two work teams, and somebody who runs commands on it."""
    return make_workforce(aws, monkeypatch, capsys)
