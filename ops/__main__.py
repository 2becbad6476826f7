"""The command line: `python -m ops --help`.

click rather than argparse: options that also come from make's variables, command groups
and confirmation are one line each.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
from botocore.exceptions import BotoCoreError, ClientError

from ops.commands import deployment, labeling, local, sharing, upkeep, workers
from ops.errors import NotReady, OperatorError, explain
from ops.terminal import tell, tell_error


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """Deploy the private workforce, look at it, delete it, try it locally."""


for _topic in (deployment, upkeep, workers, labeling, sharing, local):
    for _command in _topic.COMMANDS:
        commands.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code.

    0, 1 for an error, 2 for a wrong call, 3 when some workers are not done, 130 when
    interrupted; or what the command's --help says.
    """
    try:
        code = commands.main(
            arguments, prog_name="python -m ops", standalone_mode=False
        )
    except click.Abort:
        tell("Interrupted.")
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except OperatorError as error:
        tell_error(error)
        return error.exit_code
    except NotReady as found:
        for problem in found.problems:
            tell_error(problem)
        return 1
    except (BotoCoreError, ClientError) as error:
        tell_error(explain(error))
        return 1
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    sys.exit(main())
