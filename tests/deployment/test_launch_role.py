"""The launch role makes, changes and deletes the product, and can do nothing else.

The whole life runs once, on the embedded AWS, where CloudFormation demands of its
deployer everything that the registry lists for a resource type, each on its ARN.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from local_aws.process import EmbeddedAws
from templates.parameters import WEB_ACL_LISTS
from tests.conftest import SHORT_WAITS
from tests.deployment.policies_of_roles import Policies
from tests.deployment.portfolio import ACCOUNT, Portfolio
from tests.deployment.whole_life import CHANGED, EVERYTHING, denied, grants, later

ANOTHER = "another-3b1f"


@dataclass
class Life:
    """What became of each step, and what was demanded."""

    policies: Policies
    boundary: str
    failures: dict[str, str] = field(default_factory=dict)
    demands: list[dict[str, Any]] = field(default_factory=list)
    left_by_second: dict[str, list[str]] = field(default_factory=dict)
    denied_steps: dict[str, str] = field(default_factory=dict)
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    left: dict[str, list[str]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def life(embedded_aws: EmbeddedAws) -> Iterator[Life]:
    """Live a whole life with the launch role."""
    aws = embedded_aws
    aws.control.reset()
    aws.control.set(**SHORT_WAITS)
    given = grants(aws)
    portfolio = Portfolio(aws).made(**given)
    own_acl = given.pop("WebAclArn")
    before = things(aws)
    outputs = portfolio.outputs
    lived = Life(
        Policies.of(aws, outputs["LaunchRoleArn"]), outputs["RolesBoundaryArn"]
    )
    steps = lived.failures
    with without(aws, outputs["LaunchRoleArn"], "cognito-idp:CreateUserPoolDomain"):
        lived.denied_steps["create"] = portfolio.launch("denied")
    portfolio.terminate("denied")
    aws.control.clear_calls()
    steps["launch"] = portfolio.launch(**(EVERYTHING | given))
    # Nothing of the rest of the life makes sense without it.
    assert steps["launch"] == "", f"The launch failed: {steps['launch']}"
    first = things(aws)
    steps["second launch"] = portfolio.launch("second")
    lived.left_by_second = {
        kind: names for kind, names in things(aws).items() if names != first[kind]
    }
    steps["termination of the second"] = portfolio.terminate("second")
    stack = first_stack(aws)
    lived.tags = {tag["Key"]: tag["Value"] for tag in stack["Tags"]}
    steps["update"] = portfolio.update(**CHANGED)
    lived.versions["before"] = portfolio.versions
    version = portfolio.add_version(later)
    lived.versions["after"] = portfolio.versions
    steps["later version"] = portfolio.update(version)
    no_lists = {each.name: "" for each in WEB_ACL_LISTS}
    steps["your web ACL"] = portfolio.update(WebAclArn=own_acl, **no_lists)
    lived.demands = aws.control.forwarded_permissions()
    with without(aws, outputs["LaunchRoleArn"], "ssm:PutParameter"):
        lived.denied_steps["update"] = portfolio.update(portfolio.versions["1.0.0"])
    with without(aws, outputs["LaunchRoleArn"], "sns:DeleteTopic"):
        lived.denied_steps["delete"] = portfolio.terminate()
    # What was deleted before the denial is not deleted again.
    begun = aws.control.forwarded_permissions()[len(lived.demands) :]
    lived.demands += [each for each in begun if each["allowed"]]
    aws.control.clear_calls()
    steps["termination"] = portfolio.terminate()
    lived.demands += aws.control.forwarded_permissions()
    after = things(aws)
    lived.left = {kind: after[kind] for kind in after if after[kind] != before[kind]}
    yield lived


class without:  # noqa: N801 (read as a preposition in a with statement)
    """Take an action from the launch role for the length of a block."""

    def __init__(self, aws: EmbeddedAws, role_arn: str, action: str) -> None:
        self._iam = aws.client("iam")
        self._role = role_arn.rpartition("/")[2]
        deny = {"Effect": "Deny", "Action": action, "Resource": "*"}
        self._deny = json.dumps({"Version": "2012-10-17", "Statement": [deny]})

    def __enter__(self) -> None:
        self._iam.put_role_policy(
            RoleName=self._role, PolicyName="taken", PolicyDocument=self._deny
        )

    def __exit__(self, *raised: object) -> None:
        self._iam.delete_role_policy(RoleName=self._role, PolicyName="taken")


def things(aws: EmbeddedAws) -> dict[str, list[str]]:
    """Return what is there of the kinds that the set makes, but for log groups."""
    pools = aws.client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]
    workforces = aws.client("sagemaker").list_workforces()["Workforces"]
    acls = aws.client("wafv2").list_web_acls(Scope="REGIONAL")["WebACLs"]
    return {
        "user pools": [pool["Id"] for pool in pools],
        "workforces": [item["WorkforceName"] for item in workforces],
        "roles": [item["RoleName"] for item in aws.client("iam").list_roles()["Roles"]],
        "functions": [
            item["FunctionName"]
            for item in aws.client("lambda").list_functions()["Functions"]
        ],
        "topics": [
            item["TopicArn"] for item in aws.client("sns").list_topics()["Topics"]
        ],
        "web ACLs": [item["Name"] for item in acls],
        "parameters": [
            item["Name"]
            for item in aws.client("ssm").describe_parameters()["Parameters"]
        ],
    }


def first_stack(aws: EmbeddedAws) -> dict[str, Any]:
    listed = aws.client("cloudformation").describe_stacks()["Stacks"]
    (stack,) = [
        each
        for each in listed
        if each["StackName"].startswith(f"SC-{ACCOUNT}-pp-")
        and each["StackStatus"] == "CREATE_COMPLETE"
    ]
    found: dict[str, Any] = stack
    return found


def test_the_role_launches_updates_and_terminates(life: Life) -> None:
    failed = {step: why for step, why in life.failures.items() if why}
    assert set(failed) == {"second launch"}, failed


def test_nothing_of_the_product_is_left(life: Life) -> None:
    assert life.left == {}


def test_nothing_that_is_demanded_is_denied(life: Life) -> None:
    assert denied(life.demands) == []


def test_without_any_one_of_its_actions_something_of_the_life_fails(
    life: Life,
) -> None:
    launch_role = [each for each in life.demands if "LaunchRole" in each["principal"]]
    superfluous = []
    for action in sorted(life.policies.actions):
        policies = life.policies.without(action)
        if all(
            policies.allow(each["action"], each["resource"], each["context"])
            for each in launch_role
            if each["action"] == action
        ):
            superfluous.append(action)
    assert superfluous == []


@pytest.mark.parametrize(
    ("step", "action"),
    [
        ("create", "cognito-idp:CreateUserPoolDomain"),
        ("update", "ssm:PutParameter"),
        ("delete", "sns:DeleteTopic"),
    ],
)
def test_without_an_action_a_whole_operation_fails_and_names_it(
    life: Life, step: str, action: str
) -> None:
    assert f"not authorized to perform: {action}" in life.denied_steps[step]


#: By the start of an ARN's resource, the ARN of something that is not the product's.
NOT_OURS = {
    "cognito-idp": "userpool/us-east-1_theirs",
    "ssm": f"parameter/{ANOTHER}",
    "sns": ANOTHER,
    "lambda": f"function:{ANOTHER}",
    "events": f"rule/{ANOTHER}",
    "cloudwatch": f"alarm:{ANOTHER}",
    "wafv2": f"regional/webacl/{ANOTHER}/1",
    "iam": f"role/{ANOTHER}",
    "logs": f"log-group:{ANOTHER}:log-stream:",
    "cloudformation": f"stack/{ANOTHER}/1",
}
READS_OR_TAGS_ALL = {
    # It is checked on all log groups, whichever are asked for.
    "logs:DescribeLogGroups",
    # A new pool has no tags yet by which to know it.
    "cognito-idp:TagResource",
    # Service Catalog's own copy of the template; the tag says that it is one.
    "s3:GetObject",
}


def test_no_right_reaches_what_is_not_the_products(life: Life) -> None:
    reached = []
    for demand in life.demands:
        service = demand["resource"].split(":")[2] if ":" in demand["resource"] else "*"
        if service not in NOT_OURS or demand["action"] in READS_OR_TAGS_ALL:
            continue
        region = "" if service == "iam" else "us-east-1"
        other = f"arn:aws:{service}:{region}:{ACCOUNT}:{NOT_OURS[service]}"
        # AWS WAF knows no tags of user pools; Cognito's own check is asked for, too.
        is_pool_of_waf = demand["action"].startswith("wafv2:") and (
            service == "cognito-idp"
        )
        if life.policies.allow(demand["action"], other) and not is_pool_of_waf:
            reached.append((demand["action"], other))
    assert reached == []


def test_a_second_launch_in_a_region_fails_at_the_workforce_and_says_why(
    life: Life,
) -> None:
    assert (
        "A private workforce already exists in this" in life.failures["second launch"]
    )


def test_a_second_launch_leaves_nothing(life: Life) -> None:
    assert life.left_by_second == {}


def test_a_new_version_leaves_the_old_one_with_its_id(life: Life) -> None:
    before, after = life.versions["before"], life.versions["after"]
    assert set(after) - set(before) == {"2.0.0"}
    assert after["1.0.0"] == before["1.0.0"]


def test_what_is_launched_carries_the_portfolios_tag(life: Life) -> None:
    assert life.tags == {"application": "private-workforce"}
