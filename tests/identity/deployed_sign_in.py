"""The base stack on its own on the embedded AWS, and what the services hold then."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.process import EmbeddedAws
from tests.lifecycle.deployed_set import DeployedSet

UUID = "0f2e9c1a-7b64-4d0e-9c55-3a1b2c3d4e5f"
ROOT_STACK = f"arn:aws:cloudformation:us-east-1:111111111111:stack/labels/{UUID}"


class DeployedSignIn(DeployedSet):
    """One deployment of the base stack, as root would make it."""

    def __init__(self, aws: EmbeddedAws) -> None:
        super().__init__(aws, "base.yaml")

    def made(self, **parameters: str) -> DeployedSignIn:
        """Create the stack, which must succeed."""
        status = self.create(RootStackId=ROOT_STACK, **parameters)
        assert status == "CREATE_COMPLETE", self.reasons
        return self

    def changed(self, **parameters: str) -> DeployedSignIn:
        """Update the stack, which must succeed."""
        assert self.update(parameters) == "UPDATE_COMPLETE", self.reasons
        return self

    @property
    def log_sources(self) -> dict[str, str]:
        """Of what Cognito writes log lines: the level by the source."""
        delivery = self.cognito.get_log_delivery_configuration(
            UserPoolId=self.outputs["UserPoolId"]
        )["LogDeliveryConfiguration"]
        return {
            item["EventSource"]: item["LogLevel"]
            for item in delivery["LogConfigurations"]
        }

    @property
    def log_groups(self) -> dict[str, dict[str, Any]]:
        """The log groups of the account by their names."""
        listed = self.aws.client("logs").describe_log_groups()["logGroups"]
        return {group["logGroupName"]: group for group in listed}


def refusal(aws: EmbeddedAws, **parameters: str) -> str:
    """Return why a first deployment of the single file is refused before it begins."""
    refused = DeployedSet(aws, "private-workforce.yaml")
    with pytest.raises(ClientError) as caught:
        refused.create(**parameters)
    assert aws.client("cognito-idp").list_user_pools(MaxResults=1)["UserPools"] == []
    return str(caught.value)
