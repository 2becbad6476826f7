"""What is refused before anything is made, in root and in the single file alike."""

from __future__ import annotations

from troposphere import AWS_REGION, And, AWSHelperFn, Equals, Not, Or, Ref, Template

from templates import inline, parameters


def add_to(template: Template) -> None:
    """Add the Rules section.

    Cognito is in nearly every Region, private workforces are in twelve; the function
    checks again, for stacks that are made without these rules.
    """
    _require_whole_vpc(template)
    _leave_an_adopted_workforce_alone(template)
    _keep_to_the_plan(template)
    _leave_the_operators_web_acl_alone(template)
    regions = inline.constant("workforce", "REGIONS")
    template.add_rule(
        "RegionHasPrivateWorkforces",
        {
            "Assertions": [
                {
                    "Assert": {"Fn::Contains": [list(regions), Ref(AWS_REGION)]},
                    "AssertDescription": (
                        "SageMaker has no private workforces in this Region. Deploy in "
                        f"one of {', '.join(regions)}."
                    ),
                }
            ]
        },
    )


def _require_whole_vpc(template: Template) -> None:
    """Refuse a VPC without subnets or security groups, and either without a VPC."""
    parts = (parameters.VPC_ID, parameters.SUBNET_IDS, parameters.SECURITY_GROUP_IDS)
    missing = [Equals(part.ref(template), "") for part in parts]
    template.add_rule(
        "VpcIsWhole",
        {
            "Assertions": [
                {
                    "Assert": Or(And(*missing), And(*(Not(part) for part in missing))),
                    "AssertDescription": (
                        "VpcId, SubnetIds and SecurityGroupIds belong together: give "
                        "all three, or none."
                    ),
                }
            ]
        },
    )


def _leave_an_adopted_workforce_alone(template: Template) -> None:
    """Refuse networks for a workforce that is adopted with those that it has."""
    parts = (parameters.SOURCE_CIDRS, parameters.VPC_ID)
    template.add_rule(
        "AdoptedWorkforceKeepsItsNetworks",
        {
            "Assertions": [
                {
                    "Assert": Or(
                        Equals(parameters.EXISTING_WORKFORCE_NAME.ref(template), ""),
                        And(*(Equals(part.ref(template), "") for part in parts)),
                    ),
                    "AssertDescription": (
                        "An adopted workforce keeps its own networks: with "
                        "ExistingWorkforceName leave SourceCidrs and VpcId empty."
                    ),
                }
            ]
        },
    )


def _keep_to_the_plan(template: Template) -> None:
    """Refuse by name what the feature plan lacks; a default is left out instead."""
    tier = parameters.USER_POOL_TIER.ref(template)
    mode = parameters.THREAT_PROTECTION_MODE.ref(template)
    history = parameters.PASSWORD_HISTORY_SIZE.ref(template)
    for name, has_feature, wanted, mend in (
        (
            "ThreatProtectionNeedsPlus",
            Equals(tier, "PLUS"),
            Or(Equals(mode, "AUDIT"), Equals(mode, "ENFORCED")),
            "Threat protection needs the PLUS plan: set UserPoolTier to PLUS, or "
            "ThreatProtectionMode to DEFAULT or OFF.",
        ),
        (
            "ManagedLoginNeedsEssentials",
            Not(Equals(tier, "LITE")),
            Equals(parameters.SIGN_IN_PAGES.ref(template), "MANAGED"),
            "The LITE plan has no managed login: set SignInPages to CLASSIC or "
            "DEFAULT, or UserPoolTier to ESSENTIALS or PLUS.",
        ),
        (
            "PasswordHistoryNeedsEssentials",
            Not(Equals(tier, "LITE")),
            Not(Or(Equals(history, "DEFAULT"), Equals(history, "0"))),
            "The LITE plan has no password history: set PasswordHistorySize to "
            "DEFAULT or 0, or UserPoolTier to ESSENTIALS or PLUS.",
        ),
    ):
        _refuse_unless(template, name, Or(has_feature, Not(wanted)), mend)


def _leave_the_operators_web_acl_alone(template: Template) -> None:
    """Refuse lists of networks that nothing here could put into a foreign web ACL."""
    lists = parameters.WEB_ACL_LISTS
    _refuse_unless(
        template,
        "OwnWebAclHasItsOwnLists",
        Or(
            Equals(parameters.WEB_ACL_ARN.ref(template), ""),
            And(*(Equals(item.ref(template), "") for item in lists)),
        ),
        "A web ACL of your own has its own rules: with WebAclArn leave "
        f"{', '.join(item.name for item in lists)} empty, and put the networks there.",
    )


def _refuse_unless(
    template: Template, name: str, allowed: AWSHelperFn, mend: str
) -> None:
    template.add_rule(
        name, {"Assertions": [{"Assert": allowed, "AssertDescription": mend}]}
    )
