"""The built set on the embedded AWS, nested or as the single file."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.config import Config

from local_aws.process import EmbeddedAws
from tests.templates_as_data import template

BUCKET = "artifacts"
STACK = "labels"
PLACEHOLDER = "labeling-portal.invalid"

#: Changes a template, as a later version or a broken one would differ.
Change = Callable[[dict[str, Any]], None]


@dataclass
class DeployedSet:
    """One deployment of the set, with everything that a promise is about."""

    aws: EmbeddedAws
    form: str
    changes: dict[str, Change] = field(default_factory=dict)
    disable_rollback: bool = False
    #: Where the templates come from: the build, or an earlier release.
    template: Callable[[str], dict[str, Any]] = template

    def __post_init__(self) -> None:
        """Make the clients once."""
        self.cloudformation = self.aws.client("cloudformation")
        # The embedded AWS answers this one when there is news.
        self._waiting = self.aws.client(
            "cloudformation",
            config=Config(user_agent_extra="command/cloudformation.wait"),
        )
        self.cognito = self.aws.client("cognito-idp")
        self.sagemaker = self.aws.client("sagemaker")
        self.s3 = self.aws.client("s3")
        self.s3.create_bucket(Bucket=BUCKET)

    def create(self, **parameters: str) -> str:
        """Create the stack and return the status that it ends in."""
        self.cloudformation.create_stack(
            StackName=STACK,
            TemplateURL=self._upload(),
            Parameters=_pairs(parameters),
            Capabilities=["CAPABILITY_IAM"],
        )
        return self.settled()

    def update(
        self,
        parameters: dict[str, str] | None = None,
        tags: dict[str, str] | None = None,
    ) -> str:
        """Update the stack; a parameter that is not given keeps its value."""
        parameters = parameters or {}
        kept = [
            {"ParameterKey": name, "UsePreviousValue": True}
            for name in self._declared()
            if name not in parameters
        ]
        options: dict[str, Any] = {"DisableRollback": self.disable_rollback}
        if tags is not None:
            options["Tags"] = [{"Key": k, "Value": v} for k, v in tags.items()]
        self.cloudformation.update_stack(
            StackName=STACK,
            TemplateURL=self._upload(),
            Parameters=[*_pairs(parameters), *kept],
            Capabilities=["CAPABILITY_IAM"],
            **options,
        )
        return self.settled()

    def delete(self) -> str:
        """Delete the stack and return the status that it ends in."""
        stack_id = self.stack["StackId"]
        self.cloudformation.delete_stack(StackName=STACK)
        return self.settled(stack_id)

    def settled(self, stack_id: str = STACK) -> str:
        """Wait until nothing is under way and return the status."""
        while True:
            (stack,) = self._waiting.describe_stacks(StackName=stack_id)["Stacks"]
            status: str = stack["StackStatus"]
            if not status.endswith("_IN_PROGRESS"):
                return status

    @property
    def stack(self) -> dict[str, Any]:
        """The root stack, or the single file's."""
        (stack,) = self.cloudformation.describe_stacks(StackName=STACK)["Stacks"]
        described: dict[str, Any] = stack
        return described

    @property
    def outputs(self) -> dict[str, str]:
        """What an operator sees."""
        return {
            output["OutputKey"]: output["OutputValue"]
            for output in self.stack.get("Outputs", [])
        }

    @property
    def portal(self) -> str:
        """The host of the labeling portal."""
        return self.outputs["LabelingPortalUrl"].removeprefix("https://")

    @property
    def client(self) -> dict[str, Any]:
        """The app client as Cognito holds it now."""
        described: dict[str, Any] = self.cognito.describe_user_pool_client(
            UserPoolId=self.outputs["UserPoolId"],
            ClientId=self.outputs["UserPoolClientId"],
        )["UserPoolClient"]
        return described

    @property
    def pool(self) -> dict[str, Any]:
        """The user pool as Cognito holds it now."""
        described: dict[str, Any] = self.cognito.describe_user_pool(
            UserPoolId=self.outputs["UserPoolId"]
        )["UserPool"]
        return described

    def leads_to_the_portal(self, *additional_callbacks: str) -> bool:
        """Tell whether app client and invitation name the portal and nothing stale."""
        portal = f"https://{self.portal}"
        client = self.client
        invitation = self.pool["AdminCreateUserConfig"]["InviteMessageTemplate"]
        callback = f"{portal}/oauth2/idpresponse"
        return (
            client["CallbackURLs"] == [callback, *additional_callbacks]
            and client["LogoutURLs"] == [f"{portal}/logout"]
            and client["DefaultRedirectURI"] == callback
            and portal in invitation["EmailMessage"]
            and PLACEHOLDER not in str(client)
            and PLACEHOLDER not in str(invitation)
        )

    @property
    def users(self) -> dict[str, dict[str, Any]]:
        """The accounts by their user names."""
        listed = self.cognito.list_users(UserPoolId=self.outputs["UserPoolId"])
        return {user["Username"]: user for user in listed["Users"]}

    @property
    def workforces(self) -> list[dict[str, Any]]:
        """Every workforce of the account and Region."""
        listed: list[dict[str, Any]] = self.sagemaker.list_workforces()["Workforces"]
        return listed

    @property
    def teams(self) -> list[str]:
        """The names of every work team of the account and Region."""
        listed = self.sagemaker.list_workteams()["Workteams"]
        return [team["WorkteamName"] for team in listed]

    @property
    def groups(self) -> list[str]:
        """The names of every group of the pool, in the order of the teams."""
        listed = self.cognito.list_groups(UserPoolId=self.outputs["UserPoolId"])
        return sorted((group["GroupName"] for group in listed["Groups"]), reverse=True)

    @property
    def reasons(self) -> str:
        """Every reason that the events of every stack give, one a line."""
        stacks = self.cloudformation.list_stacks()["StackSummaries"]
        return "\n".join(
            event.get("ResourceStatusReason", "")
            for stack in stacks
            for event in self.cloudformation.describe_stack_events(
                StackName=stack["StackId"]
            )["StackEvents"]
        )

    @property
    def log_lines(self) -> str:
        """What the function has logged, in every log group."""
        logs = self.aws.client("logs")
        return "\n".join(
            event["message"]
            for group in logs.describe_log_groups()["logGroups"]
            for event in logs.filter_log_events(logGroupName=group["logGroupName"])[
                "events"
            ]
        )

    def everything_of_the_set(self) -> dict[str, list[str]]:
        """Return what is left of the set in the services, by its kind."""
        pools = self.cognito.list_user_pools(MaxResults=60)["UserPools"]
        roles = self.aws.client("iam").list_roles()["Roles"]
        functions = self.aws.client("lambda").list_functions()["Functions"]
        groups = self.aws.client("logs").describe_log_groups()["logGroups"]
        parameters = self.aws.client("ssm").describe_parameters()["Parameters"]
        left = {
            "user pools": [pool["Name"] for pool in pools],
            "workforces": [item["WorkforceName"] for item in self.workforces],
            "work teams": self.teams,
            "roles": [role["RoleName"] for role in roles],
            "functions": [item["FunctionName"] for item in functions],
            "log groups": [group["logGroupName"] for group in groups],
            "parameters": [item["Name"] for item in parameters],
        }
        return {kind: names for kind, names in left.items() if names}

    def _declared(self) -> list[str]:
        stack = self.stack
        return [item["ParameterKey"] for item in stack.get("Parameters", [])]

    def _upload(self) -> str:
        if self.form != "root.yaml":
            return self._put(self.form)
        children = {name: self._put(name) for name in ("base.yaml", "workforce.yaml")}

        def name_children(template: dict[str, Any]) -> None:
            for resource in template["Resources"].values():
                properties = resource["Properties"]
                properties["TemplateURL"] = children[properties["TemplateURL"]]

        return self._put("root.yaml", name_children)

    def _put(self, name: str, change: Change = lambda _: None) -> str:
        changed = copy.deepcopy(self.template(name))
        if name in self.changes:
            self.changes[name](changed)
        change(changed)
        body = json.dumps(changed).encode()
        # Content-addressed, as the package command does it: another template is
        # another URL, and the same template is none.
        key = f"{hash(body):x}.template"
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        return f"{self.aws.endpoint}/{BUCKET}/{key}"


def _pairs(parameters: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"ParameterKey": name, "ParameterValue": value}
        for name, value in parameters.items()
    ]
