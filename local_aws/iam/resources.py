"""Which action on which resource a request is about, where the library does not know.

The library lets a request through when it cannot name its action, and checks `*` when
it cannot name the resource, so that a policy with a wrong ARN is never noticed. Here
every operation that the function and CloudFormation use gets the ARN that the Service
Authorization Reference lists. An operation that names several resources is checked on
each of them. What identifies a change set is a condition key.
"""

from __future__ import annotations

import contextvars
import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from ministack.core import iam_evaluator, router

UNKNOWN_OPERATION = "UnknownOperation"

Parameters = Mapping[str, Any]
Arns = list[str]

# The further resources of the request whose first one the library is about to check.
_further: contextvars.ContextVar[tuple[str, Arns]] = contextvars.ContextVar(
    "local_aws_further_resources", default=("", [])
)
# The condition keys of that request that the library does not know.
_keys: contextvars.ContextVar[Mapping[str, str]] = contextvars.ContextVar(
    "local_aws_condition_keys", default=MappingProxyType({})
)


def naming_action(original: Callable[..., str | None]) -> Callable[..., str | None]:
    """Wrap `extract_iam_action`: a request of no known action needs one nobody grants.

    Without it a service that IAM does not know is allowed to everybody. Only requests
    of roles and users are affected; the account's root may do everything anyway.
    """

    def extract_iam_action(
        service: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query_params: Mapping[str, Any],
    ) -> str | None:
        action = original(service, method, path, headers, body, query_params)
        access_key_id = router.extract_access_key_id(headers, query_params)
        if action is None and not iam_evaluator.is_root_access_key(access_key_id):
            return f"{service}:{UNKNOWN_OPERATION}"
        return action

    return extract_iam_action


def naming_resource(original: Callable[..., str]) -> Callable[..., str]:
    """Wrap `extract_resource_arn` with ARNs of the Service Authorization Reference."""

    def extract_resource_arn(
        service: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query_params: Mapping[str, Any],
        region: str,
        account_id: str,
    ) -> str:
        find = _FINDERS.get(service)
        operation, parameters = _operation_and_parameters(headers, body, query_params)
        _keys.set(_condition_keys(service, parameters))
        if find is None:
            return original(
                service, method, path, headers, body, query_params, region, account_id
            )
        arns = find(operation, parameters, region, account_id) or ["*"]
        _further.set((arns[0], arns[1:]))
        return arns[0]

    return extract_resource_arn


def over_tls(original: Callable[[str, bool], None]) -> Callable[[str, bool], None]:
    """Wrap `pin_request_origin`: the http of loopback stands for AWS's https.

    Otherwise a bucket that refuses what comes without TLS refuses every role here.
    """

    def pin_request_origin(source_ip: str, secure_transport: bool) -> None:
        original(source_ip, True)

    return pin_request_origin


