"""How fast the clients are, and how much of a long response they keep, in one interleaved run."""

import asyncio
import tracemalloc
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from itertools import repeat
from time import perf_counter_ns

from bench.clients.client import Client
from bench.clients.watched import START
from bench.turns import Sample, Target, fastest
from router import Application, Receive, Scope, Send

PIECE = 64 * 1024
PIECES = 160  # 10 MB

ROUND_TRIP = "hello: a round trip"
FIRST_CHUNK = "10 MB: the first chunk"
LAST_CHUNK = "10 MB: the last chunk"
MEMORY = "10 MB: memory"


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """The application of a round trip; it starts and stops, as the fastest way of some clients asks that."""
    if scope["type"] == "lifespan":
        for _ in ("startup", "shutdown"):
            event = await receive()
            await send({"type": f"{event['type']}.complete"})
        return
    await receive()
    await send(START.copy())
    await send({"type": "http.response.body", "body": b"Hello, world!\n"})


def download(piece: Callable[[], bytes]) -> Application:
    """An application that sends many pieces."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(START.copy())
        for _ in range(PIECES):
            await send({"type": "http.response.body", "body": piece(), "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return app


# What is timed sends one piece over and over: to get memory for new ones may take as long as the rest.
same = download(repeat(bytes(PIECE)).__next__)
new = download(partial(bytes, PIECE))


async def round_trip(kind: type[Client], calls: int) -> float:
    """Nanoseconds from a request to its response, by a client that is there already."""
    async with kind(hello).opened() as get:
        await get()
        began = perf_counter_ns()
        for _ in repeat(None, calls):
            await get()
        return (perf_counter_ns() - began) / calls


async def first_chunk(kind: type[Client], calls: int) -> float:
    """Nanoseconds until a client is made and has the first chunk of a response; the others are read, too."""
    passed = 0
    for _ in repeat(None, calls):
        began = perf_counter_ns()
        async with kind(same).stream() as chunks:
            await anext(chunks)
            passed += perf_counter_ns() - began
            async for _chunk in chunks:
                pass
    return passed / calls


async def last_chunk(kind: type[Client], calls: int) -> float:
    """Nanoseconds until a client is made and has read a response to its end."""
    began = perf_counter_ns()
    for _ in repeat(None, calls):
        await read(kind(same))
    return (perf_counter_ns() - began) / calls


async def read(client: Client) -> None:
    async with client.stream() as chunks:
        async for _chunk in chunks:
            pass


def memory(kind: type[Client]) -> int:
    """Bytes that are held at most while the response is read, and each chunk let go at once."""
    asyncio.run(read(kind(new)))
    tracemalloc.start()
    try:
        asyncio.run(read(kind(new)))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


TIMED: dict[str, Callable[[type[Client], int], Awaitable[float]]] = {
    ROUND_TRIP: round_trip,
    FIRST_CHUNK: first_chunk,
    LAST_CHUNK: last_chunk,
}

TARGETS = [
    Target(
        f"asgiscope / httpx: {case}", [(Sample(case, "asgiscope"), Sample(case, "httpx"))], "at most", bound
    )
    for case, bound in ((ROUND_TRIP, 1), (FIRST_CHUNK, 1), (LAST_CHUNK, 1), (MEMORY, 0.1))
]


def measure(clients: Mapping[str, type[Client]], rounds: int, length: float) -> dict[Sample[str], float]:
    """What each client takes: nanoseconds, and bytes; a turn takes about `length` nanoseconds."""
    with asyncio.Runner() as runner:

        def turn(
            timed: Callable[[type[Client], int], Awaitable[float]], kind: type[Client], calls: int
        ) -> float:
            async def run() -> float:
                return await timed(kind, calls)

            return runner.run(run())

        turns = {
            Sample(case, name): partial(turn, timed, kind)
            for case, timed in TIMED.items()
            for name, kind in clients.items()
        }
        measured = fastest(turns, rounds, length)
    return measured | {Sample(MEMORY, name): memory(kind) for name, kind in clients.items()}
