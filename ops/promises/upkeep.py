"""What keeps the set right and tells of what is wrong: stack, repair, alarms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ops.account_checks import Finding
from ops.deployed import Deployed
from ops.promises.telling import BY_HAND, DEPLOY_AGAIN, held


def stack(deployed: Deployed) -> Iterator[Finding]:
    """The stack rests, and is protected."""
    status = deployed.stack["StackStatus"]
    rests = status.endswith("_COMPLETE") and not status.startswith("DELETE")
    yield held(
        rests,
        f"The stack {deployed.name} is {status}.",
        f"The stack {deployed.name} is {status}.",
        "Wait for its end, or see what its events name; `make deploy` says more.",
    )
    if not deployed.stack.get("EnableTerminationProtection"):
        yield Finding(
            "warning",
            "The stack has no termination protection.",
            "`make deploy` turns it on.",
        )


def repair_rule(deployed: Deployed) -> Iterator[Finding]:
    """The rule that repairs the sign-in is on, and its function works."""
    rule = deployed.resources.get("SignInRepairRule")
    if rule is None:
        yield Finding("error", "The repair rule is gone.", DEPLOY_AGAIN)
        return
    events = deployed.account.client("events")
    state = "gone"
    targets: list[Any] = []
    try:
        state = events.describe_rule(Name=rule.physical_id)["State"]
        targets = events.list_targets_by_rule(Rule=rule.physical_id)["Targets"]
    except events.exceptions.ResourceNotFoundException:
        pass
    yield held(
        state == "ENABLED" and bool(targets),
        "The repair rule is on.",
        f"The repair rule is {state}, with {len(targets)} targets.",
        BY_HAND,
    )


def alarms(deployed: Deployed) -> Iterator[Finding]:
    """Each alarm is there, acts, and is off."""
    for resource in deployed.resources.values():
        if resource.kind != "AWS::CloudWatch::Alarm":
            continue
        alarm = deployed.alarms.get(resource.physical_id)
        name = resource.logical_id
        if alarm is None:
            yield Finding("error", f"The alarm {name} is gone.", DEPLOY_AGAIN)
        elif alarm["StateValue"] == "ALARM":
            yield Finding(
                "error",
                f"The alarm {name} is on: {alarm.get('StateReason', '')}",
                "docs/operations.md says what each alarm means.",
            )
        else:
            yield held(
                bool(alarm.get("ActionsEnabled") and alarm.get("AlarmActions")),
                f"The alarm {name} is off, and tells the topic when it is on.",
                f"The alarm {name} tells nobody.",
                BY_HAND,
            )


def notifications(deployed: Deployed) -> Iterator[Finding]:
    """The address that is told of alarms has confirmed that it wants to be."""
    email = deployed.parameters.get("NotificationEmail")
    if not email:
        yield Finding(
            "warning",
            "Nobody is told of alarms.",
            "Set NotificationEmail, or subscribe to the topic NotificationTopicArn.",
        )
        return
    pages = deployed.account.client("sns").get_paginator("list_subscriptions_by_topic")
    topic = deployed.outputs["NotificationTopicArn"]
    arns = [
        subscription["SubscriptionArn"]
        for page in pages.paginate(TopicArn=topic)
        for subscription in page["Subscriptions"]
        if subscription["Endpoint"] == email
    ]
    yield held(
        any(arn.startswith("arn:") for arn in arns),
        f"{email} is told of alarms.",
        f"{email} is not told of alarms: it has "
        + ("not confirmed its subscription." if arns else "no subscription."),
        "Confirm the subscription in the e-mail that AWS has sent, or subscribe again "
        "in the SNS console.",
    )
