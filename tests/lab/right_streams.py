"""The right server over HTTP/2: requests on its streams, and WebSockets (RFC 8441)."""

import asyncio
from contextlib import suppress

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, RequestReceived, StreamEnded, StreamReset, WindowUpdated
from h2.exceptions import H2Error, ProtocolError
from h2.settings import SettingCodes, Settings
from h2.utilities import HeaderValidationFlags, validate_headers

from tests.lab.right_exchange import Exchange
from tests.lab.right_socket import ASKS_THE_PROBE, RIGHT, Side, Socket, told

PREFACE = b"PRI * HTTP/2.0"
OF_REQUESTS = HeaderValidationFlags(
    is_client=False, is_trailer=False, is_response_header=False, is_push_promise=False
)


def malformed(fields):
    """Whether the fields make no request (RFC 9113, 8.1.1).

    h2 does not look at them by itself: for it, a `host` that is not the authority is malformed too, and what
    is malformed ends the connection.
    """
    if b":authority" in dict(fields):
        fields = [(name, value) for name, value in fields if name != b"host"]
    try:
        list(validate_headers(fields, OF_REQUESTS))
    except ProtocolError:
        return True
    return False


class Stream(Side):
    """One stream of a client."""

    exchange = Exchange
    raises = OSError  # out of a `send` to a client that has left

    def __init__(self, streams, number, fields):
        super().__init__(streams.app, streams.fault)
        self.streams, self.h2, self.id = streams, streams.h2, number
        self.incoming = asyncio.Queue()  # pieces of a body, b"" at its end, None when nothing more will come
        self.answers = False  # whether the head of a response is said
        self.pseudo = {name: value for name, value in fields if name.startswith(b":")}
        self.headers = [(name, value) for name, value in fields if not name.startswith(b":")]
        if b":authority" in self.pseudo:
            others = [pair for pair in self.headers if pair[0] != b"host"]
            self.headers = [(b"host", self.pseudo[b":authority"]), *others]
        if ASKS_THE_PROBE.search(self.pseudo.get(b":path", b"")):
            self.fault = RIGHT  # what was seen is told by a server that does nothing wrong

    async def serve(self):
        """Answer the request, or hold the WebSocket."""
        with suppress(H2Error, OSError):
            if self.pseudo.get(b":protocol") == b"websocket":
                await Socket(self, self.scope(), self.headers).serve()
                self.h2.end_stream(self.id)
                await self.streams.flush()
            elif self.pseudo[b":method"] == b"CONNECT":
                await self.refuse(501)
            else:
                await self.exchange(self, self.scope()).serve()

    def scope(self):
        """What the scope of a request and that of a WebSocket have in common."""
        return {
            "asgi": {"version": "3.0", "spec_version": "2.5"},
            "http_version": "2",
            "method": self.pseudo[b":method"].decode().upper(),
            **told(self.pseudo[b":path"], self.streams.writer),
            "headers": [[name, value] for name, value in self.headers],
        }

    def leave(self):
        """Take note that the client is gone."""
        self.gone.set()
        self.incoming.put_nowait(None)

    async def read(self):
        """What the client says next; b"" once it has ended the stream, or is gone."""
        data = await self.incoming.get()
        if not data:
            self.gone.set()
        return data or b""

    async def write(self, data, end=False):
        """Say something to the client. Raises OSError if it has gone."""
        try:
            while data or end:
                self.streams.room.clear()
                size = min(
                    self.h2.local_flow_control_window(self.id), self.h2.max_outbound_frame_size, len(data)
                )
                if size or not data:
                    self.h2.send_data(self.id, data[:size], end_stream=end and size == len(data))
                    await self.streams.flush()
                    data, end = data[size:], end and size < len(data)
                else:
                    await self.wait()
        except H2Error as error:
            raise ConnectionResetError("the client has left") from error

    async def wait(self):
        """Wait until there may be room in the window. Raises OSError if the client has gone."""
        if not self.gone.is_set():
            await self.streams.room.wait()
        if self.gone.is_set():
            raise ConnectionResetError("the client has left")

    async def head(self, status, headers):
        """Say the head of a response."""
        with suppress(H2Error):
            self.h2.send_headers(self.id, [(b":status", str(status).encode()), *headers])
            await self.streams.flush()

    async def trailers(self, fields):
        """End a response with trailers."""
        with suppress(H2Error):
            self.h2.send_headers(self.id, fields, end_stream=True)
            await self.streams.flush()

    async def reset(self):
        """End a response that is not whole."""
        with suppress(H2Error):
            self.h2.reset_stream(self.id, ErrorCodes.INTERNAL_ERROR)
            await self.streams.flush()

    async def refuse(self, status):
        """Answer what is not answered by the application."""
        await self.head(status, [(b"content-length", b"0")])
        with suppress(OSError):
            await self.write(b"", end=True)

    async def accept(self, headers):
        """Say 200."""
        await self.head(200, headers)

    async def answer(self, denial, event):
        """Say a piece of a response to a handshake, behind its head if that is not said yet."""
        if not self.answers:
            self.answers = True
            await self.head(denial["status"], list(denial.get("headers", ())))
        await self.write(event.get("body", b""), end=not event.get("more_body", False))

    async def push(self, event):
        """Promise a request to a client that takes promises, and answer it."""
        if self.h2.remote_settings.enable_push:
            fields = self.promised(event)
            number = self.h2.get_next_available_stream_id()
            self.h2.push_stream(self.id, number, fields)
            await self.streams.flush()
            self.streams.open(number, fields)
            self.streams.streams[number].incoming.put_nowait(b"")

    def promised(self, event):
        """The fields of a request that is pushed: from where that is which it is pushed for."""
        same = [(name, self.pseudo[name]) for name in (b":scheme", b":authority")]
        return [(b":method", b"GET"), *same, (b":path", event["path"].encode()), *event["headers"]]


