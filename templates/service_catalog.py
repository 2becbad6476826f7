"""The set as a Service Catalog product, for people without rights of their own.

Whoever the portfolio is for launches the published single file. Service Catalog does it
with the launch role, which has the rights that the set's resource types take, and a
template constraint keeps what protects the sign-in.
"""

from __future__ import annotations

import json
from typing import Any

from awacs.aws import Action, Allow, Condition, Statement, StringEquals
from troposphere import Sub, Template, servicecatalog
from troposphere import iam as roles

from templates import iam, parameters, private_workforce, wiring
from templates.accepted import accepted
from templates.deployment import boundary, grants, policies
from templates.deployment.places import Deployer
from templates.parameters import OperatorParameter
from templates.wiring import Produced

DESCRIPTION = "A private labeling workforce as a Service Catalog product"

_GROUP = "Product"

PRODUCT_OWNER = OperatorParameter(
    name="ProductOwner",
    group=_GROUP,
    label="Owner",
    description="Who answers for the product; launchers see it.",
    default="",
    allowed_pattern=r"^[^\s<>][^<>\x00-\x1f]{0,49}$",
    constraint_description="A name of 1 to 50 characters, without < and >.",
    maximum_length=50,
    is_required=True,
)
TEMPLATE_URL = OperatorParameter(
    name="TemplateUrl",
    group=_GROUP,
    label="Published single file",
    description="URL of the published single file that is the first version.",
    default="",
    allowed_pattern=r"^https?://[^\s]{1,1000}$",
    constraint_description="The https URL of a template in S3.",
    maximum_length=1024,
    is_required=True,
)
TEMPLATE_VERSION = OperatorParameter(
    name="TemplateVersion",
    group=_GROUP,
    label="First version",
    description="Name of the first version. Later ones are added beside it.",
    default="",
    allowed_pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$",
    constraint_description="1 to 60 letters, digits, dots, underscores and hyphens.",
    maximum_length=60,
    is_required=True,
)
PRINCIPAL_ARN = OperatorParameter(
    name="PrincipalArn",
    group="Who may launch",
    label="Role, group or user",
    description=(
        "ARN of who may launch; with PrincipalType IAM_PATTERN without account id, and "
        "with asterisks after the resource type."
    ),
    default="",
    allowed_pattern=(
        r"^arn:aws:iam::([0-9]{12})?:(role|group|user)/[A-Za-z0-9+=,.@_*?/-]{1,500}$"
    ),
    constraint_description="The ARN of an IAM role, group or user, or a pattern.",
    maximum_length=600,
    is_required=True,
)
PRINCIPAL_TYPE = OperatorParameter(
    name="PrincipalType",
    group="Who may launch",
    label="Kind of ARN",
    description="IAM for one that exists, IAM_PATTERN for a pattern.",
    default="IAM",
    allowed_values=("IAM", "IAM_PATTERN"),
)
TAG_KEY = OperatorParameter(
    name="TagKey",
    group="Tag",
    label="Key",
    description="Key of the tag that every launched product carries.",
    default="application",
    allowed_pattern=r"^(?!aws:)[A-Za-z0-9 _.:=+@/-]{1,128}$",
    constraint_description="1 to 128 characters of a tag key, not beginning with aws:.",
    maximum_length=128,
)
TAG_VALUE = OperatorParameter(
    name="TagValue",
    group="Tag",
    label="Value",
    description="Value of that tag.",
    default="private-workforce",
    allowed_pattern=r"^[A-Za-z0-9 _.:=+@/-]{1,256}$",
    constraint_description="1 to 256 characters of a tag value.",
    maximum_length=256,
)
PARAMETERS = (
    PRODUCT_OWNER,
    TEMPLATE_URL,
    TEMPLATE_VERSION,
    PRINCIPAL_ARN,
    PRINCIPAL_TYPE,
    TAG_KEY,
    TAG_VALUE,
    *grants.GRANTS,
)

#: Stacks of Service Catalog are named ``SC-<account>-pp-<id>``.
_STACKS = "SC-${AWS::AccountId}-pp-*"

#: "Add a launch constraint to assign an IAM role", Service Catalog Administrator Guide.
#: Stacks get the tags of the product, which needs TagResource.
_STACK_ACTIONS = (
    "CreateStack",
    "DeleteStack",
    "DescribeStackEvents",
    "DescribeStacks",
    "SetStackPolicy",
    "TagResource",
    "UpdateStack",
)


