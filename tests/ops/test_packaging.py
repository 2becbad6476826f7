"""What is deployed is what is in dist/, whatever the AWS CLI makes of it on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops import aws_cli
from tests.small_set import Operator

pytestmark = pytest.mark.local_aws

#: Packages another text than the one in dist/.
CHANGING_CLI = """\
#!/bin/sh
[ "$2" = package ] || exec {real} "$@"
cp -r dist changed
sed -i 's/prefix /prefix  /' changed/base.yaml
exec {real} $(echo "$@" | sed s,dist/root,changed/root,)
"""


@pytest.fixture
def operator(
    operator: Operator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Operator:
    """Return an operator whose AWS CLI changes what it packages."""
    real = aws_cli.find()
    changing = tmp_path / "bin" / "aws"
    changing.parent.mkdir()
    changing.write_text(CHANGING_CLI.format(real=real.program))
    changing.chmod(0o755)
    monkeypatch.setenv("PATH", str(changing.parent), prepend=":")
    monkeypatch.setattr(aws_cli, "pinned", lambda: real)
    return operator


def test_a_cli_that_changes_templates_gives_way_to_the_pinned_one(
    operator: Operator,
) -> None:
    packaged = operator.runs("package")
    assert packaged.code == 0, packaged.progress
    assert "changes templates while it packages them" in packaged.progress
    assert ".venv-aws is used instead" in packaged.progress


def test_nothing_is_deployed_that_is_not_in_dist(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws_cli, "pinned", aws_cli.find)
    assert operator.runs("deploy").refuses("not those in dist/", "try again")
    cloudformation = operator.aws.client("cloudformation")
    stacks = cloudformation.list_stacks()["StackSummaries"]
    assert {stack["StackName"] for stack in stacks} == {"private-workforce-artifacts"}
