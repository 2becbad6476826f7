"""The committed set is what the builders make of it."""

from __future__ import annotations

import difflib
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import build
from templates import TEMPLATES, parameters_page
from templates.rendering import to_yaml
from tests.templates_as_data import rendered, template


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_committed_template_is_the_built_one(name: str) -> None:
    committed = (build.DIST / name).read_text(encoding="utf-8")
    difference = difflib.unified_diff(
        committed.splitlines(), rendered()[name].splitlines(), "committed", "built"
    )
    assert committed == rendered()[name], "\n".join(
        ["Run make build and review the diff:", *difference]
    )


def test_the_committed_page_of_the_parameters_is_the_built_one() -> None:
    committed = (build.PROJECT / "docs/parameters.md").read_text(encoding="utf-8")
    assert committed == parameters_page.render()


def test_nothing_else_lies_in_dist() -> None:
    assert {path.name for path in build.DIST.iterdir()} == set(TEMPLATES)


def test_two_builds_are_the_same_to_the_byte_whatever_the_hash_seed() -> None:
    command = [
        *(sys.executable, "-c"),
        "import build; print(*build.render_templates().values(), sep='', end='')",
    ]
    texts = {
        subprocess.run(  # noqa: S603 (our own interpreter)
            command,
            check=True,
            capture_output=True,
            cwd=build.DIST.parent,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert texts == {"".join(rendered().values()).encode()}


def test_check_accepts_a_fresh_build(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build.main(["--output", str(tmp_path)]) == 0
    capsys.readouterr()
    assert build.main(["--check", "--output", str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""


def test_a_quiet_build_says_only_what_has_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build.main(["--output", str(tmp_path)])
    assert "dist/root.yaml: " in capsys.readouterr().out
    (tmp_path / "dist" / "root.yaml").write_text("Other: text\n")
    build.main(["--quiet", "--output", str(tmp_path)])
    assert capsys.readouterr().out == "dist/root.yaml is built anew.\n"
    build.main(["--quiet", "--output", str(tmp_path)])
    assert capsys.readouterr().out == ""


def test_check_refuses_a_stale_set_and_shows_the_difference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build.main(["--output", str(tmp_path)])
    base = tmp_path / "dist/base.yaml"
    base.write_text(
        base.read_text().replace("CaseSensitive: false", "CaseSensitive: true")
    )
    capsys.readouterr()
    assert build.main(["--check", "--output", str(tmp_path)]) == 1
    shown = capsys.readouterr().out
    assert "-        CaseSensitive: true" in shown
    assert "make build" in shown


def test_check_refuses_a_file_that_nothing_builds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build.main(["--output", str(tmp_path)])
    (tmp_path / "dist/old.yaml").write_text("{}")
    assert build.main(["--check", "--output", str(tmp_path)]) == 1
    assert "Nothing builds dist/old.yaml" in capsys.readouterr().out


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_fits_the_limit_of_an_uploaded_one(name: str) -> None:
    assert len(rendered()[name].encode()) < build.MAXIMUM_TEMPLATE_BYTES


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_needs_no_transform_and_no_macro(name: str) -> None:
    assert "Transform" not in template(name)
    assert "Fn::Transform" not in rendered()[name]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_has_no_yaml_alias_which_cloudformation_refuses(name: str) -> None:
    events = yaml.parse(rendered()[name])
    assert not [event for event in events if isinstance(event, yaml.AliasEvent)]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_read_as_it_was_made(name: str) -> None:
    assert template(name) == TEMPLATES[name]().to_dict()


@pytest.mark.parametrize(
    "text",
    [
        *("yes", "Off", "null", "~", "", " ", "012", "0x1F", "1e3", "1_000", ".inf"),
        *("2024-01-01", "12:30:45", "=", "<<", "- a", "a: b", "a #b", "a:", "? a"),
        *("'a'", '"a"', "*a", "&a", "!a", "%a", "@a", "`a", "|", ">", "{}", "[a]"),
        *("a\nb", "a\nb\n", "a\nb\n\n", "\n", "  a\nb", "a \nb", "a\tb", "\\n"),
        *("é", "…", "\x85", "\u2028", "a" * 200, "a  b " * 40),
    ],
)
def test_a_text_is_read_as_it_was_written(text: str) -> None:
    made = {"Description": text, "Metadata": {text: [text]}, "Resources": {}}
    written = to_yaml(made)
    assert yaml.safe_load(written) == made
    assert written.isascii()


def test_numbers_and_truth_values_stay_what_they_are() -> None:
    made = {"Metadata": {"values": [True, False, 0, -1, 90]}, "Resources": {}}
    read = yaml.safe_load(to_yaml(made))
    assert repr(read) == repr(made)