def build() -> Template:
    """Return the template of the portfolio."""
    template = wiring.new_template(DESCRIPTION)
    grants.add_to(template)
    single_file = private_workforce.build()
    limit = boundary.add_to(template, [single_file])
    role = _add_launch_role(template, single_file, limit)
    portfolio = _add_portfolio(template)
    product = _add_product(template)
    association = _add_association(template, portfolio, product)
    _add_constraints(template, portfolio, product, association, role, limit)
    _add_principal(template, portfolio)
    _add_tag_option(template, portfolio)
    return wiring.finish(
        template,
        {
            "PortfolioId": Produced("Id of the portfolio", portfolio.ref()),
            "ProductId": Produced("Id of the product", product.ref()),
            "LaunchRoleArn": Produced(
                "Role that makes what is launched", role.get_att("Arn")
            ),
            "RolesBoundaryArn": Produced(
                "What a launcher gives as PermissionsBoundaryArn", limit.ref()
            ),
        },
        PARAMETERS,
    )


def _add_launch_role(
    template: Template, single_file: Template, limit: roles.ManagedPolicy
) -> roles.Role:
    deployer = Deployer(stack=_STACKS, named=_STACKS, boundary=limit.ref())
    rights = policies.add_rights(template, policies.types_of([single_file]), deployer)
    return template.add_resource(
        roles.Role(
            "LaunchRole",
            Metadata=accepted(
                {
                    "AwsSolutions-IAM5": (
                        "stacks of a product have names that Service Catalog gives"
                    ),
                    "RESOURCE_STAR": (
                        "Service Catalog copies the template to a bucket of its own "
                        "whose name nobody knows; a tag limits it"
                    ),
                }
            ),
            Description="Service Catalog makes private labeling workforces with it",
            AssumeRolePolicyDocument=iam.assumed_by("servicecatalog.amazonaws.com"),
            ManagedPolicyArns=rights,
            Policies=[
                roles.Policy(
                    PolicyName="service-catalog",
                    PolicyDocument=iam.policy(*_work_as_service_catalog()),
                )
            ],
        )
    )


def _work_as_service_catalog() -> list[Statement]:
    """Return what Service Catalog itself needs of a launch role."""
    return [
        Statement(
            Sid="ManageStacksOfServiceCatalog",
            Effect=Allow,
            Action=[Action("cloudformation", name) for name in _STACK_ACTIONS],
            Resource=[
                Sub(
                    "arn:${AWS::Partition}:cloudformation:${AWS::Region}"
                    f":${{AWS::AccountId}}:stack/{_STACKS}/*"
                )
            ],
        ),
        Statement(
            Sid="LookAtTemplates",
            Effect=Allow,
            # These take no resource when a template is all there is.
            Action=[
                Action("cloudformation", "GetTemplateSummary"),
                Action("cloudformation", "ValidateTemplate"),
            ],
            Resource=["*"],
        ),
        Statement(
            Sid="ReadTheCopiedTemplate",
            Effect=Allow,
            # It lies in a bucket of Service Catalog's, whose name nobody knows.
            Action=[Action("s3", "GetObject")],
            Resource=["*"],
            Condition=Condition(
                StringEquals("s3:ExistingObjectTag/servicecatalog:provisioning", "true")
            ),
        ),
    ]


def _add_portfolio(template: Template) -> servicecatalog.Portfolio:
    return template.add_resource(
        servicecatalog.Portfolio(
            "Portfolio",
            DisplayName="Private labeling workforce",
            Description="Private workforces for SageMaker Ground Truth and Amazon A2I",
            ProviderName=PRODUCT_OWNER.ref(template),
        )
    )


def _add_product(template: Template) -> servicecatalog.CloudFormationProduct:
    return template.add_resource(
        servicecatalog.CloudFormationProduct(
            "Product",
            Name="Private labeling workforce",
            Description="Sign-in, labeling portal and work teams; once in a Region",
            Owner=PRODUCT_OWNER.ref(template),
            # Versions that are added later keep their ids, and so do their users.
            ReplaceProvisioningArtifacts=False,
            ProvisioningArtifactParameters=[
                servicecatalog.ProvisioningArtifactProperties(
                    Name=TEMPLATE_VERSION.ref(template),
                    Info=servicecatalog.Info(
                        LoadTemplateFromURL=TEMPLATE_URL.ref(template)
                    ),
                )
            ],
        )
    )


