"""A request that is planned on the page, as the client beside the server writes it."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple

# The last one takes a library, and is there if that is.
VERSIONS = ("1.0", "1.1", "2") if find_spec("h2") else ("1.0", "1.1")
PAUSE = 10.0  # seconds, the longest
CHUNKS = 100
HEADERS = 100
BODY = 1_000_000  # bytes
TARGET = 8_000  # characters
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")  # RFC 9110, 5.6.2
# What ends a line must not be in one: it would begin a request that nobody has planned.
LINE = re.compile(r"[^\r\n\0]*")


class Chunk(NamedTuple):
    """A piece of a body, and the seconds before it is sent."""

    data: bytes
    pause: float


class Plan(NamedTuple):
    """A request: with `whole`, its body comes to its end, and without, the client leaves before it.

    Behind the end are the `trailers`. The client leaves, too, after so many bytes of the answer, or seconds.
    """

    method: str
    target: str
    version: str
    headers: tuple[tuple[str, str], ...]
    chunks: tuple[Chunk, ...]
    trailers: tuple[tuple[str, str], ...]
    whole: bool
    leave_bytes: int | None
    leave_seconds: float | None

    @classmethod
    def parse(cls, data: Any, host: str) -> "Plan":
        """The plan in what the page sends. Raises ValueError, with a sentence, for anything else."""
        if not isinstance(data, Mapping):
            raise ValueError("A request is an object.")  # noqa: TRY004 - it is the page's JSON that is wrong
        method, target = text_of(data, "method", "GET"), target_of(data)
        version = text_of(data, "version", "1.1")
        if not TOKEN.fullmatch(method):
            raise ValueError("A method is a word of letters, digits and hyphens (RFC 9110, 5.6.2).")
        if version not in VERSIONS:
            raise ValueError(f"The versions that are spoken here are {', '.join(VERSIONS)}.")
        headers = tuple(map(header_of, items_of(data, "headers", HEADERS)))
        chunks = tuple(map(chunk_of, items_of(data, "chunks", CHUNKS)))
        if sum(len(chunk.data) for chunk in chunks) > BODY:
            raise ValueError(f"A body has at most {BODY} bytes here.")
        if not any(name.lower() == "host" for name, _ in headers) and version != "1.0":
            headers = (("Host", host), *headers)
        trailers = tuple(map(header_of, items_of(data, "trailers", HEADERS)))
        if trailers and version == "1.0":
            raise ValueError("HTTP/1.0 has no trailers: a later version has.")
        if trailers and not any(name.lower() == "trailer" for name, _ in headers):
            headers = (*headers, ("Trailer", ", ".join(name for name, _ in trailers)))
        return cls(
            method, target, version, headers, chunks, trailers,
            whole=data.get("whole") is not False,
            leave_bytes=whole_number(number_of(data, "leave_bytes")),
            leave_seconds=number_of(data, "leave_seconds"),
        )  # fmt: skip

    @property
    def names(self) -> set[str]:
        """The names of the headers, in small letters."""
        return {name.lower() for name, _ in self.headers}

    @property
    def framing(self) -> tuple[tuple[str, str], ...]:
        """The headers that say where the body ends, unless somebody has written them himself."""
        if {"content-length", "transfer-encoding"} & self.names or not (self.chunks or self.trailers):
            return ()
        if self.version == "1.0" or (len(self.chunks) == 1 and self.whole and not self.trailers):
            return (("Content-Length", str(self.length)),)
        return (("Transfer-Encoding", "chunked"),)

    @property
    def length(self) -> int:
        """The bytes of the body; where it does not come to its end, a byte is missing at least."""
        return sum(len(chunk.data) for chunk in self.chunks) + (not self.whole)

    def head(self) -> bytes:
        """The request line and the headers. The connection is for this request alone."""
        lines = [f"{self.method} {self.target} HTTP/{self.version}"]
        lines += [f"{name}: {value}" for name, value in (*self.headers, *self.framing)]
        if "connection" not in self.names:
            lines.append("Connection: close")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    @property
    def is_chunked(self) -> bool:
        return dict(self.framing).get("Transfer-Encoding") == "chunked"

    def framed(self, data: bytes) -> bytes:
        """A piece of the body as it is on the wire; an empty one would be the end (RFC 9112, 7.1)."""
        return b"%x\r\n%s\r\n" % (len(data), data) if self.is_chunked and data else data

    def ending(self) -> bytes:
        """What comes after the body: the last chunk, and the trailers (RFC 9112, 7.1.2)."""
        lines = ["0", *(f"{name}: {value}" for name, value in self.trailers), "", ""]
        return "\r\n".join(lines).encode("latin-1") if self.is_chunked else b""


def text_of(data: Mapping[str, Any], key: str, default: str) -> str:
    found = data.get(key, default)
    if not isinstance(found, str):
        raise ValueError(f"{key} is a text.")  # noqa: TRY004 - as above
    return found


def target_of(data: Mapping[str, Any]) -> str:
    target = text_of(data, "target", "/")
    if not target.isprintable() or not target.isascii() or " " in target or len(target) > TARGET:
        raise ValueError(f"A target is at most {TARGET} characters of ASCII, none of them a space.")
    if not target.startswith("/"):
        raise ValueError("A target begins with a slash: it is on this server.")
    return target


def items_of(data: Mapping[str, Any], key: str, most: int) -> Sequence[Any]:
    found = data.get(key, [])
    if not isinstance(found, list) or len(found) > most:
        raise ValueError(f"{key} is a list of at most {most}.")
    return found


def number_of(data: Mapping[str, Any], key: str) -> float | None:
    """A number, if one is given: it is more than nothing."""
    found = data.get(key)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 < found < 1e12:
        raise ValueError(f"{key} is a number above 0.")
    return found


def whole_number(number: float | None) -> int | None:
    return None if number is None else max(1, int(number))


def header_of(pair: Any) -> tuple[str, str]:
    match pair:
        case [str(name), str(value)] if TOKEN.fullmatch(name) and LINE.fullmatch(value):
            if not value.isascii() and any(ord(character) > 0xFF for character in value):
                raise ValueError(f"The value of {name} has characters that no header can carry.")
            return name, value.strip()
    raise ValueError("A header is a name, which is a word, and a value in one line (RFC 9110, 5.1).")


def chunk_of(piece: Any) -> Chunk:
    """A piece of a body: an object with `text` or `base64`, and a pause in seconds before it."""
    if not isinstance(piece, Mapping):
        raise ValueError("A piece of a body is an object.")  # noqa: TRY004 - as above
    pause = piece.get("pause", 0)
    if isinstance(pause, bool) or not isinstance(pause, int | float) or not 0 <= pause <= PAUSE:
        raise ValueError(f"A pause is 0 to {PAUSE:g} seconds.")
    match piece:
        case {"base64": str(encoded)}:
            try:
                return Chunk(base64.b64decode(encoded, validate=True), pause)
            except binascii.Error as error:
                raise ValueError(f"This is not base64: {error}.") from error
        case {"text": str(text)}:
            return Chunk(text.encode(), pause)
    raise ValueError("A piece of a body has a text, or bytes in base64.")
