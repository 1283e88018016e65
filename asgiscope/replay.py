"""A recorded conversation, held again: this side of it is the server's, the other an application.

    again = await replay(app, conversation)
    print(diff(conversation, again))

`script` makes a conversation of events that were written down by hand, to be replayed as a recorded one is.
"""

import asyncio
import builtins
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from itertools import count
from math import inf
from types import EllipsisType, MappingProxyType
from typing import Any, Literal

from .contract.clause import breach
from .conversation import Conversation, Cut, Direction, Event, Lane, Opaque, Outcome
from .difference import Difference, Differences, diff, lanes_diff
from .recorder import KEPT, Application, Recorder

__all__ = ["Difference", "Differences", "diff", "lanes_diff", "replay", "script"]

CANCELLED = "CancelledError"
Ending = Literal["open", "return", "raise", "cancel"]
TURNS = 10  # of the event loop, in which an application acts on what it was just told


async def replay(
    app: Application,
    conversation: Conversation,
    *,
    timeout: float = 10.0,
    scope: Mapping[str, Any] | None = None,
) -> Conversation:
    """Play the server's side of a conversation to an application; return the conversation that comes of it.

    The application is called with the scope as it was recorded; what stands in `scope` takes the place of
    parts of it. An event is given when the application asks for one and has sent as many as it had, when it
    was given that one. What it sends is accepted, or raises what it raised then: the same exception, if it is
    one of Python's own, or else an OSError of its name. Where the call was cancelled it is cancelled again,
    and one that still went on when it was recorded is cancelled when all has happened.

    Raises ValueError for what no recording can give back: a string that was cut, an object, events that were
    dropped. Raises TimeoutError when the application has not ended after `timeout` seconds, and says what it
    was waiting for; it is cancelled then.
    """
    lane = conversation.outermost
    check_replayable(lane, scope or {})
    server = Server(lane)
    held: list[Conversation] = []
    recorder = Recorder(app, held.append, name=lane.name, keep=longest(lane))
    given_scope = said(lane.scope)
    if scope:
        given_scope = {**given_scope, **scope}
    call = recorder(given_scope, server.receive, server.send)
    server.task = task = asyncio.create_task(call)
    try:
        await server.begin()
        await asyncio.wait({task}, timeout=timeout)
        waits = None if task.done() else server.standing()
    finally:
        task.cancel()
        await asyncio.wait({task}, timeout=timeout)
    if waits:
        lines = [event.outside or event.line for event in in_order(held[0].outermost) if cancelled(event)]
        where = f", at {lines[-1]}" if lines else ""
        left = "" if task.done() else ", and does not end although it was cancelled"
        raise TimeoutError(
            f"the application has not ended in {timeout:g} seconds: {waits}{where}{left}. "
            "Give `replay` a longer `timeout` if all that it needs is time."
        )
    if not task.cancelled():
        task.exception()  # The conversation tells of it; nobody else need be told.
    return held[0]


class Server:
    """The server's side of a recorded conversation, step by step."""

    def __init__(self, lane: Lane) -> None:
        self.sends = [event for event in in_order(lane) if event.direction == "send"]
        self.script = list(given(lane))  # with each event, how many the application has to have sent
        self.end = cancelled_after(lane)
        self.task: asyncio.Task[None]
        self.given = 0
        self.begun = 0  # how often `send` was called
        self.sent = 0
        self.taken = 0  # of those: where `send` is about to return, or to raise
        self.waiting = 0  # for an event
        self.moved = asyncio.Condition()

    async def begin(self) -> None:
        """Let the application run until it waits, and cancel it if that is where it was cancelled."""
        await asyncio.sleep(0)
        self.cancel_when_due()

    def cancel_when_due(self) -> None:
        """Cancel the application, once all that came before it was cancelled has happened."""
        if self.end and self.given >= self.end[0] and self.taken >= self.end[1]:
            self.end = None
            self.task.cancel()

    def due(self) -> bool:
        """Whether there is an event to be given now."""
        return self.given < len(self.script) and self.script[self.given][0] <= self.sent

    async def receive(self) -> Any:
        async with self.moved:
            self.waiting += 1
            try:
                await self.moved.wait_for(self.due)
            finally:
                self.waiting -= 1
            event = self.script[self.given][1]
            self.given += 1
        self.cancel_when_due()
        if event.error:
            raise error_of(event.error)
        return said(event.fields)

    async def send(self, event: Any) -> None:
        recorded = self.sends[self.begun] if self.begun < len(self.sends) else None
        self.begun += 1
        await asyncio.sleep(0)
        async with self.moved:
            self.sent += 1
            self.moved.notify_all()
        if recorded and self.waiting and self.due() and given_during(self.script[self.given][1], recorded):
            for _ in range(TURNS):
                await asyncio.sleep(0)
        self.taken += 1
        self.cancel_when_due()
        if recorded and recorded.error:
            if cancelled(recorded):
                await asyncio.Event().wait()  # Whoever cancelled it then, cancels it again.
            raise error_of(recorded.error)

    def standing(self) -> str:
        """How far the conversation has got, and what it waits for."""
        so_far = f"it has received {self.given} of {len(self.script)} events and sent {self.sent}"
        if not self.waiting:
            return f"{so_far} of {len(self.sends)}, and awaits none"
        if self.given == len(self.script):
            return f"{so_far}, and awaits one more, which the recorded one has not"
        after, event = self.script[self.given]
        return f"{so_far}, and awaits {event.type!r}, which was given when {after} had been sent"


