"""The same client over HTTP/2: by prior knowledge in clear text, as no browser does, or by ALPN over TLS."""

import asyncio
from contextlib import suppress

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    InformationalResponseReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import ProtocolError

from .answered import Answer
from .plan import Plan

PIECE = 64 * 1024  # bytes that are read at a time
# What is about a connection is an error in a request of HTTP/2 (RFC 9113, 8.2.2).
CONNECTION = {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "host"}


class Stream:
    """A request over a connection of its own, as far as it has come."""

    def __init__(
        self, plan: Plan, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer
    ) -> None:
        self.plan, self.reader, self.writer, self.answer = plan, reader, writer, answer
        self.connection = H2Connection(H2Configuration())
        self.connection.initiate_connection()
        self.id = self.connection.get_next_available_stream_id()
        self.is_over = False
        self.room = asyncio.Event()  # set, when the server has taken something

    async def write(self, scheme: str) -> None:
        """Write the head, and the body as it is planned. Some wait for an empty frame at its end."""
        plan = self.plan
        host = next((value for name, value in plan.headers if name.lower() == "host"), "localhost")
        head = [(":method", plan.method), (":scheme", scheme), (":authority", host), (":path", plan.target)]
        head += [(name.lower(), value) for name, value in plan.headers if name.lower() not in CONNECTION]
        self.connection.send_headers(self.id, head)
        await self.flush()
        for chunk in plan.chunks:
            await asyncio.sleep(chunk.pause)
            await self.write_data(chunk.data)
        if plan.whole and not self.is_over:
            if plan.trailers:
                trailers = [(name.lower(), value) for name, value in plan.trailers]
                self.connection.send_headers(self.id, trailers, end_stream=True)
            else:
                self.connection.end_stream(self.id)
            await self.flush()

    async def write_data(self, data: bytes) -> None:
        """Write a piece of the body, as there is room for it."""
        while data and not self.is_over:
            most = min(
                self.connection.local_flow_control_window(self.id), self.connection.max_outbound_frame_size
            )
            if most <= 0:
                self.room.clear()
                await self.room.wait()
                continue
            self.connection.send_data(self.id, data[:most])
            data = data[most:]
            await self.flush()

    async def read(self, most: int) -> None:
        """Read until the stream is over, or the client has had enough."""
        while not self.is_over and self.answer.size < most:
            data = b""
            with suppress(ConnectionError):
                data = await self.reader.read(PIECE)
            if not data:
                return
            try:
                for event in self.connection.receive_data(data):
                    self.hear(event)
            except ProtocolError as error:
                self.answer.how = f"this is no HTTP/2: {error}"
                return
            self.room.set()
            await self.flush()
        if not self.is_over:
            self.answer.how = f"the client has left after {self.answer.size} bytes"
            self.connection.reset_stream(self.id, ErrorCodes.CANCEL)
            await self.flush()

    def hear(self, event: Event) -> None:
        """Note what the server says: headers and trailers in lines, and the body as it comes."""
        match event:
            case ResponseReceived() | InformationalResponseReceived() | TrailersReceived():
                lines = [name + b": " + value for name, value in event.headers or ()]
                self.answer.add(b"\r\n".join([*lines, b"", b""]))
            case DataReceived(data=bytes() as data, flow_controlled_length=int() as length):
                self.answer.add(data)
                self.connection.acknowledge_received_data(length, self.id)
            case StreamEnded():
                self.is_over, self.answer.how = True, "the server has ended the stream"
            case StreamReset():
                self.is_over, self.answer.how = True, f"the server has reset the stream: {event.error_code}"
            case ConnectionTerminated():
                self.answer.how = f"the server has ended the connection: {event.error_code}"

    async def flush(self) -> None:
        self.writer.write(self.connection.data_to_send())
        await self.writer.drain()
