"""What is refused before anything is made, in root and in the single file alike."""

from __future__ import annotations

from troposphere import AWS_REGION, Ref, Template

from templates import inline


def add_to(template: Template) -> None:
    """Add the Rules section.

    Cognito is in nearly every Region, private workforces are in twelve; the function
    checks again, for stacks that are made without these rules.
    """
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
