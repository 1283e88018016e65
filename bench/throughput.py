"""How many requests a second uvicorn answers, with a recorder around its application and without.

Each contestant has a server of its own, and all of them run the whole time; in each round one after the other
is asked, for a short turn. Over each of a few connections a request is sent as soon as the last one is
answered. What the machine can do changes with what else it has to do, so that a turn is compared with the
bare one of the same round; of these ratios the median counts.
"""

import asyncio
import gc
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any

from apps.raw_asgi.hello import app as bare
from bench.recorders import CONTESTANTS
from bench.turns import Target
from servers import LAUNCHERS, Options, running

CONNECTIONS = 8
PATIENCE = 30.0  # seconds until a turn that does not end is given up
REQUEST = "GET {} HTTP/1.1\r\nhost: localhost\r\naccept: */*\r\n\r\n"
ANSWER = b"HTTP/1.1 200 ", b"\r\n\r\nHello, world!\n"

judged, recorded, logged = (CONTESTANTS[name](bare) for name in ("judged", "recorded", "logged"))

SERVED = {name: f"{__name__}:{name}" for name in ("bare", "judged", "recorded", "logged")}

TARGETS = [Target("recorded / bare", [("recorded", "bare")], "at least", 0.85)]


class Client(asyncio.Protocol):
    """A connection over which a client asks, awaits the answer, and asks again."""

    transport: Any
    left: int
    answered: asyncio.Future[None]
    answer = b""

    def __init__(self, path: str) -> None:
        self.request = REQUEST.format(path).encode()

    def ask(self, times: int) -> asyncio.Future[None]:
        """Ask so many times, one after the other."""
        self.left, self.answered = times, asyncio.get_running_loop().create_future()
        self.transport.write(self.request)
        return self.answered

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.answer += data
        beginning, end = ANSWER
        if self.answer.startswith(beginning) and self.answer.endswith(end):
            self.answer = b""
            self.left -= 1
            if self.left:
                self.transport.write(self.request)
            else:
                self.answered.set_result(None)


async def requests_per_second(port: int, requests: int, path: str = "/") -> float:
    """How many requests a server answers in a second, of about so many, over new connections.

    Raises TimeoutError where the answers do not come, or are others.
    """
    loop = asyncio.get_running_loop()
    connect = partial(loop.create_connection, partial(Client, path), "127.0.0.1", port)
    clients = [(await connect())[1] for _ in range(CONNECTIONS)]
    times = max(1, requests // CONNECTIONS)
    try:
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*(client.ask(1) for client in clients))
            began = perf_counter()
            await asyncio.gather(*(client.ask(times) for client in clients))
            return CONNECTIONS * times / (perf_counter() - began)
    finally:
        for client in clients:
            client.transport.close()


def measure(served: Mapping[str, str], rounds: int, requests: int) -> dict[str, list[float]]:
    """Requests per second of each application, round by round; each is named as module:attribute.

    Raises OptionsError or NotServingError where one cannot be served, and what `requests_per_second` raises.
    """

    async def turns(ports: Mapping[str, int]) -> dict[str, list[float]]:
        rates: dict[str, list[float]] = {name: [] for name in ports}
        for _ in range(rounds):
            for name, port in ports.items():
                rates[name].append(await requests_per_second(port, requests))
                gc.collect()
        return rates

    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(running(LAUNCHERS["uvicorn"], Options(app=app)))
            for name, app in served.items()
        }
        return asyncio.run(turns({name: server.options.port for name, server in servers.items()}))


def kept(rates: Mapping[str, list[float]]) -> dict[str, float]:
    """What part of the bare requests per second each of them keeps."""
    return {
        name: median(rate / bare for rate, bare in zip(turns, rates["bare"], strict=True))
        for name, turns in rates.items()
    }
