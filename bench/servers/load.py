"""Asks a server for a while, and says how often it was answered in a second.

HTTP/1.1 is asked by wrk and HTTP/2 by h2load, which are programs in C: a client in Python would be what is
measured. A WebSocket is asked by a client that does no more than compare bytes, since neither speaks it.
"""

import asyncio
import re
import subprocess
from collections.abc import Sequence
from shutil import which
from time import perf_counter
from typing import Any

CONNECTIONS = 8
PATIENCE = 10.0  # seconds more than it should last, until a turn is given up

PROGRAMS = {1: ("wrk", "wrk"), 2: ("h2load", "nghttp2-client")}
"""Who asks over which version of HTTP, and the package of Debian that has it."""

POST = """\
wrk.method = "POST"
wrk.body = string.rep("x", {size})
"""

WRK_RATE = re.compile(r"^Requests/sec: +([\d.]+)", re.MULTILINE)
WRK_WRONG = re.compile(r"Non-2xx or 3xx responses: (\d+)")
H2LOAD_RATE = re.compile(r"^finished in .*?, ([\d.]+) req/s", re.MULTILINE)
H2LOAD_WRONG = re.compile(r"(\d+) failed, (\d+) errored")
H2LOAD_CODES = re.compile(r"^status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", re.MULTILINE)


class NotAnswered(Exception):
    """A server has not answered, or not as it should. The text is a sentence about that."""


def missing(version: int) -> str | None:
    """What is to be installed before a server can be asked over this version; None if it is there."""
    program, package = PROGRAMS[version]
    if which(program):
        return None
    return f"It is left out, as {program} is missing: apt-get install {package}."


def asked_by_wrk(url: str, seconds: float, script: str | None = None) -> float:
    """Requests a second over HTTP/1.1; `script` is the path of one in Lua. Raises NotAnswered."""
    # wrk knows whole seconds only.
    options = ["-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", *(["-s", script] if script else [])]
    return rate_of_wrk(printed(["wrk", *options, url], seconds))


def asked_by_h2load(url: str, seconds: float, body: str | None = None) -> float:
    """Requests a second over HTTP/2; each sends the file at the path `body`. Raises NotAnswered."""
    options = [f"-c{CONNECTIONS}", "-m1", f"-D{round(1000 * seconds)}ms", *(["-d", body] if body else [])]
    return rate_of_h2load(printed(["h2load", *options, url], seconds))


def printed(command: Sequence[str], seconds: float) -> str:
    """What a program has printed. Raises NotAnswered where it fails, or does not end."""
    try:
        run = subprocess.run(  # noqa: S603 - the words are ours
            command, capture_output=True, text=True, timeout=seconds + PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotAnswered("It has not answered.") from None
    if run.returncode:
        raise NotAnswered(f"{command[0]} ended with status {run.returncode}: {run.stderr.strip()}")
    return run.stdout


def rate_of_wrk(text: str) -> float:
    """The rate in what wrk prints. Raises NotAnswered where there is none, or answers are others than 2xx."""
    if wrong := WRK_WRONG.search(text):
        raise NotAnswered(f"{wrong[1]} answers have another status than 200.")
    found = WRK_RATE.search(text)
    if found is None or not float(found[1]):
        raise NotAnswered("It has not answered.")
    return float(found[1])


def rate_of_h2load(text: str) -> float:
    """The rate in what h2load prints. Raises NotAnswered as `rate_of_wrk` does."""
    found, codes, wrong = (pattern.search(text) for pattern in (H2LOAD_RATE, H2LOAD_CODES, H2LOAD_WRONG))
    if codes and any(map(int, codes.groups()[1:])):
        raise NotAnswered(f"Some answers have another status than 200: {codes[0]}.")
    if found is None or not float(found[1]):
        raise NotAnswered("It has not answered.")
    if "Application protocol: h2\n" not in text:
        raise NotAnswered("It has not agreed on HTTP/2.")
    if wrong and any(map(int, wrong.groups())):
        raise NotAnswered(f"Some requests were not answered: {wrong[0]}.")
    return float(found[1])


# A client that speaks WebSocket as far as it is needed here: one message there, the same one back. RFC 6455
# asks for a mask on what a client sends, and a mask of zeros is one that leaves the message as it is.
OPENING = (
    "GET {} HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
MESSAGE = b"Hello, world!"
SENT = bytes([0x81, 0x80 | len(MESSAGE), 0, 0, 0, 0]) + MESSAGE
BACK = bytes([0x81, len(MESSAGE)]) + MESSAGE


class Echoed(asyncio.Protocol):
    """A connection over which a message is sent as soon as the last one has come back."""

    transport: Any
    heard = b""
    opened = False
    counted = 0

    def __init__(self, path: str) -> None:
        self.path = path
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.transport.write(OPENING.format(self.path).encode())

    def data_received(self, data: bytes) -> None:
        self.heard += data
        if not self.opened:
            head, end, rest = self.heard.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101 "):
                self.fail(f"It has not accepted the WebSocket: {head!r}")
                return
            self.opened, self.heard = True, rest
            self.transport.write(SENT)
        elif self.heard == BACK:
            self.heard = b""
            self.counted += 1
            self.transport.write(SENT)
        elif not BACK.startswith(self.heard):
            self.fail(f"It has not sent the message back, but {self.heard!r}.")

    def connection_lost(self, exc: Exception | None) -> None:
        self.fail("It has closed the WebSocket.")

    def fail(self, sentence: str) -> None:
        if not self.over.done():
            self.over.set_exception(NotAnswered(sentence))


async def echoes_per_second(port: int, path: str, seconds: float) -> float:
    """How many messages come back over WebSockets in a second. Raises NotAnswered and OSError."""
    loop = asyncio.get_running_loop()
    clients: list[Echoed] = []
    began = perf_counter()
    try:
        for _ in range(CONNECTIONS):
            _, client = await loop.create_connection(lambda: Echoed(path), "127.0.0.1", port)
            clients.append(client)
        done, _ = await asyncio.wait([client.over for client in clients], timeout=seconds)
        took = perf_counter() - began
        for over in done:
            over.result()
        counted = sum(client.counted for client in clients)
    finally:
        for client in clients:
            client.over.cancel()
            client.transport.abort()
    if not counted:
        raise NotAnswered("It has not answered.")
    return counted / took
