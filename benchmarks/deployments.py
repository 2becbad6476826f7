"""Create, update, repair and delete the single file on the embedded AWS."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import yaml

from benchmarks.measuring import Measured, timed
from gates.findings import PROJECT
from local_aws.process import EmbeddedAws

STACK = "labels"
LOG_GROUP, RULE = "WorkforceFunctionLogGroup", "SignInRepairRule"

#: No waits, and no repair on its own in the middle of the next operation.
SETTINGS = {
    **{
        f"workforce_{each}_seconds": 0.0
        for each in ("initializing", "updating", "deleting")
    },
    "stack_event_delay_seconds": 3600.0,
}


@dataclass
class Seen:
    """What was seen of one operation, a value for each deployment.

    Attributes:
        elapsed: seconds until the operation is over.
        function: seconds of all requests to the function, by its REPORT lines.
        requests: the number of those requests.
        calls: how many API calls the function made.
        memory: the most megabytes that the function's process had.
    """

    elapsed: list[float] = field(default_factory=list)
    function: list[float] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Deployments:
    """What was measured of all deployments.

    Attributes:
        start: the start of the embedded AWS.
        operations: what was seen, by the operation's name, in order.
        memory: megabytes of the embedded AWS with the function's process.
    """

    start: Measured
    operations: dict[str, Seen]
    memory: float


def measure(runs: int) -> Deployments:
    """Deploy so often, each time on a new embedded AWS, and once more for the memory.

    Looking at the memory takes time from what is looked at, so those times are not
    counted.
    """
    operations: dict[str, Seen] = defaultdict(Seen)
    starts, memory = [], 0.0
    for number in range(runs + 1):
        begun = time.perf_counter()
        with EmbeddedAws.started(settings=SETTINGS) as aws:
            starts.append(time.perf_counter() - begun)
            memory = live(aws, operations, watched=number == runs)
    return Deployments(Measured(tuple(starts)), dict(operations), memory)


def live(aws: EmbeddedAws, operations: dict[str, Seen], *, watched: bool) -> float:
    """Create, update, repair and delete a stack, and note what is seen.

    Returns:
        the most megabytes of the embedded AWS with the function, if it is watched.
    """
    cloudformation = aws.client("cloudformation")
    given: dict[str, Any] = {
        "StackName": STACK,
        "TemplateURL": upload(aws),
        "Capabilities": ["CAPABILITY_IAM"],
    }
    changed = [parameter("PasswordMinimumLength", "20")]
    log_group = ""

    def create() -> None:
        cloudformation.create_stack(**given)
        wait(cloudformation, "CREATE_COMPLETE")

    def update() -> None:
        cloudformation.update_stack(**given, Parameters=changed)
        wait(cloudformation, "UPDATE_COMPLETE")

    def delete() -> None:
        cloudformation.delete_stack(StackName=STACK)
        in_progress = ["DELETE_IN_PROGRESS"]
        while cloudformation.list_stacks(StackStatusFilter=in_progress)[
            "StackSummaries"
        ]:
            time.sleep(0.02)

    tasks: dict[str, Callable[[], Any]] = {
        "create": create,
        "update": update,
        "repair": lambda: repair(aws),
        "delete": delete,
    }
    reported, memory = 0, 0.0
    for name, task in tasks.items():
        aws.control.clear_calls()
        with watching(aws.pid, watched) as most:
            seconds = timed(task)
        log_group = log_group or physical_id(aws, LOG_GROUP)
        reports = durations(aws, log_group)
        seen = operations[name]
        if watched:
            seen.memory.append(most["function"])
            memory = max(memory, most["all"])
        else:
            seen.elapsed.append(seconds)
            seen.function.append(sum(reports[reported:]))
            seen.requests.append(len(reports) - reported)
            seen.calls.append(len(calls_of_function(aws)))
        reported = len(reports)
    return memory


def repair(aws: EmbeddedAws) -> None:
    """Send the function what the rule sends it after each operation.

    Raises:
        RuntimeError: the repair fails.
    """
    rule = physical_id(aws, RULE)
    (target,) = aws.client("events").list_targets_by_rule(Rule=rule)["Targets"]
    answer = aws.client("lambda").invoke(
        FunctionName=target["Arn"], Payload=target["Input"].encode()
    )
    if answer.get("FunctionError"):
        raise RuntimeError(f"The repair failed: {answer['Payload'].read()!r}")


def physical_id(aws: EmbeddedAws, logical_id: str) -> str:
    """Return the physical id of a resource of the stack."""
    resource = aws.client("cloudformation").describe_stack_resource(
        StackName=STACK, LogicalResourceId=logical_id
    )
    found: str = resource["StackResourceDetail"]["PhysicalResourceId"]
    return found


def calls_of_function(aws: EmbeddedAws) -> list[dict[str, Any]]:
    """Return the AWS calls of the function, without its answers to CloudFormation."""
    return [
        call
        for call in aws.control.calls(caller="function")
        if call["service"] != "cloudformation-response"
    ]


def durations(aws: EmbeddedAws, log_group: str) -> list[float]:
    """Return the seconds of each request to the function, as its log reports them."""
    pages = aws.client("logs").get_paginator("filter_log_events")
    messages = [
        event["message"]
        for page in pages.paginate(logGroupName=log_group)
        for event in page["events"]
    ]
    found = [re.match(r"REPORT .*?\tDuration: (\d+) ms", each) for each in messages]
    return [int(each[1]) / 1000 for each in found if each]


@contextmanager
def watching(pid: int, wanted: bool) -> Iterator[dict[str, float]]:
    """Look at the memory of a process and its children all the time, if wanted.

    Yields:
        the most megabytes of one child ("function"), and of all of them ("all").
    """
    most, over = {"function": 0.0, "all": 0.0}, threading.Event()

    def look() -> None:
        while not over.wait(0.02):
            sizes = resident_megabytes(pid)
            most["all"] = max(most["all"], sum(sizes.values()))
            sizes.pop(pid, None)
            most["function"] = max(most["function"], *sizes.values(), 0.0)

    thread = threading.Thread(target=look)
    if wanted:
        thread.start()
    try:
        yield most
    finally:
        over.set()
        if wanted:
            thread.join()


def resident_megabytes(pid: int) -> dict[int, float]:
    """Return the resident memory of a process and of its children, by their ids."""
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
    return {each: size / 1024 for each, _, size in rows if each in family}


def parameter(name: str, value: str) -> dict[str, str]:
    """Return a stack parameter as the API takes it."""
    return {"ParameterKey": name, "ParameterValue": value}


def upload(aws: EmbeddedAws) -> str:
    """Put the single file into a bucket and return its URL.

    The function's log stays when the stack goes, for what it reports of the delete.
    """
    text = (PROJECT / "dist/private-workforce.yaml").read_text("utf-8")
    template = yaml.load(text, yaml.CSafeLoader)  # noqa: S506 (it is the safe loader)
    template["Resources"][LOG_GROUP]["DeletionPolicy"] = "Retain"
    body = yaml.dump(template, Dumper=yaml.CSafeDumper, sort_keys=False).encode()
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="set.yaml", Body=body)
    return f"{aws.endpoint}/templates/set.yaml"


def wait(cloudformation: Any, status: str) -> None:
    """Wait for a status of the stack.

    Raises:
        RuntimeError: the stack ended in another one.
    """
    while True:
        (stack,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
        if stack["StackStatus"] == status:
            return
        if "ROLLBACK" in stack["StackStatus"] or "FAILED" in stack["StackStatus"]:
            raise RuntimeError(f"The stack is {stack['StackStatus']}.")
        time.sleep(0.02)
