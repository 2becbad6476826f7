"""Publish the set: both forms in a bucket, under a version that is their content.

Whoever has no checkout takes it from there: by a quick-create link in the console, as a
Service Catalog product, by StackSets. A version is never changed and never removed: a
stack that was made from it may still name it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from botocore.exceptions import ClientError

from ops import aws_cli, deploy, parameters, readiness
from ops.account import Account
from ops.artifacts import Artifacts
from ops.aws_cli import AwsCli
from ops.checks import collect, note, region_problem
from ops.errors import NotReady, OperatorError, code_of, explain
from ops.terminal import tell

SINGLE_FILE = Path("dist/private-workforce.yaml")

_CHILDREN = (Path("dist/base.yaml"), Path("dist/workforce.yaml"))
_FOLDER = "private-workforce"
# As many digits as git needs to name a commit for long.
_VERSION_LENGTH = 12


@dataclass(frozen=True)
class Published:
    """A version of the set in a bucket.

    Attributes:
        version: A digest of its templates.
        template_url: The https URL of the single file.
        root_url: The https URL of the nested set's root.
    """

    version: str
    template_url: str
    root_url: str


@dataclass(frozen=True)
class Plan:
    """A publication that nothing known stands in the way of.

    Attributes:
        cli: The AWS CLI.
        values: What the parameter file sets.
    """

    cli: AwsCli
    values: Mapping[str, str]


def run(
    account: Account, stack: str, parameter_file: Path, artifacts: Artifacts
) -> dict[str, str]:
    """Publish the set, telling what happens.

    Args:
        account: Where to publish.
        stack: The name that the quick-create link fills in.
        parameter_file: The parameters that it fills in; the default may be missing.
        artifacts: The bucket.

    Returns:
        Version, bucket, URLs and quick-create link, by the names an operator sees.

    Raises:
        NotReady: with everything that is missing, before anything is uploaded.
    """
    plan = prepare(account, parameter_file, artifacts)
    published = publish(account, plan.cli, artifacts)
    return {
        "Version": published.version,
        "Bucket": artifacts.name(),
        "TemplateUrl": published.template_url,
        "RootTemplateUrl": published.root_url,
        "QuickCreateLink": quick_create_link(
            account.region, published.template_url, stack, plan.values
        ),
    }


def prepare(account: Account, parameter_file: Path, artifacts: Artifacts) -> Plan:
    """Check everything that can be checked before anything is uploaded.

    Raises:
        NotReady: with everything that is missing.
    """
    found: list[OperatorError] = []
    cli = collect(found, aws_cli.find)
    declared = collect(found, lambda: parameters.declared_in(SINGLE_FILE)) or {}
    values: dict[str, str] = {}
    if parameter_file != readiness.DEFAULT_PARAMETERS or parameter_file.exists():
        values = collect(found, lambda: parameters.read(parameter_file)) or {}
        if declared:
            found += parameters.problems(values, declared, parameter_file)
    note(found, region_problem(account.region))
    # Without credentials, every further question would say the same again.
    if collect(found, account.sts.get_caller_identity):
        problem = collect(found, artifacts.problem)
        note(found, problem)
        if problem is None and (bucket := artifacts.name()):
            note(found, _version_problem(account, bucket))
    if found or cli is None:
        raise NotReady(found)
    return Plan(cli, values)


def publish(account: Account, cli: AwsCli, artifacts: Artifacts) -> Published:
    """Upload both forms of the set as they are in dist/.

    What is there already is left as it is; another content is another version.

    Args:
        account: Where the bucket is.
        cli: The AWS CLI, which packages the nested set.
        artifacts: The bucket; its stack is made when needed.

    Returns:
        Where they are.
    """
    bucket = artifacts.ensure(cli)
    version = _version()
    folder = f"{_FOLDER}/{version}"
    tell(f"Publishing version {version} in {bucket} …")
    root = deploy.package(account, cli, bucket, folder)
    return Published(
        version,
        _upload(account, bucket, f"{folder}/{SINGLE_FILE.name}", SINGLE_FILE),
        _upload(account, bucket, f"{folder}/{root.name}", root),
    )


def quick_create_link(
    region: str, template_url: str, stack: str, values: Mapping[str, str]
) -> str:
    """Return the link to the console's page for a new stack, filled in.

    "Create quick-create links for stacks", CloudFormation User Guide: templateURL is an
    S3 URL, parameters are `param_<name>`; who follows the link may edit them.
    """
    given = {f"param_{name}": value for name, value in values.items()}
    query = urlencode(
        {"templateURL": template_url, "stackName": stack, **given}, quote_via=quote
    )
    return (
        f"https://{region}.console.aws.amazon.com/cloudformation/home"
        f"?region={region}#/stacks/create/review?{query}"
    )


def _version() -> str:
    digest = hashlib.sha256()
    for path in (SINGLE_FILE, readiness.ROOT_TEMPLATE, *_CHILDREN):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:_VERSION_LENGTH]


def _upload(account: Account, bucket: str, key: str, file: Path) -> str:
    """Upload a template unless it is there; return its URL.

    Path-style, as `aws cloudformation package` writes the URLs of the children, and as
    it is in every example of CloudFormation and Service Catalog.
    """
    body = file.read_bytes()
    try:
        present = account.s3.get_object(Bucket=bucket, Key=key)["Body"].read() == body
    except account.s3.exceptions.NoSuchKey:
        present = False
    if not present:
        account.s3.put_object(
            Bucket=bucket, Key=key, Body=body, ContentType="application/yaml"
        )
    return f"{account.s3.meta.endpoint_url}/{bucket}/{key}"


def _version_problem(account: Account, bucket: str) -> OperatorError | None:
    """Return that what is overwritten or deleted in a bucket could not be restored."""
    try:
        answer = account.s3.get_bucket_versioning(Bucket=bucket)
    except ClientError as error:
        if code_of(error) != "AccessDenied":
            return explain(error)
        return OperatorError(
            f"These credentials may not see whether the bucket {bucket} is versioned.",
            "Grant s3:GetBucketVersioning, or bring another bucket with BUCKET=.",
        )
    if answer.get("Status") == "Enabled":
        return None
    return OperatorError(
        f"The bucket {bucket} keeps no versions, so a template that stacks are made "
        "from could be lost.",
        "Turn its versioning on, or bring another bucket with BUCKET=.",
    )
