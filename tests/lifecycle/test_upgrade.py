"""A stack of the previous release becomes one of this release, and loses nothing."""

from __future__ import annotations

import functools
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from local_aws.process import EmbeddedAws
from ops import release
from templates.version import VERSION
from tests.lifecycle.deployed_set import DeployedSet
from tests.lifecycle.test_repair import soon
from tests.templates_as_data import template

#: What workers would lose, if CloudFormation made another one in its place.
IRREPLACEABLE = {
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolDomain",
    "Custom::PrivateWorkforce",
    "Custom::WorkTeams",
}
#: What portals, jobs and people outside the stack know it by.
KNOWN_OUTSIDE = (
    "LabelingPortalUrl",
    "UserPoolId",
    "UserPoolClientId",
    "UserPoolDomainName",
    "WorkforceName",
    "WorkforceArn",
    "WorkTeamArn",
    "WorkTeamArns",
)
ADDITIONAL = "https://a.example/cb"
FORMS = ["root.yaml", "private-workforce.yaml"]


def age(version: Path) -> tuple[list[int], bool]:
    """Return what sorts versions: a preview comes before its release."""
    numbers, preview, _ = version.name.partition("-")
    return [int(number) for number in numbers.split(".")], not preview


def previous_release() -> Path:
    """Return the newest kept set that is another than the present one."""
    kept = [folder for folder in release.RELEASED.iterdir() if folder.is_dir()]
    return max((folder for folder in kept if differs(folder)), key=age)


def differs(folder: Path) -> bool:
    return any(released(folder, name) != template(name) for name in release.KEPT)


@functools.cache
def released(folder: Path, name: str) -> dict[str, Any]:
    text = (folder / name).read_text("utf-8")
    data: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)  # noqa: S506 (safe)
    return data


@pytest.fixture(params=FORMS)
def old(aws: EmbeddedAws, request: pytest.FixtureRequest) -> DeployedSet:
    """Return a stack of the previous release with work that people have done in it."""
    previous = functools.partial(released, previous_release())
    deployed = DeployedSet(aws, request.param, template=previous)
    status = deployed.create(
        WorkerEmails="ada@example.com",
        WorkTeamNames="labelers,reviewers",
        AdditionalCallbackUrls=ADDITIONAL,
    )
    assert status == "CREATE_COMPLETE", deployed.reasons
    # Somebody whom no parameter names, in the second team.
    pool = deployed.outputs["UserPoolId"]
    deployed.cognito.admin_create_user(
        UserPoolId=pool,
        Username="bob",
        UserAttributes=[{"Name": "email", "Value": "bob@example.com"}],
    )
    (reviewers,) = (name for name in deployed.groups if name.startswith("reviewers"))
    deployed.cognito.admin_add_user_to_group(
        UserPoolId=pool, Username="bob", GroupName=reviewers
    )
    deployed.template = template
    return deployed


def what_workers_have(deployed: DeployedSet) -> dict[str, Any]:
    """Return what a worker would miss, or find changed, after the update."""
    pool = deployed.outputs["UserPoolId"]
    domain = deployed.cognito.describe_user_pool_domain(Domain=deployed.pool["Domain"])
    members = {
        group: sorted(
            user["Username"]
            for user in deployed.cognito.list_users_in_group(
                UserPoolId=pool, GroupName=group
            )["Users"]
        )
        for group in deployed.groups
    }
    teams = deployed.sagemaker.list_workteams()["Workteams"]
    return {
        "outputs": {name: deployed.outputs[name] for name in KNOWN_OUTSIDE},
        "client": (deployed.client["ClientId"], deployed.client["ClientSecret"]),
        "domain": (domain["DomainDescription"]["Domain"], deployed.pool["Domain"]),
        "accounts": {
            name: (user["Attributes"], user["Enabled"], user["UserStatus"])
            for name, user in deployed.users.items()
        },
        "members": members,
        "workforces": [
            (each["WorkforceName"], each["SubDomain"], each["CreateDate"])
            for each in deployed.workforces
        ],
        "teams": {
            team["WorkteamName"]: (team["WorkteamArn"], team["MemberDefinitions"])
            for team in teams
        },
    }


