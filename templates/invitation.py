"""The invitation of a worker: its text, and who sends it.

The text holds the placeholder host; ``Custom::PortalSignIn`` puts the portal's there.
An operator's own text says ``{portal}`` instead, which is replaced in the template.
"""

from __future__ import annotations

from troposphere import (
    AWS_NO_VALUE,
    AWSHelperFn,
    If,
    Join,
    Ref,
    Split,
    Sub,
    Template,
    cognito,
)

from templates import inline, parameters

TEXT = """\
<p>Hello,</p>
<p>${Greeting} Open the labeling portal:<br>
<a href="https://$$portal">https://$$portal</a></p>
<p>User name: {username}<br>
Temporary password: {####}</p>
<p>The temporary password is valid for ${Days} days. You may sign in with your e-mail
address instead of the user name. At the first sign-in you choose a password of your
own${Factor}</p>
"""
WITH_FACTOR = """\
 and connect an authenticator app, so have one ready on your
phone.\
"""


def message(template: Template) -> cognito.InviteMessageTemplate:
    """Return subject and text of the invitation."""
    body = parameters.INVITATION_BODY
    return cognito.InviteMessageTemplate(
        EmailSubject=parameters.INVITATION_SUBJECT.ref(template),
        EmailMessage=If(
            body.given(template),
            Join(_host(), Split("{portal}", body.ref(template))),
            _built_in_text(template),
        ),
    )


def sender(template: Template) -> If:
    """Return the operator's sender, or nothing: Cognito then sends by itself."""
    identity = parameters.SES_IDENTITY_ARN
    return If(
        identity.given(template),
        cognito.EmailConfiguration(
            EmailSendingAccount="DEVELOPER",
            SourceArn=identity.ref(template),
            From=parameters.FROM_EMAIL_ADDRESS.ref(template),
        ),
        Ref(AWS_NO_VALUE),
    )


def _built_in_text(template: Template) -> AWSHelperFn:
    organization = parameters.ORGANIZATION_NAME
    is_factor_optional = parameters.MULTI_FACTOR_AUTHENTICATION.equals(
        template, "OPTIONAL", "IsMfaOptional"
    )
    return Sub(
        TEXT.replace("$$portal", _host()),
        Greeting=If(
            organization.given(template),
            Sub(
                "${Organization} invites you to label data.",
                Organization=organization.ref(template),
            ),
            "You are invited to label data.",
        ),
        Days=parameters.TEMPORARY_PASSWORD_VALIDITY_DAYS.ref(template),
        Factor=If(is_factor_optional, ".", WITH_FACTOR),
    )


def _host() -> str:
    return str(inline.constant("workforce", "PLACEHOLDER_HOST"))
