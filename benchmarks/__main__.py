"""Measure the build, and deployments to the embedded AWS: ``make bench``.

Writes docs/benchmarks.md, and returns 1 when a limit is broken.
"""

from __future__ import annotations

import os
import sys

from rich.console import Console
from rich.markdown import Markdown

from benchmarks import builds, cdk_app, deployments, page
from gates.findings import PROJECT

RUNS = 9
DEPLOYMENTS = 5


def main() -> int:
    """Measure everything, write the page and print it; tell whether limits hold."""
    load = [os.getloadavg()[0]]
    try:
        built = builds.measure(RUNS)
        steps = builds.measure_steps(RUNS)
    except cdk_app.CdkError as error:
        print(error, file=sys.stderr)
        return 1
    deployed = deployments.measure(DEPLOYMENTS)
    load.append(os.getloadavg()[0])
    where = f"{page.machine()}, {page.node()}"
    limits = page.limits(built, deployed)
    text = page.render(built, steps, deployed, limits, load, where)
    (PROJECT / "docs/benchmarks.md").write_text(text, encoding="utf-8")
    Console().print(Markdown(text))
    return 0 if all(limit.holds for limit in limits) else 1


if __name__ == "__main__":
    sys.exit(main())
