"""The servers take turns with the same exhibits.

Each has a process for HTTP/1.1 and one for HTTP/2 with TLS, as browsers speak it, and all of them run the
whole time. In each round every server is asked for every exhibit, for a short turn. The servers share one
processor and who asks has another, so that no server has more of the machine than the others.
"""

import asyncio
import os
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from bench.gateways.group import Group, look
from bench.servers.load import (
    POST,
    NotAnswered,
    asked_by_h2load,
    asked_by_wrk,
    echoes_per_second,
    missing,
)
from servers import LAUNCHERS, Launcher, NotServingError, Options, OptionsError, Running, running
from servers.launchers import Http

MEGABYTE = 1024 * 1024
EXHIBITS = {
    "hello": "/hello",
    "echo 1 MB": "/echo",
    "stream": "/stream?n=100&delay=0",
    "WebSocket": "/websocket",
    "Django async": "/async",
    "Django sync": "/sync",
}
SOCKET = "WebSocket"
MORE = 3.0  # seconds more, where nothing was answered
GLANCE = 0.1  # seconds between two looks at the processes
# A line for each request is not to be part of what is measured: these two write one by themselves.
QUIET = {"uvicorn": "--no-access-log", "daphne": "--verbosity 0"}


class Contestant(NamedTuple):
    """A server, and the version of HTTP it is asked over."""

    server: str
    version: Http


class Asked(NamedTuple):
    """A contestant, and the exhibit it is asked for."""

    contestant: Contestant
    exhibit: str


class Measured(NamedTuple):
    """All that was seen.

    `rates` has the answers a second, round by round; `groups` what the processes were at their peak; `starts`
    the seconds from the start to the first answer; `troubles` why something was not measured.
    """

    rates: dict[Asked, list[float]]
    groups: dict[Contestant, Group]
    starts: dict[Contestant, float]
    troubles: dict[str, str]

    def has(self, version: int) -> bool:
        """Whether anything was asked over this version."""
        return any(asked.contestant.version == version for asked in self.rates)


def launcher(name: str) -> Launcher:
    """The row of a server, that writes no line for each request."""
    row = LAUNCHERS[name]
    return replace(row, command=f"{row.command} {QUIET.get(name, '')}")


VERSIONS: tuple[Http, ...] = (1, 2)
CONTESTANTS = [
    Contestant(name, version)
    for version in VERSIONS
    for name, row in LAUNCHERS.items()
    if version in row.http
]


