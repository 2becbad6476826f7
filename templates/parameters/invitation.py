"""The e-mail that invites a worker, and who sends it."""

from __future__ import annotations

from templates.parameters.declaration import (
    DOMAIN_LABEL,
    EMAIL,
    MAXIMUM_VALUE_BYTES,
    OperatorParameter,
    optional,
)

GROUP = "Invitation"

ORGANIZATION_NAME = OperatorParameter(
    name="OrganizationName",
    group=GROUP,
    label="Organization",
    description="Who invites, as the built-in invitation says it. Empty names nobody.",
    default="",
    allowed_pattern=r'^([^<>&"{}$\x00-\x20][^<>&"{}$\x00-\x1f]{0,63})?$',
    constraint_description=(
        'Empty, or 1 to 64 characters without < > & " { } $ and line ends.'
    ),
    maximum_length=64,
    bytes_per_character=4,
)
INVITATION_SUBJECT = OperatorParameter(
    name="InvitationSubject",
    group=GROUP,
    label="Subject of the invitation",
    description="Subject of the e-mail that invites a worker.",
    default="Your invitation to the labeling portal",
    allowed_pattern=r"^[^\x00-\x1f]{1,140}$",
    constraint_description="1 to 140 characters in one line.",
    maximum_length=140,
    bytes_per_character=4,
)
INVITATION_BODY = OperatorParameter(
    name="InvitationBody",
    group=GROUP,
    label="Text of the invitation",
    description=(
        "Text of the e-mail that invites a worker, as HTML. {username} becomes the "
        "user name, {####} the temporary password, https://{portal} the portal's "
        "address. Empty takes the built-in text, which names the organization, the "
        "portal, how long the password lasts and the authenticator app."
    ),
    default="",
    allowed_pattern=(
        r"^((?=[\s\S]*\{username\})(?=[\s\S]*\{####\})(?=[\s\S]*\{portal\})"
        r"[^\x00-\x08\x0b\x0c\x0e-\x1f]{6,4096})?$"
    ),
    constraint_description=(
        "Empty, or an HTML text of at most 4,096 bytes that has {username}, {####} "
        "(without which Cognito sends no temporary password) and {portal}."
    ),
    maximum_length=MAXIMUM_VALUE_BYTES,
)
SES_IDENTITY_ARN = OperatorParameter(
    name="SesIdentityArn",
    group=GROUP,
    label="SES identity",
    description=(
        "ARN of the verified Amazon SES identity (address or domain) that sends the "
        "e-mails, with FromEmailAddress. Empty sends through Cognito itself, which "
        "is limited to 50 e-mails a day in the account."
    ),
    default="",
    allowed_pattern=(
        rf"^(arn:aws:ses:[a-z0-9-]{{1,30}}:[0-9]{{12}}:identity/({EMAIL}"
        rf"|{DOMAIN_LABEL}(\.{DOMAIN_LABEL}){{1,8}}))?$"
    ),
    constraint_description=(
        "Empty, or the ARN of an SES identity: "
        "arn:aws:ses:<Region>:<account>:identity/<address or domain>."
    ),
    maximum_length=400,
)
FROM_EMAIL_ADDRESS = OperatorParameter(
    name="FromEmailAddress",
    group=GROUP,
    label="From address",
    description="Address that the e-mails come from, of the SES identity.",
    default="",
    allowed_pattern=optional(EMAIL),
    constraint_description="Empty, or one e-mail address.",
    maximum_length=320,
)
