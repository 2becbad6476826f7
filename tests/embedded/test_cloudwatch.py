"""Alarms and metric filters of the embedded AWS are no more lenient than AWS's."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.cloudwatch.alarms import evaluated
from local_aws.cloudwatch.filter_patterns import UnknownPattern, matcher
from tests.embedded.prepared import client
from tests.listening_queue import ListeningQueue

LINE = json.dumps({"a": {"b": "text"}, "n": 5, "t": True, "z": None, "l": ["x"]})


@pytest.mark.parametrize(
    ("pattern", "is_matched"),
    [
        ('{ $.a.b = "text" }', True),
        ("{ $.a.b = text }", True),
        ('{ $.a.b = "te*" }', True),
        ('{ $.a.b = "Text" }', False),
        ('{ $.a.b != "text" }', False),
        ('{ $.missing = "text" }', False),
        ('{ $.a.b = "text" && $.n > 5 }', False),
        ('{ $.a.b = "text" && $.n >= 5 }', True),
        ('{ $.n = 6 || $.l[0] = "x" }', True),
        ('{ ($.n = 6 || $.n = 5) && $.a.b = "no" }', False),
        ("{ $.z IS NULL }", True),
        ("{ $.a EXISTS }", True),
        ("{ $.b EXISTS }", False),
        ("{ $.t = TRUE }", True),
        ("{ $.a.b > 1 }", False),
    ],
)
def test_a_pattern_matches_what_it_says(pattern: str, is_matched: bool) -> None:
    assert matcher(pattern)(LINE) is is_matched


def test_a_line_that_is_no_json_matches_no_pattern_for_json() -> None:
    assert not matcher("{ $.a != 1 }")("START RequestId: 1")


@pytest.mark.parametrize(
    "pattern",
    ["", "ERROR", "{ $.a }", '{ $.a = "x" && }', '{ $.a == "x" }', "{ a = 1 }"],
)
def test_a_pattern_that_is_not_understood_is_refused(aws: Any, pattern: str) -> None:
    with pytest.raises(UnknownPattern):
        matcher(pattern)
    logs = client(aws, "logs")
    logs.create_log_group(logGroupName="lines")
    with pytest.raises(ClientError, match="Invalid metric filter pattern"):
        put_filter(logs, pattern)


def put_filter(logs: Any, pattern: str) -> None:
    logs.put_metric_filter(
        logGroupName="lines",
        filterName="errors",
        filterPattern=pattern,
        metricTransformations=[
            {"metricNamespace": "Own", "metricName": "Errors", "metricValue": "1"}
        ],
    )


def put_alarm(cloudwatch: Any, **changed: Any) -> None:
    wanted = {
        "AlarmName": "errors",
        "Namespace": "Own",
        "MetricName": "Errors",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 2,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    }
    cloudwatch.put_metric_alarm(**wanted | changed)


def measure(cloudwatch: Any, value: float, *, ago: int = 0, **dimensions: str) -> None:
    cloudwatch.put_metric_data(
        Namespace="Own",
        MetricData=[
            {
                "MetricName": "Errors",
                "Value": value,
                "Timestamp": time.time() - ago,
                "Dimensions": [
                    {"Name": name, "Value": value} for name, value in dimensions.items()
                ],
            }
        ],
    )


def state(cloudwatch: Any) -> str:
    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
    return str(alarm["StateValue"])


def test_without_a_value_an_alarm_does_not_know(aws: Any) -> None:
    cloudwatch = client(aws, "cloudwatch")
    put_alarm(cloudwatch)
    assert state(cloudwatch) == "INSUFFICIENT_DATA"
    put_alarm(cloudwatch, TreatMissingData="notBreaching")
    assert state(cloudwatch) == "OK"
    put_alarm(cloudwatch, TreatMissingData="breaching")
    assert state(cloudwatch) == "ALARM"


def test_an_alarm_looks_at_its_own_dimensions_only(aws: Any) -> None:
    cloudwatch = client(aws, "cloudwatch")
    put_alarm(cloudwatch, Dimensions=[{"Name": "Of", "Value": "mine"}])
    measure(cloudwatch, 5)
    measure(cloudwatch, 5, Of="yours")
    assert state(cloudwatch) == "INSUFFICIENT_DATA"
    measure(cloudwatch, 5, Of="mine")
    assert state(cloudwatch) == "ALARM"


def test_an_alarm_looks_at_each_period_by_itself(aws: Any) -> None:
    cloudwatch = client(aws, "cloudwatch")
    put_alarm(cloudwatch, EvaluationPeriods=2, DatapointsToAlarm=2)
    measure(cloudwatch, 1)
    measure(cloudwatch, 1, ago=70)
    assert state(cloudwatch) == "OK"
    measure(cloudwatch, 1)
    assert state(cloudwatch) == "OK"
    measure(cloudwatch, 1, ago=70)
    assert state(cloudwatch) == "ALARM"


def test_a_line_is_counted_once_and_only_after_the_filter_is_made(aws: Any) -> None:
    cloudwatch, logs = client(aws, "cloudwatch"), client(aws, "logs")
    logs.create_log_group(logGroupName="lines")
    logs.create_log_stream(logGroupName="lines", logStreamName="one")

    def write(*lines: str) -> None:
        logs.put_log_events(
            logGroupName="lines",
            logStreamName="one",
            logEvents=[
                {"timestamp": int(time.time() * 1000), "message": line}
                for line in lines
            ],
        )

    write('{"level": "ERROR"}')
    put_filter(logs, '{ $.level = "ERROR" }')
    put_alarm(cloudwatch)
    write('{"level": "ERROR"}', '{"level": "INFO"}')
    assert state(cloudwatch) == "OK"
    write('{"level": "ERROR"}')
    assert state(cloudwatch) == "ALARM"


@pytest.mark.parametrize("is_allowed", [True, False])
def test_an_alarm_tells_a_topic_only_with_its_leave(aws: Any, is_allowed: bool) -> None:
    sns = client(aws, "sns")
    topic = sns.create_topic(Name="told")["TopicArn"]
    service = "cloudwatch" if is_allowed else "sagemaker"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
    }
    sns.set_topic_attributes(
        TopicArn=topic,
        AttributeName="Policy",
        AttributeValue=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    queue = ListeningQueue.subscribed(aws, topic)
    put_alarm(
        client(aws, "cloudwatch"), TreatMissingData="breaching", AlarmActions=[topic]
    )
    assert state(client(aws, "cloudwatch")) == "ALARM"
    assert len(queue.told()) == is_allowed


def test_an_expression_is_arithmetic_and_misses_what_is_missing() -> None:
    assert evaluated("(a - b) / 2", {"a": 5.0, "b": 1.0}) == 2.0
    assert evaluated("a - b", {"a": 5.0, "b": None}) is None
    for unknown in ("SUM(METRICS())", "a - c", "a -", "a and b"):
        with pytest.raises(ValueError, match="cannot"):
            evaluated(unknown, {"a": 1.0, "b": 1.0})
