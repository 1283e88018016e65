"""asgiscope check: hold every scenario with an application, and say which clauses it breaks."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from ..check import TIMEOUT, Request, check
from ..check.scenario import connections, lifespans
from ..check.server import Held
from ..check.variations import alternatives, bases, variations
from ..contract import CLAUSES
from ..report import Checked, junit, lines, sarif
from ..target import CannotRun, load
from ..terminal import paint_for, width, wrapped
from .arguments import add_requests, add_target, target_words
from .running import run_to_end, stdout_to_stderr

DESCRIPTION = """\
Hold conversations with an application as clients and servers do: requests, WebSockets and a lifespan, with
what may happen to them. Say which clauses of the specification it breaks, where, and what to do instead."""
EPILOG = "The exit status is 0 if no clause is broken, 1 if one is, and 2 if there is nothing to check."

NAME = 26  # columns of the name of a scenario, in a list


def add_to(commands: Any) -> None:
    """Add the command to the parser's."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "check", help="which clauses of the specification it breaks", description=DESCRIPTION, epilog=EPILOG
    )
    add_target(parser, nargs="?")
    add_requests(parser)
    parser.add_argument(
        "--only", metavar="NAME", help="hold one scenario, or those that match, as in 'websocket*'"
    )
    parser.add_argument("--list", action="store_true", help="say which scenarios there are")
    parser.add_argument(
        "--known", action="append", default=[], metavar="CLAUSE",
        help="say nothing of a clause that is known to be broken, or of those that match; may be repeated",
    )  # fmt: skip
    parser.add_argument("--strict", action="store_true", help="fail for what should not be, too")
    parser.add_argument(
        "--timeout", type=seconds, default=TIMEOUT, metavar="SECONDS",
        help="how long a scenario may take until the client leaves; default: %(default)g",
    )  # fmt: skip
    parser.add_argument("--verbose", action="store_true", help="tell of notes as fully as of the rest")
    formats = parser.add_mutually_exclusive_group()
    formats.add_argument("--json", action="store_true", help="print a list of objects")
    formats.add_argument("--sarif", action="store_true", help="print SARIF 2.1.0, for code scanning")
    formats.add_argument("--junit", action="store_true", help="print JUnit XML, for continuous integration")
    parser.set_defaults(main=main, error=parser.error)


def seconds(text: str) -> float:
    """A time limit."""
    number = float(text)
    if not 0 < number < float("inf"):
        raise ValueError(text)
    return number


def main(asked: argparse.Namespace) -> int:
    """Check the target, and print the report; 1 if it fails."""
    requests = [one.request() for one in asked.requests or ()]
    names = dict(scenarios(requests))
    if asked.list:
        print("\n".join(listing(names)))
        return 0
    if asked.target is None:
        asked.error("which application? Name it as 'module:app' or 'path/file.py:app'.")
    if asked.only is not None and not any(
        name == asked.only or fnmatchcase(name, asked.only) for name in names
    ):
        near = get_close_matches(asked.only, names, 3)
        which = f": is it {' or '.join(map(repr, near))}?" if near else "; --list says which there are."
        raise CannotRun(f"there is no scenario {asked.only!r}{which}")
    for known in asked.known:
        if not any(fnmatchcase(clause, known) for clause in CLAUSES):
            near = get_close_matches(known, CLAUSES, 3)
            which = (
                f": is it {' or '.join(map(repr, near))}?" if near else "; `asgiscope clauses` lists them."
            )
            raise CannotRun(f"there is no clause {known!r}{which}")
    held: list[Held] = []
    with stdout_to_stderr():
        app = load(asked.target, asked.app_dir, factory=asked.factory)
        findings = run_to_end(
            check(app, requests=requests, only=asked.only, timeout=asked.timeout, heard=held.append)
        )
    findings = [one for one in findings if not any(fnmatchcase(one.clause, known) for known in asked.known)]
    checked = Checked(asked.target, findings, held, command(asked), asked.strict)
    if asked.json:
        print(json.dumps([finding.as_dict() for finding in findings], indent=2))
    elif asked.sarif:
        print(json.dumps(sarif(checked), indent=2))
    elif asked.junit:
        print(junit(checked))
    else:
        print("\n".join(lines(checked, paint_for(sys.stdout), width(), verbose=asked.verbose)))
    return 1 if checked.failures else 0


def command(asked: argparse.Namespace) -> Sequence[str]:
    """The words of the command as it was typed, as far as they bear on what is found."""
    words = ["asgiscope", "check", *target_words(asked)]
    for request in asked.requests or ():
        words += request.words()
    return words if asked.timeout == TIMEOUT else [*words, "--timeout", f"{asked.timeout:g}"]


def scenarios(requests: Sequence[Request]) -> Iterator[tuple[str, str]]:
    """The name and the title of every scenario."""
    yield "call", "the call of the application, before anything is said"
    for scenario in [*connections(requests), *lifespans()]:
        yield scenario.name, scenario.title
    for base in bases(requests):
        for variation in variations(base):
            yield variation.other.name, variation.other.title
        for alternative in alternatives(base):
            yield alternative.other.name, f"{base.title}: {CLAUSES[alternative.clause].says}"


def listing(names: dict[str, str]) -> Iterator[str]:
    """The scenarios, one to a line."""
    for name, title in names.items():
        if len(name) > NAME:
            yield name
        first = f"{name:<{NAME}}  " if len(name) <= NAME else " " * (NAME + 2)
        yield from wrapped(title, width(), first, " " * (NAME + 2))
