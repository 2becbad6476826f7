"""The log that Cognito writes: sign-ins, and e-mails that could not be delivered.

The log group has no key of the customer's: Cognito refuses an encrypted one
("CloudWatchLogsConfigurationType", Cognito API reference).
"""

from __future__ import annotations

import json

from troposphere import AWS_NO_VALUE, If, Ref, Sub, Template, cognito, logs

from templates import identifiers, parameters, plan
from templates.accepted import accepted
from templates.wiring import Value

#: The last resource here; who needs the log waits for it.
DELIVERY = "LogDeliveryConfiguration"

#: "Enable logging from AWS services" (CloudWatch Logs User Guide).
_DELIVERY_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "DeliverLogs",
            "Effect": "Allow",
            "Principal": {"Service": "delivery.logs.amazonaws.com"},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": (
                "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}"
                ":log-group:${LogGroup}:log-stream:*"
            ),
            "Condition": {
                "StringEquals": {"aws:SourceAccount": "${AWS::AccountId}"},
                "ArnLike": {
                    "aws:SourceArn": (
                        "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*"
                    )
                },
            },
        }
    ],
}


def add_to(
    template: Template, user_pool: cognito.UserPool, root_stack_id: Value
) -> logs.LogGroup:
    """Add the log group, the right to write to it, and the delivery."""
    log_group = _add_log_group(template, root_stack_id)
    policy = _add_policy(template, log_group, root_stack_id)
    _add_delivery(template, user_pool, log_group, policy)
    return log_group


def _add_log_group(template: Template, root_stack_id: Value) -> logs.LogGroup:
    return template.add_resource(
        logs.LogGroup(
            "ActivityLogGroup",
            Metadata=accepted(
                {
                    "CKV_AWS_158": (
                        "Cognito refuses a log group with a customer key; AWS's own "
                        "encryption is on"
                    ),
                }
            ),
            # Of groups under /aws/vendedlogs/, log delivery keeps one statement in
            # the Region's policy instead of one each, which others may have filled
            # ("Enable logging from AWS services", CloudWatch Logs User Guide).
            LogGroupName=Sub(
                "/aws/vendedlogs/private-workforce/${StackUuid}",
                StackUuid=identifiers.uuid_of(root_stack_id),
            ),
            RetentionInDays=parameters.LOG_RETENTION_IN_DAYS.ref(template),
            DeletionPolicy="Delete",
            UpdateReplacePolicy="Delete",
        )
    )


def _add_policy(
    template: Template, log_group: logs.LogGroup, root_stack_id: Value
) -> logs.ResourcePolicy:
    return template.add_resource(
        logs.ResourcePolicy(
            "ActivityLogPolicy",
            PolicyName=Sub(
                "private-workforce-${StackUuid}",
                StackUuid=identifiers.uuid_of(root_stack_id),
            ),
            # The type takes the document as text.
            PolicyDocument=Sub(
                json.dumps(_DELIVERY_POLICY, indent=2), LogGroup=log_group.ref()
            ),
        )
    )


def _add_delivery(
    template: Template,
    user_pool: cognito.UserPool,
    log_group: logs.LogGroup,
    policy: logs.ResourcePolicy,
) -> None:
    destination = cognito.CloudWatchLogsConfiguration(
        LogGroupArn=Sub(
            "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}"
            ":log-group:${LogGroup}",
            LogGroup=log_group.ref(),
        )
    )
    template.add_resource(
        cognito.LogDeliveryConfiguration(
            DELIVERY,
            DependsOn=[policy.title],
            UserPoolId=user_pool.ref(),
            LogConfigurations=[
                cognito.LogConfiguration(
                    EventSource="userNotification",
                    LogLevel="ERROR",
                    CloudWatchLogsConfiguration=destination,
                ),
                If(
                    plan.has_activity_logs(template),
                    cognito.LogConfiguration(
                        EventSource="userAuthEvents",
                        LogLevel="INFO",
                        CloudWatchLogsConfiguration=destination,
                    ),
                    Ref(AWS_NO_VALUE),
                ),
            ],
        )
    )
