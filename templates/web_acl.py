"""The web ACL in front of the sign-in: who may knock, how often, with what.

Made and associated by default, or the operator's own. Every request to the sign-in
passes it, also the one with which the portal's backend exchanges a worker's code for
tokens: it comes from an address of AWS and without a browser, so what would stop it
leaves ``/oauth2/token`` alone. That path needs the secret of the app client.

Cognito shows AWS WAF neither user names nor passwords ("Associate an AWS WAF web ACL
with a user pool", Cognito Developer Guide).
"""

from __future__ import annotations

from typing import Any

from troposphere import (
    AWS_NO_VALUE,
    AWSHelperFn,
    Condition,
    If,
    Or,
    Ref,
    Select,
    Split,
    Sub,
    Template,
    cognito,
    logs,
    wafv2,
)

from templates import identifiers, parameters
from templates.wiring import Value

#: "None" cannot be written as a keyword.
_AS_THE_GROUP_SAYS: dict[str, Any] = {"None": {}}

Rule = wafv2.WebACLRule | AWSHelperFn
Counted = wafv2.RuleActionOverride | AWSHelperFn

#: The last resource here; who needs the protection waits for it.
ASSOCIATION = "WebAclAssociation"
TOKEN_PATH = "/oauth2/token"  # noqa: S105 (a path, not a token)
SAML_PATH = "/saml2/idpresponse"

#: Rules of AWSManagedRulesCommonRuleSet that only count, and the path that each is an
#: exception for; everywhere else the label that they leave blocks. An empty path is
#: an exception everywhere. Rules and labels: "Baseline rule groups", AWS WAF Developer
#: Guide.
_EXCEPTIONS = (
    # The portal's backend may send no User-Agent with its token call.
    ("NoUserAgent_HEADER", "NoUserAgent_Header", TOKEN_PATH),
    # state and nonce of the portal and of an identity provider, with redirect_uri,
    # can be longer than the 2,048 bytes of this rule, on every page of a sign-in.
    ("SizeRestrictions_QUERYSTRING", "", ""),
)
#: A SAML response is a long encoded XML document in the body: it is larger than 8 KB,
#: and its base64 text matches other body rules by chance. Counted there only with SAML.
_SAML_EXCEPTIONS = (
    ("SizeRestrictions_BODY", "SizeRestrictions_Body", SAML_PATH),
    ("EC2MetaDataSSRF_BODY", "EC2MetaDataSSRF_Body", SAML_PATH),
    ("GenericLFI_BODY", "GenericLFI_Body", SAML_PATH),
    ("GenericRFI_BODY", "GenericRFI_Body", SAML_PATH),
    ("CrossSiteScripting_BODY", "CrossSiteScripting_Body", SAML_PATH),
)


def add_to(
    template: Template,
    user_pool: cognito.UserPool,
    domain: cognito.UserPoolDomain,
    root_stack_id: Value,
) -> None:
    """Add the web ACL with its log unless there is one, and the association."""
    is_made = parameters.WEB_ACL_ARN.equals(template, "", "IsWebAclMade")
    web_acl = _add_web_acl(template, is_made, root_stack_id)
    log_group = _add_log_group(template, is_made, root_stack_id)
    logging = _add_logging(template, is_made, web_acl, log_group)
    template.add_resource(
        wafv2.WebACLAssociation(
            ASSOCIATION,
            # A new web ACL takes a while to be known everywhere, and associating it
            # earlier fails ("AssociateWebACL", AWS WAF API reference): the domain
            # and the log take that while.
            DependsOn=[domain.title],
            ResourceArn=user_pool.get_att("Arn"),
            WebACLArn=If(
                is_made,
                Select(0, [web_acl.get_att("Arn"), logging.ref()]),
                parameters.WEB_ACL_ARN.ref(template),
            ),
            DeletionPolicy="Delete",
            # A new association takes the place of the old one. Removing the old one
            # afterwards would take the new web ACL off the pool.
            UpdateReplacePolicy="Retain",
        )
    )


def metric_name(root_stack_id: Value) -> Sub:
    """Return what metrics call the web ACL; no other set's has this name."""
    return _name("web-acl", root_stack_id)


def _add_web_acl(
    template: Template, is_made: str, root_stack_id: Value
) -> wafv2.WebACL:
    blocked = [
        _blocked_networks(template, cidrs, root_stack_id, priority=priority)
        for priority, cidrs in enumerate(
            (parameters.BLOCKED_IPV4_CIDRS, parameters.BLOCKED_IPV6_CIDRS)
        )
    ]
    return template.add_resource(
        wafv2.WebACL(
            "WebAcl",
            Condition=is_made,
            Name=_name("web-acl", root_stack_id),
            Scope="REGIONAL",
            DefaultAction=wafv2.DefaultAction(Allow=wafv2.AllowAction()),
            VisibilityConfig=_visibility(metric_name(root_stack_id)),
            Rules=[
                *blocked,
                _other_than_allowed_networks(template, root_stack_id, priority=10),
                _too_many_requests(template, priority=20),
                _managed(
                    "AWSManagedRulesAmazonIpReputationList", priority=30, counted=[]
                ),
                _managed(
                    "AWSManagedRulesKnownBadInputsRuleSet", priority=40, counted=[]
                ),
                *_common_rule_set(template, priority=50),
            ],
        )
    )


