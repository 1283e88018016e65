"""The WebSocket of the right server, whatever carries it, and the faults that it may have."""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote

from wsproto.connection import Connection as Frames
from wsproto.connection import ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Message, Ping, TextMessage
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from lab.wire import MOUNT


@dataclass(frozen=True)
class Fault:
    """One thing that a wrong server does: to scopes, to events in either direction, or to written bytes.

    Each is a function of what it changes; one that returns None from an event takes the event away, and one
    that returns something from a scope puts that in its place.
    """

    name: str
    scope: object = None
    received: object = None
    sent: object = None
    written: object = None


RIGHT = Fault("right")
ASKS_THE_PROBE = re.compile(rb"/lab/(seen|settled)/")  # for what was seen, which no fault changes


def told(target, writer):
    """What a scope says of a target, and of the connection that it was asked for on."""
    raw_path, _, query = target.partition(b"?")
    server = writer.get_extra_info("sockname")
    on_socket = isinstance(server, str)  # and then it is mounted
    root = MOUNT if on_socket else ""
    return {
        "scheme": "https" if writer.get_extra_info("ssl_object") else "http",
        "path": root + unquote(raw_path.decode("utf-8", "replace")),
        "raw_path": raw_path,
        "query_string": query,
        "root_path": root,
        "client": None if on_socket else list(writer.get_extra_info("peername")),
        "server": [server, None] if on_socket else list(server),
    }


class Side:
    """The server's side of a connection or of a stream: its application, and what is spoiled."""

    def __init__(self, app, fault):
        self.app, self.fault = app, fault
        self.gone = asyncio.Event()  # the client is

    def to_app(self, event):
        """What the application gets of an event."""
        return self.fault.received(dict(event)) if self.fault.received else event

    def from_app(self, event):
        """What is done of what the application sends."""
        return self.fault.sent(dict(event)) if self.fault.sent else event

    async def call(self, scope, receive, send):
        """Call the application. True if it has raised."""
        if self.fault.scope:
            scope = self.fault.scope(scope) or scope
        try:
            await self.app(scope, receive, send)
        except Exception:
            return True
        return False


class Socket:
    """One WebSocket."""

    def __init__(self, connection, scope, headers):
        self.connection = connection
        self.headers = dict(headers)
        offered = b",".join(value for name, value in headers if name == b"sec-websocket-protocol").decode()
        self.scope = {**scope, "type": "websocket", "scheme": scope["scheme"].replace("http", "ws")}
        self.scope["subprotocols"] = [name.strip() for name in offered.split(",") if name.strip()]
        self.scope["extensions"] = {"websocket.http.response": {}}
        self.scope.pop("method", None)
        self.state = "connecting"
        self.frames = Frames(ConnectionType.SERVER)
        self.events = [{"type": "websocket.connect"}]
        self.parts = []
        self.denial = None
        self.closed = None  # the code and the reason
        self.reading = asyncio.Lock()

    async def serve(self):
        if self.headers.get(b"sec-websocket-version") != b"13":
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
        """Complete the handshake."""
        headers = list(event.get("headers", ()))
        if event.get("subprotocol"):
            headers.insert(0, (b"sec-websocket-protocol", event["subprotocol"].encode()))
        self.state = "open"
        await self.connection.accept(headers)

    async def deny(self, event):
        """Say a response of the application's own."""
        if not event.get("more_body", False):
            self.state = "closed"
            self.ends(1006)
        await self.connection.answer(self.denial, event)
