"""The EventBridge event "CloudFormation Stack Status Change".

EventBridge receives one event for each change of a stack's status; that nested stacks
send their own is assumed. Shape: CloudFormation User Guide, "CloudFormation event
details reference". A rule reaches a function only if the function's policy allows it,
and the invocation is asynchronous, with its retries (EventBridge User Guide, "Using
resource-based policies").
"""

from __future__ import annotations

import contextvars
import fnmatch
import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import cloudformation, eventbridge, lambda_svc

from local_aws import settings

DETAIL_TYPE = "CloudFormation Stack Status Change"
_EVENTS = "events.amazonaws.com"


def put(stack_id: str, status: str, reason: str, token: str = "") -> None:
    """Tell EventBridge about a new status of a stack, after the delay that is set."""
    entry = {
        "Source": "aws.cloudformation",
        "DetailType": DETAIL_TYPE,
        "Resources": [stack_id],
        "Detail": json.dumps(
            {
                "stack-id": stack_id,
                "status-details": {"status": status, "status-reason": reason},
                "client-request-token": token,
            }
        ),
    }
    delay = settings.current().stack_event_delay_seconds
    if not delay:
        _put(stack_id, entry)
        return
    context = contextvars.copy_context()
    timer = threading.Timer(delay, context.run, args=(_put, stack_id, entry))
    timer.daemon = True
    timer.start()


def _put(stack_id: str, entry: Mapping[str, Any]) -> None:
    if stack_id in cloudformation._stack_events:
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def delivering(original: Callable[..., None]) -> Callable[..., None]:
    """Wrap the delivery to a rule's target: a function has to allow it."""

    def invoke_target(
        target: Mapping[str, Any],
        event: Any,
        rule: Mapping[str, Any],
        view: Any = None,
    ) -> None:
        arn = str(target.get("Arn", ""))
        if ":lambda:" in arn and not _is_allowed(arn, str(rule.get("Arn", ""))):
            return
        original(target, event, rule, view)

    return invoke_target


def _is_allowed(function_arn: str, rule_arn: str) -> bool:
    function, _, _ = lambda_svc._get_base_func_record_for_ref(function_arn)
    policy = (function or {}).get("policy") or {}
    return any(
        _allows(statement, rule_arn) for statement in policy.get("Statement", [])
    )


def _allows(statement: Mapping[str, Any], rule_arn: str) -> bool:
    principal = statement.get("Principal")
    if not isinstance(principal, dict) or principal.get("Service") != _EVENTS:
        return False
    if statement.get("Action") not in ("lambda:InvokeFunction", "lambda:*"):
        return False
    condition = statement.get("Condition") or {}
    source = (condition.get("ArnLike") or {}).get("AWS:SourceArn", "*")
    account = (condition.get("StringEquals") or {}).get("AWS:SourceAccount")
    return fnmatch.fnmatchcase(rule_arn, source) and (
        account is None or account == rule_arn.split(":")[4]
    )


def invoking_asynchronously(original: Callable[..., None]) -> Callable[..., None]:
    """Replace the library's single attempt to invoke a function for a rule."""
    del original

    def invoke(function_arn: str, payload: str) -> None:
        function, config, _ = lambda_svc._get_func_record_for_ref(function_arn)
        if function is not None and config is not None:
            record = lambda_svc._execution_record_for_config(function, config)
            lambda_svc.invoke_async_with_retry(record, json.loads(payload))

    return invoke
