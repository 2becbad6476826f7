"""The artifact bucket: where the packaged templates of the set lie.

Living stacks name the templates that they were made from, so a current object is
never expired; only what was overwritten or never finished is cleaned up.
"""

from __future__ import annotations

from troposphere import Template, s3

from templates import private_bucket, wiring
from templates.accepted import accepted
from templates.wiring import Produced

DESCRIPTION = "Artifact bucket for the templates of a private labeling workforce"


def build() -> Template:
    """Return the template of the artifact bucket."""
    template = wiring.new_template(DESCRIPTION)
    bucket = _add_bucket(template)
    private_bucket.add_policy(template, bucket)
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
            # Stacks made from these templates may outlive this one.
            DeletionPolicy="Retain",
            UpdateReplacePolicy="Retain",
            **private_bucket.properties(noncurrent_days=90),
        )
    )