def events(deployed: DeployedSet) -> dict[str, dict[str, Any]]:
    """Return every event of every stack, by its id."""
    stacks = deployed.cloudformation.list_stacks()["StackSummaries"]
    return {
        event["EventId"]: dict(event)
        for stack in stacks
        for event in deployed.cloudformation.describe_stack_events(
            StackName=stack["StackId"]
        )["StackEvents"]
    }


def made_or_deleted(events: dict[str, dict[str, Any]]) -> set[str]:
    """Return what of the irreplaceable the events do more to than change it."""
    return {
        event["LogicalResourceId"]
        for event in events.values()
        if event["ResourceType"] in IRREPLACEABLE
        and not event["ResourceStatus"].startswith("UPDATE_")
    }


def updated(
    deployed: DeployedSet, **parameters: str
) -> tuple[str, dict[str, dict[str, Any]]]:
    """Update to the present set; return how it ended, and the events since then."""
    before = events(deployed)
    status = deployed.update(parameters)
    news = {key: event for key, event in events(deployed).items() if key not in before}
    return status, news


def is_protected(deployed: DeployedSet) -> bool:
    """Tell whether the stack's own web ACL stands before its user pool."""
    waf = deployed.aws.client("wafv2")
    try:
        found = waf.get_web_acl_for_resource(ResourceArn=deployed.pool["Arn"])
    except waf.exceptions.WAFNonexistentItemException:
        return False
    return "WebACL" in found


def test_an_update_to_this_release_loses_nothing(old: DeployedSet) -> None:
    had = what_workers_have(old)
    status, news = updated(old)
    assert status == "UPDATE_COMPLETE", old.reasons
    assert what_workers_have(old) == had
    assert old.leads_to_the_portal(ADDITIONAL)
    assert old.outputs["SetVersion"] == VERSION
    assert made_or_deleted(news) == set()
    assert is_protected(old)
    # It did look at something, and the update did change the set.
    assert len(had["accounts"]) == len(had["teams"]) == 2
    changed = {event["LogicalResourceId"] for event in news.values()}
    assert changed >= {"PortalSignIn", "WorkforceFunction"}


def test_an_update_to_this_release_that_fails_leaves_the_previous_one(
    old: DeployedSet,
) -> None:
    """It fails in the resource that comes last, so that everything has to go back."""
    had = what_workers_have(old)
    old.aws.control.add_fault(
        operation="AdminCreateUser",
        caller="function",
        kind="UnsupportedUserStateException",
        times=0,
    )
    status, news = updated(old, WorkerEmails="ada@example.com,eve@example.com")
    assert status == "UPDATE_ROLLBACK_COMPLETE", old.reasons
    assert soon(lambda: old.leads_to_the_portal(ADDITIONAL))
    assert what_workers_have(old) == had
    assert made_or_deleted(news) == set()
    old.aws.control.clear_faults()
    assert old.update() == "UPDATE_COMPLETE", old.reasons
    assert what_workers_have(old) == had
    assert old.leads_to_the_portal(ADDITIONAL)
    assert is_protected(old)


def rename_the_user_pool(changed: dict[str, Any]) -> None:
    text = json.dumps(changed)
    for quoted in ('"UserPool"', "${UserPool}"):
        text = text.replace(quoted, quoted.replace("UserPool", "Pool"))
    changed.clear()
    changed.update(json.loads(text))


@pytest.mark.parametrize("old", ["private-workforce.yaml"], indirect=True)
def test_a_set_that_replaced_the_user_pool_would_be_noticed(old: DeployedSet) -> None:
    old.changes = {"private-workforce.yaml": rename_the_user_pool}
    status, news = updated(old)
    assert status != "UPDATE_COMPLETE"
    assert "Pool" in made_or_deleted(news)


def test_the_previous_release_is_the_newest_that_is_not_the_present_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = release.keep(tmp_path)
    for version in ("0.0.9", "0.0.10-preview", "0.0.10"):
        older = shutil.copytree(kept, tmp_path / version)
        (older / "base.yaml").write_text("Resources: {}\n", encoding="utf-8")
    monkeypatch.setattr(release, "RELEASED", tmp_path)
    assert previous_release() == tmp_path / "0.0.10"
    (kept / "base.yaml").write_text("Resources: {}\n", encoding="utf-8")
    released.cache_clear()
    assert previous_release() == kept
