"""A workforce's sign-in for each test."""

from __future__ import annotations

import pytest

from local_aws.process import EmbeddedAws
from tests.sites.signed_up import Workers


@pytest.fixture
def workers(aws: EmbeddedAws) -> Workers:
    """Give a user pool without MFA, its domain and the portal's app client."""
    return Workers(aws)
