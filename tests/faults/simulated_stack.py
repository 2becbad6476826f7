"""The set as CloudFormation drives it, with the function called as Python.

It does what CloudFormation does with the four custom resources and, before them, with
user pool and app client: the order, what follows a failure, and the physical id that it
makes up when a creation is never answered. A case takes a second instead of ten.
"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from lambda_src import workforce as function
from tests.function.cloudformation_requests import request
from tests.function.function_on_embedded_aws import SignIn

#: In the order in which they are made.
RESOURCES = ("PrivateWorkforce", "WorkTeams", "PortalSignIn", "Workers")

#: What CloudFormation says about a request that got no answer before ServiceTimeout.
NO_ANSWER = (
    "CloudFormation did not receive a response from your Custom Resource. Please check "
    "your logs."
)


class Step(NamedTuple):
    """One request to the function: during which operation, for which resource."""

    operation: str
    resource: str


class Function(Protocol):
    """What the stack calls."""

    @property
    def answers_url(self) -> str:
        """Where answers go."""

    def invoke(self, step: Step, event: dict[str, Any]) -> list[dict[str, Any]]:
        """Send one event and return the answers that came."""


@dataclass(frozen=True)
class Parameters:
    """What the operator sets, as far as the function or Cognito learns of it."""

    cidrs: tuple[str, ...] = ()
    teams: tuple[str, ...] = ("labelers", "reviewers")
    restricted: str = "false"
    emails: tuple[str, ...] = ("ada@example.com", "guest@example.com")
    access_token_minutes: int = 60


@dataclass
class SimulatedStack:
    """One deployment; every operation returns the status that it ends in."""

    invoked: Function
    sign_in: SignIn
    stack_id: str
    portal: str = ""
    made: dict[str, str] = field(default_factory=dict)
    """The physical ids of the resources there are."""
    reasons: list[str] = field(default_factory=list)
    """Every reason that CloudFormation shows, oldest first."""

    def __post_init__(self) -> None:
        """Remember what base writes."""
        self.uuid = self.stack_id.rpartition("/")[2]
        self.workforce_name = f"private-workforce-{self.uuid}"
        self.parameters = Parameters()
        self._updated: list[str] = []
        self._given_up = self.parameters
        client = self.sign_in.client
        for name in ("ClientSecret", "CreationDate", "LastModifiedDate"):
            del client[name]
        self._base_client = client
        self._base_invitation = self.sign_in.pool["AdminCreateUserConfig"][
            "InviteMessageTemplate"
        ]

    def create(self, *, fails: bool = False) -> str:
        """Create the stack, or roll it back; `fails` has something else fail last."""
        for resource in RESOURCES:
            if not self._create(resource):
                return self._deleted("rollback of create", "ROLLBACK")
        if fails:
            return self._deleted("rollback of create", "ROLLBACK")
        return "CREATE_COMPLETE"

    def update(self, after: Parameters, *, fails: bool = False) -> str:
        """Update everything, or roll it back; `fails` has something else fail last."""
        before = self.parameters
        self._updated = []
        if self._all_updated("update", before, after, RESOURCES) and not fails:
            self.parameters = after
            return "UPDATE_COMPLETE"
        self._given_up = after
        return self.roll_back_update()

    def roll_back_update(self) -> str:
        """Bring back what was before; also what ContinueUpdateRollback does."""
        if self._all_updated(
            "rollback of update", self._given_up, self.parameters, tuple(self._updated)
        ):
            return "UPDATE_ROLLBACK_COMPLETE"
        return "UPDATE_ROLLBACK_FAILED"

    def fail_in_base(self, after: Parameters) -> str:
        """Update base, which fails, and roll it back; no custom resource is called."""
        self._write_base(after)
        self._write_base(self.parameters)
        return "UPDATE_ROLLBACK_COMPLETE"

    def delete(self) -> str:
        """Delete what is left of the stack; may be tried again."""
        return self._deleted("delete", "DELETE")

    def repair(self) -> None:
        """Send what the rule sends when an operation has ended.

        Raises:
            RepairFailed: as the function does.
        """
        repair = {
            **self.sign_in.ids,
            "WorkforceName": self.workforce_name,
            "StackId": self.stack_id,
            "WorkTeamNames": ",".join(self.parameters.teams),
            "StackIds": [self.stack_id, self.stack_id],
        }
        self.invoked.invoke(Step("repair", "Repair"), {"Repair": repair})

    def named(self, name: str) -> str:
        """Return a team's whole name."""
        return f"{name}-{self.uuid}"

    def _create(self, resource: str) -> bool:
        properties = self._properties(resource, self.parameters)
        answer = self._ask("create", "Create", resource, properties)
        if answer is None:
            self.made[resource] = f"labels-{resource}-x1y2z3"
            return False
        self.made[resource] = answer["PhysicalResourceId"]
        if answer["Status"] == "SUCCESS" and resource == "PrivateWorkforce":
            self.portal = answer["Data"]["LabelingPortalHost"]
        return bool(answer["Status"] == "SUCCESS")

    def _deleted(self, operation: str, word: str) -> str:
        for resource in reversed(list(self.made)):
            properties = self._properties(resource, self.parameters)
            answer = self._ask(
                operation,
                "Delete",
                resource,
                properties,
                PhysicalResourceId=self.made[resource],
            )
            if answer is None or answer["Status"] != "SUCCESS":
                return f"{word}_FAILED"
            del self.made[resource]
        return f"{word}_COMPLETE"

    def _all_updated(
        self,
        operation: str,
        before: Parameters,
        after: Parameters,
        resources: tuple[str, ...],
    ) -> bool:
        self._write_base(after)
        for resource in resources:
            if operation == "update":
                self._updated.append(resource)
            answer = self._ask(
                operation,
                "Update",
                resource,
                self._properties(resource, after),
                PhysicalResourceId=self.made[resource],
                OldResourceProperties=self._properties(resource, before),
            )
            if answer is None or answer["Status"] != "SUCCESS":
                return False
        return True

    def _write_base(self, parameters: Parameters) -> None:
        """Write client and pool as their template has them, with the placeholder."""
        cognito, ids = self.sign_in.cognito, self.sign_in.ids
        cognito.update_user_pool_client(
            **{
                **self._base_client,
                "AccessTokenValidity": parameters.access_token_minutes,
                "TokenValidityUnits": {
                    "RefreshToken": "hours",
                    "AccessToken": "minutes",
                },
            }
        )
        pool = self.sign_in.pool
        cognito.update_user_pool(
            UserPoolId=ids["UserPoolId"],
            Policies=pool["Policies"],
            UserPoolTags=pool["UserPoolTags"],
            AdminCreateUserConfig={
                "AllowAdminCreateUserOnly": True,
                "InviteMessageTemplate": self._base_invitation,
            },
        )

    def _properties(self, resource: str, parameters: Parameters) -> dict[str, Any]:
        """Return the properties of a resource as the template gives them."""
        given = {
            **self.sign_in.ids,
            "BaseStackId": self.stack_id,
            "WorkforceName": self.workforce_name,
            "UserPoolDomainName": self.sign_in.domain,
            "SourceCidrs": list(parameters.cidrs) or [""],
            "VpcId": "",
            "SubnetIds": [""],
            "SecurityGroupIds": [""],
            "IpAddressType": "ipv4",
            "ExistingWorkforceName": "",
            "WorkTeamNames": list(parameters.teams),
            "NotificationTopicArn": self.sign_in.topic_arn,
            "RestrictTaskDataToSourceIp": parameters.restricted,
            "LabelingPortalHost": self.portal,
            "IdentityRevision": str(parameters.access_token_minutes),
            "InvitationRevision": "",
            "WorkforceRevision": ",".join(parameters.teams),
            "GroupName": self.named(parameters.teams[0]),
            "WorkerEmails": list(parameters.emails),
        }
        taken = function.RESOURCES[f"Custom::{resource}"].Properties
        return {field.name: given[field.name] for field in dataclasses.fields(taken)}

    def _ask(
        self,
        operation: str,
        request_type: str,
        resource: str,
        properties: dict[str, Any],
        **members: Any,
    ) -> dict[str, Any] | None:
        event = request(
            request_type,
            f"Custom::{resource}",
            properties,
            StackId=self.stack_id,
            ResponseURL=self.invoked.answers_url,
            **members,
        )
        answers = self.invoked.invoke(Step(operation, resource), event)
        if not answers:
            self.reasons.append(NO_ANSWER)
            return None
        # CloudFormation reads the first one only.
        first = answers[0]
        assert first["StackId"] == self.stack_id
        self.reasons.append(first.get("Reason", ""))
        return first


def quiet_stack(aws: Any) -> str:
    """Return the id of a real stack on which nothing is under way.

    A repair looks at the status of the stack, so there must be one.
    """
    cloudformation = aws.client("cloudformation")
    template = (
        '{"Resources": {"Nothing": '
        '{"Type": "AWS::CloudFormation::WaitConditionHandle"}}}'
    )
    made: str = cloudformation.create_stack(StackName="labels", TemplateBody=template)[
        "StackId"
    ]
    while True:
        (stack,) = cloudformation.describe_stacks(StackName=made)["Stacks"]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return made
        time.sleep(0.01)


def other_than(parameters: Parameters) -> Parameters:
    """Return parameters of which every one differs, so an update writes everything."""
    return dataclasses.replace(
        parameters,
        cidrs=("192.0.2.0/24",),
        teams=("labelers", "graders"),
        restricted="true",
        emails=("bob@example.com",),
        access_token_minutes=30,
    )
