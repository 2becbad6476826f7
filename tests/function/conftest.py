"""The function on the embedded AWS, for its tests."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest

from lambda_src import workforce as function
from local_aws.process import EmbeddedAws
from tests.function.cloudformation_requests import answers_taken
from tests.function.function_on_embedded_aws import (
    Function,
    SignIn,
    make_sign_in,
    session_of_the_function,
)
from tests.function.simulated_clock import SimulatedClock


@pytest.fixture
def sign_in(aws: EmbeddedAws) -> SignIn:
    """Return a fresh user pool with its app client and domain."""
    return make_sign_in(aws)


@pytest.fixture
def call(
    aws: EmbeddedAws, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Function]:
    """Return the function, with the embedded AWS as its AWS."""
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session_of_the_function())
    monkeypatch.setattr(function, "SHORTEST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(function, "ANSWER_PAUSES_SECONDS", (0.01, 0.01, 0.01, 0.01))
    with answers_taken() as answers:
        yield Function(sign_in, answers)


@pytest.fixture
def portal(call: Function) -> str:
    """Return the host of a portal that the function has made."""
    made = call.succeeds("Create", "PrivateWorkforce", call.workforce())
    return str(made["Data"]["LabelingPortalHost"])


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimulatedClock:
    """Return the clock of the function, which only its sleeping moves."""
    made = SimulatedClock()
    monkeypatch.setattr(function, "time", made)
    return made
