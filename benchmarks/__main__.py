"""Measure the build, and a deployment to the embedded AWS: ``make bench``.

Whole processes, one of each kind in turn, so that a machine whose speed drifts slows
all of them. Medians, with the fastest and the slowest run.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from local_aws.process import EmbeddedAws

PROJECT = Path(__file__).resolve().parent.parent
RUNS = 9
DEPLOYMENTS = 3

#: The least that a build with these libraries can take: importing what it uses.
IMPORTS = (
    "import awacs.aws, awacs.cloudformation, awacs.cognito_idp, awacs.ec2, awacs.iam, "
    "awacs.logs, awacs.s3, awacs.sagemaker, awacs.sns, awacs.sts, yaml, "
    "troposphere.awslambda, troposphere.cloudformation, troposphere.cloudwatch, "
    "troposphere.cognito, troposphere.events, troposphere.iam, troposphere.logs, "
    "troposphere.route53, troposphere.s3, troposphere.sns, troposphere.ssm, "
    "troposphere.wafv2"
)


@dataclass(frozen=True)
class Measured:
    """The runs of one thing, in seconds."""

    name: str
    seconds: tuple[float, ...]
    limit: str = ""

    @property
    def median(self) -> float:
        """The run in the middle."""
        return statistics.median(self.seconds)


def main() -> int:
    """Measure everything and print one table; return 1 when a limit is broken."""
    floor, build, start = measure_in_turn(
        {
            "import what a build needs": lambda: run("-c", IMPORTS),
            "python build.py (five templates)": build_once,
            "python -c pass": lambda: run("-c", "pass"),
        }
    )
    ratio = build.median / floor.median
    lives, memory = measure_deployments()
    table = Table(title=f"{os.cpu_count()} processors, Python {sys.version.split()[0]}")
    for heading in ("what", "median", "fastest", "slowest", "limit"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for item in (start, floor, build, *lives):
        shown = (item.median, min(item.seconds), max(item.seconds))
        table.add_row(item.name, *(f"{each:.3f} s" for each in shown), item.limit)
    table.add_row("build / import floor", f"{ratio:.2f}", "", "", "1.40")
    table.add_row("embedded AWS with one worker", f"{memory:.0f} MB", "", "", "250 MB")
    Console().print(table)
    broken = ratio > 1.4 or memory > 250 or lives[0].median > 1.0
    return 1 if broken else 0


def measure_in_turn(tasks: dict[str, Callable[[], None]]) -> list[Measured]:
    """Run each task RUNS times in turn, after one run that is not counted."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for number in range(RUNS + 1):
        for name, task in tasks.items():
            seconds = timed(task)
            if number:
                times[name].append(seconds)
    return [Measured(name, tuple(seconds)) for name, seconds in times.items()]


def measure_deployments() -> tuple[list[Measured], float]:
    """Start the embedded AWS, create, update and delete the single file on it.

    Returns:
        The measured times, and the memory in MB of the process with one worker.
    """
    names = ("start of the embedded AWS", "create", "update", "delete")
    limits = ("1.000 s", "", "", "")
    times: dict[str, list[float]] = {name: [] for name in names}
    memory = 0.0
    for _ in range(DEPLOYMENTS):
        begun = time.perf_counter()
        no_waits = {
            f"workforce_{each}_seconds": 0.0
            for each in ("initializing", "updating", "deleting")
        }
        with EmbeddedAws.started(settings=no_waits) as aws:
            times[names[0]].append(time.perf_counter() - begun)
            cloudformation = aws.client("cloudformation")
            url = upload(aws)
            for name, call in (
                ("create", {"Parameters": []}),
                ("update", {"Parameters": [parameter("PasswordMinimumLength", "20")]}),
            ):
                begun = time.perf_counter()
                getattr(cloudformation, f"{name}_stack")(
                    StackName="labels",
                    TemplateURL=url,
                    Capabilities=["CAPABILITY_IAM"],
                    **call,
                )
                wait(cloudformation, f"{name.upper()}_COMPLETE")
                times[name].append(time.perf_counter() - begun)
            memory = max(memory, resident_megabytes(aws.pid))
            begun = time.perf_counter()
            cloudformation.delete_stack(StackName="labels")
            while cloudformation.list_stacks(StackStatusFilter=["DELETE_IN_PROGRESS"])[
                "StackSummaries"
            ]:
                time.sleep(0.02)
            times["delete"].append(time.perf_counter() - begun)
    measured = [
        Measured(
            f"{name}{'' if limit else ' (waits at zero)'}", tuple(times[name]), limit
        )
        for name, limit in zip(names, limits, strict=True)
    ]
    return measured, memory


def parameter(name: str, value: str) -> dict[str, str]:
    """Return a stack parameter as the API takes it."""
    return {"ParameterKey": name, "ParameterValue": value}


def upload(aws: EmbeddedAws) -> str:
    """Put the single file into a bucket and return its URL."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="templates")
    body = (PROJECT / "dist/private-workforce.yaml").read_bytes()
    s3.put_object(Bucket="templates", Key="set.yaml", Body=body)
    return f"{aws.endpoint}/templates/set.yaml"


def wait(cloudformation: Any, status: str) -> None:
    """Wait for a status of the stack.

    Raises:
        RuntimeError: the stack ended in another one.
    """
    while True:
        (stack,) = cloudformation.describe_stacks(StackName="labels")["Stacks"]
        if stack["StackStatus"] == status:
            return
        if "ROLLBACK" in stack["StackStatus"] or "FAILED" in stack["StackStatus"]:
            raise RuntimeError(f"The stack is {stack['StackStatus']}.")
        time.sleep(0.02)


def resident_megabytes(pid: int) -> float:
    """Return the resident memory of a process and its children."""
    listed = subprocess.run(
        ["ps", "-eo", "pid=,ppid=,rss="],  # noqa: S607 (a standard tool)
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    rows = [tuple(map(int, line.split())) for line in listed.splitlines()]
    family = {pid}
    for _ in range(3):
        family |= {child for child, parent, _ in rows if parent in family}
    return sum(size for each, _, size in rows if each in family) / 1024


def build_once() -> None:
    """Build the set into a folder that goes."""
    with tempfile.TemporaryDirectory() as folder:
        run("build.py", "--output", folder)


def run(*arguments: str) -> None:
    """Run Python in the project, saying nothing.

    With compiled modules, as on every machine that does not forbid to keep them:
    otherwise each run would compile the builders anew.
    """
    subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""},
        check=True,
        capture_output=True,
    )


def timed(task: Callable[[], None]) -> float:
    """Return the seconds that a task takes."""
    begun = time.perf_counter()
    task()
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
