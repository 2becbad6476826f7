"""The portfolio, made once for the tests of a file."""

from __future__ import annotations

import pytest

from local_aws.process import EmbeddedAws
from tests.conftest import SHORT_WAITS
from tests.deployment.portfolio import Portfolio
from tests.deployment.whole_life import CERTIFICATE


@pytest.fixture(scope="module")
def portfolio(embedded_aws: EmbeddedAws) -> Portfolio:
    """Return the portfolio, whose product nobody has launched."""
    embedded_aws.control.reset()
    embedded_aws.control.set(**SHORT_WAITS)
    return Portfolio(embedded_aws).made(CustomDomainCertificateArn=CERTIFICATE)
