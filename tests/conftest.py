"""The embedded AWS for tests, and no way to any other AWS.

A test that takes `aws` gets an empty embedded AWS whose emulated waits are short, and
is marked `local_aws`. All tests share one process, which is reset in between.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.environment import without_aws
from local_aws.process import EmbeddedAws, start

SHORT_WAITS = {
    "workforce_initializing_seconds": 0.0,
    "workforce_updating_seconds": 0.0,
    "workforce_deleting_seconds": 0.0,
    "asynchronous_retry_seconds": 0.0,
}


def pytest_configure() -> None:
    """Take the user's AWS settings away before a test module is imported."""
    kept = without_aws(os.environ)
    os.environ.clear()
    os.environ.update(
        kept,
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what runs on the embedded AWS."""
    for item in items:
        if "embedded_aws" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.local_aws)


@pytest.fixture(scope="session")
def embedded_aws() -> Iterator[EmbeddedAws]:
    """Give the embedded AWS of this test run, in whatever state it is.

    EMBEDDED_AWS names the state directory of one that outlives the run: `make mutants`
    runs the tests a thousand times.
    """
    if directory := os.environ.get("EMBEDDED_AWS"):
        yield EmbeddedAws(start(Path(directory), port=0))
        return
    with EmbeddedAws.started() as aws:
        yield aws


@pytest.fixture
def aws(embedded_aws: EmbeddedAws) -> EmbeddedAws:
    """Give the embedded AWS of this test run, empty and with short waits."""
    embedded_aws.control.reset()
    embedded_aws.control.set(**SHORT_WAITS)
    return embedded_aws
