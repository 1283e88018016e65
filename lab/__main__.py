"""python -m lab: hold the cases with the servers, and say who keeps which clause.

Exit status 0 means that all is as it is known, 1 that something else breaks a clause or no longer does, 2
that it could not be held.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from asgiscope.contract import CLAUSES

from .case import Case
from .cases import CASES
from .hosts import Host, Local, Remote
from .inprocess import TRANSPORTS, InProcess
from .report import (
    about,
    committed,
    html,
    junit,
    listing,
    replay,
    surprises,
    table,
    to_json,
    write_table,
    wrong_table,
)
from .runner import Result, held
from .targets import TARGETS, missing
from .wrong import WRONG, Wrong
from .wronged import Wronged, wronged

T = TypeVar("T")


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog="python -m lab", description=__doc__.split("\n\n")[0].partition(": ")[2]
    )
    made.add_argument(
        "--server", action="append", metavar="GLOB", help="only these configurations; may be repeated"
    )
    made.add_argument("--case", action="append", metavar="GLOB", help="only these cases; may be repeated")
    made.add_argument("--clause", action="append", metavar="GLOB", help="only cases of these clauses")
    made.add_argument("--list", action="store_true", help="say which cases there are, and which servers")
    made.add_argument("--wrong", action="store_true", help="play the wrong applications, too")
    made.add_argument("--replay", metavar="CASE", help="hold one case and print the bytes and the events")
    made.add_argument("--report", metavar="CASE", help="hold one case and write a report for its authors")
    made.add_argument("--json", metavar="FILE", type=output, help="write the results, with their evidence")
    made.add_argument("--junit", metavar="FILE", type=output, help="write the results for a build server")
    made.add_argument(
        "--html", metavar="FILE", type=page, help="write the results as a page, or to a directory"
    )
    made.add_argument("--docs", action="store_true", help="write the results into docs/servers.md")
    made.add_argument(
        "--from",
        metavar="FILE",
        type=Path,
        dest="earlier",
        help="hold nothing: make --html or --docs of a file of --json",
    )
    made.add_argument(
        "--url", type=address, help="ask the probe that is mounted there, and no server of this machine"
    )
    made.add_argument("--token", help="the token of that probe; else it is that in LAB_TOKEN")
    return made


def output(name: str) -> Path:
    """A file that can be written at the end. Raises ArgumentTypeError for any other, before all is held."""
    file = Path(name)
    if file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"{name} cannot be written: is there such a directory?")
    return file


def page(name: str) -> Path:
    """The same, or a directory, which gets an index.html."""
    return output(str(Path(name, "index.html")) if Path(name).is_dir() else name)


def address(url: str) -> str:
    """A URL that a probe can be behind. Raises ArgumentTypeError for any other."""
    try:
        found = urlsplit(url)
        if found.scheme in ("http", "https") and found.hostname and found.port != 0:
            return url
    except ValueError:  # of a port that is none, or a host
        pass
    raise argparse.ArgumentTypeError(f"{url} is no URL like https://host/prefix")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what is asked; the status for `sys.exit`."""
    options = parser().parse_args(arguments)
    if options.clause and not any(
        fnmatchcase(clause, pattern) for clause in CLAUSES for pattern in options.clause
    ):
        print(f"There is no clause {', '.join(options.clause)}: see `asgiscope clauses`.", file=sys.stderr)
        return 2
    one = options.replay or options.report
    cases = chosen([one] if one else options.case, options.clause)
    if options.list:
        print(listing(cases, [*TARGETS, *TRANSPORTS]))
        return 0
    if options.earlier:
        return retold(options)
    if options.url:
        return remote(options, cases)
    hosts = asked(options.server)
    if not hosts or not (cases or options.wrong):
        print("There is no such case, or no such server: see --list.", file=sys.stderr)
        return 2
    results = asyncio.run(collect(cases, hosts))
    mistakes = asyncio.run(collect_wrong(of_clauses(options.clause), hosts)) if options.wrong else []
    return tell(options, results, mistakes)


def tell(options: argparse.Namespace, results: Sequence[Result], mistakes: Sequence[Wronged]) -> int:
    """Write and print what was asked for; the status."""
    if options.json:
        options.json.write_text(to_json(results, mistakes), encoding="utf-8")
    if options.html or options.docs:
        publish(options, json.loads(to_json(results, mistakes, whole=True)))
    if options.junit:
        options.junit.write_text(junit(results), encoding="utf-8")
    if options.report:
        print(about(results))
        return 0
    print(replay(results) if options.replay else table(results))
    if mistakes:
        print(wrong_table(mistakes))
    unexpected = surprises(results)
    for sentence in unexpected:
        print(sentence)
    return 1 if unexpected else 0


