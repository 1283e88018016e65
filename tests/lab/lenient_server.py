"""A server that takes what it should refuse, and its faults: the cases of bad input are tried on it.

HTTP/1.1 and WebSocket are read by hand, as they come: any request line, any header, any frame. A connection
has one request, whose body is what has come in one piece with its head. The probe is asked through the right
server.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from wsproto.connection import Connection as Frames
from wsproto.connection import ConnectionType
from wsproto.events import BytesMessage, CloseConnection, TextMessage

from tests.lab.faults import RESPONSE, field, headers, of_type, sets
from tests.lab.right_server import Connection, Exchange, hosted
from tests.lab.right_socket import ASKS_THE_PROBE, RIGHT, Fault, Socket, told

# What the writer of responses is told of, in the place of a request that it would refuse.
ANOTHER = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
END_OF_LINE = re.compile(rb"\r?\n(?![ \t])")
SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})\r\n")


@dataclass(frozen=True)
class Lenience(Fault):
    """What becomes of that which is taken. Besides what a `Fault` does, `twice` calls the application once
    more, `ends` lets a body end before a chunk that is wrong, `opens` accepts a WebSocket without a call of
    the application, and `closes` takes a close frame for one, whatever is in it, and not for a message.
    `coded` is what becomes of a body in a coding that is not `chunked`."""

    twice: bool = False
    ends: bool = False
    opens: bool = False
    closes: bool = False
    coded: object = None


TAKES = Lenience("takes everything")
CLOSES = Lenience("takes every close frame", closes=True)
LATE = Lenience("hands it on, and then refuses it", sent=field(RESPONSE, "status", lambda _: 400))
TWICE = Lenience("takes it for two requests", twice=True)
ENDS = Lenience("ends a body where it is wrong", ends=True)
OPENS = Lenience("accepts every WebSocket by itself", opens=True)
DECHUNKS = Lenience("takes any coding for chunked", coded=lambda data: unchunked(data, ends=True))
DECHUNKS_TWICE = Lenience("takes chunks for two requests", twice=True, coded=DECHUNKS.coded)
NO_CODING = Lenience("leaves out every other coding", coded=lambda data: b"")
MORE_BODY = Lenience("adds to a body", received=field("http.request", "body", lambda body: body + b"!"))
SHUTS = Lenience(
    "refuses every WebSocket", sent=of_type("websocket.accept", lambda _: {"type": "websocket.close"})
)
NO_METHOD = Lenience(
    "has None for a method that is missing", scope=sets("method", lambda found: found or None)
)
LATIN = Lenience(
    "reads a path as Latin-1", scope=lambda found: found.update(path=found["raw_path"].decode("latin-1"))
)
DECODED_LATIN = Lenience(
    "reads what a path stands for as Latin-1",
    scope=lambda found: found.update(path=unquote_to_bytes(found["raw_path"]).decode("latin-1")),
)
NAMELESS = Lenience(
    "leaves out a header", scope=headers(lambda pairs: [pair for pair in pairs if pair[0] != b"x-name"])
)
LITTLE = Lenience(
    "has room for little in its headers",
    scope=headers(lambda pairs: [(name, value[:4096]) for name, value in pairs[:100]]),
)


def folds(name, change):
    """A server to which a folded value is a function of what it was."""
    return Lenience(name, scope=headers(lambda pairs: [(key, change(value)) for key, value in pairs]))


CUTS = folds("ends a value with its line", lambda value: value.partition(b"\r\n")[0])
GLUES = folds("puts lines together", lambda value: value.replace(b"\r\n ", b""))
BLANKS = folds("has a blank for each byte", lambda value: value.replace(b"\r\n", b"  "))
COMMAS = folds("has a comma for a fold", lambda value: value.replace(b"\r\n ", b","))


def taking(app, lenience):
    """The server, as a host for the runner."""

    def protocol(first):
        return (RIGHT, Connection) if ASKS_THE_PROBE.search(first) else (lenience, Taking)

    return hosted(app, protocol)


class Taking(Connection):
    """One connection of a client, with one request."""

    def __init__(self, app, lenience, reader, writer, first):
        super().__init__(app, lenience, reader, writer, ANOTHER)
        self.h11.next_event()
        self.h11.next_event()
        self.data = first

    async def serve(self):
        """Take the request, answer it, and wait until the client leaves."""
        while not END_OF_HEAD.search(self.data):
            data = await self.read()
            if not data:
                return
            self.data += data
        end = END_OF_HEAD.search(self.data)
        line, _, rest = self.data[: end.start()].partition(b"\n")
        pairs = [pair_of(one) for one in END_OF_LINE.split(rest) if one]
        await self.take(scope_of(line.removesuffix(b"\r"), pairs, self.writer), pairs, self.data[end.end() :])
        while await self.read():
            pass

    async def take(self, scope, pairs, data):
        if (b"upgrade", b"websocket") in [(name, value.lower()) for name, value in pairs]:
            self.key = dict(pairs).get(b"sec-websocket-key", b"")
            if self.fault.opens:
                await self.accept([])
            else:
                await AnySocket(self, scope, pairs).serve()
            return
        body = body_of(pairs, data, self.fault)
        if self.fault.twice:
            await self.call({**scope}, Taken(self, scope, body).receive, unsaid)
        await Taken(self, scope, body).serve()


async def unsaid(event):
    """A response that nobody gets."""


def pair_of(line):
    """A header, with or without a name, a colon, a value."""
    name, _, value = line.partition(b":")
    return name.lower(), value.strip(b" \t")


def scope_of(line, pairs, writer):
    """The scope of a request: the method ends at the first blank, and the version begins behind the last."""
    method, _, rest = line.partition(b" ")
    target, blank, version = rest.rpartition(b" ")
    if not blank:
        target, version = rest, b"HTTP/0.9"
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": version.rpartition(b"/")[2].decode("latin-1"),
        "method": method.decode("latin-1").upper(),
        **told(target, writer),
        "headers": [[name, value] for name, value in pairs],
        "extensions": {},
    }


def body_of(pairs, data, fault):
    """The body, out of what has come behind the head. A length counts more than a coding does, and a coding
    that is not `chunked` is left as it is, unless the fault says otherwise."""
    lengths = [value for name, value in pairs if name == b"content-length"]
    codings = b",".join(value for name, value in pairs if name == b"transfer-encoding")
    if lengths:
        return data[: number(lengths[0])]
    if codings == b"chunked":
        return unchunked(data, fault.ends)
    if codings and fault.coded:
        return fault.coded(data)
    return data if codings else b""


def number(value):
    """A length: any number that Python can read, or else the digits that it begins with, or nothing."""
    try:
        return max(0, int(value, 0))
    except ValueError:
        return int(re.match(rb"\d*", value)[0] or b"0")


def unchunked(data, ends):
    """What is in the chunks, as far as they are right; the rest is taken as it is, unless the body `ends`."""
    body = b""
    while (found := SIZE.match(data)) and data[(end := found.end() + int(found[1], 16)) :][:2] == b"\r\n":
        if end == found.end():
            return body
        body, data = body + data[found.end() : end], data[end + 2 :]
    return body if ends else body + data


class Taken(Exchange):
    """One request and its response. The body is one event."""

    def __init__(self, connection, scope, body):
        super().__init__(connection, scope)
        self.request_body = body

    async def event(self):
        if self.whole:
            return await super().event()
        self.whole = True
        return {"type": "http.request", "body": self.request_body, "more_body": False}


class AnySocket(Socket):
    """One WebSocket, of whatever version."""

    def __init__(self, connection, scope, pairs):
        super().__init__(connection, scope, pairs)
        self.headers[b"sec-websocket-version"] = b"13"
        self.frames = AnyFrames(connection.fault.closes)


class AnyFrames(Frames):
    """Frames that come whole, of which each is a message."""

    def __init__(self, closes):
        self.closes, self.unread = closes, b""
        super().__init__(ConnectionType.SERVER)

    def receive_data(self, data):
        self.unread += data

    def events(self):
        while self.unread:
            opcode, payload, self.unread = next_frame(self.unread)
            if opcode == 8 and self.closes:
                yield CloseConnection(
                    int.from_bytes(payload[:2], "big"), payload[2:].decode(errors="replace")
                )
            elif opcode == 1:
                yield TextMessage(payload.decode(errors="replace"))
            else:
                yield BytesMessage(payload)


def next_frame(data):
    """The opcode of a frame, what is in it, and what is behind it."""
    masked, size, at = data[1] & 0x80, data[1] & 0x7F, 2
    if size > 125:
        at = 4 if size == 126 else 10
        size = int.from_bytes(data[2:at], "big")
    key = data[at : at + 4] if masked else bytes(4)
    at += 4 if masked else 0
    payload = bytes(byte ^ key[n % 4] for n, byte in enumerate(data[at : at + size]))
    return data[0] & 0x0F, payload, data[at + size :]
