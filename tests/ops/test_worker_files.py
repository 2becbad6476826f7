"""A file of workers is read as spreadsheets write it, and refused in sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.errors import OperatorError
from ops.workers import rows
from ops.workers.rows import BadRow, Row

TEAMS = {"": "labelers", "labelers": "labelers", "reviewers": "reviewers"}


def spelled(team: str) -> str | None:
    return TEAMS.get(team.casefold())


def read(path: Path, content: bytes) -> list[Row | BadRow]:
    file = path / "workers.csv"
    file.write_bytes(content)
    return list(rows.of_file(file, spelled))


def refusal(path: Path, content: bytes) -> str:
    with pytest.raises(OperatorError) as refused:
        read(path, content)
    assert str(path / "workers.csv") in refused.value.fact
    return str(refused.value)


def test_a_worker_has_an_address_a_name_and_a_team(tmp_path: Path) -> None:
    content = "email,name,team\nAda@Example.com,Áda Lovelace 王,Reviewers\n"
    assert read(tmp_path, content.encode()) == [
        Row(2, "ada@example.com", "Áda Lovelace 王", "reviewers")
    ]


@pytest.mark.parametrize(
    "content",
    [
        "email,name\r\nada@example.com,Ädä\r\n".encode(),
        "\ufeffemail,name\nada@example.com,Ädä\n".encode(),
        "E-Mail;Name\r\nada@example.com;Ädä\r\n".encode(),
        "\ufeffE-mail;Name;Team\nada@example.com;Ädä;\n".encode(),
        "email\tname\nada@example.com\tÄdä\n".encode("utf-16"),
        "name,email\nÄdä,ada@example.com\n\n  ,\n".encode(),
        '"email","name"\n" ada@example.com ","Ädä"'.encode(),
    ],
    ids=["comma", "mark", "semicolon", "excel", "utf-16", "order", "quoted"],
)
def test_what_spreadsheets_write_is_read(tmp_path: Path, content: bytes) -> None:
    assert [
        (row.email, row.name, row.team)
        for row in read(tmp_path, content)
        if isinstance(row, Row)
    ] == [("ada@example.com", "Ädä", "labelers")]


def test_only_the_address_is_needed(tmp_path: Path) -> None:
    content = b"email,name,team\nada@example.com\n"
    assert read(tmp_path, content) == [Row(2, "ada@example.com", "", "labelers")]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("ada", "'ada' is no e-mail address"),
        (",Ada", "'' is no e-mail address"),
        ("é@example.com", "'é@example.com' is no e-mail address"),
        ("ada@example.com,,nobody", "there is no team 'nobody'"),
        ("ada,,nobody", "'ada' is no e-mail address; there is no team 'nobody'"),
        ('ada@example.com,"two\nlines"', "'two\\nlines' is no name"),
        (f"ada@example.com,{'x' * 2049}", "is no name (at most 2,048 characters"),
        ("ada@example.com,Lovelace, Ada,labelers", "4 fields, but 3 columns"),
        ("=cmd|' /C calc'!A0", "\"=cmd|' /C calc'!A0\" is no e-mail address"),
    ],
)
def test_a_bad_row_is_named_with_its_line(
    tmp_path: Path, line: str, problem: str
) -> None:
    content = f"email,name,team\nbob@example.com\n{line}\neve@example.com\n"
    good, bad, last = read(tmp_path, content.encode())
    assert isinstance(bad, BadRow)
    assert problem in bad.problem
    assert bad.line == 3 + line.count("\n")
    assert isinstance(good, Row)
    assert isinstance(last, Row)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty. Its first line must name the columns: email"),
        (b"\n", "is empty"),
        (b"mail,nom\n", "has the columns mail, nom. Its first line must name"),
        (b"name,team\n", "has the columns name, team."),
        (b"email,email\n", "has the columns email, email."),
        (b"ada@example.com,Ada\n", "has the columns ada@example.com, Ada."),
        ("email,name\na@b.example,Ädä\n".encode("cp1252"), "save it as “CSV UTF-8”"),
        (b'email\n"ada@example.com\nbob@example.com\n', "Look for a quotation mark"),
        (b'email,name\nada@example.com,"' + b"x" * 140_000 + b'"\n', "is no CSV file"),
    ],
)
def test_what_is_no_file_of_workers_is_refused(
    tmp_path: Path, content: bytes, words: str
) -> None:
    assert words in refusal(tmp_path, content)


def test_a_file_that_is_not_there_or_not_readable_is_named(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="There is no file .*nowhere.csv"):
        rows.check_header(tmp_path / "nowhere.csv")
    with pytest.raises(OperatorError, match="There is no file"):
        rows.check_header(tmp_path)


def test_the_problems_of_addresses_in_a_call_are_named_together() -> None:
    with pytest.raises(OperatorError, match="'x'.*'y'.*Nothing was done"):
        rows.of_addresses(["x", "ada@example.com", "y"], "", "", spelled)
    twice = rows.of_addresses([" Ada@example.com", "ada@example.com "], "", "", spelled)
    assert twice == [Row(0, "ada@example.com", "", "labelers")]
