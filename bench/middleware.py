"""What a middleware costs in an async Django: one of each kind, before an async view and before another.

Every stack is Django's own, loaded from settings, and is asked in process: scope and events are what a server
would make of a GET. What is slow here is to change threads, which Django does wherever something async calls
something that is not, or is called by it. The stacks take turns in one run; see `bench.turns`.
"""

import asyncio
import platform
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from itertools import repeat
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import django
from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse
from django.test.utils import override_settings
from django.urls import path
from django.utils.decorators import (
    async_only_middleware,
    sync_and_async_middleware,
    sync_only_middleware,
)

from bench.probes import http
from bench.turns import Sample, Target, fastest
from router import Application, Event

PAGE = Path(__file__).parents[1] / "docs" / "django.md"
MARKS = re.compile(r"(?<=<!-- middleware -->\n).*(?=<!-- /middleware -->)", re.DOTALL)

GetResponse = Callable[[HttpRequest], Any]


async def async_view(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Hello, world!\n")


def sync_view(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Hello, world!\n")


urlpatterns = [path("async", async_view), path("sync", sync_view)]


@async_only_middleware
def only_async(get_response: GetResponse) -> Callable[[HttpRequest], Awaitable[HttpResponse]]:
    async def middleware(request: HttpRequest) -> HttpResponse:
        response: HttpResponse = await get_response(request)
        return response

    return middleware


@sync_only_middleware
def only_sync(get_response: GetResponse) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        response: HttpResponse = get_response(request)
        return response

    return middleware


@sync_and_async_middleware
def either(get_response: GetResponse) -> GetResponse:
    return only_async(get_response) if iscoroutinefunction(get_response) else only_sync(get_response)


VIEWS = {"async view": "/async", "sync view": "/sync"}
BARE = "no middleware"
STACKS = {
    BARE: [],
    "one async": [f"{__name__}.only_async"],
    "one of either kind": [f"{__name__}.either"],
    "one sync": [f"{__name__}.only_sync"],
    "two sync": [f"{__name__}.only_sync"] * 2,
    "sync, async, sync": [f"{__name__}.only_sync", f"{__name__}.only_async", f"{__name__}.only_sync"],
    "one of Django's own": ["django.middleware.security.SecurityMiddleware"],
}


async def send(event: Event) -> None:
    """What the server does with an event."""


async def ask(app: Application, target: str) -> None:
    """One request, answered."""
    said = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Event:
        return said.pop() if said else await asyncio.get_running_loop().create_future()

    await app(http(target), receive, send)


def measure(stacks: Mapping[str, list[str]], rounds: int, length: float) -> dict[Sample[str], float]:
    """What a request takes through each stack, in nanoseconds; a turn takes about `length` of them."""
    if not settings.configured:
        settings.configure()
    with override_settings(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"]), asyncio.Runner() as runner:

        def turn(app: Any, target: str, calls: int) -> float:
            async def run() -> float:
                began = perf_counter_ns()
                for _ in repeat(None, calls):
                    await ask(app, target)
                return (perf_counter_ns() - began) / calls

            return runner.run(run())

        turns = {}
        for name, middleware in stacks.items():
            with override_settings(MIDDLEWARE=middleware):
                app = get_asgi_application()
            for view, target in VIEWS.items():
                turns[Sample(view, name)] = partial(turn, app, target)
        return fastest(turns, rounds, length)


# A ratio of what the machine does in one run; the bounds leave room for what else it does.
TARGETS = [
    Target(
        f"{name} / {BARE}, with either view",
        [(Sample(view, name), Sample(view, BARE)) for view in VIEWS],
        "at most",
        1.1,
    )
    for name in ("one async", "one of either kind")
]


def ratio(times: Mapping[Sample[str], float], view: str, name: str) -> str:
    """How many times what the view takes behind no middleware."""
    return f"{times[Sample(view, name)] / times[Sample(view, BARE)]:.2f}"


def lines(times: Mapping[Sample[str], float]) -> Iterator[str]:
    """The table of the page."""
    yield "| | " + " | ".join(f"{view}, {times[Sample(view, BARE)] / 1000:.0f} µs" for view in VIEWS) + " |"
    yield "|---" * (len(VIEWS) + 1) + "|"
    for name in STACKS:
        yield f"| {name} | " + " | ".join(ratio(times, view, name) for view in VIEWS) + " |"
    yield ""
    yield f"Python {platform.python_version()}, Django {django.get_version()}."


def write(times: Mapping[Sample[str], float]) -> None:
    """Write the table into the page."""
    table = "\n".join(lines(times)) + "\n"
    PAGE.write_text(MARKS.sub(lambda _: table, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
