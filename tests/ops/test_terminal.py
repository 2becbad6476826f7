"""What an operator reads: tables as wide as they must be, and no wider."""

from __future__ import annotations

import json

import pytest
from rich.console import Console
from rich.table import Table

from ops import terminal

ARNS = [f"arn:aws:sagemaker:us-east-1:1:workteam/private-crowd/t{n}" for n in "12"]


def test_each_of_several_arns_has_a_line_and_no_line_ends_in_blanks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    terminal.show_outputs({"WorkTeamArns": ",".join(ARNS), "Name": "x, y"}, "table")
    assert capsys.readouterr().out == (
        "Output        Value\n"
        "Name          x, y\n"
        f"WorkTeamArns  {ARNS[0]}\n"
        f"              {ARNS[1]}\n"
    )


def test_a_program_gets_an_output_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.show_outputs({"WorkTeamArns": ",".join(ARNS)}, "json")
    assert json.loads(capsys.readouterr().out) == {"WorkTeamArns": ",".join(ARNS)}


@pytest.mark.parametrize(("wrapped", "lines"), [(True, 4), (False, 2)])
def test_only_a_terminal_wraps_and_only_what_may_be_wrapped(
    wrapped: bool,
    lines: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def on_a_terminal(**given: object) -> Console:
        return Console(**{"force_terminal": True, "width": 20, **given})  # type: ignore[arg-type]

    monkeypatch.setattr(terminal, "Console", on_a_terminal)
    table = Table("A", box=None, header_style="bold", pad_edge=False)
    table.add_row("three times ten words, and more of them")
    terminal.show(table, wrapped=wrapped)
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == lines
    assert [line for line in shown if line.endswith((" ", " \x1b[0m"))] == []
