"""A release is the committed set, and anybody can make the same one."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from ops import environments, release
from templates.version import VERSION
from tests.templates_as_data import rendered, template


@pytest.mark.parametrize("name", list(rendered()))
def test_every_template_carries_the_version(name: str) -> None:
    assert template(name)["Metadata"]["PrivateLabelingWorkforce"] == {
        "Version": VERSION
    }


@pytest.mark.parametrize("name", ["root.yaml", "private-workforce.yaml"])
def test_a_deployed_stack_says_its_version(name: str) -> None:
    assert template(name)["Outputs"]["SetVersion"]["Value"] == VERSION


def test_the_changelog_describes_the_version() -> None:
    changelog = (environments.ROOT / "CHANGELOG.md").read_text("utf-8")
    assert f"\n## [{VERSION}] - " in changelog


def test_the_archive_holds_the_templates_as_they_are_committed(tmp_path: Path) -> None:
    with zipfile.ZipFile(release.archive(tmp_path / "set.zip")) as packed:
        for name, text in rendered().items():
            assert packed.read(f"{release.NAME}/dist/{name}").decode() == text
        assert f"{release.NAME}/LICENSE" in packed.namelist()


def test_two_archives_of_a_commit_are_the_same_to_the_byte(tmp_path: Path) -> None:
    first, second = (release.archive(tmp_path / name) for name in ("a.zip", "b.zip"))
    assert first.read_bytes() == second.read_bytes()


def test_the_checksums_are_those_of_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short_bill(file: Path) -> Path:
        file.write_text("{}", encoding="utf-8")
        return file

    monkeypatch.setattr(release, "bill", short_bill)
    *files, sums = release.write(tmp_path)
    assert sums.read_text("utf-8").splitlines() == [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}"
        for file in files
    ]


def test_the_templates_of_a_release_are_kept_as_they_are(tmp_path: Path) -> None:
    kept = release.keep(tmp_path)
    assert kept == tmp_path / VERSION
    assert sorted(file.name for file in kept.iterdir()) == sorted(release.KEPT)
    for name in release.KEPT:
        assert (kept / name).read_text("utf-8") == rendered()[name]
    assert release.keep(tmp_path) == kept


def test_a_version_is_not_released_twice_with_other_templates(tmp_path: Path) -> None:
    released = release.keep(tmp_path) / "base.yaml"
    released.write_text("Resources: {}\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"released already.* Raise the version"):
        release.keep(tmp_path)
    assert released.read_text("utf-8") == "Resources: {}\n"
