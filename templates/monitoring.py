"""What is watched: the alarms of both stacks, and the dashboard.

To add an alarm, add it to the list of what it looks at, with the graph of the dashboard
that draws its metrics. Everything here is made only where ``EnableMonitoring`` is true.
The names hold the root stack's UUID, so that each stack knows the other's alarms.

Metrics and dimensions: "User pool metrics in CloudWatch" (Cognito Developer Guide),
"AWS WAF metrics and dimensions" (AWS WAF Developer Guide), "Types of metrics for
Lambda functions" (Lambda Developer Guide). Lines of Cognito's log: "Exporting logs from
Amazon Cognito user pools" (Cognito Developer Guide).
"""

from __future__ import annotations

from collections.abc import Iterable

from troposphere import (
    AWS_NO_VALUE,
    AWS_REGION,
    And,
    Condition,
    If,
    Ref,
    Template,
    awslambda,
    cognito,
    logs,
    sns,
)

from templates import (
    alarms,
    dashboard,
    identifiers,
    inline,
    notifications,
    parameters,
    web_acl,
)
from templates.alarms import Alarm, Difference, Metric
from templates.wiring import Inputs, Produced, Value

#: What Cognito writes when an e-mail could not be sent.
UNDELIVERED = '{ $.eventSource = "USER_NOTIFICATION" && $.logLevel = "ERROR" }'
#: What the function writes when it has given a repair up.
REPAIR_FAILED = '{ $.event = "repair-failed" }'

IS_MONITORED = "IsMonitored"
IS_WEB_ACL_MONITORED = "IsWebAclMonitored"

SIGN_INS = "Sign-ins"
REQUESTS = "Requests at the web ACL"
NOT_DONE = "E-mails not sent, repairs not done"
RUNS = "Runs of the function"
LONGEST_RUN = "Longest run of the function"


def add_sign_in_alarms(
    template: Template,
    user_pool: cognito.UserPool,
    client: cognito.UserPoolClient,
    activity_log_group: logs.LogGroup,
    root_stack_id: Value,
) -> None:
    """Add the alarms of the base stack.

    They tell a topic that the workforce stack makes later, under a name that is known.
    """
    _define_condition(template)
    made = parameters.WEB_ACL_ARN.equals(template, "", "IsWebAclMade")
    template.conditions[IS_WEB_ACL_MONITORED] = And(
        Condition(IS_MONITORED), Condition(made)
    )
    topic_arn = notifications.topic_arn(root_stack_id)
    alarms.add_filter(
        template,
        "UndeliveredEmailsFilter",
        log_group=activity_log_group,
        pattern=UNDELIVERED,
        counts=_undelivered(root_stack_id),
        condition=IS_MONITORED,
    )
    for alarm in _sign_in_alarms(user_pool.ref(), client.ref(), root_stack_id):
        alarm.add_to(template, topic_arn, root_stack_id)


def add_portal_alarms(
    template: Template,
    function: awslambda.Function,
    log_group: logs.LogGroup,
    topic: sns.Topic,
    root_stack_id: Value,
) -> None:
    """Add the alarms of the workforce stack."""
    _define_condition(template)
    alarms.add_filter(
        template,
        "RepairFailuresFilter",
        log_group=log_group,
        pattern=REPAIR_FAILED,
        counts=_failed_repairs(root_stack_id),
        condition=IS_MONITORED,
    )
    for alarm in _portal_alarms(function, root_stack_id):
        alarm.add_to(template, topic.ref(), root_stack_id)


def add_dashboard(
    template: Template,
    function: awslambda.Function,
    log_group: logs.LogGroup,
    inputs: Inputs,
) -> Produced:
    """Add the dashboard of alarms, graphs and last failures; return its address."""
    root_stack_id = identifiers.root_stack_id(template, inputs)
    of_base = _sign_in_alarms(
        inputs["UserPoolId"], inputs["UserPoolClientId"], root_stack_id
    )
    own = _portal_alarms(function, root_stack_id)
    return dashboard.add_to(
        template,
        alarm_arns=[
            *(alarm.arn(root_stack_id) for alarm in own),
            *_arns_of_base(template, of_base, inputs["RootStackId"]),
        ],
        graphs=_graphs([*of_base, *own], function, root_stack_id),
        log_group=log_group,
        root_stack_id=root_stack_id,
        condition=IS_MONITORED,
    )


