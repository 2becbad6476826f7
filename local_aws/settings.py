"""What a test or an operator can change about the embedded AWS while it runs.

One set of settings for the whole process: `current()` reads it, `change()` replaces
single values, `reset()` goes back to the defaults. Over HTTP: GET and POST
/_local_aws/settings.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Settings:
    """The settings, with the values that a fresh process has."""

    workforce_initializing_seconds: float = 1.0
    """Time from CreateWorkforce until the workforce leaves Initializing."""

    workforce_updating_seconds: float = 0.5
    """Time from UpdateWorkforce until the workforce leaves Updating."""

    workforce_deleting_seconds: float = 1.0
    """Time from DeleteWorkforce until the workforce is gone."""

    workforce_outcome: str = "Active"
    """What Initializing ends in: Active, or Failed (with a FailureReason)."""

    vendor_workforces: int = 0
    """How many vendor workforces ListWorkforces returns besides the private one."""

    labeling_jobs: dict[str, list[str]] = field(default_factory=dict)
    """Names of unfinished labeling jobs of each work team, by the team's name.

    Besides those that are made with CreateLabelingJob.
    """

    labeling_job_seconds: float = 1.0
    """Time that a labeling job, or a flow definition, stays in a status on its way."""

    future_member_names: list[str] = field(default_factory=list)
    """Settings of Cognito that are newer than the SDK and are accepted all the same."""

    enforce_forwarded_permissions: bool = True
    """Whether a service that acts with its caller's credentials asks for their rights.
    """

    asynchronous_retry_seconds: float = 0.5
    """Stands for the 1 and 2 minutes between Lambda's asynchronous retries."""

    deliver_events_twice: bool = False
    """Whether a custom resource's function gets each request a second time."""

    stack_event_delay_seconds: float = 0.0
    """Time from a change of a stack's status until EventBridge hears of it."""

    invitation_age_days: float = 0.0
    """Days by which every temporary password counts as older than it is."""

    slow_resource_types: list[str] = field(default_factory=list)
    """Types of resources that CloudFormation makes as late as the template allows."""

    system_tags: bool = True
    """Whether user pools made by stacks carry the aws:cloudformation:* tags."""

    cognito_emails_a_day: int = 50
    """How many invitations Cognito's own sender sends in a day."""

    quotas: dict[str, float] = field(default_factory=dict)
    """What is allowed besides the defaults, by quota code (or "StackLimit")."""


class SettingsError(ValueError):
    """A setting does not exist or cannot have this value."""


_current = Settings()


def current() -> Settings:
    """Return the settings in force."""
    return _current


def change(**values: Any) -> Settings:
    """Replace single settings, all of `values` or none, and return the result.

    Raises SettingsError for an unknown name or a value of another type.
    """
    global _current
    known = {each.name: each for each in dataclasses.fields(Settings)}
    checked: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            raise SettingsError(
                f"There is no setting {name!r}. Settings are: {', '.join(known)}."
            )
        checked[name] = _checked(name, value, getattr(Settings(), name))
    _current = dataclasses.replace(_current, **checked)
    return _current


def reset() -> None:
    """Go back to the defaults."""
    global _current
    _current = Settings()


def _checked(name: str, value: object, default: object) -> object:
    """Return `value` if its type is that of the default (an int is a float too)."""
    if isinstance(default, float) and type(value) is int:
        value = float(value)
    if type(value) is not type(default):
        raise SettingsError(
            f"Setting {name!r} takes a {type(default).__name__}, "
            f"such as {default!r}, not {value!r}."
        )
    if isinstance(value, int | float) and value < 0:
        raise SettingsError(f"Setting {name!r} cannot be negative, as {value!r} is.")
    return value
