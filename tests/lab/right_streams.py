"""The right server over HTTP/2: it takes WebSockets on its streams (RFC 8441), and nothing else."""

import asyncio
from contextlib import suppress

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded, StreamReset, WindowUpdated
from h2.exceptions import H2Error
from h2.settings import SettingCodes, Settings

from tests.lab.right_socket import Side, Socket, told

PREFACE = b"PRI * HTTP/2.0"


class Streams:
    """One connection of a client, by HTTP/2."""

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
        self.room = asyncio.Event()  # there is some in a window

    async def serve(self):
        """Take streams until the connection is over."""
        self.h2.initiate_connection()
        data = self.first
        with suppress(ConnectionError):
            while data:
                for event in self.h2.receive_data(data):
                    self.take(event)
                await self.flush()
                data = await self.reader.read(65536)
        for stream in self.streams.values():
            stream.incoming.put_nowait(b"")
        await asyncio.gather(*self.tasks)

    def take(self, event):
        match event:
            case RequestReceived():
                stream = self.streams[event.stream_id] = Stream(self, event)
                self.tasks.append(asyncio.create_task(stream.serve()))
            case DataReceived():
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                self.streams[event.stream_id].incoming.put_nowait(event.data)
            case StreamEnded() | StreamReset():
                self.streams[event.stream_id].incoming.put_nowait(b"")
            case WindowUpdated():
                self.room.set()

    async def flush(self):
        self.writer.write(self.h2.data_to_send())
        await self.writer.drain()


class Stream(Side):
    """One stream of a client."""

    def __init__(self, streams, event):
        super().__init__(streams.app, streams.fault)
        self.streams, self.h2, self.id = streams, streams.h2, event.stream_id
        self.incoming = asyncio.Queue()
        self.answers = False  # whether the head of a response is said
        self.pseudo = {name: value for name, value in event.headers if name.startswith(b":")}
        self.headers = [(b"host", self.pseudo[b":authority"])]
        self.headers += [pair for pair in event.headers if pair[0][:1] != b":" and pair[0] != b"host"]

    async def serve(self):
        """Hold the WebSocket, and end the stream."""
        scope = {
            "asgi": {"version": "3.0", "spec_version": "2.5"},
            "http_version": "2",
            **told(self.pseudo[b":path"], self.streams.writer),
            "headers": [[name, value] for name, value in self.headers],
        }
        await Socket(self, scope, self.headers).serve()
        with suppress(H2Error, OSError):
            self.h2.end_stream(self.id)
            await self.streams.flush()

    async def read(self):
        """What the client says next; b"" once it has ended the stream, or is gone."""
        data = await self.incoming.get()
        if not data:
            self.gone.set()
        return data

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
                    await self.streams.room.wait()
        except H2Error as error:
            raise ConnectionResetError("the client has left") from error

    async def head(self, status, headers):
        """Say the head of a response."""
        with suppress(H2Error):
            self.h2.send_headers(self.id, [(b":status", str(status).encode()), *headers])
            await self.streams.flush()

    async def refuse(self, status):
        """Answer what becomes no WebSocket."""
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
