"""A small server that does what the specification says, for the cases to be tried on, and how to spoil it.

HTTP/1.1 by h11, and WebSocket, also over HTTP/2, each as `Case.start` has it: no lifespan, and no extensions
but websocket.http.response. A `Fault` changes one thing of what passes through it.
"""

import asyncio
import base64
import hashlib
import secrets
import ssl
from contextlib import asynccontextmanager, suppress
from tempfile import TemporaryDirectory

import h11

from lab.hosts import seen
from lab.wire import SOCKET, Place
from servers.certificate import CERTIFICATE, KEY, make_certificate
from servers.process import ROOT
from tests.lab.right_socket import ASKS_THE_PROBE, RIGHT, Side, Socket, told
from tests.lab.right_streams import PREFACE, Streams

TOKEN = secrets.token_hex(8)
MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def serving(app, fault=RIGHT):
    """The right server, or one with a fault, as a host for the runner."""

    def protocol(first):
        return fault, Streams if first.startswith(PREFACE) else Connection

    return hosted(app, protocol)


@asynccontextmanager
async def hosted(app, protocol):
    """A server, as a host for the runner. `protocol` says of the first bytes of a connection what fault it
    has, and what takes it."""
    tasks = set()

    async def connected(reader, writer):
        tasks.add(asyncio.current_task())
        try:
            first = await reader.read(65536)
            fault, taking = protocol(first)
            await taking(app, fault, reader, writer, first).serve()
        finally:
            tasks.discard(asyncio.current_task())
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()

    with TemporaryDirectory() as folder:
        here = Here(connected, folder)
        here.port = (await here.place(1)).port
        try:
            yield here
        finally:
            for server in here.servers.values():
                server.close()
            for task in list(tasks):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


class Here:
    """The host that such a server is."""

    name, versions, token = "right", (1,), TOKEN

    def __init__(self, connected, folder):
        self.connected, self.folder = connected, folder
        self.servers = {}  # by how they are started
        self.lock = asyncio.Lock()
        self.printed = None  # what it has printed, if it is to count as ended
        self.renewed = 0

    def can_hold(self, case):
        return True

    async def place(self, version, start=None):
        start = start or "clear"
        async with self.lock:
            if start not in self.servers:
                self.servers[start] = await self.listens(start)
        if start == "mounted":
            return Place("localhost", 0, uds=f"{self.folder}/{SOCKET}")
        port = self.servers[start].sockets[0].getsockname()[1]
        tls = start == "tls"
        return Place("127.0.0.1", port, tls, cafile=str(ROOT / CERTIFICATE) if tls else None)

    async def listens(self, start):
        if start == "mounted":
            return await asyncio.start_unix_server(self.connected, f"{self.folder}/{SOCKET}")
        context = None
        if start == "tls":
            make_certificate(ROOT)
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(ROOT / CERTIFICATE, ROOT / KEY)
            context.set_alpn_protocols(["h2", "http/1.1"])
        return await asyncio.start_server(self.connected, "127.0.0.1", 0, ssl=context)

    def is_at(self, place):
        return True

    def ended(self, place):
        return self.printed

    async def renew(self, place):
        self.renewed += 1

    async def stop(self):
        pass

    async def seen(self, run):
        return await seen(await self.place(1), 1, TOKEN, run)


