"""Offer the set as a Service Catalog product, and add each new version to it.

The stack `<stack>-catalog` makes portfolio, product and launch role, with the published
single file as first version. Later versions are added by the API: what CloudFormation
does to versions that leave the product's template is not documented, and a version that
somebody has launched must stay.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from ops import change_set, deploy, parameters, publish, stacks
from ops.account import Account
from ops.artifacts import Artifacts
from ops.checks import collect, note
from ops.errors import NotReady, OperatorError, code_of
from ops.terminal import tell

TEMPLATE = Path("dist/service-catalog.yaml")

#: Parameters of the set that are granted to launchers when the parameter file has them.
GRANTS = (
    "CustomDomainCertificateArn",
    "CustomDomainHostedZoneId",
    "OidcClientSecretArn",
    "WebAclArn",
)
_LONGEST_SECONDS = 120


@dataclass(frozen=True)
class Offer:
    """Who offers the product, and to whom.

    Attributes:
        owner: Who answers for it; empty keeps what the stack has.
        principal: The ARN of who may launch, or a pattern; empty keeps it.
    """

    owner: str
    principal: str


def run(
    account: Account,
    stack: str,
    parameter_file: Path,
    artifacts: Artifacts,
    offer: Offer,
) -> dict[str, str]:
    """Publish the set and offer it, telling what happens.

    Args:
        account: Where to offer it.
        stack: The name to which the portfolio's stack adds ``-catalog``.
        parameter_file: Names what of yours launchers may use; the default may be
            missing.
        artifacts: The bucket with the published versions.
        offer: Who offers it, and to whom.

    Returns:
        The outputs of the portfolio's stack, and the version, by the names that the
        operator sees.

    Raises:
        NotReady: with everything that is missing, before anything is made.
        OperatorError: with the cause, when something does not get there.
    """
    name = f"{stack}-catalog"
    plan = _prepare(account, name, parameter_file, artifacts, offer)
    published = publish.publish(account, plan.cli, artifacts)
    values = _values(offer, plan.values)
    if stacks.describe(account, name) is None:
        values["TemplateUrl"] = published.template_url
        values["TemplateVersion"] = published.version
    tell(f"Offering version {published.version} in {account.region} …")
    change_set.execute(account, plan.cli, name, TEMPLATE, values=values)
    outputs = deploy.outputs(account, name)
    add_version(account, outputs["ProductId"], published)
    tell_of_workforce(account)
    return {**outputs, "Version": published.version}


def _prepare(
    account: Account,
    name: str,
    parameter_file: Path,
    artifacts: Artifacts,
    offer: Offer,
) -> publish.Plan:
    """Check everything that can be checked before anything is made.

    Raises:
        NotReady: with everything that is missing.
    """
    found: list[OperatorError] = []
    declared = parameters.declared_in(TEMPLATE)
    plan = None
    try:
        plan = publish.prepare(account, parameter_file, artifacts)
    except NotReady as missing:
        found += missing.problems
    is_new = plan is not None and stacks.describe(account, name) is None
    note(found, owner_problem(offer.owner, declared, is_new=is_new))
    wrong = principal_problem(offer.principal, declared, is_new=is_new)
    note(found, wrong)
    # A pattern is for roles that come later, as those of IAM Identity Center do, and
    # need not match anything yet ("AssociatePrincipalWithPortfolio", API reference).
    if offer.principal and not wrong and not _is_pattern(offer.principal):
        note(found, collect(found, lambda: absence(account, offer.principal)))
    if found or plan is None:
        raise NotReady(found)
    return plan


def owner_problem(
    owner: str, declared: Mapping[str, Any], *, is_new: bool
) -> OperatorError | None:
    """Return what is wrong with the owner that is given, or None.

    Args:
        owner: What OWNER= says.
        declared: The parameters of the portfolio's template.
        is_new: Whether there is no portfolio yet, whose owner would stay.
    """
    if not owner:
        if not is_new:
            return None
        return OperatorError(
            "A product needs an owner, and none is given.",
            'Name who answers for it, for example OWNER="Labeling platform".',
        )
    if re.fullmatch(declared["ProductOwner"]["AllowedPattern"], owner):
        return None
    return OperatorError(
        f"{owner!r} cannot be the owner of a product.",
        f"OWNER= takes: {declared['ProductOwner']['ConstraintDescription']}",
    )


def principal_problem(
    principal: str, declared: Mapping[str, Any], *, is_new: bool
) -> OperatorError | None:
    """Return what is wrong with the principal that is given, or None; see above."""
    mend = (
        "Give PRINCIPAL=arn:aws:iam::123456789012:role/name (group, user), or a "
        "pattern without account id: arn:aws:iam:::role/name*."
    )
    if not principal:
        if not is_new:
            return None
        return OperatorError("Nobody is named who may launch the product.", mend)
    if not re.fullmatch(declared["PrincipalArn"]["AllowedPattern"], principal):
        return OperatorError(
            f"{principal!r} is not the ARN of an IAM role, group or user.", mend
        )
    if not _is_pattern(principal) and re.search("[*?]", principal):
        return OperatorError(
            f"{principal} is neither one principal nor a pattern.", mend
        )
    if principal.partition("/")[2].strip("*?") == "":
        return OperatorError(
            f"{principal} would let everybody in the account launch the product.",
            "Name a path or the beginning of a name before the asterisk.",
        )
    return None


def _is_pattern(principal: str) -> bool:
    return principal.startswith("arn:aws:iam:::")


def absence(account: Account, principal: str) -> OperatorError | None:
    """Return that a role, group or user does not exist in the account, or None.

    Args:
        account: Where the portfolio is; Service Catalog takes principals of its
            account only.
        principal: A full ARN. Nothing is said of one that may not be looked at.
    """
    owner, kind = principal.split(":")[4], principal.split(":")[5].partition("/")[0]
    here = account.sts.get_caller_identity()["Account"]
    if owner != here:
        return OperatorError(
            f"{principal} belongs to another account than the portfolio ({here}).",
            f"Give a {kind} of this account as PRINCIPAL=.",
        )
    try:
        found = _arn_of(account, kind, principal.rpartition("/")[2])
    except ClientError as error:
        if code_of(error) in ("AccessDenied", "AccessDeniedException"):
            tell(f"These credentials may not see whether {principal} exists.")
            return None
        # A name that IAM does not take is no name of a principal either.
        if code_of(error) not in ("NoSuchEntity", "ValidationError"):
            raise
        found = ""
    if found == principal:
        return None
    if found:
        return OperatorError(
            f"There is no {kind} {principal}: its ARN is {found}.",
            "Give that one as PRINCIPAL=, with its path.",
        )
    return OperatorError(
        f"There is no {kind} {principal}.",
        f"Correct PRINCIPAL= (`aws iam list-{kind}s` lists what there is), or make the "
        f"{kind} first.",
    )


def _arn_of(account: Account, kind: str, name: str) -> str:
    iam = account.client("iam")
    match kind:
        case "role":
            found = iam.get_role(RoleName=name)["Role"]
        case "group":
            found = iam.get_group(GroupName=name, MaxItems=1)["Group"]
        case _:
            found = iam.get_user(UserName=name)["User"]
    return str(found["Arn"])


def _values(offer: Offer, given: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of the portfolio's stack; one left out keeps its value."""
    values = {name: given[name] for name in GRANTS if name in given}
    if offer.owner:
        values["ProductOwner"] = offer.owner
    if offer.principal:
        values["PrincipalArn"] = offer.principal
        kind = "IAM_PATTERN" if _is_pattern(offer.principal) else "IAM"
        values["PrincipalType"] = kind
    return values


