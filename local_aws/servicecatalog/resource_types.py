"""The registry's own types of Service Catalog, as one portfolio needs them.

Physical ids: what the type's page in the CloudFormation template reference says that
Ref returns. An association must exist before a constraint is made on it, and must be
gone before portfolio and product are (API reference, CreateConstraint).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import iam as iam_service

from local_aws import iam
from local_aws.json_endpoint import Refused
from local_aws.servicecatalog.state import (
    Constraint,
    Portfolio,
    Product,
    catalog,
    new_id,
)
from local_aws.servicecatalog.templates import (
    new_artifact,
    parsed_rules,
    require_parameters,
)

Properties = Mapping[str, Any]
Made = tuple[str, dict[str, str]]
Handler = dict[str, Any]


def _handler(
    make: Callable[[Properties], Made], remove: Callable[[str, Properties], None]
) -> Handler:
    """Return the handler of a type that is made anew when it changes."""

    def create(logical_id: str, properties: Properties, stack_name: str) -> Made:
        try:
            return make(properties)
        except (Refused, iam.AccessDenied) as refused:
            raise ValueError(f"{refused.code}: {refused.message}") from refused

    def delete(physical_id: str, properties: Properties) -> None:
        remove(physical_id, properties)

    return {"create": create, "delete": delete}


def _portfolio(properties: Properties) -> Made:
    portfolio = Portfolio(str(properties["DisplayName"]))
    catalog().portfolios[portfolio.id] = portfolio
    return portfolio.id, {"PortfolioName": portfolio.name}


def _remove_portfolio(physical_id: str, properties: Properties) -> None:
    portfolio = catalog().portfolios.get(physical_id)
    if portfolio and (portfolio.products or portfolio.principals):
        raise ValueError(f"ResourceInUseException: {physical_id} has associations.")
    catalog().portfolios.pop(physical_id, None)


def _update_portfolio(
    physical_id: str, old: Properties, new: Properties, stack_name: str
) -> Made:
    catalog().portfolios[physical_id].name = str(new["DisplayName"])
    return physical_id, {"PortfolioName": str(new["DisplayName"])}


def _product(properties: Properties) -> Made:
    artifacts = [
        new_artifact(str(given["Name"]), str(given["Info"]["LoadTemplateFromURL"]))
        for given in properties["ProvisioningArtifactParameters"]
    ]
    product = Product(
        str(properties["Name"]), str(properties["Owner"]), list(artifacts)
    )
    catalog().products[product.id] = product
    return product.id, {
        "ProductName": product.name,
        "ProvisioningArtifactIds": ",".join(each.id for each in artifacts),
        "ProvisioningArtifactNames": ",".join(each.name for each in artifacts),
    }


def _update_product(
    physical_id: str, old: Properties, new: Properties, stack_name: str
) -> Made:
    """Change what describes a product; what AWS does to its versions is not known."""
    artifacts = "ProvisioningArtifactParameters"
    if old.get(artifacts) != new.get(artifacts):
        raise ValueError("The embedded AWS does not change the versions of a product.")
    product = catalog().products[physical_id]
    product.name, product.owner = str(new["Name"]), str(new["Owner"])
    return physical_id, {"ProductName": product.name}


def _remove_product(physical_id: str, properties: Properties) -> None:
    if any(physical_id in each.products for each in catalog().portfolios.values()):
        raise ValueError(f"ResourceInUseException: {physical_id} is in a portfolio.")
    catalog().products.pop(physical_id, None)


def _portfolio_of(properties: Properties) -> Portfolio:
    portfolio = catalog().portfolios.get(str(properties.get("PortfolioId")))
    if portfolio is None:
        raise Refused("ResourceNotFoundException", "There is no such portfolio.")
    return portfolio


def _product_association(properties: Properties) -> Made:
    portfolio, product = _portfolio_of(properties), str(properties["ProductId"])
    catalog().product(product)
    portfolio.products.add(product)
    return f"{portfolio.id}|{product}", {}


def _remove_product_association(physical_id: str, properties: Properties) -> None:
    portfolio_id, _, product_id = physical_id.partition("|")
    constraints = catalog().constraints.values()
    if any(
        (each.portfolio_id, each.product_id) == (portfolio_id, product_id)
        for each in constraints
    ):
        raise ValueError(f"ResourceInUseException: {physical_id} has constraints.")
    catalog().portfolios[portfolio_id].products.discard(product_id)


def _principal(properties: Properties) -> Made:
    """Associate a principal: one that exists, or a pattern without account id."""
    portfolio = _portfolio_of(properties)
    arn, kind = str(properties["PrincipalARN"]), str(properties["PrincipalType"])
    if kind == "IAM_PATTERN":
        if not arn.startswith("arn:aws:iam:::"):
            raise Refused(
                "InvalidParametersException",
                "A pattern must not have an account id: arn:aws:iam:::role/name*",
            )
    elif not _exists(arn):
        raise Refused("InvalidParametersException", f"Principal {arn} does not exist.")
    portfolio.principals[arn] = kind
    return f"{portfolio.id}|{arn}", {}


def _exists(arn: str) -> bool:
    name = arn.rpartition("/")[2]
    stores = {
        "role": iam_service._roles,
        "user": iam_service._users,
        "group": iam_service._groups,
    }
    kind = arn.rpartition(":")[2].partition("/")[0]
    found = stores.get(kind, {}).get(name, {})
    return bool(found.get("Arn") == arn)


def _remove_principal(physical_id: str, properties: Properties) -> None:
    portfolio_id, _, arn = physical_id.partition("|")
    catalog().portfolios[portfolio_id].principals.pop(arn, None)


def _constraint(kind: str, value: Callable[[Properties], Any]) -> Handler:
    def make(properties: Properties) -> Made:
        portfolio, product = _portfolio_of(properties), str(properties["ProductId"])
        if product not in portfolio.products:
            raise Refused("ResourceNotFoundException", "The product is not in there.")
        present = catalog().constraints_of(portfolio.id, product, kind)
        if kind == "LAUNCH" and list(present):
            raise Refused("DuplicateResourceException", "There is a launch constraint.")
        constraint = Constraint(kind, portfolio.id, product, value(properties))
        catalog().constraints[constraint.id] = constraint
        return constraint.id, {}

    def update(
        physical_id: str, old: Properties, new: Properties, stack_name: str
    ) -> Made:
        catalog().constraints[physical_id].value = value(new)
        return physical_id, {}

    def remove(physical_id: str, properties: Properties) -> None:
        catalog().constraints.pop(physical_id, None)

    return {**_handler(make, remove), "update": update}


def _rules(properties: Properties) -> dict[str, Any]:
    rules = parsed_rules(str(properties["Rules"]))
    for artifact in catalog().product(str(properties["ProductId"])).artifacts:
        require_parameters(rules, artifact)
    return rules


def _tag_option(properties: Properties) -> Made:
    identifier = new_id("tag")
    option = (str(properties["Key"]), str(properties["Value"]))
    if option in catalog().tag_options.values():
        raise Refused("DuplicateResourceException", "There is such a TagOption.")
    catalog().tag_options[identifier] = option
    return identifier, {}


def _remove_tag_option(physical_id: str, properties: Properties) -> None:
    catalog().tag_options.pop(physical_id, None)


def _tag_option_association(properties: Properties) -> Made:
    portfolio = catalog().portfolios[str(properties["ResourceId"])]
    option = str(properties["TagOptionId"])
    portfolio.tag_options.add(option)
    return f"{option}|{portfolio.id}", {}


def _remove_tag_option_association(physical_id: str, properties: Properties) -> None:
    option, _, portfolio_id = physical_id.partition("|")
    catalog().portfolios[portfolio_id].tag_options.discard(option)


_PREFIX = "AWS::ServiceCatalog::"

HANDLERS: dict[str, Handler] = {
    f"{_PREFIX}Portfolio": {
        **_handler(_portfolio, _remove_portfolio),
        "update": _update_portfolio,
    },
    f"{_PREFIX}CloudFormationProduct": {
        **_handler(_product, _remove_product),
        "update": _update_product,
    },
    f"{_PREFIX}PortfolioProductAssociation": _handler(
        _product_association, _remove_product_association
    ),
    f"{_PREFIX}PortfolioPrincipalAssociation": _handler(_principal, _remove_principal),
    f"{_PREFIX}LaunchRoleConstraint": _constraint(
        "LAUNCH", lambda properties: str(properties["RoleArn"])
    ),
    f"{_PREFIX}LaunchTemplateConstraint": _constraint("TEMPLATE", _rules),
    f"{_PREFIX}TagOption": _handler(_tag_option, _remove_tag_option),
    f"{_PREFIX}TagOptionAssociation": _handler(
        _tag_option_association, _remove_tag_option_association
    ),
}
