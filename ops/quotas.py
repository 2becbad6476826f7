"""Whether the quotas that the set meets first leave room for it.

Each is a question of its own, as whoever deploys may be allowed one and not the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from botocore.exceptions import ClientError

from ops.account import Account
from ops.account_checks import Finding, Situation
from ops.errors import code_of

# "Create and manage work teams", SageMaker Developer Guide.
MOST_WORK_TEAMS = 25
# The set's function has one.
ROLES = 1
# Custom resources and repairs run one at a time; two leave room for each other.
EXECUTIONS = 2
# Root, the two that it nests, and that of the artifact bucket.
STACKS = 4
# "CloudFormation quotas", "Quotas in Amazon Cognito", "AWS WAF quotas".
DEFAULT_STACKS = 2000
DEFAULT_USER_POOLS = 1000
DEFAULT_WEB_ACLS = 100


def work_teams(situation: Situation) -> Iterator[Finding]:
    """Work teams, whose number AWS raises for nobody."""
    wanted = [t for t in situation.values.get("WorkTeamNames", "").split(",") if t]
    uuid = situation.outputs.get("WorkforceName", "").removeprefix("private-workforce-")
    pages = situation.account.client("sagemaker").get_paginator("list_workteams")
    others = [
        team["WorkteamName"]
        for page in pages.paginate()
        for team in page["Workteams"]
        if not uuid or not team["WorkteamName"].endswith(uuid)
    ]
    yield _room("work teams", MOST_WORK_TEAMS - len(others), len(wanted), "")


def roles(situation: Situation) -> Iterator[Finding]:
    """IAM roles."""
    if situation.existing is None:
        summary = situation.account.client("iam").get_account_summary()["SummaryMap"]
        free = summary.get("RolesQuota", ROLES) - summary.get("Roles", 0)
        yield _room("IAM roles", free, ROLES, "Roles per account")


def executions(situation: Situation) -> Iterator[Finding]:
    """Concurrent executions of Lambda."""
    if situation.existing is None:
        settings = situation.account.client("lambda").get_account_settings()
        limits = settings["AccountLimit"]
        free = limits.get("UnreservedConcurrentExecutions", EXECUTIONS)
        yield _room(
            "concurrent executions of Lambda", free, EXECUTIONS, "Concurrent executions"
        )


def cloudformation_stacks(situation: Situation) -> Iterator[Finding]:
    """Stacks of the Region: CloudFormation itself says how many it allows."""
    if situation.existing is None:
        cloudformation = situation.account.cloudformation
        limits = cloudformation.describe_account_limits()["AccountLimits"]
        most = {each.get("Name"): each.get("Value") for each in limits}
        pages = cloudformation.get_paginator("describe_stacks").paginate()
        used = sum(len(page["Stacks"]) for page in pages)
        free = (most.get("StackLimit") or DEFAULT_STACKS) - used
        yield _room("CloudFormation stacks", free, STACKS, "Stack count")


def user_pools(situation: Situation) -> Iterator[Finding]:
    """User pools of the Region; none where a pool is given."""
    if situation.existing is None and not situation.values.get("UserPoolId"):
        most = _quota(
            situation.account, "cognito-idp", "L-66E6DF30", DEFAULT_USER_POOLS
        )
        pools = situation.account.client("cognito-idp").get_paginator("list_user_pools")
        # As few pages as will do: one page of 60 is what most accounts have.
        used = sum(
            len(page["UserPools"])
            for page in islice(pools.paginate(MaxResults=60), 1 + most // 60)
        )
        yield _room("user pools", most - used, 1, "User pools per account")


def web_acls(situation: Situation) -> Iterator[Finding]:
    """Web ACLs of the Region; none where a web ACL or a user pool is given."""
    given = {"WebAclArn", "UserPoolId"} & {k for k, v in situation.values.items() if v}
    if situation.existing is None and not given:
        most = _quota(situation.account, "wafv2", "L-2EC3DE7B", DEFAULT_WEB_ACLS)
        listed = situation.account.client("wafv2").list_web_acls
        answer = listed(Scope="REGIONAL", Limit=100)
        used = len(answer["WebACLs"])
        while answer.get("NextMarker") and answer["WebACLs"]:
            answer = listed(
                Scope="REGIONAL", Limit=100, NextMarker=answer["NextMarker"]
            )
            used += len(answer["WebACLs"])
        yield _room(
            "web ACLs",
            most - used,
            1,
            "Maximum web ACLs per account in WAF for regional",
        )


#: Each question, and the services that it asks.
LOOKS: tuple[tuple[Callable[[Situation], Iterator[Finding]], tuple[str, ...]], ...] = (
    (work_teams, ("sagemaker",)),
    (roles, ("iam",)),
    (executions, ("lambda",)),
    (cloudformation_stacks, ()),
    (user_pools, ("cognito-idp", "service-quotas")),
    (web_acls, ("wafv2", "service-quotas")),
)


def _quota(account: Account, service: str, code: str, default: int) -> int:
    """Return the account's value of a quota, or what is documented for all.

    "If the applied quota value is not available for a quota, the quota is not
    retrieved" (Service Quotas API reference, GetServiceQuota).
    """
    try:
        answer = account.client("service-quotas").get_service_quota(
            ServiceCode=service, QuotaCode=code
        )
    except ClientError as error:
        if code_of(error) != "NoSuchResourceException":
            raise
        return default
    return int(answer["Quota"]["Value"])


def _room(what: str, free: int, needed: int, quota: str) -> Finding:
    if free >= needed:
        return Finding("fine", f"Room for {what}: {needed} needed, {free:,} free.")
    mend = (
        f"Ask for more in Service Quotas ({quota}), or delete what is not used."
        if quota
        else "AWS raises this limit for nobody: delete teams, or name fewer."
    )
    fact = f"No room for {what}: {needed} needed, {max(free, 0):,} free."
    return Finding("error", fact, mend)
