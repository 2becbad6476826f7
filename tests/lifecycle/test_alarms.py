"""An alarm goes off when what it is about happens, and its topic passes it on."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from local_aws.process import EmbeddedAws
from tests.conftest import SHORT_WAITS
from tests.lifecycle.deployed_set import DeployedSet
from tests.listening_queue import ListeningQueue
from tests.test_monitoring import ALARMS, SIGNED_IN, UNDELIVERED


@dataclass
class Watched:
    """The deployed set, and a queue that gets what its topic tells."""

    deployed: DeployedSet
    queue: ListeningQueue
    uuid: str

    def __post_init__(self) -> None:
        aws = self.deployed.aws
        self.cloudwatch, self.logs = aws.client("cloudwatch"), aws.client("logs")

    @property
    def states(self) -> dict[str, str]:
        """The state of every alarm, by its name without what all have in common."""
        described = self.cloudwatch.describe_alarms()["MetricAlarms"]
        prefix = f"private-workforce-{self.uuid}-"
        return {a["AlarmName"].removeprefix(prefix): a["StateValue"] for a in described}

    def told(self) -> list[str]:
        """Return which alarms the topic has told since the last look."""
        told = self.queue.told()
        assert {each["NewStateValue"] for each in told} <= {"ALARM"}
        return [each["AlarmName"].rpartition("-")[2] for each in told]

    def write(self, log_group: str, *lines: str) -> None:
        """Write lines to a log group, as Cognito or Lambda does."""
        with contextlib.suppress(self.logs.exceptions.ResourceAlreadyExistsException):
            self.logs.create_log_stream(logGroupName=log_group, logStreamName="test")
        now = int(time.time() * 1000)
        self.logs.put_log_events(
            logGroupName=log_group,
            logStreamName="test",
            logEvents=[{"timestamp": now, "message": line} for line in lines],
        )

    def measure(
        self, namespace: str, name: str, values: list[float], **dimensions: str
    ) -> None:
        """Record values of a service's metric."""
        self.cloudwatch.put_metric_data(
            Namespace=namespace,
            MetricData=[
                {
                    "MetricName": name,
                    "Values": values,
                    "Dimensions": [
                        {"Name": key, "Value": value}
                        for key, value in dimensions.items()
                    ],
                }
            ],
        )


@pytest.fixture(scope="module")
def watched(embedded_aws: EmbeddedAws) -> Iterator[Watched]:
    """Deploy the set once, and listen to its topic."""
    embedded_aws.control.reset()
    embedded_aws.control.set(**SHORT_WAITS)
    deployed = DeployedSet(embedded_aws, "root.yaml")
    assert deployed.create() == "CREATE_COMPLETE", deployed.reasons
    topic = deployed.outputs["NotificationTopicArn"]
    queue = ListeningQueue.subscribed(embedded_aws, topic)
    yield Watched(deployed, queue, deployed.stack["StackId"].rpartition("/")[2])


