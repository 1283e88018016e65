"""A WebSocket that is planned on the page, as the client beside the server holds it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .frames import BINARY, CLOSE, CONTINUATION, TEXT, Frame
from .plan import (
    BODY,
    CHUNKS,
    HEADERS,
    TOKEN,
    chunk_of,
    header_of,
    items_of,
    number_of,
    target_of,
    text_of,
    whole_number,
)

LEAVES = ("close", "vanish", "handshake")
CODES = 1 << 16
REASON = 123  # bytes, which is what is left beside the code (RFC 6455, 5.5)
FRAGMENTS = 100


class Message(NamedTuple):
    """A message of the client: the opcode says whether it is text, and the seconds are before it."""

    opcode: int
    data: bytes
    pause: float


class WebSocketPlan(NamedTuple):
    """A WebSocket: its handshake, the client's messages, each in so many `fragments`, and how it leaves.

    It leaves by a "close" frame, or it does "vanish" without one, when so many messages of the server have
    come, or after so many seconds; or else a moment after its own last message. Or it does not wait for the
    answer to its "handshake".
    """

    target: str
    headers: tuple[tuple[str, str], ...]
    subprotocols: tuple[str, ...]
    messages: tuple[Message, ...]
    fragments: int
    leaves: str
    code: int | None
    reason: str
    leave_messages: int | None
    leave_seconds: float | None

    @classmethod
    def parse(cls, data: Mapping[str, Any], host: str) -> "WebSocketPlan":
        """The plan in what the page sends. Raises ValueError, with a sentence, for anything else."""
        headers = tuple(map(header_of, items_of(data, "headers", HEADERS)))
        if not any(name.lower() == "host" for name, _ in headers):
            headers = (("Host", host), *headers)
        messages = tuple(map(message_of, items_of(data, "chunks", CHUNKS)))
        if sum(len(message.data) for message in messages) > BODY:
            raise ValueError(f"The messages have at most {BODY} bytes here.")
        leaves = text_of(data, "leaves", "close")
        if leaves not in LEAVES:
            raise ValueError(f"A client leaves by one of these: {', '.join(LEAVES)}.")
        fragments = whole_number(number_of(data, "fragments")) or 1
        if fragments > FRAGMENTS:
            raise ValueError(f"A message has at most {FRAGMENTS} fragments here.")
        return cls(
            target_of(data), headers, tuple(map(subprotocol_of, items_of(data, "subprotocols", HEADERS))),
            messages, fragments, leaves, *closing_of(data),
            leave_messages=whole_number(number_of(data, "leave_messages")),
            leave_seconds=number_of(data, "leave_seconds"),
        )  # fmt: skip

    @property
    def version(self) -> str:
        """The version of HTTP that the handshake is in."""
        return "1.1"

    def head(self, key: str) -> bytes:
        """The handshake (RFC 6455, 4.1); a header that somebody has written himself stays as it is."""
        names = {name.lower() for name, _ in self.headers}
        own = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": key,
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Protocol": ", ".join(self.subprotocols),
        }
        lines = [f"GET {self.target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines += [f"{name}: {value}" for name, value in own.items() if value and name.lower() not in names]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def key(self, key: str) -> str:
        """The key that is in the handshake: this one, or that of a header."""
        return next((value for name, value in self.headers if name.lower() == "sec-websocket-key"), key)

    def frames(self, message: Message) -> Iterator[Frame]:
        """The frames of a message (RFC 6455, 5.4): the first says what it is, the others continue it."""
        data = message.data
        size = max(1, -(-len(data) // self.fragments))
        for start in range(0, max(1, len(data)), size):
            opcode = CONTINUATION if start else message.opcode
            yield Frame(opcode, data[start : start + size], is_last=start + size >= len(data))

    def close(self) -> Frame:
        """The close frame of a client that leaves by one; without a code, it is empty."""
        code = b"" if self.code is None else self.code.to_bytes(2, "big")
        return Frame(CLOSE, code + self.reason.encode())


def message_of(piece: Any) -> Message:
    """A message: an object with `text`, or with bytes in `base64`, and a pause in seconds before it."""
    data, pause = chunk_of(piece)
    return Message(BINARY if isinstance(piece.get("base64"), str) else TEXT, data, pause)


def subprotocol_of(name: Any) -> str:
    if isinstance(name, str) and TOKEN.fullmatch(name):
        return name
    raise ValueError("A subprotocol is one word (RFC 6455, 4.1).")


def closing_of(data: Mapping[str, Any]) -> tuple[int | None, str]:
    """The code and the reason of the close frame: any code, as the server is to be tried out."""
    code, reason = data.get("code"), text_of(data, "reason", "")
    if isinstance(code, bool) or not isinstance(code, int | None) or not 0 <= (code or 0) < CODES:
        raise ValueError(f"A code is a whole number below {CODES}.")
    if len(reason.encode()) > REASON:
        raise ValueError(f"A reason has at most {REASON} bytes (RFC 6455, 5.5).")
    if reason and code is None:
        raise ValueError("A reason comes with a code.")
    return code, reason
