"""`make diff`: what a deployment would change, what is lost, and what follows."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from botocore.exceptions import ClientError

from local_aws.process import EmbeddedAws
from ops import account, changes, deploy, diff
from ops.account import Account
from ops.aws_cli import AwsCli
from ops.changes import Change, Difference
from ops.errors import OperatorError
from ops.readiness import Plan
from tests.small_set import BASE_TEMPLATE, ROOT_TEMPLATE

#: As an operator's edited template differs from what is deployed.
OTHERWISE = (
    BASE_TEMPLATE.replace(
        "      RetentionInDays:", "      LogGroupName: /named\n      RetentionInDays:"
    )
    .replace("    DeletionPolicy: Retain\n    UpdateReplacePolicy: Retain\n", "")
    .replace("  Prefix:", "  Renamed:")
    .replace("Ref: Prefix", "Ref: Renamed")
)


@dataclass
class Small:
    """The small set on the embedded AWS, deployed without the AWS CLI."""

    aws: EmbeddedAws
    folder: Path

    def packaged(self, base: str) -> Path:
        """Return the root template that names an uploaded base template."""
        key = f"{hash(base):x}.template"
        self.aws.client("s3").put_object(Bucket="artifacts", Key=key, Body=base)
        url = f"https://s3.us-east-1.amazonaws.com/artifacts/{key}"
        file = self.folder / "root.yaml"
        file.write_text(ROOT_TEMPLATE.replace("base.yaml", url))
        return file

    def find(self, base: str, **values: str) -> Difference:
        """Return what deploying these templates and values would change."""
        return changes.find(
            self.account, "labels", self.packaged(base), "artifacts", values
        )

    def agree(self, base: str, *, ask: bool) -> None:
        """Have somebody agree to these templates, as `make deploy` does."""
        plan = Plan(AwsCli("", ""), {}, {}, exists=True)
        template = self.packaged(base)
        deploy.agree(self.account, "labels", plan, template, "artifacts", ask=ask)

    @property
    def account(self) -> Account:
        """The embedded AWS, as the environment names it."""
        return account.from_environment()


@pytest.fixture(scope="module")
def small(
    embedded_aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Small]:
    embedded_aws.control.reset()
    embedded_aws.client("s3").create_bucket(Bucket="artifacts")
    small = Small(embedded_aws, tmp_path_factory.mktemp("small"))
    cloudformation = embedded_aws.client("cloudformation")
    cloudformation.create_stack(
        StackName="labels",
        TemplateBody=small.packaged(BASE_TEMPLATE).read_text(),
        Parameters=[{"ParameterKey": "DomainPrefix", "ParameterValue": "abc"}],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName="labels")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("sys.stdin", io.StringIO())
        for name, value in embedded_aws.environment().items():
            monkeypatch.setenv(name, value)
        yield small


def test_the_same_is_no_difference(
    small: Small, capsys: pytest.CaptureFixture[str]
) -> None:
    same = small.find(BASE_TEMPLATE)
    assert same == Difference((), ())
    diff.show(same, "labels")
    assert capsys.readouterr().out == "Nothing would change about labels.\n"


def test_a_change_in_a_nested_stack_is_named_with_its_cause(
    small: Small, capsys: pytest.CaptureFixture[str]
) -> None:
    diff.show(small.find(BASE_TEMPLATE, DomainPrefix="abd"), "labels")
    assert capsys.readouterr().out == (
        "Parameters\n"
        "  DomainPrefix: 'abc' → 'abd'\n"
        "Changed\n"
        "  ~ BaseStack/Prefix (AWS::SSM::Parameter): Value\n"
    )


def test_what_is_replaced_added_and_deleted_is_found(small: Small) -> None:
    found = diff.as_json(small.find(OTHERWISE), "labels")
    assert found["asks"] == ["BaseStack/Log", "BaseStack/Prefix"]
    told = {each["path"]: (each["action"], each["lost"]) for each in found["resources"]}
    assert told == {
        "BaseStack/Log": ("replaced", "the log lines in it"),
        "BaseStack/Prefix": ("deleted", "nothing that lasts"),
        "BaseStack/Renamed": ("added", ""),
    }


def test_nothing_is_left_that_could_be_executed_by_accident(small: Small) -> None:
    small.find(OTHERWISE)
    cloudformation = small.aws.client("cloudformation")
    assert cloudformation.list_change_sets(StackName="labels")["Summaries"] == []


def test_a_deployment_waits_for_a_yes_to_what_is_replaced(
    small: Small, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(OperatorError, match=r"Nothing was changed\. YES=1"):
        small.agree(OTHERWISE, ask=True)
    told = capsys.readouterr()
    assert "± BaseStack/Log" in told.err
    assert "Go on, with BaseStack/Log, BaseStack/Prefix?" in told.err
    assert told.out == ""
    small.agree(OTHERWISE, ask=False)
    small.agree(BASE_TEMPLATE, ask=True)


def test_what_cloudformation_cannot_tell_is_said_and_agreed_to(
    small: Small, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = BASE_TEMPLATE.replace("Ref: LogRetentionInDays", "Ref: Nothing")
    with pytest.raises(OperatorError, match="cannot say what would change.*Nothing"):
        small.find(broken)
    with pytest.raises(OperatorError, match="Nothing was changed"):
        small.agree(broken, ask=True)
    assert "cannot say what would change" in capsys.readouterr().err


def changed(path: str, kind: str, action: str = "changed", **given: bool) -> Change:
    return Change(
        path=path,
        kind=kind,
        action=action,
        certain=given.get("certain", True),
        properties=("Policies",),
        kept=given.get("kept", False),
    )


POOL = ("BaseStack/UserPool", "AWS::Cognito::UserPool")
CLIENT = ("BaseStack/UserPoolClient", "AWS::Cognito::UserPoolClient")


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (Difference((changed(*CLIENT),), ()), "new sign-ins are refused for seconds"),
        (Difference((changed(*POOL),), ()), "an invitation that is sent"),
        (
            Difference((), (("WorkerEmails", "a@x.org", "a@x.org,b@x.org"),)),
            "Invited: b@x.org.",
        ),
        (
            Difference((), (("WorkerEmails", "a@x.org,b@x.org", "a@x.org"),)),
            "disabled if made here: b@x.org.",
        ),
        (Difference((), (("WorkTeamNames", "a", "a,b"),)), "Work teams made: b."),
        (Difference((), (("WorkTeamNames", "a,b", "a"),)), "Work teams deleted: b."),
        (
            Difference((), (("UserPoolDeletionProtection", "ACTIVE", "INACTIVE"),)),
            "lose their protection",
        ),
    ],
)
def test_what_follows_for_sign_in_and_workers_is_said(
    difference: Difference, words: str
) -> None:
    (line,) = diff.consequences(difference)
    assert words in line


def test_what_changes_perhaps_has_no_consequence_and_is_listed_apart(
    capsys: pytest.CaptureFixture[str],
) -> None:
    difference = Difference(
        (
            changed(*CLIENT, certain=False),
            changed("Permission", "AWS::Lambda::Permission", "replaced", certain=False),
        ),
        (),
    )
    assert list(diff.consequences(difference)) == []
    assert diff.must_ask(difference) == []
    diff.show(difference, "labels")
    shown = capsys.readouterr().out
    assert shown == (
        "Perhaps, by what others come to\n  ~ Permission, BaseStack/UserPoolClient\n"
    )


@pytest.mark.parametrize(
    ("change", "asks", "lost"),
    [
        (changed(*POOL), False, ""),
        (changed(*POOL, "replaced"), True, "every worker account"),
        (changed(*POOL, "replaced", kept=True), True, "kept, outside of the stack"),
        (changed(*POOL, "replaced", certain=False), True, "every worker account"),
        (changed(*POOL, "deleted"), True, "every worker account"),
        (changed("Alarm", "AWS::CloudWatch::Alarm", "deleted"), True, "that lasts"),
        (
            changed("Alarm", "AWS::CloudWatch::Alarm", "replaced", certain=False),
            False,
            "",
        ),
    ],
)
def test_somebody_must_agree_to_what_is_replaced_or_deleted(
    change: Change, asks: bool, lost: str, capsys: pytest.CaptureFixture[str]
) -> None:
    difference = Difference((change,), ())
    assert diff.must_ask(difference) == ([change] if asks else [])
    diff.show(difference, "labels")
    shown = capsys.readouterr().out
    assert ("Lost: " in shown) == (asks and bool(lost))
    assert lost in shown


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("InvalidChangeSetStatus", nullcontext()),
        ("AccessDenied", pytest.raises(ClientError)),
    ],
)
def test_an_interruption_is_not_hidden_by_a_change_set_that_is_still_made(
    code: str, expected: AbstractContextManager[object]
) -> None:
    refusal: Any = {"Error": {"Code": code, "Message": "no"}}
    client = Mock()
    client.delete_change_set.side_effect = ClientError(refusal, "DeleteChangeSet")
    with expected:
        changes._delete(Mock(cloudformation=client), "labels", "plan")
