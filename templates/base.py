"""The base stack: who may sign in, and where.

It gives the workforce a user pool whose workers only administrators create, an app
client for the labeling portal, and a sign-in domain. Wherever the portal belongs it
writes one placeholder host, because the portal exists only after the workforce,
which needs all of this; ``Custom::PortalSignIn`` puts the portal's host there.
"""

from __future__ import annotations

from troposphere import (
    AWS_STACK_ID,
    If,
    Join,
    Ref,
    Select,
    Split,
    Sub,
    Template,
    cognito,
    ssm,
)

from templates import (
    activity_log,
    custom_domain,
    identifiers,
    identity_provider,
    inline,
    invitation,
    monitoring,
    parameters,
    plan,
    web_acl,
)
from templates.accepted import accepted
from templates.revision import revision_of
from templates.wiring import Input, Inputs, Outputs, Produced, Value

DESCRIPTION = "Sign-in for a private labeling workforce: user pool, app client, domain"

INPUTS: tuple[Input, ...] = (
    Input(
        "RootStackId",
        "Root stack",
        "Id of the root stack; names derived here end in its UUID",
    ),
)

#: Texts too long for a common revision; the workforce stack takes each by itself.
APART = (parameters.INVITATION_BODY,)


def add_to(template: Template, inputs: Inputs) -> Outputs:
    """Add the sign-in resources; return the outputs."""
    user_pool = _add_user_pool(template)
    provider = identity_provider.add_to(template, user_pool)
    client = _add_user_pool_client(template, user_pool, provider)
    prefix = _domain_prefix(template, inputs["RootStackId"])
    domain, host = _add_domain(template, user_pool, client, prefix)
    target = custom_domain.add_to(template, user_pool, domain)
    web_acl.add_to(template, user_pool, domain, inputs["RootStackId"])
    log_group = activity_log.add_to(template, user_pool, inputs["RootStackId"])
    monitoring.add_sign_in_alarms(
        template, user_pool, client, log_group, inputs["RootStackId"]
    )
    prefix_parameter = _add_domain_prefix_parameter(
        template, prefix, inputs["RootStackId"]
    )
    return {
        "UserPoolId": Produced("Id of the user pool of the workers", user_pool.ref()),
        "UserPoolClientId": Produced(
            "Id of the app client of the labeling portal", client.ref()
        ),
        "UserPoolDomainName": Produced("Host of the sign-in pages", host),
        "CustomDomainTarget": Produced(
            "Where the DNS record of CustomDomainName must point; empty without one",
            target,
        ),
        "DomainPrefixParameterName": Produced(
            "SSM parameter that holds the domain prefix", prefix_parameter.ref()
        ),
        "BaseStackId": Produced(
            "Id of the stack that writes the user pool and the app client",
            Ref(AWS_STACK_ID),
        ),
        "IdentityRevision": Produced(
            "Differs whenever the user pool or the app client is written",
            revision_of(template, user_pool, client, apart=APART),
        ),
    }


def _add_user_pool(template: Template) -> cognito.UserPool:
    return template.add_resource(
        cognito.UserPool(
            "UserPool",
            Metadata=accepted(
                {
                    "AwsSolutions-COG1": (
                        "cdk-nag cannot read a reference to a parameter; "
                        "PasswordMinimumLength is at least 8"
                    ),
                    "AwsSolutions-COG2": (
                        "cdk-nag cannot read a reference to a parameter; MFA is on "
                        "unless MultiFactorAuthentication says OPTIONAL"
                    ),
                    "AwsSolutions-COG8": (
                        "cdk-nag cannot read a reference to a parameter; "
                        "UserPoolTier is PLUS unless chosen otherwise"
                    ),
                }
            ),
            AliasAttributes=["email"],
            AutoVerifiedAttributes=["email"],
            UsernameConfiguration=cognito.UsernameConfiguration(CaseSensitive=False),
            AdminCreateUserConfig=cognito.AdminCreateUserConfig(
                AllowAdminCreateUserOnly=True,
                InviteMessageTemplate=invitation.message(template),
            ),
            EmailConfiguration=invitation.sender(template),
            MfaConfiguration=If(
                parameters.MULTI_FACTOR_AUTHENTICATION.equals(
                    template, "OPTIONAL", "IsMfaOptional"
                ),
                "OPTIONAL",
                "ON",
            ),
            EnabledMfas=["SOFTWARE_TOKEN_MFA"],
            AccountRecoverySetting=cognito.AccountRecoverySetting(
                RecoveryMechanisms=[
                    # Codes by e-mail are no second factor here, so recovery by
                    # e-mail never contradicts one.
                    cognito.RecoveryOption(
                        Name=If(
                            parameters.ACCOUNT_RECOVERY.equals(
                                template, "ADMINISTRATOR", "IsRecoveryByAdministrator"
                            ),
                            "admin_only",
                            "verified_email",
                        ),
                        Priority=1,
                    )
                ]
            ),
            Policies=cognito.Policies(
                PasswordPolicy=cognito.PasswordPolicy(
                    MinimumLength=parameters.PASSWORD_MINIMUM_LENGTH.ref(template),
                    RequireLowercase=True,
                    RequireUppercase=True,
                    RequireNumbers=True,
                    RequireSymbols=True,
                    PasswordHistorySize=plan.password_history(template),
                    TemporaryPasswordValidityDays=(
                        parameters.TEMPORARY_PASSWORD_VALIDITY_DAYS.ref(template)
                    ),
                )
            ),
            UserPoolTier=parameters.USER_POOL_TIER.ref(template),
            UserPoolAddOns=plan.threat_protection(template),
            DeletionProtection=parameters.USER_POOL_DELETION_PROTECTION.ref(template),
            DeletionPolicy="Delete",
            # A replaced pool keeps its workers until somebody has moved them.
            UpdateReplacePolicy="Retain",
        )
    )


