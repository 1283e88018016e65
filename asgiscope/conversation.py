"""The noun of this package: a conversation between an application and its server, as plain data.

    conversation.scope, .events, .outcome, .violations     what the outermost recorder saw
    conversation.lanes                                     what each recorder saw, where several are stacked
    conversation.hops, .stalls                             what hops.py and stalls.py saw, where they watched
    conversation.to_json(), Conversation.from_json(text)   there and back without loss

A conversation that goes on can be read at any time: what is read is what has happened so far. Nothing is
worked out before it is read.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from .contract import Level, Party, Violation
from .values import Cut, Opaque, decoded, encoded, frozen

__all__ = [
    "ClientLeft", "Conversation", "Cut", "Direction", "Event", "Glimpse", "Hop", "Lane", "Line", "Live",
    "Opaque", "Outcome", "Stall", "decoded", "encoded", "frozen",
]  # fmt: skip

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
class Hop:
    """One crossing of asgiref's bridge: `sync_to_async` goes to a thread, and `async_to_sync` to the loop.

    `what` was called there, in the thread of that name. `at` is when, from the beginning of the conversation;
    `waited` is how long it took until the thread, or the loop, began with it, `ran` how long it ran there,
    and `held` how long all of it took whoever crossed; what is left of `held` is the way back. All are in
    nanoseconds, and None where that has not happened. `sensitive` says whether a thread was asked for that
    takes one call at a time, which is what asgiref does by default. `line` is the caller, `outside` the
    nearest one that is in no installed package.
    """

    at: int
    to: Literal["thread", "loop"]
    what: str
    sensitive: bool
    thread: str | None
    waited: int | None
    ran: int | None
    held: int | None
    how: Literal["open", "return", "raise", "cancel"]
    error: str | None
    line: Line | None
    outside: Line | None


@dataclass(frozen=True)
class Stall:
    """A time in which the event loop did not turn, so that no conversation could go on.

    `at` is when that was noticed first, from the beginning of the conversation, and `length` how long it
    went on from there, both in nanoseconds. `stack` is what the loop was at, from the innermost frame on;
    `line` is its nearest one that is in no installed package, or else the innermost. There are neither where
    the interpreter was kept from looking until it was over. `by` is the `id` of the conversation whose code
    it was, this one or another; None where no conversation is known to it.
    """

    at: int
    length: int
    line: Line | None
    stack: tuple[Line, ...]
    by: int | None


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


class Glimpse(NamedTuple):
    """What can be told of a lane at once, however long it is.

    `events` is how many there have been, `status` that of the response, as it was sent. `marks` are some of
    the events, evenly spread: when each was, and whether the application received it. The scope is the
    recorder's own, and not to be changed.
    """

    scope: Mapping[Any, Any]
    events: int
    status: Any
    marks: list[tuple[int, bool]]
    how: Literal["open", "return", "raise", "cancel"]
    at: int | None


@dataclass(frozen=True)
class Lane:
    """One recorder's view of a conversation.

    A scope that is no dict is under the key None. `scope_after` is the scope as it was left, if it was
    changed in place. `dropped` says how many events were left out behind the first ones, when there were too
    many to keep. `lines` are the lines that the violations come from, in the same order; None where there is
    none. `hops` and `stalls` are there if somebody has watched for them, and `dropped_hops` and
    `dropped_stalls` say how many of those were left out behind the first ones.
    """

    name: str
    scope: Mapping[Any, Any]
    events: list[Event]
    outcome: Outcome
    violations: list[Violation]
    scope_after: Mapping[Any, Any] | None = None
    dropped: int = 0
    lines: list[Line | None] = field(default_factory=list)
    hops: list[Hop] = field(default_factory=list)
    dropped_hops: int = 0
    stalls: list[Stall] = field(default_factory=list)
    dropped_stalls: int = 0

    def event(self, index: int | None) -> Event | None:
        """The event that a violation is about, if it was kept."""
        return next((event for event in self.events if index is not None and event.index == index), None)

    def line_of(self, violation: Violation) -> Line | None:
        """The line that a violation comes from: what was said there, or left unsaid."""
        return self.lines[list(self.violations).index(violation)] if self.lines else None

    @property
    def progress(self) -> tuple[int, str]:
        """How many events there have been, and how it goes: what changes whenever anything happens."""
        return len(self.events) + self.dropped, self.outcome.how

    def glimpse(self, most: int) -> Glimpse:
        """The lane in short, with no more than `most` marks."""
        events, outcome = self.events, self.outcome
        return Glimpse(
            scope=self.scope,
            events=len(events) + self.dropped,
            status=next(filter(None, (status_of(event.direction, event.fields) for event in events)), None),
            marks=[(event.at, event.direction == "receive") for event in events[:: len(events) // most + 1]],
            how=outcome.how,
            at=outcome.at,
        )


class Live(Protocol):
    """A lane that is being written: the recorder's. `kept` is the scope as it is written down."""

    kept: Any

    @property
    def violations(self) -> Sequence[Violation]:
        """What has been broken so far."""

    @property
    def hops(self) -> Sequence[Hop]:
        """The crossings so far."""

    @property
    def stalls(self) -> Sequence[Stall]:
        """The stalls so far."""

    @property
    def progress(self) -> tuple[int, str]:
        """How many events there have been, and how it goes: what changes whenever anything happens."""

    def glimpse(self, most: int) -> Glimpse:
        """The lane in short, with no more than `most` marks."""

    @property
    def weight(self) -> int:
        """About how many bytes its events take."""

    def shorten(self, most: int) -> None:
        """Keep no more than so many events from now on: a few of the first, and the newest."""

    def read(self) -> Lane:
        """What has happened so far."""


def status_of(direction: str, fields: Any) -> Any:
    """The status that an event sends, if it starts a response."""
    if direction != "send" or not isinstance(fields, dict):
        return None
    kind = fields.get("type")
    return fields.get("status") if isinstance(kind, str) and kind.endswith(".response.start") else None


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

    @property
    def hops(self) -> list[Hop]:
        """The crossings in all lanes."""
        return [hop for tap in self.taps for hop in tap.hops]

    @property
    def stalls(self) -> list[Stall]:
        """The times in which the event loop did not turn: the outermost lane has them."""
        return list(self.taps[0].stalls)

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
                "hops": [vars(hop) for hop in lane.hops],
                "dropped_hops": lane.dropped_hops,
                "stalls": [vars(stall) for stall in lane.stalls],
                "dropped_stalls": lane.dropped_stalls,
            }
            for lane in self.lanes
        ]
        return json.dumps({"id": self.id, "started": self.started, "lanes": lanes}, ensure_ascii=True)

    @classmethod
    def from_json(cls, text: str | bytes) -> "Conversation":
        """The conversation that `to_json` wrote, now or before there were hops and stalls.

        Raises ValueError for anything else.
        """
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
        hops=[
            Hop(**{**hop, "line": place(hop["line"]), "outside": place(hop["outside"])})
            for hop in data.get("hops", ())
        ],
        dropped_hops=data.get("dropped_hops", 0),
        stalls=[
            Stall(**{**one, "line": place(one["line"]), "stack": tuple(Line(*line) for line in one["stack"])})
            for one in data.get("stalls", ())
        ],
        dropped_stalls=data.get("dropped_stalls", 0),
    )


def place(line: list[Any] | None) -> Line | None:
    return None if line is None else Line(*line)
