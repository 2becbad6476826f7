"""What is refused before anything is made, in root and in the single file alike."""

from __future__ import annotations

from troposphere import AWS_REGION, And, Equals, Not, Or, Ref, Template

from templates import inline, parameters


def add_to(template: Template) -> None:
    """Add the Rules section.

    Cognito is in nearly every Region, private workforces are in twelve; the function
    checks again, for stacks that are made without these rules.
    """
    _require_whole_vpc(template)
    _leave_an_adopted_workforce_alone(template)
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
