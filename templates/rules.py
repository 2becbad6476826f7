"""What is refused before anything is made.

Root and the single file have all of it, the workforce stack what concerns it, for where
it stands alone.
"""

from __future__ import annotations

from troposphere import AWS_REGION, And, AWSHelperFn, Equals, Not, Or, Ref, Template

from templates import inline, parameters


def add_to(template: Template) -> None:
    """Add every rule."""
    _require_whole_vpc(template)
    _leave_an_adopted_workforce_alone(template)
    _keep_to_the_plan(template)
    _leave_the_operators_web_acl_alone(template)
    _require_what_belongs_together(template)
    _require_a_whole_identity_provider(template)
    _require_private_workforces(template)


def add_portal_to(template: Template) -> None:
    """Add the rules about the portal."""
    _require_whole_vpc(template)
    _leave_an_adopted_workforce_alone(template)
    _require_private_workforces(template)


def _require_private_workforces(template: Template) -> None:
    """Refuse a Region without private workforces.

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


def _require_what_belongs_together(template: Template) -> None:
    """Refuse half a sender and half a domain."""
    for name, first, second, mend in (
        (
            "SenderIsWhole",
            parameters.SES_IDENTITY_ARN,
            parameters.FROM_EMAIL_ADDRESS,
            "SesIdentityArn and FromEmailAddress belong together: give both, or none.",
        ),
        (
            "CustomDomainIsWhole",
            parameters.CUSTOM_DOMAIN_NAME,
            parameters.CUSTOM_DOMAIN_CERTIFICATE_ARN,
            "CustomDomainName and CustomDomainCertificateArn belong together: give "
            "both, or none.",
        ),
    ):
        missing = [Equals(item.ref(template), "") for item in (first, second)]
        whole = Or(And(*missing), And(*(Not(each) for each in missing)))
        _refuse_unless(template, name, whole, mend)
    _refuse_unless(
        template,
        "HostedZoneNeedsCustomDomain",
        Or(
            Equals(parameters.CUSTOM_DOMAIN_HOSTED_ZONE_ID.ref(template), ""),
            Not(Equals(parameters.CUSTOM_DOMAIN_NAME.ref(template), "")),
        ),
        "CustomDomainHostedZoneId makes a record of CustomDomainName: give that, too.",
    )


def _require_a_whole_identity_provider(template: Template) -> None:
    """Refuse an identity provider that lacks something, and a sign-in without any."""
    kind = parameters.IDENTITY_PROVIDER_TYPE.ref(template)
    url, document = (
        Equals(item.ref(template), "")
        for item in (parameters.SAML_METADATA_URL, parameters.SAML_METADATA_DOCUMENT)
    )
    oidc = [
        Not(Equals(item.ref(template), ""))
        for item in (
            parameters.OIDC_ISSUER_URL,
            parameters.OIDC_CLIENT_ID,
            parameters.OIDC_CLIENT_SECRET_ARN,
        )
    ]
    for name, allowed, mend in (
        (
            "SamlHasMetadata",
            Or(
                Not(Equals(kind, "SAML")),
                And(url, Not(document)),
                And(Not(url), document),
            ),
            "SAML needs the identity provider's metadata: give SamlMetadataUrl or "
            "SamlMetadataDocument, and only one of them.",
        ),
        (
            "OidcIsWhole",
            Or(Not(Equals(kind, "OIDC")), And(*oidc)),
            "OIDC needs OidcIssuerUrl, OidcClientId and OidcClientSecretArn.",
        ),
        (
            "SomebodyCanSignIn",
            Or(
                Not(Equals(kind, "NONE")),
                Equals(parameters.ENABLE_PASSWORD_SIGN_IN.ref(template), "true"),
            ),
            "Without an identity provider nobody could sign in: set "
            "EnablePasswordSignIn to true, or IdentityProviderType to SAML or OIDC.",
        ),
    ):
        _refuse_unless(template, name, allowed, mend)


def _refuse_unless(
    template: Template, name: str, allowed: AWSHelperFn, mend: str
) -> None:
    template.add_rule(
        name, {"Assertions": [{"Assert": allowed, "AssertDescription": mend}]}
    )
