"""HTTP/2 (RFC 9113): h2 for the frames, neither checking nor mending what a case wants to say or what comes
back.

Streams((send_headers(":path", ...), data(b"x", end=True), ANSWER))
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, NamedTuple

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    InformationalResponseReceived,
    PingAckReceived,
    PushedStreamReceived,
    RemoteSettingsChanged,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import H2Error, InvalidBodyLengthError

from ..evidence import Answer, Evidence, Pairs
from . import Place
from .http1 import Connection

Fields = tuple[tuple[str, str], ...]
HEAD = 9  # bytes of the head of a frame (RFC 9113, 4.1)


class Step(NamedTuple):
    """One thing that the client does on a stream: the streams are numbered 0, 1, 2 as they are opened."""

    does: Literal["headers", "data", "trailers", "reset", "answer", "head", "pause", "deaf", "raw", "hang up"]
    what: object = None
    end: bool = False
    stream: int = 0


def request(*fields: tuple[str, str], end: bool = True, stream: int = 0, **pseudo: str) -> Step:
    """The HEADERS of a request. Pseudo-headers that are not given are those of GET for the target of the
    case; `authority=""` leaves that one out, and so with the others. In the others, `{target}` stands for it.
    """
    return Step("headers", (pseudo, fields), end, stream)


def data(body: bytes, *, end: bool = False, stream: int = 0) -> Step:
    """A DATA frame."""
    return Step("data", body, end, stream)


def trailers(*fields: tuple[str, str], stream: int = 0) -> Step:
    """HEADERS that end the request."""
    return Step("trailers", fields, True, stream)


def reset(code: ErrorCodes = ErrorCodes.CANCEL, stream: int = 0) -> Step:
    """RST_STREAM."""
    return Step("reset", code, stream=stream)


def answer(stream: int = 0) -> Step:
    """Wait until the response on this stream is over."""
    return Step("answer", stream=stream)


def head(stream: int = 0) -> Step:
    """Wait until the response on this stream has begun."""
    return Step("head", stream=stream)


def pause(seconds: float) -> Step:
    """Go on reading, and say nothing, for a while."""
    return Step("pause", seconds)


def deaf(seconds: float) -> Step:
    """Read nothing for a while, so that no window is opened."""
    return Step("deaf", seconds)


def raw(frames: bytes) -> Step:
    """Bytes as they are."""
    return Step("raw", frames)


def frame(kind: int, payload: bytes = b"", *, flags: int = 0, stream: int = 0) -> bytes:
    """The bytes of a frame (RFC 9113, 4.1). `stream` is its real number: 1, 3, 5."""
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


HANG_UP = Step("hang up")


@dataclass(frozen=True)
class Streams:
    """One connection, and what is said on its streams. Responses that the steps have not awaited are
    awaited."""

    steps: tuple[Step, ...]

    async def __call__(self, place: Place, version: int, target: str, evidence: Evidence) -> None:
        connection = await Connection.opened(place, evidence, alpn=("h2",))
        try:
            await Speaker(connection, evidence, place, target).speaks(self.steps)
        finally:
            await connection.ends()


class Speaker:
    """The client's side of an HTTP/2 connection."""

    def __init__(self, connection: Connection, evidence: Evidence, place: Place, target: str) -> None:
        self.connection, self.evidence, self.place, self.target = connection, evidence, place, target
        self.h2 = H2Connection(
            H2Configuration(
                header_encoding=None,
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
                validate_inbound_headers=False,
                normalize_inbound_headers=False,
            )
        )
        self.h2.initiate_connection()
        self.ids: list[int] = []
        self.unread = b""  # the beginning of a frame
        self.over = False
        self.settled = False  # whether the server has said its settings,
        self.pongs = 0  # and how many of the client's pings it has answered

    async def speaks(self, steps: tuple[Step, ...]) -> None:
        """Do what the steps say."""
        for step in steps:
            # What h2 will not send is what the server has ended already: a stream, or the connection.
            with suppress(H2Error):
                await self.does(step)
            await self.flush()
            if step.does == "hang up":
                return
        for number, found in enumerate(self.evidence.answers):
            if found.ended == "open":
                await self.hears_until(number, whole=True)

    async def does(self, step: Step) -> None:
        """Do what one step says."""
        match step:
            case Step("headers", (dict() as pseudo, tuple() as fields)):
                self.ids.append(self.h2.get_next_available_stream_id())
                self.evidence.answers.append(Answer(http_version="2"))
                self.h2.send_headers(self.ids[-1], self.request(pseudo, fields), end_stream=step.end)
            case Step("data", bytes() as body):
                await self.sends(self.ids[step.stream], body, step.end)
            case Step("trailers", tuple() as fields):
                self.h2.send_headers(self.ids[step.stream], fields, end_stream=True)
            case Step("reset", ErrorCodes() as code):
                self.h2.reset_stream(self.ids[step.stream], code)
            case Step("raw", bytes() as frames):
                await self.flush()
                await self.connection.says(frames)
            case Step("pause", (int() | float()) as seconds):
                await self.hears_for(seconds)
            case Step("deaf", (int() | float()) as seconds):
                await self.flush()
                await asyncio.sleep(seconds)
            case Step("head" | "answer"):
                await self.hears_until(step.stream, whole=step.does == "answer")

    def request(self, pseudo: dict[str, str], fields: Fields) -> list[tuple[str, str]]:
        """The fields of a request."""
        scheme = "https" if self.place.tls else "http"
        whole = {"method": "GET", "scheme": scheme, "authority": self.place.authority, "path": self.target}
        others = [(name, value.replace("{target}", self.target)) for name, value in fields]
        return [*((f":{name}", value) for name, value in {**whole, **pseudo}.items() if value), *others]

    async def sends(self, stream: int, body: bytes, end: bool) -> None:
        """Send a body, in as many frames and with as many waits as flow control asks for."""
        rest = memoryview(body)
        while True:
            size = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size, len(rest))
            if size or not rest:
                self.h2.send_data(stream, rest[:size].tobytes(), end_stream=end and size == len(rest))
                rest = rest[size:]
                await self.flush()
            if not rest or self.over:
                return
            if not size:
                await self.hears()

    async def flush(self) -> None:
        if pending := self.h2.data_to_send():
            await self.connection.says(pending)

    async def hears(self) -> None:
        """Take what comes next. If nothing comes for PATIENCE, nothing more is waited for."""
        await self.flush()
        try:
            received = await self.connection.hears()
        except TimeoutError:
            self.over = True
            return
        if not received:
            self.cut()
            return
        self.unread += received
        for frame in self.frames():
            try:
                events = self.h2.receive_data(frame)
            except InvalidBodyLengthError:
                number = self.ids.index(int.from_bytes(frame[5:9], "big"))
                self.evidence.answers[number].ended = "malformed"
                self.cut()
                return
            except H2Error as error:
                # After a GOAWAY, h2 takes nothing more, though streams may go on.
                if self.evidence.goaway is None:
                    self.evidence.error = f"The server's frames are wrong: {error}"
                self.over = True
                return
            for event in events:
                self.take(event)
        await self.flush()

    def frames(self) -> Iterator[bytes]:
        """The frames that have come, one by one: h2 says nothing of those that came with a wrong one. What
        claims to be longer than a frame may be is none, and is left to h2."""
        while len(self.unread) >= HEAD:
            size = int.from_bytes(self.unread[:3], "big")
            end = HEAD + size if size <= self.h2.max_inbound_frame_size else len(self.unread)
            if len(self.unread) < end:
                return
            found, self.unread = self.unread[:end], self.unread[end:]
            yield found

    def cut(self) -> None:
        """Expect nothing more: what is not whole by now never will be."""
        self.over = True
        for found in self.evidence.answers:
            found.ended = "cut" if found.ended == "open" else found.ended

    async def hears_until(self, number: int, *, whole: bool) -> None:
        found = self.evidence.answers[number]
        while not self.over and found.ended == "open" and (whole or not found.status):
            await self.hears()

    async def hears_settings(self) -> None:
        """Wait for the settings of the server. Raises OSError where it sends none."""
        while not self.settled and not self.over:
            await self.hears()
        if not self.settled:
            raise ConnectionError("the server has sent no SETTINGS")

    async def pings(self) -> None:
        """Wait until the server has taken note of all that was said."""
        wanted = self.pongs + 1
        self.h2.ping(b"are you?")
        while self.pongs < wanted and not self.over:
            await self.hears()

    async def hears_for(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self.over:
                    await self.hears()

    def take(self, event: Event) -> None:
        """Write down an event."""
        if isinstance(event, ConnectionTerminated):
            self.evidence.goaway = int(event.error_code or 0)
            return
        self.settled |= isinstance(event, RemoteSettingsChanged)
        self.pongs += isinstance(event, PingAckReceived)
        number: int = getattr(event, "stream_id", None) or 0
        if isinstance(event, PushedStreamReceived):
            promising = self.evidence.answers[self.ids.index(event.parent_stream_id or 0)]
            promising.pushed.append(pairs(event.headers))
            return
        if number not in self.ids:
            return
        found = self.evidence.answers[self.ids.index(number)]
        match event:
            case InformationalResponseReceived():
                fields = pairs(event.headers)
                found.informational.append((int(dict(fields)[":status"]), fields[1:]))
            case ResponseReceived():
                fields = pairs(event.headers)
                found.status = int(dict(fields).get(":status", "0"))
                found.headers = [pair for pair in fields if not pair[0].startswith(":")]
            case TrailersReceived():
                found.trailers = pairs(event.headers)
            case DataReceived():
                found.body += event.data or b""
                found.chunks.append(event.data or b"")
                self.h2.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id)
            case StreamEnded():
                found.ended = "whole"
            case StreamReset():
                # After the end of the response it only says that the rest of the request is not wanted.
                found.ended = "reset" if found.ended == "open" else found.ended
                found.reason = ErrorCodes(event.error_code).name if event.error_code is not None else ""


def pairs(fields: object) -> Pairs:
    """The fields as text, with their names as they were sent."""
    return [(bytes(name).decode("latin-1"), bytes(value).decode("latin-1")) for name, value in fields or ()]  # type: ignore[attr-defined]
