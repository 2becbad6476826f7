"""What the modelled SageMaker remembers, and how it changes with time.

Everything is kept per account and Region. What is on its way from one status to another
(a workforce that is initializing) carries the moment at which that ends; `settle`
brings everything up to date, before each call and by a timer, so that the app client is
edited on time even when nobody asks SageMaker. Everything is plain data, so it survives
a restart.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ministack.core import responses

from local_aws.sagemaker import app_client
from local_aws.sagemaker.errors import SageMakerError, validation_error

INITIALIZING = "Initializing"
ACTIVE = "Active"
FAILED = "Failed"
UPDATING = "Updating"
DELETING = "Deleting"
IN_PROGRESS = "InProgress"
STOPPING = "Stopping"
STOPPED = "Stopped"
COMPLETED = "Completed"

lock = threading.RLock()


@dataclass
class Workforce:
    """A private workforce; the members are those of the API's Workforce shape."""

    account: str
    region: str
    name: str
    arn: str
    user_pool_id: str
    client_id: str
    created_at: float
    updated_at: float
    sub_domain: str
    status: str = INITIALIZING
    failure_reason: str = ""
    outcome: str = ACTIVE
    status_ends_at: float | None = None
    source_ip_config: dict[str, Any] | None = None
    vpc_config: dict[str, Any] | None = None
    ip_address_type: str = "ipv4"
    tags: list[dict[str, str]] = field(default_factory=list)

    @property
    def has_portal(self) -> bool:
        """Whether the portal's host name is known: not before the first Active."""
        return bool(self.sub_domain) and self.status not in (INITIALIZING, FAILED)


@dataclass
class Workteam:
    """A private work team; the members are those of the API's Workteam shape."""

    account: str
    region: str
    name: str
    arn: str
    workforce_name: str
    description: str
    member_definitions: list[dict[str, Any]]
    created_at: float
    updated_at: float
    notification_configuration: dict[str, Any] = field(default_factory=dict)
    worker_access_configuration: dict[str, Any] = field(default_factory=dict)
    tags: list[dict[str, str]] = field(default_factory=list)


@dataclass
class LabelingJob:
    """A labeling job; `request` is what CreateLabelingJob was given."""

    account: str
    region: str
    name: str
    arn: str
    request: dict[str, Any]
    objects: int
    created_at: float
    updated_at: float
    status: str = INITIALIZING
    status_ends_at: float | None = None

    @property
    def is_finished(self) -> bool:
        """Whether nobody will work on it any more."""
        return self.status in (STOPPED, COMPLETED, FAILED)

    @property
    def workteam_arn(self) -> str:
        """The team whose workers get it."""
        return str(self.request["HumanTaskConfig"]["WorkteamArn"])

    def is_on(self, workteam: Workteam) -> bool:
        """Tell whether the job was given to a team, running or not."""
        return self.workteam_arn == workteam.arn


@dataclass
class HumanReview:
    """A task template or a flow definition of A2I; `kind` is the start of its ARN."""

    account: str
    region: str
    kind: str
    name: str
    arn: str
    request: dict[str, Any]
    created_at: float
    status: str = ACTIVE
    status_ends_at: float | None = None


workforces: dict[tuple[str, str, str], Workforce] = {}
workteams: dict[tuple[str, str, str], Workteam] = {}
labeling_jobs: dict[tuple[str, str, str], LabelingJob] = {}
human_reviews: dict[tuple[str, str, str, str], HumanReview] = {}


def scope() -> tuple[str, str]:
    """Return the account and the Region of the call that is being answered."""
    return str(responses.get_account_id()), str(responses.get_region())


def workforces_here() -> list[Workforce]:
    """Return the private workforces of the caller's account and Region."""
    return [workforce for key, workforce in workforces.items() if key[:2] == scope()]


def workteams_here() -> list[Workteam]:
    """Return the work teams of the caller's account and Region."""
    return [workteam for key, workteam in workteams.items() if key[:2] == scope()]


def workteam_at(arn: str) -> Workteam:
    """Return a work team of the caller's account and Region by its ARN.

    Raises:
        SageMakerError: there is none.
    """
    for workteam in workteams_here():
        if workteam.arn == arn:
            return workteam
    raise validation_error(f"The work team {arn} does not exist.")


