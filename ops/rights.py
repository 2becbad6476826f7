"""Whether the deployer has the rights that a deployment needs, by IAM's own simulation.

A simulation knows neither the resources that a right is limited to nor the policies of
the organization ("IAM policy testing with the IAM policy simulator", IAM User Guide).
So what is not allowed in general is a warning; what is denied stands in the way.
"""

from __future__ import annotations

from collections.abc import Iterator

from botocore.exceptions import ClientError

from ops.account_checks import Finding, Situation
from ops.errors import code_of

# What AWS CLI and CloudFormation call with the deployer's credentials to make, change
# and delete the set: the handlers' permissions of each type in the CloudFormation
# registry, without those for properties that the set does not use.
ACTIONS = (
    *(f"cloudformation:{name}" for name in ("CreateStack", "UpdateStack")),
    *(f"cloudformation:{name}" for name in ("CreateChangeSet", "ExecuteChangeSet")),
    *(f"cloudformation:{name}" for name in ("DescribeStacks", "DeleteStack")),
    "cloudformation:UpdateTerminationProtection",
    *(f"cloudwatch:{name}" for name in ("PutMetricAlarm", "DeleteAlarms")),
    *(f"cognito-idp:{name}" for name in ("CreateUserPool", "UpdateUserPool")),
    *(f"cognito-idp:{name}" for name in ("DeleteUserPool", "SetUserPoolMfaConfig")),
    *(f"cognito-idp:{name}UserPoolClient" for name in ("Create", "Update", "Delete")),
    *(f"cognito-idp:{name}UserPoolDomain" for name in ("Create", "Delete")),
    *(f"cognito-idp:{name}ManagedLoginBranding" for name in ("Create", "Delete")),
    *(f"cognito-idp:{name}WebACL" for name in ("Associate", "Disassociate")),
    "cognito-idp:SetLogDeliveryConfiguration",
    *(f"events:{name}" for name in ("PutRule", "PutTargets", "DeleteRule")),
    *(f"iam:{name}Role" for name in ("Create", "Delete", "Get", "Pass")),
    *(f"iam:{name}RolePolicy" for name in ("Put", "Delete")),
    *(f"lambda:{name}Function" for name in ("Create", "Delete", "Invoke")),
    *(f"lambda:{name}" for name in ("AddPermission", "PutFunctionEventInvokeConfig")),
    *(f"logs:{name}" for name in ("CreateLogGroup", "PutRetentionPolicy")),
    *(f"logs:{name}" for name in ("DeleteLogGroup", "PutResourcePolicy")),
    *(f"logs:{name}" for name in ("CreateLogDelivery", "DeleteLogDelivery")),
    *(f"s3:{name}" for name in ("CreateBucket", "PutObject", "GetObject")),
    *(f"s3:{name}" for name in ("PutBucketPolicy", "ListBucket")),
    *(f"sns:{name}" for name in ("CreateTopic", "SetTopicAttributes", "DeleteTopic")),
    *(f"ssm:{name}Parameter" for name in ("Put", "Delete")),
    *(f"wafv2:{name}WebACL" for name in ("Create", "Associate", "Delete")),
    *(f"wafv2:{name}LoggingConfiguration" for name in ("Put", "Delete")),
)

_DENIED = ("AccessDenied", "AccessDeniedException")


def deployers_rights(situation: Situation) -> Iterator[Finding]:
    """Who deploys may do what a deployment does."""
    resource = situation.caller.split(":", 5)[5]
    if resource == "root":
        yield Finding("fine", "The account's root may do everything.")
        return
    iam = situation.account.client("iam")
    try:
        arn = situation.caller
        if resource.startswith("assumed-role/"):
            # The session's ARN leaves out the path of its role.
            arn = iam.get_role(RoleName=resource.split("/")[1])["Role"]["Arn"]
        pages = iam.get_paginator("simulate_principal_policy")
        results = [
            result
            for page in pages.paginate(PolicySourceArn=arn, ActionNames=list(ACTIONS))
            for result in page["EvaluationResults"]
        ]
    except ClientError as error:
        if code_of(error) not in _DENIED:
            raise
        yield Finding(
            "unknown",
            "Whether these credentials may deploy was not simulated: they may not call "
            "iam:SimulatePrincipalPolicy.",
        )
        return
    yield from _findings(results)


def _findings(results: list[dict[str, str]]) -> Iterator[Finding]:
    decisions: dict[str, list[str]] = {}
    for result in results:
        decisions.setdefault(result["EvalDecision"], []).append(
            result["EvalActionName"]
        )
    if denied := decisions.get("explicitDeny"):
        yield Finding(
            "error",
            f"These credentials are denied {', '.join(denied)}.",
            "A policy or a permissions boundary says so: deploy with other "
            "credentials, or have it changed.",
        )
    if missing := decisions.get("implicitDeny"):
        yield Finding(
            "warning",
            f"These credentials are not allowed in general: {', '.join(missing)}.",
            "Fine if they are allowed on the set's own resources; otherwise have them "
            "granted.",
        )
    if not (denied or missing):
        yield Finding("fine", f"These credentials may deploy ({len(ACTIONS)} rights).")
