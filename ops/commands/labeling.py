"""Commands that give a work team its first work, and take it away again."""

from __future__ import annotations

import click

from ops import account, aws_cli
from ops.commands import options
from ops.labeling import cleaning, job, review
from ops.terminal import show_outputs

_team = click.option(
    "--team", envvar="WORKER_TEAM", default="", help="Work team, without its UUID."
)

_STAYS = (
    "What was made stays: the same command goes on from there, and "
    "`make labeling-job-clean` deletes it."
)


@click.command("labeling-job")
@options.interrupted(_STAYS)
@options.stack
@options.output
@_team
def labeling_job_command(stack: str, output: str, team: str) -> None:
    """Give a work team a first labeling job: six pictures of shapes."""
    here = account.from_environment()
    show_outputs(job.run(here, aws_cli.find(), stack, team), output)


@click.command("human-review")
@options.interrupted(_STAYS)
@options.stack
@options.output
@_team
def human_review_command(stack: str, output: str, team: str) -> None:
    """Make a first flow definition of Amazon A2I for a work team."""
    here = account.from_environment()
    show_outputs(review.run(here, aws_cli.find(), stack, team), output)


@click.command("labeling-job-clean")
@options.interrupted("The same command deletes the rest.")
@options.stack
def labeling_job_clean_command(stack: str) -> None:
    """Stop the examples' jobs and delete what was made for them, results too."""
    cleaning.run(account.from_environment(), stack)


COMMANDS = (labeling_job_command, human_review_command, labeling_job_clean_command)
