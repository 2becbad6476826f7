"""Invite and list 1,000 and 10,000 workers on the embedded AWS: ``make bench-workers``.

Writes docs/benchmarks-workers.md, and returns 1 when a limit is broken.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from benchmarks import page
from benchmarks.deployments import parameter, upload, wait
from lambda_src.workforce import invitation
from local_aws.process import EmbeddedAws

PROJECT = Path(__file__).resolve().parent.parent
PAGE = PROJECT / "docs/benchmarks-workers.md"
SIZES = (1_000, 10_000)
BROKEN = "**broken**"

#: For ten times as many workers. Starting the process takes the same time for both; a
#: machine that does other things gives or takes a fifth.
MOST_TIME = 12.0
MOST_MEMORY = 1.2
#: One more worker among ten times as many takes what it takes among the few.
MOST_GROWTH = 1.2
TURNS = 10
WORKERS_A_TURN = 50
#: Below a second a ratio says nothing; this hides what the embedded AWS did not do.
LEAST = 0.5

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
    """What a command took.

    Attributes:
        elapsed: Seconds.
        processor: Seconds of processor of the command.
        memory: Its megabytes at its peak.
        served: Seconds of processor of the embedded AWS meanwhile.
    """

    elapsed: float
    processor: float
    memory: float
    served: float


def main() -> int:
    """Measure, write and print the page; return 1 when a limit is broken.

    Other sizes, for whoever only wants to look, are arguments; they write no page.
    """
    given = [int(size) for size in sys.argv[1:]]
    load = os.getloadavg()[0]
    sizes = given or SIZES
    with ExitStack() as stack:
        servers = {size: stack.enter_context(EmbeddedAws.started()) for size in sizes}
        costs = {size: measure(aws, size) for size, aws in servers.items()}
        text = render(costs, in_turn(servers), load)
    if not given:
        PAGE.write_text(text, encoding="utf-8")
    Console().print(Markdown(text))
    return 1 if BROKEN in text else 0


def render(
    costs: Mapping[int, Mapping[str, Cost]], more: Mapping[int, float], load: float
) -> str:
    """Return the page with the sizes side by side.

    Args:
        costs: What each command took, by the number of workers.
        more: What one more worker then takes of the embedded AWS, in milliseconds.
        load: The load average before.
    """
    busy = page.warning(load, "elapsed times")
    return f"""\
# Workers at scale

<!-- Written by make bench-workers: benchmarks/workers.py. -->

Measured on {datetime.now(UTC).date()}: {page.machine()}.
The load average was {load:.1f} before{busy}.

{page.table(headings(list(costs)), [*rows(costs), growth(more)])}

- *invite* is `make invite FILE=`, *invite again* the same command on the same file, and
  *workers* `make workers`, each on a new [embedded AWS](embedded-aws.md) with e-mails
  through Amazon SES. Each is a whole process, with the start of Python in it.
- *Elapsed* is mostly the embedded AWS's, on the same processors, and has no limit:
  other programs lengthen it. Cognito itself takes about a tenth of a second for an
  account, and allows 25 changes of group members a second.
- *One more worker* is invited and looked up in each of the two pools in turn, so that
  other programs slow both. Of whole runs, minutes apart, the embedded AWS's processor
  time has no limit either.
- *Processor* and *memory* (the resident memory at its peak) are those of the command.
- {max(costs) // min(costs)} times as many workers may take {MOST_TIME:g} times as much
  processor time, and no more memory.
"""


def headings(sizes: Sequence[int]) -> list[str]:
    """Return the headings of the table."""
    return ["", *(f"{size:,} workers" for size in sizes), "ratio", "limit", ""]


def rows(costs: Mapping[int, Mapping[str, Cost]]) -> Iterator[list[str]]:
    """Yield a row of the table for each command and each thing that it takes."""
    for command in next(iter(costs.values())):
        for member, what, unit, limit in (
            ("elapsed", "elapsed", "s", None),
            ("processor", "processor", "s", MOST_TIME),
            ("served", "processor of the embedded AWS", "s", None),
            ("memory", "memory", "MB", MOST_MEMORY),
        ):
            values = [getattr(cost[command], member) for cost in costs.values()]
            if limit is None and values[-1] < LEAST:
                continue
            ratio = values[-1] / values[0]
            holds = limit is None or ratio <= limit
            yield [
                f"{command}: {what}",
                *(f"{value:.1f} {unit}" for value in values),
                f"{ratio:.2f}",
                "" if limit is None else f"at most {limit:g}",
                "" if limit is None else "holds" if holds else BROKEN,
            ]


def growth(more: Mapping[int, float]) -> list[str]:
    """Return the row of one more worker."""
    values = list(more.values())
    what = "one more worker: processor of the embedded AWS"
    if not all(values):
        return [what, *("not measured" for _ in values), "", "", ""]
    ratio = values[-1] / values[0]
    return [
        what,
        *(f"{value:.1f} ms" for value in values),
        f"{ratio:.2f}",
        f"at most {MOST_GROWTH:g}",
        "holds" if ratio <= MOST_GROWTH else BROKEN,
    ]


def in_turn(servers: Mapping[int, EmbeddedAws]) -> dict[int, float]:
    """Return what one more worker takes of each, in milliseconds of processor.

    A few in the one pool, a few in the other, and so on.
    """
    used = dict.fromkeys(servers, 0.0)
    clients = {size: aws.client("cognito-idp") for size, aws in servers.items()}
    for turn in range(TURNS):
        for size, aws in servers.items():
            cognito = clients[size]
            (pool,) = cognito.list_user_pools(MaxResults=60)["UserPools"]
            (group,) = cognito.list_groups(UserPoolId=pool["Id"])["Groups"]
            before = processor_seconds(aws.pid)
            for number in range(WORKERS_A_TURN):
                name = f"more-{turn}-{number}"
                request = invitation(pool["Id"], name, f"{name}@example.com")
                cognito.admin_create_user(**request)
                who = {"UserPoolId": pool["Id"], "Username": name}
                cognito.admin_add_user_to_group(**who, GroupName=group["GroupName"])
                cognito.admin_get_user(**who)
                cognito.admin_list_groups_for_user(**who)
            used[size] += processor_seconds(aws.pid) - before
    return {size: 1000 * each / TURNS / WORKERS_A_TURN for size, each in used.items()}


def measure(aws: EmbeddedAws, size: int) -> dict[str, Cost]:
    """Invite so many workers into a new set, run that again, and list them."""
    with tempfile.TemporaryDirectory() as folder:
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
    before = processor_seconds(aws.pid)
    ran = subprocess.run(
        [sys.executable, "-S", "-c", LAUNCHER, *command],
        cwd=PROJECT,
        env={**os.environ, **aws.environment()},
        stdout=subprocess.PIPE,
        check=True,
    )
    elapsed, processor, memory = map(float, ran.stdout.split())
    served = processor_seconds(aws.pid) - before
    return Cost(elapsed, processor, memory, served)


def processor_seconds(pid: int) -> float:
    """Return what a process has used so far ("proc_pid_stat(5)"); 0 but on Linux."""
    file = Path(f"/proc/{pid}/stat")
    if not file.exists():
        return 0.0
    # The second field, the name, can have spaces in it.
    fields = file.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
