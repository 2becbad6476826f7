"""Where workers sign in."""

from __future__ import annotations

from templates.parameters.declaration import (
    OperatorParameter,
    optional,
)

DOMAIN_PREFIX = OperatorParameter(
    name="DomainPrefix",
    group="Sign-in domain",
    label="Domain prefix",
    description=(
        "First label of the sign-in domain, unique in the Region. Empty derives one "
        "from the stack's id. It cannot be changed while the stack lives."
    ),
    default="",
    allowed_pattern=optional(
        "(?!.*(aws|amazon|cognito))[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    ),
    constraint_description=(
        "Empty, or 1 to 63 lower-case letters, digits or inner hyphens that do not "
        "contain the reserved words aws, amazon or cognito."
    ),
    maximum_length=63,
)
SIGN_IN_PAGES = OperatorParameter(
    name="SignInPages",
    group="Sign-in domain",
    label="Sign-in pages",
    description=(
        "MANAGED are the pages of managed login, CLASSIC those of the older hosted "
        "UI. DEFAULT is MANAGED, and CLASSIC in the LITE plan, which has no others."
    ),
    default="DEFAULT",
    allowed_values=("DEFAULT", "MANAGED", "CLASSIC"),
)
