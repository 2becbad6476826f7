"""What is watched is what the services measure and write.

The names are those of the pages that templates/monitoring.py mentions. A metric that
does not exist is silence, and silence counts as good: so each name is checked here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lambda_src import workforce
from local_aws.cloudwatch.filter_patterns import matcher
from templates import monitoring
from tests.pages import section
from tests.templates_as_data import template

ROOT = Path(__file__).resolve().parent.parent
SINGLE = template("private-workforce.yaml")
RESOURCES: dict[str, Any] = SINGLE["Resources"]
ALARMS = {
    title: resource["Properties"]
    for title, resource in RESOURCES.items()
    if resource["Type"] == "AWS::CloudWatch::Alarm"
}
FILTERS = {
    title: resource["Properties"]
    for title, resource in RESOURCES.items()
    if resource["Type"] == "AWS::Logs::MetricFilter"
}

#: Documented: metric, its dimensions, the statistics that make sense for it.
DOCUMENTED = {
    ("AWS/Cognito", "SignInSuccesses"): (
        ["UserPool", "UserPoolClient"],
        {"SampleCount", "Sum", "Average"},
    ),
    ("AWS/Cognito", "SignInThrottles"): (["UserPool", "UserPoolClient"], {"Sum"}),
    ("AWS/WAFV2", "AllowedRequests"): (["Region", "Rule", "WebACL"], {"Sum"}),
    ("AWS/WAFV2", "BlockedRequests"): (["Region", "Rule", "WebACL"], {"Sum"}),
    ("AWS/Lambda", "Invocations"): (["FunctionName"], {"Sum"}),
    ("AWS/Lambda", "Errors"): (["FunctionName"], {"Sum"}),
    ("AWS/Lambda", "AsyncEventsDropped"): (["FunctionName"], {"Sum"}),
    ("AWS/Lambda", "Duration"): (["FunctionName"], {"Average", "Maximum", "Minimum"}),
}

#: The examples of "Exporting logs from Amazon Cognito user pools" (Cognito Developer
#: Guide, 2026-11); the text of the failure is assumed.
UNDELIVERED = {
    "eventTimestamp": "1687297330677",
    "eventSource": "USER_NOTIFICATION",
    "logLevel": "ERROR",
    "message": {"details": "Email address is not verified."},
    "logSourceId": {"userPoolId": "us-east-1_EXAMPLE"},
}
SIGNED_IN = {
    "eventTimestamp": "1687297330677",
    "eventSource": "USER_ACTIVITY",
    "logLevel": "INFO",
    "message": {
        "version": "1",
        "eventId": "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111",
        "eventType": "SignIn",
        "userName": "test-user",
        "eventResponse": "Fail",
        "riskDecision": "PASS",
        "compromisedCredentialDetected": "false",
    },
    "logSourceId": {"userPoolId": "us-east-1_EXAMPLE"},
}


def looked_at() -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield every metric that an alarm looks at, with its statistic."""
    for title, alarm in ALARMS.items():
        if "Metrics" not in alarm:
            yield title, alarm, alarm["Statistic"]
        for query in alarm.get("Metrics", []):
            if stat := query.get("MetricStat"):
                yield title, stat["Metric"], stat["Stat"]


@pytest.mark.parametrize(("title", "metric", "statistic"), list(looked_at()))
def test_an_alarm_looks_at_what_is_measured(
    title: str, metric: dict[str, Any], statistic: str
) -> None:
    if isinstance(metric["Namespace"], dict):
        counted = {
            (json.dumps(made["MetricNamespace"]), made["MetricName"])
            for each in FILTERS.values()
            for made in each["MetricTransformations"]
        }
        assert (json.dumps(metric["Namespace"]), metric["MetricName"]) in counted
        assert "Dimensions" not in metric
        return
    name = metric["Namespace"], metric["MetricName"]
    assert name in DOCUMENTED, f"{name} is new: write into DOCUMENTED what AWS says."
    dimensions, statistics = DOCUMENTED[name]
    assert sorted(each["Name"] for each in metric["Dimensions"]) == dimensions
    assert statistic in statistics


def test_each_alarm_has_a_row_that_says_what_to_do() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", section("operations.md", "Alarms"), re.M)
    assert {f"{name}Alarm" for name in rows} == ALARMS.keys()


def test_each_alarm_goes_off_in_a_test() -> None:
    lifecycle = (ROOT / "tests" / "lifecycle" / "test_alarms.py").read_text("utf-8")
    told = re.findall(
        r"^    assert watched\.told\(\) == \[\"(\w+)\"\]$", lifecycle, re.M
    )
    assert {f"{name}Alarm" for name in told} == ALARMS.keys()


def test_the_readme_shows_as_many_alarms_as_there_are() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert re.findall(r"^Alarms +(.+)$", readme, re.M) == [f"{len(ALARMS)} OK"], (
        f"README.md, the output of make status: {len(ALARMS)} OK."
    )


@pytest.mark.parametrize("title", ALARMS)
def test_an_alarm_tells_the_topic_and_takes_silence_as_good(title: str) -> None:
    alarm = ALARMS[title]
    (told,) = alarm["AlarmActions"]
    name, holes = RESOURCES["NotificationTopic"]["Properties"]["TopicName"]["Fn::Sub"]
    if told != {"Ref": "NotificationTopic"}:
        arn = "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:"
        assert told == {"Fn::Sub": [f"{arn}{name}", holes]}
    assert alarm["TreatMissingData"] == "notBreaching"
    assert alarm["AlarmDescription"].endswith(".")
    assert alarm.get("Period", 300) == 300


