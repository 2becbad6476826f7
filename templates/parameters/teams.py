"""Who labels: the teams and the workers."""

from __future__ import annotations

from templates.parameters.declaration import (
    EMAIL,
    MAXIMUM_VALUE_BYTES,
    TEAM_NAME,
    OperatorParameter,
    list_of,
)

WORK_TEAM_NAMES = OperatorParameter(
    name="WorkTeamNames",
    group="Labeling teams",
    label="Work teams",
    description=(
        "Names of the work teams, separated by commas. Workers join the first team. "
        "Removing a name deletes that team and its group, never an account."
    ),
    default="labelers",
    allowed_pattern=list_of(TEAM_NAME, at_least=1, at_most=25),
    constraint_description=(
        "1 to 25 team names separated by commas without spaces, each 1 to 26 letters, "
        "digits or inner hyphens."
    ),
    maximum_length=700,
)
WORKER_EMAILS = OperatorParameter(
    name="WorkerEmails",
    group="Labeling teams",
    label="Workers",
    description=(
        "E-mail addresses of the workers to invite, separated by commas; may be empty. "
        "Removing an address disables the account that was made for it, and deletes "
        "nothing."
    ),
    default="",
    # Cognito's own sender sends 50 e-mails a day.
    allowed_pattern=list_of(EMAIL, at_most=50),
    constraint_description=(
        "Up to 50 e-mail addresses separated by commas without spaces, for example "
        "ada@example.com,alan@example.com."
    ),
    maximum_length=MAXIMUM_VALUE_BYTES,
)
