"""The sign-in: its pages, passwords, second factors, protection and log."""

from __future__ import annotations

from collections.abc import Iterator

from ops.account_checks import Finding
from ops.deployed import Deployed
from ops.promises.telling import BY_HAND, DEPLOY_AGAIN, held


def sign_in_domain(deployed: Deployed) -> Iterator[Finding]:
    """The sign-in pages are there, for this pool, and their prefix is written down."""
    host = deployed.outputs["UserPoolDomainName"]
    domain = deployed.domain
    yield held(
        domain.get("UserPoolId") == deployed.outputs["UserPoolId"]
        and domain.get("Status") == "ACTIVE",
        f"The sign-in pages are on {host}.",
        f"The sign-in domain {host} is {domain.get('Status', 'gone')}.",
        "Without it nobody signs in. " + BY_HAND,
    )
    name = deployed.outputs["DomainPrefixParameterName"]
    found = deployed.account.client("ssm").get_parameters(Names=[name])["Parameters"]
    value = found[0]["Value"] if found else None
    yield held(
        value == host.partition(".auth.")[0],
        "The domain prefix is written down in Parameter Store.",
        f"The parameter {name} holds {value} instead of the domain prefix.",
        BY_HAND,
    )


def user_pool(deployed: Deployed) -> Iterator[Finding]:
    """Passwords, second factors and protection are as the parameters say."""
    pool, parameters = deployed.pool, deployed.parameters
    optional = parameters.get("MultiFactorAuthentication") == "OPTIONAL"
    wanted = "OPTIONAL" if optional else "ON"
    factors = deployed.factors
    authenticator = factors.get("SoftwareTokenMfaConfiguration", {}).get("Enabled")
    yield held(
        factors.get("MfaConfiguration") == wanted and authenticator is True,
        f"A second factor is {'optional' if optional else 'required'}: an "
        "authenticator app.",
        f"The second factor is {factors.get('MfaConfiguration')} "
        f"({'with' if authenticator else 'without'} authenticator apps) instead of "
        f"{wanted}.",
        BY_HAND,
    )
    policy = pool.get("Policies", {}).get("PasswordPolicy", {})
    kinds = ("Lowercase", "Uppercase", "Numbers", "Symbols")
    length = parameters.get("PasswordMinimumLength")
    yield held(
        str(policy.get("MinimumLength")) == length
        and all(policy.get(f"Require{kind}") for kind in kinds),
        f"Passwords have {length} characters of every kind.",
        f"Passwords need {policy.get('MinimumLength')} characters instead of {length}, "
        "or not every kind.",
        BY_HAND,
    )
    tier = parameters.get("UserPoolTier")
    mode = {"DEFAULT": "AUDIT"}.get(
        mode := parameters.get("ThreatProtectionMode", ""), mode
    )
    threats = "OFF" if tier != "PLUS" else mode
    found = pool.get("UserPoolAddOns", {}).get("AdvancedSecurityMode", "OFF")
    yield held(
        (pool.get("UserPoolTier"), found) == (tier, threats),
        f"The plan is {tier}, with threat protection {threats}.",
        f"The plan is {pool.get('UserPoolTier')} with threat protection {found}, "
        f"instead of {tier} with {threats}.",
        BY_HAND,
    )
    yield from _pools_protection(deployed)


def _pools_protection(deployed: Deployed) -> Iterator[Finding]:
    wanted = deployed.parameters.get("UserPoolDeletionProtection")
    found = deployed.pool.get("DeletionProtection", "INACTIVE")
    if found != wanted:
        yield Finding(
            "error",
            f"The deletion protection of the user pool is {found} instead of {wanted}.",
            BY_HAND,
        )
    elif found == "INACTIVE":
        yield Finding(
            "warning",
            "The accounts are not protected against deletion.",
            "`make protect` does it, once everything works.",
        )
    else:
        yield Finding("fine", "The accounts are protected against deletion.")


def web_acl(deployed: Deployed) -> Iterator[Finding]:
    """A web ACL, this one, is in front of the sign-in pages.

    After a rolled-back exchange of web ACLs there can be none: CloudFormation takes the
    new association away, and does not make the old one again.
    """
    found = deployed.web_acl.get("ARN", "")
    wanted = deployed.parameters.get("WebAclArn") or _made_web_acl(deployed)
    yield held(
        bool(found) and found == wanted,
        f"The web ACL {deployed.web_acl.get('Name')} is in front of the sign-in pages.",
        f"In front of the sign-in pages is {found or 'no web ACL'} instead of "
        f"{wanted or 'that of the stack'}.",
        f"Put it back: `aws wafv2 associate-web-acl --web-acl-arn {wanted} "
        f"--resource-arn {deployed.pool.get('Arn')}`."
        if wanted and deployed.pool
        else DEPLOY_AGAIN,
    )


def _made_web_acl(deployed: Deployed) -> str:
    """Return the ARN of the stack's own web ACL.

    Its physical id is name, id and scope ("AWS::WAFv2::WebACL", Ref), and its ARN made
    of them ("Actions, resources, and condition keys for AWS WAF V2").
    """
    made = deployed.resources.get("WebAcl")
    if made is None:
        return ""
    name, identifier, scope = made.physical_id.split("|")
    _, partition, _, region, account, *_ = deployed.stack["StackId"].split(":")
    place = f"{scope.lower()}/webacl/{name}/{identifier}"
    return f"arn:{partition}:wafv2:{region}:{account}:{place}"


def activity_log(deployed: Deployed) -> Iterator[Finding]:
    """Sign-ins and e-mails that failed are logged."""
    log = deployed.log_delivery
    parameters = deployed.parameters
    sign_ins = (
        parameters.get("EnableActivityLogs") == "true"
        and parameters.get("UserPoolTier") == "PLUS"
        and parameters.get("ThreatProtectionMode") != "OFF"
    )
    if sign_ins:
        yield held(
            log.get("userAuthEvents") == "INFO",
            "Sign-ins are logged.",
            "Sign-ins are not logged.",
            BY_HAND,
        )
    yield held(
        log.get("userNotification") == "ERROR",
        "E-mails that fail are logged.",
        "E-mails that fail are not logged.",
        BY_HAND,
    )
