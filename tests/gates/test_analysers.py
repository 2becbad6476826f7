"""The quick analysers find what they should, and nothing in the set."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

import build
from gates import in_process, processes
from gates.__main__ import problems
from gates.exceptions import EVERYWHERE
from gates.findings import Finding, Templates, load
from lambda_src.workforce import REGIONS
from templates.inline import constant

CFNLINTRC = yaml.safe_load((build.PROJECT / ".cfnlintrc").read_text("utf-8"))


def stack_of(**resource: Any) -> Templates:
    template: dict[str, Any] = {"Resources": {"Thing": resource}}
    return {"stack.yaml": template}


def in_folder(templates: Templates, folder: Path) -> Path:
    for name, template in templates.items():
        (folder / name).write_text(yaml.safe_dump(template), encoding="utf-8")
    return folder


def test_the_set_breaks_no_rule_of_the_validator_and_of_parliament() -> None:
    quick = {
        "parliament": in_process.parliament,
        "cloudformation-validate": in_process.cloudformation_validate,
    }
    assert problems(build.DIST, quick) == []


def test_a_value_that_the_type_does_not_know_is_found(tmp_path: Path) -> None:
    broken = stack_of(
        Type="AWS::S3::Bucket",
        Properties={"VersioningConfiguration": {"Status": "Sometimes"}},
    )
    found = in_process.cloudformation_validate(in_folder(broken, tmp_path), broken)
    assert "Sometimes" in " ".join(each.message for each in found)


@pytest.mark.parametrize(
    ("action", "resource", "issue"),
    [
        ("sagemaker:MakeWorkforce", "*", "UNKNOWN_ACTION"),
        (
            "sagemaker:CreateWorkforce",
            {"Fn::Sub": "arn:${AWS::Partition}:s3:::bucket"},
            "RESOURCE_MISMATCH",
        ),
        (
            "sagemaker:CreateWorkforce",
            {"Fn::If": ["IsWide", {"Ref": "AWS::NoValue"}, "*"]},
            "RESOURCE_STAR",
        ),
    ],
)
def test_a_right_that_iam_does_not_know_or_that_is_too_wide_is_found(
    action: str, resource: object, issue: str
) -> None:
    statement = {"Effect": "Allow", "Action": [action], "Resource": [resource]}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    template = stack_of(
        Type="AWS::IAM::ManagedPolicy", Properties={"PolicyDocument": document}
    )
    found = in_process.parliament(Path(), template)
    assert issue in {each.rule for each in found}


def test_a_finding_of_cfn_lint_names_the_resource(tmp_path: Path) -> None:
    broken = stack_of(
        Type="AWS::Logs::LogGroup", Properties={"RetentionInDays": "three"}
    )
    (found, *_) = in_process.cfn_lint(in_folder(broken, tmp_path), broken)
    assert (found.template, found.where) == ("stack.yaml", "Thing")


def test_cfn_lint_ignores_in_an_editor_what_is_accepted_here() -> None:
    accepted = {each.rule for each in EVERYWHERE if each.analyser == "cfn-lint"}
    assert set(CFNLINTRC["ignore_checks"]) == accepted


def test_cfn_lint_asks_for_every_region_of_the_set() -> None:
    assert tuple(CFNLINTRC["regions"]) == tuple(REGIONS)
    assert constant("workforce", "REGIONS") == REGIONS


def test_a_heavy_analyser_that_is_missing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "CHECKOV", tmp_path)
    with pytest.raises(processes.AnalyserError, match="make check-all"):
        list(processes.checkov(build.DIST, {}))


def test_a_heavy_analyser_that_fails_is_no_analyser_without_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "node"
    program.write_text("#!/bin/sh\necho broken >&2\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(processes.AnalyserError, match="broken"):
        list(processes.cdk_nag(build.DIST, {}))


def test_what_cdk_nag_puts_into_brackets_is_no_part_of_the_rule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "node"
    answer = (
        '[[{"ruleName": "AwsSolutions-IAM5[Resource::*]", "description": "wide",'
        ' "violatingResources": [{"constructPath": "Set/Template/Role"}]}]]'
    )
    program.write_text(f"#!/bin/sh\necho '{answer}'\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    (found,) = processes.cdk_nag(build.DIST, {"base.yaml": {}})
    assert found == Finding(
        "cdk_nag",
        "AwsSolutions-IAM5",
        "base.yaml",
        "Role",
        "wide AwsSolutions-IAM5[Resource::*]",
    )


def test_every_template_is_looked_at() -> None:
    assert load(build.DIST).keys() == {path.name for path in build.DIST.iterdir()}
