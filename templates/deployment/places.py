"""Where the rights of a deployer hold: each the narrowest that AWS allows.

ARNs and condition keys are those of the Service Authorization Reference. What the set
names itself begins with ``private-workforce``; what CloudFormation names begins with
the stack's name; what has an id of its service's (a user pool) carries the stack's name
in CloudFormation's own tags ("Resource tag", CloudFormation User Guide).
"""

from __future__ import annotations

from typing import NamedTuple

from awacs.aws import Condition, StringEquals, StringLike
from troposphere import Sub

from templates.iam import ROLE_PATH
from templates.wiring import Value

_TAG_OF_STACK = "aws:ResourceTag/aws:cloudformation:stack-name"
#: In an ARN below, what stands for the name of the stacks, or the start of it.
_STACKS = "${Stacks}"
#: And what stands for the name of each nested stack.
_NESTED = "${NestedStack}"


class Deployer(NamedTuple):
    """Whose rights these are.

    Attributes:
        stack: the name of the stack, which may end in an asterisk.
        named: what begins with the stack's name, as a pattern.
        boundary: the ARN of the policy that every role of the set must have.
        nested: the names of the nested stacks, as patterns.
    """

    stack: str
    named: str
    boundary: Value
    nested: tuple[str, ...] = ()


class Place(NamedTuple):
    """A statement's resources, and on what condition.

    Attributes:
        sid: says in a verb phrase what the rights are for.
        arns: the resources; ``${Stacks}`` stands for what begins with the stack's name,
            ``${NestedStack}`` for each nested stack.
        condition: what else must hold: see ``_condition``.
        parameter: the parameter of the role's template that names the resource; the
            rights are there only when it is given.
    """

    sid: str
    arns: tuple[str, ...]
    condition: str = ""
    parameter: str = ""

    def resources(self, deployer: Deployer) -> list[Value]:
        """Return the resources of the statement."""
        arns = [
            arn.replace(_STACKS, deployer.named).replace(_NESTED, nested)
            for arn in self.arns
            for nested in (deployer.nested if _NESTED in arn else ("",))
        ]
        return [Sub(arn) if "${" in arn else arn for arn in arns]

    def conditions(self, deployer: Deployer) -> Condition | None:
        """Return the condition of the statement, if it has one."""
        match self.condition:
            case "":
                return None
            case "stack":
                names = dict.fromkeys((deployer.stack, deployer.named))
                return Condition(
                    StringLike(_TAG_OF_STACK, [Sub(name) for name in names])
                )
            case "boundary":
                return Condition(
                    StringEquals("iam:PermissionsBoundary", deployer.boundary)
                )
            case service:
                return Condition(StringEquals("iam:PassedToService", service))


def _arn(service: str, resource: str) -> str:
    return (
        f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}"
        f":{resource}"
    )


def _role(path_and_name: str) -> str:
    return f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role{path_and_name}"


#: These actions take no resource.
ANYWHERE = Place("UseWhatTakesNoResource", ("*",))

USER_POOLS = Place(
    "ManageTheUserPool", (_arn("cognito-idp", "userpool/*"),), condition="stack"
)
#: A new pool has no tags yet when it gets them, and AWS WAF knows no tags of pools. The
#: tag that is asked for elsewhere is CloudFormation's own: nobody else can set it.
ANY_USER_POOL = Place("TagAndProtectUserPools", (_arn("cognito-idp", "userpool/*"),))
WEB_ACLS = Place(
    "ManageTheWebAcl",
    (
        _arn("wafv2", "regional/webacl/private-workforce-*/*"),
        _arn("wafv2", "regional/ipset/private-workforce-*/*"),
    ),
)
#: Writing a web ACL is also checked on the rule groups of AWS that it uses.
MANAGED_RULES = Place(
    "UseManagedRules", (_arn("wafv2", "regional/managedruleset/*/*"),)
)
GIVEN_WEB_ACL = Place("UseYourWebAcl", ("${WebAclArn}",), parameter="WebAclArn")
LOG_GROUPS = Place(
    "ManageTheLogGroups",
    (
        _arn("logs", "log-group:${Stacks}"),
        _arn("logs", "log-group:/aws/vendedlogs/private-workforce/*"),
        _arn("logs", "log-group:aws-waf-logs-private-workforce-*"),
    ),
)
#: Describing log groups is checked on all of them.
EVERY_LOG_GROUP = Place("SeeLogGroups", (_arn("logs", "log-group:*"),))
SSM_PARAMETERS = Place(
    "ManageTheParameter", (_arn("ssm", "parameter/private-workforce/*"),)
)
TOPICS = Place("ManageTheTopic", (_arn("sns", "private-workforce-*"),))
FUNCTIONS = Place("ManageTheFunction", (_arn("lambda", "function:${Stacks}"),))
RULES = Place("ManageTheRule", (_arn("events", "rule/${Stacks}"),))
ALARMS = Place("ManageTheAlarms", (_arn("cloudwatch", "alarm:private-workforce-*"),))
DASHBOARDS = Place(
    "ManageTheDashboard",
    (
        "arn:${AWS::Partition}:cloudwatch::${AWS::AccountId}:dashboard/private-workforce-*",
    ),
)

#: Of this stack: another set's role may have no boundary. CloudFormation names a role
#: after its stack.
_ROLE_ARNS = (_role(f"{ROLE_PATH}{_STACKS}"),)
ROLES = Place("ManageTheRole", _ROLE_ARNS)
#: Whatever can widen what a role may do.
BOUNDED_ROLES = Place(
    "ChangeRolesUnderTheBoundaryOnly", _ROLE_ARNS, condition="boundary"
)
PASSED_ROLES = Place(
    "PassRolesToLambdaOnly", _ROLE_ARNS, condition="lambda.amazonaws.com"
)
#: The one role with which Cognito sends e-mails through SES.
EMAIL_ROLE = Place(
    "LetCognitoSendEmails",
    (
        _role(
            "/aws-service-role/email.cognito-idp.amazonaws.com"
            "/AWSServiceRoleForAmazonCognitoIdpEmailService"
        ),
    ),
)

NESTED_STACKS = Place(
    "ManageNestedStacks", (_arn("cloudformation", "stack/${NestedStack}/*"),)
)

#: The distribution is one of Cognito's ("Adding a custom domain", Cognito Developer
#: Guide), so there is no ARN to name.
CUSTOM_DOMAIN = Place(
    "MakeADomainOfYourOwn", ("*",), parameter="CustomDomainCertificateArn"
)
HOSTED_ZONE = Place(
    "WriteIntoYourHostedZone",
    ("arn:${AWS::Partition}:route53:::hostedzone/${CustomDomainHostedZoneId}",),
    parameter="CustomDomainHostedZoneId",
)
DNS_CHANGES = Place(
    "WatchDnsChanges",
    ("arn:${AWS::Partition}:route53:::change/*",),
    parameter="CustomDomainHostedZoneId",
)
EVERY_HOSTED_ZONE = Place(
    "SeeHostedZones", ("*",), parameter="CustomDomainHostedZoneId"
)
SECRET = Place(
    "ReadYourSecret", ("${OidcClientSecretArn}",), parameter="OidcClientSecretArn"
)
