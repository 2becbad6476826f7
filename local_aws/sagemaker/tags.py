"""AddTags, ListTags and DeleteTags, which know work teams only.

A workforce takes tags when it is made, yet ListTags answered "Invalid resource type:
workforce" for its ARN (hashicorp/terraform-provider-aws#20065), and the Service
Authorization Reference names no workforce for these actions. So they cannot be read
back here either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_aws.sagemaker import state, workteams
from local_aws.sagemaker.errors import SageMakerError, validation_error

MAXIMUM_TAGS = 50


def _tagged(arn: str) -> state.Workteam:
    resource = arn.split(":", 5)[-1]
    kind, _, name = resource.partition("/")
    if kind != "workteam":
        raise validation_error(f"Invalid resource type: {kind}")
    return workteams.find(name.rsplit("/", 1)[-1])


def add(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Add or replace tags and return all of them."""
    workteam = _tagged(parameters["ResourceArn"])
    tags = {tag["Key"]: tag["Value"] for tag in [*workteam.tags, *parameters["Tags"]]}
    if any(key.lower().startswith("aws:") for key in tags):
        raise validation_error("Tag keys that begin with aws: are reserved.")
    if len(tags) > MAXIMUM_TAGS:
        raise SageMakerError(
            "ResourceLimitExceeded", f"A resource has at most {MAXIMUM_TAGS} tags."
        )
    workteam.tags = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {"Tags": workteam.tags}


def list_all(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tags of a work team."""
    return {"Tags": _tagged(parameters["ResourceArn"]).tags}


def delete(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Remove tags by their keys."""
    workteam = _tagged(parameters["ResourceArn"])
    removed = set(parameters["TagKeys"])
    workteam.tags = [tag for tag in workteam.tags if tag["Key"] not in removed]
    return {}
