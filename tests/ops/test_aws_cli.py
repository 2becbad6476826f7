"""Which AWS CLI is used: one that works, on PATH first, else our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops import aws_cli, environments
from ops.errors import OperatorError


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(aws_cli, "FOLDER", tmp_path / ".venv-aws")
    return tmp_path / "path" / "aws"


@pytest.fixture
def our_own(tmp_path: Path, on_path: Path) -> Path:
    return write(tmp_path / ".venv-aws" / "bin" / "aws", "aws-cli/1.46.3 Python/3.11.7")


def write(program: Path, version: str, code: int = 0) -> Path:
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f"#!/bin/sh\necho '{version}'\nexit {code}\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    "version",
    [
        "aws-cli/1.29.0 Python/3.11.7 Linux/6.18 botocore/1.31.0",
        "aws-cli/2.13.0 Python/3.11.7 Linux/6.18 exe/x86_64.debian.12",
        "aws-cli/1.45.11 Python/3.11.7 Linux/6.18 botocore/1.43.11",
        "aws-cli/2.31.0 Python/3.13.7 Linux/6.18 exe/x86_64.debian.12",
    ],
)
def test_the_one_on_path_comes_first_in_either_version(
    on_path: Path, our_own: Path, version: str
) -> None:
    write(on_path, version)
    assert aws_cli.find() == aws_cli.AwsCli(str(on_path), version.split()[0])


@pytest.mark.parametrize(
    ("says", "code"),
    [
        ("pyenv: aws: command not found", 127),
        ("aws-cli/1.45.11 Python/3.11.7", 1),
        ("usage: aws", 0),
        # They do not know AWS_ENDPOINT_URL and would call the real AWS.
        ("aws-cli/1.28.1 Python/3.9.2", 0),
        ("aws-cli/2.9.19 Python/3.11.2 Linux/6.1 source/x86_64.debian.12", 0),
    ],
)
def test_one_on_path_that_does_not_work_is_passed_over(
    on_path: Path, our_own: Path, says: str, code: int
) -> None:
    write(on_path, says, code)
    assert aws_cli.find().program == str(our_own)


def test_none_is_a_sentence(on_path: Path) -> None:
    with pytest.raises(OperatorError, match="No working AWS CLI.*`make setup`"):
        aws_cli.find()


def test_ours_is_made_only_when_no_other_works(
    on_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []

    def create(folder: Path, requirements: tuple[str, ...], constraints: str) -> None:
        made.append(folder)
        write(folder / "bin" / "aws", "aws-cli/1.46.3 Python/3.11.7")

    monkeypatch.setattr(environments, "create", create)
    assert aws_cli.install().version == "aws-cli/1.46.3"
    assert aws_cli.install().version == "aws-cli/1.46.3"
    assert made == [aws_cli.FOLDER]


def test_a_command_that_fails_says_why(on_path: Path) -> None:
    write(on_path, "Unable to locate credentials.", code=253)
    cli = aws_cli.AwsCli(str(on_path), "aws-cli/2.31.0")
    with pytest.raises(OperatorError, match="no AWS credentials"):
        cli.run(["sts", "get-caller-identity"])
