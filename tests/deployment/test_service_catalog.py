"""The portfolio: who may launch the product, and what a launcher cannot weaken."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from templates import service_catalog
from tests.deployment.portfolio import ACCOUNT, REQUIRED, Portfolio
from tests.deployment.whole_life import CERTIFICATE
from tests.templates_as_data import template

PARAMETERS = template("private-workforce.yaml")["Parameters"]


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("MultiFactorAuthentication", "OPTIONAL"),
        ("UserPoolTier", "ESSENTIALS"),
        ("UserPoolTier", "LITE"),
        ("EnableActivityLogs", "false"),
        ("SamlMetadataUrl", "https://idp.example.com/metadata"),
        ("ThreatProtectionMode", "OFF"),
        ("PermissionsBoundaryArn", ""),
        ("PermissionsBoundaryArn", "arn:aws:iam::aws:policy/AdministratorAccess"),
        (
            "WebAclArn",
            f"arn:aws:wafv2:us-east-1:{ACCOUNT}:regional/webacl/open/"
            "0f2e9c1a-7b64-4d0e-9c55-3a1b2c3d4e5f",
        ),
        ("CustomDomainHostedZoneId", "Z0123456789"),
        ("CustomDomainCertificateArn", CERTIFICATE.replace("0f2e9c1a", "1f2e9c1a")),
        (
            "OidcClientSecretArn",
            f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:theirs-AbCdEf",
        ),
    ],
)
def test_a_launcher_cannot_weaken_the_sign_in_or_use_what_is_not_granted(
    portfolio: Portfolio, parameter: str, value: str
) -> None:
    name = f"{parameter}-{len(value)}"
    given = {parameter: value}
    if parameter.startswith("CustomDomain"):
        # What the set itself asks for with it; the certificate is granted.
        domain = "sign-in.labels.example.com"
        whole = {
            "CustomDomainName": domain,
            "CustomDomainCertificateArn": CERTIFICATE,
        }
        given = whole | given
    why = portfolio.launch(name, **given)
    assert f"{parameter} must be " in why
    assert portfolio.terminate(name) == ""


def test_every_rule_is_about_a_parameter_of_the_set_and_says_what_it_takes() -> None:
    for name, rule in service_catalog.security_rules().items():
        (assertion,) = rule["Assertions"]
        allowed, reference = assertion["Assert"]["Fn::Contains"]
        assert reference["Ref"] in PARAMETERS, name
        fixed = [value for value in allowed if "$" not in value]
        values = PARAMETERS[reference["Ref"]].get("AllowedValues")
        assert not values or set(fixed) <= set(values), name
        assert assertion["AssertDescription"].startswith(reference["Ref"])


def test_the_defaults_of_the_set_fit_the_rules_but_for_the_boundary() -> None:
    unfit = [
        rule["Assertions"][0]["Assert"]["Fn::Contains"][1]["Ref"]
        for rule in service_catalog.security_rules().values()
        if PARAMETERS[rule["Assertions"][0]["Assert"]["Fn::Contains"][1]["Ref"]][
            "Default"
        ]
        not in rule["Assertions"][0]["Assert"]["Fn::Contains"][0]
    ]
    assert unfit == ["PermissionsBoundaryArn"]


def test_who_is_not_in_the_portfolio_cannot_launch(portfolio: Portfolio) -> None:
    with pytest.raises(ClientError, match="No launch paths found"):
        portfolio.aws.client("servicecatalog").provision_product(
            ProductId=portfolio.outputs["ProductId"],
            ProvisioningArtifactId=portfolio.versions["1.0.0"],
            ProvisionedProductName="uninvited",
            ProvisionToken="uninvited",
        )


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"ProductOwner": ""}, "ProductOwner"),
        ({"ProductOwner": "x" * 51}, "ProductOwner"),
        ({"PrincipalArn": "ada"}, "PrincipalArn"),
        ({"PrincipalArn": "*"}, "PrincipalArn"),
        ({"PrincipalArn": f"arn:aws:iam::{ACCOUNT}:policy/x"}, "PrincipalArn"),
        ({"PrincipalType": "EVERYBODY"}, "PrincipalType"),
        ({"TemplateVersion": "version one"}, "TemplateVersion"),
        ({"TemplateUrl": "private-workforce.yaml"}, "TemplateUrl"),
    ],
)
def test_bad_input_is_refused_before_anything_is_made(
    portfolio: Portfolio, given: dict[str, str], why: str
) -> None:
    url = portfolio.published("private-workforce.yaml")
    with pytest.raises(ClientError, match=why):
        portfolio.cloudformation.create_stack(
            StackName="refused",
            TemplateURL=portfolio.published("service-catalog.yaml"),
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in ({"TemplateUrl": url} | REQUIRED | given).items()
            ],
        )


def test_no_owner_at_all_is_refused() -> None:
    declared = template("service-catalog.yaml")["Parameters"]
    required = {name for name, each in declared.items() if "Default" not in each}
    assert required == {
        "ProductOwner",
        "TemplateUrl",
        "TemplateVersion",
        "PrincipalArn",
    }


@pytest.fixture(scope="module")
def by_pattern(portfolio: Portfolio) -> Portfolio:
    """Return a second portfolio, for roles whose names fit a pattern."""
    return Portfolio(portfolio.aws, "patterns", portfolio.launcher).made(
        PrincipalArn="arn:aws:iam:::role/launch*",
        PrincipalType="IAM_PATTERN",
        TagValue="patterns",
    )


def test_a_pattern_lets_in_whoever_fits_it(by_pattern: Portfolio) -> None:
    why = by_pattern.launch("fits", MultiFactorAuthentication="OPTIONAL")
    assert "MultiFactorAuthentication must be REQUIRED" in why
    assert by_pattern.terminate("fits") == ""


def test_a_pattern_with_an_account_is_refused(portfolio: Portfolio) -> None:
    second = Portfolio(portfolio.aws, "refused", portfolio.launcher)
    url = second.published("private-workforce.yaml")
    pattern = {"PrincipalType": "IAM_PATTERN", "TagValue": "refused"}
    status = second.create({"TemplateUrl": url, **REQUIRED, **pattern})
    assert status == "ROLLBACK_COMPLETE"
    assert any("must not have an account id" in why for why in second.reasons())


def test_the_portfolio_can_be_deleted_with_all_that_it_holds(
    by_pattern: Portfolio,
) -> None:
    stack = by_pattern.cloudformation.describe_stacks(StackName=by_pattern.stack)
    by_pattern.stack = stack["Stacks"][0]["StackId"]
    product = by_pattern.outputs["ProductId"]
    by_pattern.cloudformation.delete_stack(StackName=by_pattern.stack)
    assert by_pattern.settled() == "DELETE_COMPLETE", by_pattern.reasons()
    with pytest.raises(ClientError, match="not found"):
        by_pattern.aws.client("servicecatalog").list_provisioning_artifacts(
            ProductId=product
        )
