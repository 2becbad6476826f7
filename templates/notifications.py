"""Who is told: the topic of the set, for alarms and for work of the teams.

The topic has no key of the customer's: SageMaker and CloudWatch would need rights on
that key, and without them creating a work team fails.
"""

from __future__ import annotations

from awacs.aws import PolicyDocument
from troposphere import AWS_NO_VALUE, If, Ref, Sub, Template, sns

from templates import iam, identifiers, parameters
from templates.accepted import accepted
from templates.wiring import Value

POLICY = "NotificationTopicPolicy"


_NAME = "private-workforce-${StackUuid}"


def topic_arn(root_stack_id: Value) -> Sub:
    """Return the topic's ARN, which base knows before there is a topic."""
    return Sub(
        f"arn:${{AWS::Partition}}:sns:${{AWS::Region}}:${{AWS::AccountId}}:{_NAME}",
        StackUuid=identifiers.uuid_of(root_stack_id),
    )


def add_topic(template: Template, root_stack_id: Value) -> sns.Topic:
    """Add the topic, the right to publish to it, and the operator's subscription."""
    email = parameters.NOTIFICATION_EMAIL
    topic = template.add_resource(
        sns.Topic(
            "NotificationTopic",
            Metadata=accepted(
                {
                    "CKV_AWS_26": (
                        "SageMaker and CloudWatch would need rights on the key, and "
                        "without them creating a work team fails"
                    ),
                    "AwsSolutions-SNS3": (
                        "only SageMaker and CloudWatch may publish, and AWS "
                        "services use TLS"
                    ),
                }
            ),
            TopicName=Sub(_NAME, StackUuid=identifiers.uuid_of(root_stack_id)),
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
