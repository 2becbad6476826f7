"""Alarms: what they look at, when they go off, and whom they may tell.

Sources: "Concepts", "Evaluating an alarm" and "Configuring how CloudWatch alarms treat
missing data" (CloudWatch User Guide), PutMetricAlarm (CloudWatch API reference). AWS
evaluates every minute; here it happens when a value comes, and when somebody looks a
minute after the last change.
Periods end at the moment of evaluation, instead of at full minutes.
"""

from __future__ import annotations

import ast
import operator
import time
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core import responses
from ministack.services import cloudwatch, sns

Alarm = dict[str, Any]

_MINUTE = 60

_IS_BREACHING: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def evaluating(original: Callable[[Alarm], None]) -> Callable[[Alarm], None]:
    """Replace the evaluation, which takes every dimension and one period only."""

    def evaluate(alarm: Alarm) -> None:
        compare = _IS_BREACHING.get(alarm.get("ComparisonOperator", ""))
        if compare is None:
            original(alarm)
            return
        threshold = float(alarm["Threshold"])
        values = _values(alarm, time.time())
        wanted = int(alarm.get("DatapointsToAlarm") or len(values))
        breaching = [
            _is_breaching(value, threshold, compare, alarm) for value in values
        ]
        if not any(breach is not None for breach in breaching):
            if alarm.get("TreatMissingData") == "ignore":
                return
            state = "INSUFFICIENT_DATA"
        else:
            state = "ALARM" if breaching.count(True) >= wanted else "OK"
        seen = [value for value in values if value is not None]
        _go_to(
            alarm, state, f"Threshold Crossed: {seen} {compare.__name__} {threshold}"
        )

    return evaluate


def _is_breaching(
    value: float | None,
    threshold: float,
    compare: Callable[[float, float], bool],
    alarm: Alarm,
) -> bool | None:
    if value is not None:
        return compare(value, threshold)
    treated = {"breaching": True, "notBreaching": False}
    return treated.get(alarm.get("TreatMissingData", "missing"))


def _values(alarm: Alarm, now: float) -> list[float | None]:
    """Return the value of each of the last periods, the newest first."""
    queries = alarm.get("Metrics")
    period = _period(queries) if queries else int(alarm["Period"])
    return [
        _value(alarm, now - (number + 1) * period, now - number * period)
        for number in range(int(alarm.get("EvaluationPeriods", 1)))
    ]


def _period(queries: list[Mapping[str, Any]]) -> int:
    return next(int(q["MetricStat"]["Period"]) for q in queries if "MetricStat" in q)


def _value(alarm: Alarm, start: float, end: float) -> float | None:
    queries = alarm.get("Metrics")
    if not queries:
        statistic = alarm.get("ExtendedStatistic") or alarm["Statistic"]
        return _statistic(alarm, statistic, start, end)
    known: dict[str, float | None] = {}
    for query in queries:
        if stat := query.get("MetricStat"):
            known[query["Id"]] = _statistic(stat["Metric"], stat["Stat"], start, end)
    (returned,) = [query for query in queries if query.get("ReturnData", True)]
    return evaluated(returned["Expression"], known)


def _statistic(
    metric: Mapping[str, Any], statistic: str, start: float, end: float
) -> float | None:
    dimensions = cloudwatch._dims_from_list(metric.get("Dimensions") or [])
    key = (
        metric["Namespace"],
        metric["MetricName"],
        cloudwatch._dims_key(dimensions),
    )
    points = [
        point
        for point in cloudwatch._metrics.get(key) or []
        if start < point["Timestamp"] <= end
    ]
    if not points:
        return None
    stats = cloudwatch._calc_stats(points)
    value: float | None = cloudwatch._stat_value(stats, statistic, points)
    return value


