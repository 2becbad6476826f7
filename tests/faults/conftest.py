"""A function that can meet faults, a stack around it, and others beside that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local_aws.process import EmbeddedAws
from tests.faults.faults_of_the_function import FaultyFunction, function_on
from tests.faults.simulated_stack import SimulatedStack, quiet_stack
from tests.faults.surroundings import Surroundings
from tests.function.function_on_embedded_aws import make_sign_in


@pytest.fixture
def faulty(aws: EmbeddedAws) -> Iterator[FaultyFunction]:
    """Return the function, without a fault so far."""
    with function_on(aws) as faulty:
        yield faulty


@pytest.fixture
def stack(aws: EmbeddedAws, faulty: FaultyFunction) -> SimulatedStack:
    """Return a stack that is not created yet."""
    return SimulatedStack(faulty, make_sign_in(aws), quiet_stack(aws))


@pytest.fixture
def others(aws: EmbeddedAws, stack: SimulatedStack) -> Surroundings:
    """Return what others have beside the stack."""
    return Surroundings(stack, aws)
