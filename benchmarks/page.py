"""The page docs/benchmarks.md: what was measured, when and where, and the limits."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import builds, cdk_app
from benchmarks.deployments import Deployments
from benchmarks.measuring import Measured
from gates.findings import PROJECT, load

DRAWN = (
    *(builds.FLOOR, builds.BUILD, builds.VALIDATED),
    *(builds.CDK, builds.CDK_VALIDATED),
)

TEMPLATE = Path(__file__).parent / "page.md"


@dataclass(frozen=True)
class Limit:
    """A number that must not be above, or below, a limit.

    Beyond the limit there can be an aim, which is not reached yet; why is in
    docs/decisions/0024.
    """

    name: str
    value: float
    least: float | None = None
    most: float | None = None
    aim: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the number is within the limit."""
        too_little = self.least is not None and self.value < self.least
        too_much = self.most is not None and self.value > self.most
        return not (too_little or too_much)

    @property
    def reaches_aim(self) -> bool:
        """Whether the number is as good as it is meant to be, if more than a limit."""
        if self.aim is None:
            return True
        return self.value >= self.aim if self.most is None else self.value <= self.aim


def limits(built: Mapping[str, Measured], deployed: Deployments) -> list[Limit]:
    """Return what must hold of the medians."""

    def ratio(slow: str, fast: str) -> float:
        return built[slow].median / built[fast].median

    return [
        Limit(
            "build / import floor",
            ratio(builds.BUILD, builds.FLOOR),
            most=2.5,
            aim=1.4,
        ),
        Limit(
            "CDK app, validation off / build",
            ratio(builds.CDK, builds.BUILD),
            least=1.8,
            aim=3.0,
        ),
        Limit(
            "CDK app, default / build",
            ratio(builds.CDK_VALIDATED, builds.BUILD),
            least=12.0,
            aim=20.0,
        ),
        Limit(
            "CDK app, default / build + validate",
            ratio(builds.CDK_VALIDATED, builds.VALIDATED),
            least=1.0,
        ),
        Limit("start of the embedded AWS, s", deployed.start.median, most=1.0),
        Limit("memory of the embedded AWS, MB", deployed.memory, most=250.0),
    ]


def render(
    built: Mapping[str, Measured],
    steps: Mapping[str, float],
    deployed: Deployments,
    limits: Sequence[Limit],
    loads: Sequence[float],
    where: str,
) -> str:
    """Return the page.

    Args:
        built: the builds, by name.
        steps: the seconds of each step of a build, by what it does.
        deployed: the deployments.
        limits: what must hold of them.
        loads: the load average before and after.
        where: the machine.
    """
    before, after = loads
    resources = [len(each["Resources"]) for each in load(PROJECT / "dist").values()]
    milliseconds = [round(1000 * built[name].median) for name in DRAWN]
    return TEMPLATE.read_text("utf-8").format(
        date=datetime.now(UTC).date(),
        machine=where,
        load_before=before,
        load_after=after,
        busy=warning(before, "times and ratios"),
        runs=len(built[builds.BUILD].seconds),
        builds=table(
            ("", "median", "fastest", "slowest"),
            [
                (name, *map(shown, (each.median, each.fastest, each.slowest)))
                for name, each in built.items()
            ],
        ),
        steps=table(
            ("", "median"), [(step, shown(seconds)) for step, seconds in steps.items()]
        ),
        names=", ".join(f'"{name}"' for name in DRAWN),
        highest=max(milliseconds),
        bars=", ".join(map(str, milliseconds)),
        floor=builds.FLOOR,
        build=builds.BUILD,
        validated=builds.VALIDATED,
        cdk=builds.CDK,
        cdk_validated=builds.CDK_VALIDATED,
        templates=len(resources),
        resources=sum(resources),
        cdk_version=cdk_version(),
        limits=limits_table(limits),
        deployments=len(deployed.start.seconds) - 1,
        operations=operations_table(deployed),
        start=spread(deployed.start.seconds),
        memory=deployed.memory,
    )


def limits_table(limits: Iterable[Limit]) -> str:
    """Return the limits as a table."""
    return table(
        ("", "measured", "limit", "", "aim", ""),
        [
            (
                each.name,
                f"{each.value:.2f}",
                f"at least {each.least:g}" if each.least else f"at most {each.most:g}",
                "holds" if each.holds else "**broken**",
                f"{each.aim:g}" if each.aim else "",
                "" if each.reaches_aim else "missed",
            )
            for each in limits
        ],
    )


def operations_table(deployed: Deployments) -> str:
    """Return what was seen of each operation as a table."""
    return table(
        ("", "elapsed", "function", "its requests", "API calls", "memory"),
        [
            (
                name,
                spread(seen.elapsed),
                spread(seen.function),
                counted(seen.requests),
                counted(seen.calls),
                f"{max(seen.memory):.0f} MB",
            )
            for name, seen in deployed.operations.items()
        ],
    )


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown, every column but the first aligned to the right."""
    rule = ("---", *("---:" for _ in headings[1:]))
    return "\n".join(f"| {' | '.join(row)} |" for row in (headings, rule, *rows))


def shown(seconds: float) -> str:
    """Return seconds in milliseconds."""
    return f"{1000 * seconds:,.0f} ms"


def spread(seconds: Sequence[float]) -> str:
    """Return median, fastest and slowest."""
    median, least, most = statistics.median(seconds), min(seconds), max(seconds)
    return f"{shown(median)} ({1000 * least:,.0f}–{1000 * most:,.0f})"


def counted(numbers: Sequence[int]) -> str:
    """Return a count that should be the same each time, or between what it is."""
    least, most = min(numbers), max(numbers)
    return str(least) if least == most else f"{least}–{most}"


def machine() -> str:
    """Return processors, system and Python in a line."""
    return (
        f"{processors()}, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}"
    )


def node() -> str:
    """Return Node.js, which the CDK app runs with, and its version."""
    version = subprocess.run(
        ["node", "--version"],  # noqa: S607 (what the CDK app runs with)
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    return f"Node.js {version.removeprefix('v')}"


def warning(load: float, rough: str) -> str:
    """Return what to think of numbers that were measured beside other programs."""
    return "" if load < 1 else f": other programs ran, so take {rough} as rough"


def processors() -> str:
    """Return how many processors there are, and of what kind where Linux tells."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    models = {line.partition(": ")[2] for line in lines if "model name" in line}
    kind = f" ({', '.join(sorted(models))})" if models else ""
    return f"{os.cpu_count()} processors{kind}"


def cdk_version() -> str:
    """Return the version of the CDK that the app is pinned to."""
    package = json.loads((cdk_app.APP / "package.json").read_text("utf-8"))
    version: str = package["dependencies"]["aws-cdk-lib"]
    return version
