"""What is accepted stands beside its resource, is still found, and is in the papers."""

from __future__ import annotations

import re

import pytest
from troposphere import sns

import build
from gates.exceptions import EVERYWHERE
from gates.findings import Accepted, Finding, accepted_in, judge, load
from templates.accepted import accepted, accepted_by
from tests.pages import section

FOUND = Finding("checkov", "CKV_AWS_26", "workforce.yaml", "Topic", "no key")
ACCEPTED = Accepted("checkov", "CKV_AWS_26", "Topic", "no key is needed")


def listed() -> dict[tuple[str, str, str], str]:
    """Return the table of docs/security.md: analyser, rule and place; the reason."""
    table = section("security.md", "What analysers find")
    rows = re.findall(r"^\| (\S+) \| `(\S+)` \| (\S+) \| (.+) \|$", table, re.M)
    return {(who, rule, where.strip("`")): why for who, rule, where, why in rows}


def test_a_finding_that_nobody_accepts_is_a_problem() -> None:
    (problem,) = judge([FOUND], [], ["checkov"])
    assert "workforce.yaml: Topic breaks CKV_AWS_26 of checkov: no key" in problem


@pytest.mark.parametrize("where", ["Topic", ""])
def test_a_finding_that_is_accepted_there_or_everywhere_is_none(where: str) -> None:
    item = Accepted("checkov", "CKV_AWS_26", where, "no key is needed")
    assert judge([FOUND], [item], ["checkov"]) == []


def test_what_is_accepted_of_another_resource_or_analyser_does_not_count() -> None:
    for item in (
        Accepted("checkov", "CKV_AWS_26", "Queue", "other resource"),
        Accepted("cfn-guard", "CKV_AWS_26", "Topic", "other analyser"),
    ):
        assert any("breaks CKV_AWS_26" in each for each in judge([FOUND], [item], []))


def test_what_is_accepted_and_no_longer_found_is_a_problem() -> None:
    (problem,) = judge([], [ACCEPTED], ["checkov"])
    assert problem == (
        "checkov no longer finds CKV_AWS_26 on Topic: take out what accepts it."
    )


def test_of_an_analyser_that_did_not_run_nothing_is_said() -> None:
    assert judge([], [ACCEPTED], ["cfn-lint"]) == []


def test_each_analyser_gets_its_rules_in_its_own_form() -> None:
    reasons = {
        "CKV_AWS_26": "one",
        "AwsSolutions-SNS3": "two",
        "F3031": "three",
        "RESOURCE_STAR": "four",
    }
    topic = sns.Topic("Topic", Metadata=accepted(reasons)).to_dict()
    assert topic["Metadata"] == {
        "checkov": {"skip": [{"id": "CKV_AWS_26", "comment": "one"}]},
        "cdk_nag": {
            "rules_to_suppress": [{"id": "AwsSolutions-SNS3", "reason": "two"}]
        },
        "cloudformation-validate": {"accepted": [{"id": "F3031", "reason": "three"}]},
        "parliament": {"accepted": [{"id": "RESOURCE_STAR", "reason": "four"}]},
    }
    assert {rule: reason for _, rule, reason in accepted_by(topic)} == reasons


def test_the_page_on_security_lists_what_is_accepted_and_nothing_else() -> None:
    expected = {
        (item.analyser, item.rule, item.where or "everywhere"): item.reason
        for item in (*EVERYWHERE, *accepted_in(load(build.DIST)))
    }
    rows = "\n".join(
        f"| {who} | `{rule}` | {where if where == 'everywhere' else f'`{where}`'} "
        f"| {why} |"
        for (who, rule, where), why in sorted(expected.items())
    )
    assert listed() == expected, f"The table should be:\n{rows}"
