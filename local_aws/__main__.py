"""`python -m local_aws`: start, find and stop the embedded AWS from a shell."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

from local_aws import process, server
from local_aws.control import Control, ControlError
from local_aws.environment import around_proxies, client_environment
from local_aws.mail import as_text

EXIT_NOT_RUNNING = 3

_EXIT_CODES = """\
exit codes:
  0  done
  1  it could not be done; the last line says why
  2  the command line is wrong
  3  no embedded AWS is running
  4  the port is taken
  5  (serve) an embedded AWS runs already in this directory
  6  the installed libraries are not those it is made for
"""


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    asked = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = asked.command
    try:
        return command(asked)
    except server.StartError as problem:
        print(problem, file=sys.stderr)
        return problem.exit_code
    except (process.StopError, ControlError, OSError) as problem:
        print(problem, file=sys.stderr)
        return server.EXIT_FAILED


def _start(asked: argparse.Namespace) -> int:
    running = process.start(
        asked.state_directory, port=asked.port, persist=asked.persist
    )
    how = "runs already" if running.found else "is ready"
    print(f"The embedded AWS {how} on {running.endpoint} (process {running.pid}).")
    return 0


def _stop(asked: argparse.Namespace) -> int:
    stopped = process.stop(asked.state_directory)
    print("The embedded AWS has stopped." if stopped else _nothing_runs(asked))
    return 0


def _status(asked: argparse.Namespace) -> int:
    running = process.status(asked.state_directory)
    health = None if running is None else Control(running.endpoint).health()
    if asked.output == "json":
        print(json.dumps(health or {"status": "stopped"}, indent=2))
    elif health is None:
        print(_nothing_runs(asked))
    else:
        print("\n".join(f"{name}: {value}" for name, value in health.items()))
    return 0 if health else EXIT_NOT_RUNNING


def _mail(asked: argparse.Namespace) -> int:
    running = process.status(asked.state_directory)
    if running is None:
        print(_nothing_runs(asked), file=sys.stderr)
        return EXIT_NOT_RUNNING
    mails = Control(running.endpoint).mails()
    if asked.output == "json":
        print(json.dumps(mails, indent=2))
    elif not mails:
        print("No e-mail has been sent.")
    for mail in mails if asked.output == "text" else ():
        print(as_text(mail))
    return 0


def _codes(asked: argparse.Namespace) -> int:
    running = process.status(asked.state_directory)
    if running is None:
        print(_nothing_runs(asked), file=sys.stderr)
        return EXIT_NOT_RUNNING
    codes = Control(running.endpoint).codes()
    if asked.output == "json":
        print(json.dumps(codes, indent=2))
    elif not codes:
        print("Nobody has an authenticator app, or is at the page that sets one up.")
    for each in codes if asked.output == "text" else ():
        print(f"{each['code'] or 'in some seconds':<17}{each['email']}")
    return 0


def _environment(asked: argparse.Namespace) -> int:
    running = process.status(asked.state_directory)
    if running is None:
        print(_nothing_runs(asked), file=sys.stderr)
        return EXIT_NOT_RUNNING
    aimed = client_environment(running.endpoint)
    for name in sorted(name for name in aimed if name.startswith("AWS_")):
        print(f"export {name}={shlex.quote(aimed[name])}")
    print("unset AWS_PROFILE AWS_SESSION_TOKEN")
    if around := around_proxies(os.environ):
        print(f"export NO_PROXY={shlex.quote(around)} no_proxy={shlex.quote(around)}")
    return 0


def _serve(asked: argparse.Namespace) -> int:
    server.serve(
        asked.state_directory,
        process.DEFAULT_PORT if asked.port is None else asked.port,
        persist=asked.persist,
        until_eof=asked.until_eof,
    )
    return 0


def _nothing_runs(asked: argparse.Namespace) -> str:
    return f"No embedded AWS is running in {asked.state_directory}."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local_aws",
        description="An AWS on this machine's loopback, with no account and no Docker.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(
        name: str, command: Callable[[argparse.Namespace], int], text: str
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(
            name,
            help=text,
            description=text,
            epilog=_EXIT_CODES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        added.set_defaults(command=command)
        added.add_argument(
            "--state-directory",
            type=Path,
            default=process.DEFAULT_DIRECTORY,
            metavar="DIR",
            help="where its files are (default: %(default)s)",
        )
        return added

    for name, command, text in (
        ("start", _start, "Start it in the background, or find it running."),
        ("serve", _serve, "Run it in the foreground until it is interrupted."),
    ):
        added = add(name, command, text)
        _add_start_options(added)
        if command is _serve:
            added.add_argument(
                "--until-eof",
                action="store_true",
                help="also end with the standard input",
            )
    add("stop", _stop, "Stop it; nothing to do if it is not running.")
    add("env", _environment, "Print what turns a shell towards it, for eval.")
    for name, command, text in (
        ("status", _status, "Say whether it is running, and where."),
        ("mail", _mail, "Show the e-mails that it has sent."),
        ("codes", _codes, "Show what the workers' authenticator apps show now."),
    ):
        add(name, command, text).add_argument(
            "--output", choices=("text", "json"), default="text"
        )
    return parser


def _add_start_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--port",
        type=_port,
        help="listen on this port of 127.0.0.1 (default: the last one, or 4566)",
    )
    command.add_argument(
        "--persist",
        action="store_true",
        help="keep the state over a restart, in DIR/state",
    )


def _port(text: str) -> int:
    port = int(text) if text.isdigit() else -1
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port (0 to 65535)")
    return port


if __name__ == "__main__":
    sys.exit(main())
