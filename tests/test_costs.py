"""The page of costs adds up, and speaks of what the set has."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

from templates.parameters import by_name
from tests.test_monitoring import looked_at

PAGE = (Path(__file__).parent.parent / "docs" / "costs.md").read_text("utf-8")
ROW = re.compile(r"^\| (.+?) \| (-?[\d.]+) \| (-?[\d.]+) \| (-?[\d.]+) \|", re.M)


def amounts(heading: str) -> dict[str, list[Decimal]]:
    """Return the amounts of a table at 0, 50 and 500 workers, by their row."""
    section = PAGE.partition(heading)[2].partition("\n## ")[0]
    rows = ROW.findall(section.replace("**", ""))
    return {name: [Decimal(amount) for amount in rest] for name, *rest in rows}


def test_the_sums_are_those_of_the_rows() -> None:
    rows = amounts("## With every default")
    sums = rows.pop("Sum")
    assert len(rows) == 7
    assert [sum(column) for column in zip(*rows.values(), strict=True)] == sums


def test_what_is_watched_is_paid() -> None:
    metrics = len(list(looked_at()))
    (row,) = [name for name in amounts("## With") if name.startswith("Alarms")]
    assert f"{metrics} watched metrics" in row
    assert amounts("## With")[row][0] == metrics * Decimal("0.10")


def test_turning_monitoring_off_saves_what_it_costs() -> None:
    rows = amounts("## With")
    off = amounts("## What a parameter changes")["`EnableMonitoring=false`"]
    kept = [rows[name] for name in rows if name.startswith(("Alarms", "Dashboard"))]
    assert [-sum(column) for column in zip(*kept, strict=True)] == off


def test_each_row_is_about_a_parameter_that_exists() -> None:
    rows = amounts("## What a parameter changes")
    named = {name for row in rows for name in re.findall(r"`(\w+)", row)}
    assert len(named) > 10
    assert named <= by_name().keys()


def test_the_prices_have_a_date_and_are_to_be_checked() -> None:
    assert re.search(r"\*\*20\d\d-\d\d-\d\d\*\*", PAGE)
    assert "To be checked" in PAGE
