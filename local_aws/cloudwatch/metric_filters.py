"""Metric filters: a line that comes into a log group and matches is counted.

Source: "Creating metrics from log events using filters" (CloudWatch Logs User Guide).
Lines from before the filter are not counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ministack.core import responses
from ministack.services import cloudwatch, cloudwatch_logs

from local_aws.cloudwatch import filter_patterns


def refusing_unknown_patterns(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap PutMetricFilter, which takes every pattern and matches none."""

    def put(request: Mapping[str, Any]) -> Any:
        try:
            filter_patterns.matcher(str(request.get("filterPattern", "")))
        except filter_patterns.UnknownPattern:
            return responses.error_response_json(
                "InvalidParameterException", "Invalid metric filter pattern", 400
            )
        return original(request)

    return put


def counting(original: Callable[..., None]) -> Callable[..., None]:
    """Wrap what appends lines to a log stream, whoever writes them."""

    def append(stream: Any, events: Any) -> None:
        original(stream, events)
        group = _group_of(stream)
        filters = [
            each
            for (name, _), each in list(cloudwatch_logs._metric_filters.items())
            if name == group
        ]
        for each in filters:
            _count(each, [str(event["message"]) for event in events])

    return append


def _group_of(stream: Any) -> str | None:
    for name, group in cloudwatch_logs._log_groups.items():
        if any(each is stream for each in group["streams"].values()):
            return str(name)
    return None


def _count(metric_filter: Mapping[str, Any], lines: list[str]) -> None:
    matches = filter_patterns.matcher(metric_filter["filterPattern"])
    for line in lines:
        if not matches(line):
            continue
        for transformation in metric_filter["metricTransformations"]:
            cloudwatch.record_metric(
                transformation["metricNamespace"],
                transformation["metricName"],
                float(transformation["metricValue"]),
            )
