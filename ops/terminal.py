"""What an operator reads: progress and errors on stderr, results on stdout."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from ops.errors import OperatorError

_AS_WIDE_AS_IT_TAKES = 10_000
# At the end of a line, before what ends its style.
_BLANKS = re.compile(r" +((?:\x1b\[0m)*)$", re.M)


def tell(line: str) -> None:
    """Print a line of progress."""
    click.echo(line, err=True)


def tell_error(error: OperatorError) -> None:
    """Print a fact, and on the next line what to do about it."""
    tell(f"✗ {error.fact}")
    if error.mend:
        tell(f"  {error.mend}")


def confirmed(question: str) -> bool:
    """Ask a question whose answer is no unless somebody says yes."""
    try:
        answer = click.confirm(question, err=True)
    except click.Abort:
        # Nobody there to answer.
        tell("")
        return False
    if not sys.stdin.isatty():
        # Only a terminal has shown the answer, and the end of its line.
        tell("")
    return answer


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[], None]]:
    """Show how much is done: a bar on a terminal, elsewhere a line for each tenth.

    Args:
        what: What is being done, as "Inviting".
        total: How many there are.

    Yields:
        What is to be called after each.
    """
    console = Console(stderr=True)
    done = 0

    def tell_tenths() -> None:
        nonlocal done
        done += 1
        if total >= 100 and done % (total // 10) == 0:
            tell(f"  {done:,} of {total:,}")

    if not console.is_terminal:
        tell(f"{what} {total:,} workers …")
        yield tell_tenths
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


def show_outputs(outputs: Mapping[str, str], form: str) -> None:
    """Print the outputs of a stack as a table or as JSON.

    In a table each of several ARNs has a line of its own.
    """
    if form == "json":
        click.echo(json.dumps(dict(outputs), indent=2, sort_keys=True))
        return
    rows = [
        (name, value.replace(",arn:", "\narn:"))
        for name, value in sorted(outputs.items())
    ]
    show_table(("Output", "Value"), rows)


def show_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under headings, as wide as it takes: a wrapped ARN is not copied."""
    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*row)
    show(table)


def show(table: Table, *, wrapped: bool = False) -> None:
    """Print a table without the blanks that fill its last column.

    Args:
        table: What is printed.
        wrapped: Whether a terminal's width bounds it; a pipe has none.
    """
    console = Console(highlight=False)
    if not (wrapped and console.is_terminal):
        console = Console(highlight=False, width=_AS_WIDE_AS_IT_TAKES)
    with console.capture() as captured:
        console.print(table)
    click.echo(_BLANKS.sub(r"\1", captured.get()), nl=False, color=True)
