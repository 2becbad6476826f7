"""`make protect`, `make repair`, and the domain prefix that outlives its stack."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from lambda_src.workforce import writable_client, writable_pool
from local_aws.process import EmbeddedAws
from ops import parameters, repair
from ops.errors import OperatorError
from tests.ops.operated_set import OperatedSet, operated

WEB_ACL = (
    "arn:aws:wafv2:us-east-1:111111111111:regional/webacl/missing/"
    "0f2e9c1a-7b64-4d0e-9c55-3a1b2c3d4e5f\n"
)


@pytest.fixture(scope="module")
def labels(
    embedded_aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OperatedSet]:
    """Give one deployment to all tests here; the last one deletes it."""
    folder = tmp_path_factory.mktemp("operator")
    with operated(embedded_aws, folder, WorkerEmails="ada@example.com") as deployed:
        yield deployed


def test_a_repair_of_what_is_right_says_so(labels: OperatedSet) -> None:
    repaired = labels.runs("repair")
    assert repaired.code == 0, repaired.progress
    assert repaired.progress.startswith("✓ Nothing to mend")


def test_a_repair_mends_what_somebody_broke_and_names_it(labels: OperatedSet) -> None:
    placeholder = "https://labeling-portal.invalid/oauth2/idpresponse"
    labels.cognito.update_user_pool_client(
        **{
            **writable_client(labels.client),
            "CallbackURLs": [placeholder],
            "DefaultRedirectURI": placeholder,
        }
    )
    assert not labels.leads_to_the_portal()
    repaired = labels.runs("repair")
    assert repaired.code == 0, repaired.progress
    assert "✓ Mended: the app client (CallbackURLs" in repaired.progress
    assert labels.leads_to_the_portal()


def test_a_changed_prefix_is_refused_before_anything_is_touched(
    labels: OperatedSet,
) -> None:
    prefix = labels.pool["Domain"]
    labels.writes_parameters("DomainPrefix: another\nWebAclArn: " + WEB_ACL)
    labels.aws.control.clear_calls()
    refused = labels.runs("deploy")
    assert refused.refuses(f"it is {prefix}", "wants another", f"to {prefix}, or leave")
    # And the rest of what stands in the way, too.
    assert refused.refuses("There is no web ACL")
    assert labels.made() == []


def test_another_deployment_is_told_whose_workforce_is_in_the_way(
    labels: OperatedSet,
) -> None:
    told = labels.runs("preflight", "--stack", "another", "--parameters", "x.yaml")
    name = labels.outputs["WorkforceName"]
    assert f"{name}, of the stack labels." in told.output
    assert told.code == 1


def test_protection_is_a_parameter_of_the_stack_and_the_portal_still_works(
    labels: OperatedSet,
) -> None:
    # What the next deployment would bring back is changed in the file, too.
    labels.writes_parameters("# ours\nUserPoolDeletionProtection: INACTIVE # yet\n")
    protected = labels.runs("protect")
    assert protected.code == 0, protected.progress
    assert "is protected against deletion" in protected.progress
    assert labels.parameter_file == "# ours\nUserPoolDeletionProtection: ACTIVE # yet\n"
    assert labels.pool["DeletionProtection"] == "ACTIVE"
    held = {
        each["ParameterKey"]: each["ParameterValue"]
        for each in labels.stack["Parameters"]
    }
    assert held["UserPoolDeletionProtection"] == "ACTIVE"
    assert held["WorkerEmails"] == "ada@example.com"
    assert labels.leads_to_the_portal()
    labels.aws.control.clear_calls()
    assert labels.runs("protect").code == 0
    assert labels.made() == []
    refused = labels.runs("destroy", "--yes")
    assert refused.refuses("is protected against deletion", "to INACTIVE")
    assert labels.made() == []


def test_protection_that_somebody_took_off_outside_the_stack_is_said(
    labels: OperatedSet,
) -> None:
    settings = writable_pool(labels.pool)
    labels.cognito.update_user_pool(**{**settings, "DeletionProtection": "INACTIVE"})
    refused = labels.runs("protect")
    assert refused.refuses("not protected although its stack says so", "console")


def test_a_changed_prefix_through_another_door_rolls_back_and_changes_nothing(
    labels: OperatedSet,
) -> None:
    prefix, portal, users = labels.pool["Domain"], labels.portal, labels.users.keys()
    status = labels.update({"DomainPrefix": "another"})
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert labels.pool["Domain"] == prefix
    assert (labels.portal, labels.users.keys()) == (portal, users)
    held = labels.aws.client("ssm").get_parameter(
        Name=labels.outputs["DomainPrefixParameterName"]
    )
    assert held["Parameter"]["Value"] == prefix
    assert labels.runs("repair").code == 0
    assert labels.leads_to_the_portal()


def test_the_prefix_is_the_same_after_a_deletion_and_a_new_deployment(
    labels: OperatedSet,
) -> None:
    prefix, stack_id = labels.pool["Domain"], labels.stack["StackId"]
    labels.writes_parameters("PasswordMinimumLength: 20")
    labels.update({"UserPoolDeletionProtection": "INACTIVE"})
    destroyed = labels.runs("destroy", "--yes")
    assert destroyed.code == 0, destroyed.progress
    assert f"domain prefix is {prefix}." in destroyed.progress
    assert labels.parameter_file == (
        f"PasswordMinimumLength: 20\nDomainPrefix: {prefix}\n"
    )
    file = labels.folder / "parameters.yaml"
    assert labels.create(**parameters.read(file)) == "CREATE_COMPLETE", labels.reasons
    assert labels.stack["StackId"] != stack_id
    assert labels.pool["Domain"] == prefix


class FakeAccount:
    """An account whose repair function answers what a test wants."""

    region = "us-east-1"

    def __init__(self, log: str, payload: dict[str, str] | None = None) -> None:
        self.session = self
        self._answer = {"LogResult": base64.b64encode(log.encode()).decode()}
        self._payload = payload

    def client(self, service: str, **_: Any) -> Any:
        """Return the client of Lambda, which this is, too."""
        assert service == "lambda"
        return self

    def invoke(self, **request: Any) -> dict[str, Any]:
        """Answer as Lambda's Invoke."""
        assert json.loads(request["Payload"]) == {"Repair": {}}
        if self._payload is None:
            return dict(self._answer)
        body = io.BytesIO(json.dumps(self._payload).encode())
        return {**self._answer, "FunctionError": "Unhandled", "Payload": body}


@pytest.mark.parametrize(
    ("log", "payload", "words"),
    [
        (
            'START\n{"event": "repair-not-now", "stack": "arn:labels"}\nEND',
            None,
            ("in progress on arn:labels", "starts the repair by itself"),
        ),
        (
            '{"event": "repair-without-portal", "workforce": "w"}',
            None,
            ("workforce w is gone", "make status"),
        ),
        ("3", {"errorMessage": "The sign-in is lost"}, ("is lost.", "make repair")),
    ],
)
def test_a_repair_that_could_not_says_why(
    monkeypatch: pytest.MonkeyPatch,
    log: str,
    payload: dict[str, str] | None,
    words: tuple[str, str],
) -> None:
    target = {"Arn": "arn:function", "Input": '{"Repair": {}}'}
    monkeypatch.setattr("ops.repair._target", lambda account, stack: target)
    account: Any = FakeAccount(log, payload)
    with pytest.raises(OperatorError) as refused:
        repair.run(account, "labels")
    assert all(word in str(refused.value) for word in words)
