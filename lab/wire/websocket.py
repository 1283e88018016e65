"""A WebSocket, over a connection of HTTP/1.1 (RFC 6455) or a stream of HTTP/2 (RFC 8441).

Socket((say("hello"), HEAR, close(1000)))
"""

import asyncio
import base64
import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass

from h2.exceptions import H2Error

from ..evidence import Answer, Evidence
from . import Place
from .frames import Conversation, Step
from .http1 import Connection, Reading
from .http2 import Speaker, data, request, reset

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
UNANNOUNCED = "It does not announce that it takes WebSockets over HTTP/2 (RFC 8441, 3)."


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
        connection = await Connection.opened(
            place, evidence, alpn=("h2",) if version == 2 else ("http/1.1",), narrow=self.narrow
        )
        target += f"{self.below}?{self.query}" if self.query else self.below
        over = {1: self.over_1, 2: self.over_2}[version]
        try:
            await over(connection, place, target, evidence)
        finally:
            await connection.ends()

    async def over_1(self, connection: Connection, place: Place, target: str, evidence: Evidence) -> None:
        """By an Upgrade, and then on the connection itself."""
        key = base64.b64encode(os.urandom(16))
        handshake = {
            "host": place.authority,
            "upgrade": "websocket",
            "connection": "Upgrade",
            "sec-websocket-key": key.decode(),
            "sec-websocket-version": "13",
        }
        lines = [
            f"GET {target} HTTP/1.1",
            *(f"{name}: {value}" for name, value in handshake.items() if name not in self.without),
            *(f"{name}: {value}" for name, value in self.headers),
        ]
        before = len(evidence.answers)
        await connection.says("\r\n".join([*lines, "", ""]).encode("latin-1") + self.early)
        with suppress(TimeoutError):
            async with asyncio.timeout(self.leaves):
                await Reading(connection, evidence).upgraded()
        answer = [*evidence.answers[before:], Answer()][0]
        if answer.status != 101:
            return
        accepted = base64.b64encode(hashlib.sha1(key + MAGIC).digest()).decode()  # noqa: S324 - RFC 6455, 4.2.2
        keyless = "sec-websocket-key" in self.without
        if answer.header("sec-websocket-accept") != [accepted] and not keyless:
            evidence.error = "The server's Sec-WebSocket-Accept is not the hash of the client's key."
            return
        await Conversation(connection, evidence).holds(self.steps)

    async def over_2(self, connection: Connection, place: Place, target: str, evidence: Evidence) -> None:
        """By an extended CONNECT, and then on its stream: there is no key, and nothing to upgrade."""
        speaker = Speaker(connection, evidence, place, target)
        await speaker.hears_settings()
        if not speaker.h2.remote_settings.enable_connect_protocol:
            evidence.unsupported = UNANNOUNCED
            return
        version = () if "sec-websocket-version" in self.without else (("sec-websocket-version", "13"),)
        fields = (*version, *self.headers)
        await speaker.does(request(*fields, method="CONNECT", protocol="websocket", end=False))
        if self.early:
            await speaker.does(data(self.early))
        with suppress(TimeoutError):
            async with asyncio.timeout(self.leaves):
                # A response that is no accept has a body.
                await speaker.hears_until(0, whole=False)
                if evidence.answer.status != 200:
                    await speaker.hears_until(0, whole=True)
        stream = Stream(speaker, evidence)
        if evidence.answer.status == 200:
            await Conversation(stream, evidence).holds(self.steps)
        else:
            stream.notes_end()


class Stream:
    """The stream of a WebSocket. As the connection is to one of HTTP/1.1, so is the stream to one of HTTP/2
    (RFC 8441, 5): the evidence says of it whether it is closed, or reset."""

    is_shared = True

    def __init__(self, speaker: Speaker, evidence: Evidence) -> None:
        self.speaker, self.evidence = speaker, evidence
        self.unread = b""

    async def says(self, data: bytes) -> None:
        """Send these bytes; to a stream that the server has ended, none."""
        with suppress(H2Error):
            await self.speaker.sends(self.speaker.ids[0], data, end=False)

    async def hears(self) -> bytes:
        """The next bytes. What is read as a body is frames here, and is taken away from it."""
        answer = self.evidence.answer
        while not answer.body and answer.ended == "open" and not self.speaker.over:
            await self.speaker.hears()
        found, answer.body, answer.chunks = answer.body, b"", []
        if not found:
            self.notes_end()
        return found

    def notes_end(self) -> None:
        """Write down whether the server has ended the stream, and how."""
        if self.evidence.answer.ended in ("whole", "reset"):
            self.evidence.closed = "closed" if self.evidence.answer.ended == "whole" else "reset"

    async def says_no_more(self) -> None:
        """END_STREAM."""
        with suppress(H2Error):
            await self.speaker.sends(self.speaker.ids[0], b"", end=True)

    async def resets(self) -> None:
        """RST_STREAM. The connection goes on until the server has taken note of it."""
        with suppress(H2Error):
            await self.speaker.does(reset())
            await self.speaker.pings()