def checking_every_resource(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap `enforce` so that a request is checked on all the resources it names."""

    def enforce(
        access_key_id: str,
        iam_action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: dict[str, Any] | None = None,
    ) -> Any:
        first, further = _further.get()
        arns = [resource_arn, *(further if first == resource_arn else [])]
        _further.set(("", []))
        context = {**(service_context or {}), **_keys.get()}
        _keys.set({})
        for arn in arns:
            denied = original(
                access_key_id,
                iam_action,
                service,
                region,
                resource_arn=arn,
                service_context=context,
            )
            if denied:
                return denied
        return None

    return enforce


def _condition_keys(service: str, parameters: Parameters) -> dict[str, str]:
    """Return the condition keys that the request has of its service.

    Creating, describing, executing and deleting a change set have its name, as the
    request gives it.
    """
    if service == "cloudformation" and "ChangeSetName" in parameters:
        return {"cloudformation:ChangeSetName": str(parameters["ChangeSetName"])}
    return {}


def _operation_and_parameters(
    headers: Mapping[str, str], body: bytes, query_params: Mapping[str, Any]
) -> tuple[str, Parameters]:
    """Return operation and parameters of a JSON or a query request."""
    target = headers.get("x-amz-target", "")
    if not target:
        flat = {
            name: value[0] if isinstance(value, list) and value else value
            for name, value in query_params.items()
        }
        return str(flat.get("Action", "")), flat
    try:
        parameters = json.loads(body or b"{}")
    except ValueError:
        parameters = {}
    return target.rpartition(".")[2], parameters if isinstance(parameters, dict) else {}


def _sagemaker(
    operation: str, parameters: Parameters, region: str, account: str
) -> Arns:
    """Return the ARNs of workforces, work teams and what teams work on.

    The reference gives a team's ARN as `workteam/<name>`, SageMaker itself as
    `workteam/private-crowd/<name>`. Which of them IAM compares is not documented, so a
    policy must allow both.
    """
    prefix = f"arn:aws:sagemaker:{region}:{account}"
    for member, kind in (
        ("LabelingJobName", "labeling-job"),
        ("HumanTaskUiName", "human-task-ui"),
        ("FlowDefinitionName", "flow-definition"),
    ):
        if member in parameters:
            # SageMaker writes a job's name in lower case into its ARN.
            name = str(parameters[member]).lower()
            return [f"{prefix}:{kind}/{name}"]
    if "WorkforceName" in parameters and "Workteam" not in operation:
        return [f"{prefix}:workforce/{parameters['WorkforceName']}"]
    if "WorkteamName" in parameters:
        name = parameters["WorkteamName"]
        return [f"{prefix}:workteam/private-crowd/{name}", f"{prefix}:workteam/{name}"]
    return _given(parameters, "WorkteamArn", "ResourceArn")


def _cognito_idp(
    operation: str, parameters: Parameters, region: str, account: str
) -> Arns:
    """Return the user pool's ARN; app clients, groups and users have none."""
    if operation == "DescribeUserPoolDomain":
        return []
    if "UserPoolId" not in parameters:
        return _given(parameters, "ResourceArn")
    return [
        f"arn:aws:cognito-idp:{region}:{account}:userpool/{parameters['UserPoolId']}"
    ]


def _logs(operation: str, parameters: Parameters, region: str, account: str) -> Arns:
    """Return the ARN that CloudWatch Logs names in its denials.

    It ends in `:log-stream:` and the stream (nothing for a whole group), which is why a
    policy on a log group needs `:*` at its end.
    """
    if "logGroupName" not in parameters:
        return _given(parameters, "resourceArn", "logGroupIdentifier")
    return [
        f"arn:aws:logs:{region}:{account}:log-group:{parameters['logGroupName']}"
        f":log-stream:{parameters.get('logStreamName', '')}"
    ]


def _ssm(operation: str, parameters: Parameters, region: str, account: str) -> Arns:
    """Return the ARNs of the parameters that are named."""
    names = list(parameters.get("Names", []))
    names += [
        parameters[member]
        for member in ("Name", "Path", "ResourceId")
        if isinstance(parameters.get(member), str)
    ]
    return [
        name
        if name.startswith("arn:")
        else f"arn:aws:ssm:{region}:{account}:parameter/{name.lstrip('/')}"
        for name in names
    ]


def _sns(operation: str, parameters: Parameters, region: str, account: str) -> Arns:
    """Return the topic's ARN, also where only a subscription is named."""
    arns = _given(parameters, "TopicArn", "TargetArn", "ResourceArn")
    if "SubscriptionArn" in parameters:
        arns.append(str(parameters["SubscriptionArn"]).rpartition(":")[0])
    if operation == "CreateTopic":
        arns.append(f"arn:aws:sns:{region}:{account}:{parameters.get('Name', '')}")
    return arns


def _wafv2(operation: str, parameters: Parameters, region: str, account: str) -> Arns:
    """Return the ARNs of web ACLs, IP sets and what they are associated with."""
    configuration = parameters.get("LoggingConfiguration")
    if isinstance(configuration, dict):
        return _given(configuration, "ResourceArn")
    named = _given(parameters, "ARN", "WebACLArn", "ResourceArn", "ResourceARN")
    if named or "Name" not in parameters:
        return named
    scope = "global" if parameters.get("Scope") == "CLOUDFRONT" else "regional"
    kinds = {"WebACL": "webacl", "IPSet": "ipset", "RegexPatternSet": "regexpatternset"}
    kind = next((kinds[name] for name in kinds if name in operation), "rulegroup")
    identifier = parameters.get("Id", "*")
    name = parameters["Name"]
    return [f"arn:aws:wafv2:{region}:{account}:{scope}/{kind}/{name}/{identifier}"]


def _given(parameters: Parameters, *members: str) -> Arns:
    return [
        parameters[member]
        for member in members
        if isinstance(parameters.get(member), str)
    ]


_FINDERS: dict[str, Callable[[str, Parameters, str, str], Arns]] = {
    "sagemaker": _sagemaker,
    "cognito-idp": _cognito_idp,
    "logs": _logs,
    "ssm": _ssm,
    "sns": _sns,
    "wafv2": _wafv2,
}
