"""What came back to the client beside the server."""

from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from .frames import BINARY, CLOSE, NAMES, Frame

KEPT = 4096  # bytes of the answer that are shown
FRAMES = 200  # frames that are shown
SHOWN = 200  # bytes of each


@dataclass
class Answer:
    """What came back: the beginning of it as it was on the wire, how much there was, and how it ended."""

    data: bytearray = field(default_factory=bytearray)
    size: int = 0
    how: str = "the server has closed the connection"
    took: float = 0.0

    def add(self, data: bytes) -> None:
        self.size += len(data)
        self.data += data[: KEPT - len(self.data)] if len(self.data) < KEPT else b""

    def as_dict(self) -> dict[str, Any]:
        """For the page: everything in it is text or a number."""
        return {
            "wire": self.data.decode("latin-1"),
            "bytes": self.size,
            "cut": self.size > len(self.data),
            "how": self.how,
            "took": self.took,
        }


@dataclass
class WebSocketAnswer(Answer):
    """What came of a WebSocket: the answer to its handshake on the wire, and the frames of both sides.

    The first FRAMES of them are kept, each with what it begins with; `code` and `reason` are those of the
    server's close frame.
    """

    subprotocol: str | None = None
    frames: list[dict[str, Any]] = field(default_factory=list)
    counted: int = 0
    code: int | None = None
    reason: str = ""
    began: float = field(default_factory=monotonic)

    def note(self, by: str, frame: Frame) -> None:
        """Note a frame of the "client" or of the "server"."""
        self.counted += 1
        if len(self.frames) < FRAMES:
            self.frames.append(
                {
                    "by": by,
                    "kind": NAMES[frame.opcode],
                    "shown": shown(frame),
                    "size": len(frame.payload),
                    "last": frame.is_last,
                    "at": monotonic() - self.began,
                }
            )

    def as_dict(self) -> dict[str, Any]:
        return {
            **super().as_dict(),
            "subprotocol": self.subprotocol,
            "frames": self.frames,
            "counted": self.counted,
            "code": self.code,
            "reason": self.reason,
        }


def shown(frame: Frame) -> str:
    """What a payload begins with: text, or the digits of its bytes; of a close frame, its code and reason."""
    payload = frame.payload[:SHOWN]
    if frame.opcode == CLOSE:
        code, reason = closing_of(frame)
        return "" if code is None else f"{code} {reason}".strip()
    if frame.opcode != BINARY:
        try:
            return payload.decode()
        except UnicodeDecodeError as error:
            if error.start > 0 and error.start >= len(payload) - 3:  # A character was cut in two.
                return payload[: error.start].decode()
    return payload.hex(" ")


def closing_of(frame: Frame) -> tuple[int | None, str]:
    """The code and the reason in a close frame; None where it has none."""
    if len(frame.payload) < 2:
        return None, ""
    return int.from_bytes(frame.payload[:2], "big"), frame.payload[2:].decode(errors="replace")
