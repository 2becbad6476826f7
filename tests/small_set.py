"""A set of templates with the shape of the real one, made in a tenth of the time."""

from __future__ import annotations

import functools
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from local_aws.process import EmbeddedAws
from ops import aws_cli
from ops.account import Account, from_environment
from tests.operator_shell import Outcome, changes, run_command, turn_towards

ROOT = Path(__file__).resolve().parent.parent

ROOT_TEMPLATE = """\
Parameters:
  DomainPrefix:
    Type: String
    Default: ""
    AllowedPattern: "^([a-z]+)?$"
    ConstraintDescription: Empty, or lower-case letters.
  LogRetentionInDays: {Type: Number, Default: 90}
  Fail: {Type: String, Default: "no"}
Resources:
  BaseStack:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: base.yaml
      Parameters:
        DomainPrefix: {Ref: DomainPrefix}
        LogRetentionInDays: {Ref: LogRetentionInDays}
        Fail: {Ref: Fail}
Outputs:
  PrefixName: {Value: {"Fn::GetAtt": [BaseStack, Outputs.PrefixName]}}
"""

BASE_TEMPLATE = """\
Parameters:
  DomainPrefix: {Type: String}
  LogRetentionInDays: {Type: Number}
  Fail: {Type: String}
Conditions:
  Fails: {"Fn::Equals": [{Ref: Fail}, "yes"]}
Resources:
  Prefix:
    Type: AWS::SSM::Parameter
    Properties:
      Type: String
      Value: {"Fn::Sub": "prefix ${DomainPrefix}"}
  Log:
    Type: AWS::Logs::LogGroup
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      RetentionInDays: {Ref: LogRetentionInDays}
  # Two of the same name: the second one cannot be made.
  First:
    Type: AWS::SSM::Parameter
    Condition: Fails
    Properties: {Name: /same, Type: String, Value: first}
  Second:
    Type: AWS::SSM::Parameter
    Condition: Fails
    DependsOn: First
    Properties: {Name: /same, Type: String, Value: second}
Outputs:
  PrefixName: {Value: {Ref: Prefix}}
"""


_accounts: dict[tuple[tuple[str, str], ...], Account] = {}


def known_account() -> Account:
    """Return the account of the environment, with the clients of earlier commands.

    Making those takes most of the time of a command.
    """
    names = [name for name in os.environ if name.startswith("AWS_")]
    key = tuple((name, os.environ[name]) for name in sorted(names))
    if key not in _accounts:
        _accounts[key] = from_environment()
    return _accounts[key]


_version = functools.cache(aws_cli._version)


def hasten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep from command to command what each would find out again, the same way."""
    monkeypatch.setattr("ops.account.from_environment", known_account)
    monkeypatch.setattr("ops.aws_cli._version", _version)


class Operator:
    """Somebody with the set in front of them and the embedded AWS as their account."""

    def __init__(
        self,
        aws: EmbeddedAws,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.aws = aws
        self.folder = folder
        (folder / "dist").mkdir()
        (folder / "dist" / "root.yaml").write_text(ROOT_TEMPLATE)
        (folder / "dist" / "base.yaml").write_text(BASE_TEMPLATE)
        shutil.copy(ROOT / "dist" / "artifact-bucket.yaml", folder / "dist")
        monkeypatch.chdir(folder)
        turn_towards(aws, monkeypatch)
        hasten(monkeypatch)

    def runs(self, *arguments: str) -> Outcome:
        """Run a command of ops."""
        return run_command(*arguments)

    def writes_parameters(self, text: str) -> None:
        """Write the parameter file."""
        (self.folder / "parameters.yaml").write_text(text)

    def made(self) -> Sequence[str]:
        """Return the operations that have changed anything so far."""
        return changes(self.aws)


def credentials_allowing(
    aws: EmbeddedAws, actions: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turn the environment's credentials into a user's who may do only this."""
    iam = aws.client("iam")
    iam.create_user(UserName="limited")
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    iam.put_user_policy(
        UserName="limited",
        PolicyName="limited",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statement}),
    )
    key = iam.create_access_key(UserName="limited")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    aws.control.clear_calls()
