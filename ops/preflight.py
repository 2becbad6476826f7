"""Everything that can be known to stand in the way of a deployment, before it begins.

The first step of `make deploy`, which asks only what this deployment depends on, and a
command of its own, which asks everything. Nothing is made.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.text import Text

from ops import account_checks, quotas, rights
from ops.account_checks import Finding, Situation
from ops.errors import OperatorError, explain

Look = Callable[[Situation], Iterator[Finding]]


@dataclass(frozen=True)
class Check:
    """A question to the account.

    Attributes:
        look: Asks it.
        services: What it asks, with the Region where that is another one. Clients are
            made before the threads are, since making them is not safe in threads.
        depends_on: The parameters without which there is nothing to ask.
        first_only: Whether it is a question of the first deployment only.
        of_deploy: Whether `make deploy` asks it; the others take their time.
    """

    look: Look
    services: tuple[tuple[str, str], ...]
    depends_on: tuple[str, ...] = ()
    first_only: bool = False
    of_deploy: bool = True


_SIGNS = {
    "error": ("✗", "bold red"),
    "warning": ("!", "yellow"),
    "unknown": ("?", "dim"),
    "note": ("·", "dim"),
    "fine": ("✓", "green"),
}

#: In the order of severity: what nothing else helps against comes first.
CHECKS = (
    Check(
        account_checks.private_workforce,
        (("sagemaker", ""), ("cognito-idp", "")),
        first_only=True,
    ),
    Check(rights.deployers_rights, (("iam", ""),), of_deploy=False),
    Check(
        account_checks.domain_prefix,
        (("cognito-idp", ""),),
        depends_on=("DomainPrefix",),
    ),
    Check(
        account_checks.certificate,
        (("acm", "us-east-1"),),
        depends_on=("CustomDomainCertificateArn",),
    ),
    Check(
        account_checks.hosted_zone,
        (("route53", ""),),
        depends_on=("CustomDomainHostedZoneId",),
    ),
    Check(account_checks.own_web_acl, (("wafv2", ""),), depends_on=("WebAclArn",)),
    Check(
        account_checks.sender,
        (),
        depends_on=("SesIdentityArn", "WorkerEmails"),
    ),
    *(
        Check(look, tuple((service, "") for service in services), of_deploy=False)
        for look, services in quotas.LOOKS
    ),
)


def ask(situation: Situation, *, everything: bool) -> list[Finding]:
    """Ask the account what a deployment depends on.

    Args:
        situation: What the deployment would start from.
        everything: Whether to ask, too, what takes its time.
    """
    wanted = [
        check
        for check in CHECKS
        if (everything or check.of_deploy)
        and not (check.first_only and situation.existing and not everything)
        and (not check.depends_on or any(map(situation.values.get, check.depends_on)))
    ]
    for check in wanted:
        for service, region in check.services:
            situation.account.client(service, region=region)
    with ThreadPoolExecutor() as threads:
        answers = threads.map(lambda check: _answer(check, situation), wanted)
    return [finding for findings in answers for finding in findings]


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings with what stands in the way first."""
    return sorted(findings, key=lambda finding: list(_SIGNS).index(finding.level))


def show(findings: Sequence[Finding]) -> None:
    """Print findings for a person."""
    console = Console(highlight=False, soft_wrap=True)
    for finding in findings:
        sign, style = _SIGNS[finding.level]
        console.print(Text(f"{sign} {finding.fact}", style))
        if finding.mend:
            console.print(Text(f"  {finding.mend}"))


def as_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return findings for a program."""
    return {
        "ok": is_ready(findings),
        "findings": [dataclasses.asdict(finding) for finding in findings],
    }


def is_ready(findings: Sequence[Finding]) -> bool:
    """Return whether nothing that was found stands in the way."""
    return all(finding.level != "error" for finding in findings)


def _answer(check: Check, situation: Situation) -> list[Finding]:
    try:
        return list(check.look(situation))
    except (OperatorError, ClientError, BotoCoreError) as error:
        problem = error if isinstance(error, OperatorError) else explain(error)
        # A question that may not be asked says nothing about its answer.
        return [Finding("unknown", problem.fact, problem.mend)]
