"""The command: asgiscope check | trace | clauses | watch | export."""

import argparse
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import NoReturn

from .. import __version__
from ..target import CannotRun
from . import check, clauses, export, trace, watch
from .running import leave_soon

COMMANDS = (check, trace, clauses, watch, export)

CANNOT_RUN = 2
INTERRUPTED, UNREAD = 130, 141  # as shells have it: 128 and the number of SIGINT, and of SIGPIPE


class Parser(argparse.ArgumentParser):
    """A parser that answers a mistake by one sentence, without the usage in front of it."""

    def error(self, message: str) -> NoReturn:
        self.exit(CANNOT_RUN, f"{self.prog}: {message}\n")


def parser() -> Parser:
    """The options of the command line."""
    found = Parser(
        prog="asgiscope",
        description="Look at an ASGI application: check it against the specification, or see what it says.",
        epilog="TARGET is 'module:app' or 'path/file.py:app'. asgiscope COMMAND --help tells more of each.",
    )
    found.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = found.add_subparsers(metavar="COMMAND", required=True)
    for module in COMMANDS:
        module.add_to(commands)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say, by default those of the process; the exit status.

    0 is success, 1 that something was found, 2 that nothing could be looked at, 130 that Ctrl-C was pressed.
    """
    asked = parser().parse_args(arguments)
    if isinstance(sys.stdout, TextIOWrapper):  # A terminal may lack an arrow, or a letter.
        sys.stdout.reconfigure(errors="backslashreplace")
    status = CANNOT_RUN
    try:
        status = asked.main(asked)
        sys.stdout.flush()
    except CannotRun as error:
        print(f"asgiscope: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        status = INTERRUPTED
    except BrokenPipeError:  # Whoever reads has read enough, as `head` has.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = UNREAD
    if arguments is None:
        leave_soon(status)
    return status