def add_version(account: Account, product: str, published: publish.Published) -> None:
    """Add the published version unless the product has it; wait until it is there.

    Raises:
        OperatorError: Service Catalog does not take the template.
    """
    catalog = account.client("servicecatalog")
    # The request takes no page token ("ListProvisioningArtifacts", API reference).
    listed = catalog.list_provisioning_artifacts(ProductId=product)
    names = [each["Name"] for each in listed["ProvisioningArtifactDetails"]]
    if published.version in names:
        tell(f"The product has version {published.version}.")
        return
    added = catalog.create_provisioning_artifact(
        ProductId=product,
        IdempotencyToken=published.version,
        Parameters={
            "Name": published.version,
            "Type": "CLOUD_FORMATION_TEMPLATE",
            "Info": {"LoadTemplateFromURL": published.template_url},
        },
    )
    artifact = added["ProvisioningArtifactDetail"]["Id"]
    end = time.monotonic() + _LONGEST_SECONDS
    status = added["Status"]
    while status == "CREATING" and time.monotonic() < end:
        status = catalog.describe_provisioning_artifact(
            ProductId=product, ProvisioningArtifactId=artifact
        )["Status"]
        if status == "CREATING":
            time.sleep(1)
    if status != "AVAILABLE":
        raise OperatorError(
            f"Version {published.version} of the product is {status}.",
            "Look at it in the Service Catalog console; the versions before it stay.",
        )
    tell(f"Added version {published.version}; {len(names)} before it stay.")


def tell_of_workforce(account: Account) -> None:
    """Say when a launch would fail, because a Region has one private workforce."""
    try:
        pages = account.client("sagemaker").get_paginator("list_workforces")
        listed = [each for page in pages.paginate() for each in page["Workforces"]]
    except ClientError:
        tell("These credentials may not see whether a private workforce exists here.")
        return
    # A vendor's has no identity configuration.
    private = [
        each["WorkforceName"]
        for each in listed
        if "CognitoConfig" in each or "OidcConfig" in each
    ]
    if private:
        tell(
            f"{account.region} has the private workforce {private[0]} already: the "
            "product can be launched there once that is gone."
        )
