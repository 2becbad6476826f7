"""One deployed set, and the installed Chromium in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, sync_playwright

from local_aws.process import EmbeddedAws
from ops import browser
from ops.errors import OperatorError
from tests.conftest import SHORT_WAITS
from tests.lifecycle.deployed_set import DeployedSet

FIRST_WORKER = "ada@example.com"


@pytest.fixture(scope="module")
def deployed() -> Iterator[DeployedSet]:
    """Give the set, created with one worker, on an embedded AWS of its own.

    It opens a second port, which the shared one must not have.
    """
    with EmbeddedAws.started(settings=SHORT_WAITS) as aws:
        made = DeployedSet(aws, "root.yaml")
        status = made.create(WorkerEmails=FIRST_WORKER)
        assert status == "CREATE_COMPLETE", made.reasons
        yield made


@pytest.fixture(scope="module")
def chromium(deployed: DeployedSet) -> Iterator[Browser]:
    """Give the browser, which sees the deployed set under its real names."""
    try:
        path = browser.installed()
    except OperatorError as missing:
        path, lack = "", f"{missing.fact} {missing.mend}"
    if not path:
        pytest.fail(lack, pytrace=False)
    arguments = browser.arguments(deployed.aws.control.https())
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=arguments)
        yield started
        started.close()


@pytest.fixture(scope="module")
def sign_in_host(deployed: DeployedSet) -> str:
    """Give the name of the sign-in domain, as the templates put it out."""
    host = deployed.outputs["UserPoolDomainName"]
    assert urlsplit(f"https://{host}").hostname == host
    return host
