"""A user pool with two work teams' groups, behind a stack that names them."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from lambda_src import workforce as function
from local_aws.process import EmbeddedAws
from ops.account import Account
from ops.workers import pool
from ops.workers.pool import Pool
from tests.function.cloudformation_requests import UUID
from tests.operator_shell import Outcome, run_command, turn_towards

STACK = "labels"
GROUPS = {team: f"{team}-{UUID}" for team in ("labelers", "reviewers")}
TEMPLATE = {
    "Resources": {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}},
    "Parameters": {
        name: {"Type": "String", "Default": ""}
        for name in ("PoolId", "TeamArns", "WorkerEmails")
    },
    "Outputs": {
        "UserPoolId": {"Value": {"Ref": "PoolId"}},
        "WorkTeamArns": {"Value": {"Ref": "TeamArns"}},
    },
}


@dataclass
class Workforce:
    """A user pool, and somebody who runs commands on it."""

    aws: EmbeddedAws
    cognito: Any
    pool_id: str

    @property
    def pool(self) -> Pool:
        """What the commands find."""
        return pool.find(account_of_tests(), STACK)

    def runs(self, *arguments: str) -> Outcome:
        """Run a command of ops on the stack."""
        return run_command(*arguments)

    @property
    def users(self) -> dict[str, dict[str, Any]]:
        """The accounts by their addresses."""
        pages = self.cognito.get_paginator("list_users")
        return {
            attributes(user)["email"]: user
            for page in pages.paginate(UserPoolId=self.pool_id)
            for user in page["Users"]
        }

    def members(self, team: str = "labelers") -> set[str]:
        """Return who is in a team."""
        listed = self.cognito.list_users_in_group(
            UserPoolId=self.pool_id, GroupName=GROUPS[team]
        )["Users"]
        return {attributes(user)["email"] for user in listed}

    @property
    def invited(self) -> list[str]:
        """Who was sent an e-mail, in alphabetical order."""
        return sorted(mail["to"] for mail in self.aws.control.mails())

    def make_foreign_account(self, email: str, name: str = "theirs") -> None:
        """Make an account as somebody would in the console."""
        self.cognito.admin_create_user(
            UserPoolId=self.pool_id,
            Username=name,
            UserAttributes=[
                {"Name": "email", "Value": email},
                {"Name": "email_verified", "Value": "true"},
            ],
            MessageAction="SUPPRESS",
        )

    def accept(self, email: str) -> None:
        """Choose a password, as a worker does who follows the invitation."""
        self.cognito.admin_set_user_password(
            UserPoolId=self.pool_id,
            Username=function.user_name(email, UUID),
            Password="A-long-enough-1-password",
            Permanent=True,
        )


@functools.cache
def account_of_tests() -> Account:
    """Return one account for all tests: each session reads the services' models."""
    return Account(boto3.session.Session(), "us-east-1")


def attributes(user: dict[str, Any]) -> dict[str, str]:
    """Return the attributes of an account."""
    return {item["Name"]: item["Value"] for item in user["Attributes"]}


def write(file: Path, rows: Iterable[str], header: str = "email,name,team") -> Path:
    """Write a file of workers."""
    file.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return file


def make_workforce(
    aws: EmbeddedAws,
    monkeypatch: pytest.MonkeyPatch,
    **settings: Any,
) -> Workforce:
    """Make the pool, its groups and the stack, and turn this process towards them."""
    cognito = aws.client("cognito-idp")
    pool_id = cognito.create_user_pool(
        PoolName="workers",
        AliasAttributes=["email"],
        UsernameConfiguration={"CaseSensitive": False},
        Policies={"PasswordPolicy": {"TemporaryPasswordValidityDays": 7}},
        **settings,
    )["UserPool"]["Id"]
    for group in GROUPS.values():
        cognito.create_group(UserPoolId=pool_id, GroupName=group)
    team = "arn:aws:sagemaker:us-east-1:111111111111:workteam/private-crowd/{}"
    values = {
        "PoolId": pool_id,
        "TeamArns": ",".join(map(team.format, GROUPS.values())),
        "WorkerEmails": "declared@example.com",
    }
    aws.client("cloudformation").create_stack(
        StackName=STACK,
        TemplateBody=json.dumps(TEMPLATE),
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value}
            for name, value in values.items()
        ],
    )
    turn_towards(aws, monkeypatch, STACK=STACK)
    monkeypatch.setattr("ops.account.from_environment", account_of_tests)
    aws.control.clear_calls()
    return Workforce(aws, cognito, pool_id)