class Streams:
    """One connection of a client, by HTTP/2."""

    stream = Stream

    def __init__(self, app, fault, reader, writer, first):
        self.app, self.fault, self.reader, self.writer, self.first = app, fault, reader, writer, first
        self.h2 = H2Connection(
            H2Configuration(client_side=False, header_encoding=None, validate_inbound_headers=False)
        )
        self.h2.local_settings = Settings(
            client=False, initial_values={SettingCodes.ENABLE_CONNECT_PROTOCOL: 1}
        )
        self.streams = {}
        self.tasks = []
        self.room = asyncio.Event()  # there is some in a window, or nobody there to wait for it

    async def serve(self):
        """Take streams until the connection is over."""
        self.h2.initiate_connection()
        data = self.first
        with suppress(ConnectionError):
            while data and await self.hear(data):
                data = await self.reader.read(65536)
        self.writer.close()
        for stream in self.streams.values():
            stream.leave()
        self.room.set()
        await asyncio.gather(*self.tasks)

    async def hear(self, data):
        """Take what the client says, and say whether to go on."""
        try:
            events = self.h2.receive_data(data)
        except H2Error:
            return await self.quit()
        for event in events:
            self.take(event)
        await self.flush()
        return True

    async def quit(self):
        """Say GOAWAY, which is what h2 has at hand when something is wrong."""
        await self.flush()
        return False

    def take(self, event):
        stream = self.streams.get(getattr(event, "stream_id", None))
        match event:
            case RequestReceived():
                if malformed(event.headers):
                    self.refuse(event)
                else:
                    self.open(event.stream_id, event.headers)
            case DataReceived():
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                if stream and event.data:
                    stream.incoming.put_nowait(event.data)
            case StreamEnded() if stream:
                stream.incoming.put_nowait(b"")
            case StreamReset() if stream:
                stream.leave()
                self.room.set()
            case WindowUpdated():
                self.room.set()

    def refuse(self, event):
        """End the stream of what is no request."""
        self.h2.reset_stream(event.stream_id, ErrorCodes.PROTOCOL_ERROR)

    def open(self, number, fields):
        """Answer what is asked on a new stream."""
        stream = self.streams[number] = self.stream(self, number, fields)
        self.tasks.append(asyncio.create_task(stream.serve()))

    async def flush(self):
        self.writer.write(self.h2.data_to_send())
        await self.writer.drain()
