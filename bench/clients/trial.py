"""A probe of a client, in a process of its own: one that hangs is ended from outside."""

import os
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import NamedTuple

import anyio

from bench.clients import http_probes as http
from bench.clients import websocket_probes as websocket
from bench.clients.client import Client, Lacking, Probe
from bench.clients.contestants import KINDS
from router import Application

AT_ONCE = 8  # probes at the same time: those that take long wait for something, and take no processor

PROBES: dict[str, Probe] = {
    "first chunk at once": http.first_chunk,
    "endless stream": http.endless_stream,
    "long poll": http.long_poll,
    "body both ways at once": http.both_ways,
    "GET is one event": http.empty_request,
    "response without `body`": http.no_body,
    "events left alone": http.constant_event,
    "exception": http.exception,
    "500 as asked": http.server_error,
    "scope as asked": http.scope,
    "lifespan": http.lifespan,
    "start-up failure": http.startup_failure,
    "state": http.state,
    "text, bytes, JSON": websocket.messages,
    "empty message": websocket.empty_message,
    "`bytes` is None": websocket.other_key_is_none,
    "subprotocol": websocket.subprotocol,
    "application closes": websocket.close_of_the_application,
    "client closes": websocket.close_of_the_client,
    "client vanishes": websocket.vanishing,
    "`send` raises then": websocket.send_raises,
    "wait given up": websocket.patience,
    "denial in two parts": websocket.denial,
    "close before accept": websocket.bare_close,
    "trio": websocket.trio,
    "judged": http.judged,
}

processes = get_context("forkserver")
processes.set_forkserver_preload([__name__])


class Outcome(NamedTuple):
    """What came of a probe: a word for the table, and what was seen."""

    word: str
    seen: str = ""


async def answer(probe: Probe, kind: type[Client], backend: str = "asyncio") -> Outcome:
    """What a probe says of a client; an exception is something that it saw, too."""
    clients: list[Client] = []

    def build(app: Application) -> Client:
        clients.append(kind(app, backend))
        return clients[-1]

    try:
        seen = await probe(build)
    except Lacking as error:
        return Outcome("–", str(error))
    except Exception as error:
        return Outcome("no", f"it raised {error!r}")
    if seen is not None:
        return Outcome("no", seen)
    return Outcome("by hand" if any(client.by_hand for client in clients) else "yes")


def try_out(client: str, title: str, parent: Connection) -> None:
    """Say that the probe begins, and what comes of it; what else is said is not heard."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    kind, backend = KINDS[client], "trio" if title == "trio" else "asyncio"

    async def tell() -> None:
        parent.send(await answer(PROBES[title], kind, backend))

    parent.send(None)
    anyio.run(tell, backend="asyncio" if kind.blocks else backend)


def outcome(client: str, title: str, patience: float) -> Outcome:
    """Try a probe out on a client; it is given up after so many seconds."""
    ours, theirs = processes.Pipe(duplex=False)
    process = processes.Process(target=try_out, args=(client, title, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        ours.recv()
        found: Outcome = ours.recv() if ours.poll(patience) else Outcome("hangs")
    except EOFError:
        found = Outcome("no", "the process has ended")
    process.kill()
    process.join()
    return found


def outcomes(
    clients: Iterable[str], titles: Iterable[str], patience: float
) -> Mapping[tuple[str, str], Outcome]:
    """What comes of each probe with each client that is there."""
    pairs = [(title, client) for title in titles for client in clients]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(lambda pair: outcome(pair[1], pair[0], patience), pairs)
        return dict(zip(pairs, found, strict=True))
