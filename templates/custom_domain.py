"""A domain of the operator's own for the sign-in pages, besides the prefix domain."""

from __future__ import annotations

from troposphere import And, Condition, If, Template, cognito, route53
from troposphere.validators.route53 import AliasTarget

from templates import parameters, plan

#: The hosted zone of every CloudFront distribution ("AliasTarget", Route 53 API
#: reference).
CLOUDFRONT_HOSTED_ZONE_ID = "Z2FDTNDATAQYW2"


def add_to(
    template: Template,
    user_pool: cognito.UserPool,
    prefix_domain: cognito.UserPoolDomain,
) -> If:
    """Add the domain and its DNS record, if wanted; return where it must point."""
    name = parameters.CUSTOM_DOMAIN_NAME
    certificate = parameters.CUSTOM_DOMAIN_CERTIFICATE_ARN
    template.conditions["HasCustomDomain"] = And(
        Condition(name.given(template)), Condition(certificate.given(template))
    )
    domain = template.add_resource(
        cognito.UserPoolDomain(
            "UserPoolCustomDomain",
            Condition="HasCustomDomain",
            # One domain of a pool after the other.
            DependsOn=[prefix_domain.title],
            UserPoolId=user_pool.ref(),
            Domain=name.ref(template),
            ManagedLoginVersion=If(plan.has_managed_login(template), 2, 1),
            CustomDomainConfig=cognito.CustomDomainConfigType(
                CertificateArn=certificate.ref(template)
            ),
        )
    )
    zone = parameters.CUSTOM_DOMAIN_HOSTED_ZONE_ID
    template.conditions["HasCustomDomainRecord"] = And(
        Condition("HasCustomDomain"), Condition(zone.given(template))
    )
    template.add_resource(
        route53.RecordSetType(
            "CustomDomainRecord",
            Condition="HasCustomDomainRecord",
            HostedZoneId=zone.ref(template),
            Name=name.ref(template),
            Type="A",
            AliasTarget=AliasTarget(  # type: ignore[no-untyped-call]  # not annotated
                HostedZoneId=CLOUDFRONT_HOSTED_ZONE_ID,
                DNSName=domain.get_att("CloudFrontDistribution"),
            ),
        )
    )
    return If("HasCustomDomain", domain.get_att("CloudFrontDistribution"), "")
