"""The frames of a WebSocket (RFC 6455, 5): wsproto for those that are right, bytes for what it would refuse.

say("hello"), HEAR, close(1000)
"""

import asyncio
from contextlib import suppress
from typing import Literal, NamedTuple, Protocol

from wsproto.connection import Connection as Frames
from wsproto.connection import ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, Pong, TextMessage
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import LocalProtocolError

from ..evidence import Evidence, Frame
from . import PATIENCE
from .http1 import QUIET


class Step(NamedTuple):
    """One thing that the client does once the handshake is over."""

    does: Literal["say", "raw", "hear", "close", "pause", "end", "vanish", "reset"]
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
END = Step("end")  # say that nothing more comes, without a close frame: FIN, or END_STREAM
VANISH = Step("vanish")  # close the connection without a close frame
RESET = Step("reset")  # break it off: the connection, or the stream

# The states of wsproto in which the server has sent no close frame.
BEFORE_THE_CLOSE = (ConnectionState.OPEN, ConnectionState.LOCAL_CLOSING)


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


class Carrier(Protocol):
    """What carries the frames: a connection, or a stream of one."""

    unread: bytes
    is_shared: bool  # whether the connection goes on for others when the WebSocket is over

    async def says(self, data: bytes) -> None:
        """Send these bytes."""

    async def hears(self) -> bytes:
        """The next bytes; b"" once the server has closed."""

    async def says_no_more(self) -> None:
        """Close the client's side, and go on listening."""

    async def resets(self) -> None:
        """Break off."""


class Conversation:
    """The frames of a WebSocket that is open, whatever carries them."""

    def __init__(self, carrier: Carrier, evidence: Evidence) -> None:
        self.carrier, self.evidence = carrier, evidence
        self.frames = Frames(ConnectionType.CLIENT)
        self.over = False
        self.closed = False  # by a close frame of the server
        self.parts: list[str | bytes] = []
        self.messages = 0

    async def holds(self, steps: tuple[Step, ...]) -> None:
        """Do what the steps say."""
        if self.carrier.unread:
            await self.takes(self.carrier.unread)
        for step in steps:
            match step:
                case Step("say", str() as text):
                    await self.says(TextMessage(text))
                case Step("say", bytes() as data):
                    await self.says(BytesMessage(data))
                case Step("raw", bytes() as data):
                    await self.carrier.says(data)
                case Step("close", (int() | None as code, str() as reason)):
                    code = CloseReason.NO_STATUS_RCVD if code is None else code
                    await self.says(CloseConnection(code, reason))
                    await self.hears(None, and_more=not self.carrier.is_shared)
                case Step("hear", int() | None as messages):
                    await self.hears(messages)
                case Step("pause", (int() | float()) as seconds):
                    await asyncio.sleep(seconds)
                case Step("end"):
                    await self.carrier.says_no_more()
                case Step("vanish"):
                    return
                case Step("reset"):
                    await self.carrier.resets()
                    return

    async def says(self, event: Event) -> None:
        """Send a frame. Once the server has closed, it would be a mistake of ours, and is left."""
        with suppress(LocalProtocolError):
            await self.carrier.says(self.frames.send(event))

    async def hears(self, messages: int | None, *, and_more: bool = True) -> None:
        """Wait for so many messages more, or for the end: that is the server's close frame, or, if there may
        be more, that of what carries the frames."""
        wanted = None if messages is None else self.messages + messages
        patience = QUIET if messages is None else PATIENCE
        while not self.over and (wanted is None or self.messages < wanted) and (and_more or not self.closed):
            try:
                data = await asyncio.wait_for(self.carrier.hears(), patience)
            except TimeoutError:
                return
            await self.takes(data)

    async def takes(self, data: bytes) -> None:
        """Take what came: b"" is the end, of which wsproto would make a close frame with 1006."""
        if not data or self.over:
            self.over = True
            return
        # What comes behind a close frame is nothing any more, and wsproto does not take it.
        with suppress(LocalProtocolError):
            self.frames.receive_data(data)
            for event in self.frames.events():
                await self.take(event)

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
            # Of frames that are wrong wsproto makes a close frame, which none of the server's has been.
            case CloseConnection() if self.frames.state in BEFORE_THE_CLOSE:
                self.evidence.error = f"The server's frames are wrong: {event.reason}."
                self.over = True
            case CloseConnection():
                self.closed = True
                self.note(Frame("close", (event.reason or "").encode(), event.code))
                with suppress(LocalProtocolError):
                    await self.carrier.says(self.frames.send(event.response()))
            case Ping():
                self.note(Frame("ping", bytes(event.payload)))
                await self.carrier.says(self.frames.send(event.response()))
            case Pong():
                self.note(Frame("pong", bytes(event.payload)))

    def note(self, found: Frame) -> None:
        self.evidence.frames.append(found)
