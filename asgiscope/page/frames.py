"""The frames of a WebSocket, as a client writes and reads them (RFC 6455, 5)."""

import os
import struct
from asyncio import IncompleteReadError, StreamReader
from typing import NamedTuple

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
NAMES = {
    CONTINUATION: "continuation", TEXT: "text", BINARY: "bytes", CLOSE: "close", PING: "ping", PONG: "pong",
}  # fmt: skip
SHORT, MIDDLE = 126, 1 << 16  # bytes, from which on a length takes two more bytes, and eight
LAST = MASKED = 0x80


class FrameError(ValueError):
    """What came is no frame that a client can take: a sentence that says why."""


class Frame(NamedTuple):
    """A frame: a message is one of them, or a first one and continuations up to the last."""

    opcode: int
    payload: bytes
    is_last: bool = True

    def written(self) -> bytes:
        """The frame of a client, whose payload is masked with a key of its own (5.3)."""
        key, size = os.urandom(4), len(self.payload)
        first = self.is_last * LAST | self.opcode
        if size < SHORT:
            head = struct.pack("!BB", first, MASKED | size)
        elif size < MIDDLE:
            head = struct.pack("!BBH", first, MASKED | 126, size)
        else:
            head = struct.pack("!BBQ", first, MASKED | 127, size)
        return head + key + masked(self.payload, key)


def masked(payload: bytes, key: bytes) -> bytes:
    """Each byte with one of the key's in turn; masked twice, it is what it was."""
    size = len(payload)
    keys = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(keys, "big")).to_bytes(size, "big")


async def read_frame(reader: StreamReader, most: int) -> Frame | None:
    """The next frame of the server; None where the connection has ended.

    Raises FrameError for what no server may send, and for a payload of more bytes than `most`.
    """
    try:
        first, second = await reader.readexactly(2)
        opcode, size = first & 0x0F, second & 0x7F
        if first & 0x70:
            raise FrameError("a frame has a reserved bit, and no extension was agreed on (5.2)")
        if opcode not in NAMES:
            raise FrameError(f"a frame has the opcode {opcode}, which is none (5.2)")
        if second & MASKED:
            raise FrameError("a frame of the server is masked (5.1)")
        if size >= SHORT:
            size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
        if size > most:
            raise FrameError(f"a frame of {size} bytes is more than it takes")
        return Frame(opcode, await reader.readexactly(size), bool(first & LAST))
    except (IncompleteReadError, ConnectionError):
        return None
