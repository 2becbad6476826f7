"""The artifact bucket: where the packaged templates of the set lie.

Living stacks name the templates that they were made from, so a current object is
never expired; only what was overwritten or never finished is cleaned up.
"""

from __future__ import annotations

import awacs.s3
from awacs.aws import Bool, Condition, Deny, PolicyDocument, Principal, Statement
from troposphere import Sub, Template, s3

from templates import wiring
from templates.accepted import accepted
from templates.wiring import Produced

DESCRIPTION = "Artifact bucket for the templates of a private labeling workforce"


def build() -> Template:
    """Return the template of the artifact bucket."""
    template = wiring.new_template(DESCRIPTION)
    bucket = _add_bucket(template)
    _add_policy(template, bucket)
    return wiring.finish(
        template,
        {"BucketName": Produced("Name of the artifact bucket", bucket.ref())},
    )


def _add_bucket(template: Template) -> s3.Bucket:
    return template.add_resource(
        s3.Bucket(
            "ArtifactBucket",
            Metadata=accepted(
                {
                    "CKV_AWS_18": (
                        "needs a second bucket for a list of who read templates "
                        "that are no secrets"
                    ),
                    "AwsSolutions-S1": (
                        "needs a second bucket for a list of who read templates "
                        "that are no secrets"
                    ),
                }
            ),
            BucketEncryption=s3.BucketEncryption(
                ServerSideEncryptionConfiguration=[
                    s3.ServerSideEncryptionRule(
                        ServerSideEncryptionByDefault=s3.ServerSideEncryptionByDefault(
                            SSEAlgorithm="AES256"
                        )
                    )
                ]
            ),
            PublicAccessBlockConfiguration=s3.PublicAccessBlockConfiguration(
                BlockPublicAcls=True,
                BlockPublicPolicy=True,
                IgnorePublicAcls=True,
                RestrictPublicBuckets=True,
            ),
            OwnershipControls=s3.OwnershipControls(
                Rules=[
                    s3.OwnershipControlsRule(ObjectOwnership="BucketOwnerEnforced"),
                ]
            ),
            VersioningConfiguration=s3.VersioningConfiguration(Status="Enabled"),
            LifecycleConfiguration=s3.LifecycleConfiguration(
                Rules=[
                    s3.LifecycleRule(
                        Id="CleanUp",
                        Status="Enabled",
                        NoncurrentVersionExpiration=s3.NoncurrentVersionExpiration(
                            NoncurrentDays=90
                        ),
                        AbortIncompleteMultipartUpload=(
                            s3.AbortIncompleteMultipartUpload(DaysAfterInitiation=7)
                        ),
                    )
                ]
            ),
            # Stacks made from these templates may outlive this one.
            DeletionPolicy="Retain",
            UpdateReplacePolicy="Retain",
        )
    )


def _add_policy(template: Template, bucket: s3.Bucket) -> s3.BucketPolicy:
    return template.add_resource(
        s3.BucketPolicy(
            "ArtifactBucketPolicy",
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
                            Sub(f"${{{bucket.title}.Arn}}"),
                            Sub(f"${{{bucket.title}.Arn}}/*"),
                        ],
                        Condition=Condition(Bool("aws:SecureTransport", False)),
                    )
                ],
            ),
        )
    )