def _add_user_pool_client(
    template: Template,
    user_pool: cognito.UserPool,
    provider: cognito.UserPoolIdentityProvider,
) -> cognito.UserPoolClient:
    token_minutes = parameters.ACCESS_TOKEN_VALIDITY_IN_MINUTES.ref(template)
    return template.add_resource(
        cognito.UserPoolClient(
            "UserPoolClient",
            Metadata=accepted(
                {
                    "F3031": (
                        "the validator takes the text that Fn::Split makes of a "
                        "parameter for empty; the first URL is always there"
                    ),
                    "F3033": (
                        "the validator takes the text that Fn::Split makes of a "
                        "parameter for empty; the first URL is always there"
                    ),
                }
            ),
            UserPoolId=user_pool.ref(),
            # The portal's load balancer signs workers in as a confidential client.
            GenerateSecret=True,
            SupportedIdentityProviders=identity_provider.offered(template, provider),
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["code"],
            AllowedOAuthScopes=["openid", "email", "profile"],
            CallbackURLs=_urls(
                template, "CALLBACK_PATH", parameters.ADDITIONAL_CALLBACK_URLS
            ),
            LogoutURLs=_urls(
                template, "LOGOUT_PATH", parameters.ADDITIONAL_LOGOUT_URLS
            ),
            DefaultRedirectURI=_portal_url("CALLBACK_PATH"),
            # Left out, the list would also allow SRP and custom sign-in
            # ("CreateUserPoolClient", Cognito API reference).
            ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"],
            PreventUserExistenceErrors="ENABLED",
            EnableTokenRevocation=True,
            WriteAttributes=identity_provider.writable_attributes(template),
            # Time to install an authenticator app in the middle of a sign-in.
            AuthSessionValidity=15,
            AccessTokenValidity=token_minutes,
            IdTokenValidity=token_minutes,
            RefreshTokenValidity=(
                parameters.REFRESH_TOKEN_VALIDITY_IN_HOURS.ref(template)
            ),
            TokenValidityUnits=cognito.TokenValidityUnits(
                AccessToken="minutes",  # noqa: S106 (a unit, not a password)
                IdToken="minutes",  # noqa: S106 (a unit, not a password)
                RefreshToken="hours",  # noqa: S106 (a unit, not a password)
            ),
        )
    )


def _portal_url(path: str) -> str:
    return f"https://{_placeholder('PLACEHOLDER_HOST')}{_placeholder(path)}"


def _placeholder(constant: str) -> str:
    """Return what the function that replaces the placeholder calls so, too."""
    return str(inline.constant("workforce", constant))


def _urls(
    template: Template, path: str, additional: parameters.OperatorParameter
) -> If:
    return If(
        additional.given(template),
        Split(",", Join(",", [_portal_url(path), additional.ref(template)])),
        [_portal_url(path)],
    )


def _domain_prefix(template: Template, root_stack_id: Value) -> If:
    """Return the operator's prefix, or one that no other stack can derive."""
    return If(
        parameters.DOMAIN_PREFIX.given(template),
        parameters.DOMAIN_PREFIX.ref(template),
        Sub("labeling-${StackUuid}", StackUuid=identifiers.uuid_of(root_stack_id)),
    )


def _add_domain(
    template: Template,
    user_pool: cognito.UserPool,
    client: cognito.UserPoolClient,
    prefix: Value,
) -> tuple[cognito.UserPoolDomain, Sub]:
    """Add the domain and the look of its pages; return it and the host of the pages."""
    managed = plan.has_managed_login(template)
    domain = template.add_resource(
        cognito.UserPoolDomain(
            "UserPoolDomain",
            UserPoolId=user_pool.ref(),
            Domain=prefix,
            ManagedLoginVersion=If(managed, 2, 1),
        )
    )
    # Without a branding, managed login answers "Login pages unavailable".
    branding = template.add_resource(
        cognito.ManagedLoginBranding(
            "ManagedLoginBranding",
            Condition=managed,
            UserPoolId=user_pool.ref(),
            ClientId=client.ref(),
            UseCognitoProvidedValues=True,
        )
    )
    # The host is known only once there are pages: DependsOn cannot name a resource
    # that may not be there, but a value can refer to it.
    host = Sub(
        "${Prefix}.auth.${AWS::Region}.amazoncognito.com",
        Prefix=If(managed, Select(0, [domain.ref(), branding.ref()]), domain.ref()),
    )
    return domain, host


def _add_domain_prefix_parameter(
    template: Template, prefix: Value, root_stack_id: Value
) -> ssm.Parameter:
    return template.add_resource(
        ssm.Parameter(
            "DomainPrefixParameter",
            Type="String",
            Value=prefix,
            Description="Prefix of the sign-in domain, to use it again after a delete",
            Name=Sub(
                "/private-workforce/${StackUuid}/domain-prefix",
                StackUuid=identifiers.uuid_of(root_stack_id),
            ),
        )
    )
