"""Who is told: the topic of the set, and the alarms of its function.

The topic has no key of the customer's: SageMaker and CloudWatch would need rights on
that key, and without them creating a work team fails.
"""

from __future__ import annotations

from awacs.aws import PolicyDocument
from troposphere import AWS_NO_VALUE, If, Ref, Template, awslambda, cloudwatch, sns

from templates import iam, parameters

POLICY = "NotificationTopicPolicy"


def add_topic(template: Template) -> sns.Topic:
    """Add the topic, the right to publish to it, and the operator's subscription."""
    email = parameters.NOTIFICATION_EMAIL
    topic = template.add_resource(
        sns.Topic(
            "NotificationTopic",
            Subscription=If(
                email.given(template),
                [sns.Subscription(Endpoint=email.ref(template), Protocol="email")],
                Ref(AWS_NO_VALUE),
            ),
        )
    )
    template.add_resource(
        sns.TopicPolicy(
            POLICY,
            Topics=[topic.ref()],
            PolicyDocument=PolicyDocument(
                Version="2012-10-17", Statement=iam.publish_to(topic.ref())
            ),
        )
    )
    return topic


def add_alarms(
    template: Template, function: awslambda.Function, topic: sns.Topic
) -> tuple[cloudwatch.Alarm, ...]:
    """Add the alarms for a repair that failed, or that was never begun.

    A request of CloudFormation that fails is answered, and is no error of the function.
    """
    return (
        _add_alarm(
            template,
            "WorkforceFunctionErrorsAlarm",
            metric="Errors",
            description=(
                "The function could not repair the sign-in, or could not answer "
                "CloudFormation. Its log says why; workers may be unable to sign in."
            ),
            function=function,
            topic=topic,
        ),
        _add_alarm(
            template,
            "WorkforceFunctionDroppedEventsAlarm",
            metric="AsyncEventsDropped",
            description=(
                "Lambda dropped a request to the function before running it. Update "
                "the stack to repair the sign-in; workers may be unable to sign in."
            ),
            function=function,
            topic=topic,
        ),
    )


def _add_alarm(
    template: Template,
    title: str,
    *,
    metric: str,
    description: str,
    function: awslambda.Function,
    topic: sns.Topic,
) -> cloudwatch.Alarm:
    return template.add_resource(
        cloudwatch.Alarm(
            title,
            AlarmDescription=description,
            Namespace="AWS/Lambda",
            MetricName=metric,
            Dimensions=[
                cloudwatch.MetricDimension(Name="FunctionName", Value=function.ref())
            ],
            Statistic="Sum",
            Period=300,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="notBreaching",
            AlarmActions=[topic.ref()],
        )
    )
