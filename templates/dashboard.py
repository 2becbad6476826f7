"""What the dashboard is, in one form: alarms, graphs, the last failures of a log.

What is shown is said once in ``monitoring.py``. The form is "Dashboard body structure
and syntax" (CloudWatch API reference).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from troposphere import If, Join, Sub, Template, cloudwatch, logs

from templates import alarms, identifiers
from templates.alarms import Metric
from templates.wiring import Produced, Value

#: "CloudWatch Logs Insights language query syntax" (CloudWatch Logs User Guide).
_LAST_FAILURES = {
    "title": "Failures of the function",
    "region": "${AWS::Region}",
    "view": "table",
    "query": (
        "SOURCE '${LogGroup}' | fields @timestamp, event, reason "
        '| filter event = "repair-failed" or status = "FAILED" '
        "| sort @timestamp desc | limit 20"
    ),
}


def add_to(
    template: Template,
    *,
    alarm_arns: list[Value],
    graphs: Mapping[str, Iterable[Metric]],
    log_group: logs.LogGroup,
    root_stack_id: Value,
    condition: str,
) -> Produced:
    """Add the dashboard where its condition holds; return its address.

    Args:
        template: the template that gets it.
        alarm_arns: the alarms whose states it shows.
        graphs: the metrics of each graph, by its title.
        log_group: the log whose last failures it shows.
        root_stack_id: whose UUID is in its name.
        condition: the condition of the template on which there is one.
    """
    holes: dict[str, Value] = {
        "Alarms": Join('","', alarm_arns),
        "LogGroup": log_group.ref(),
    }
    widgets = [
        _widget("alarm", 3, {"title": "Alarms", "alarms": ["${Alarms}"]}),
        *(_graph(title, metrics, holes) for title, metrics in graphs.items()),
        _widget("log", 6, _LAST_FAILURES, width=24),
    ]
    dashboard = template.add_resource(
        cloudwatch.Dashboard(
            "Dashboard",
            Condition=condition,
            DashboardName=Sub(
                "private-workforce-${StackUuid}",
                StackUuid=identifiers.uuid_of(root_stack_id),
            ),
            DashboardBody=Sub(json.dumps({"widgets": widgets}, indent=1), holes),
        )
    )
    address = Sub(
        "https://${AWS::Region}.console.aws.amazon.com/cloudwatch/home"
        "?region=${AWS::Region}#dashboards:name=${Name}",
        Name=dashboard.ref(),
    )
    return Produced(
        "Address of the dashboard; empty without monitoring",
        If(condition, address, ""),
    )


def _graph(
    title: str, metrics: Iterable[Metric], holes: dict[str, Value]
) -> dict[str, object]:
    """Return the graph of some metrics, and fill the holes of its text."""
    return _widget(
        "metric",
        6,
        {
            "title": title,
            "region": "${AWS::Region}",
            "period": alarms.PERIOD_IN_SECONDS,
            "view": "timeSeries",
            "metrics": [_line(metric, holes) for metric in metrics],
        },
        width=8,
    )


def _line(metric: Metric, holes: dict[str, Value]) -> list[object]:
    """Return a metric as "Metrics array" (CloudWatch dashboard body) has it."""
    namespace = _text("Namespace", metric.namespace, holes)
    dimensions = [
        text
        for name, value in metric.dimensions.items()
        for text in (name, _text(name, value, holes))
    ]
    return [namespace, metric.name, *dimensions, {"stat": metric.statistic}]


def _text(hole: str, value: Value, holes: dict[str, Value]) -> str:
    """Return a value as text; what is known only later fills a hole of that name."""
    if isinstance(value, str):
        return value
    holes[hole] = value
    return f"${{{hole}}}"


def _widget(
    type_: str, height: int, properties: Mapping[str, object], *, width: int = 24
) -> dict[str, object]:
    return {"type": type_, "width": width, "height": height, "properties": properties}
