"""What an operator reads: progress and errors on stderr, results on stdout."""

from __future__ import annotations

import json
from collections.abc import Mapping

import click
from rich.console import Console
from rich.table import Table

from ops.errors import OperatorError


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
        return click.confirm(question, err=True)
    except click.Abort:
        # Nobody there to answer.
        tell("")
        return False


def show_outputs(outputs: Mapping[str, str], form: str) -> None:
    """Print the outputs of a stack as a table or as JSON."""
    if form == "json":
        click.echo(json.dumps(dict(outputs), indent=2, sort_keys=True))
        return
    table = Table("Output", "Value", box=None, header_style="bold", pad_edge=False)
    for name, value in sorted(outputs.items()):
        table.add_row(name, value)
    # As wide as it takes: a wrapped ARN cannot be copied.
    widest = max((len(name) + len(value) for name, value in outputs.items()), default=0)
    Console(width=max(80, widest + 40), highlight=False).print(table)
