"""Every kind of fault, and the function that meets one in one of its calls.

Errors, lost replies and cut connections are injected by the embedded AWS, on the wire.
A kill is an exception that nothing in the function catches, raised right before or
right after a call took effect; a second delivery runs as a whole inside the first one.
"""

from __future__ import annotations

import contextlib
import enum
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.config import Config
from botocore.retries.standard import ExponentialBackoff

from lambda_src import workforce as function
from local_aws.process import EmbeddedAws
from tests.faults.simulated_stack import Step
from tests.function.cloudformation_requests import Answers, Context, answers_taken
from tests.function.function_on_embedded_aws import session_of_the_function

#: How long a call waits for a reply that never comes, instead of 20 seconds.
READ_TIMEOUT_SECONDS = 0.25


class Lasts(enum.Enum):
    """How long a fault stays."""

    FOR_ONE_CALL = enum.auto()
    FOR_THE_REQUEST = enum.auto()
    FOR_EVER = enum.auto()


class Ends(enum.Enum):
    """What becomes of the request that meets a fault."""

    WELL = enum.auto()
    WITH_A_REASON = enum.auto()
    WITHOUT_AN_ANSWER = enum.auto()


class Call(NamedTuple):
    """A call of the function in one request: the nth one of an operation."""

    operation: str
    nth: int = 1

    @classmethod
    def parse(cls, text: str) -> Call:
        """Return the call that is written as its operation, or operation and number."""
        operation, _, nth = text.partition(" ")
        return cls(operation, int(nth or 1))

    def __str__(self) -> str:
        """Return it as it is written in the file of recorded calls."""
        return self.operation if self.nth == 1 else f"{self.operation} {self.nth}"


#: Its second call depends on the time that a status takes.
POLLED = "DescribeWorkforce"


@dataclass(frozen=True)
class Kind:
    """A kind of fault."""

    name: str
    ends: Ends
    wire: str = ""
    """What the embedded AWS calls it, when that injects it."""
    lasts: Lasts = Lasts.FOR_ONE_CALL
    for_writes: bool = False
    """Whether it is told from another kind only by what the call has changed."""
    half_way: bool = False
    """Whether it differs when the same call has taken effect before."""

    def matters_for(self, call: Call) -> bool:
        """Return whether a call can meet it in a way that no other kind has."""
        reads = call.operation.startswith(("Describe", "List", "AdminGet", "AdminList"))
        if self.for_writes and reads:
            return False
        return call.nth == 1 or self.half_way


KILLED_BEFORE = Kind("killed before", Ends.WITHOUT_AN_ANSWER)
KILLED_AFTER = Kind(
    "killed after", Ends.WITHOUT_AN_ANSWER, for_writes=True, half_way=True
)
DELIVERED_INSIDE = Kind("delivered twice", Ends.WELL)
DELIVERED_AGAIN = Kind("delivered again", Ends.WELL)
REFUSED_ONCE = Kind("answer refused once", Ends.WELL)
REFUSED_FOR_EVER = Kind(
    "answer refused for ever", Ends.WITHOUT_AN_ANSWER, lasts=Lasts.FOR_EVER
)

#: Each of them meets every call of the function.
KINDS_FOR_CALLS = (
    Kind("throttled once", Ends.WELL, "throttle"),
    Kind("throttled for ever", Ends.WITH_A_REASON, "throttle", Lasts.FOR_EVER),
    Kind("500 once", Ends.WELL, "500"),
    Kind("500 for ever", Ends.WITH_A_REASON, "500", Lasts.FOR_EVER, half_way=True),
    Kind(
        "access denied",
        Ends.WITH_A_REASON,
        "AccessDeniedException",
        Lasts.FOR_THE_REQUEST,
        half_way=True,
    ),
    Kind("no reply", Ends.WITH_A_REASON, "timeout", Lasts.FOR_THE_REQUEST),
    Kind("cut before", Ends.WELL, "cut_before"),
    Kind("cut after", Ends.WELL, "cut_after", half_way=True),
    Kind("cut after every try", Ends.WITH_A_REASON, "cut_after", Lasts.FOR_THE_REQUEST),
    KILLED_BEFORE,
    KILLED_AFTER,
    DELIVERED_INSIDE,
)
#: Each of them meets every request to the function, whatever that calls.
KINDS_FOR_REQUESTS = (DELIVERED_AGAIN, REFUSED_ONCE, REFUSED_FOR_EVER)


@dataclass(frozen=True)
class Fault:
    """A fault in one request, in one of its calls or in the request itself."""

    step: Step
    kind: Kind
    call: Call | None = None


class Killed(BaseException):
    """The process of the function is gone; nothing in it can catch this."""