def test_one_parameter_turns_all_of_it_off() -> None:
    watching = {
        title: resource.get("Condition")
        for title, resource in RESOURCES.items()
        if resource["Type"].startswith("AWS::CloudWatch::") or title in FILTERS
    }
    assert set(watching.values()) == {"IsMonitored", "IsWebAclMonitored"}
    conditions = SINGLE["Conditions"]
    assert conditions["IsMonitored"] == {
        "Fn::Equals": [{"Ref": "EnableMonitoring"}, "true"]
    }
    assert {"Condition": "IsMonitored"} in conditions["IsWebAclMonitored"]["Fn::And"]


def test_the_web_acl_measures_under_the_name_that_is_watched() -> None:
    (dimension,) = [
        each
        for each in ALARMS["BlockedRequestsAlarm"]["Dimensions"]
        if each["Name"] == "WebACL"
    ]
    visibility = RESOURCES["WebAcl"]["Properties"]["VisibilityConfig"]
    assert visibility["MetricName"] == dimension["Value"]
    assert visibility["CloudWatchMetricsEnabled"] is True


def test_a_failed_sign_in_is_one_that_is_no_success() -> None:
    returned, total, part = ALARMS["SignInFailuresAlarm"]["Metrics"]
    assert returned["Expression"] == f"{total['Id']} - {part['Id']}"
    assert (total["MetricStat"]["Stat"], part["MetricStat"]["Stat"]) == (
        "SampleCount",
        "Sum",
    )
    assert [q["ReturnData"] for q in (returned, total, part)] == [True, False, False]


def test_an_email_that_was_not_sent_is_counted_and_a_sign_in_is_not() -> None:
    pattern = FILTERS["UndeliveredEmailsFilter"]["FilterPattern"]
    counts = matcher(pattern)
    assert pattern == monitoring.UNDELIVERED
    assert counts(json.dumps(UNDELIVERED))
    assert not counts(json.dumps(SIGNED_IN))
    assert not counts(json.dumps({**UNDELIVERED, "logLevel": "INFO"}))


class Refusing:
    """Stands for AWS: every service refuses, or takes longer than there is time."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, _: str) -> Any:
        raise self.error


def lines_of_a_repair(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> list[str]:
    """Return the lines that the function itself writes when it gives up."""
    monkeypatch.setattr(workforce, "Aws", lambda _: Refusing(error))
    monkeypatch.setattr(workforce, "time", SimpleNamespace(sleep=lambda _: None))
    request = {"StackIds": ["arn:aws:cloudformation:us-east-1:1:stack/labels/uuid"]}
    deadline = SimpleNamespace(waits_for="SageMaker")
    with pytest.raises(workforce.RepairFailed):
        workforce.repair(request, deadline)  # type: ignore[arg-type]
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("error", "tries"), [(workforce.Failure("No."), 6), (workforce.OutOfTime(), 0)]
)
def test_a_repair_that_is_given_up_is_counted_once(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    tries: int,
) -> None:
    lines = lines_of_a_repair(capsys, monkeypatch, error)
    counts = matcher(FILTERS["RepairFailuresFilter"]["FilterPattern"])
    assert [counts(line) for line in lines] == [False] * tries + [True]


def test_the_function_is_told_of_before_lambda_ends_it() -> None:
    threshold = ALARMS["WorkforceFunctionTimeOutsAlarm"]["Threshold"]
    timeout = RESOURCES["WorkforceFunction"]["Properties"]["Timeout"]
    # It does not begin a pause that would end after its time for calls.
    shortest = timeout - workforce.SECONDS_WITHOUT_CALLS
    shortest -= workforce.LONGEST_PAUSE_SECONDS
    assert threshold == shortest * 1000


def drawn() -> list[Any]:
    """Return each line of the dashboard's graphs, its holes named as they are."""
    text, _ = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    return [
        line
        for widget in json.loads(text)["widgets"]
        for line in widget["properties"].get("metrics", [])
    ]


def line_of(metric: dict[str, Any], statistic: str) -> list[Any]:
    """Return the line that draws what an alarm looks at."""
    dimensions = metric.get("Dimensions", [])
    named = [text for each in dimensions for text in (each["Name"], each["Value"])]
    return [metric["Namespace"], metric["MetricName"], *named, {"stat": statistic}]


def test_the_dashboard_draws_the_metrics_of_every_alarm_and_none_twice() -> None:
    holes = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"][1]
    values = {f"${{{name}}}": value for name, value in holes.items()}
    lines = [[values.get(str(part), part) for part in line] for line in drawn()]
    watched = [(title, line_of(metric, how)) for title, metric, how in looked_at()]
    assert [title for title, line in watched if line not in lines] == []
    assert [line for line in lines if lines.count(line) > 1] == []


def test_the_dashboard_draws_only_what_is_measured() -> None:
    for namespace, name, *dimensions, how in drawn():
        if namespace == "${Namespace}":
            assert not dimensions
            continue
        documented, statistics = DOCUMENTED[namespace, name]
        assert sorted(dimensions[::2]) == documented
        assert how["stat"] in statistics


def test_the_dashboard_shows_every_alarm_that_there_is_in_any_case() -> None:
    holes = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"][1]
    shown = json.dumps(holes["Alarms"])
    names = [alarm["AlarmName"]["Fn::Sub"][0] for alarm in ALARMS.values()]
    assert len(set(names)) == len(ALARMS)
    missing = [name for name in names if f":alarm:{name}" not in shown]
    assert missing == ["private-workforce-${StackUuid}-BlockedRequests"]
