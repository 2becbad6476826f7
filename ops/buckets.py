"""Emptying a bucket, which must be empty before it can be deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ops.account import Account

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef


def empty(account: Account, bucket: str) -> None:
    """Delete every version of every object in a bucket."""
    versions = account.s3.get_paginator("list_object_versions")
    for page in versions.paginate(Bucket=bucket):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        keys = [
            cast(
                "ObjectIdentifierTypeDef",
                {"Key": item["Key"], "VersionId": item["VersionId"]},
            )
            for item in found
        ]
        if keys:
            account.s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})
