"""What a router adds to a direct call of the application, in one interleaved run.

A contestant is called as a server calls it, only without an event loop: where nothing is awaited, a
coroutine ends at its first step. Some contestants write into the scope, so that each call, of whomever,
gets a new copy.
"""

import asyncio
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import repeat
from time import perf_counter_ns
from typing import Any, NamedTuple

from bench.probes import held, http
from bench.routers import Build
from bench.turns import Sample, Target, added
from router import Receive, Scope, Send

COUNTS = (1, 10, 100, 1000)


class Case(NamedTuple):
    """What is asked for, and of how many mounts."""

    mounts: int
    asked: str


async def leaf(scope: Scope, receive: Receive, send: Send) -> None:
    """The application: what it does is not what is measured."""


def samples(contestants: Mapping[str, Build]) -> Iterator[tuple[Sample[Case], Any, Scope]]:
    """Each sample, with the application to call and the scope to call it with."""
    for count in COUNTS:
        mounts = {f"/m{number:03}": leaf for number in range(count)}
        apps: dict[str | None, Any] = {name: build(mounts, leaf) for name, build in contestants.items()}
        last = f"/m{count - 1:03}/x"
        scopes = {
            "first": http("/m000/x"),
            "last": http(last),
            "miss": http("/x/x"),
            "hostile": http("/" * 65536),
            "state": http(last, state=asyncio.run(state_after_lifespan(apps["Router"]))),
        }
        for asked, scope in scopes.items():
            for name, app in [(None, leaf), *apps.items()]:
                yield Sample(Case(count, asked), name), app, scope


async def state_after_lifespan(app: Any) -> dict[str, Any]:
    """What a server finds in the state when the applications have started."""
    scope: Scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    await held(app, scope, {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    state: dict[str, Any] = scope["state"]
    return state


def nanoseconds(app: Any, scope: Scope, calls: int) -> float:
    """What a call takes, on the average of so many."""
    start = perf_counter_ns()
    for _ in repeat(None, calls):
        try:  # noqa: SIM105 - suppress() would take as long as what is measured here
            app(scope.copy(), None, None).send(None)
        except StopIteration:
            pass
    return (perf_counter_ns() - start) / calls


def measure(contestants: Mapping[str, Build], rounds: int, length: float) -> dict[Sample[Case], float]:
    """What each contestant adds in each case, in nanoseconds; a turn takes about `length` of them."""
    turns = {sample: partial(nanoseconds, app, scope) for sample, app, scope in samples(contestants)}
    return added(turns, rounds, length)


def ours(mounts: int, asked: str) -> Sample[Case]:
    """What our router adds in a case."""
    return Sample(Case(mounts, asked), "Router")


def theirs(name: str, mounts: int, asked: str) -> Sample[Case]:
    """What another one adds in a case."""
    return Sample(Case(mounts, asked), name)


TARGETS = [
    Target(
        "Router / by hand: first, last and miss, with 1 to 1000 mounts",
        [
            (ours(count, asked), theirs("by hand", count, asked))
            for count in COUNTS
            for asked in ("first", "last", "miss")
        ],
        "at most",
        1.3,
    ),
    Target(
        "Router with 1000 mounts / Router with 1: last and miss",
        [(ours(1000, asked), ours(1, asked)) for asked in ("last", "miss")],
        "at most",
        1.2,
    ),
    Target(
        "Router asked for 64 kB of slashes / Router asked for any miss",
        [(ours(count, "hostile"), ours(count, "miss")) for count in COUNTS],
        "at most",
        1.2,
    ),
    *(
        Target(
            f"{name} / Router: last, with {count}",
            [(theirs(name, count, "last"), ours(count, "last"))],
            "at least",
            bound,
        )
        for count, bound in ((1, 4), (100, 40))
        for name in ("Starlette", "Channels")
    ),
]
