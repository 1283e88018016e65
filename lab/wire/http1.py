"""HTTP/1.0 and 1.1: bytes on a socket, and h11 to read what comes back."""

import asyncio
import re
import socket
import ssl
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Literal

import h11

from ..evidence import Answer, Evidence, Said
from . import PATIENCE, Place

Step = (
    bytes | Literal["interim", "head", "answer", "close"] | float | Literal["half-close", "hang up", "reset"]
)

QUIET = 0.8  # seconds in which a server that goes on would have said something


class Connection:
    """A connection to a server, and all that was said on it."""

    is_shared = False

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, evidence: Evidence
    ) -> None:
        self.reader, self.writer, self.evidence = reader, writer, evidence
        self.began = time.monotonic()
        self.unread = b""

    @classmethod
    async def opened(
        cls, place: Place, evidence: Evidence, alpn: tuple[str, ...] = ("http/1.1",), *, narrow: bool = False
    ) -> "Connection":
        """A new connection. Raises OSError where nobody listens."""
        context = context_of(place.cafile, alpn) if place.tls else None
        name = place.authority.partition(":")[0] if context else None
        family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
        client = socket.socket(socket.AF_UNIX if place.uds else family)
        client.setblocking(False)
        if narrow:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        try:
            await asyncio.get_running_loop().sock_connect(client, place.uds or (place.host, place.port))
        except OSError:
            client.close()
            raise
        reader, writer = await asyncio.open_connection(sock=client, ssl=context, server_hostname=name)
        return cls(reader, writer, evidence)

    async def says(self, data: bytes) -> None:
        """Send these bytes. A server that has closed already is no error, nor one that does not read: what it
        has said can still be read."""
        self.note("client", data)
        with suppress(ConnectionError, TimeoutError):
            if not self.writer.transport.is_closing():
                self.writer.write(data)
            async with asyncio.timeout(PATIENCE):
                await self.writer.drain()

    async def hears(self) -> bytes:
        """The next bytes; b"" once the server has closed. Raises TimeoutError after PATIENCE."""
        try:
            async with asyncio.timeout(PATIENCE):
                data = await self.reader.read(65536)
        except (ConnectionError, ssl.SSLError):
            self.evidence.closed = "reset"
            return b""
        if data:
            self.note("server", data)
        elif self.evidence.closed == "open":
            self.evidence.closed = "closed"
        return data

    def note(self, by: Literal["client", "server"], data: bytes) -> None:
        self.evidence.said.append(Said(by, round(time.monotonic() - self.began, 4), data))

    async def says_no_more(self) -> None:
        """Close the client's side, and go on listening."""
        self.writer.write_eof()

    async def resets(self) -> None:
        """Leave without a goodbye: the kernel sends a RST."""
        found = self.writer.get_extra_info("socket")
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def ends(self) -> None:
        """Close the client's side."""
        self.writer.transport.abort()
        with suppress(OSError, ssl.SSLError):
            await self.writer.wait_closed()


@cache
def context_of(cafile: str | None, alpn: tuple[str, ...]) -> ssl.SSLContext:
    """What a client trusts, and offers to speak."""
    context = ssl.create_default_context(cafile=cafile)
    context.set_alpn_protocols(alpn)
    return context


@dataclass(frozen=True)
class Bytes:
    """Say bytes, and do other things in between, one after the other.

    In bytes, `{target}` stands for the target of the case and `{host}` for the authority of the server. A
    number is a pause in seconds, in which nothing is read. "interim" waits for a response like a 100,
    "head" for the head of a response, "answer" for the whole of one, all of them at most PATIENCE long while
    nothing comes, and "close" for the end of the connection or QUIET. "half-close" says that no more will
    come, "hang up" closes, "reset" breaks off. `methods` are those of the responses that are awaited in the
    end, if the steps have not done that. `narrow` gives the kernel little room for what is not read yet.
    """

    steps: tuple[Step, ...]
    methods: tuple[str, ...] = ("GET",)
    narrow: bool = False

    async def __call__(self, place: Place, version: int, target: str, evidence: Evidence) -> None:
        connection = await Connection.opened(place, evidence, narrow=self.narrow)
        reading = Reading(connection, evidence)
        methods = list(self.methods)
        try:
            for step in self.steps:
                match step:
                    case bytes():
                        await connection.says(
                            step.replace(b"{target}", target.encode()).replace(
                                b"{host}", place.authority.encode()
                            )
                        )
                    case float() | int():
                        await asyncio.sleep(step)
                    case "interim":
                        await reading.interim(methods[0])
                    case "head":
                        await reading.head(methods[0])
                    case "answer":
                        await reading.answer(methods.pop(0))
                    case "close":
                        await reading.close()
                    case "half-close":
                        await connection.says_no_more()
                    case "hang up":
                        return
                    case "reset":
                        await connection.resets()
                        return
            for method in methods:
                await reading.answer(method)
        finally:
            await connection.ends()


