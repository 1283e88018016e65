"""A WebSocket of the client beside the server, over HTTP/1.1.

It is what a browser's is not: its handshake has the headers that are planned, a message comes in fragments,
and it ends by any code, or by none.
"""

import asyncio
import base64
import hashlib
import os
import re
from asyncio import StreamReader, StreamWriter
from collections.abc import Mapping
from contextlib import suppress

from .answered import WebSocketAnswer, closing_of
from .frames import CLOSE, PING, PONG, Frame, FrameError, read_frame
from .websocket_plan import WebSocketPlan

PIECE = 64 * 1024  # bytes that are read at a time
GOODBYE = 1.0  # seconds that a client stays after its last message, if it was not told when to leave
CLOSING = 2.0  # seconds that it waits for an answer to its close frame, and for the end of the connection
SILENCE = 1.0  # seconds after which a refusal of unknown length is taken to be whole
MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # what is hashed with the key (RFC 6455, 1.3)


class WebSocket:
    """A WebSocket over a connection of its own, as far as it has come."""

    is_open = has_left = False

    def __init__(
        self, plan: WebSocketPlan, reader: StreamReader, writer: StreamWriter, answer: WebSocketAnswer
    ) -> None:
        self.plan, self.reader, self.writer, self.answer = plan, reader, writer, answer
        self.loop = asyncio.get_running_loop()
        self.timers: list[asyncio.TimerHandle] = []

    async def hold(self, most: int) -> None:
        """Do what is planned, until either side has left, or until so many bytes have come."""
        plan, key = self.plan, base64.b64encode(os.urandom(16)).decode()
        speaking: asyncio.Future[None] | None = None
        try:
            await self.write(plan.head(key))
            if plan.leaves == "handshake":
                self.answer.how = "the client has left before its handshake was answered"
                return
            if plan.leave_seconds:
                self.after(plan.leave_seconds, f"the client has left after {plan.leave_seconds:g} seconds")
            if await self.is_accepted(plan.key(key), most):
                self.is_open = True
                speaking = asyncio.ensure_future(self.speak())
                await self.listen(most)
        finally:
            for timer in self.timers:
                timer.cancel()
            if speaking is not None:
                speaking.cancel()
                await asyncio.wait({speaking})

    async def is_accepted(self, key: str, most: int) -> bool:
        """Whether the answer to the handshake makes this a WebSocket; what it says otherwise is noted."""
        status, headers = 100, dict[str, str]()
        while 100 <= status < 200 and status != 101:
            try:
                head = await self.reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError as error:
                self.answer.add(error.partial)
                return False
            except asyncio.LimitOverrunError:
                self.answer.how = "the client has left: the head of the answer has no end"
                return False
            except ConnectionError:
                return False
            self.answer.add(head)
            status, headers = parsed(head)
        if status != 101:
            await self.hear_refusal(headers, most)
            return False
        hashed = hashlib.sha1(f"{key}{MAGIC}".encode("latin-1")).digest()  # noqa: S324 - it is what the RFC takes
        if headers.get("sec-websocket-accept") != base64.b64encode(hashed).decode():
            self.answer.how = "the client has left: Sec-WebSocket-Accept is not the hash of its key (4.1)"
            return False
        self.answer.subprotocol = headers.get("sec-websocket-protocol")
        return True

    async def hear_refusal(self, headers: Mapping[str, str], most: int) -> None:
        """Read the body of an answer that is no WebSocket."""
        length = headers.get("content-length", "")
        rest = min(most, int(length)) if re.fullmatch("[0-9]{1,15}", length) else most
        with suppress(TimeoutError, ConnectionError):
            while rest > 0:
                async with asyncio.timeout(SILENCE):
                    data = await self.reader.read(min(PIECE, rest))
                if not data:
                    break
                self.answer.add(data)
                rest -= len(data)
        if not self.has_left:
            self.answer.how = "the server has refused the handshake"

    async def speak(self) -> None:
        """Send the messages as they are planned, and leave after the last, if nothing else was planned."""
        for message in self.plan.messages:
            await asyncio.sleep(message.pause)
            for frame in self.plan.frames(message):
                await self.send(frame)
        if not (self.plan.leave_messages or self.plan.leave_seconds):
            self.after(GOODBYE, "the client has left after its last message")

    async def send(self, frame: Frame) -> None:
        """Send a frame. After a close frame nothing else is sent (5.5.1)."""
        if not self.has_left:
            self.answer.note("client", frame)
            await self.write(frame.written())

    async def write(self, data: bytes) -> None:
        """Write something. Whether the server is still there is known from what can be read."""
        with suppress(ConnectionError):
            self.writer.write(data)
            await self.writer.drain()

    async def listen(self, most: int) -> None:
        """Hear what the server says, until it has no more to say, or until the client has left."""
        answer, heard, messages = self.answer, 0, 0
        while heard < most:
            try:
                frame = await read_frame(self.reader, most - heard)
            except FrameError as error:
                answer.how = f"the client has left: {error}"
                return
            if frame is None:
                if not self.has_left:
                    answer.how = "the server has closed the connection without a close frame"
                return
            answer.note("server", frame)
            heard += len(frame.payload) + 2
            if frame.opcode == CLOSE:
                await self.closed(frame)
                return
            if frame.opcode == PING:
                await self.send(Frame(PONG, frame.payload))
            messages += frame.is_last and frame.opcode < CLOSE
            if messages == self.plan.leave_messages:
                self.leave(f"the client has left after {messages} of the server's messages")
        answer.how = f"the client has left after {heard} bytes"

    async def closed(self, frame: Frame) -> None:
        """Answer the server's close frame, if it is not the answer itself, and wait for the end (7.1.1)."""
        answer = self.answer
        answer.code, answer.reason = closing_of(frame)
        if self.has_left:
            answer.how += ", and the server has answered its close frame"
        else:
            answer.how = "the server has closed the WebSocket"
            await self.send(frame)
            self.has_left = True
        self.timers.append(self.loop.call_later(CLOSING, self.writer.transport.abort))
        with suppress(ConnectionError):
            while await self.reader.read(PIECE):
                pass

    def after(self, seconds: float, why: str) -> None:
        """Leave after so many seconds."""
        self.timers.append(self.loop.call_later(seconds, self.leave, why))

    def leave(self, why: str) -> None:
        """Leave as it is planned: by a close frame, which waits for its answer, or without one."""
        if self.has_left:
            return
        self.has_left, self.answer.how = True, why
        if self.is_open and self.plan.leaves == "close":
            frame = self.plan.close()
            self.answer.note("client", frame)
            self.writer.write(frame.written())
            self.timers.append(self.loop.call_later(CLOSING, self.writer.transport.abort))
        else:
            self.writer.transport.abort()


def parsed(head: bytes) -> tuple[int, dict[str, str]]:
    """The status of an answer, and its headers by their names in small letters."""
    first, *lines = head.decode("latin-1").split("\r\n")
    status = re.fullmatch(r"HTTP/1\.[01] ([0-9]{3})(?: .*)?", first)
    pairs = [line.partition(":") for line in lines if ":" in line]
    return int(status[1]) if status else 0, {name.lower(): value.strip() for name, _, value in pairs}
