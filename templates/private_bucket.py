"""What every bucket of the project has: encrypted, private, versioned, TLS only."""

from __future__ import annotations

from typing import Any

import awacs.s3
from awacs.aws import Bool, Condition, Deny, PolicyDocument, Principal, Statement
from troposphere import Sub, Template, s3


def properties(*, noncurrent_days: int) -> dict[str, Any]:
    """Return the properties of a bucket that keeps its content to itself.

    Args:
        noncurrent_days: How long what was overwritten or deleted is kept.
    """
    return {
        "BucketEncryption": s3.BucketEncryption(
            ServerSideEncryptionConfiguration=[
                s3.ServerSideEncryptionRule(
                    ServerSideEncryptionByDefault=s3.ServerSideEncryptionByDefault(
                        SSEAlgorithm="AES256"
                    )
                )
            ]
        ),
        "PublicAccessBlockConfiguration": s3.PublicAccessBlockConfiguration(
            BlockPublicAcls=True,
            BlockPublicPolicy=True,
            IgnorePublicAcls=True,
            RestrictPublicBuckets=True,
        ),
        "OwnershipControls": s3.OwnershipControls(
            Rules=[s3.OwnershipControlsRule(ObjectOwnership="BucketOwnerEnforced")]
        ),
        "VersioningConfiguration": s3.VersioningConfiguration(Status="Enabled"),
        "LifecycleConfiguration": s3.LifecycleConfiguration(
            Rules=[
                s3.LifecycleRule(
                    Id="CleanUp",
                    Status="Enabled",
                    NoncurrentVersionExpiration=s3.NoncurrentVersionExpiration(
                        NoncurrentDays=noncurrent_days
                    ),
                    AbortIncompleteMultipartUpload=(
                        s3.AbortIncompleteMultipartUpload(DaysAfterInitiation=7)
                    ),
                )
            ]
        ),
    }


def add_policy(template: Template, bucket: s3.Bucket) -> s3.BucketPolicy:
    """Add the policy that refuses whatever comes without TLS."""
    return template.add_resource(
        s3.BucketPolicy(
            f"{bucket.title}Policy",
            Bucket=bucket.ref(),
            PolicyDocument=PolicyDocument(
                Version="2012-10-17",
                Statement=[
                    Statement(
                        Sid="TlsOnly",
                        Effect=Deny,
                        Principal=Principal("*"),
                        Action=[awacs.s3.Action("*")],
                        Resource=[
                            bucket.get_att("Arn"),
                            Sub(f"${{{bucket.title}.Arn}}/*"),
                        ],
                        Condition=Condition(Bool("aws:SecureTransport", False)),
                    )
                ],
            ),
        )
    )
