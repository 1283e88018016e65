"""How many requests a second Django answers when it makes a thread for each, and when it is lent one.

Both have a server of their own, of each kind, and all of them run the whole time; in each round one after the
other is asked for a short turn. What is compared is what they did in the same round; of these ratios the
median counts. See `bench.throughput`, whose clients ask.
"""

import asyncio
import gc
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.throughput import CONNECTIONS, requests_per_second
from bench.turns import Target
from servers import LAUNCHERS, Options, running

PAGE = Path(__file__).parents[1] / "docs" / "django.md"
MARKS = re.compile(r"(?<=<!-- threads -->\n).*(?=<!-- /threads -->)", re.DOTALL)

SERVERS = ("uvicorn", "hypercorn")
VIEWS = {"async view": "/async", "sync view": "/sync"}


class Asked(NamedTuple):
    """What is asked, and of which server."""

    server: str
    view: str

    def __str__(self) -> str:
        return f"{self.server}, {self.view}"


ASKED = [Asked(server, view) for server in SERVERS for view in VIEWS]


class Turn(NamedTuple):
    """Requests a second in one round, with threads that are made and with threads that are lent."""

    made: float
    lent: float


def measure(times: int, requests: int) -> dict[Asked, list[Turn]]:
    """The turns of each, so many, round by round.

    Raises OptionsError or NotServingError where one cannot be served, and what `requests_per_second` raises.
    """

    async def turns(ports: Mapping[str, Turn]) -> dict[Asked, list[Turn]]:
        rates: dict[Asked, list[Turn]] = {asked: [] for asked in ASKED}
        for _ in range(times):
            for asked in ASKED:
                rate = [
                    await requests_per_second(int(port), requests, VIEWS[asked.view])
                    for port in ports[asked.server]
                ]
                rates[asked].append(Turn(*rate))
                gc.collect()
        return rates

    with ExitStack() as stack:
        ports = {}
        for name in SERVERS:
            apps = [Options(app=f"bench.django_served:{way}") for way in Turn._fields]
            servers = [stack.enter_context(running(LAUNCHERS[name], options)) for options in apps]
            ports[name] = Turn(*(server.options.port for server in servers))
        return asyncio.run(turns(ports))


def gained(rates: Mapping[Asked, Sequence[Turn]]) -> dict[Asked, float]:
    """How many times as many requests are answered with threads that are lent."""
    return {asked: median(turn.lent / turn.made for turn in turns) for asked, turns in rates.items()}


# The bounds leave room for what else the machine does.
TARGETS = [
    Target(f"lent / made, {view}", [(Asked(server, view), "made") for server in SERVERS], "at least", bound)
    for view, bound in (("async view", 1.6), ("sync view", 1.5))
]


def versions() -> str:
    """What is measured here."""
    of = ", ".join(f"{name} {version(name)}" for name in ("asgiref", *SERVERS))
    return f"Python {platform.python_version()}, Django {version('django')}, {of}"


def rounds(rates: Mapping[Asked, Sequence[Turn]]) -> int:
    """How many rounds it was."""
    return len(next(iter(rates.values())))


def lines(rates: Mapping[Asked, Sequence[Turn]]) -> Iterator[str]:
    """The table of the page."""
    yield "| requests a second | made | lent | |"
    yield "|---|---|---|---|"
    for asked, gain in gained(rates).items():
        made, lent = (median(rate) for rate in zip(*rates[asked], strict=True))
        yield f"| {asked} | {made:.0f} | {lent:.0f} | ×{gain:.2f} |"
    yield ""
    yield f"{versions()};"
    yield f"{CONNECTIONS} connections, kept alive. The medians of {rounds(rates)}."


def write(rates: Mapping[Asked, Sequence[Turn]]) -> None:
    """Write the table into the page."""
    table = "\n".join(lines(rates)) + "\n"
    PAGE.write_text(MARKS.sub(lambda _: table, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
