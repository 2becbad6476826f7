"""What the sign-in is protected by, and what of it is logged."""

from __future__ import annotations

from templates.parameters.declaration import OperatorParameter

GROUP = "Protection of the sign-in"

USER_POOL_TIER = OperatorParameter(
    name="UserPoolTier",
    group=GROUP,
    label="Feature plan",
    description=(
        "Feature plan of the user pool, which sets the price of every active worker. "
        "PLUS has activity logs and threat protection, ESSENTIALS managed login and "
        "password history, LITE neither. What a plan lacks is left out. Before "
        "lowering it, deploy once without what the lower plan lacks."
    ),
    default="PLUS",
    allowed_values=("PLUS", "ESSENTIALS", "LITE"),
)
THREAT_PROTECTION_MODE = OperatorParameter(
    name="ThreatProtectionMode",
    group=GROUP,
    label="Threat protection",
    description=(
        "What Cognito does about compromised passwords and risky sign-ins: AUDIT "
        "records them, ENFORCED also acts, OFF does neither. DEFAULT is AUDIT in the "
        "PLUS plan and OFF below it. Before turning it off, deploy once with "
        "EnableActivityLogs=false."
    ),
    default="DEFAULT",
    allowed_values=("DEFAULT", "AUDIT", "ENFORCED", "OFF"),
)
ENABLE_ACTIVITY_LOGS = OperatorParameter(
    name="EnableActivityLogs",
    group=GROUP,
    label="Log sign-ins",
    description=(
        "true logs every sign-in with its risk. It needs the PLUS plan and threat "
        "protection, and without them is left out. E-mails that cannot be delivered "
        "are logged in any case."
    ),
    default="true",
    allowed_values=("true", "false"),
)
LOG_KEY_ARN = OperatorParameter(
    name="LogKeyArn",
    group=GROUP,
    label="Key of the logs",
    description=(
        "ARN of a KMS key of this Region that encrypts the logs of the function and "
        "of the web ACL; its policy must let CloudWatch Logs use it. Cognito cannot "
        "write to an encrypted log group, so the log of the sign-ins has none. Empty "
        "uses a key of AWS."
    ),
    default="",
    allowed_pattern=r"^(arn:aws:kms:[a-z0-9-]{1,30}:[0-9]{12}:key/[0-9a-f-]{36})?$",
    constraint_description="Empty, or the ARN of a KMS key (not of an alias).",
    maximum_length=120,
)
