"""The stack of the examples, `<stack>-examples`: bucket and role, and their end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from ops import buckets, change_set, stacks
from ops.account import Account
from ops.aws_cli import AwsCli
from ops.errors import OperatorError, code_of, message_of
from ops.terminal import tell
from ops.workers import pool

Seen = TypeVar("Seen")

TEMPLATE = Path("dist/labeling-examples.yaml")
BOUNDARY = "PermissionsBoundaryArn"
NEW_ROLE_SECONDS = 60.0
SECONDS_BETWEEN_LOOKS = 2.0
LONGEST_WAIT_SECONDS = 900.0


@dataclass(frozen=True)
class Team:
    """The work team that gets the work.

    Attributes:
        name: As the operator calls it.
        arn: As SageMaker does.
        portal: The address of its portal.
        boundary: The permissions boundary of the set's roles, or empty.
    """

    name: str
    arn: str
    portal: str
    boundary: str

    @classmethod
    def of(cls, account: Account, stack: str, name: str) -> Team:
        """Return a team of a deployed set, the first one for no name.

        Raises:
            OperatorError: when there is no such stack or no such team.
        """
        found = pool.find(account, stack)
        team = found.team(name)
        if team is None:
            raise OperatorError(
                f"There is no work team {name} in the stack {stack}.",
                f"Its teams are {', '.join(found.groups)}.",
            )
        described = stacks.existing(account, stack)
        outputs = stacks.outputs(described)
        ends = f"/{found.groups[team]}"
        (arn,) = [
            each for each in outputs["WorkTeamArns"].split(",") if each.endswith(ends)
        ]
        boundary = stacks.parameters(described).get(BOUNDARY, "")
        return cls(team, arn, outputs["LabelingPortalUrl"], boundary)


@dataclass(frozen=True)
class Examples:
    """What the examples of one set stand on.

    Attributes:
        account: Where it is.
        bucket: For pictures and results.
        role_arn: With what SageMaker works.
        uuid: Of the examples' stack; it is in every name that is made from here.
    """

    account: Account
    bucket: str
    role_arn: str
    uuid: str

    @classmethod
    def found(cls, account: Account, stack: str) -> Examples | None:
        """Return the examples of a set, or None when there are none."""
        described = stacks.describe(account, name_of(stack))
        if described is None:
            return None
        outputs = stacks.outputs(described)
        return cls(
            account,
            outputs.get("BucketName", ""),
            outputs.get("RoleArn", ""),
            described["StackId"].rpartition("/")[2],
        )

    @classmethod
    def ensured(
        cls, account: Account, cli: AwsCli, stack: str, boundary: str
    ) -> Examples:
        """Return the examples of a set, making or updating their stack.

        Raises:
            OperatorError: the stack cannot be made.
        """
        name, values = name_of(stack), {BOUNDARY: boundary}
        if not change_set.is_current(account, name, TEMPLATE, values):
            change_set.execute(account, cli, name, TEMPLATE, values=values)
        made = cls.found(account, stack)
        if made is None:
            raise OperatorError(
                f"The stack {name_of(stack)} is gone again.", "Try once more."
            )
        return made

    @property
    def sagemaker(self) -> Any:
        """The client of SageMaker."""
        return self.account.client("sagemaker")

    @property
    def output_uri(self) -> str:
        """Where results go; the role can write nowhere else."""
        return f"s3://{self.bucket}/output/"

    def upload(self, files: Mapping[str, bytes]) -> None:
        """Put files into the bucket, by their keys."""
        for key, body in files.items():
            self.account.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def with_new_role(self, call: Callable[[], Any]) -> Any:
        """Make a call that a role which is seconds old may not be known for yet.

        "Troubleshoot IAM: changes that I make are not always immediately visible" (IAM
        User Guide).
        """
        deadline = time.monotonic() + NEW_ROLE_SECONDS
        while True:
            try:
                return call()
            except ClientError as error:
                known = "assume role" not in message_of(error)
                if known or time.monotonic() > deadline:
                    raise
                time.sleep(SECONDS_BETWEEN_LOOKS)

    def delete(self, stack: str) -> None:
        """Empty the bucket, delete the stack, and wait until it is gone."""
        if self.bucket:
            buckets.empty(self.account, self.bucket)
        described = stacks.describe(self.account, name_of(stack))
        if described is None:
            return
        self.account.cloudformation.delete_stack(StackName=name_of(stack))
        waited = wait_for(
            lambda: stacks.describe(self.account, described["StackId"]),
            lambda found: (
                found is None or not found["StackStatus"].endswith("_IN_PROGRESS")
            ),
            f"the stack {name_of(stack)} to be gone",
        )
        if waited is not None and waited["StackStatus"] != "DELETE_COMPLETE":
            raise OperatorError(
                f"The stack {name_of(stack)} is {waited['StackStatus']}.",
                "Its events in the CloudFormation console say why; then try again.",
            )


def name_of(stack: str) -> str:
    """Return the name of the examples' stack of a set."""
    return f"{stack}-examples"


def wait_for(
    look: Callable[[], Seen], is_over: Callable[[Seen], bool], what: str
) -> Seen:
    """Look until something is over, and return what was seen last.

    Raises:
        OperatorError: it takes longer than a quarter of an hour.
    """
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    seen = look()
    if not is_over(seen):
        tell(f"Waiting for {what} …")
    while not is_over(seen):
        if time.monotonic() > deadline:
            raise OperatorError(f"Waited 15 minutes for {what}.", "Look again later.")
        time.sleep(SECONDS_BETWEEN_LOOKS)
        seen = look()
    return seen


def or_none(call: Callable[[], Any]) -> Any:
    """Return what SageMaker answers, or None for something that there is not."""
    try:
        return call()
    except ClientError as error:
        if code_of(error) == "ResourceNotFound":
            return None
        raise