def _define_condition(template: Template) -> None:
    parameters.ENABLE_MONITORING.equals(template, "true", IS_MONITORED)


def _sign_in_alarms(
    pool_id: Value, client_id: Value, root_stack_id: Value
) -> list[Alarm]:
    """Return the alarms of the base stack."""
    return [
        *_alarms_on_sign_ins(pool_id, client_id),
        *_alarms_on_emails(root_stack_id),
        *_alarms_on_requests(root_stack_id),
    ]


def _alarms_on_sign_ins(pool_id: Value, client_id: Value) -> list[Alarm]:
    return [
        Alarm(
            "SignInFailuresAlarm",
            metric=Difference(
                _sign_ins(pool_id, client_id, "SampleCount"),
                _sign_ins(pool_id, client_id, "Sum"),
            ),
            threshold=20,
            description=(
                "Twenty or more sign-ins failed within five minutes: somebody guesses "
                "passwords, or workers cannot sign in."
            ),
            condition=IS_MONITORED,
            graph=SIGN_INS,
        ),
        Alarm(
            "SignInThrottlesAlarm",
            metric=_throttles(pool_id, client_id),
            threshold=1,
            description=(
                "Cognito turned sign-ins away because too many came at once. Workers "
                "can try again; a higher quota is asked for in Service Quotas."
            ),
            condition=IS_MONITORED,
            graph=SIGN_INS,
        ),
    ]


def _alarms_on_emails(root_stack_id: Value) -> list[Alarm]:
    return [
        Alarm(
            "UndeliveredEmailsAlarm",
            metric=_undelivered(root_stack_id),
            threshold=1,
            description=(
                "Cognito could not send an e-mail, an invitation perhaps. The log of "
                "sign-ins says why; send the worker's invitation again."
            ),
            condition=IS_MONITORED,
            graph=NOT_DONE,
        ),
    ]


def _alarms_on_requests(root_stack_id: Value) -> list[Alarm]:
    return [
        Alarm(
            "BlockedRequestsAlarm",
            metric=_requests(root_stack_id, "BlockedRequests"),
            threshold=100,
            description=(
                "The web ACL blocked a hundred or more requests to the sign-in within "
                "five minutes. Its log says whose, and by which rule."
            ),
            # What the operator's own measures is not known here.
            condition=IS_WEB_ACL_MONITORED,
            graph=REQUESTS,
        ),
    ]


def _portal_alarms(function: awslambda.Function, root_stack_id: Value) -> list[Alarm]:
    """Return the alarms of the workforce stack."""
    return [*_alarms_on_runs(function), *_alarms_on_repairs(root_stack_id)]


def _alarms_on_runs(function: awslambda.Function) -> list[Alarm]:
    """Return the alarms on the function.

    A request of CloudFormation that fails is answered, and is no error of the function.
    """
    return [
        Alarm(
            "WorkforceFunctionErrorsAlarm",
            metric=_function_metric(function, "Errors"),
            threshold=1,
            description=(
                "The function could not repair the sign-in, or could not answer "
                "CloudFormation. Its log says why; workers may be unable to sign in."
            ),
            condition=IS_MONITORED,
            graph=RUNS,
        ),
        Alarm(
            "WorkforceFunctionDroppedEventsAlarm",
            metric=_function_metric(function, "AsyncEventsDropped"),
            threshold=1,
            description=(
                "Lambda dropped a request to the function before running it. Update "
                "the stack to repair the sign-in; workers may be unable to sign in."
            ),
            condition=IS_MONITORED,
            graph=RUNS,
        ),
        Alarm(
            "WorkforceFunctionTimeOutsAlarm",
            metric=_function_metric(function, "Duration", "Maximum"),
            threshold=_longest_run_in_milliseconds(int(function.Timeout)),
            description=(
                "The function used up its time. Its log says what it waited for, and "
                "the events of the stack what is left."
            ),
            condition=IS_MONITORED,
            graph=LONGEST_RUN,
        ),
    ]


