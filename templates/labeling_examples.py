"""What a first labeling job and a first human review need: a bucket and a role.

A stack of its own, which `make labeling-job` makes and `make labeling-job-clean`
deletes, so that nothing of an example is in the set. One role serves both examples.
"""

from __future__ import annotations

import awacs.cloudwatch
import awacs.logs
import awacs.s3
from awacs.aws import Allow, Statement
from troposphere import Sub, Template, s3
from troposphere import iam as roles

from templates import iam, private_bucket, wiring
from templates.accepted import accepted
from templates.wiring import Produced

DESCRIPTION = "Bucket and role for examples of labeling jobs and human reviews"

#: Where results go; nothing else can be written.
OUTPUT = "output"

_WITHOUT_ACCESS_LOG = (
    "needs a second bucket for a list of who read drawn pictures, which would outlive "
    "the example"
)


def build() -> Template:
    """Return the template of the examples' bucket and role."""
    template = wiring.new_template(DESCRIPTION)
    bucket = _add_bucket(template)
    private_bucket.add_policy(template, bucket)
    role = _add_role(template, bucket)
    return wiring.finish(
        template,
        {
            "BucketName": Produced("Bucket of pictures and results", bucket.ref()),
            "RoleArn": Produced("Role that SageMaker works with", role.get_att("Arn")),
        },
    )


def _add_bucket(template: Template) -> s3.Bucket:
    return template.add_resource(
        s3.Bucket(
            "ExamplesBucket",
            Metadata=accepted(
                {
                    "CKV_AWS_18": _WITHOUT_ACCESS_LOG,
                    "AwsSolutions-S1": _WITHOUT_ACCESS_LOG,
                }
            ),
            # Workers' browsers fetch the pictures by signed URLs, from the portal's
            # pages; without this they do not show them ("CORS Permission
            # Requirement", SageMaker Developer Guide).
            CorsConfiguration=s3.CorsConfiguration(
                CorsRules=[
                    s3.CorsRules(AllowedMethods=["GET"], AllowedOrigins=["*"]),
                ]
            ),
            DeletionPolicy="Delete",
            UpdateReplacePolicy="Delete",
            **private_bucket.properties(noncurrent_days=30),
        )
    )


def _add_role(template: Template, bucket: s3.Bucket) -> roles.Role:
    """Add the role of labeling jobs and human reviews."""
    return iam.add_service_role(
        template,
        "ExamplesRole",
        "sagemaker.amazonaws.com",
        "labeling-examples",
        _statements(bucket),
        accepted(
            {
                "AwsSolutions-IAM5": (
                    "objects of the one bucket and streams of the one log group "
                    "have no names yet; PutMetricData takes no ARN"
                ),
            }
        ),
    )


def _statements(bucket: s3.Bucket) -> list[Statement]:
    """Return what the documented policies allow, on this bucket alone.

    "Create a SageMaker Execution Role for a Ground Truth Labeling Job" and "Add
    Permissions to the IAM Role Used to Create a Flow Definition" (SageMaker Developer
    Guide).
    """
    objects = f"${{{bucket.title}.Arn}}"
    log_group = (
        "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}"
        ":log-group:/aws/sagemaker/LabelingJobs"
    )
    return [
        Statement(
            Sid="SeeTheBucket",
            Effect=Allow,
            Action=[awacs.s3.ListBucket, awacs.s3.GetBucketLocation],
            Resource=[bucket.get_att("Arn")],
        ),
        Statement(
            Sid="ReadPicturesAndResults",
            Effect=Allow,
            Action=[awacs.s3.GetObject],
            Resource=[Sub(f"{objects}/*")],
        ),
        Statement(
            Sid="WriteResults",
            Effect=Allow,
            Action=[awacs.s3.PutObject, awacs.s3.AbortMultipartUpload],
            Resource=[Sub(f"{objects}/{OUTPUT}/*")],
        ),
        Statement(
            Sid="TellOfTheJob",
            Effect=Allow,
            Action=[
                awacs.logs.CreateLogGroup,
                awacs.logs.CreateLogStream,
                awacs.logs.DescribeLogStreams,
                awacs.logs.PutLogEvents,
            ],
            Resource=[Sub(log_group), Sub(f"{log_group}:*")],
        ),
        Statement(
            Sid="MeasureTheWork",
            Effect=Allow,
            # Takes no resource (Service Authorization Reference).
            Action=[awacs.cloudwatch.PutMetricData],
            Resource=["*"],
        ),
    ]
