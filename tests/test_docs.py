"""The documents name what exists: make targets, files, sections, modules."""

from __future__ import annotations

import functools
import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

from lambda_src.workforce import REGIONS
from templates.parameters import by_name

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
TARGETS = set(
    re.findall(r"^([a-z-]+):(?!=)", (ROOT / "Makefile").read_text("utf-8"), re.M)
)
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
#: Of botocore, and of the operator: never in the checkout.
OF_OTHERS = {"useragent.py", "waiter.py", "parameters.yaml", "portal.yaml"}

each_page = pytest.mark.parametrize(
    "page", PAGES, ids=[page.relative_to(ROOT).as_posix() for page in PAGES]
)


def prose(page: Path) -> str:
    """Return a page without its fenced blocks, whose contents are no Markdown."""
    return re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.M | re.S)


def commands(text: str) -> set[str]:
    """Return the targets of each `make …` in code, also where a line breaks it."""
    code = [
        *re.findall(r"`([^`]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)),
        *re.findall(r"^```sh\n(.*?)^```$", text, re.M | re.S),
    ]
    return {
        target
        for part in code
        for target in re.findall(r"(?:^|[\s;&])make\s+([a-z][a-z-]*)", part, re.M)
    }


def anchors(page: Path) -> set[str]:
    """Return the names that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.M)
    shown = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text) for text in headings]
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in shown}


def links(page: Path) -> list[str]:
    """Return the relative links of a page."""
    found = re.findall(r"\]\(([^)\s]+)\)", prose(page))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def test_every_document_is_there() -> None:
    names = {page.relative_to(ROOT).as_posix() for page in PAGES}
    assert names >= {
        *("README.md", "CONTRIBUTING.md", "CHANGELOG.md"),
        *("docs/architecture.md", "docs/operations.md", "docs/parameters.md"),
        *("docs/embedded-aws.md", "docs/decisions/README.md"),
        "docs/worker-journey.md",
    }


@each_page
def test_every_make_command_is_a_target(page: Path) -> None:
    assert commands(page.read_text("utf-8")) - TARGETS == set()


def test_make_commands_are_found_in_text_and_in_blocks() -> None:
    text = "`make one` and `STACK=x make\ntwo`\n\n```sh\ncd x && make three\n```\n"
    assert commands(text) == {"one", "two", "three"}


@each_page
def test_every_relative_link_leads_to_a_file_and_a_section(page: Path) -> None:
    broken = []
    for link in links(page):
        path, _, anchor = unquote(link).partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(link)
    assert broken == []


@each_page
def test_every_file_of_the_project_that_is_named_exists(page: Path) -> None:
    """One with a folder stands there; one without, in some folder."""
    named = set(re.findall(r"`([\w./-]+\.(?:py|js|yaml|cfg|toml|txt))`", prose(page)))
    folders = "benchmarks|dist|docs|gates|lambda_src|local_aws|ops|templates|tests"
    named |= {
        word
        for code in re.findall(r"`([^`]+)`", prose(page))
        for word in code.split()
        if re.fullmatch(rf"(?:{folders})/[\w./-]*", word)
    }
    assert {name for name in named - OF_OTHERS if not is_there(name)} == set()


def is_there(name: str) -> bool:
    return (ROOT / name).exists() if "/" in name else name in file_names()


@functools.cache
def file_names() -> set[str]:
    """Return the name of every file that belongs to the project, in whatever folder."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {line.rpartition("/")[2] for line in listed.stdout.splitlines()}


def test_a_file_that_is_not_there_is_missed() -> None:
    assert is_there("ops/deploy.py")
    assert is_there("private_workforce.py")
    assert not is_there("templates/deploy.py")
    assert not is_there("vanished.py")


def test_every_decision_is_in_the_list_and_numbered_without_a_gap() -> None:
    folder = ROOT / "docs" / "decisions"
    records = sorted(path.name for path in folder.glob("[0-9]*.md"))
    listed = [link for link in links(folder / "README.md") if link[0].isdigit()]
    assert listed == records
    assert [name[:4] for name in records] == [
        f"{number:04}" for number in range(1, len(records) + 1)
    ]


def test_every_promise_names_tests_that_hold_it() -> None:
    table = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rows = re.findall(r"^\| (P\d+) \|.*\| ([^|]+) \|$", table, re.M)
    assert [name for name, _ in rows] == [f"P{number}" for number in range(1, 11)]
    assert [name for name, held_by in rows if "](../tests/" not in held_by] == []


def test_each_promise_that_a_worker_sees_names_a_step_and_a_test() -> None:
    page = (ROOT / "docs" / "worker-journey.md").read_text("utf-8")
    walk = (ROOT / "tests" / "worker_journey" / "test_walk.py").read_text("utf-8")
    rows = re.findall(r"^\| (P\d+) \| .* \| ([^|]+) \| `(test_\w+)` \|$", page, re.M)
    assert {promise for promise, _, _ in rows} == {"P1", "P2", "P3", "P8"}
    assert [test for _, _, test in rows if f"def {test}(" not in walk] == []
    assert [test for _, step, test in rows if "](#" not in step] == []


def test_the_page_of_the_embedded_aws_names_each_of_its_modules() -> None:
    page = (ROOT / "docs" / "embedded-aws.md").read_text("utf-8")
    modules = {
        path.relative_to(ROOT).as_posix().replace("__init__.py", "")
        for path in (ROOT / "local_aws").rglob("*.py")
    }
    named = set(re.findall(r"^\| `(local_aws/[^`]*)` \|", page, re.M))
    assert named == modules


def test_each_modelled_behaviour_has_a_known_status() -> None:
    page = (ROOT / "docs" / "embedded-aws.md").read_text("utf-8")
    tables = page.partition("## Modelled behaviours")[2].partition("## Modules")[0]
    known = ("documented", "observed", "assumed", "stricter", "not modelled")
    rows = re.findall(r"^\| (?!Behaviour)([^|]+) \| ([^|]+) \| [^|]*\|$", tables, re.M)
    assert rows
    assert [
        behaviour
        for behaviour, status in rows
        if not status.startswith((*known, "bench only"))
    ] == []


def test_operations_tells_what_a_change_of_each_lasting_parameter_does() -> None:
    told = {name for name in by_name() if f"`{name}`" in OPERATIONS}
    assert told >= {
        *("WorkTeamNames", "WorkerEmails", "DomainPrefix", "SourceCidrs"),
        *("VpcId", "IpAddressType", "ExistingWorkforceName"),
    }


def test_the_page_of_security_says_what_a_reviewer_asks() -> None:
    headings = anchors(ROOT / "docs" / "security.md")
    assert headings >= {
        *("who-gets-in", "threats", "what-is-logged-where", "what-is-encrypted"),
        *("who-may-do-what", "what-analysers-find"),
    }


def test_the_readme_names_every_region() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [region for region in REGIONS if region not in readme] == []
