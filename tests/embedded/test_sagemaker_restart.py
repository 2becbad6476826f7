"""Workforces and teams survive a restart where the state is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local_aws.process import EmbeddedAws
from tests.embedded.prepared import active_workforce, callbacks, sign_in, until

pytestmark = pytest.mark.local_aws


def test_a_restart_keeps_workforce_and_team_and_goes_on_with_what_was_begun(
    tmp_path: Path,
) -> None:
    with EmbeddedAws.started(directory=tmp_path, persist=True) as aws:
        aws.control.set(workforce_initializing_seconds=0.05)
        portal = sign_in(aws)
        aws.client("cognito-idp").create_group(
            UserPoolId=portal.user_pool_id, GroupName="group"
        )
        sagemaker: Any = aws.client("sagemaker")
        before = active_workforce(sagemaker, portal)
        sagemaker.create_workteam(
            WorkteamName="team",
            WorkforceName="labelers",
            Description="A team",
            MemberDefinitions=portal.members("group"),
        )
        aws.control.set(workforce_initializing_seconds=0.5)
        elsewhere = sign_in(aws, region="eu-west-1")
        aws.client("sagemaker", region="eu-west-1").create_workforce(
            WorkforceName="other", CognitoConfig=elsewhere.config
        )
    with EmbeddedAws.started(directory=tmp_path, persist=True) as aws:
        # First, and without asking SageMaker, which would bring itself up to date.
        cognito = aws.client("cognito-idp", region="eu-west-1")
        until(lambda: callbacks(cognito, elsewhere), lambda urls: len(urls) == 2)
        sagemaker = aws.client("sagemaker")
        after = sagemaker.describe_workforce(WorkforceName="labelers")["Workforce"]
        assert after == before
        team = sagemaker.describe_workteam(WorkteamName="team")["Workteam"]
        assert team["MemberDefinitions"] == portal.members("group")
