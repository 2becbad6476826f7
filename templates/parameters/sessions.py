"""How workers sign in, and for how long."""

from __future__ import annotations

from templates.parameters.declaration import (
    OperatorParameter,
)

PASSWORD_MINIMUM_LENGTH = OperatorParameter(
    name="PasswordMinimumLength",
    group="Sign-in sessions and passwords",
    label="Minimum length of a password",
    description="Number of characters that a worker's password must have.",
    default="14",
    minimum=8,
    maximum=99,
    constraint_description="A number of characters from 8 to 99.",
)
TEMPORARY_PASSWORD_VALIDITY_DAYS = OperatorParameter(
    name="TemporaryPasswordValidityDays",
    group="Sign-in sessions and passwords",
    label="Days that an invitation is valid",
    description=(
        "Number of days after which the temporary password of an invitation expires."
    ),
    default="7",
    minimum=1,
    maximum=365,
    constraint_description="A number of days from 1 to 365.",
)
ACCESS_TOKEN_VALIDITY_IN_MINUTES = OperatorParameter(
    name="AccessTokenValidityInMinutes",
    group="Sign-in sessions and passwords",
    label="Minutes that a token is valid",
    description=(
        "Number of minutes that the access and ID tokens of a worker are valid."
    ),
    default="60",
    minimum=5,
    maximum=1440,
    constraint_description="A number of minutes from 5 to 1440.",
)
REFRESH_TOKEN_VALIDITY_IN_HOURS = OperatorParameter(
    name="RefreshTokenValidityInHours",
    group="Sign-in sessions and passwords",
    label="Hours until a worker signs in again",
    description=(
        "Number of hours after which a worker must sign in again; longer than the "
        "validity of a token."
    ),
    default="25",
    minimum=25,
    maximum=8760,
    constraint_description="A number of hours from 25 to 8760.",
)
PASSWORD_HISTORY_SIZE = OperatorParameter(
    name="PasswordHistorySize",
    group="Sign-in sessions and passwords",
    label="Earlier passwords that are refused",
    description=(
        "Number of earlier passwords that a worker cannot use again. DEFAULT is 5, "
        "and none in the LITE plan, which has no password history."
    ),
    default="DEFAULT",
    allowed_values=("DEFAULT", *(str(number) for number in range(25))),
)
MULTI_FACTOR_AUTHENTICATION = OperatorParameter(
    name="MultiFactorAuthentication",
    group="Sign-in sessions and passwords",
    label="Authenticator app",
    description=(
        "REQUIRED makes every worker use an authenticator app. OPTIONAL leaves it to "
        "the worker; a mailbox is then enough to take over an account, unless "
        "AccountRecovery is ADMINISTRATOR."
    ),
    default="REQUIRED",
    allowed_values=("REQUIRED", "OPTIONAL"),
)
ACCOUNT_RECOVERY = OperatorParameter(
    name="AccountRecovery",
    group="Sign-in sessions and passwords",
    label="Forgotten passwords",
    description=(
        "EMAIL lets workers choose a new password with a code sent to their address; "
        "the authenticator app stays. ADMINISTRATOR leaves it to an administrator."
    ),
    default="EMAIL",
    allowed_values=("EMAIL", "ADMINISTRATOR"),
)
