"""A client beside the server: it sends what a browser can't, to this server and to no other.

A body in pieces with pauses, or half of one, or trailers behind it; HTTP/1.0, and HTTP/2 by prior knowledge;
names of headers as they are written; a client that vanishes, also out of a WebSocket. HTTP/1 and the frames
of a WebSocket are written by hand, byte by byte, for a library would set right what is to be tried out.
"""

import asyncio
import ssl
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from ipaddress import ip_address
from time import monotonic
from typing import Any

from .answered import Answer, WebSocketAnswer
from .plan import Plan
from .websocket_client import WebSocket
from .websocket_plan import WebSocketPlan

LIMIT = 30.0  # seconds that a request takes at most
MOST = 16 * 1024 * 1024  # bytes of the answer, after which the client leaves
PIECE = 64 * 1024  # bytes that are read at a time
LINGER = 0.5  # seconds that a client which does not end its body stays to hear what is said to it


class CannotReachError(Exception):
    """This server is nowhere where the client may go: a sentence that says why."""


def address_of(scope: Mapping[str, Any]) -> tuple[str, int]:
    """Where this server listens. It is the server that says so, and not the one who asks.

    Raises CannotReachError where that is not on this machine, or not said.
    """
    host, port = scope.get("server") or (None, None)
    if isinstance(port, str) and port.isdecimal():
        port = int(port)  # As Granian has it, though a port is an int (www.rst, HTTP Connection Scope).
    try:
        is_local = ip_address(host or "").is_loopback
    except ValueError:
        is_local = host == "localhost"
    if not is_local or not isinstance(port, int):
        raise CannotReachError(
            f"The client beside the server reaches it by a loopback address, and this one says that it is at "
            f"{host}:{port}. Start it with --host 127.0.0.1."
        )
    return str(host), port


async def sent(plan: Plan | WebSocketPlan, address: tuple[str, int], scheme: str) -> Answer:
    """Do what is planned, and return what came back. Raises CannotReachError where nobody listens."""
    began = monotonic()
    answer = Answer()
    try:
        async with asyncio.timeout(LIMIT):
            reader, writer = await opened(address, scheme, plan.version)
            try:
                if isinstance(plan, WebSocketPlan):
                    answer = held = WebSocketAnswer()
                    await WebSocket(plan, reader, writer, held).hold(MOST)
                else:
                    await asked(plan, reader, writer, scheme, answer)
            finally:
                # Whatever is not yet sent is not sent any more: this is how a client vanishes.
                writer.transport.abort()
    except TimeoutError:
        answer.how = f"the client has left after {LIMIT:g} seconds, which is all that it may wait"
    answer.took = monotonic() - began
    return answer


async def opened(
    address: tuple[str, int], scheme: str, version: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection, with TLS where the server speaks it: its certificate is one for this machine alone."""
    context = None
    if scheme in ("https", "wss"):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["h2" if version == "2" else "http/1.1"])
    try:
        return await asyncio.open_connection(*address, ssl=context)
    except OSError as error:
        raise CannotReachError(f"Nobody listens at {address[0]}:{address[1]}: {error}.") from error


async def asked(
    plan: Plan, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, scheme: str, answer: Answer
) -> None:
    """Send a request over a connection, and hear the answer."""
    most = min(MOST, plan.leave_bytes or MOST)
    if plan.version == "2":
        from .client2 import Stream

        stream = Stream(plan, reader, writer, answer)
        await exchanged(plan, stream.write(scheme), stream.read(most), answer)
    else:
        await exchanged(plan, written(plan, writer), read(reader, most, answer), answer)


async def exchanged(
    plan: Plan, write: Coroutine[Any, Any, None], read: Coroutine[Any, Any, None], answer: Answer
) -> None:
    """Write the request, and read meanwhile, until either has come to its end."""
    writing, reading = asyncio.ensure_future(write), asyncio.ensure_future(read)
    tasks = {writing, reading}
    try:
        async with asyncio.timeout(plan.leave_seconds):
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if not plan.whole and not reading.done():
                await asyncio.wait({reading}, timeout=None if plan.leave_seconds else LINGER)
            if not plan.whole and not reading.done():
                answer.how = "the client has left before the end of its body"
                return
            await reading
    except TimeoutError:
        answer.how = f"the client has left after {plan.leave_seconds:g} seconds"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled():
                task.exception()  # It is known what came of it: the other side has left.


async def read(reader: asyncio.StreamReader, most: int, answer: Answer) -> None:
    """Read until the server has no more to say, or the client has had enough."""
    while answer.size < most:
        data = b""
        with suppress(ConnectionError):
            data = await reader.read(min(PIECE, most - answer.size))
        if not data:
            return
        answer.add(data)
    answer.how = f"the client has left after {answer.size} bytes"


async def written(plan: Plan, writer: asyncio.StreamWriter) -> None:
    """Write the head, and the body as it is planned."""
    writer.write(plan.head())
    for chunk in plan.chunks:
        await asyncio.sleep(chunk.pause)
        writer.write(plan.framed(chunk.data))
        await writer.drain()
    if plan.whole:
        writer.write(plan.ending())
    await writer.drain()