@dataclass
class FaultyFunction:
    """The function as Lambda invokes it, on an AWS that fails as it is told to."""

    aws: EmbeddedAws
    answers: Answers
    session: boto3.Session
    fault: Fault | None = None
    calls: dict[Step, list[Call]] = field(default_factory=dict)
    """The first two calls of each operation that each request made."""
    answers_to_fault: list[dict[str, Any]] = field(default_factory=list)
    """The answers to the request that met the fault."""
    said: list[str] = field(default_factory=list)
    """Everything that the function has answered, or raised for Lambda to log."""
    was_met: bool = False
    """Whether the fault has hit anything: a case that met none proves nothing."""

    @property
    def answers_url(self) -> str:
        """Where answers go."""
        return self.answers.url

    def invoke(self, step: Step, event: dict[str, Any]) -> list[dict[str, Any]]:
        """Send one event and return the answers that came."""
        before = len(self.answers.bodies)
        self._step, self._event = step, event
        with self._fault_in(step):
            self._deliver()
        bodies = self.answers.bodies[before:]
        assert all(len(body) <= function.MAXIMUM_ANSWER_BYTES for body in bodies)
        self.said += [body.decode() for body in bodies]
        answers = self.answers.accepted[before:]
        if self.fault and self.fault.step == step:
            self.answers_to_fault = answers
        return answers

    def mend(self) -> None:
        """Take the fault away."""
        self.fault = None
        self.aws.control.clear_faults()
        self.answers.refusals.clear()

    def client(self, service: str, config: Config) -> Any:
        """Return a client as `boto3.client` does, in which the fault waits."""
        if self.fault and self.fault.kind.wire == "timeout":
            config = config.merge(Config(read_timeout=READ_TIMEOUT_SECONDS))
        make: Any = self.session.client  # any service's name
        client = make(service, config=config)
        events = client.meta.events
        events.register("before-call", self._count)
        events.register("before-send", self._before)
        events.register("response-received", self._after)
        return client

    def _deliver(self) -> None:
        try:
            function.handler(self._event, Context())
        except Killed:
            self.was_met = True
        except function.RepairFailed:
            self.said.append(traceback.format_exc())
            raise
        except OSError as error:
            assert str(error) == "CloudFormation did not take the answer."
            self.said.append(traceback.format_exc())

    @contextlib.contextmanager
    def _fault_in(self, step: Step) -> Iterator[None]:
        fault = self.fault
        if fault is None or fault.step != step:
            yield
            return
        kind = fault.kind
        self._trap, self._sent = kind, 0
        if kind is REFUSED_ONCE:
            self.answers.refusals.append(500)
        elif kind is REFUSED_FOR_EVER:
            self.answers.refusals.extend([500] * 1000)
        elif kind.wire and fault.call:
            self.aws.control.add_fault(
                fault.call.operation,
                kind.wire,
                times=int(kind.lasts is Lasts.FOR_ONE_CALL),
                nth=fault.call.nth,
                caller="function",
            )
        try:
            yield
            if kind is DELIVERED_AGAIN:
                self._deliver()
        finally:
            self._trap = None
            if kind.wire and fault.call:
                hit = self.aws.control.calls(
                    operation=fault.call.operation, caller="function"
                )
                self.was_met = any(call["fault"] for call in hit)
            elif kind in KINDS_FOR_REQUESTS:
                self.was_met = len(self.answers.refusals) != 1
            if kind.lasts is not Lasts.FOR_EVER:
                self.aws.control.clear_faults()

    _trap: Kind | None = None
    """The fault that is set in the request that runs now."""
    _sent: int = 0
    """How often its operation has been called in that request."""

    def _count(self, model: Any, **_: Any) -> None:
        called = self.calls.setdefault(self._step, [])
        nth = 1 + sum(call.operation == model.name for call in called)
        if nth == 1 or (nth == 2 and model.name != POLLED):
            called.append(Call(model.name, nth))

    def _before(self, event_name: str, **_: Any) -> None:
        fault = self.fault
        if fault and fault.call and event_name.endswith(f".{fault.call.operation}"):
            self._sent += 1
        if not self._is_trapped(event_name):
            return
        if self._trap is KILLED_BEFORE:
            self._trap = None
            raise Killed
        if self._trap is DELIVERED_INSIDE:
            self._trap = None
            self.was_met = True
            self._deliver()

    def _after(self, event_name: str, **_: Any) -> None:
        if self._trap is KILLED_AFTER and self._is_trapped(event_name):
            self._trap = None
            raise Killed

    def _is_trapped(self, event_name: str) -> bool:
        if self.fault is None or self.fault.call is None:
            return False
        operation, nth = self.fault.call
        return event_name.rpartition(".")[2] == operation and self._sent == nth


@contextlib.contextmanager
def function_on(aws: EmbeddedAws) -> Iterator[FaultyFunction]:
    """Give the function with this AWS as its own, and with every wait made short."""
    aws.control.set(
        workforce_initializing_seconds=0.0,
        workforce_updating_seconds=0.0,
        workforce_deleting_seconds=0.0,
    )
    with pytest.MonkeyPatch.context() as patch, answers_taken() as answers:
        for name, value in aws.environment().items():
            patch.setenv(name, value)
        faulty = FaultyFunction(aws, answers, session_of_the_function())
        patch.setattr(boto3, "client", faulty.client)
        patch.setattr(function, "NEW_ROLE_SECONDS", 0)
        patch.setattr(function, "SHORTEST_PAUSE_SECONDS", 0.001)
        patch.setattr(function, "ANSWER_PAUSES_SECONDS", (0.001,) * 4)
        patch.setattr(function, "REPAIR_PAUSES_SECONDS", (0.001,) * 2)
        # Between its five tries the SDK would wait up to fifteen seconds.
        patch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0)
        yield faulty