def change_status(
    changed: Workforce | LabelingJob | HumanReview, status: str, seconds: float
) -> None:
    """Put something into a transient status that ends after `seconds`."""
    changed.status = status
    changed.status_ends_at = time.time() + seconds
    _settle_after(seconds)


def _settle_after(seconds: float) -> None:
    timer = threading.Timer(max(seconds, 0) + 0.001, settle)
    timer.daemon = True
    timer.start()


def settle() -> None:
    """End every transient status whose time has come."""
    with lock:
        now = time.time()
        for key, workforce in list(workforces.items()):
            ends_at = workforce.status_ends_at
            if ends_at is None or ends_at > now:
                continue
            workforce.status_ends_at = None
            workforce.updated_at = now
            if workforce.status == DELETING:
                del workforces[key]
            elif workforce.status == UPDATING:
                workforce.status = ACTIVE
            else:
                _finish_initializing(workforce)
        _settle_jobs(now)
        _settle_human_reviews(now)


def _settle_jobs(now: float) -> None:
    for job in labeling_jobs.values():
        if job.status_ends_at is not None and job.status_ends_at <= now:
            job.status = STOPPED if job.status == STOPPING else IN_PROGRESS
            job.status_ends_at, job.updated_at = None, now


def _settle_human_reviews(now: float) -> None:
    for key, part in list(human_reviews.items()):
        if part.status_ends_at is None or part.status_ends_at > now:
            continue
        part.status_ends_at = None
        if part.status == DELETING:
            del human_reviews[key]
        else:
            part.status = ACTIVE


def edit_app_client(workforce: Workforce) -> None:
    """Let the app client of a workforce lead to its portal, too."""
    app_client.allow_portal(
        account=workforce.account,
        region=workforce.region,
        user_pool_id=workforce.user_pool_id,
        client_id=workforce.client_id,
        sub_domain=workforce.sub_domain,
    )


def _finish_initializing(workforce: Workforce) -> None:
    if workforce.outcome == FAILED:
        _fail(workforce, "The embedded AWS was told to let this workforce fail.")
        return
    try:
        edit_app_client(workforce)
    except SageMakerError as error:
        _fail(workforce, error.message)
        return
    workforce.status = ACTIVE


def _fail(workforce: Workforce, reason: str) -> None:
    workforce.status = FAILED
    workforce.failure_reason = reason


def group_is_used(user_pool_id: str, group_name: str) -> bool:
    """Tell whether a work team is made of this Cognito group."""
    return any(
        (cognito["UserPool"], cognito["UserGroup"]) == (user_pool_id, group_name)
        for cognito in _cognito_members(workteams.values())
    )


def _cognito_members(teams: Any) -> Iterator[Mapping[str, str]]:
    for workteam in teams:
        for member in workteam.member_definitions:
            yield member["CognitoMemberDefinition"]


def clear() -> None:
    """Forget everything."""
    with lock:
        workforces.clear()
        workteams.clear()
        labeling_jobs.clear()
        human_reviews.clear()


def get_state() -> dict[str, Any]:
    """Return everything as plain data for the state file."""
    with lock:
        return {
            "workforces": [asdict(workforce) for workforce in workforces.values()],
            "workteams": [asdict(workteam) for workteam in workteams.values()],
            "labeling_jobs": [asdict(job) for job in labeling_jobs.values()],
            "human_reviews": [asdict(part) for part in human_reviews.values()],
        }


def load_persisted_state(data: Mapping[str, Any]) -> None:
    """Take over what `get_state` returned in an earlier process."""
    with lock:
        clear()
        for values in data.get("workforces", []):
            workforce = Workforce(**values)
            workforces[workforce.account, workforce.region, workforce.name] = workforce
            if workforce.status_ends_at is not None:
                _settle_after(workforce.status_ends_at - time.time())
        for values in data.get("workteams", []):
            workteam = Workteam(**values)
            workteams[workteam.account, workteam.region, workteam.name] = workteam
        for values in data.get("labeling_jobs", []):
            job = LabelingJob(**values)
            labeling_jobs[job.account, job.region, job.name] = job
        for values in data.get("human_reviews", []):
            part = HumanReview(**values)
            human_reviews[part.account, part.region, part.kind, part.name] = part
