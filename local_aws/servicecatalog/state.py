"""What the modelled Service Catalog remembers, by account and Region."""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from ministack.core import responses

from local_aws.json_endpoint import Refused

_CHARACTERS = string.ascii_lowercase + string.digits


@dataclass
class Artifact:
    """One version of a product: a copy of its template."""

    name: str
    template: bytes
    id: str = field(default_factory=lambda: new_id("pa"))
    created_at: float = field(default_factory=time.time)


@dataclass
class Product:
    """A product with its versions, oldest first."""

    name: str
    owner: str
    artifacts: list[Artifact]
    id: str = field(default_factory=lambda: new_id("prod"))


@dataclass
class Portfolio:
    """A portfolio with what it holds."""

    name: str
    id: str = field(default_factory=lambda: new_id("port"))
    products: set[str] = field(default_factory=set)
    principals: dict[str, str] = field(default_factory=dict)
    tag_options: set[str] = field(default_factory=set)


@dataclass
class Constraint:
    """A launch or template constraint of a product in a portfolio."""

    kind: str
    portfolio_id: str
    product_id: str
    value: Any
    id: str = field(default_factory=lambda: new_id("cons"))


@dataclass
class Provisioned:
    """A launched product."""

    name: str
    product_id: str
    artifact_id: str
    role_arn: str
    id: str = field(default_factory=lambda: new_id("pp"))
    status: str = "UNDER_CHANGE"
    status_message: str = ""
    last_record_id: str = ""

    @property
    def stack_name(self) -> str:
        """The name of the stack behind it."""
        return f"SC-{responses.get_account_id()}-{self.id}"


@dataclass
class Catalog:
    """Everything of one account and Region."""

    portfolios: dict[str, Portfolio] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    constraints: dict[str, Constraint] = field(default_factory=dict)
    tag_options: dict[str, tuple[str, str]] = field(default_factory=dict)
    provisioned: dict[str, Provisioned] = field(default_factory=dict)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)

    def product(self, identifier: str) -> Product:
        """Return a product.

        Raises:
            Refused: there is none.
        """
        if identifier not in self.products:
            raise Refused(
                "ResourceNotFoundException", f"Product {identifier} not found."
            )
        return self.products[identifier]

    def artifact(self, product: Product, identifier: str) -> Artifact:
        """Return a version of a product.

        Raises:
            Refused: there is none.
        """
        for artifact in product.artifacts:
            if artifact.id == identifier:
                return artifact
        raise Refused(
            "ResourceNotFoundException", f"ProvisioningArtifact {identifier} not found."
        )

    def launch_path(self, product: Product, principal: str) -> Portfolio:
        """Return the portfolio through which a principal may launch a product.

        Raises:
            Refused: the principal is in none that has it.
        """
        for portfolio in self.portfolios.values():
            if product.id in portfolio.products and any(
                _matches(arn, kind, principal)
                for arn, kind in portfolio.principals.items()
            ):
                return portfolio
        raise Refused(
            "ResourceNotFoundException",
            f"No launch paths found for resource: {product.id}",
        )

    def constraints_of(
        self, portfolio_id: str, product_id: str, kind: str
    ) -> Iterator[Constraint]:
        """Yield the constraints of one kind on a product in a portfolio."""
        for constraint in self.constraints.values():
            if (constraint.kind, constraint.portfolio_id, constraint.product_id) == (
                kind,
                portfolio_id,
                product_id,
            ):
                yield constraint


def _matches(arn: str, kind: str, principal: str) -> bool:
    if kind == "IAM_PATTERN":
        account = responses.get_account_id()
        return fnmatchcase(principal, arn.replace("iam:::", f"iam::{account}:"))
    return arn == principal


_catalogs: dict[tuple[str, str], Catalog] = {}


def catalog() -> Catalog:
    """Return the catalog of the present account and Region."""
    place = (responses.get_account_id(), responses.get_region())
    return _catalogs.setdefault(place, Catalog())


def reset() -> None:
    """Forget everything."""
    _catalogs.clear()


def new_id(prefix: str) -> str:
    """Return an identifier like prod-abcdefghijklm."""
    return f"{prefix}-" + "".join(secrets.choice(_CHARACTERS) for _ in range(13))


def as_detail(artifact: Artifact) -> Mapping[str, Any]:
    """Return a version as the API shows it."""
    return {
        "Id": artifact.id,
        "Name": artifact.name,
        "Type": "CLOUD_FORMATION_TEMPLATE",
        "CreatedTime": artifact.created_at,
        "Active": True,
        "Guidance": "DEFAULT",
    }
