"""The make targets: listed, short, and safe for the account of whoever runs them."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
RULES = re.findall(r"^([a-z-]+):(?!=)[^\n]*\n((?:\t[^\n]*\n)*)", MAKEFILE, re.MULTILINE)


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


def write_program(file: Path, script: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


def installed(venv: Path) -> Path:
    venv.mkdir(exist_ok=True)
    for stamp in (".installed", ".installed-dev"):
        (venv / stamp).touch()
    return venv


def test_make_alone_lists_every_target_with_what_it_does() -> None:
    listed = re.findall(r"^  make ([a-z-]+)\s+\S", make().stdout, re.MULTILINE)
    assert sorted(listed) == sorted(name for name, _ in RULES)


def test_the_targets_of_the_operator_are_there() -> None:
    names = {name for name, _ in RULES}
    assert names >= {
        *("setup", "build", "lint", "test", "faults", "check", "check-all", "bench"),
        "mutants",
        *("diagram", "picture"),
        *("local", "local-mail", "local-browse", "local-codes"),
        *("local-destroy", "local-down"),
        *("package", "preflight", "diff", "deploy", "outputs", "destroy"),
        *("status", "verify", "repair", "protect"),
        *("publish", "stackset", "stackset-status", "stackset-destroy"),
        *("invite", "workers", "resend", "disable", "enable", "remove"),
        "catalog",
    }


@pytest.mark.parametrize(("name", "recipe"), RULES, ids=[name for name, _ in RULES])
def test_a_recipe_has_at_most_ten_lines(name: str, recipe: str) -> None:
    assert recipe.count("\n") <= 10


@pytest.mark.parametrize("name", [name for name, _ in RULES])
def test_no_target_is_taken_for_a_file(name: str) -> None:
    assert f".PHONY: {name}\n" in MAKEFILE


def test_whoever_tries_or_deploys_the_set_installs_no_tool_of_its_developers() -> None:
    developing = re.findall(r"^([a-z-]+): .*/\.installed-dev\b", MAKEFILE, re.MULTILINE)
    in_help = MAKEFILE.partition("##@ Develop")[2].partition("##@ Try it")[0]
    assert {"setup", "lint", "test"} <= set(developing)
    assert [name for name in developing if f"\n{name}: " not in in_help] == []


@pytest.mark.parametrize("target", ["test", "faults", "mutants", "bench"])
def test_credentials_of_the_shell_do_not_reach_the_tests(
    target: str, tmp_path: Path
) -> None:
    venv = installed(tmp_path / "venv")
    for program in ("pytest", "python", "mutmut"):
        write_program(venv / "bin" / program, "env")
    leaks = {
        "AWS_PROFILE": "production",
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "token",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
        "AWS_ROLE_ARN": "arn:aws:iam::999999999999:role/production",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials",
        "AWS_ENDPOINT_URL": "https://example.com",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    ran = make(
        target,
        f"VENV={venv}",
        **leaks,
        AWS_CONFIG_FILE="/home/somebody/.aws/config",
        AWS_SHARED_CREDENTIALS_FILE="/home/somebody/.aws/credentials",
        AWS_EC2_METADATA_DISABLED="false",
    )
    assert ran.returncode == 0, ran.stderr
    seen = dict(line.split("=", 1) for line in ran.stdout.splitlines() if "=" in line)
    assert not seen.keys() & leaks.keys()
    assert seen["AWS_CONFIG_FILE"] == os.devnull
    assert seen["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert seen["AWS_EC2_METADATA_DISABLED"] == "true"


def test_workers_are_named_on_the_command_line_only(tmp_path: Path) -> None:
    """Many a shell has EMAIL or NAME set: to its owner's."""
    venv = installed(tmp_path / "venv")
    write_program(venv / "bin" / "python", "env")
    of_the_shell = {"EMAIL": "me@example.com", "NAME": "host", "FILE": "f", "TEAM": "t"}
    ran = make("remove", f"VENV={venv}", **of_the_shell)
    seen = dict(line.split("=", 1) for line in ran.stdout.splitlines() if "=" in line)
    assert {name: seen[f"WORKER_{name}"] for name in of_the_shell} == dict.fromkeys(
        of_the_shell, ""
    )
    ran = make("remove", f"VENV={venv}", "EMAIL=o'neil+x@example.com", **of_the_shell)
    assert "WORKER_EMAIL=o'neil+x@example.com" in ran.stdout.splitlines()


def test_an_old_python_is_answered_with_what_to_do(tmp_path: Path) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        write_program(tmp_path / "bin" / name, "exit 1")
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    ran = make("setup", f"VENV={tmp_path / 'venv'}", PATH=path)
    assert ran.returncode != 0
    assert "Python 3.11 or newer is needed" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_environment_is_made_again_when_a_pin_changes_and_only_then(
    tmp_path: Path,
) -> None:
    venv = installed(tmp_path / "venv")
    stamp = venv / ".installed"
    assert "environments.py" not in make("-n", "setup", f"VENV={venv}").stdout
    pins = (ROOT / "constraints.txt").stat().st_mtime
    os.utime(stamp, (pins - 1, pins - 1))
    assert "environments.py" in make("-n", "setup", f"VENV={venv}").stdout


@pytest.mark.parametrize(
    "failing", ["check-all", "fresh-machine", "ways-in", "test", "nothing"]
)
def test_ci_runs_the_readmes_test_command_last_and_fails_with_it(
    failing: str, tmp_path: Path
) -> None:
    script = tmp_path / ".ci" / "run"
    script.parent.mkdir()
    shutil.copy(ROOT / ".ci" / "run", script)
    for program in (
        tmp_path / "bin" / "make",
        script.with_name("fresh-machine"),
        script.with_name("ways-in"),
    ):
        says = f'set -- "${{1:-{program.name}}}"; echo "$1"; [ "$1" != {failing} ]'
        write_program(program, says)
    write_program(tmp_path / "bin" / "chromium", "exit 1")
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        [script],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )
    ran_in_turn = ["check-all", "fresh-machine", "ways-in", "test"]
    assert ran.stdout.splitlines() == ran_in_turn
    assert (ran.returncode == 0) == (failing == "nothing")
