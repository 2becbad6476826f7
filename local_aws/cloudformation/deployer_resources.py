"""On which resources CloudFormation needs a permission of the deployer.

ARNs and condition keys are those of the Service Authorization Reference. What is not
known before a resource is made (an id that a service chooses) is an asterisk, which a
policy matches only with one of its own. For a type that is not named here, the
permission must be there for every resource.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ministack.core import responses
from ministack.services import cloudformation, cognito, waf
from ministack.services import iam as iam_service
from ministack.services.cloudformation import provisioners

from local_aws import settings
from local_aws.cloudformation.custom_resources import is_custom
from local_aws.cognito import pools

Context = Mapping[str, Any]


@dataclass(frozen=True)
class Subject:
    """A resource that a stack makes, changes or deletes."""

    resource_type: str
    logical_id: str
    stack_name: str
    properties: Mapping[str, Any]
    physical_id: str = ""


@dataclass(frozen=True)
class Place:
    """A resource that a permission is about, and what IAM knows about the request."""

    arn: str
    context: Context = field(default_factory=dict)


#: The Service Authorization Reference gives these no resource.
_WITHOUT_RESOURCE = frozenset(
    {
        "cognito-idp:CreateUserPool",
        "cognito-idp:DescribeUserPoolDomain",
        # "Adding a custom domain", Cognito Developer Guide.
        "cloudfront:updateDistribution",
        "logs:PutResourcePolicy",
        "logs:DescribeResourcePolicies",
        "logs:DeleteResourcePolicy",
        "logs:CreateLogDelivery",
        "logs:GetLogDelivery",
        "logs:UpdateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:ListLogDeliveries",
        "route53:ListHostedZones",
    }
)

_SERVICE_LINKED_ROLES = {
    "AWS::Cognito::UserPool": (
        "email.cognito-idp.amazonaws.com/AWSServiceRoleForAmazonCognitoIdpEmailService"
    ),
}

#: iam:PermissionsBoundary is a condition key of these.
_WITH_BOUNDARY = frozenset(
    {
        "iam:CreateRole",
        "iam:PutRolePolicy",
        "iam:DeleteRolePolicy",
        "iam:AttachRolePolicy",
        "iam:DetachRolePolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:DeleteRolePermissionsBoundary",
    }
)


def places(action: str, subject: Subject) -> list[Place]:
    """Return where the deployer needs an action; it must be allowed on all of them."""
    if action in _WITHOUT_RESOURCE:
        return [Place("*")]
    if action == "iam:CreateServiceLinkedRole":
        role = _SERVICE_LINKED_ROLES.get(subject.resource_type, "*")
        return [Place(_arn("iam", f"role/aws-service-role/{role}"))]
    if action == "iam:PassRole":
        return list(_passed_roles(subject))
    if is_custom(subject.resource_type):
        return [Place(str(subject.properties.get("ServiceToken", "*")))]
    find = _FINDERS.get(subject.resource_type)
    return list(find(action, subject)) if find else [Place("*")]


def _arn(service: str, resource: str) -> str:
    region = "" if service in ("iam", "route53") else responses.get_region()
    account = "" if service == "route53" else responses.get_account_id()
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def _name(subject: Subject, member: str, longest: int) -> str:
    """Return the name in the template, or one as CloudFormation makes it."""
    given = subject.properties.get(member)
    return str(given) if given else _generated(subject, longest)


def _generated(subject: Subject, longest: int) -> str:
    name: str = provisioners._physical_name(
        subject.stack_name, subject.logical_id, max_len=longest
    )
    return name


def _passed_roles(subject: Subject) -> Iterator[Place]:
    """Return the roles that a resource gets, and the service that they are for."""
    service = {
        "AWS::Lambda::Function": "lambda.amazonaws.com",
        "AWS::Events::Rule": "events.amazonaws.com",
        "AWS::SNS::Topic": "sns.amazonaws.com",
        "AWS::Cognito::UserPool": "cognito-idp.amazonaws.com",
    }.get(subject.resource_type, "")
    holders = [subject.properties, *subject.properties.get("Targets", [])]
    roles = [
        str(holder[name])
        for holder in holders
        for name in ("Role", "RoleArn")
        if holder.get(name)
    ]
    for role in roles or ["*"]:
        yield Place(role, {"iam:PassedToService": service})


def _user_pool(action: str, subject: Subject) -> Iterator[Place]:
    """Return the pool, with the tags that CloudFormation gives it.

    A pool that is about to be made has none yet when the right to tag it is asked.
    """
    tags: Context
    if subject.resource_type == "AWS::Cognito::UserPool":
        identifier = subject.physical_id or f"{responses.get_region()}_*"
        is_new = action == "cognito-idp:TagResource" and not subject.physical_id
        tags = _tags_of_pool(identifier) or _tags_of_stack(subject)
        tags = {} if is_new else tags
    else:
        identifier = str(subject.properties.get("UserPoolId", "*"))
        tags = _tags_of_pool(identifier)
    yield Place(_arn("cognito-idp", f"userpool/{identifier}"), tags)


def _tags_of_pool(identifier: str) -> Context:
    pool = cognito._user_pools.get(identifier) or {}
    system = pool.get(pools.SYSTEM_TAGS, {}) if settings.current().system_tags else {}
    tags = {**pool.get("UserPoolTags", {}), **system}
    return {f"aws:ResourceTag/{name}": value for name, value in tags.items()}


def _tags_of_stack(subject: Subject) -> Context:
    if not settings.current().system_tags:
        return {}
    stack = cloudformation._stacks.get(subject.stack_name) or {}
    prefix = "aws:ResourceTag/aws:cloudformation:"
    return {
        f"{prefix}stack-name": subject.stack_name,
        f"{prefix}stack-id": stack.get("StackId", ""),
        f"{prefix}logical-id": subject.logical_id,
    }


def _record_set(action: str, subject: Subject) -> Iterator[Place]:
    if action == "route53:GetChange":
        yield Place(_arn("route53", "change/*"))
    else:
        zone = subject.properties.get("HostedZoneId", "*")
        yield Place(_arn("route53", f"hostedzone/{zone}"))


def _ip_set(action: str, subject: Subject) -> Iterator[Place]:
    yield Place(_waf_arn("ipset", subject))


def _web_acl(action: str, subject: Subject) -> Iterator[Place]:
    """Return the web ACL, and what its rules refer to when they are written.

    That IAM looks at IP sets and managed rule sets, too, is reported
    (aws/aws-pdk#104, aws-samples/amazon-cloudfront-waf-secretsmanager#3).
    """
    yield Place(_waf_arn("webacl", subject))
    if action in ("wafv2:CreateWebACL", "wafv2:UpdateWebACL"):
        statements = str(subject.properties.get("Rules", []))
        if "ManagedRuleGroupStatement" in statements:
            yield Place(_arn("wafv2", "regional/managedruleset/*/*"))
        for ip_set in waf._ip_sets.values():
            if ip_set["ARN"] in statements:
                yield Place(ip_set["ARN"])


def _waf_arn(kind: str, subject: Subject) -> str:
    name, _, rest = subject.physical_id.partition("|")
    name = name or _name(subject, "Name", 128)
    identifier = rest.partition("|")[0] or "*"
    return _arn("wafv2", f"regional/{kind}/{name}/{identifier}")


def _logging(action: str, subject: Subject) -> Iterator[Place]:
    if action == "logs:DescribeLogGroups":
        yield _all_log_groups()
    else:
        yield Place(str(subject.properties.get("ResourceArn", "*")))


def _association(action: str, subject: Subject) -> Iterator[Place]:
    """Return the protected pool, the web ACL, or both.

    Tags of pools are known to Cognito, not to AWS WAF.
    """
    resource = str(subject.properties.get("ResourceArn", "*"))
    web_acl = str(subject.properties.get("WebACLArn", "*"))
    if action != "wafv2:GetWebACL":
        is_cognito = action.startswith("cognito-idp:")
        identifier = resource.rpartition("/")[2]
        yield Place(resource, _tags_of_pool(identifier) if is_cognito else {})
    if action in (
        "wafv2:GetWebACL",
        "wafv2:AssociateWebACL",
        "cognito-idp:AssociateWebACL",
    ):
        yield Place(web_acl)


def _log_group(action: str, subject: Subject) -> Iterator[Place]:
    if action == "logs:DescribeLogGroups":
        yield _all_log_groups()
    else:
        name = _name(subject, "LogGroupName", 512)
        yield Place(_arn("logs", f"log-group:{name}:log-stream:"))


def _all_log_groups() -> Place:
    return Place(_arn("logs", "log-group::log-stream:"))


def _log_delivery(action: str, subject: Subject) -> Iterator[Place]:
    if action == "logs:DescribeLogGroups":
        yield _all_log_groups()
    else:
        yield from _user_pool(action, subject)


def _ssm_parameter(action: str, subject: Subject) -> Iterator[Place]:
    name = _name(subject, "Name", 2048).lstrip("/")
    yield Place(_arn("ssm", f"parameter/{name}"))


def _topic(action: str, subject: Subject) -> Iterator[Place]:
    yield Place(_arn("sns", _name(subject, "TopicName", 256)))


def _topic_policy(action: str, subject: Subject) -> Iterator[Place]:
    for topic in subject.properties.get("Topics", []):
        yield Place(str(topic))


def _function(action: str, subject: Subject) -> Iterator[Place]:
    name = subject.physical_id or _name(subject, "FunctionName", 64)
    yield Place(_arn("lambda", f"function:{name}"))


def _of_function(action: str, subject: Subject) -> Iterator[Place]:
    name = str(subject.properties.get("FunctionName", "*")).rpartition(":")[2]
    yield Place(_arn("lambda", f"function:{name}"))


def _role(action: str, subject: Subject) -> Iterator[Place]:
    """Return the role; what changes its policies is also about its boundary.

    CreateRole and PutRolePermissionsBoundary are about the boundary that they set, the
    others about the one that the role has.
    """
    path = str(subject.properties.get("Path") or "/")
    name = subject.physical_id or _name(subject, "RoleName", 64)
    wanted = str(subject.properties.get("PermissionsBoundary") or "")
    present = (iam_service._roles.get(name) or {}).get("PermissionsBoundary")
    sets = action in ("iam:CreateRole", "iam:PutRolePermissionsBoundary")
    boundary = wanted if sets or not subject.physical_id else str(present or "")
    yield Place(_arn("iam", f"role{path}{name}"), _boundary(action, boundary))


def _role_policy(action: str, subject: Subject) -> Iterator[Place]:
    for name in subject.properties.get("Roles", []):
        role = iam_service._roles.get(name) or {}
        arn = str(role.get("Arn") or _arn("iam", f"role/{name}"))
        boundary = str(role.get("PermissionsBoundary") or "")
        yield Place(arn, _boundary(action, boundary))


def _boundary(action: str, boundary: str) -> Context:
    if action not in _WITH_BOUNDARY or not boundary:
        return {}
    return {"iam:PermissionsBoundary": boundary}


def _rule(action: str, subject: Subject) -> Iterator[Place]:
    yield Place(_arn("events", f"rule/{_name(subject, 'Name', 64)}"))


def _alarm(action: str, subject: Subject) -> Iterator[Place]:
    yield Place(_arn("cloudwatch", f"alarm:{_name(subject, 'AlarmName', 255)}"))


def _dashboard(action: str, subject: Subject) -> Iterator[Place]:
    name = _name(subject, "DashboardName", 255)
    account = responses.get_account_id()
    yield Place(f"arn:aws:cloudwatch::{account}:dashboard/{name}")


def _metric_filter(action: str, subject: Subject) -> Iterator[Place]:
    name = str(subject.properties.get("LogGroupName", "*"))
    # CloudFormation names a group as it names other resources; the library does not.
    name = re.sub(r"^/aws/cloudformation/([^/]+)/(\w+)$", r"\1-\2-*", name)
    yield Place(_arn("logs", f"log-group:{name}:log-stream:"))


def _stack(action: str, subject: Subject) -> Iterator[Place]:
    name = f"stack/{subject.stack_name}-{subject.logical_id}-*/*"
    yield Place(subject.physical_id or _arn("cloudformation", name))


_FINDERS: dict[str, Callable[[str, Subject], Iterator[Place]]] = {
    "AWS::CloudFormation::Stack": _stack,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::Dashboard": _dashboard,
    "AWS::Cognito::LogDeliveryConfiguration": _log_delivery,
    "AWS::Cognito::ManagedLoginBranding": _user_pool,
    "AWS::Cognito::UserPool": _user_pool,
    "AWS::Cognito::UserPoolClient": _user_pool,
    "AWS::Cognito::UserPoolDomain": _user_pool,
    "AWS::Cognito::UserPoolIdentityProvider": _user_pool,
    "AWS::Events::Rule": _rule,
    "AWS::IAM::Policy": _role_policy,
    "AWS::IAM::Role": _role,
    "AWS::Lambda::EventInvokeConfig": _of_function,
    "AWS::Lambda::Function": _function,
    "AWS::Lambda::Permission": _of_function,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::Logs::MetricFilter": _metric_filter,
    "AWS::Route53::RecordSet": _record_set,
    "AWS::SNS::Topic": _topic,
    "AWS::SNS::TopicPolicy": _topic_policy,
    "AWS::SSM::Parameter": _ssm_parameter,
    "AWS::WAFv2::IPSet": _ip_set,
    "AWS::WAFv2::LoggingConfiguration": _logging,
    "AWS::WAFv2::WebACL": _web_acl,
    "AWS::WAFv2::WebACLAssociation": _association,
}