def publish(options: argparse.Namespace, data: Any) -> None:
    """Write the pages that were asked for."""
    if options.html:
        options.html.write_text(html(data, committed()), encoding="utf-8")
    if options.docs:
        write_table(data)


def retold(options: argparse.Namespace) -> int:
    """Make the pages of an earlier run."""
    if not (options.html or options.docs):
        print("--from makes a page of what was held: say which, by --html or --docs.", file=sys.stderr)
        return 2
    try:
        data = json.loads(options.earlier.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"{options.earlier} is no file of results: {error}", file=sys.stderr)
        return 2
    if not (isinstance(data, dict) and data.keys() >= {"made", "targets", "results"}):
        print(f"{options.earlier} is no file of results, as --json writes them.", file=sys.stderr)
        return 2
    publish(options, data)
    return 0


def remote(options: argparse.Namespace, cases: Sequence[Case]) -> int:
    """Ask a probe that is mounted somewhere: it needs its token, and gets nothing that does harm."""
    token = options.token or os.environ.get("LAB_TOKEN", "")
    if not token:
        print("A probe behind a URL is asked with its token: --token, or LAB_TOKEN.", file=sys.stderr)
        return 2
    harmless = [case for case in cases if not case.fresh and not case.sensitive]
    host = Remote(options.url, token)
    try:
        asyncio.run(host.learn())
    except OSError as error:
        print(f"There is no probe that can be asked at {options.url}: {error}", file=sys.stderr)
        return 2
    return tell(options, asyncio.run(collect(harmless, [host])), [])


def chosen(cases: Sequence[str] | None, clauses: Sequence[str] | None) -> list[Case]:
    """The cases that are asked for."""
    return [
        case
        for case in CASES.values()
        if any(fnmatchcase(case.id, pattern) for pattern in cases or ["*"])
        and any(fnmatchcase(case.clause.id, pattern) for pattern in clauses or ["*"])
    ]


def of_clauses(clauses: Sequence[str] | None) -> list[Wrong]:
    """The wrong applications that break clauses which are asked for."""
    return [
        wrong
        for wrong in WRONG.values()
        if any(fnmatchcase(wrong.clause.id, pattern) for pattern in clauses or ["*"])
    ]


def asked(patterns: Sequence[str] | None) -> list[Host]:
    """The targets that are asked for and installed; those that are not are named on standard error."""
    found: list[Host] = []
    for target in TARGETS.values():
        if not any(fnmatchcase(target.name, pattern) for pattern in patterns or ["*"]):
            continue
        if packages := missing(target):
            print(f"{target.name} is left out: {', '.join(packages)} is not installed", file=sys.stderr)
        else:
            found.append(Local(target))
    for transport in TRANSPORTS.values():
        if any(fnmatchcase(transport.name, pattern) for pattern in patterns or ["*"]):
            found.append(InProcess(transport))
    return found


async def collect(cases: Sequence[Case], hosts: Sequence[Host]) -> list[Result]:
    """All results, in the order of the cases."""
    results = await all_of(held(cases, hosts), number_of(cases, hosts))
    order = {case: number for number, case in enumerate(CASES)}
    return sorted(results, key=lambda one: (order[one.case.id], one.target, one.version))


async def collect_wrong(cases: Sequence[Wrong], hosts: Sequence[Host]) -> list[Wronged]:
    """All that comes of the wrong applications, likewise."""
    local = [host for host in hosts if isinstance(host, Local)]
    results = await all_of(wronged(cases, local), number_of(cases, local))
    order = {wrong: number for number, wrong in enumerate(WRONG)}
    return sorted(results, key=lambda one: (order[one.wrong.id], one.target, one.version))


def number_of(cases: Sequence[Case] | Sequence[Wrong], hosts: Sequence[Host]) -> int:
    """How many results there will be, about."""
    return sum(len(set(case.over) & set(host.versions)) for case in cases for host in hosts)


async def all_of(results: AsyncIterator[T], number: int) -> list[T]:
    """All results, with a bar that grows on standard error where that is a terminal."""
    found = []
    async for result in results:
        found.append(result)
        progress(len(found), number)
    progress(0, 0)
    return found


def progress(done: int, number: int) -> None:
    """Draw the bar; of nothing, take it away."""
    if not sys.stderr.isatty():
        return
    filled = min(40, 40 * done // number) if number else 0
    bar = f"[{'=' * filled}{' ' * (40 - filled)}] {done}/{number}" if number else "\033[K"
    print(f"\r{bar}", end="", file=sys.stderr)


if __name__ == "__main__":
    # Whoever ends this process by SIGTERM, as `timeout` does, gets the servers ended as well, as by Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("It was stopped before the end, and has written nothing.", file=sys.stderr)
        sys.exit(130)
