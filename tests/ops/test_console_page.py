"""The picture of the console's parameter page shows what the template declares."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import pytest

from ops import console_page
from ops.errors import OperatorError
from ops.publish import SINGLE_FILE
from templates import parameters
from tests.small_set import ROOT
from tests.templates_as_data import template


def test_the_page_has_every_group_label_and_default_in_the_consoles_order() -> None:
    page = unescape(console_page.render(template("private-workforce.yaml")))
    position = 0
    for group in parameters.GROUPS:
        position = page.index(f"<h2>{group}</h2>", position)
        for item in parameters.all_parameters():
            if item.group == group:
                position = page.index(f"<b>{item.label}</b>", position)
                assert item.description in page[position:]
    assert "Other parameters" not in page


def test_parameters_without_a_group_come_last() -> None:
    declared = template("workforce.yaml")
    more = {**declared["Parameters"], "Ungrouped": {"Type": "String"}}
    page = console_page.render({**declared, "Parameters": more})
    assert page.index("<b>Root stack</b>") < page.index("Other parameters")
    assert page.index("Other parameters") < page.index("<b>Ungrouped</b>")


def test_the_picture_shows_what_is_declared_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    stale = f"{console_page.PICTURE} is stale: run `make picture` and look at it."
    assert console_page.is_current(), stale


def test_a_picture_is_stale_when_what_it_shows_is_declared_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    console_page.photograph(tmp_path / "page.png")
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")
    assert console_page.is_current(tmp_path / "page.png")
    teams = parameters.WORK_TEAM_NAMES.label
    changed = SINGLE_FILE.read_text().replace(teams, "Teams of workers")
    (tmp_path / "changed.yaml").write_text(changed)
    monkeypatch.setattr("ops.console_page.SINGLE_FILE", tmp_path / "changed.yaml")
    assert not console_page.is_current(tmp_path / "page.png")


def test_a_browser_that_takes_no_picture_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("CHROMIUM", "/bin/false")
    with pytest.raises(OperatorError, match="Chromium took no picture"):
        console_page.photograph(tmp_path / "page.png")