def soon(is_true: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_a_new_set_has_all_its_alarms_and_none_is_on(watched: Watched) -> None:
    names = [title.removesuffix("Alarm") for title in ALARMS]
    assert watched.states == dict.fromkeys(names, "OK")


def test_a_line_of_cognito_on_an_email_that_failed_is_told(watched: Watched) -> None:
    group = f"/aws/vendedlogs/private-workforce/{watched.uuid}"
    watched.write(group, json.dumps(SIGNED_IN))
    assert watched.told() == []
    watched.write(group, json.dumps(UNDELIVERED))
    assert watched.told() == ["UndeliveredEmails"]


def test_a_repair_that_is_given_up_is_told(watched: Watched) -> None:
    (group,) = [
        each["logGroupName"]
        for each in watched.logs.describe_log_groups()["logGroups"]
        if "WorkforceFunctionLogGroup" in each["logGroupName"]
    ]
    watched.write(group, json.dumps({"event": "repair-try-failed", "reason": "No."}))
    assert watched.told() == []
    watched.write(group, json.dumps({"event": "repair-failed", "reason": "No."}))
    assert watched.told() == ["RepairFailures"]


def test_an_error_of_the_function_is_told(watched: Watched) -> None:
    functions = watched.deployed.aws.client("lambda")
    (name,) = [f["FunctionName"] for f in functions.list_functions()["Functions"]]
    answer = functions.invoke(FunctionName=name, Payload=b'{"Repair": {}}')
    assert answer["FunctionError"] == "Unhandled"
    assert soon(lambda: watched.states["WorkforceFunctionErrors"] == "ALARM")
    assert watched.told() == ["WorkforceFunctionErrors"]


def test_a_request_that_lambda_dropped_is_told(watched: Watched) -> None:
    functions = watched.deployed.aws.client("lambda")
    (name,) = [f["FunctionName"] for f in functions.list_functions()["Functions"]]
    watched.measure("AWS/Lambda", "AsyncEventsDropped", [1.0], FunctionName="another")
    assert watched.told() == []
    watched.measure("AWS/Lambda", "AsyncEventsDropped", [1.0], FunctionName=name)
    assert watched.told() == ["WorkforceFunctionDroppedEvents"]


def test_a_function_that_used_up_its_time_is_told(watched: Watched) -> None:
    functions = watched.deployed.aws.client("lambda")
    (name,) = [f["FunctionName"] for f in functions.list_functions()["Functions"]]
    watched.measure("AWS/Lambda", "Duration", [829_999.0], FunctionName=name)
    assert watched.told() == []
    watched.measure("AWS/Lambda", "Duration", [830_000.0], FunctionName=name)
    assert watched.told() == ["WorkforceFunctionTimeOuts"]


def test_twenty_sign_ins_that_fail_are_told_and_successes_do_not_count(
    watched: Watched,
) -> None:
    outputs = watched.deployed.outputs
    own = {
        "UserPool": outputs["UserPoolId"],
        "UserPoolClient": outputs["UserPoolClientId"],
    }
    others = {**own, "UserPoolClient": "another"}
    watched.measure("AWS/Cognito", "SignInSuccesses", [0.0] * 30, **others)
    watched.measure("AWS/Cognito", "SignInSuccesses", [1.0] * 40 + [0.0] * 19, **own)
    assert watched.told() == []
    watched.measure("AWS/Cognito", "SignInSuccesses", [0.0], **own)
    assert watched.told() == ["SignInFailures"]
    watched.measure("AWS/Cognito", "SignInThrottles", [1.0], **own)
    assert watched.told() == ["SignInThrottles"]


def test_a_hundred_blocked_requests_are_told(watched: Watched) -> None:
    (summary,) = watched.deployed.aws.client("wafv2").list_web_acls(Scope="REGIONAL")[
        "WebACLs"
    ]
    web_acl: Any = watched.deployed.aws.client("wafv2").get_web_acl(
        Scope="REGIONAL", Id=summary["Id"], Name=summary["Name"]
    )["WebACL"]
    dimensions = {
        "WebACL": web_acl["VisibilityConfig"]["MetricName"],
        "Rule": "ALL",
        "Region": "us-east-1",
    }
    watched.measure("AWS/WAFV2", "BlockedRequests", [99.0], **dimensions)
    assert watched.told() == []
    watched.measure("AWS/WAFV2", "BlockedRequests", [1.0], **dimensions)
    assert watched.told() == ["BlockedRequests"]


def test_the_dashboard_is_whole_and_its_address_is_an_output(watched: Watched) -> None:
    outputs = watched.deployed.outputs
    _, _, name = outputs["DashboardUrl"].partition("#dashboards:name=")
    got = watched.cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"]
    assert "${" not in got
    alarms, sign_ins, *_, failures = json.loads(got)["widgets"]
    described = watched.cloudwatch.describe_alarms()["MetricAlarms"]
    assert sorted(alarms["properties"]["alarms"]) == sorted(
        alarm["AlarmArn"]
        for alarm in described
        if not alarm["AlarmName"].endswith("BlockedRequests")
    )
    assert outputs["UserPoolClientId"] in sign_ins["properties"]["metrics"][0]
    assert "WorkforceFunctionLogGroup" in failures["properties"]["query"]


def test_turned_off_there_is_neither_alarm_nor_dashboard(watched: Watched) -> None:
    """The last one: it takes away what the others look at."""
    deployed = watched.deployed
    assert deployed.update({"EnableMonitoring": "false"}) == "UPDATE_COMPLETE"
    assert watched.states == {}
    assert watched.cloudwatch.list_dashboards()["DashboardEntries"] == []
    assert watched.logs.describe_metric_filters()["metricFilters"] == []
    assert deployed.outputs["DashboardUrl"] == ""
    assert deployed.leads_to_the_portal()