class Connection(Side):
    """One connection of a client, by HTTP/1.1."""

    def __init__(self, app, fault, reader, writer, first):
        super().__init__(app, fault)
        self.reader, self.writer = reader, writer
        self.h11 = h11.Connection(h11.SERVER, max_incomplete_event_size=65536)
        self.h11.receive_data(first)

    async def serve(self):
        """Take requests until the connection is over."""
        while True:
            try:
                event = await self.next_event()
            except h11.RemoteProtocolError as error:
                await self.refuse(error.error_status_hint)
                return
            if not isinstance(event, h11.Request):
                return
            if event.http_version not in (b"1.0", b"1.1"):
                await self.refuse(505)
                return
            headers = [(name.lower(), value) for name, value in event.headers]
            if ASKS_THE_PROBE.search(event.target):
                self.fault = RIGHT  # what was seen is told by a server that does nothing wrong
            scope = self.scope_of(event, headers)
            if (b"upgrade", b"websocket") in [(name, value.lower()) for name, value in headers]:
                if dict(headers).get(b"sec-websocket-key"):
                    self.key = dict(headers)[b"sec-websocket-key"]
                    await Socket(self, scope, headers).serve()
                else:
                    await self.refuse(400)
                return
            await Exchange(self, scope).serve()
            if self.gone.is_set() or self.h11.our_state is not h11.DONE:
                return
            while self.h11.their_state is h11.SEND_BODY:
                with suppress(h11.RemoteProtocolError):
                    if isinstance(await self.next_event(), h11.ConnectionClosed):
                        return
            if self.h11.their_state is not h11.DONE:
                return
            self.h11.start_next_cycle()

    def scope_of(self, event, headers):
        """The scope of a request."""
        target = event.target
        if not target.startswith((b"/", b"*")):
            target = b"/" + target.partition(b"://")[2].partition(b"/")[2]
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.5"},
            "http_version": event.http_version.decode(),
            "method": event.method.decode().upper(),
            **told(target, self.writer),
            "headers": [[name, value] for name, value in headers],
            "extensions": {},
        }

    async def next_event(self):
        """The next event that h11 makes of what the client says."""
        while True:
            event = self.h11.next_event()
            if event is not h11.NEED_DATA:
                return event
            if self.h11.they_are_waiting_for_100_continue:
                await self.write(
                    self.h11.send(h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue"))
                )
            self.h11.receive_data(await self.read())

    async def read(self):
        """What the client says next; b"" once it has gone."""
        with suppress(ConnectionError):
            data = await self.reader.read(65536)
            if data:
                return data
        self.gone.set()
        return b""

    async def write(self, data):
        """Say something to the client. Raises OSError if it has gone."""
        if self.fault.written:
            data = self.fault.written(data)
        if data is None:
            self.writer.transport.abort()
            self.gone.set()
            raise ConnectionResetError("the fault has cut the connection")
        self.writer.write(data or b"")
        await self.writer.drain()

    async def refuse(self, status):
        """Answer what is no request."""
        with suppress(h11.LocalProtocolError, OSError):
            answer = h11.Response(
                status_code=status, headers=[("content-length", "0"), ("connection", "close")]
            )
            await self.write(self.h11.send(answer) + self.h11.send(h11.EndOfMessage()))

    async def accept(self, headers):
        """Say 101."""
        accepted = base64.b64encode(hashlib.sha1(self.key + MAGIC).digest())  # noqa: S324 - RFC 6455, 4.2.2
        lines = [b"upgrade: websocket", b"connection: Upgrade", b"sec-websocket-accept: " + accepted]
        lines += [name + b": " + value for name, value in headers]
        await self.write(b"\r\n".join([b"HTTP/1.1 101 Switching Protocols", *lines, b"", b""]))

    async def answer(self, denial, event):
        """Say a piece of a response to a handshake, behind its head if that is not said yet."""
        data = b""
        if self.h11.our_state is not h11.SEND_BODY:
            headers = list(denial.get("headers", ()))
            data = self.h11.send(h11.Response(status_code=denial["status"], headers=headers))
        if event.get("body"):
            data += self.h11.send(h11.Data(data=event["body"]))
        if not event.get("more_body", False):
            data += self.h11.send(h11.EndOfMessage()) or b""
        await self.write(data)


class Exchange:
    """One request and its response."""

    def __init__(self, connection, scope):
        self.connection, self.scope, self.h11 = connection, scope, connection.h11
        self.start = None
        self.over = asyncio.Event()
        self.whole = False  # the request

    async def serve(self):
        await self.connection.call(self.scope, self.receive, self.send)
        if self.over.is_set() or self.connection.gone.is_set():
            return
        if self.h11.our_state is h11.SEND_RESPONSE and self.start is None:
            await self.connection.refuse(500)
        self.connection.gone.set()

    async def receive(self):
        while True:
            event = await self.event()
            if (event := self.connection.to_app(event)) is not None:
                return event

    async def event(self):
        if self.over.is_set():
            return {"type": "http.disconnect"}
        if not self.whole:
            try:
                found = await self.connection.next_event()
            except h11.RemoteProtocolError:
                self.connection.gone.set()
                return {"type": "http.disconnect"}
            if isinstance(found, h11.Data):
                return {"type": "http.request", "body": bytes(found.data), "more_body": True}
            if isinstance(found, h11.EndOfMessage):
                self.whole = True
                return {"type": "http.request", "body": b"", "more_body": False}
        over = asyncio.create_task(self.over.wait())
        while not self.over.is_set() and not self.connection.gone.is_set():
            reading = asyncio.create_task(self.connection.read())
            await asyncio.wait({reading, over}, return_when=asyncio.FIRST_COMPLETED)
            if reading.done() and reading.result():
                self.h11.receive_data(reading.result())  # of the next request
            elif not reading.done():
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
        over.cancel()
        return {"type": "http.disconnect"}

    async def send(self, event):
        if self.connection.gone.is_set():
            raise OSError("the client has left")
        event = self.connection.from_app(event)
        if event is None:
            return
        match event["type"], self.start:
            case "http.response.start", None if not self.over.is_set():
                self.start = event
            case "http.response.body", dict():
                await self.body(event)
            case _:
                raise RuntimeError(f"{event['type']!r} has no place here")

    async def body(self, event):
        """Say a piece of the body, behind the head of the response if that is not said yet."""
        if self.over.is_set():
            raise RuntimeError("the response is over")
        data = b""
        if self.h11.our_state is h11.SEND_RESPONSE:
            data = self.h11.send(
                h11.Response(status_code=self.start["status"], headers=list(self.start.get("headers", ())))
            )
        if (piece := event.get("body", b"")) and self.scope["method"] != "HEAD":
            data += self.h11.send(h11.Data(data=piece)) or b""
        if not event.get("more_body", False):
            with suppress(h11.LocalProtocolError):
                data += self.h11.send(h11.EndOfMessage()) or b""
            self.over.set()
        await self.connection.write(data)
