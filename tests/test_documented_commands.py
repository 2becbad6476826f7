"""Each command that a document shows exists, with the options that it is given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from local_aws.__main__ import main as local_aws
from ops.__main__ import commands as operator_commands
from tests.test_docs import ROOT, commands, each_page

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
SESSION = botocore.session.get_session()
VARIABLES = set(re.findall(r"^([A-Z][A-Z_]*) [?:]?=", MAKEFILE, re.M))
#: Commands of the AWS CLI that are no operation of botocore's, and their options.
OF_THE_CLI = {
    ("cloudformation", "deploy"): {
        "--stack-name",
        "--template-file",
        "--capabilities",
        "--parameter-overrides",
    },
    ("cloudformation", "package"): set[str](),
}
OF_EVERY_COMMAND = {"--output", "--query", "--profile", "--region"}


def shell_blocks(text: str) -> str:
    """Return the contents of a page's shell blocks."""
    return "\n".join(re.findall(r"^```sh\n(.*?)^```$", text, re.M | re.S))


def shown(text: str) -> Iterator[list[str]]:
    """Yield the words of each command in the code of a page."""
    spans = re.findall(
        r"`([^`]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    )
    fenced = "\n".join(re.findall(r"^```[a-z]+\n(.*?)^```$", text, re.M | re.S))
    for line in [*spans, *fenced.replace("\\\n", " ").splitlines()]:
        # An apostrophe of prose is no quotation mark.
        quoted = line.partition(" #")[0].replace("$(", " ").replace(')"', " ")
        for part in re.split(r"&&|;|\|", quoted):
            yield re.sub(r"['\"]", "", part).split()


def after(words: list[str], *command: str) -> list[str] | None:
    """Return what follows a command's words, if they are there."""
    for start in range(len(words)):
        if words[start : start + len(command)] == list(command):
            return words[start + len(command) :]
    return None


@cache
def operations(service: str) -> dict[str, set[str]]:
    """Return a service's operations as the AWS CLI names them, with their options."""
    model = SESSION.get_service_model(service)
    return {
        xform_name(name, "-"): {
            f"--{xform_name(member, '-')}"
            for member in getattr(
                model.operation_model(name).input_shape, "members", ()
            )
        }
        for name in model.operation_names
    }


def options(words: list[str]) -> set[str]:
    return {word.partition("=")[0] for word in words if word.startswith("--")}


def unknown_to_make(text: str) -> set[str]:
    """Return what is set beside a target of make and is no variable of the Makefile."""
    found = set[str]()
    for words in shown(text):
        if (rest := after(words, "make")) is not None:
            found |= {
                word.partition("=")[0] for word in rest if "=" in word
            } - VARIABLES
    return found


def unknown_to_ops(text: str) -> set[str]:
    """Return the commands of ops, and their options, that do not exist."""
    found = set[str]()
    for words in shown(text):
        name, *rest = after(words, "-m", "ops") or [""]
        if not name:
            continue
        if name not in operator_commands.commands:
            found.add(name)
            continue
        taken = {
            option
            for parameter in operator_commands.commands[name].params
            for option in (*parameter.opts, *parameter.secondary_opts)
        }
        found |= options(rest) - taken - {"--help"}
    return found


def unknown_to_local_aws(text: str, capsys: pytest.CaptureFixture[str]) -> set[str]:
    """Return the commands of local_aws, and their options, that do not exist."""
    found = set[str]()
    for words in shown(text):
        name, *rest = after(words, "-m", "local_aws") or [""]
        if not name:
            continue
        with pytest.raises(SystemExit) as ended:
            local_aws([name, "--help"])
        helped = capsys.readouterr().out
        if ended.value.code:
            found.add(name)
        found |= {each for each in options(rest) if each not in helped}
    return found


def unknown_to_aws(text: str) -> set[str]:
    """Return the commands of the AWS CLI, and their options, that do not exist."""
    found = set[str]()
    for words in shown(text):
        service, name, *rest = after(words, "aws") or ["", ""]
        if not re.fullmatch(r"[a-z][a-z0-9-]+", service) or service == "sso":
            continue
        taken = OF_THE_CLI.get((service, name), operations(service).get(name))
        if taken is None:
            found.add(f"{service} {name}")
        else:
            found |= options(rest) - taken - OF_EVERY_COMMAND
    return found


@each_page
def test_make_is_given_only_variables_that_it_has(page: Path) -> None:
    assert unknown_to_make(page.read_text("utf-8")) == set()


@each_page
def test_the_commands_of_ops_have_the_options_that_are_shown(page: Path) -> None:
    assert unknown_to_ops(page.read_text("utf-8")) == set()


@each_page
def test_the_commands_of_the_embedded_aws_have_the_options_that_are_shown(
    page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert unknown_to_local_aws(page.read_text("utf-8"), capsys) == set()


@each_page
def test_the_aws_cli_has_the_commands_and_options_that_are_shown(page: Path) -> None:
    assert unknown_to_aws(page.read_text("utf-8")) == set()


def test_what_does_not_exist_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        "`make deploy TEAMS=a`, `python -m ops vanish`, `aws sagemaker list-portals`\n"
        "```sh\n.venv/bin/python -m ops diff --deep   # --not-this\n"
        'eval "$(.venv/bin/python -m local_aws start --portal 1)"\n'
        "aws sagemaker delete-workteam --name \\\n  x\n```\n"
    )
    assert unknown_to_make(text) == {"TEAMS"}
    assert unknown_to_ops(text) == {"vanish", "--deep"}
    assert unknown_to_local_aws(text, capsys) == {"--portal"}
    assert unknown_to_aws(text) == {"sagemaker list-portals", "--name"}


def test_every_make_command_of_the_readme_is_in_a_block_which_ci_runs() -> None:
    """.ci/fresh-machine runs the blocks."""
    text = (ROOT / "README.md").read_text("utf-8")
    assert commands(text) - commands(f"```sh\n{shell_blocks(text)}\n```\n") == set()