@contextmanager
def pinned(processor: int) -> Iterator[None]:
    """Whatever this thread starts gets this one of the processors, where there is more than one to share."""
    if not hasattr(os, "sched_setaffinity") or len(mine := os.sched_getaffinity(0)) < 2:
        yield
        return
    os.sched_setaffinity(0, {sorted(mine)[processor]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, mine)


def started(contestant: Contestant, stack: ExitStack) -> tuple[Running, float]:
    """Start a server; it, and the seconds until it has answered once.

    Raises OptionsError, NotServingError and NotAnswered.
    """
    options = Options(
        app="bench.servers.served:app", http=contestant.version, tls=contestant.version == 2, grace=1
    )
    began = perf_counter()
    with pinned(1):
        server = stack.enter_context(running(launcher(contestant.server), options, timeout=60))
    # Every server answers HTTP/1.1, over TLS, too; to listen is not yet to answer.
    asyncio.run(until_it_answers(server))
    return server, perf_counter() - began


async def until_it_answers(server: Running) -> None:
    """Ask for the first answer. Raises NotAnswered where it does not come."""
    context = None
    if server.options.tls:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        async with asyncio.timeout(60):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.options.port, ssl=context)
            writer.write(b"GET /hello HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            head = await reader.readline()
            writer.transport.abort()
    except (OSError, TimeoutError) as error:
        raise NotAnswered(f"It has not answered: {error!r}") from error
    if b" 200 " not in head:
        raise NotAnswered(f"It has answered {head!r}.")


@contextmanager
def watched(server: Running) -> Iterator[list[Group]]:
    """Look at the processes of a server from a thread of its own; the list has what was seen."""
    seen: list[Group] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(GLANCE):
            seen.append(look(server.process.pid))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield seen
    finally:
        over.set()
        watching.join()


def turn(server: Running, asked: Asked, seconds: float, files: Path) -> float:
    """One turn: answers a second. Raises NotAnswered.

    What is not answered once in that time is asked for longer: it may be slow, or the machine busy.
    """
    try:
        return asked_for(server, asked, seconds, files)
    except NotAnswered:
        return asked_for(server, asked, seconds + MORE, files)


def asked_for(server: Running, asked: Asked, seconds: float, files: Path) -> float:
    """Answers a second, in so many seconds. Raises NotAnswered."""
    path = EXHIBITS[asked.exhibit]
    if asked.exhibit == SOCKET:
        return asyncio.run(echoes_per_second(server.options.port, path, seconds))
    posts = asked.exhibit == "echo 1 MB"
    if asked.contestant.version == 1:
        return asked_by_wrk(server.url + path, seconds, str(files / "post.lua") if posts else None)
    return asked_by_h2load(server.url + path, seconds, str(files / "body") if posts else None)


def questions(contestants: list[Contestant], exhibits: list[str]) -> list[Asked]:
    """What is asked in a round: exhibit by exhibit, so that the turns which are compared are neighbours."""
    return [
        Asked(contestant, exhibit)
        for exhibit in exhibits
        for contestant in contestants
        if (contestant.version == 1 if exhibit == SOCKET else missing(contestant.version) is None)
    ]


def measure(contestants: list[Contestant], exhibits: list[str], seconds: float, budget: float) -> Measured:
    """Turns of so many seconds: a round, and more within the budget.

    Whoever does not answer an exhibit is not asked for it again, and `troubles` says why.
    """
    measured = Measured({}, {}, {}, {})
    there = [one for one in contestants if one.version == 1 or missing(one.version) is None]
    measured.troubles.update(
        {http(version): why for version in VERSIONS if (why := missing(version)) is not None}
    )
    with ExitStack() as stack, TemporaryDirectory() as directory, pinned(0):
        files = Path(directory)
        (files / "post.lua").write_text(POST.format(size=MEGABYTE), encoding="utf-8")
        (files / "body").write_bytes(b"x" * MEGABYTE)
        servers: dict[Contestant, Running] = {}
        for contestant in there:
            try:
                servers[contestant], measured.starts[contestant] = started(contestant, stack)
            except (OptionsError, NotServingError, NotAnswered) as error:
                measured.troubles[told(contestant)] = str(error)
        rounds(servers, questions([*servers], exhibits), seconds, budget, files, measured)
    return measured


def rounds(
    servers: Mapping[Contestant, Running],
    asked: list[Asked],
    seconds: float,
    budget: float,
    files: Path,
    measured: Measured,
) -> None:
    """All the rounds."""
    until = perf_counter() + budget
    while True:
        began = perf_counter()
        for one in asked:
            if f"{told(one.contestant)}, {one.exhibit}" in measured.troubles:
                continue
            server = servers[one.contestant]
            with watched(server) as seen:
                try:
                    measured.rates.setdefault(one, []).append(turn(server, one, seconds, files))
                except (NotAnswered, OSError) as error:
                    measured.rates.pop(one, None)
                    measured.troubles[f"{told(one.contestant)}, {one.exhibit}"] = str(error)
            peak = measured.groups.get(one.contestant, Group())
            for group in seen:
                peak = peak.peak(group)
            measured.groups[one.contestant] = peak
        # Another will take as long as this one.
        if 2 * perf_counter() - began > until:
            return


def told(contestant: Contestant) -> str:
    """A contestant in words."""
    return f"{contestant.server} over {http(contestant.version)}"


def http(version: Http) -> str:
    """A version as it is called."""
    return f"HTTP/{'1.1' if version == 1 else version}"
