"""The deployed set as the services hold it now, asked once and only when needed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from ops import stacks
from ops.account import Account
from ops.account_checks import ABSENT
from ops.errors import OperatorError, code_of, message_of

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

Described = Mapping[str, Any]

#: Outputs of a whole set, and parameters of a workforce stack that stands alone.
IDENTITY = ("UserPoolId", "UserPoolClientId", "UserPoolDomainName")


class Deployed:
    """What the stack says it made, and what is there.

    What is gone is described by an empty mapping: for whoever looks at the deployed
    set that is an answer.

    Args:
        account: Where the stack is.
        name: The name of root's stack.
    """

    def __init__(self, account: Account, name: str) -> None:
        self.account = account
        self.name = name

    @cached_property
    def stack(self) -> StackTypeDef:
        """The root stack, or the workforce stack that stands alone.

        Raises:
            OperatorError: when there is none, or its creation has not succeeded.
        """
        stack = stacks.existing(self.account, self.name)
        given = stacks.parameters(stack)
        if given.get("RootStackId"):
            raise OperatorError(
                f"The stack {self.name} is only a part of {given['RootStackId']}.",
                "Name that one with STACK=.",
            )
        found = stacks.outputs(stack)
        if "LabelingPortalUrl" not in found or not (found | given).get("UserPoolId"):
            raise OperatorError(
                f"The stack {self.name} is {stack['StackStatus']} and has no user pool "
                "to look at.",
                "`make deploy` says what to do.",
            )
        return stack

    @cached_property
    def outputs(self) -> Mapping[str, str]:
        """Its outputs, and the identity that a stack which stands alone is given."""
        given = {name: self.parameters.get(name, "") for name in IDENTITY}
        return given | stacks.outputs(self.stack)

    @property
    def made_its_pool(self) -> bool:
        """Whether user pool and app client are the stack's, and not somebody's."""
        return "UserPoolId" in stacks.outputs(self.stack)

    @cached_property
    def parameters(self) -> Mapping[str, str]:
        """Its parameters."""
        return stacks.parameters(self.stack)

    @cached_property
    def resources(self) -> Mapping[str, stacks.Resource]:
        """Its resources and those of its nested stacks, by logical id."""
        found = stacks.resources(self.account, self.stack["StackId"])
        return {resource.logical_id: resource for resource in found}

    @property
    def portal(self) -> str:
        """The host of the labeling portal."""
        return urlsplit(self.outputs["LabelingPortalUrl"]).netloc

    @property
    def team_names(self) -> list[str]:
        """The names of the work teams as SageMaker has them, in their order."""
        arns = self.outputs["WorkTeamArns"].split(",")
        return [arn.rpartition("/")[2] for arn in arns if arn]

    @property
    def worker_emails(self) -> list[str]:
        """The declared workers' addresses, in lower case."""
        emails = self.parameters.get("WorkerEmails", "").lower().split(",")
        return [email for email in emails if email]

    @cached_property
    def pool(self) -> Described:
        """The user pool."""
        return self._asked(
            "cognito-idp",
            "describe_user_pool",
            "UserPool",
            UserPoolId=self.outputs["UserPoolId"],
        )

    @cached_property
    def client(self) -> Described:
        """The app client."""
        return self._asked(
            "cognito-idp",
            "describe_user_pool_client",
            "UserPoolClient",
            UserPoolId=self.outputs["UserPoolId"],
            ClientId=self.outputs["UserPoolClientId"],
        )

    @cached_property
    def factors(self) -> Described:
        """How the user pool asks for second factors."""
        return self._asked(
            "cognito-idp",
            "get_user_pool_mfa_config",
            "",
            UserPoolId=self.outputs["UserPoolId"],
        )

    @cached_property
    def domain(self) -> Described:
        """The domain of the sign-in pages, by its prefix or as a host of its own."""
        host = self.outputs["UserPoolDomainName"]
        prefix = host if not _is_cognitos(host) else stacks.prefix_of(host)
        return self._asked(
            "cognito-idp",
            "describe_user_pool_domain",
            "DomainDescription",
            Domain=prefix,
        )

    @cached_property
    def log_delivery(self) -> Mapping[str, str]:
        """What Cognito logs: the level by the source."""
        found = self._asked(
            "cognito-idp",
            "get_log_delivery_configuration",
            "LogDeliveryConfiguration",
            UserPoolId=self.outputs["UserPoolId"],
        )
        configurations = found.get("LogConfigurations", [])
        return {item["EventSource"]: item["LogLevel"] for item in configurations}

    @cached_property
    def web_acl(self) -> Described:
        """The web ACL in front of the sign-in pages."""
        return self._asked(
            "wafv2",
            "get_web_acl_for_resource",
            "WebACL",
            ResourceArn=self.pool.get("Arn", ""),
        )

    @cached_property
    def workforce(self) -> Described:
        """The workforce."""
        return self._asked(
            "sagemaker",
            "describe_workforce",
            "Workforce",
            WorkforceName=self.outputs["WorkforceName"],
        )

    @cached_property
    def teams(self) -> Mapping[str, Described]:
        """The work teams that are there, by name."""
        pages = self.account.client("sagemaker").get_paginator("list_workteams")
        return {
            team["WorkteamName"]: team
            for page in pages.paginate()
            for team in page["Workteams"]
        }

    @cached_property
    def alarms(self) -> Mapping[str, Described]:
        """The stack's alarms that are there, by name."""
        names = [
            resource.physical_id
            for resource in self.resources.values()
            if resource.kind == "AWS::CloudWatch::Alarm"
        ]
        if not names:
            return {}
        pages = self.account.client("cloudwatch").get_paginator("describe_alarms")
        return {
            alarm["AlarmName"]: alarm
            for page in pages.paginate(AlarmNames=names)
            for alarm in page["MetricAlarms"]
        }

    def members(self, group: str) -> set[str]:
        """Return the user names in a group of the user pool."""
        pages = self.account.client("cognito-idp").get_paginator("list_users_in_group")
        pool = self.outputs["UserPoolId"]
        try:
            return {
                user["Username"]
                for page in pages.paginate(UserPoolId=pool, GroupName=group)
                for user in page["Users"]
            }
        except ClientError as error:
            if code_of(error) not in ABSENT:
                raise
            return set()

    def _asked(
        self, service: str, method: str, member: str, **request: str
    ) -> Described:
        try:
            answer = getattr(self.account.client(service), method)(**request)
        except ClientError as error:
            # SageMaker has no error of its own for what is not there.
            gone = code_of(error) == "ValidationException" and (
                "No workforce" in message_of(error)
            )
            if code_of(error) not in ABSENT and not gone:
                raise
            return {}
        found: Described = answer.get(member, {}) if member else answer
        return found


def _is_cognitos(host: str) -> bool:
    return host.endswith(".amazoncognito.com")
