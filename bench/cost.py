"""What a router adds to a direct call of the application, in one interleaved run.

A contestant is called as a server calls it, only without an event loop: where nothing is awaited, a
coroutine ends at its first step. In each round every contestant takes its turn at every case, and its
fastest round counts, since noise only ever adds. The application by itself is timed like a contestant and
taken off. Some contestants write into the scope, so that each call, of whomever, gets a new copy.
"""

import asyncio
import gc
from collections.abc import Iterator, Mapping
from itertools import repeat
from time import perf_counter_ns
from typing import Any, Literal, NamedTuple

from bench.probes import held, http
from bench.routers import Build
from router import Receive, Scope, Send

COUNTS = (1, 10, 100, 1000)


class Case(NamedTuple):
    """What is asked for, and of how many mounts."""

    mounts: int
    asked: str


class Sample(NamedTuple):
    """A contestant in a case; without a name it is the application by itself."""

    case: Case
    name: str | None


async def leaf(scope: Scope, receive: Receive, send: Send) -> None:
    """The application: what it does is not what is measured."""


def samples(contestants: Mapping[str, Build]) -> Iterator[tuple[Sample, Any, Scope]]:
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


def measure(contestants: Mapping[str, Build], rounds: int, turn: float) -> dict[Sample, float]:
    """What each contestant adds in each case, in nanoseconds; a turn takes about so many of them."""
    runs = []
    for sample, app, scope in samples(contestants):
        nanoseconds(app, scope, 1)  # The first call may have something to compile.
        runs.append((sample, app, scope, max(1, int(turn / nanoseconds(app, scope, 3)))))
    fastest = dict.fromkeys((sample for sample, *_ in runs), float("inf"))
    gc.disable()
    try:
        for _ in range(rounds):
            for sample, app, scope, calls in runs:
                fastest[sample] = min(fastest[sample], nanoseconds(app, scope, calls))
            gc.collect()
    finally:
        gc.enable()
    direct = {sample.case: time for sample, time in fastest.items() if sample.name is None}
    return {sample: time - direct[sample.case] for sample, time in fastest.items() if sample.name}


class Target(NamedTuple):
    """A claim: in each pair, the first adds at most, or at least, `bound` times what the second adds."""

    claim: str
    pairs: list[tuple[Sample, Sample]]
    relation: Literal["at most", "at least"]
    bound: float

    def value(self, costs: Mapping[Sample, float]) -> float:
        """How many times as much the first adds, in the pair that speaks most against the claim."""
        worst = max if self.relation == "at most" else min
        return worst(costs[first] / costs[second] for first, second in self.pairs)

    def is_reached(self, costs: Mapping[Sample, float]) -> bool:
        value = self.value(costs)
        return value <= self.bound if self.relation == "at most" else value >= self.bound


def ours(mounts: int, asked: str) -> Sample:
    """What our router adds in a case."""
    return Sample(Case(mounts, asked), "Router")


def theirs(name: str, mounts: int, asked: str) -> Sample:
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
