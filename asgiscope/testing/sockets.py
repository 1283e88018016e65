"""The client's end of a WebSocket, for a test."""

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

from ..contract.extensions import DENIAL
from ..contract.websocket import ACCEPT, CLOSE, SEND_, SEND_FIELDS
from ..conversation import ClientLeft, Conversation
from ..recorder import Application
from .call import TIMEOUT, Call, Calls, StillRunning, finish
from .library import any_library
from .refusal import kind_of
from .scopes import PORTS, RAW, Extensions, offers, paths, versions

Headers = Mapping[str, str] | Iterable[tuple[str, str]]

OPENING, OPEN, DENYING, CLOSED = "opening", "open", "being denied", "closed"
# What the application may send, and where that leads to.
MOVES = {
    OPENING: {ACCEPT: OPEN, CLOSE: CLOSED, f"{DENIAL}.start": DENYING},
    OPEN: {SEND_: OPEN, CLOSE: CLOSED},
    DENYING: {f"{DENIAL}.body": DENYING},
    CLOSED: {},
}


class WebSocketClosed(ConnectionError):
    """The application has closed the connection: `code` and `reason` say how.

    One that has returned without a word has closed it as well, with 1006, the code of a lost connection.
    """

    def __init__(self, code: int, reason: str, why: str = "") -> None:
        super().__init__(f"the application has closed the connection with {code} {reason or why}".rstrip())
        self.code = code
        self.reason = reason


class WebSocketDenied(ConnectionError):
    """The application has refused the handshake; `response`, a response of httpx, is what it answered."""

    def __init__(self, response: Any) -> None:
        super().__init__(f"the application has refused the handshake with {response.status_code}")
        self.response = response


class WebSocketCall(Call):
    """A WebSocket, as its server sees it."""

    KINDS = SEND_FIELDS

    state = OPENING
    code, reason = 1006, ""  # of the disconnect

    async def receive(self) -> dict[str, Any]:
        await self.until(lambda: self.said or self.left or self.state == CLOSED)
        return self.said.popleft() if self.said else await self.farewell()

    async def farewell(self) -> dict[str, Any]:
        return {**await super().farewell(), "code": self.code, "reason": self.reason}

    async def send(self, event: Any) -> None:
        if self.left:
            await self.refuse()
            return
        kind = kind_of(event, SEND_FIELDS, self.scope)
        if kind not in SEND_FIELDS:  # It is of an extension that only the test knows.
            return
        if kind not in MOVES[self.state]:
            raise RuntimeError(f"{kind!r} has no place while the connection is {self.state}")
        text, data = event.get("text"), event.get("bytes")
        if kind == SEND_ and (text is None) == (data is None):
            raise ValueError(f"{kind!r} has either a text or bytes: {event!r}")
        if kind == CLOSE and self.state == OPEN:
            self.code, self.reason = event.get("code", 1000), event.get("reason") or ""
        last = self.state == DENYING and not event.get("more_body", False)
        self.state = CLOSED if last else MOVES[self.state][kind]
        await self.put(event, len(text or data or b""))

    async def accepted(self, timeout: float) -> dict[str, Any]:
        """The event that accepts the connection."""
        event = await self.hear_within(timeout, "not answered 'websocket.connect'")
        if event is None:
            if self.error is not None:
                raise self.error
            raise ConnectionError("the application has returned, and not answered 'websocket.connect'")
        if event["type"] != ACCEPT:
            raise WebSocketDenied(await self.denial(event, timeout))
        return event  # type: ignore[no-any-return]

    async def denial(self, event: dict[str, Any], timeout: float) -> Any:
        """The response that refuses the handshake: 403, unless the application has one of its own."""
        library = any_library()
        if event["type"] == CLOSE:
            return library.Response(403)
        body = []
        while (part := await self.hear_within(timeout, "not ended its response")) is not None:
            body.append(part.get("body", b""))
            if not part.get("more_body", False):
                return library.Response(
                    event["status"], headers=list(event.get("headers", ())), content=b"".join(body)
                )
        if self.error is not None:
            raise self.error
        raise ConnectionError("the application has ended in the middle of its response")


