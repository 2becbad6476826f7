"""The account and Region that the environment's credentials work on."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ProfileNotFound

from ops.errors import GIVE_REGION, NO_REGION, OperatorError, explain

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sts import STSClient

# Long enough for a slow line, short enough that "no network" is said within a minute.
_CONFIG = Config(
    connect_timeout=10,
    read_timeout=60,
    retries={"mode": "standard", "total_max_attempts": 3},
)


@dataclass(frozen=True)
class Account:
    """Clients of one account and Region.

    Attributes:
        session: Holds the credentials.
        region: The Region to deploy in.
    """

    session: boto3.session.Session
    region: str
    _clients: dict[tuple[str, str], Any] = field(
        default_factory=dict, compare=False, repr=False
    )

    def client(self, service: str, *, region: str = "") -> Any:
        """Return the client of a service, made once.

        Args:
            service: As boto3 names it.
            region: Another Region than the account's, for a service that is only there.
        """
        key = (service, region or self.region)
        if key not in self._clients:
            # The service is a value here, which no overload of boto3's stubs describes.
            make: Any = self.session.client
            self._clients[key] = make(service, region_name=key[1], config=_CONFIG)
        return self._clients[key]

    @cached_property
    def cloudformation(self) -> CloudFormationClient:
        """The client of CloudFormation."""
        return self.session.client(
            "cloudformation", region_name=self.region, config=_CONFIG
        )

    @cached_property
    def s3(self) -> S3Client:
        """The client of S3."""
        return self.session.client("s3", region_name=self.region, config=_CONFIG)

    @cached_property
    def sts(self) -> STSClient:
        """The client of STS."""
        return self.session.client("sts", region_name=self.region, config=_CONFIG)


def from_environment() -> Account:
    """Return the account of the environment's credentials, without calling it.

    AWS_REGION comes first: AWS CLI 1 and boto3 know AWS_DEFAULT_REGION only, AWS CLI 2
    knows both ("Environment variables", AWS CLI User Guide).

    Raises:
        OperatorError: when no Region is set, or the profile does not exist.
    """
    try:
        session = boto3.session.Session()
        region = os.environ.get("AWS_REGION") or session.region_name
    except ProfileNotFound as error:
        raise explain(error) from error
    if not region:
        raise OperatorError(NO_REGION, GIVE_REGION)
    return Account(session, region)
