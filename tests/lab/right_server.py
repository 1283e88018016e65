"""A small server that does what the specification says, for the cases to be tried on, and how to spoil it.

HTTP/1.1 by h11, WebSocket by wsproto, one connection after the other bytes: no TLS, no lifespan, no
extensions but websocket.http.response. A `Fault` changes one thing of what passes through it.
"""

import asyncio
import base64
import hashlib
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import unquote

import h11
from wsproto.connection import Connection as Frames
from wsproto.connection import ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Message, Ping, TextMessage
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from lab.hosts import seen
from lab.wire import Place

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass(frozen=True)
class Fault:
    """One thing that a wrong server does: to scopes, to events in either direction, or to written bytes.

    Each is a function of what it changes; one that returns None from an event takes the event away.
    """

    name: str
    scope: object = None
    received: object = None
    sent: object = None
    written: object = None


RIGHT = Fault("right")


@asynccontextmanager
async def serving(app, fault=RIGHT):
    """A server, as a host for the runner."""
    tasks = set()

    async def connected(reader, writer):
        tasks.add(asyncio.current_task())
        try:
            await Connection(app, fault, reader, writer).serve()
        finally:
            tasks.discard(asyncio.current_task())
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield Here(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Here:
    """The host that such a server is."""

    name, versions, token = "right", (1,), ""

    def __init__(self, port):
        self.port = port
        self.printed = None  # what it has printed, if it is to count as ended
        self.renewed = 0

    async def place(self, version):
        return Place("127.0.0.1", self.port)

    def is_at(self, place):
        return place.port == self.port

    def ended(self, place):
        return self.printed

    async def renew(self, place):
        self.renewed += 1

    async def stop(self):
        pass

    async def seen(self, run):
        return await seen(await self.place(1), 1, "", run)


class Connection:
    """One connection of a client."""

    def __init__(self, app, fault, reader, writer):
        self.app, self.fault, self.reader, self.writer = app, fault, reader, writer
        self.h11 = h11.Connection(h11.SERVER, max_incomplete_event_size=65536)
        self.gone = asyncio.Event()  # the client is

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
            if b"/lab/seen/" in event.target:
                self.fault = RIGHT  # what was seen is told by a server that does nothing wrong
            scope = self.scope_of(event, headers)
            if (b"upgrade", b"websocket") in [(name, value.lower()) for name, value in headers]:
                await Socket(self, scope, headers).serve()
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
        raw_path, _, query = target.partition(b"?")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.5"},
            "http_version": event.http_version.decode(),
            "method": event.method.decode().upper(),
            "scheme": "http",
            "path": unquote(raw_path.decode("latin-1").encode("latin-1").decode("utf-8", "replace")),
            "raw_path": raw_path,
            "query_string": query,
            "root_path": "",
            "headers": [[name, value] for name, value in headers],
            "client": list(self.writer.get_extra_info("peername")),
            "server": list(self.writer.get_extra_info("sockname")),
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

    def to_app(self, event):
        """What the application gets of an event."""
        return self.fault.received(dict(event)) if self.fault.received else event

    def from_app(self, event):
        """What is done of what the application sends."""
        return self.fault.sent(dict(event)) if self.fault.sent else event

    async def call(self, scope, receive, send):
        """Call the application. True if it has raised."""
        if self.fault.scope:
            self.fault.scope(scope)
        try:
            await self.app(scope, receive, send)
        except Exception:
            return True
        return False


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


class Socket:
    """One WebSocket."""

    def __init__(self, connection, scope, headers):
        self.connection = connection
        self.headers = dict(headers)
        offered = b",".join(value for name, value in headers if name == b"sec-websocket-protocol").decode()
        self.scope = {**scope, "type": "websocket", "scheme": "ws"}
        self.scope["subprotocols"] = [name.strip() for name in offered.split(",") if name.strip()]
        self.scope["extensions"] = {"websocket.http.response": {}}
        del self.scope["method"]
        self.state = "connecting"
        self.frames = Frames(ConnectionType.SERVER)
        self.events = [{"type": "websocket.connect"}]
        self.parts = []
        self.denial = None
        self.closed = None  # the code and the reason
        self.reading = asyncio.Lock()

    async def serve(self):
        key = self.headers.get(b"sec-websocket-key")
        if self.headers.get(b"sec-websocket-version") != b"13" or not key:
            await self.connection.refuse(400)
            return
        raised = await self.connection.call(self.scope, self.receive, self.send)
        if self.state in ("connecting", "denying"):
            await self.connection.refuse(500)
        elif self.state == "open":
            with suppress(OSError, LocalProtocolError):
                await self.connection.write(self.frames.send(CloseConnection(1011 if raised else 1000)))
        if self.state == "closing":
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    while not self.connection.gone.is_set() and self.closed is None:
                        await self.take()

    async def receive(self):
        async with self.reading:
            while True:
                while not self.events:
                    await self.take()
                if (event := self.connection.to_app(self.events.pop(0))) is not None:
                    return event

    def ends(self, code, reason=""):
        """Tell the application, once, that the connection is over."""
        if self.closed is None:
            self.closed = (code, reason)
        code, reason = self.closed
        self.events.append({"type": "websocket.disconnect", "code": code, "reason": reason or ""})

    async def take(self):
        """Take what the client says next."""
        if self.closed is not None or self.state == "closed":
            self.ends(1006)
            return
        data = await self.connection.read()
        if not data:
            self.ends(1006)
            return
        try:
            self.frames.receive_data(data)
            for event in self.frames.events():
                await self.take_event(event)
        except RemoteProtocolError as error:
            with suppress(OSError, LocalProtocolError):
                await self.connection.write(self.frames.send(CloseConnection(error.event_hint.code)))
            self.state = "closed"
            self.ends(1006)

    async def take_event(self, event):
        match event:
            case TextMessage() | BytesMessage():
                self.parts.append(event.data if isinstance(event, TextMessage) else bytes(event.data))
                if event.message_finished:
                    text = isinstance(event, TextMessage)
                    message = "".join(self.parts) if text else b"".join(self.parts)
                    self.parts = []
                    self.events.append({"type": "websocket.receive", "text" if text else "bytes": message})
            case Ping():
                await self.connection.write(self.frames.send(event.response()))
            case CloseConnection():
                if self.state == "open":
                    with suppress(OSError, LocalProtocolError):
                        await self.connection.write(self.frames.send(event.response()))
                    self.state = "closed"
                self.ends(event.code, event.reason)

    async def send(self, event):
        if self.connection.gone.is_set() or (self.closed and self.state == "closed"):
            raise OSError("the client has left")
        event = self.connection.from_app(event)
        if event is None:
            return
        match event["type"], self.state:
            case "websocket.accept", "connecting":
                await self.accept(event)
            case "websocket.send", "open":
                text, data = event.get("text"), event.get("bytes")
                message = Message(data if text is None else text)
                await self.connection.write(self.frames.send(message))
            case "websocket.close", "connecting":
                await self.connection.refuse(403)
                self.state = "closed"
                self.ends(1006)
            case "websocket.close", "open":
                code, reason = event.get("code", 1000), event.get("reason") or ""
                await self.connection.write(self.frames.send(CloseConnection(code, reason)))
                self.state = "closing"
            case "websocket.http.response.start", "connecting":
                self.denial = event
                self.state = "denying"
            case "websocket.http.response.body", "denying":
                await self.deny(event)
            case _:
                raise RuntimeError(f"{event['type']!r} has no place here")

    async def accept(self, event):
        """Say 101."""
        key = self.headers[b"sec-websocket-key"]
        accepted = base64.b64encode(hashlib.sha1(key + MAGIC).digest())  # noqa: S324 - RFC 6455, 4.2.2
        lines = [b"upgrade: websocket", b"connection: Upgrade", b"sec-websocket-accept: " + accepted]
        if event.get("subprotocol"):
            lines.append(b"sec-websocket-protocol: " + event["subprotocol"].encode())
        lines += [name + b": " + value for name, value in event.get("headers", ())]
        head = b"\r\n".join([b"HTTP/1.1 101 Switching Protocols", *lines, b"", b""])
        self.state = "open"
        await self.connection.write(head)

    async def deny(self, event):
        """Say a response of the application's own."""
        conn = self.connection.h11
        data = b""
        if conn.our_state is not h11.SEND_BODY:
            headers = list(self.denial.get("headers", ()))
            data = conn.send(h11.Response(status_code=self.denial["status"], headers=headers))
        if event.get("body"):
            data += conn.send(h11.Data(data=event["body"]))
        if not event.get("more_body", False):
            data += conn.send(h11.EndOfMessage()) or b""
            self.state = "closed"
            self.ends(1006)
        await self.connection.write(data)
