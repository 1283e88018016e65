"""The gateways take turns with the same load.

Each has a server of its own, and all of them run the whole time. In each round every gateway is asked for
each page, for a short turn. What a gateway answers is compared with what ASGI answers in the same round; of
these ratios the median counts.
"""

import asyncio
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from statistics import median
from time import perf_counter
from typing import NamedTuple

from bench.gateways.group import Group, look
from bench.gateways.load import requests_per_second
from bench.turns import Target
from servers import LAUNCHERS, Launcher, Options, Running, running

WAIT = 0.05  # seconds
THREADS = 8
PAGES = {"hello": "/hello", "waiting": f"/tiles/3.svg?delay={WAIT}"}
GLANCE = 0.1  # seconds between two looks at the processes


class Gateway(NamedTuple):
    """How the project is served, and by what."""

    launcher: Launcher
    app: str
    about: str


def gunicorn(worker: str, about: str) -> Gateway:
    """gunicorn, with one worker that speaks WSGI."""
    settings = "--env DJANGO_SETTINGS_MODULE=apps.django_site.settings"
    command = f"gunicorn {{app}} {worker} {settings} --no-control-socket"
    launcher = replace(LAUNCHERS["gunicorn"], command=command)
    return Gateway(launcher, "django.core.wsgi:get_wsgi_application()", about)


GATEWAYS = {
    # Of Daphne's row nothing is left but what they have in common: one process, and no grace.
    "CGI": Gateway(
        replace(LAUNCHERS["daphne"], command="bench.gateways.cgi_server", clear="{host} {port}"),
        "apps.django_site:cgi_program",
        "a process for each request",
    ),
    "WSGI": gunicorn("--worker-class sync", "gunicorn, a request at a time"),
    "WSGI, threads": gunicorn(f"--worker-class gthread --threads {THREADS}", f"gunicorn, {THREADS} threads"),
    "ASGI": Gateway(
        # gunicorn writes no line for each request either.
        replace(LAUNCHERS["uvicorn"], command="uvicorn {app} --no-access-log"),
        "apps.django_site.asgi:application",
        "uvicorn, an event loop",
    ),
}


class Turn(NamedTuple):
    """What a gateway has done with the load in a round."""

    rate: float  # requests a second
    group: Group  # its processes, at their peak


class Asked(NamedTuple):
    """A gateway, and the page it is asked for."""

    gateway: str
    page: str


Turns = Mapping[Asked, list[Turn]]


async def watch(group: int) -> Group:
    """Look at the processes until cancelled; then return their peak."""
    peak = Group()
    try:
        while True:
            peak = peak.peak(look(group))
            await asyncio.sleep(GLANCE)
    except asyncio.CancelledError:
        return peak


async def turn(server: Running, path: str, clients: int, seconds: float) -> Turn:
    """Ask one server for one page, and watch it."""
    watching = asyncio.create_task(watch(server.process.pid))
    try:
        rate = await requests_per_second(server.options.port, path, clients, seconds)
    finally:
        watching.cancel()
        peak = await watching
    return Turn(rate, peak)


@contextmanager
def served() -> Iterator[dict[str, Running]]:
    """All of them, running side by side."""
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        started = {
            name: pool.submit(
                stack.enter_context, running(gateway.launcher, Options(app=gateway.app, grace=1), timeout=60)
            )
            for name, gateway in GATEWAYS.items()
        }
        yield {name: server.result() for name, server in started.items()}


def measure(clients: int, seconds: float, budget: float) -> Turns:
    """The turns of each, with so many clients for so many seconds each: a round, and more within the budget.

    Raises OptionsError or NotServingError where one cannot be served, and what `requests_per_second` raises.
    """

    async def rounds(servers: Mapping[str, Running]) -> Turns:
        turns: dict[Asked, list[Turn]] = {Asked(name, page): [] for page in PAGES for name in servers}
        for server in servers.values():
            # The first requests to a process find the pages not loaded yet.
            await requests_per_second(server.options.port, PAGES["hello"], clients, 0)
        until = perf_counter() + budget
        while True:
            began = perf_counter()
            for asked, done in turns.items():
                done.append(await turn(servers[asked.gateway], PAGES[asked.page], clients, seconds))
            # Another will take as long as this one.
            if 2 * perf_counter() - began > until:
                return turns

    with served() as servers:
        return asyncio.run(rounds(servers))


def beside_asgi(turns: Turns) -> dict[Asked, list[float]]:
    """How many times what ASGI answers each answers, round by round."""
    return {
        asked: [
            ours.rate / theirs.rate
            for ours, theirs in zip(done, turns[Asked("ASGI", asked.page)], strict=True)
        ]
        for asked, done in turns.items()
    }


def medians(turns: Turns) -> dict[Asked, float]:
    """The median of these ratios, of each."""
    return {asked: median(ratios) for asked, ratios in beside_asgi(turns).items()}


# The bounds leave room for what else the machine does.
TARGETS = [
    Target("ASGI / CGI, hello", [(Asked("ASGI", "hello"), Asked("CGI", "hello"))], "at least", 10),
    Target("ASGI / WSGI, waiting", [(Asked("ASGI", "waiting"), Asked("WSGI", "waiting"))], "at least", 4),
    Target(
        "WSGI, threads / WSGI, waiting",
        [(Asked("WSGI, threads", "waiting"), Asked("WSGI", "waiting"))],
        "at least",
        3,
    ),
]
