"""The noun of this package: a conversation between an application and its server, as plain data.

    conversation.scope, .events, .outcome, .violations     what the outermost recorder saw
    conversation.lanes                                     what each recorder saw, where several are stacked
    conversation.to_json(), Conversation.from_json(text)   there and back without loss

A conversation that goes on can be read at any time: what is read is what has happened so far. Nothing is
worked out before it is read.
"""

import base64
import json
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from .contract import Level, Party, Violation

Direction = Literal["receive", "send"]


class ClientLeft(OSError):
    """What `send` raises once the client has left (www.rst, Disconnected Client - send exception)."""


class Line(NamedTuple):
    """A line of source code: the file's full path, the number from 1, and the function it is in."""

    file: str
    line: int
    function: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} in {self.function}"


class Cut(NamedTuple):
    """A long text or byte string: what it begins with, and the length of the whole."""

    prefix: bytes | str
    length: int


class Opaque(NamedTuple):
    """What is neither text nor number nor any of the values that a file can hold: its type and its repr."""

    type: str
    repr: str


@dataclass(frozen=True)
class Event:
    """One event, and what is known of it beside what it says.

    `at` is when it was sent, or when it was given to the application, and `held` how long the `await` took
    that did so, both in nanoseconds, `at` from the beginning of the conversation; `held` is None while it
    takes. `line` is the caller of `send` or `receive`, `outside` the nearest one that is in no installed
    package. `error` is what the `await` raised. An event that is no dict is under the key None.
    """

    index: int | None
    at: int
    held: int | None
    direction: Direction
    fields: Mapping[str | None, Any]
    line: Line | None
    outside: Line | None
    task: str | None
    error: str | None = None

    @property
    def type(self) -> str | None:
        """The type of the event, if it has one."""
        kind = self.fields.get("type")
        return kind if isinstance(kind, str) else None


@dataclass(frozen=True)
class Outcome:
    """How the call of the application ended: `error` is the exception's name and text, if there was one.

    `at` is when, in nanoseconds from the beginning; None while it goes on.
    """

    how: Literal["open", "return", "raise", "cancel"]
    at: int | None = None
    error: str | None = None
    traceback: str | None = None
    line: Line | None = None


@dataclass(frozen=True)
class Lane:
    """One recorder's view of a conversation.

    A scope that is no dict is under the key None. `scope_after` is the scope as it was left, if it was
    changed in place. `dropped` says how many events were left out behind the first ones, when there were too
    many to keep. `lines` are the lines that the violations come from, in the same order; None where there is
    none.
    """

    name: str
    scope: Mapping[Any, Any]
    events: list[Event]
    outcome: Outcome
    violations: list[Violation]
    scope_after: Mapping[Any, Any] | None = None
    dropped: int = 0
    lines: list[Line | None] = field(default_factory=list)

    def event(self, index: int | None) -> Event | None:
        """The event that a violation is about, if it was kept."""
        return next((event for event in self.events if index is not None and event.index == index), None)

    def line_of(self, violation: Violation) -> Line | None:
        """The line that a violation comes from: what was said there, or left unsaid."""
        return self.lines[list(self.violations).index(violation)] if self.lines else None


class Live(Protocol):
    """A lane that is being written: the recorder's."""

    @property
    def violations(self) -> Sequence[Violation]:
        """What has been broken so far."""

    def read(self) -> Lane:
        """What has happened so far."""


