"""The workers that a command is for: a file of them, or addresses from the call."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from lambda_src.workforce import EMAIL
from ops.errors import OperatorError, sentence

if TYPE_CHECKING:
    from _csv import Reader as _Reader

COLUMNS = ("email", "name", "team")
#: "AttributeType" (Cognito API reference).
LONGEST_NAME = 2048

_SPELLINGS = {"e-mail": "email"}
_NAME_COLUMNS = (
    "Its first line must name the columns: email, and name and team if you have them."
)

#: Returns how the set spells a team, or None when there is none of that name.
Team = Callable[[str], str | None]


@dataclass(frozen=True)
class Row:
    """A worker.

    Attributes:
        line: Where the worker is in the file; 0 without one.
        email: The address, in lower case.
        name: The worker's name; may be empty.
        team: The team, as the set spells it; empty where no team matters.
    """

    line: int
    email: str
    name: str = ""
    team: str = ""


@dataclass(frozen=True)
class BadRow:
    """A line of the file that names no worker.

    Attributes:
        line: Its number.
        problem: What is wrong with it, without a full stop.
    """

    line: int
    problem: str


def of_addresses(
    emails: Iterable[str], name: str, team: str, spelled: Team, *, mend: str = ""
) -> list[Row]:
    """Return the workers that a call names.

    Args:
        emails: Their addresses.
        name: Their name; may be empty.
        team: Their team; empty for the first one.
        spelled: How the set spells a team.
        mend: What is added to an error.

    Raises:
        OperatorError: naming what is wrong with them, all of it.
    """
    checked = [
        _checked(0, {"email": email, "name": name, "team": team}, spelled)
        for email in dict.fromkeys(email.strip().lower() for email in emails)
    ]
    bad = [row.problem for row in checked if isinstance(row, BadRow)]
    if bad:
        fact = "; ".join(dict.fromkeys("; ".join(bad).split("; ")))
        raise OperatorError(
            f"{fact[0].upper()}{sentence(fact[1:])} Nothing was done.", mend
        )
    return [row for row in checked if isinstance(row, Row)]


def check_header(path: Path) -> None:
    """Refuse what is no CSV file of workers, looking at no more than its first line.

    Raises:
        OperatorError: saying what is wrong with it.
    """
    with _opened(path) as stream:
        _columns(path, stream)


def of_file(path: Path, spelled: Team) -> Iterator[Row | BadRow]:
    """Yield the workers of a CSV file, in its order and one at a time.

    Takes what Excel, LibreOffice and Google Sheets write: commas, semicolons or tabs,
    with or without a byte order mark.

    Raises:
        OperatorError: when it is no such file; it names the file.
    """
    with _opened(path) as stream:
        header, rows = _columns(path, stream)
        for fields in rows:
            if not any(field.strip() for field in fields):
                continue
            if len(fields) > len(header):
                yield BadRow(
                    rows.line_num,
                    f"{len(fields)} fields, but {len(header)} columns (a text with a "
                    "comma in it needs quotation marks)",
                )
                continue
            named = dict(zip(header, fields, strict=False))
            yield _checked(rows.line_num, named, spelled)


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    """Open a CSV file, and turn what can be wrong with one into sentences."""
    if not path.is_file():
        raise OperatorError(f"There is no file {path}.", "FILE= names a CSV file.")
    try:
        with path.open("rb") as begin:
            mark = begin.read(2)
        encoding = "utf-16" if mark in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        with path.open(encoding=encoding, newline="") as stream:
            yield stream
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeError as error:
        raise OperatorError(
            f"{path} is no UTF-8 text: {error}.",
            "In Excel, save it as “CSV UTF-8”.",
        ) from error
    except csv.Error as error:
        raise OperatorError(
            f"{path} is no CSV file: {error}.",
            "Look for a quotation mark without its second one.",
        ) from error


def _columns(path: Path, stream: TextIO) -> tuple[list[str], _Reader]:
    """Return the names of the columns, and what reads the lines below them."""
    first = stream.readline()
    stream.seek(0)
    # Which one Excel writes depends on the country.
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(stream, delimiter=delimiter, strict=True)
    fields = next(reader, [])
    columns = [field.strip().lower() for field in fields]
    columns = [_SPELLINGS.get(column, column) for column in columns]
    if not any(columns):
        raise OperatorError(f"{path} is empty.", _NAME_COLUMNS)
    wrong = [column for column in columns if column not in COLUMNS]
    if wrong or "email" not in columns or len(set(columns)) < len(columns):
        raise OperatorError(
            f"{path} has the columns {', '.join(fields)[:200]}.", _NAME_COLUMNS
        )
    return columns, reader


def _checked(line: int, fields: dict[str, str], spelled: Team) -> Row | BadRow:
    email = fields["email"].strip()
    name = fields.get("name", "").strip()
    wanted = fields.get("team", "").strip()
    team = spelled(wanted)
    problems = []
    if not EMAIL.fullmatch(email):
        problems.append(f"{_shown(email)} is no e-mail address")
    if len(name) > LONGEST_NAME or re.search(r"[\x00-\x1f\x7f]", name):
        problems.append(
            f"{_shown(name)} is no name (at most {LONGEST_NAME:,} characters in a line)"
        )
    if team is None:
        problems.append(f"there is no team {_shown(wanted)}")
    if problems:
        return BadRow(line, "; ".join(problems))
    return Row(line, email.lower(), name, team or "")


def _shown(text: str) -> str:
    """Return a text that may hold anything, on one line and short."""
    return repr(text if len(text) <= 80 else f"{text[:79]}…")