def _add_association(
    template: Template,
    portfolio: servicecatalog.Portfolio,
    product: servicecatalog.CloudFormationProduct,
) -> servicecatalog.PortfolioProductAssociation:
    return template.add_resource(
        servicecatalog.PortfolioProductAssociation(
            "ProductInPortfolio",
            PortfolioId=portfolio.ref(),
            ProductId=product.ref(),
        )
    )


def _add_constraints(
    template: Template,
    portfolio: servicecatalog.Portfolio,
    product: servicecatalog.CloudFormationProduct,
    association: servicecatalog.PortfolioProductAssociation,
    role: roles.Role,
    limit: roles.ManagedPolicy,
) -> None:
    template.add_resource(
        servicecatalog.LaunchRoleConstraint(
            "LaunchRoleConstraint",
            DependsOn=[association.title],
            Description="Launched with a role that can make the set and nothing more",
            PortfolioId=portfolio.ref(),
            ProductId=product.ref(),
            RoleArn=role.get_att("Arn"),
        )
    )
    values: dict[str, Any] = {
        "RolesBoundaryArn": limit.ref(),
        **{grant.name: grant.ref(template) for grant in grants.GRANTS},
    }
    template.add_resource(
        servicecatalog.LaunchTemplateConstraint(
            "SecurityConstraint",
            DependsOn=[association.title],
            Description="What protects the sign-in stays on",
            PortfolioId=portfolio.ref(),
            ProductId=product.ref(),
            Rules=Sub(json.dumps(security_rules(), indent=2), values),
        )
    )


def security_rules() -> dict[str, Any]:
    """Return the rules that a launcher's parameters must fit.

    In their texts ``${...}`` is the boundary, or what of yours may be used.
    """
    kept = (
        ("SecondFactorIsKept", parameters.MULTI_FACTOR_AUTHENTICATION, ["REQUIRED"]),
        ("FeaturePlanIsKept", parameters.USER_POOL_TIER, ["PLUS"]),
        ("ActivityLogsAreKept", parameters.ENABLE_ACTIVITY_LOGS, ["true"]),
        (
            "ThreatProtectionIsKept",
            parameters.THREAT_PROTECTION_MODE,
            ["DEFAULT", "AUDIT", "ENFORCED"],
        ),
        (
            "RolesHaveTheBoundary",
            parameters.PERMISSIONS_BOUNDARY_ARN,
            ["${RolesBoundaryArn}"],
        ),
    )
    rules = {
        name: _rule(parameter, allowed, " or ".join(allowed))
        for name, parameter, allowed in kept
    }
    # Who signs in through SAML is asked for no second factor here. OIDC needs a secret,
    # which the portfolio grants.
    for parameter in (parameters.SAML_METADATA_URL, parameters.SAML_METADATA_DOCUMENT):
        rules[f"{parameter.name}IsEmpty"] = _rule(parameter, [""], "empty")
    # So that a web ACL made elsewhere, which may let everything through, is a choice of
    # whoever owns the portfolio.
    for grant in grants.GRANTS:
        rules[f"{grant.name}IsGranted"] = _rule(
            grant, ["", f"${{{grant.name}}}"], "empty, or what the portfolio grants"
        )
    return rules


def _rule(
    parameter: OperatorParameter, allowed: list[str], said: str
) -> dict[str, Any]:
    return {
        "Assertions": [
            {
                "Assert": {"Fn::Contains": [allowed, {"Ref": parameter.name}]},
                "AssertDescription": f"{parameter.name} must be {said}.",
            }
        ]
    }


def _add_principal(
    template: Template, portfolio: servicecatalog.Portfolio
) -> servicecatalog.PortfolioPrincipalAssociation:
    return template.add_resource(
        servicecatalog.PortfolioPrincipalAssociation(
            "Launchers",
            PortfolioId=portfolio.ref(),
            PrincipalARN=PRINCIPAL_ARN.ref(template),
            PrincipalType=PRINCIPAL_TYPE.ref(template),
        )
    )


def _add_tag_option(
    template: Template, portfolio: servicecatalog.Portfolio
) -> servicecatalog.TagOptionAssociation:
    option = template.add_resource(
        servicecatalog.TagOption(
            "ApplicationTag",
            Key=TAG_KEY.ref(template),
            Value=TAG_VALUE.ref(template),
            Active=True,
        )
    )
    return template.add_resource(
        servicecatalog.TagOptionAssociation(
            "ApplicationTagOfPortfolio",
            ResourceId=portfolio.ref(),
            TagOptionId=option.ref(),
        )
    )
