"""The developer environment: everything pinned, and made only from pins."""

from __future__ import annotations

import configparser
import importlib.metadata
import importlib.util
import re
from pathlib import Path

import pytest

from ops import environments

ROOT = environments.ROOT


def pins(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    return {
        canonical(name): version
        for name, _, version in (line.partition("==") for line in wanted)
    }


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    configuration = configparser.ConfigParser()
    configuration.read(ROOT / "setup.cfg")
    extras = configuration["options.extras_require"]
    lines = "\n".join(extras.values()).splitlines()
    return {
        canonical(line) for line in lines if line.strip() and not line.startswith("#")
    }


@pytest.mark.parametrize(
    "file",
    [
        "constraints.txt",
        "constraints-aws.txt",
        "constraints-checkov.txt",
        "constraints-sbom.txt",
    ],
)
def test_every_pin_is_an_exact_version(file: str) -> None:
    assert all(
        re.fullmatch(r"[0-9][0-9a-z.]*", version) for version in pins(file).values()
    )


def test_every_dependency_is_pinned() -> None:
    assert declared() - pins("constraints.txt").keys() == set()


def test_all_that_is_installed_is_pinned_and_at_its_pin() -> None:
    # pip comes with the interpreter, and the project itself has no pin.
    unpinned = {"pip", "private-labeling-workforce"}
    found = {
        canonical(item.metadata["Name"]): item.version
        for item in importlib.metadata.distributions()
    }
    expected = pins("constraints.txt")
    strays = {
        f"{name}=={version}"
        for name, version in found.items()
        if name not in unpinned
        and name != "setuptools"
        and expected.get(name) != version
    }
    assert strays == set()


def test_the_embedded_aws_and_boto3_agree_on_botocore() -> None:
    required = importlib.metadata.requires("ministack") or []
    assert f"botocore=={pins('constraints.txt')['botocore']}" in required


def test_a_python_without_venv_is_answered_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r"apt-get install python3\.\d+-venv"):
        environments.create(tmp_path / "venv", (), "constraints.txt")
    assert not (tmp_path / "venv").exists()


def test_an_environment_that_is_another_checkouts_is_not_replaced(
    tmp_path: Path,
) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "kept").touch()
    (tmp_path / ".venv").symlink_to(theirs)
    with pytest.raises(SystemExit, match="is a link to another checkout's"):
        environments.create(tmp_path / ".venv", (), "constraints.txt")
    assert (theirs / "kept").exists()