def _common_rule_set(template: Template, *, priority: int) -> list[Rule]:
    """Return the common rule set, then what blocks beside its exceptions."""
    saml = parameters.IDENTITY_PROVIDER_TYPE.equals(template, "SAML", "IsSaml")
    counted: list[Counted] = [
        *(_counted(rule) for rule, _, _ in _EXCEPTIONS),
        *(
            If(saml, _counted(rule), Ref(AWS_NO_VALUE))
            for rule, _, _ in _SAML_EXCEPTIONS
        ),
    ]
    rules: list[Rule] = [
        _managed("AWSManagedRulesCommonRuleSet", priority=priority, counted=counted)
    ]
    for _, label, path in (*_EXCEPTIONS, *_SAML_EXCEPTIONS):
        if not path:
            continue
        rule = _blocked_elsewhere(label, path, priority=priority + len(rules))
        only_with_saml = If(saml, rule, Ref(AWS_NO_VALUE))
        rules.append(only_with_saml if path == SAML_PATH else rule)
    return rules


def _name(kind: str, root_stack_id: Value) -> Sub:
    """Return a name that says whose it is, so that a policy can be about it."""
    return Sub(
        f"private-workforce-{kind}-${{StackUuid}}",
        StackUuid=identifiers.uuid_of(root_stack_id),
    )


def _blocked_networks(
    template: Template,
    cidrs: parameters.OperatorParameter,
    root_stack_id: Value,
    *,
    priority: int,
) -> If:
    """Return the rule that blocks the networks of one family, if there are any."""
    title = cidrs.name.removeprefix("WebAcl").removesuffix("Cidrs")
    in_ip_set = _in_ip_set(template, cidrs, root_stack_id)
    rule = _block(f"{title}Networks", in_ip_set, priority=priority)
    return If(cidrs.given(template), rule, Ref(AWS_NO_VALUE))


def _other_than_allowed_networks(
    template: Template, root_stack_id: Value, *, priority: int
) -> If:
    """Return the rule that blocks what comes from elsewhere, if networks are given."""
    ipv4, ipv6 = parameters.ALLOWED_IPV4_CIDRS, parameters.ALLOWED_IPV6_CIDRS
    template.conditions["HasAllowedNetworks"] = Or(
        Condition(ipv4.given(template)), Condition(ipv6.given(template))
    )
    allowed = [
        If(
            cidrs.given(template),
            _in_ip_set(template, cidrs, root_stack_id),
            Ref(AWS_NO_VALUE),
        )
        for cidrs in (ipv4, ipv6)
    ]
    anything_allowed = wafv2.Statement(
        OrStatement=wafv2.OrStatement(Statements=[*allowed, _path_is(TOKEN_PATH)])
    )
    return If(
        "HasAllowedNetworks",
        _block("OtherThanAllowedNetworks", _not(anything_allowed), priority=priority),
        Ref(AWS_NO_VALUE),
    )


def _too_many_requests(template: Template, *, priority: int) -> wafv2.WebACLRule:
    """Return the rule on the rate; the portal has few addresses for all workers."""
    return _block(
        "TooManyRequests",
        wafv2.Statement(
            RateBasedStatement=wafv2.RateBasedStatement(
                AggregateKeyType="IP",
                EvaluationWindowSec=300,
                Limit=parameters.REQUESTS_PER_FIVE_MINUTES.ref(template),
                ScopeDownStatement=_not(_path_is(TOKEN_PATH)),
            )
        ),
        priority=priority,
    )


def _managed(name: str, *, priority: int, counted: list[Counted]) -> wafv2.WebACLRule:
    """Return AWS's rule group of a name, some of its rules only counting."""
    group = wafv2.ManagedRuleGroupStatement(VendorName="AWS", Name=name)
    if counted:
        group.RuleActionOverrides = counted
    return wafv2.WebACLRule(
        Name=name,
        Priority=priority,
        OverrideAction=wafv2.OverrideAction(**_AS_THE_GROUP_SAYS),
        Statement=wafv2.Statement(ManagedRuleGroupStatement=group),
        VisibilityConfig=_visibility(name),
    )


def _counted(rule: str) -> wafv2.RuleActionOverride:
    return wafv2.RuleActionOverride(
        Name=rule, ActionToUse=wafv2.RuleAction(Count=wafv2.CountAction())
    )


