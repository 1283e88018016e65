"""What the client of a WebSocket got."""

from dataclasses import dataclass

from ..evidence import Evidence
from .wire import Status
from .words import shown


@dataclass(frozen=True)
class Accepted:
    """The WebSocket is open: the (first) response is a 101, or over HTTP/2 a 200 (RFC 8441, 5)."""

    def __call__(self, evidence: Evidence) -> str | None:
        return Status(101 if evidence.version == 1 else 200)(evidence)


class Hears:
    """These are the messages that the client got over the WebSocket: str and bytes, in order."""

    def __init__(self, *messages: str | bytes) -> None:
        self.messages = list(messages)

    def __call__(self, evidence: Evidence) -> str | None:
        found: list[str | bytes] = [
            frame.data.decode() if frame.kind == "text" else frame.data
            for frame in evidence.frames
            if frame.kind in ("text", "bytes")
        ]
        return (
            None if found == self.messages else f"The client got {shown(found)}, not {shown(self.messages)}."
        )


@dataclass(frozen=True)
class Ponged:
    """The client got a pong with this in it."""

    data: bytes

    def __call__(self, evidence: Evidence) -> str | None:
        found = [frame.data for frame in evidence.frames if frame.kind == "pong"]
        return None if self.data in found else f"The client got the pongs {shown(found)}, not {self.data!r}."


@dataclass(frozen=True)
class CloseCode:
    """The WebSocket was closed with this code, and with this reason if one is given."""

    code: int
    reason: str | None = None

    def __call__(self, evidence: Evidence) -> str | None:
        closes = [frame for frame in evidence.frames if frame.kind == "close"]
        if not closes:
            return "The client got no close frame."
        found = closes[0]
        if found.code != self.code:
            return f"The client got the close code {found.code}, not {self.code}."
        reason = found.data.decode(errors="replace")
        if self.reason is not None and reason != self.reason:
            return f"The client got the reason {shown(reason)}, not {self.reason!r}."
        return None


class CloseCodeIn:
    """The WebSocket was closed with one of these codes."""

    def __init__(self, *codes: int) -> None:
        self.codes = codes

    def __call__(self, evidence: Evidence) -> str | None:
        found = [frame.code for frame in evidence.frames if frame.kind == "close"]
        if found and found[0] in self.codes:
            return None
        wanted = " or ".join(map(str, self.codes))
        return f"The client got {f'the close code {found[0]}' if found else 'no close frame'}, not {wanted}."


@dataclass(frozen=True)
class NoClose:
    """The client got no close frame."""

    def __call__(self, evidence: Evidence) -> str | None:
        found = [frame.code for frame in evidence.frames if frame.kind == "close"]
        return f"The client got the close code {found[0]}." if found else None


@dataclass(frozen=True)
class NoFrames:
    """Nothing came over a WebSocket."""

    def __call__(self, evidence: Evidence) -> str | None:
        return f"The client got {shown(evidence.frames)}." if evidence.frames else None
