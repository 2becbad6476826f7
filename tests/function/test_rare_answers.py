"""The workforce where AWS answers as it may, and as the embedded AWS never does.

That something just written is read as it was before, or that a member is left out,
cannot be asked for; so the answers are simulated.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from lambda_src import workforce as function
from tests.function.simulated_clock import SimulatedClock

Workforce = dict[str, Any]

ACTIVE: Workforce = {
    "WorkforceName": "portal",
    "Status": "Active",
    "SubDomain": "a.labeling.us-east-1.sagemaker.aws",
    "IpAddressType": "ipv4",
    "SourceIpConfig": {"Cidrs": ["192.0.2.0/24"]},
}
OLD = {**ACTIVE, "SourceIpConfig": {"Cidrs": ["198.51.100.0/24"]}}


def wanted(**changes: Any) -> function.PrivateWorkforce.Properties:
    return function.PrivateWorkforce.Properties(
        **{
            "WorkforceName": "portal",
            "UserPoolId": "us-east-1_Ab1",
            "UserPoolClientId": "client",
            "UserPoolDomainName": "labels",
            "SourceCidrs": ("192.0.2.0/24",),
            "VpcId": "",
            "SubnetIds": (),
            "SecurityGroupIds": (),
            "IpAddressType": "ipv4",
            "ExistingWorkforceName": "",
            **changes,
        }
    )


class SimulatedSageMaker:
    """SageMaker with one workforce; remembers what is written, and when."""

    def __init__(self, clock: SimulatedClock) -> None:
        """Begin with no call."""
        self.clock = clock
        self.written: list[Workforce] = []
        self.written_at = 0.0

    def create_workforce(self, **given: Any) -> None:
        """Remember a request."""
        self._write(given)

    def update_workforce(self, **given: Any) -> None:
        """Remember a request."""
        self._write(given)

    def _write(self, given: Workforce) -> None:
        self.written.append(given)
        self.written_at = self.clock.now

    @property
    def since_written(self) -> float:
        """The seconds since the last write, or since the beginning."""
        return self.clock.now - self.written_at


@pytest.fixture
def sagemaker(clock: SimulatedClock) -> SimulatedSageMaker:
    return SimulatedSageMaker(clock)


Settled = Callable[[Callable[[], Workforce | None]], Workforce]


@pytest.fixture
def settled(sagemaker: SimulatedSageMaker, monkeypatch: pytest.MonkeyPatch) -> Settled:
    """Return what waits for a workforce that is read as somebody says."""

    def wait(read: Callable[[], Workforce | None]) -> Workforce:
        monkeypatch.setattr(function, "describe_workforce", lambda aws, name: read())
        return function.PrivateWorkforce._settled(aws_of(sagemaker), wanted())

    return wait


def aws_of(sagemaker: SimulatedSageMaker) -> Any:
    return SimpleNamespace(
        sagemaker=sagemaker,
        deadline=function.Deadline(840),
        patiently=lambda call: call(),
    )


def test_a_workforce_that_cannot_be_read_yet_is_waited_for(
    sagemaker: SimulatedSageMaker, settled: Settled
) -> None:
    assert settled(lambda: ACTIVE if sagemaker.since_written > 30 else None) == ACTIVE


@pytest.mark.parametrize(
    "unfinished",
    [
        {**ACTIVE, "Status": "Updating"},
        {**ACTIVE, "Status": "Initializing", "SubDomain": ""},
        {**ACTIVE, "SubDomain": ""},
    ],
)
def test_a_workforce_is_waited_for_until_it_is_active_and_has_its_portal(
    sagemaker: SimulatedSageMaker, settled: Settled, unfinished: Workforce
) -> None:
    def read() -> Workforce:
        return ACTIVE if sagemaker.since_written > 30 else unfinished

    assert settled(read) == ACTIVE


def test_a_workforce_that_stays_away_has_vanished(
    clock: SimulatedClock, settled: Settled
) -> None:
    with pytest.raises(function.Failure, match=r"^The workforce portal vanished"):
        settled(lambda: None)
    assert 60 <= clock.now < 70


def test_a_change_is_written_once_and_waited_for_until_it_is_read(
    sagemaker: SimulatedSageMaker, settled: Settled
) -> None:
    def read() -> Workforce:
        is_new = sagemaker.written and sagemaker.since_written > 45
        return ACTIVE if is_new else OLD

    assert settled(read) == ACTIVE
    (update,) = sagemaker.written
    assert update == {
        "WorkforceName": "portal",
        "SourceIpConfig": {"Cidrs": ["192.0.2.0/24"]},
    }


def test_a_change_that_stays_away_is_said_by_its_members(
    clock: SimulatedClock, sagemaker: SimulatedSageMaker, settled: Settled
) -> None:
    with pytest.raises(function.Failure) as failure:
        settled(lambda: {**OLD, "IpAddressType": "dualstack"})
    assert str(failure.value) == (
        "AWS kept SourceIpConfig, IpAddressType of the workforce as it was, although "
        "it accepted the change. Deploy again."
    )
    assert len(sagemaker.written) == 1
    assert 60 <= clock.now < 70


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"FailureReason": "The VPC has no route."}, "The VPC has no route"),
        ({"FailureReason": ""}, "AWS gives no reason"),
        ({}, "AWS gives no reason"),
    ],
)
def test_a_workforce_that_failed_is_said_with_the_reason_of_aws(
    settled: Settled, given: Workforce, said: str
) -> None:
    with pytest.raises(function.Failure) as failure:
        settled(lambda: {**ACTIVE, "Status": "Failed", **given})
    assert str(failure.value) == f"The workforce portal failed: {said}."


def test_a_workforce_that_tells_no_address_type_has_ipv4() -> None:
    told = {key: value for key, value in ACTIVE.items() if key != "IpAddressType"}
    changes = function.PrivateWorkforce._changes
    assert changes(told, wanted()) == {}
    assert changes(told, wanted(IpAddressType="dualstack")) == {
        "IpAddressType": "dualstack"
    }
    del told["SourceIpConfig"]
    assert changes(told, wanted(SourceCidrs=())) == {}


@pytest.mark.parametrize(
    ("address_type", "sent"),
    [("ipv4", {}), ("dualstack", {"IpAddressType": "dualstack"})],
)
def test_what_is_the_default_of_aws_is_not_sent(
    sagemaker: SimulatedSageMaker, address_type: str, sent: dict[str, str]
) -> None:
    request: Any = SimpleNamespace(made=lambda physical_id: None)
    function.PrivateWorkforce._make(
        aws_of(sagemaker),
        request,
        wanted(IpAddressType=address_type, SourceCidrs=()),
    )
    (created,) = sagemaker.written
    assert created == {
        "WorkforceName": "portal",
        "CognitoConfig": {"UserPool": "us-east-1_Ab1", "ClientId": "client"},
        **sent,
    }


@pytest.mark.parametrize(
    ("pool", "named", "said"),
    [
        ({"Domain": "labels"}, "labels", None),
        ({"CustomDomain": "sign-in.example.com"}, "", None),
        ({}, "labels", "give it labels first"),
        ({}, "", "give it one first"),
    ],
)
def test_a_pool_needs_a_domain_of_one_kind_or_the_other(
    pool: dict[str, str], named: str, said: str | None
) -> None:
    cognito = SimpleNamespace(describe_user_pool=lambda **given: {"UserPool": pool})
    aws: Any = SimpleNamespace(cognito=cognito, patiently=lambda call: call())
    asked = wanted(UserPoolDomainName=named)
    if said is None:
        function.PrivateWorkforce._check_domain(aws, asked)
        return
    with pytest.raises(function.Failure, match=said):
        function.PrivateWorkforce._check_domain(aws, asked)


@pytest.mark.parametrize("identity", ["CognitoConfig", "OidcConfig"])
def test_a_private_workforce_has_an_identity_and_a_vendors_has_none(
    monkeypatch: pytest.MonkeyPatch, sagemaker: SimulatedSageMaker, identity: str
) -> None:
    listed = [{"WorkforceName": "vendor"}, {"WorkforceName": "theirs", identity: {}}]
    monkeypatch.setattr(function, "pages", lambda *asked: iter(listed))
    (private,) = function.private_workforces(aws_of(sagemaker))
    assert private["WorkforceName"] == "theirs"
