"""Amazon CloudWatch where the library watches less than AWS.

An alarm looks at its own metric only, dimensions included, and at one period after the
other; it may be about an expression; and it tells a topic only with the topic's leave.
A metric filter counts the lines that match its pattern.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local_aws import hooks
from local_aws.cloudwatch import alarms, metric_filters

_REPLACED: dict[str, Callable[[Any], Any]] = {
    "ministack.services.cloudwatch:_evaluate_alarm": alarms.evaluating,
    "ministack.services.cloudwatch:_dispatch_alarm_actions": alarms.asking_the_topic,
    "ministack.services.cloudwatch:record_metric": alarms.evaluating_after,
    "ministack.services.cloudwatch:_describe_alarms": alarms.evaluating_before,
    "ministack.services.cloudformation.provisioners:_cw_metric_alarm_record": (
        alarms.with_expressions
    ),
    "ministack.services.cloudwatch_logs:_put_metric_filter": (
        metric_filters.refusing_unknown_patterns
    ),
    "ministack.services.cloudwatch_logs:_append_log_events": metric_filters.counting,
}

HOOKS = (
    *_REPLACED,
    "ministack.services.cloudwatch:_alarms",
    "ministack.services.cloudwatch:_metrics",
    "ministack.services.cloudwatch:_calc_stats",
    "ministack.services.cloudwatch:_dims_from_list",
    "ministack.services.cloudwatch:_dims_key",
    "ministack.services.cloudwatch:_evaluate_all_alarms",
    "ministack.services.cloudwatch:_evaluate_parent_alarms",
    "ministack.services.cloudwatch:_record_history",
    "ministack.services.cloudwatch:_stat_value",
    "ministack.services.cloudwatch_logs:_log_groups",
    "ministack.services.cloudwatch_logs:_metric_filters",
    "ministack.services.sns:topic_policy_allows",
)


def install() -> None:
    """Put the stricter watch into the library."""
    for name, make in _REPLACED.items():
        hooks.replace(name, make)
