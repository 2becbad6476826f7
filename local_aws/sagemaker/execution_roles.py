"""The role that a labeling job or a human review works with, and what it must allow.

Whoever passes it needs iam:PassRole for SageMaker, SageMaker must be able to assume it,
and it must hold what the documented policy holds ("Create a SageMaker Execution Role
for a Ground Truth Labeling Job", "Add Permissions to the IAM Role Used to Create a Flow
Definition", SageMaker Developer Guide). That what is missing is refused at once is
assumed: on AWS some of it fails the job later.
"""

from __future__ import annotations

from ministack.services import s3

from local_aws import iam
from local_aws.iam import roles
from local_aws.sagemaker.errors import validation_error

SERVICE = "sagemaker.amazonaws.com"


def assume(role_arn: str, *, operation: str) -> None:
    """Check that the caller may pass a role, and that SageMaker can assume it.

    Raises:
        iam.AccessDenied: the caller may not pass it.
        SageMakerError: there is none that trusts SageMaker.
    """
    iam.require(
        "iam:PassRole",
        role_arn,
        operation=operation,
        context={"iam:PassedToService": SERVICE},
    )
    if not roles.trusts(role_arn, SERVICE):
        raise validation_error(
            f"Could not assume role {role_arn}. Please ensure that the role exists and "
            f"allows principal '{SERVICE}' to assume the role."
        )


def demand(role_arn: str, action: str, resource: str) -> None:
    """Check that a role allows an action.

    Raises:
        SageMakerError: it does not; role, action and resource are named.
    """
    if not roles.role_allows(role_arn, action, resource):
        raise validation_error(
            f"The role {role_arn} does not allow {action} on {resource}."
        )


def read(role_arn: str, uri: str) -> bytes:
    """Return an object as the role sees it.

    Raises:
        SageMakerError: the role may not read it, or there is none.
    """
    bucket, key = located(uri)
    demand(role_arn, "s3:GetObject", f"arn:aws:s3:::{bucket}/{key}")
    data: bytes | None = s3._get_object_data(bucket, key)
    if data is None:
        raise validation_error(f"The object {uri} does not exist.")
    return data


def check_output(role_arn: str, uri: str) -> None:
    """Check that the role may write below a path of a bucket that exists.

    Raises:
        SageMakerError: it may not.
    """
    bucket, prefix = located(uri)
    if bucket not in s3._buckets:
        raise validation_error(f"The bucket of {uri} does not exist.")
    name = f"{prefix.rstrip('/')}/output" if prefix else "output"
    demand(role_arn, "s3:PutObject", f"arn:aws:s3:::{bucket}/{name}")


def located(uri: str) -> tuple[str, str]:
    """Return bucket and key of ``s3://bucket/key``.

    Raises:
        SageMakerError: it is no such URI.
    """
    scheme, _, path = uri.partition("://")
    bucket, _, key = path.partition("/")
    if scheme not in ("s3", "https") or not bucket:
        raise validation_error(f"{uri} is no S3 URI.")
    return bucket, key
