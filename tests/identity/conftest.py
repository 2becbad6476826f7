"""The sign-in on the embedded AWS, for its tests."""

from __future__ import annotations

import pytest

from local_aws.process import EmbeddedAws
from tests.identity.deployed_sign_in import DeployedSignIn


@pytest.fixture
def sign_in(aws: EmbeddedAws) -> DeployedSignIn:
    """Return the base stack, not created yet."""
    return DeployedSignIn(aws)
