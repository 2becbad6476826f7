"""A queue that gets what a topic is told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from local_aws.process import EmbeddedAws


@dataclass(frozen=True)
class ListeningQueue:
    """A queue that is subscribed to a topic, with the right to be written to."""

    sqs: Any
    url: str

    @classmethod
    def subscribed(cls, aws: EmbeddedAws, topic_arn: str) -> ListeningQueue:
        """Make a queue and subscribe it to a topic."""
        sqs = aws.client("sqs")
        url = sqs.create_queue(QueueName="told")["QueueUrl"]
        names = ["QueueArn"]
        described = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)
        arn = described["Attributes"]["QueueArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
        }
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        sqs.set_queue_attributes(
            QueueUrl=url, Attributes={"Policy": json.dumps(policy)}
        )
        aws.client("sns").subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=arn)
        return cls(sqs, url)

    def told(self) -> list[dict[str, Any]]:
        """Return what alarms have told since the last look."""
        got = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
        messages = got.get("Messages", [])
        for message in messages:
            self.sqs.delete_message(
                QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"]
            )
        return [json.loads(json.loads(each["Body"])["Message"]) for each in messages]
