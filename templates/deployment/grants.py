"""What of yours a deployer may use: a zone, a secret, a web ACL, a certificate.

Each is a parameter of the role's template, with the name that it has in the set: what
is not given there cannot be used, whatever the set's own parameter says.
"""

from __future__ import annotations

from troposphere import Template

from templates import parameters
from templates.parameters import OperatorParameter

GROUP = "What of yours may be used"

GRANTS: tuple[OperatorParameter, ...] = tuple(
    parameter._replace(
        group=GROUP,
        description=f"May be used as {parameter.name} of the set; empty: none may.",
    )
    for parameter in (
        parameters.CUSTOM_DOMAIN_CERTIFICATE_ARN,
        parameters.CUSTOM_DOMAIN_HOSTED_ZONE_ID,
        parameters.OIDC_CLIENT_SECRET_ARN,
        parameters.WEB_ACL_ARN,
    )
)


def add_to(template: Template) -> None:
    """Declare the grants, and for each the condition that it is given."""
    for grant in GRANTS:
        grant.given(template)
