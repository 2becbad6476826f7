"""The workflow: no stored keys, no more rights than each job needs, pinned actions."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from templates.deploy_role import PULL_REQUESTS
from tests.deployment.pipeline_jobs import gitlab_job
from tests.test_make import RULES

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / ".github" / "workflows" / "deploy.yaml"
TEXT = FILE.read_text(encoding="utf-8")
# YAML 1.1 reads the key "on" as true.
WORKFLOW: dict[Any, Any] = yaml.safe_load(TEXT)
JOBS: dict[str, dict[str, Any]] = WORKFLOW["jobs"]
ROLES = {"changes": "PLAN_ROLE_ARN", "deploy": "DEPLOY_ROLE_ARN"}


def test_the_linter_finds_nothing() -> None:
    program = Path(sys.executable).with_name("zizmor")
    linted = subprocess.run(  # noqa: S603 (our own tool)
        [program, "--offline", "--no-progress", str(FILE)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_the_linter_finds_what_is_wrong(tmp_path: Path) -> None:
    bad = tmp_path / "deploy.yaml"
    injected = "make check ${{ github.event.pull_request.title }}"
    bad.write_text(TEXT.replace("make check", injected))
    program = Path(sys.executable).with_name("zizmor")
    linted = subprocess.run(  # noqa: S603 (our own tool)
        [program, "--offline", "--no-progress", str(bad)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode != 0


def schema_faults(schema: str, file: Path) -> str:
    """Return what a schema of check-jsonschema finds wrong in a file, or nothing."""
    program = Path(sys.executable).with_name("check-jsonschema")
    checked = subprocess.run(  # noqa: S603 (our own tool)
        [program, "--builtin-schema", f"vendor.{schema}", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    return checked.stdout if checked.returncode else ""


@pytest.mark.parametrize("wrong", ["", "runs-on", "steps"])
def test_the_workflow_is_one_to_github(wrong: str, tmp_path: Path) -> None:
    file = tmp_path / "deploy.yaml"
    file.write_text(TEXT.replace(f"{wrong}:", "rnus-on:", 1) if wrong else TEXT)
    assert bool(schema_faults("github-workflows", file)) == bool(wrong)


@pytest.mark.parametrize("wrong", ["", "aud", "rules"])
def test_the_job_that_the_page_gives_is_one_to_gitlab(
    wrong: str, tmp_path: Path
) -> None:
    job = gitlab_job()
    if wrong == "aud":
        del job["id_tokens"]["AWS_TOKEN"]["aud"]
    elif wrong == "rules":
        job["rules"] = "main"
    file = tmp_path / ".gitlab-ci.yml"
    file.write_text(yaml.safe_dump({"deploy": job}))
    assert bool(schema_faults("gitlab-ci", file)) == bool(wrong)


def test_no_key_is_stored() -> None:
    assert "secrets." not in TEXT
    assert "aws-access-key-id" not in TEXT


def test_every_action_is_pinned_to_a_commit() -> None:
    used = re.findall(r"uses: (\S+)", TEXT)
    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", each) for each in used)


def test_only_the_jobs_with_a_role_get_a_token() -> None:
    assert WORKFLOW["permissions"] == {}
    for name, job in JOBS.items():
        wanted = {"contents": "read"}
        if name in ROLES:
            wanted["id-token"] = "write"
        assert job["permissions"] == wanted, name


@pytest.mark.parametrize("name", list(ROLES))
def test_a_job_takes_its_role_only_after_the_check_and_where_it_is_meant(
    name: str,
) -> None:
    job = JOBS[name]
    assert job["needs"] == "check"
    event = {"changes": "pull_request", "deploy": "push"}[name]
    assert f"github.event_name == '{event}'" in job["if"]
    assert f"vars.{ROLES[name]} != ''" in job["if"]
    (role,) = [
        step["with"]["role-to-assume"]
        for step in job["steps"]
        if "role-to-assume" in step.get("with", {})
    ]
    assert role == f"${{{{ vars.{ROLES[name]} }}}}"


def test_it_deploys_what_is_merged_and_nothing_else() -> None:
    assert WORKFLOW[True]["push"] == {"branches": ["main"]}
    assert "pull_request_target" not in TEXT


def test_every_target_of_make_is_there() -> None:
    commands = [
        step["run"] for job in JOBS.values() for step in job["steps"] if "run" in step
    ]
    called = re.findall(r"\bmake ([a-z][a-z ]*)", "\n".join(commands))
    targets = {name for name, _ in RULES}
    assert {word for line in called for word in line.split()} <= targets
    assert any("make check" in command for command in commands)


def test_a_pull_request_writes_where_its_role_may() -> None:
    assert f"make diff FOLDER={PULL_REQUESTS}" in TEXT
