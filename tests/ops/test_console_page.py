"""The picture of the console's parameter page shows what the template declares."""

from __future__ import annotations

import copy
from html import unescape
from pathlib import Path

import pytest

from ops import console_page
from ops.errors import OperatorError
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
    workforce = copy.deepcopy(template("workforce.yaml"))
    interface = workforce["Metadata"]["AWS::CloudFormation::Interface"]
    for group in interface["ParameterGroups"]:
        group["Parameters"] = [n for n in group["Parameters"] if n != "WorkTeamNames"]
    del interface["ParameterLabels"]["WorkTeamNames"]
    page = console_page.render(workforce)
    assert page.index("Other parameters") < page.index("WorkTeamNames")


def test_the_picture_is_a_png_of_the_built_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    console_page.photograph(tmp_path / "page.png")
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")
    assert (ROOT / console_page.PICTURE).exists()


def test_a_browser_that_takes_no_picture_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("CHROMIUM", "/bin/false")
    with pytest.raises(OperatorError, match="Chromium took no picture"):
        console_page.photograph(tmp_path / "page.png")
