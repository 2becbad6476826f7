"""What in the account stands in the way of a deployment: one question each.

A check is given the situation and yields what it finds. It changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ops import stacks
from ops.account import Account
from ops.errors import code_of
from ops.workers.pool import EMAILS_A_DAY

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

ABSENT = (
    "ResourceNotFoundException",
    "NotFoundException",
    "WAFNonexistentItemException",
    "NoSuchHostedZone",
)


@dataclass(frozen=True)
class Finding:
    """What a check has found.

    Attributes:
        level: "error" stands in the way, "warning" does not, "fine" is as it should
            be, "unknown" could not be looked at, "note" is not for this check to
            judge.
        fact: What is so, in one sentence.
        mend: What to do about it; empty for what is fine.
    """

    level: str
    fact: str
    mend: str = ""


@dataclass(frozen=True)
class Situation:
    """What a deployment would start from.

    Attributes:
        account: Where to deploy.
        stack: The name of root's stack.
        existing: The stack, if there is one.
        values: The value of each parameter that the deployment would have.
        caller: The ARN of the credentials' owner.
    """

    account: Account
    stack: str
    existing: StackTypeDef | None
    values: Mapping[str, str]
    caller: str

    @property
    def outputs(self) -> Mapping[str, str]:
        """The outputs of the stack, if there is one."""
        return stacks.outputs(self.existing) if self.existing else {}


def private_workforce(situation: Situation) -> Iterator[Finding]:
    """SageMaker has one private workforce in an account and Region."""
    ours = situation.outputs.get("WorkforceName")
    adopted = situation.values.get("ExistingWorkforceName")
    pages = situation.account.client("sagemaker").get_paginator("list_workforces")
    for page in pages.paginate():
        for workforce in page["Workforces"]:
            name = workforce["WorkforceName"]
            # A vendor's has neither.
            if not ("CognitoConfig" in workforce or "OidcConfig" in workforce):
                continue
            if name in (ours, adopted):
                yield Finding("fine", f"The private workforce {name} is this stack's.")
                return
            yield Finding(
                "error",
                f"A private workforce already exists in {situation.account.region}: "
                f"{name}, {_whose(situation.account, workforce)}. SageMaker allows one "
                "per account and Region.",
                "Use that one, delete it (its work teams first), or deploy in another "
                "Region or account.",
            )
            return
    yield Finding("fine", "There is no other private workforce in this Region.")


def _whose(account: Account, workforce: Mapping[str, Any]) -> str:
    pool_id = workforce.get("CognitoConfig", {}).get("UserPool")
    if not pool_id:
        return "which signs in through an OIDC provider"
    try:
        pool = account.client("cognito-idp").describe_user_pool(UserPoolId=pool_id)
    except ClientError:
        return f"on the user pool {pool_id}"
    owner = pool["UserPool"].get("UserPoolTags", {}).get("aws:cloudformation:stack-id")
    described = stacks.describe(account, owner) if owner else None
    if described is None:
        return f"on the user pool {pool_id}, which no stack holds"
    root = described.get("RootId", described["StackId"])
    return f"of the stack {root.split('/')[1]}"


def domain_prefix(situation: Situation) -> Iterator[Finding]:
    """A domain prefix is taken once in a Region, over all accounts."""
    prefix = situation.values.get("DomainPrefix")
    if not prefix:
        return
    cognito = situation.account.client("cognito-idp")
    found = cognito.describe_user_pool_domain(Domain=prefix)["DomainDescription"]
    pool = found.get("UserPoolId")
    if not found:
        yield Finding(
            "fine",
            f"The domain prefix {prefix} is free in this account; of others AWS does "
            "not tell.",
        )
    elif pool and pool == situation.outputs.get("UserPoolId"):
        yield Finding("fine", f"The domain prefix {prefix} is this stack's.")
    else:
        by = f"the user pool {pool}" if pool else "another account"
        yield Finding(
            "error",
            f"The domain prefix {prefix} is taken by {by}.",
            "Give another DomainPrefix, or leave it empty: the derived one is free.",
        )


def certificate(situation: Situation) -> Iterator[Finding]:
    """The certificate of an own domain is issued, in us-east-1, for that name."""
    arn = situation.values.get("CustomDomainCertificateArn")
    name = situation.values.get("CustomDomainName", "")
    if not arn:
        return
    acm = situation.account.client("acm", region="us-east-1")
    try:
        found = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    except ClientError as error:
        if code_of(error) not in ABSENT:
            raise
        yield Finding(
            "error",
            f"There is no certificate {arn} in this account.",
            "Request one in ACM in us-east-1 and give its ARN as "
            "CustomDomainCertificateArn.",
        )
        return
    names = {found["DomainName"], *found.get("SubjectAlternativeNames", [])}
    wildcard = f"*.{name.partition('.')[2]}"
    if found["Status"] != "ISSUED":
        yield Finding(
            "error",
            f"The certificate {arn} is {found['Status']}.",
            "Validate it in ACM (its DNS record, usually), and deploy then.",
        )
    elif not names & {name, wildcard}:
        yield Finding(
            "error",
            f"The certificate {arn} is for {', '.join(sorted(names))}, not for {name}.",
            f"Request one for {name}.",
        )
    else:
        yield Finding("fine", f"The certificate of {name} is issued.")


def hosted_zone(situation: Situation) -> Iterator[Finding]:
    """The hosted zone is there, public, and holds the own domain."""
    zone_id = situation.values.get("CustomDomainHostedZoneId")
    name = situation.values.get("CustomDomainName", "")
    if not zone_id:
        return
    try:
        zone = situation.account.client("route53").get_hosted_zone(Id=zone_id)
    except ClientError as error:
        if code_of(error) not in ABSENT:
            raise
        yield Finding(
            "error",
            f"There is no hosted zone {zone_id} in this account.",
            "Correct CustomDomainHostedZoneId, or leave it out and make the DNS record "
            "yourself.",
        )
        return
    zone_name = zone["HostedZone"]["Name"].rstrip(".")
    if zone["HostedZone"].get("Config", {}).get("PrivateZone"):
        yield Finding(
            "error",
            f"The hosted zone {zone_id} ({zone_name}) is private.",
            "Workers' browsers ask the public DNS: give a public hosted zone.",
        )
    elif name != zone_name and not name.endswith(f".{zone_name}"):
        yield Finding(
            "error",
            f"The hosted zone {zone_id} is for {zone_name}, which {name} is not in.",
            "Give the zone of that domain, or leave CustomDomainHostedZoneId out.",
        )
    else:
        yield Finding("fine", f"The hosted zone of {name} is {zone_name}.")


def own_web_acl(situation: Situation) -> Iterator[Finding]:
    """A web ACL of the operator's is there, in this Region."""
    arn = situation.values.get("WebAclArn")
    if not arn:
        return
    region = arn.split(":")[3]
    name, _, acl_id = arn.partition(":regional/webacl/")[2].partition("/")
    mend = f"Give a regional web ACL of {situation.account.region}, or none."
    if region != situation.account.region:
        yield Finding("error", f"The web ACL {arn} is in {region}.", mend)
        return
    try:
        situation.account.client("wafv2").get_web_acl(
            Name=name, Scope="REGIONAL", Id=acl_id
        )
    except ClientError as error:
        if code_of(error) not in ABSENT:
            raise
        yield Finding("error", f"There is no web ACL {arn}.", mend)
    else:
        yield Finding("fine", f"The web ACL {name} is there.")