def _blocked_elsewhere(label: str, path: str, *, priority: int) -> wafv2.WebACLRule:
    """Return the rule that blocks what a counting rule has marked, but on one path."""
    marked = wafv2.Statement(
        LabelMatchStatement=wafv2.LabelMatchStatement(
            Scope="LABEL", Key=f"awswaf:managed:aws:core-rule-set:{label}"
        )
    )
    return _block(
        label.replace("_", ""),
        wafv2.Statement(
            AndStatement=wafv2.AndStatement(Statements=[marked, _not(_path_is(path))])
        ),
        priority=priority,
    )


def _block(name: str, statement: wafv2.Statement, *, priority: int) -> wafv2.WebACLRule:
    return wafv2.WebACLRule(
        Name=name,
        Priority=priority,
        Action=wafv2.RuleAction(Block=wafv2.BlockAction()),
        Statement=statement,
        VisibilityConfig=_visibility(name),
    )


def _visibility(name: Value) -> wafv2.VisibilityConfig:
    return wafv2.VisibilityConfig(
        MetricName=name,
        CloudWatchMetricsEnabled=True,
        # Samples hold whole query strings, with the codes that are kept out of the
        # log.
        SampledRequestsEnabled=False,
    )


def _not(statement: wafv2.Statement) -> wafv2.Statement:
    return wafv2.Statement(NotStatement=wafv2.NotStatement(Statement=statement))


def _path_is(path: str) -> wafv2.Statement:
    return wafv2.Statement(
        ByteMatchStatement=wafv2.ByteMatchStatement(
            FieldToMatch=wafv2.FieldToMatch(UriPath={}),
            PositionalConstraint="EXACTLY",
            SearchString=path,
            TextTransformations=[wafv2.TextTransformation(Priority=0, Type="NONE")],
        )
    )


def _kind(cidrs: parameters.OperatorParameter) -> str:
    """Return what an IP set is for, like blocked-ipv4."""
    title = cidrs.name.removeprefix("WebAcl").removesuffix("Cidrs")
    return title.replace("Ipv", "-ipv").lower()


def _in_ip_set(
    template: Template, cidrs: parameters.OperatorParameter, root_stack_id: Value
) -> wafv2.Statement:
    """Add an IP set of the networks, if any are given; return the match with it."""
    ip_set = template.add_resource(
        wafv2.IPSet(
            cidrs.name.replace("Cidrs", "IpSet"),
            Condition=cidrs.given(template),
            Name=_name(_kind(cidrs), root_stack_id),
            Scope="REGIONAL",
            IPAddressVersion="IPV4" if "Ipv4" in cidrs.name else "IPV6",
            Addresses=Split(",", cidrs.ref(template)),
        )
    )
    return wafv2.Statement(
        IPSetReferenceStatement=wafv2.IPSetReferenceStatement(Arn=ip_set.get_att("Arn"))
    )


def _add_log_group(
    template: Template, is_made: str, root_stack_id: Value
) -> logs.LogGroup:
    return template.add_resource(
        logs.LogGroup(
            "WebAclLogGroup",
            Condition=is_made,
            # AWS WAF writes to groups of this prefix only ("Sending protection pack
            # (web ACL) traffic logs to a CloudWatch Logs log group", AWS WAF
            # Developer Guide).
            LogGroupName=Sub(
                "aws-waf-logs-private-workforce-${StackUuid}",
                StackUuid=identifiers.uuid_of(root_stack_id),
            ),
            RetentionInDays=parameters.LOG_RETENTION_IN_DAYS.ref(template),
            KmsKeyId=parameters.LOG_KEY_ARN.ref_if_given(template),
            DeletionPolicy="Delete",
            UpdateReplacePolicy="Delete",
        )
    )


def _add_logging(
    template: Template, is_made: str, web_acl: wafv2.WebACL, log_group: logs.LogGroup
) -> wafv2.LoggingConfiguration:
    field = wafv2.LoggingConfigurationFieldToMatch
    return template.add_resource(
        wafv2.LoggingConfiguration(
            "WebAclLogging",
            Condition=is_made,
            ResourceArn=web_acl.get_att("Arn"),
            # Not the attribute Arn, which ends in ":*".
            LogDestinationConfigs=[
                Sub(
                    "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}"
                    ":log-group:${LogGroup}",
                    LogGroup=log_group.ref(),
                )
            ],
            # The query string holds authorization codes and the state; the headers
            # hold the session and the secret of the app client.
            RedactedFields=[
                field(QueryString={}),
                field(SingleHeader=wafv2.SingleHeader(Name="authorization")),
                field(SingleHeader=wafv2.SingleHeader(Name="cookie")),
            ],
        )
    )