class Conversation:
    """A conversation: `id` tells it from others of this process, `started` is the Unix time in seconds."""

    def __init__(self, id: int, started: float, lanes: Iterable[Lane | Live]) -> None:
        self.id = id
        self.started = started
        self.taps: list[Lane | Live] = list(lanes)
        self.listeners: list[Callable[[Conversation, Event | None], None]] = []

    @property
    def lanes(self) -> list[Lane]:
        """The view of every recorder, from the server to the application."""
        return [tap if isinstance(tap, Lane) else tap.read() for tap in self.taps]

    @property
    def outermost(self) -> Lane:
        """The view of the recorder that is nearest to the server."""
        tap = self.taps[0]
        return tap if isinstance(tap, Lane) else tap.read()

    @property
    def scope(self) -> Mapping[Any, Any]:
        return self.outermost.scope

    @property
    def events(self) -> list[Event]:
        return self.outermost.events

    @property
    def outcome(self) -> Outcome:
        return self.outermost.outcome

    @property
    def violations(self) -> list[Violation]:
        """The violations of all lanes, from the server to the application."""
        return [violation for tap in self.taps for violation in tap.violations]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Conversation) and (self.id, self.started, self.lanes) == (
            other.id,
            other.started,
            other.lanes,
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        scope = self.scope
        what = " ".join(str(scope[key]) for key in ("type", "method", "path") if key in scope)
        return f"<Conversation {self.id}: {what}, {len(self.events)} events, {self.outcome.how}>"

    def to_json(self) -> str:
        """The conversation as JSON: an object with "id", "started" and "lanes"."""
        lanes = [
            {
                "name": lane.name,
                "scope": encoded(lane.scope),
                "scope_after": None if lane.scope_after is None else encoded(lane.scope_after),
                "events": [{**vars(event), "fields": encoded(event.fields)} for event in lane.events],
                "outcome": vars(lane.outcome),
                "violations": [violation._asdict() for violation in lane.violations],
                "dropped": lane.dropped,
                "lines": list(lane.lines),
            }
            for lane in self.lanes
        ]
        return json.dumps({"id": self.id, "started": self.started, "lanes": lanes}, ensure_ascii=True)

    @classmethod
    def from_json(cls, text: str | bytes) -> "Conversation":
        """The conversation that `to_json` wrote. Raises ValueError for anything else."""
        try:
            data = json.loads(text)
            outermost, *more = map(lane_of, data["lanes"])
            return cls(data["id"], data["started"], [outermost, *more])
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ValueError(f"this is not the JSON of a conversation: {error!r}") from error


def lane_of(data: dict[str, Any]) -> Lane:
    """A lane from its JSON."""
    return Lane(
        name=data["name"],
        scope=decoded(data["scope"]),
        events=[
            Event(
                **{
                    **event,
                    "fields": decoded(event["fields"]),
                    "line": place(event["line"]),
                    "outside": place(event["outside"]),
                }
            )
            for event in data["events"]
        ],
        outcome=Outcome(**{**data["outcome"], "line": place(data["outcome"]["line"])}),
        violations=[
            Violation(**{**one, "level": Level(one["level"]), "party": Party(one["party"])})
            for one in data["violations"]
        ],
        scope_after=None if data["scope_after"] is None else decoded(data["scope_after"]),
        dropped=data["dropped"],
        lines=[place(line) for line in data["lines"]],
    )


def place(line: list[Any] | None) -> Line | None:
    return None if line is None else Line(*line)


# JSON has no bytes and no tuples, its objects have only text for keys, and its numbers end somewhere. What it
# lacks is an object with one key that begins with "$".


def encoded(value: Any) -> Any:
    """A frozen value as JSON has it."""
    match value:
        case Cut(prefix, length):
            return {"$cut": [encoded(prefix), length]}
        case Opaque(type, repr):
            return {"$opaque": [type, repr]}
        case bytes():
            return (
                {"$bytes": value.decode("ascii")}
                if value.isascii()
                else {"$base64": base64.b64encode(value).decode()}
            )
        case tuple():
            return {"$tuple": [encoded(item) for item in value]}
        case list():
            return [encoded(item) for item in value]
        case dict() if all(isinstance(key, str) and not key.startswith("$") for key in value):
            return {key: encoded(item) for key, item in value.items()}
        case dict():
            return {"$dict": [[encoded(key), encoded(item)] for key, item in value.items()]}
        case float() if value != value or value in (float("inf"), float("-inf")):
            return {"$float": str(value)}
        case int() if value.bit_length() > 64:
            return {"$int": hex(value)}
    return value


def decoded(value: Any) -> Any:
    """The value that `encoded` wrote."""
    if isinstance(value, list):
        return [decoded(item) for item in value]
    if not isinstance(value, dict):
        return value
    match list(value.items()):
        case [("$cut", [prefix, length])]:
            return Cut(decoded(prefix), length)
        case [("$opaque", [type, repr])]:
            return Opaque(type, repr)
        case [("$bytes", text)]:
            return text.encode("ascii")
        case [("$base64", text)]:
            return base64.b64decode(text)
        case [("$tuple", items)]:
            return tuple(decoded(item) for item in items)
        case [("$dict", pairs)]:
            return {decoded(key): decoded(item) for key, item in pairs}
        case [("$float", text)]:
            return float(text)
        case [("$int", text)]:
            return int(text, 16)
    return {key: decoded(item) for key, item in value.items()}


KEY = 256  # characters of a key: it is kept whole, where a value is cut
# What the values are that inherit from a string or from a number, such as HTTPStatus.
PLAIN: dict[type, Callable[[Any], Any]] = {
    str: str.__str__,
    bytes: bytes.__bytes__,
    int: int.__int__,
    float: float.__float__,
}


def frozen(value: Any, limit: int, depth: int = 16) -> Any:
    """A copy of a value that no one can change, with long strings cut and strangers named.

    `limit` is what is kept of a string, in bytes or characters; what is nested deeper than `depth` is named,
    too. A value of a subclass is one of the class, and a set is a list.
    """
    if value is None or type(value) in (bool, Cut, Opaque):
        return value
    for kind, plain in PLAIN.items():
        if isinstance(value, kind):
            text = plain(value)
            return Cut(text[:limit], len(text)) if kind in (str, bytes) and len(text) > limit else text
    if depth and isinstance(value, tuple):
        return tuple(frozen(item, limit, depth - 1) for item in value)
    if depth and isinstance(value, list | Set):
        return [frozen(item, limit, depth - 1) for item in value]
    if depth and isinstance(value, dict):
        long = max(limit, KEY)
        return {frozen(key, long, depth - 1): frozen(item, limit, depth - 1) for key, item in value.items()}
    try:
        text = repr(value)
    except Exception as error:
        text = f"(its repr raised {type(error).__name__})"
    return Opaque(type(value).__name__, text[:200])
