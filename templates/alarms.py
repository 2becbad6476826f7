"""What a metric, an alarm and a metric filter are in this set, each in one form.

An alarm looks at five minutes, takes silence as good, tells the topic when it goes off,
and its metrics are on a graph. Which alarms there are is said in ``monitoring.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from troposphere import Sub, Template, cloudwatch, logs

from templates import identifiers
from templates.wiring import Value

PERIOD_IN_SECONDS = 300


class Metric(NamedTuple):
    """One metric of CloudWatch, and how its values of a period become one."""

    namespace: Value
    name: str
    dimensions: Mapping[str, Value]
    statistic: str = "Sum"

    def as_property(self) -> dict[str, Any]:
        """Return the properties that name the metric in a resource."""
        dimensions = [
            cloudwatch.MetricDimension(Name=name, Value=value)
            for name, value in self.dimensions.items()
        ]
        return {
            "Namespace": self.namespace,
            "MetricName": self.name,
            **({"Dimensions": dimensions} if dimensions else {}),
        }


class Difference(NamedTuple):
    """How much more one metric has than another, as of all requests those that fail."""

    total: Metric
    part: Metric


class Alarm(NamedTuple):
    """An alarm: what it looks at, from which value on, and what it tells."""

    title: str
    metric: Metric | Difference
    threshold: int
    description: str
    condition: str
    graph: str
    """The title of the graph that draws its metrics."""

    @property
    def metrics(self) -> list[Metric]:
        """The metrics that it looks at."""
        if isinstance(self.metric, Metric):
            return [self.metric]
        return [self.metric.total, self.metric.part]

    def arn(self, root_stack_id: Value) -> Sub:
        """Return the ARN, which whoever knows the root stack can tell."""
        return self._with_uuid(
            "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}"
            f":alarm:{self._name}",
            root_stack_id,
        )

    def add_to(
        self, template: Template, topic_arn: Value, root_stack_id: Value
    ) -> cloudwatch.Alarm:
        """Add the alarm where its condition holds; it tells the topic."""
        return template.add_resource(
            cloudwatch.Alarm(
                self.title,
                Condition=self.condition,
                AlarmName=self._with_uuid(self._name, root_stack_id),
                AlarmDescription=self.description,
                **self._looks_at(),
                EvaluationPeriods=1,
                Threshold=self.threshold,
                ComparisonOperator="GreaterThanOrEqualToThreshold",
                TreatMissingData="notBreaching",
                AlarmActions=[topic_arn],
            )
        )

    @property
    def _name(self) -> str:
        return f"private-workforce-${{StackUuid}}-{self.title.removesuffix('Alarm')}"

    @staticmethod
    def _with_uuid(text: str, root_stack_id: Value) -> Sub:
        return Sub(text, StackUuid=identifiers.uuid_of(root_stack_id))

    def _looks_at(self) -> dict[str, Any]:
        if isinstance(self.metric, Metric):
            return {
                **self.metric.as_property(),
                "Statistic": self.metric.statistic,
                "Period": PERIOD_IN_SECONDS,
            }
        return {
            "Metrics": [
                cloudwatch.MetricDataQuery(
                    Id="difference",
                    Expression="total - part",
                    Label=self.title,
                    ReturnData=True,
                ),
                _query("total", self.metric.total),
                _query("part", self.metric.part),
            ]
        }


def _query(id: str, metric: Metric) -> cloudwatch.MetricDataQuery:
    return cloudwatch.MetricDataQuery(
        Id=id,
        MetricStat=cloudwatch.MetricStat(
            Metric=cloudwatch.Metric("Metric", **metric.as_property()),
            Period=PERIOD_IN_SECONDS,
            Stat=metric.statistic,
        ),
        ReturnData=False,
    )


def counted_lines(root_stack_id: Value, name: str) -> Metric:
    """Return the metric that counts lines of a log; no other set writes it.

    A metric filter takes dimensions only from the lines themselves, so the set's UUID
    is in the namespace.
    """
    namespace = Sub(
        "PrivateWorkforce/${StackUuid}", StackUuid=identifiers.uuid_of(root_stack_id)
    )
    return Metric(namespace, name, {})


def add_filter(
    template: Template,
    title: str,
    *,
    log_group: logs.LogGroup,
    pattern: str,
    counts: Metric,
    condition: str,
) -> logs.MetricFilter:
    """Add the filter that counts the lines of a log that match a pattern.

    "Filter pattern syntax for metric filters" (CloudWatch Logs User Guide).
    """
    return template.add_resource(
        logs.MetricFilter(
            title,
            Condition=condition,
            LogGroupName=log_group.ref(),
            FilterPattern=pattern,
            MetricTransformations=[
                logs.MetricTransformation(
                    MetricNamespace=counts.namespace,
                    MetricName=counts.name,
                    MetricValue="1",
                )
            ],
        )
    )
