"""What the feature plan of the user pool allows, and what is left out below it.

"User pool feature plans" (Cognito Developer Guide): the Lite plan has neither managed
login nor password history; threat protection and activity logs need Plus.
"""

from __future__ import annotations

from troposphere import (
    AWS_NO_VALUE,
    And,
    Condition,
    If,
    Not,
    Or,
    Ref,
    Template,
    cognito,
)

from templates import parameters

#: How many earlier passwords are refused unless the operator says it.
PASSWORD_HISTORY_SIZE = 5


def has_threat_protection(template: Template) -> str:
    """Return the condition that threat protection is on, in whatever mode."""
    mode = parameters.THREAT_PROTECTION_MODE
    plus = parameters.USER_POOL_TIER.equals(template, "PLUS", "IsPlanPlus")
    off = mode.equals(template, "OFF", "IsThreatProtectionOff")
    template.conditions["HasThreatProtection"] = And(
        Condition(plus), Not(Condition(off))
    )
    return "HasThreatProtection"


def has_activity_logs(template: Template) -> str:
    """Return the condition that sign-ins are logged: that needs threat protection."""
    wanted = parameters.ENABLE_ACTIVITY_LOGS.equals(
        template, "true", "IsActivityLogWanted"
    )
    template.conditions["HasActivityLogs"] = And(
        Condition(has_threat_protection(template)), Condition(wanted)
    )
    return "HasActivityLogs"


def has_managed_login(template: Template) -> str:
    """Return the condition that the sign-in pages are those of managed login."""
    lite = parameters.USER_POOL_TIER.equals(template, "LITE", "IsPlanLite")
    classic = parameters.SIGN_IN_PAGES.equals(template, "CLASSIC", "IsClassicWanted")
    template.conditions["HasManagedLogin"] = Not(
        Or(Condition(lite), Condition(classic))
    )
    return "HasManagedLogin"


def threat_protection(template: Template) -> cognito.UserPoolAddOns:
    """Return the threat protection of the pool; below Plus it must be off."""
    mode = parameters.THREAT_PROTECTION_MODE
    return cognito.UserPoolAddOns(
        AdvancedSecurityMode=If(
            has_threat_protection(template),
            If(
                mode.equals(template, "DEFAULT", "IsThreatProtectionDefault"),
                "AUDIT",
                mode.ref(template),
            ),
            "OFF",
        )
    )


def password_history(template: Template) -> If:
    """Return how many earlier passwords are refused, or nothing in the Lite plan."""
    size = parameters.PASSWORD_HISTORY_SIZE
    return If(
        parameters.USER_POOL_TIER.equals(template, "LITE", "IsPlanLite"),
        Ref(AWS_NO_VALUE),
        If(
            size.equals(template, "DEFAULT", "IsPasswordHistoryDefault"),
            PASSWORD_HISTORY_SIZE,
            size.ref(template),
        ),
    )