def sender(situation: Situation) -> Iterator[Finding]:
    """Who sends the invitations may send them, and as many."""
    arn = situation.values.get("SesIdentityArn")
    if not arn:
        invited = [e for e in situation.values.get("WorkerEmails", "").split(",") if e]
        if len(invited) > EMAILS_A_DAY:
            yield Finding(
                "warning",
                f"{len(invited)} workers would be invited, and Cognito's own sender "
                f"sends {EMAILS_A_DAY} e-mails a day for the whole account.",
                "Give an SES identity (SesIdentityArn), or invite in parts.",
            )
        return
    region, identity = arn.split(":")[3], arn.partition("identity/")[2]
    ses = situation.account.client("sesv2", region=region)
    try:
        found = ses.get_email_identity(EmailIdentity=identity)
    except ClientError as error:
        if code_of(error) not in ABSENT:
            raise
        yield Finding(
            "error",
            f"There is no SES identity {identity} in {region}.",
            "Verify the address or its domain in Amazon SES there, or give another "
            "SesIdentityArn.",
        )
        return
    if not found.get("VerifiedForSendingStatus"):
        yield Finding(
            "error",
            f"The SES identity {identity} in {region} is not verified.",
            "Finish its verification in Amazon SES, and deploy then.",
        )
        return
    yield Finding("fine", f"The SES identity {identity} is verified.")
    if not ses.get_account().get("ProductionAccessEnabled"):
        yield Finding(
            "warning",
            f"Amazon SES in {region} is in its sandbox: it sends to verified addresses "
            "only.",
            "Request production access in the SES console before you invite workers.",
        )