class Reading:
    """Reads responses from a connection, one after the other."""

    def __init__(self, connection: Connection, evidence: Evidence) -> None:
        self.connection, self.evidence = connection, evidence
        self.parser: h11.Connection | None = None

    async def interim(self, method: str) -> None:
        """Read until an informational response is there, or the head of the final one."""
        await self.read(method, until="interim")

    async def head(self, method: str) -> None:
        """Read until the head of the next response is there, or the connection is over."""
        await self.read(method, until="head")

    async def answer(self, method: str) -> None:
        """Read the whole of the next response, or what there is of it."""
        await self.read(method, until="end")

    async def upgraded(self) -> None:
        """Read the answer to an Upgrade: after the head of a 101, what follows is left unread."""
        with suppress(TimeoutError):
            while b"\r\n\r\n" not in self.connection.unread:
                data = await self.connection.hears()
                if not data:
                    break
                self.connection.unread += data
        if re.match(rb"HTTP/1\.1 101\b", self.connection.unread):
            head, _, self.connection.unread = self.connection.unread.partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
            self.evidence.answers.append(Answer(101, first[13:], "1.1", headers, ended="whole"))
        else:
            await self.answer("GET")

    async def close(self) -> None:
        """Read until the server closes, or says nothing for a while."""
        with suppress(TimeoutError):
            while await asyncio.wait_for(self.connection.hears(), QUIET):
                pass

    async def read(self, method: str, *, until: Literal["interim", "head", "end"]) -> None:
        with suppress(TimeoutError):
            await self.read_on(method, until)

    async def read_on(self, method: str, until: Literal["interim", "head", "end"]) -> None:
        if self.parser is None:
            # A parser is told of a request like the one that was sent: from it, it needs the method.
            self.parser = h11.Connection(h11.CLIENT)
            self.parser.send(
                h11.Request(method=method, target="/", headers=[("host", "x"), ("connection", "close")])
            )
            self.parser.send(h11.EndOfMessage())
            if self.connection.unread:
                self.parser.receive_data(self.connection.unread)
                self.connection.unread = b""
            self.evidence.answers.append(Answer())
        answer = self.evidence.answers[-1]
        while True:
            try:
                event = self.parser.next_event()
            except h11.RemoteProtocolError:
                answer.ended = "cut" if self.evidence.closed != "open" else answer.ended
                self.parser = None
                return
            match event:
                case h11.NEED_DATA:
                    data = await self.connection.hears()
                    self.parser.receive_data(data)
                case h11.InformationalResponse():
                    answer.informational.append((event.status_code, pairs(event)))
                    if until == "interim":
                        return
                case h11.Response():
                    answer.status, answer.headers = event.status_code, pairs(event)
                    answer.reason = bytes(event.reason).decode("latin-1")
                    answer.http_version = bytes(event.http_version).decode("latin-1")
                    if until != "end":
                        return
                case h11.Data():
                    answer.body += bytes(event.data)
                    if event.chunk_start or not answer.chunks:
                        answer.chunks.append(b"")
                    answer.chunks[-1] += bytes(event.data)
                case h11.EndOfMessage():
                    answer.ended = "whole"
                    answer.trailers = [
                        (bytes(k).decode(), bytes(v).decode("latin-1")) for k, v in event.headers
                    ]
                    self.connection.unread = self.parser.trailing_data[0]
                    self.parser = None
                    return
                case h11.ConnectionClosed():
                    answer.ended = "cut" if answer.status else "open"
                    self.parser = None
                    return
                case _:  # h11.PAUSED: what follows belongs to the next response
                    return


def pairs(event: h11.Response | h11.InformationalResponse) -> list[tuple[str, str]]:
    """The headers, with their names as they were sent."""
    return [
        (bytes(name).decode("latin-1"), bytes(value).decode("latin-1"))
        for name, value in event.headers.raw_items()
    ]
