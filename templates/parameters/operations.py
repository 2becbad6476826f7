"""Logs, notifications, and what protects the set."""

from __future__ import annotations

from templates.parameters.declaration import (
    EMAIL,
    OperatorParameter,
    optional,
)

NOTIFICATION_EMAIL = OperatorParameter(
    name="NotificationEmail",
    group="Operations",
    label="E-mail address for notifications",
    description=(
        "Address that gets alarms, and news of work that is available to the teams. "
        "It must confirm the subscription. Empty subscribes nobody."
    ),
    default="",
    allowed_pattern=optional(EMAIL),
    constraint_description="Empty, or one e-mail address.",
    maximum_length=320,
)
ENABLE_MONITORING = OperatorParameter(
    name="EnableMonitoring",
    group="Operations",
    label="Alarms and dashboard",
    description=(
        "true makes alarms on the sign-in, its e-mails and the function, which tell "
        "the notification topic, and a dashboard of what they look at. false makes "
        "neither, and a repair that fails is then in the function's log only."
    ),
    default="true",
    allowed_values=("true", "false"),
)
EXISTING_WORKFORCE_NAME = OperatorParameter(
    name="ExistingWorkforceName",
    group="Operations",
    label="Workforce to adopt",
    description=(
        "For the workforce stack on a user pool that exists already: name of the "
        "workforce that uses that pool and app client, to adopt instead of making "
        "one. It is never changed or deleted. Empty makes one. It cannot be changed "
        "while the stack lives."
    ),
    default="",
    allowed_pattern=optional("[A-Za-z0-9][A-Za-z0-9-]{0,62}"),
    constraint_description="Empty, or the name of a workforce.",
    maximum_length=63,
)
USER_POOL_DELETION_PROTECTION = OperatorParameter(
    name="UserPoolDeletionProtection",
    group="Operations",
    label="Deletion protection of the user pool",
    description=(
        "ACTIVE refuses the deletion of the user pool and with it every account. Set "
        "it after the first success: a protected pool cannot be rolled back."
    ),
    default="INACTIVE",
    allowed_values=("INACTIVE", "ACTIVE"),
)
LOG_RETENTION_IN_DAYS = OperatorParameter(
    name="LogRetentionInDays",
    group="Operations",
    label="Days that logs are kept",
    description="Number of days after which CloudWatch Logs deletes log lines.",
    default="90",
    allowed_values=(
        *("1", "3", "5", "7", "14", "30", "60", "90", "120", "150", "180", "365"),
        *("400", "545", "731", "1096", "1827", "2192", "2557", "2922", "3288", "3653"),
    ),
)
PERMISSIONS_BOUNDARY_ARN = OperatorParameter(
    name="PermissionsBoundaryArn",
    group="Operations",
    label="Permissions boundary",
    description=(
        "ARN of the managed policy to set as permissions boundary on every role of the "
        "set. Empty sets none."
    ),
    default="",
    allowed_pattern=optional(
        r"arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[!-~]{1,512}"
    ),
    constraint_description="Empty, or the ARN of a managed policy.",
    maximum_length=600,
)
