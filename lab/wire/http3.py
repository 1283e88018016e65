"""HTTP/3 (RFC 9114): aioquic for QUIC and for the frames. It is always encrypted."""

import asyncio
import time
from typing import Any, NamedTuple

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived, PushPromiseReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated, StreamReset

from ..evidence import Answer, Evidence, Pairs, Said
from . import PATIENCE, Place


class Request(NamedTuple):
    """A request: its body in pieces, each a DATA frame."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: tuple[bytes, ...] = ()
    trailers: tuple[tuple[str, str], ...] = ()


class Wire(QuicConnectionProtocol):
    """A connection whose events are put in a queue."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.h3 = H3Connection(self._quic)
        self.events: asyncio.Queue[Any] = asyncio.Queue(maxsize=10_000)

    def quic_event_received(self, event: Any) -> None:
        if isinstance(event, ConnectionTerminated | StreamReset):
            self.events.put_nowait(event)
        for found in self.h3.handle_event(event):
            self.events.put_nowait(found)

    async def wait_closed(self) -> None:
        """Wait for nothing: what comes late has no reader here, and to wait for it (RFC 9000, 10.2) takes
        longer than most cases do."""


async def exchange(
    place: Place, asked: Request, evidence: Evidence, *, pause: float = 0.0, leaves: str | None = None
) -> None:
    """Send a request, with a pause before each piece of its body, and read the answer. What was said is noted
    as frames, and not as the encrypted bytes."""
    configuration = QuicConfiguration(is_client=True, alpn_protocols=["h3"], server_name=place.authority)
    if place.cafile:
        configuration.load_verify_locations(place.cafile)
    began = time.monotonic()

    def note(by: Any, text: object) -> None:
        evidence.said.append(Said(by, round(time.monotonic() - began, 4), repr(text).encode()))

    answer = Answer(http_version="3")
    evidence.answers.append(answer)
    try:
        async with connect(
            place.host, place.port, configuration=configuration, create_protocol=Wire
        ) as connection:
            wire: Any = connection
            stream = wire._quic.get_next_available_stream_id()
            pseudo = ((":method", asked.method), (":scheme", "https"), (":authority", place.authority))
            fields = [*pseudo, (":path", asked.target), *asked.headers]
            encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
            note("client", fields)
            wire.h3.send_headers(stream, encoded, end_stream=not asked.body and not asked.trailers)
            for n, piece in enumerate(asked.body):
                if pause:
                    wire.transmit()
                    await asyncio.sleep(pause)
                note("client", piece)
                wire.h3.send_data(stream, piece, end_stream=n == len(asked.body) - 1 and not asked.trailers)
            if asked.trailers:
                encoded = [(name.encode(), value.encode()) for name, value in asked.trailers]
                wire.h3.send_headers(stream, encoded, end_stream=True)
            wire.transmit()
            while answer.ended == "open" and not (leaves == "head" and answer.status):
                try:
                    async with asyncio.timeout(PATIENCE):
                        event = await wire.events.get()
                except TimeoutError:
                    return
                note("server", event)
                take(event, stream, answer, evidence)
    except ConnectionError as error:
        raise OSError(f"no QUIC connection: {error}") from error


def take(event: Any, stream: int, answer: Answer, evidence: Evidence) -> None:
    """Write down an event."""
    match event:
        case ConnectionTerminated():
            evidence.closed = "closed"
            answer.ended = "cut"
        case PushPromiseReceived():
            answer.pushed.append(pairs(event.headers))
        case StreamReset(stream_id=number) if number == stream:
            answer.ended = "reset"
        case HeadersReceived(stream_id=number) if number == stream:
            fields = pairs(event.headers)
            status = int(dict(fields).get(":status", "0"))
            rest = [pair for pair in fields if not pair[0].startswith(":")]
            if 100 <= status < 200:
                answer.informational.append((status, rest))
            elif status:
                answer.status, answer.headers = status, rest
            else:
                answer.trailers = rest
            if event.stream_ended:
                answer.ended = "whole"
        case DataReceived(stream_id=number) if number == stream:
            answer.body += event.data
            answer.chunks.append(event.data)
            if event.stream_ended:
                answer.ended = "whole"


def pairs(fields: Any) -> Pairs:
    """The fields as text."""
    return [(bytes(name).decode("latin-1"), bytes(value).decode("latin-1")) for name, value in fields]
