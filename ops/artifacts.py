"""The artifact bucket: where `aws cloudformation package` puts the nested templates.

Its own stack, `<stack>-artifacts`, because it must exist before the set and outlives
it. BUCKET= brings another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError

from ops import buckets, change_set, stacks
from ops.account import Account
from ops.aws_cli import AwsCli
from ops.errors import OperatorError, code_of, explain

TEMPLATE = Path("dist/artifact-bucket.yaml")


@dataclass(frozen=True)
class Artifacts:
    """The artifact bucket of a stack.

    Attributes:
        account: Where it is.
        stack: The stack that makes it.
        given: The operator's own bucket, or empty.
    """

    account: Account
    stack: str
    given: str

    @classmethod
    def of(cls, account: Account, stack: str, given: str) -> Artifacts:
        """Return the artifact bucket that goes with the stack of root."""
        return cls(account, f"{stack}-artifacts", given)

    def problem(self) -> OperatorError | None:
        """Return why the bucket cannot be used, without making anything."""
        if self.given:
            return self._bucket_problem(self.given)
        stack = stacks.describe(self.account, self.stack)
        if stack is None:
            return None
        status = stack["StackStatus"]
        if status in {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}:
            return OperatorError(
                f"The artifact bucket's stack {self.stack} is {status}.",
                f"Delete it (`aws cloudformation delete-stack --stack-name "
                f"{self.stack}`), or bring a bucket with BUCKET=.",
            )
        bucket = stacks.outputs(stack).get("BucketName")
        return self._bucket_problem(bucket) if bucket else None

    def ensure(self, cli: AwsCli) -> str:
        """Return the bucket's name, making or updating its stack when needed."""
        if self.given:
            return self.given
        if not change_set.is_current(self.account, self.stack, TEMPLATE):
            change_set.execute(self.account, cli, self.stack, TEMPLATE)
        return self.name()

    def name(self) -> str:
        """Return the bucket's name, or nothing when its stack does not exist."""
        if self.given:
            return self.given
        stack = stacks.describe(self.account, self.stack)
        return stacks.outputs(stack).get("BucketName", "") if stack else ""

    def delete(self) -> str:
        """Delete the stack, then its bucket with every version in it.

        The stack goes first: it keeps the bucket (DeletionPolicy Retain), and takes its
        policy away, which may forbid what follows.

        Returns:
            The name of the deleted bucket, or nothing when there was none.
        """
        bucket = self.name()
        if not bucket or self.given:
            return ""
        self.account.cloudformation.delete_stack(StackName=self.stack)
        waiter = self.account.cloudformation.get_waiter("stack_delete_complete")
        waiter.wait(StackName=self.stack, WaiterConfig={"Delay": 2, "MaxAttempts": 150})
        buckets.empty(self.account, bucket)
        self.account.s3.delete_bucket(Bucket=bucket)
        return bucket

    def _bucket_problem(self, bucket: str) -> OperatorError | None:
        elsewhere = OperatorError(
            f"The bucket {bucket} is not in {self.account.region}.",
            "CloudFormation reads templates from a bucket in its own Region: bring one "
            "that is there.",
        )
        try:
            answer = self.account.s3.head_bucket(Bucket=bucket)
        except ClientError as error:
            # HEAD has no body, so S3's answer is only a number.
            match code_of(error):
                case "403":
                    return OperatorError(
                        f"These credentials have no rights on the bucket {bucket}.",
                        "Grant s3:ListBucket, s3:GetObject and s3:PutObject, or bring "
                        "another bucket with BUCKET=.",
                    )
                case "404":
                    return OperatorError(
                        f"The bucket {bucket} does not exist.",
                        "Correct BUCKET=, or leave it out to have one made.",
                    )
                case "301":
                    return elsewhere
            return explain(error)
        # boto3 follows S3 to the bucket's own Region, without a word.
        return None if answer["BucketRegion"] == self.account.region else elsewhere
