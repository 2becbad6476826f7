"""The set in both forms, for the tests of its life."""

from __future__ import annotations

import pytest

from local_aws.process import EmbeddedAws
from tests.lifecycle.deployed_set import DeployedSet


@pytest.fixture(params=["root.yaml", "private-workforce.yaml"])
def deployed(aws: EmbeddedAws, request: pytest.FixtureRequest) -> DeployedSet:
    """Return the set in either form, not created yet."""
    return DeployedSet(aws, request.param)


@pytest.fixture
def created(deployed: DeployedSet) -> DeployedSet:
    """Return the set, created with one worker."""
    status = deployed.create(WorkerEmails="ada@example.com")
    assert status == "CREATE_COMPLETE", deployed.reasons
    return deployed
