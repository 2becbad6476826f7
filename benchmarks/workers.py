"""Invite and list 1,000 and 10,000 workers on the embedded AWS: ``make bench-workers``.

Processor time and memory are those of the command, a whole process each time. The
elapsed time is mostly the embedded AWS's, which looks at every user for each new one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.deployments import parameter, upload, wait
from local_aws.process import EmbeddedAws

PROJECT = Path(__file__).resolve().parent.parent
SIZES = (1_000, 10_000)

#: For ten times as many workers. Starting the process takes the same time for both; a
#: machine that does other things gives or takes a fifth.
MOST_TIME = 12.0
MOST_MEMORY = 1.2

#: Runs a command and prints its seconds, processor seconds and peak megabytes. A child
#: counts at least the memory of the process that started it, so that is a small one.
LAUNCHER = """
import resource, subprocess, sys, time
begun = time.perf_counter()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
elapsed = time.perf_counter() - begun
print(elapsed, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
sys.exit(code)
"""

#: Cognito's own sender would stop after 50 invitations.
THROUGH_SES = {
    "SesIdentityArn": "arn:aws:ses:us-east-1:111111111111:identity/example.com",
    "FromEmailAddress": "labels@example.com",
}


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds, seconds of processor, and megabytes at its peak."""

    elapsed: float
    processor: float
    memory: float


def main() -> int:
    """Measure, and print the sizes side by side; return 1 when a limit is broken."""
    sizes = [int(size) for size in sys.argv[1:]] or list(SIZES)
    costs = [measure(size) for size in sizes]
    table = Table(title=f"{os.cpu_count()} processors, Python {sys.version.split()[0]}")
    table.add_column("what")
    for size in sizes:
        table.add_column(f"{size:,} workers", justify="right")
    table.add_column("ratio", justify="right")
    table.add_column("limit", justify="right")
    broken = False
    for command in costs[0]:
        first, last = costs[0][command], costs[-1][command]
        for what, unit, limit in (
            ("elapsed", "s", None),
            ("processor", "s", MOST_TIME),
            ("memory", "MB", MOST_MEMORY),
        ):
            values = [getattr(cost[command], what) for cost in costs]
            ratio = getattr(last, what) / getattr(first, what)
            broken = broken or (limit is not None and ratio > limit)
            table.add_row(
                f"{command}: {what}",
                *(f"{value:.1f} {unit}" for value in values),
                f"{ratio:.2f}",
                f"{limit:.2f}" if limit else "",
            )
    Console().print(table)
    return 1 if broken else 0


def measure(size: int) -> dict[str, Cost]:
    """Invite so many workers into a new set, run that again, and list them."""
    with EmbeddedAws.started() as aws, tempfile.TemporaryDirectory() as folder:
        deploy(aws)
        file = Path(folder) / "workers.csv"
        with file.open("w", encoding="utf-8") as stream:
            stream.write("email,name,team\n")
            stream.writelines(
                f"worker{number}@example.com,Worker {number},\n"
                for number in range(size)
            )
        return {
            "invite": run(aws, "invite", "--file", str(file)),
            "invite again": run(aws, "invite", "--file", str(file)),
            "workers": run(aws, "workers"),
        }


def deploy(aws: EmbeddedAws) -> None:
    """Deploy the single file, with e-mails through Amazon SES."""
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(
        StackName="labels",
        TemplateURL=upload(aws),
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[parameter(name, value) for name, value in THROUGH_SES.items()],
    )
    wait(cloudformation, "CREATE_COMPLETE")


def run(aws: EmbeddedAws, *arguments: str) -> Cost:
    """Run a command of ops, and return what it took.

    Raises:
        CalledProcessError: it failed; its progress was printed.
    """
    command = [sys.executable, "-m", "ops", *arguments, "--stack", "labels"]
    ran = subprocess.run(
        [sys.executable, "-S", "-c", LAUNCHER, *command],
        cwd=PROJECT,
        env={**os.environ, **aws.environment()},
        stdout=subprocess.PIPE,
        check=True,
    )
    return Cost(*map(float, ran.stdout.split()))


if __name__ == "__main__":
    sys.exit(main())
