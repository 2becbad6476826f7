"""What others have beside the stack, and what the stack itself has made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.faults.simulated_stack import SimulatedStack

#: The first one has the address of a declared worker, the other one of nobody.
FOREIGN_USERS = ("guest", "visitor")


@dataclass
class Surroundings:
    """What others have beside the stack, and how it must still be afterwards."""

    stack: SimulatedStack
    aws: Any

    def __post_init__(self) -> None:
        """Make a group and two accounts of somebody else in the same user pool."""
        cognito, pool = self.stack.sign_in.cognito, self.stack.sign_in.pool_id
        self.sagemaker = self.aws.client("sagemaker")
        cognito.create_group(
            UserPoolId=pool, GroupName="guests", Description="made in the console"
        )
        for name in FOREIGN_USERS:
            cognito.admin_create_user(
                UserPoolId=pool,
                Username=name,
                UserAttributes=[
                    {"Name": "email", "Value": f"{name}@example.com"},
                    {"Name": "email_verified", "Value": "true"},
                ],
                MessageAction="SUPPRESS",
            )
            cognito.admin_add_user_to_group(
                UserPoolId=pool, Username=name, GroupName="guests"
            )
        self.aws.control.set(vendor_workforces=1)
        self._before = self.seen()

    def make_team(self) -> None:
        """Make a team of somebody else in the stack's workforce."""
        ids = self.stack.sign_in.ids
        self.sagemaker.create_workteam(
            WorkteamName="guests",
            WorkforceName=self.stack.workforce_name,
            Description="made in the console",
            MemberDefinitions=[
                {
                    "CognitoMemberDefinition": {
                        "UserPool": ids["UserPoolId"],
                        "ClientId": ids["UserPoolClientId"],
                        "UserGroup": "guests",
                    }
                }
            ],
        )
        self._before = self.seen()

    def seen(self) -> dict[str, Any]:
        """Return everything of others, as it is now."""
        cognito, pool = self.stack.sign_in.cognito, self.stack.sign_in.pool_id
        groups = cognito.list_groups(UserPoolId=pool)["Groups"]
        teams = self.sagemaker.list_workteams()["Workteams"]
        workforces = self.sagemaker.list_workforces()["Workforces"]
        members = cognito.list_users_in_group(UserPoolId=pool, GroupName="guests")
        return {
            "group": [each for each in groups if each["GroupName"] == "guests"],
            "members": sorted(each["Username"] for each in members["Users"]),
            "team": [each for each in teams if each["WorkteamName"] == "guests"],
            "workforces": [each for each in workforces if "CognitoConfig" not in each],
            "users": [
                each for each in self._users() if each["Username"] in FOREIGN_USERS
            ],
        }

    def are_untouched(self) -> None:
        """Assert that everything of others is as it was."""
        assert self.seen() == self._before

    def accounts(self) -> set[str]:
        """Return the user names of every account in the pool."""
        return {user["Username"] for user in self._users()}

    def _users(self) -> list[dict[str, Any]]:
        cognito, pool = self.stack.sign_in.cognito, self.stack.sign_in.pool_id
        listed: list[dict[str, Any]] = cognito.list_users(UserPoolId=pool)["Users"]
        return listed

    def left(self) -> list[str]:
        """Return the names of the workforces, teams and groups that the stack made."""
        cognito, pool = self.stack.sign_in.cognito, self.stack.sign_in.pool_id
        names = [
            *self._names(self.sagemaker.list_workforces(), "Workforce"),
            *self._names(self.sagemaker.list_workteams(), "Workteam"),
            *(g["GroupName"] for g in cognito.list_groups(UserPoolId=pool)["Groups"]),
        ]
        return [name for name in names if name.endswith(f"-{self.stack.uuid}")]

    @staticmethod
    def _names(listed: dict[str, Any], kind: str) -> Iterator[str]:
        for item in listed[f"{kind}s"]:
            yield item[f"{kind}Name"]

    def secrets(self) -> list[str]:
        """Return what must be shown nowhere."""
        passwords = [
            mail["body"].rpartition(": ")[2] for mail in self.aws.control.mails()
        ]
        return ["s3cret", self.stack.sign_in.client["ClientSecret"], *passwords]

    def lead_to_the_portal(self) -> None:
        """Assert that client and invitation name the portal, and no placeholder."""
        client, pool = self.stack.sign_in.client, self.stack.sign_in.pool
        portal = f"https://{self.stack.portal}"
        assert client["CallbackURLs"] == [
            f"{portal}/oauth2/idpresponse",
            "https://extra.example/cb",
        ]
        assert client["LogoutURLs"] == [f"{portal}/logout"]
        assert client["DefaultRedirectURI"] == f"{portal}/oauth2/idpresponse"
        invitation = pool["AdminCreateUserConfig"]["InviteMessageTemplate"]
        assert invitation["EmailMessage"].startswith(portal)
        assert "labeling-portal.invalid" not in str(invitation)

    def are_as_declared(self) -> None:
        """Assert that workforce, teams, groups and workers are what is declared."""
        stack, declared = self.stack, self.stack.parameters
        ours = [
            each
            for each in self.sagemaker.list_workforces()["Workforces"]
            if "CognitoConfig" in each
        ]
        (workforce,) = ours
        assert workforce["WorkforceName"] == stack.workforce_name
        assert workforce["Status"] == "Active"
        cidrs = set(workforce.get("SourceIpConfig", {}).get("Cidrs", []))
        assert cidrs - {"0.0.0.0/0"} == set(declared.cidrs)
        names = {stack.named(name) for name in declared.teams}
        teams = {
            each["WorkteamName"]: each
            for each in self.sagemaker.list_workteams()["Workteams"]
            if each["WorkteamName"] != "guests"
        }
        assert teams.keys() == names
        for team in teams.values():
            access = team["WorkerAccessConfiguration"]["S3Presign"]
            restriction = access["IamPolicyConstraints"]["SourceIp"]
            assert (
                restriction
                == {"true": "Enabled", "false": "Disabled"}[declared.restricted]
            )
        assert set(self.left()) == {stack.workforce_name, *names}
        validity = stack.sign_in.client.get("AccessTokenValidity", 60)
        assert validity == declared.access_token_minutes
        self._workers_are_as_declared()

    def _workers_are_as_declared(self) -> None:
        declared = set(self.stack.parameters.emails)
        pool = self.stack.sign_in.pool_id
        group = self.stack.named(self.stack.parameters.teams[0])
        members = self.stack.sign_in.cognito.list_users_in_group(
            UserPoolId=pool, GroupName=group
        )["Users"]
        assert {_email(user) for user in members} == declared
        for user in self._users():
            is_foreign = user["Username"] in FOREIGN_USERS
            assert user["Enabled"] is (is_foreign or _email(user) in declared)
        invited = [mail["to"] for mail in self.aws.control.mails()]
        assert len(invited) == len(set(invited))
        assert declared - set(invited) <= {"guest@example.com"}


def _email(user: dict[str, Any]) -> str:
    values = {item["Name"]: item["Value"] for item in user["Attributes"]}
    return str(values["email"])
