"""Clients that most tests of the embedded AWS use."""

from __future__ import annotations

from typing import Any

import pytest

from tests.embedded.prepared import client


@pytest.fixture
def cognito(aws: Any) -> Any:
    """Return the client of Cognito user pools."""
    return client(aws, "cognito-idp")


@pytest.fixture
def sagemaker(aws: Any) -> Any:
    """Return the client of SageMaker."""
    return client(aws, "sagemaker")