def in_order(lane: Lane) -> list[Event]:
    """The events in the order in which something came of them: sent, or given, or an error."""
    return sorted(lane.events, key=happened)


def happened(event: Event) -> int:
    """When something came of an event."""
    return event.at + (event.held or 0) if event.direction == "receive" and event.error else event.at


def given(lane: Lane) -> Iterator[tuple[int, Event]]:
    """The events that were given to the application, each with the number of those it had sent before."""
    sent = 0
    for event in in_order(lane):
        if event.direction == "send":
            sent += 1
        elif not cancelled(event):
            yield sent, event


def given_during(received: Event, sent: Event) -> bool:
    """Whether an event was given while another one was still being sent."""
    return sent.held is None or sent.at <= received.at < sent.at + sent.held


def cancelled(event: Event) -> bool:
    """Whether an `await` of `send` or `receive` was cancelled: by the server, or within the application."""
    return event.error is not None and event.error.startswith(CANCELLED)


def cancelled_after(lane: Lane) -> tuple[int, int] | None:
    """How many events had been given and sent when the call was cancelled; None if it was not.

    That was when an `await` was last cancelled in it, or else at its end.
    """
    if lane.outcome.how not in ("cancel", "open"):
        return None
    end = inf if lane.outcome.at is None else lane.outcome.at
    ends = [event.at + (event.held or 0) for event in lane.events if cancelled(event)]
    last = max((when for when in ends if when <= end), default=end)
    before = [event for event in lane.events if happened(event) <= last]
    sent = sum(event.direction == "send" for event in before)
    return sum(event.direction == "receive" and not cancelled(event) for event in before), sent


def said(fields: Mapping[Any, Any]) -> Any:
    """A scope or an event as it was; what is no dict was kept under the key None."""
    return deepcopy(fields[None] if None in fields else dict(fields))


def error_of(text: str) -> Exception:
    """An exception from its name and its text; what is not one of Python's own is an OSError of that name."""
    name, _, message = text.partition(": ")
    kind = getattr(builtins, name, None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        kind = type(name, (OSError,), {})
    error: Exception = kind(message) if message else kind()
    return error


def check_replayable(lane: Lane, instead: Mapping[str, Any] = MappingProxyType({})) -> None:
    """Raise ValueError for what cannot be given back."""
    if lane.dropped:
        raise ValueError(
            f"{lane.dropped} events of this conversation were dropped, as it had more than a recorder keeps: "
            "it can be read, and not replayed."
        )
    for key, value in lane.scope.items():
        if key not in instead:
            check_value(value, f"scope[{key!r}]", f"give `replay` another value: scope={{{key!r}: ...}}")
    for event in lane.events:
        if event.direction == "receive":
            where = f"event {event.index} ({event.type})"
            check_value(event.fields, where, "it can be read, and not replayed")


def check_value(value: Any, where: str, instead: str) -> None:
    """Raise ValueError for what is not as it was: `where` it is, and what to do `instead`."""
    match value:
        case Cut(prefix, length):
            raise ValueError(
                f"{where} was cut: of its length, {length}, {len(prefix)} were kept. Record the conversation "
                f"with Recorder(app, keep={length}), or a larger `keep`."
            )
        case Opaque(kind, text):
            raise ValueError(
                f"{where} was an object, {text} ({kind}), which no recording can hold: {instead}."
            )
        case dict():
            for key, item in value.items():
                check_value(item, f"{where}[{key!r}]" if "[" in where else f"{key!r} of {where}", instead)
        case list() | tuple():
            for item in value:
                check_value(item, where, instead)


def longest(lane: Lane) -> int:
    """What the recorder has to keep, to keep as much as was kept then."""
    return max([KEPT, *map(string_length, lane.events)])


def string_length(event: Event) -> int:
    """The length of the longest string in an event."""
    return max((len(value) for value in event.fields.values() if isinstance(value, str | bytes)), default=0)


Move = tuple[Direction, Any] | tuple[Direction, Any, str | EllipsisType]


def script(
    scope: Mapping[str, Any],
    moves: Iterable[Move],
    how: Ending = "return",
    error: str | None = None,
    *,
    broken: Iterable[str] = (),
) -> Conversation:
    """A conversation from what was said in it: pairs of a direction and an event, in their order.

    A third item says what the `await` raised, as "OSError: the client has left"; where nothing was received
    because of it, the event is {}. The third item of an event that was still being sent when the next one was
    received is `...`. `how` is how the call ended, `error` what it raised, and `broken` are the clauses that
    were broken.
    """
    events = [event_of(move, at) for at, move in enumerate(moves)]
    outcome = Outcome(how, None if how == "open" else len(events), error)
    violations = [breach(clause, None, "") for clause in broken]
    numbers = count()
    numbered = [replace(event, index=next(numbers)) if event.fields else event for event in events]
    return Conversation(0, 0.0, [Lane("script", scope, numbered, outcome, violations)])


def event_of(move: Move, at: int) -> Event:
    """An event of a script, in which it is the next one's turn after a nanosecond."""
    direction, event, *more = move
    return Event(
        index=None,
        at=at,
        held=2 if more and direction == "send" else 0,
        direction=direction,
        fields=event if isinstance(event, dict) else {None: event},
        line=None,
        outside=None,
        task=None,
        error=next((error for error in more if isinstance(error, str)), None),
    )
