"""The page of costs adds up, and speaks of what the set has."""

from __future__ import annotations

import re
from decimal import Decimal

from templates.parameters import by_name
from tests.pages import DOCS, section
from tests.templates_as_data import Data, intrinsics, template
from tests.test_monitoring import looked_at

ROW = re.compile(r"^\| (.+?) \| (-?[\d.]+) \| (-?[\d.]+) \| (-?[\d.]+) \|", re.M)


def amounts(heading: str) -> dict[str, list[Decimal]]:
    """Return the amounts of a table at 0, 50 and 500 workers, by their row."""
    text = section("costs.md", heading)
    rows = ROW.findall(text.replace("**", ""))
    # Below the line of titles and the one that separates them.
    assert len(rows) == len(re.findall(r"^\|", text, re.M)) - 2
    return {name: [Decimal(amount) for amount in rest] for name, *rest in rows}


def as_it_should_be() -> dict[str, list[Decimal]]:
    """Return the rows of the page that follow from others, and from the alarms."""
    rows = amounts("With every default")
    rows.pop("Sum")
    (alarms,) = [name for name in rows if name.startswith("Alarms")]
    metrics = len(list(looked_at()))
    right = f"Alarms: {metrics} watched metrics (0.10 each)"
    rows[right] = [metrics * Decimal("0.10")] * 3
    if alarms != right:
        rows.pop(alarms)
    watching = [rows[name] for name in rows if name.startswith(("Alarms", "Dashboard"))]
    return {
        right: rows[right],
        "Sum": [sum(column, Decimal()) for column in zip(*rows.values(), strict=True)],
        "`EnableMonitoring=false`": [
            -sum(column, Decimal()) for column in zip(*watching, strict=True)
        ],
    }


def test_what_is_watched_is_paid_and_the_rows_add_up() -> None:
    """All that an added alarm changes on the page is in one failure."""
    written = amounts("With every default") | amounts("What a parameter changes")
    wrong = [
        f"docs/costs.md should say: {name} | {' | '.join(map(str, right))}"
        for name, right in as_it_should_be().items()
        if written.get(name) != right
    ]
    assert not wrong, "\n".join(wrong)


def test_each_row_is_about_a_parameter_that_exists() -> None:
    rows = amounts("What a parameter changes")
    named = {name for row in rows for name in re.findall(r"`(\w+)", row)}
    assert len(named) > 10
    assert named <= by_name().keys()


def test_each_parameter_that_asks_for_a_resource_has_a_row() -> None:
    """Also where that costs nothing: the page says that no other makes a resource."""
    rows = amounts("What a parameter changes")
    built = template("private-workforce.yaml")
    asking = {
        name
        for resource in built["Resources"].values()
        if "Condition" in resource
        for name in parameters_of(built["Conditions"], resource["Condition"])
    }
    assert "EnableMonitoring" in asking
    named = {name for row in rows for name in re.findall(r"`(\w+)", row)}
    assert asking - named == set(), (
        "Give each of these a row in docs/costs.md, What a parameter changes, even if "
        "its resource costs nothing."
    )


def parameters_of(conditions: Data, name: str) -> set[str]:
    """Return the parameters that a condition looks at, directly or through others."""
    condition = conditions[name]
    return set(intrinsics(condition, "Ref")).union(
        *(
            parameters_of(conditions, inner)
            for inner in intrinsics(condition, "Condition")
        )
    )


def test_the_prices_have_a_date_and_are_to_be_checked() -> None:
    page = (DOCS / "costs.md").read_text("utf-8")
    assert re.search(r"\*\*20\d\d-\d\d-\d\d\*\*", page)
    assert "To be checked" in page
