"""WebSocket over HTTP/1.1 (RFC 6455): the handshake as bytes, wsproto for frames, bytes for what it would
refuse.

Socket(say("hello"), HEAR, close(1000))
"""

import asyncio
import base64
import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, NamedTuple

from wsproto.connection import Connection as Frames
from wsproto.connection import ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, Pong, TextMessage
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from ..evidence import Evidence, Frame
from . import PATIENCE, Place
from .http1 import QUIET, Connection, Reading

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Step(NamedTuple):
    """One thing that the client does once the handshake is over."""

    does: Literal["say", "raw", "hear", "close", "pause", "vanish", "reset"]
    what: object = None


def say(message: str | bytes) -> Step:
    """Send a message in one frame."""
    return Step("say", message)


def raw(data: bytes) -> Step:
    """Send bytes as they are, right or wrong."""
    return Step("raw", data)


def close(code: int | None = 1000, reason: str = "") -> Step:
    """Send a close frame, and wait for the server to answer it."""
    return Step("close", (code, reason))


def pause(seconds: float) -> Step:
    """Do nothing for a while."""
    return Step("pause", seconds)


def hear(messages: int) -> Step:
    """Wait for so many messages more, or for the end."""
    return Step("hear", messages)


HEAR = hear(1)
HEAR_ALL = Step("hear", None)  # until the server closes, or says nothing for QUIET
VANISH = Step("vanish")  # close the connection without a close frame
RESET = Step("reset")  # break it off


def frame(opcode: int, payload: bytes, *, fin: bool = True, masked: bool = True, rsv: int = 0) -> bytes:
    """The bytes of a frame (RFC 6455, 5.2), masked with a fixed key, or not masked at all."""
    head = bytes([(fin << 7) | (rsv << 4) | opcode])
    size = len(payload)
    mark = masked << 7
    if size < 126:
        head += bytes([mark | size])
    elif size < 65536:
        head += bytes([mark | 126]) + size.to_bytes(2, "big")
    else:
        head += bytes([mark | 127]) + size.to_bytes(8, "big")
    if not masked:
        return head + payload
    key = b"\x01\x02\x03\x04"
    return head + key + bytes(byte ^ key[n % 4] for n, byte in enumerate(payload))


@dataclass(frozen=True)
class Socket:
    """Open a WebSocket and do what the steps say.

    `headers` come behind those of the handshake, of which `without` are left out. `below` and `query` come
    behind the target. Where the server does not accept, its response is the answer, and the steps are left.
    `early` is sent with the handshake. `leaves` is after how many seconds the client goes away, instead of
    waiting for the end of the handshake. `narrow` gives the kernel little room for what is not read yet.
    """

    steps: tuple[Step, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    without: tuple[str, ...] = ()
    query: str = ""
    below: str = ""
    early: bytes = b""
    leaves: float | None = None
    narrow: bool = False

    async def __call__(self, place: Place, version: int, target: str, evidence: Evidence) -> None:
        connection = await Connection.opened(place, evidence, narrow=self.narrow)
        key = base64.b64encode(os.urandom(16))
        lines = [
            f"GET {target}{self.below}{'?' if self.query else ''}{self.query} HTTP/1.1",
            *(
                f"{name}: {value}"
                for name, value in {
                    "host": place.authority,
                    "upgrade": "websocket",
                    "connection": "Upgrade",
                    "sec-websocket-key": key.decode(),
                    "sec-websocket-version": "13",
                }.items()
                if name not in self.without
            ),
            *(f"{name}: {value}" for name, value in self.headers),
        ]
        try:
            await connection.says("\r\n".join([*lines, "", ""]).encode("latin-1") + self.early)
            if self.leaves is not None:
                await asyncio.sleep(self.leaves)
                return
            reading = Reading(connection, evidence)
            await reading.upgraded()
            answer = evidence.answer
            if answer.status != 101:
                return
            accepted = base64.b64encode(hashlib.sha1(key + MAGIC).digest()).decode()  # noqa: S324 - RFC 6455, 4.2.2
            keyless = "sec-websocket-key" in self.without
            if answer.header("sec-websocket-accept") != [accepted] and not keyless:
                evidence.error = "The server's Sec-WebSocket-Accept is not the hash of the client's key."
                return
            await Conversation(connection, evidence).holds(self.steps)
        finally:
            await connection.ends()


class Conversation:
    """The frames of a WebSocket that is open, whatever carries them."""

    def __init__(self, connection: Connection, evidence: Evidence) -> None:
        self.connection, self.evidence = connection, evidence
        self.frames = Frames(ConnectionType.CLIENT)
        self.over = False
        self.parts: list[str | bytes] = []
        self.messages = 0

    async def holds(self, steps: tuple[Step, ...]) -> None:
        """Do what the steps say."""
        if self.connection.unread:
            await self.takes(self.connection.unread)
        for step in steps:
            match step:
                case Step("say", str() as text):
                    await self.says(TextMessage(text))
                case Step("say", bytes() as data):
                    await self.says(BytesMessage(data))
                case Step("raw", bytes() as data):
                    await self.connection.says(data)
                case Step("close", (int() | None as code, str() as reason)):
                    await self.says(CloseConnection(1005 if code is None else code, reason))
                    await self.hears(None)
                case Step("hear", int() | None as messages):
                    await self.hears(messages)
                case Step("pause", (int() | float()) as seconds):
                    await asyncio.sleep(seconds)
                case Step("vanish"):
                    return
                case Step("reset"):
                    self.connection.resets()
                    return

    async def says(self, event: Event) -> None:
        """Send a frame. Once the server has closed, it would be a mistake of ours, and is left."""
        with suppress(LocalProtocolError):
            await self.connection.says(self.frames.send(event))

    async def hears(self, messages: int | None) -> None:
        """Wait for so many messages more, or for the end."""
        wanted = None if messages is None else self.messages + messages
        while not self.over and (wanted is None or self.messages < wanted):
            try:
                data = await asyncio.wait_for(
                    self.connection.hears(), QUIET if messages is None else PATIENCE
                )
            except TimeoutError:
                return
            await self.takes(data)

    async def takes(self, data: bytes) -> None:
        """Take what came: b"" is the end, of which wsproto would make a close frame with 1006."""
        if not data or self.over:
            self.over = True
            return
        try:
            # What comes behind a close frame is nothing any more, and wsproto does not take it.
            with suppress(LocalProtocolError):
                self.frames.receive_data(data)
                for event in self.frames.events():
                    await self.take(event)
        except RemoteProtocolError as error:
            self.evidence.error = f"The server's frames are wrong: {error}"
            self.over = True

    async def take(self, event: object) -> None:
        match event:
            case TextMessage() | BytesMessage():
                self.parts.append(event.data if isinstance(event, TextMessage) else bytes(event.data))
                if event.message_finished:
                    if isinstance(event, TextMessage):
                        self.note(Frame("text", "".join(map(str, self.parts)).encode()))
                    else:
                        self.note(
                            Frame("bytes", b"".join(part for part in self.parts if isinstance(part, bytes)))
                        )
                    self.parts = []
                    self.messages += 1
            case CloseConnection():
                self.note(Frame("close", (event.reason or "").encode(), event.code))
                with suppress(LocalProtocolError):
                    await self.connection.says(self.frames.send(event.response()))
            case Ping():
                self.note(Frame("ping", bytes(event.payload)))
                await self.connection.says(self.frames.send(event.response()))
            case Pong():
                self.note(Frame("pong", bytes(event.payload)))

    def note(self, found: Frame) -> None:
        self.evidence.frames.append(found)