def evaluated(expression: str, known: Mapping[str, float | None]) -> float | None:
    """Return the value of arithmetic on other metrics, or None where one is missing.

    Raises ValueError for what is more than that, or names no metric: functions of
    metric math are not modelled, and must not seem to work.
    """

    def value(node: ast.AST) -> float | None:
        match node:
            case ast.Expression():
                return value(node.body)
            case ast.BinOp() if type(node.op) in _ARITHMETIC:
                left, right = value(node.left), value(node.right)
                if left is None or right is None:
                    return None
                return _ARITHMETIC[type(node.op)](left, right)
            case ast.Name() if node.id in known:
                return known[node.id]
            case ast.Constant() if isinstance(node.value, int | float):
                return float(node.value)
        raise ValueError(f"The embedded AWS cannot evaluate {expression!r}.")

    try:
        tree = ast.parse(expression, mode="eval")
    except SyntaxError:
        raise ValueError(f"The embedded AWS cannot read {expression!r}.") from None
    return value(tree)


def _go_to(alarm: Alarm, state: str, reason: str) -> None:
    old = alarm["StateValue"]
    if old == state:
        return
    alarm["StateValue"] = state
    alarm["StateReason"] = reason
    alarm["StateUpdatedTimestamp"] = int(time.time())
    cloudwatch._record_history(alarm["AlarmName"], old, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, old, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def asking_the_topic(original: Callable[..., None]) -> Callable[..., None]:
    """Wrap the actions: CloudWatch publishes only where the topic's policy lets it."""

    def dispatch(alarm: Alarm, old: str, new: str, reason: str) -> None:
        allowed = {
            member: [arn for arn in alarm.get(member) or [] if _may_tell(alarm, arn)]
            for member in ("AlarmActions", "OKActions", "InsufficientDataActions")
        }
        original({**alarm, **allowed}, old, new, reason)

    return dispatch


def _may_tell(alarm: Alarm, arn: str) -> bool:
    return ":sns:" not in arn or sns.topic_policy_allows(
        arn,
        "cloudwatch.amazonaws.com",
        alarm["AlarmArn"],
        responses.get_account_id(),
    )


def evaluating_after(original: Callable[..., None]) -> Callable[..., None]:
    """Wrap what records a value of a service's metric: the alarms look at once."""

    def record(*arguments: Any, **named: Any) -> None:
        original(*arguments, **named)
        cloudwatch._evaluate_all_alarms()

    return record


def evaluating_before(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap DescribeAlarms: time may have passed since the last value.

    A state that was set (SetAlarmState) stays until the next evaluation.
    """

    def describe(*arguments: Any, **named: Any) -> Any:
        for alarm in list(cloudwatch._alarms.values()):
            if time.time() - alarm["StateUpdatedTimestamp"] >= _MINUTE:
                cloudwatch._evaluate_alarm(alarm)
        return original(*arguments, **named)

    return describe


def with_expressions(
    original: Callable[[str, Mapping[str, Any]], Alarm],
) -> Callable[[str, Mapping[str, Any]], Alarm]:
    """Wrap the alarm of a template: it may be about an expression of metrics.

    The registry's schema is checked before; here what PutMetricAlarm refuses besides.
    """

    def record(name: str, properties: Mapping[str, Any]) -> Alarm:
        queries = properties.get("Metrics")
        if not queries:
            return original(name, properties)
        if sum(bool(query.get("ReturnData", True)) for query in queries) != 1:
            raise ValueError(
                "Exactly one element of the metrics list should return data."
            )
        placeholder = {"MetricName": "-", "Namespace": "-"}
        alarm = original(name, {**properties, **placeholder, "Metrics": None})
        for member in ("MetricName", "Namespace", "Statistic", "Period", "Dimensions"):
            del alarm[member]
        alarm["Metrics"] = [_with_types(query) for query in queries]
        stats = [query for query in alarm["Metrics"] if "MetricStat" in query]
        (returned,) = [query for query in alarm["Metrics"] if query["ReturnData"]]
        evaluated(returned["Expression"], {query["Id"]: 0.0 for query in stats})
        return alarm

    return record


def _with_types(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return a query whose flags are booleans and whose period is a number."""
    typed = {
        **query,
        "ReturnData": str(query.get("ReturnData", True)).lower() == "true",
    }
    if stat := query.get("MetricStat"):
        typed["MetricStat"] = {**stat, "Period": int(stat["Period"])}
    return typed
