"""Where a stack set goes: accounts or organizational units, and Regions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from botocore.exceptions import ClientError

from ops.account import Account
from ops.checks import region_problem
from ops.errors import NotReady, OperatorError, code_of

Place = tuple[str, str]
"""An account and a Region."""

ADMINISTRATION_ROLE = "AWSCloudFormationStackSetAdministrationRole"
EXECUTION_ROLE = "AWSCloudFormationStackSetExecutionRole"

# "DeploymentTargets" and "StackInstance", CloudFormation API reference.
_ACCOUNT = re.compile(r"[0-9]{12}")
_UNIT = re.compile(r"(ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}|r-[a-z0-9]{4,32})")
_PREFIX = re.compile(r"(?P<account>[0-9]{12})=(?P<prefix>[a-z0-9-]{1,63})")


@dataclass(frozen=True)
class Targets:
    """What the operator names.

    Attributes:
        accounts: Account ids; with units, only those of the units.
        units: Ids of organizational units.
        regions: Regions.
        prefixes: The domain prefix of an account.
    """

    accounts: tuple[str, ...]
    units: tuple[str, ...]
    regions: tuple[str, ...]
    prefixes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, accounts: str, units: str, regions: str, prefixes: str) -> Targets:
        """Return what lists separated by commas or blanks name.

        Raises:
            NotReady: with all that is no account, unit, Region or prefix.
        """
        found: list[OperatorError] = []
        targets = cls(
            accounts=_listed(accounts),
            units=_listed(units),
            regions=_listed(regions),
            prefixes=_prefixes(prefixes, found),
        )
        found += _problems(targets)
        if found:
            raise NotReady(found)
        return targets

    def described(self) -> str:
        """Return in words by whom stacks are made."""
        if self.units:
            return f"service-managed, in {', '.join(self.units)}"
        return f"self-managed, with the role {EXECUTION_ROLE} of each account"


def check(account: Account, targets: Targets, values: Mapping[str, str]) -> None:
    """Look at AWS for what would fail only later.

    Args:
        account: The administrator's account and Region.
        targets: Where the set is wanted.
        values: The parameters of every stack.

    Raises:
        NotReady: with everything that is missing.
    """
    found: list[OperatorError] = []
    if values.get("DomainPrefix"):
        found.append(
            OperatorError(
                "A domain prefix belongs to one account in a Region, and the parameter "
                "file gives all of them the same.",
                "Leave DomainPrefix out, for prefixes from the stacks' ids, or give "
                "accounts their own: PREFIXES=111111111111=acme-a,222222222222=acme-b.",
            )
        )
    if targets.units:
        found += _units_problems(account, targets)
    elif problem := _role_problem(account):
        found.append(problem)
    if found:
        raise NotReady(found)


def places(account: Account, targets: Targets) -> list[Place]:
    """Return every account and Region that the operator names."""
    accounts = list(targets.accounts)
    if targets.units:
        inside = [
            number for unit in targets.units for number in _accounts_in(account, unit)
        ]
        accounts = [
            number for number in inside if not accounts or number in targets.accounts
        ]
    return [
        (number, region)
        for number in dict.fromkeys(accounts)
        for region in targets.regions
    ]


def _problems(targets: Targets) -> list[OperatorError]:
    found = []
    if not targets.accounts and not targets.units:
        found.append(
            OperatorError(
                "Neither accounts nor an organizational unit are named.",
                "Set ACCOUNTS=111111111111,222222222222 or OU=ou-….",
            )
        )
    if not targets.regions:
        found.append(
            OperatorError(
                "No Regions are named.", "Set REGIONS=us-east-1,eu-west-1, for example."
            )
        )
    found += [
        OperatorError(f"{item!r} is no account id.", "ACCOUNTS= takes 12 digits each.")
        for item in targets.accounts
        if not _ACCOUNT.fullmatch(item)
    ]
    found += [
        OperatorError(
            f"{item!r} is no organizational unit.",
            "OU= takes the id of a unit (ou-…) or of the root (r-…), not its name.",
        )
        for item in targets.units
        if not _UNIT.fullmatch(item)
    ]
    found += [problem for item in targets.regions if (problem := region_problem(item))]
    return found


def _prefixes(text: str, found: list[OperatorError]) -> dict[str, str]:
    prefixes = {}
    for item in _listed(text):
        if match := _PREFIX.fullmatch(item):
            prefixes[match["account"]] = match["prefix"]
        else:
            found.append(
                OperatorError(
                    f"{item!r} gives no account a domain prefix.",
                    "PREFIXES= takes <account>=<prefix>, separated by commas.",
                )
            )
    if len(set(prefixes.values())) < len(prefixes):
        found.append(
            OperatorError(
                "PREFIXES= gives two accounts the same domain prefix.",
                "A prefix belongs to one account in a Region: choose another.",
            )
        )
    return prefixes


def _role_problem(account: Account) -> OperatorError | None:
    iam = account.client("iam")
    try:
        iam.get_role(RoleName=ADMINISTRATION_ROLE)
    except iam.exceptions.NoSuchEntityException:
        return OperatorError(
            f"This account has no role {ADMINISTRATION_ROLE}, with which StackSets "
            "works in other accounts.",
            f'Make it, and {EXECUTION_ROLE} in each account ("Grant self-managed '
            'permissions", CloudFormation User Guide), or name a unit with OU=.',
        )
    return None


def _units_problems(account: Account, targets: Targets) -> list[OperatorError]:
    access = account.cloudformation.describe_organizations_access()
    if access.get("Status") != "ENABLED":
        return [
            OperatorError(
                "StackSets has no trusted access to AWS Organizations.",
                "Activate it in the management account (`aws cloudformation "
                "activate-organizations-access`), or name accounts with ACCOUNTS=.",
            )
        ]
    found = []
    for unit in targets.units:
        try:
            if unit.startswith("ou-"):
                account.client("organizations").describe_organizational_unit(
                    OrganizationalUnitId=unit
                )
        except ClientError as error:
            if code_of(error) != "OrganizationalUnitNotFoundException":
                raise
            found.append(
                OperatorError(
                    f"There is no organizational unit {unit}.",
                    "`aws organizations list-organizational-units-for-parent` lists "
                    "them.",
                )
            )
    if not found and not places(account, targets):
        found.append(
            OperatorError(
                f"There is no account in {', '.join(targets.units)} to deploy to.",
                "The management account does not count: StackSets never deploys there.",
            )
        )
    return found


def _accounts_in(account: Account, unit: str) -> list[str]:
    """Return the accounts of a unit and of the units in it.

    The management account is left out: service-managed stack sets do not deploy there
    ("Considerations when creating a stack set with service-managed permissions",
    CloudFormation User Guide).
    """
    organizations = account.client("organizations")
    management = organizations.describe_organization()["Organization"]
    accounts = organizations.get_paginator("list_accounts_for_parent")
    found = [
        item["Id"]
        for page in accounts.paginate(ParentId=unit)
        for item in page["Accounts"]
        if item["Id"] != management["MasterAccountId"]
    ]
    units = organizations.get_paginator("list_organizational_units_for_parent")
    for page in units.paginate(ParentId=unit):
        for inner in page["OrganizationalUnits"]:
            found += _accounts_in(account, inner["Id"])
    return found


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(r"[^\s,]+", text)))
