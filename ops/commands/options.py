"""The options that several commands share, each also a variable of make."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from ops import readiness
from ops.errors import Interrupted

Given = ParamSpec("Given")
Result = TypeVar("Result")

NOTHING_CHANGED = "Nothing was changed."

stack = click.option(
    "--stack",
    envvar="STACK",
    default="private-workforce",
    show_default=True,
    help="Name of root's stack.",
)
parameters = click.option(
    "--parameters",
    "parameter_file",
    envvar="PARAMETERS",
    type=click.Path(path_type=Path),
    default=readiness.DEFAULT_PARAMETERS,
    show_default=True,
    help="The operator's parameters; the default file may be missing.",
)
bucket = click.option(
    "--bucket",
    envvar="BUCKET",
    default="",
    help="An artifact bucket of your own, instead of one that is made.",
)
template = click.option(
    "--template",
    envvar="TEMPLATE",
    type=click.Choice(list(readiness.FORMS)),
    callback=lambda context, option, form: readiness.FORMS[form][0],
    default="root",
    show_default=True,
    help="The nested set, the single file, or a workforce on a user pool of yours.",
)
output = click.option(
    "--output",
    envvar="OUTPUT",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="How outputs are printed.",
)


def carries_on(command: str) -> str:
    """Say that CloudFormation goes on, and what make command looks at it again."""
    return (
        f"CloudFormation carries on with what it has begun: `make {command}` looks at "
        "it again."
    )


def interrupted(
    state: str,
) -> Callable[[Callable[Given, Result]], Callable[Given, Result]]:
    """Say what is left when somebody presses Ctrl-C.

    Args:
        state: How things are then, and how to go on.
    """

    def decorate(command: Callable[Given, Result]) -> Callable[Given, Result]:
        @functools.wraps(command)
        def run(*given: Given.args, **named: Given.kwargs) -> Result:
            try:
                return command(*given, **named)
            except KeyboardInterrupt:
                raise Interrupted("Interrupted.", state) from None

        return run

    return decorate
