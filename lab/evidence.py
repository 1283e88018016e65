"""What was seen of one case: by the client on the wire, and by the application.

It is all that a verdict rests on, it is kept with it, and it is plain data: JSON in and out.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from asgiscope import Conversation, Event
from asgiscope.conversation import Lane

Pairs = list[tuple[str, str]]


@dataclass
class Said:
    """Bytes on the wire: who sent them, and when, in seconds from the beginning of the case."""

    by: Literal["client", "server"]
    at: float
    data: bytes


@dataclass
class Answer:
    """A response as a client reads it. `ended` is how it was over: whole, cut off, reset, or not at all; over
    HTTP/2 also malformed, with a body that is not as long as its Content-Length (RFC 9113, 8.1.1)."""

    status: int = 0
    reason: str = ""
    http_version: str = ""
    headers: Pairs = field(default_factory=list)
    body: bytes = b""
    # As they came: pieces of a chunked body, or DATA frames.
    chunks: list[bytes] = field(default_factory=list)
    trailers: Pairs = field(default_factory=list)
    informational: list[tuple[int, Pairs]] = field(default_factory=list)
    pushed: list[Pairs] = field(default_factory=list)  # the fields of each promised request
    ended: Literal["whole", "cut", "reset", "malformed", "open"] = "open"

    def header(self, name: str) -> list[str]:
        """All values of a header; names are compared without case."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass
class Frame:
    """A WebSocket frame or message from the server: its kind, and what is in it."""

    kind: Literal["text", "bytes", "ping", "pong", "close"]
    data: bytes = b""
    code: int | None = None


@dataclass
class Lived:
    """A whole life of a server, from its start to its end.

    `served` says whether it has answered a request. `status` is how its process has ended, negative for a
    signal; `by_itself`, whether that was before it was told to; `in_time`, whether it did so when it was told
    to, and had not to be killed.
    """

    served: bool = False
    by_itself: bool = False
    in_time: bool = True
    status: int | None = None


@dataclass
class Evidence:
    """All that was seen.

    `answers` are the responses on the connection, in order; `frames` is what came over a WebSocket. `closed`
    is how the server's side of the connection ended: "open" where it had not when the client stopped looking;
    of a WebSocket over HTTP/2, it is that of its stream. `unsupported` is what the server has said that it
    does not do. `error` is why there is nothing to judge: the server could not be reached, or hung, or its
    process has ended, which `alive` says. `life` is there in a case that is about the life of a server;
    `where` then says for each conversation which process, thread and event loop it was in, and `first_calls`,
    where the application is one of two callables, when the first of them was called, in Unix time.
    `authority` is what the client calls the server.
    """

    case: str
    version: int = 1
    conversations: list[Conversation] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    closed: Literal["open", "closed", "reset"] = "open"
    goaway: int | None = None  # the error code of a GOAWAY, over HTTP/2
    alive: bool = True
    output: str = ""  # the last of what the server has printed
    error: str = ""
    unsupported: str = ""
    life: Lived | None = None
    where: list[str] = field(default_factory=list)
    first_calls: list[float | None] = field(default_factory=list)
    authority: str = "localhost"

    @property
    def answer(self) -> Answer:
        """The first response, or one that says nothing."""
        return self.answers[0] if self.answers else Answer()

    @property
    def lane(self) -> Lane | None:
        """What the application saw, if it was called."""
        return self.conversations[0].outermost if self.conversations else None

    @property
    def scope(self) -> Mapping[Any, Any]:
        """The scope, or an empty one where the application was not called."""
        return self.lane.scope if self.lane else {}

    def received(self) -> list[Event]:
        """The events that the application received, without those that were an exception."""
        events = self.lane.events if self.lane else []
        return [event for event in events if event.direction == "receive" and event.fields]

    def sent(self) -> list[Event]:
        """The events that the application sent."""
        return [event for event in (self.lane.events if self.lane else []) if event.direction == "send"]

    def request_body(self) -> bytes:
        """The body as the application got it; a piece that is no bytes as it is written in Python."""
        pieces = [event.fields.get("body", b"") for event in self.received()]
        return b"".join(piece if isinstance(piece, bytes) else repr(piece).encode() for piece in pieces)

    def to_json(self) -> dict[str, Any]:
        """As JSON can say it: bytes in Base64."""
        plain = asdict(replace(self, conversations=[]))
        found: dict[str, Any] = json.loads(json.dumps(plain, default=text_of))
        found["conversations"] = [json.loads(one.to_json()) for one in self.conversations]
        return found

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "Evidence":
        """The evidence that `to_json` wrote."""
        plain = json.loads(json.dumps(found), object_hook=bytes_of)
        return cls(
            **{
                **plain,
                "conversations": [Conversation.from_json(json.dumps(one)) for one in found["conversations"]],
                "answers": [answer_of(one) for one in plain["answers"]],
                "frames": [Frame(**one) for one in plain["frames"]],
                "said": [Said(**one) for one in plain["said"]],
                "life": plain["life"] and Lived(**plain["life"]),
            }
        )


def answer_of(plain: dict[str, Any]) -> Answer:
    """An answer from JSON, which has lists where it has pairs."""
    pairs = {key: [(name, value) for name, value in plain[key]] for key in ("headers", "trailers")}
    hints = [(status, [(name, value) for name, value in fields]) for status, fields in plain["informational"]]
    pushed = [[(name, value) for name, value in fields] for fields in plain["pushed"]]
    return Answer(**{**plain, **pairs, "informational": hints, "pushed": pushed})


def text_of(value: Any) -> Any:
    """Bytes as Base64, marked as such."""
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode("ascii")}
    raise TypeError(f"{value!r} is not evidence")


def bytes_of(found: dict[str, Any]) -> Any:
    """The bytes that `text_of` has marked, or what else it is."""
    return base64.b64decode(found["base64"]) if found.keys() == {"base64"} else found