class WebSocket:
    """An open WebSocket: `subprotocol` and `headers` are those that the application has accepted it with.

    Whoever waits for a message waits for `timeout` seconds, if nothing else is said.
    """

    def __init__(self, call: WebSocketCall, accept: Mapping[str, Any], timeout: float) -> None:
        self._call = call
        self._closed: BaseException | None = None  # what has been raised, as nothing more will come
        self.conversation: Conversation | None = call.conversation
        self.subprotocol: str | None = accept.get("subprotocol")
        self.headers: list[tuple[bytes, bytes]] = [(name, value) for name, value in accept.get("headers", ())]
        self.timeout = timeout

    async def send(self, message: str | bytes) -> None:
        """Send a text, or bytes."""
        if not isinstance(message, str | bytes):
            raise TypeError(f"a message is a str or bytes, not {message!r}")
        if self._call.left:
            raise RuntimeError("this end of the connection is closed")
        self._call.say(
            {"type": "websocket.receive", "text" if isinstance(message, str) else "bytes": message}
        )

    async def send_json(self, value: Any) -> None:
        """Send a value as JSON, in a text."""
        await self.send(json.dumps(value))

    async def receive(self, timeout: float | None = None) -> str | bytes:
        """The next message.

        Raises WebSocketClosed when the application has closed the connection, and its own exception if it
        raised one. Raises TimeoutError if it sends nothing for so many seconds; the application runs on.
        """
        if self._closed is not None:
            raise self._closed
        call = self._call
        event = await call.hear_within(self.timeout if timeout is None else timeout, "sent no message")
        if event is None:
            if call.left:
                raise RuntimeError("this end of the connection is closed")
            self._closed = call.error or WebSocketClosed(1006, "", "as it has returned without closing it")
        elif event["type"] == CLOSE:
            self._closed = WebSocketClosed(call.code, call.reason)
        else:
            text: str | None = event.get("text")
            return event["bytes"] if text is None else text
        raise self._closed

    async def receive_text(self, timeout: float | None = None) -> str:
        """The next message, which has to be a text. Raises TypeError for another one."""
        message = await self.receive(timeout)
        if not isinstance(message, str):
            raise TypeError(f"the application has sent bytes, and no text: {message[:100]!r}")
        return message

    async def receive_bytes(self, timeout: float | None = None) -> bytes:
        """The next message, which has to be bytes. Raises TypeError for another one."""
        message = await self.receive(timeout)
        if not isinstance(message, bytes):
            raise TypeError(f"the application has sent a text, and no bytes: {message[:100]!r}")
        return message

    async def receive_json(self, timeout: float | None = None) -> Any:
        """The next message, read as JSON. Raises ValueError for what is none."""
        return json.loads(await self.receive(timeout))

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        """The messages, until the application closes the connection."""
        try:
            while True:
                yield await self.receive()
        except WebSocketClosed:
            return

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection: the application is told, behind what was sent to it before."""
        if self._call.state == OPEN and not self._call.left:
            self._call.code, self._call.reason = code, reason
        self._call.leave()

    def vanish(self) -> None:
        """Lose the connection without a word: the application is told the code 1006."""
        self._call.leave()


@asynccontextmanager
async def websocket(
    app: Application,
    target: str = "/",
    *,
    subprotocols: Sequence[str] = (),
    headers: Headers = (),
    scheme: str = "ws",
    host: str = "testserver",
    http_version: str = "1.1",
    spec_version: str | None = "2.5",
    extensions: Extensions = (DENIAL,),
    client: tuple[str, int] | None = ("127.0.0.1", 123),
    server: tuple[str, int | None] | None = None,
    root_path: str = "",
    state: dict[str, Any] | None = None,
    timeout: float = TIMEOUT,
    strict: bool = False,
    calls: Calls | None = None,
) -> AsyncIterator[WebSocket]:
    """Open a WebSocket to an application; the block has the client's end, and closes it (www.rst, WebSocket).

    `target` is a path, and maybe a query; what is not said here is as for ASGITransport. When the block has
    been left, the application has ended.

    Raises WebSocketDenied if the application refuses the handshake, ConnectionError if it returns without an
    answer, and TimeoutError if it gives none for `timeout` seconds. Raises its own exception if the block has
    not seen it, but for ClientLeft, which is how a `send` behind the end fails. Raises StillRunning if it has
    not ended so long after the connection has, and cancels it.
    """
    path, _, query = target.partition("?")
    root_path = root_path.rstrip("/")
    decoded, raw_path = paths(quote(path, safe=RAW).encode("ascii"), root_path)
    scope: dict[str, Any] = {
        "type": "websocket",
        "asgi": versions(spec_version),
        "http_version": http_version,
        "scheme": scheme,
        "path": decoded,
        "raw_path": raw_path,
        "query_string": quote(query, safe=f"{RAW}?").encode("ascii"),
        "root_path": root_path,
        "headers": handshake(host, subprotocols, headers, http_version),
        "client": client,
        "server": server or (host, PORTS[scheme]),
        "subprotocols": list(subprotocols),
        "extensions": offers(extensions),
    }
    if state is not None:
        scope["state"] = state.copy()
    call = WebSocketCall(Calls(app, strict=strict) if calls is None else calls, scope)
    call.begin()
    call.say({"type": "websocket.connect"})
    try:
        socket = WebSocket(call, await call.accepted(timeout), timeout)
        yield socket
        await socket.close()
    except BaseException as error:
        call.leave()
        try:
            await finish([call], timeout)
        except StillRunning as running:
            error.add_note(str(running))
        raise
    await finish([call], timeout)
    if call.error is not None and call.error is not socket._closed and not isinstance(call.error, ClientLeft):
        raise call.error


def handshake(
    host: str, subprotocols: Sequence[str], headers: Headers, http_version: str
) -> list[tuple[bytes, bytes]]:
    """The headers of a client's handshake (RFC 6455 4.1, RFC 8441 5), and what the test has said instead."""
    pairs = {"host": host, "sec-websocket-version": "13"}
    if http_version == "1.1":
        pairs |= {
            "connection": "Upgrade",
            "upgrade": "websocket",
            "sec-websocket-key": "YXNnaXNjb3BlIHRlc3RpbmcK",
        }
    if subprotocols:
        pairs["sec-websocket-protocol"] = ", ".join(subprotocols)
    own = [
        (name.lower(), value)
        for name, value in (headers.items() if isinstance(headers, Mapping) else headers)
    ]
    given = {name for name, _ in own}
    return [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in [*((name, value) for name, value in pairs.items() if name not in given), *own]
    ]