def _alarms_on_repairs(root_stack_id: Value) -> list[Alarm]:
    return [
        Alarm(
            "RepairFailuresAlarm",
            metric=_failed_repairs(root_stack_id),
            threshold=1,
            description=(
                "Every try to repair the sign-in failed: the app client may hold the "
                "placeholder. The function's log says why; mend that and update the "
                "stack, or use make repair."
            ),
            condition=IS_MONITORED,
            graph=NOT_DONE,
        ),
    ]


def _arns_of_base(
    template: Template, of_base: Iterable[Alarm], root_stack_id: Value
) -> list[Value]:
    """Return the ARNs of the alarms that base has in any case.

    Where the workforce stack stands alone, there are none; and whether there is one on
    the web ACL depends on a parameter of base.
    """
    arns: list[Value] = [
        alarm.arn(root_stack_id) for alarm in of_base if alarm.condition == IS_MONITORED
    ]
    if "RootStackId" in template.parameters:
        return [If("HasRootStackId", arn, Ref(AWS_NO_VALUE)) for arn in arns]
    return arns


def _graphs(
    watched: Iterable[Alarm], function: awslambda.Function, root_stack_id: Value
) -> dict[str, list[Metric]]:
    """Return the metrics of each graph: what no alarm looks at, then the alarms'."""
    graphs: dict[str, list[Metric]] = {
        SIGN_INS: [],
        REQUESTS: [_requests(root_stack_id, "AllowedRequests")],
        NOT_DONE: [],
        RUNS: [_function_metric(function, "Invocations")],
        LONGEST_RUN: [],
    }
    for alarm in watched:
        graphs[alarm.graph] += alarm.metrics
    return graphs


def _sign_ins(pool_id: Value, client_id: Value, statistic: str) -> Metric:
    """Return the sign-ins: a success counts 1 and a failure 0.

    So SampleCount is all of them and Sum those that succeeded.
    """
    dimensions = {"UserPool": pool_id, "UserPoolClient": client_id}
    return Metric("AWS/Cognito", "SignInSuccesses", dimensions, statistic)


def _throttles(pool_id: Value, client_id: Value) -> Metric:
    dimensions = {"UserPool": pool_id, "UserPoolClient": client_id}
    return Metric("AWS/Cognito", "SignInThrottles", dimensions)


def _requests(root_stack_id: Value, name: str) -> Metric:
    dimensions: dict[str, Value] = {
        "WebACL": web_acl.metric_name(root_stack_id),
        "Rule": "ALL",
        "Region": Ref(AWS_REGION),
    }
    return Metric("AWS/WAFV2", name, dimensions)


def _undelivered(root_stack_id: Value) -> Metric:
    return alarms.counted_lines(root_stack_id, "UndeliveredEmails")


def _failed_repairs(root_stack_id: Value) -> Metric:
    return alarms.counted_lines(root_stack_id, "RepairFailures")


def _function_metric(
    function: awslambda.Function, name: str, statistic: str = "Sum"
) -> Metric:
    dimensions = {"FunctionName": function.ref()}
    return Metric("AWS/Lambda", name, dimensions, statistic)


def _longest_run_in_milliseconds(timeout_in_seconds: int) -> int:
    """Return how long a run lasts when the function itself gives up for time."""
    reserve = int(inline.constant("workforce", "SECONDS_WITHOUT_CALLS"))
    # It does not begin a pause that would end after its time.
    longest_pause = int(inline.constant("workforce", "LONGEST_PAUSE_SECONDS"))
    return (timeout_in_seconds - reserve - longest_pause) * 1000
