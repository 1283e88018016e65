"""What every judge does: it is fed a scope, then events, and answers with the clauses that they break.

A judge has no clock, no loop and no task, and what it is fed it does not change. It knows the order of
events from grids: a row for an event, a column for a state, and in every cell the next state or the breach.

Most events are plain and in their place, and each protocol passes those at once. That is a short cut: it
never says that something is wrong, and never passes what the long way would not.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, NamedTuple

from .clause import Level, Party, Violation, breach
from .extensions import extension_of, offered
from .values import Field, field_breaches, shown, value_breaches

NONE: Sequence[Violation] = ()
NOBODY = object()
KEPT = 1_000  # violations of one conversation
LONG = 100  # events that it takes until something has gone on "for long"

Scope = Mapping[str, Any]
Event = Mapping[str, Any]
End = Literal["return", "raise", "cancel"]


class Breach(NamedTuple):
    """A cell that a clause forbids; with `then`, the conversation goes on as if it were allowed."""

    clause: str
    then: str = ""
    level: Level | None = None


Grid = Mapping[str, tuple[str | Breach, ...]]


class Judge:
    """The judge of one conversation.

    `open()`, then `receive(event)` and `send(event)` in the order of the conversation, then `end(how)`: each
    returns the violations that it adds, and `violations` has the first. `by` says who speaks, where several
    tasks do: any value that tells them apart. `asked` says how many events there had been when `receive()`
    was called, where its answer came later. `failed()` says that a `send` has raised.
    """

    STATES: ClassVar[Mapping[str, str]] = {}  # each state, and how a message says that it is the present one
    SEND: ClassVar[Grid] = {}
    SEND_FIELDS: ClassVar[Mapping[str, tuple[Field, ...]]] = {}
    RECEIVE_FIELDS: ClassVar[Mapping[str, tuple[Field, ...]]] = {}
    # The clauses on events that the protocol does not have, and on sending to a client that has left.
    UNKNOWN: ClassVar[Mapping[str, str]] = {}
    SENT_WHEN_GONE = "general.app.lives-as-long-as-connection"
    SENT_LONG_AFTER = "general.app.lives-as-long-as-connection"

    ended = False
    disordered = False  # an order was broken, so that what is owed at the end is owed because of that
    gone = False  # the client has left, and somebody has been told
    gone_by: Any = NOBODY  # who has been told
    aware = True  # and could not take it for anything else
    late_receives = late_sends = 0  # events since

    def __init__(self, scope: Scope, state: str) -> None:
        self.scope = scope
        self.protocol = scope.get("type")
        self.state = state
        self.counted = 0  # events, in both directions
        self.violations: list[Violation] = []

    def open(self) -> Sequence[Violation]:
        """Judge the scope."""
        return self.found(self.scope_breaches(), Party.SERVER)

    def receive(self, event: Any, by: Any = None, asked: int | None = None) -> Sequence[Violation]:
        """Judge an event that the server gives to the application."""
        if self.quick_receive(event) is not None:
            return NONE
        index = self.counted
        self.counted += 1
        asked = index if asked is None else asked
        violations = self.found(self.receive_breaches(event, index, by, asked), Party.SERVER)
        self.settle()
        return violations

    def send(self, event: Any, by: Any = None) -> Sequence[Violation]:
        """Judge an event that the application sends."""
        if self.quick_send(event) is not None:
            return NONE
        index = self.counted
        self.counted += 1
        violations = self.found(self.send_breaches(event, index, by), Party.APPLICATION)
        self.settle()
        return violations

    def quick_receive(self, event: Any, /) -> int | None:
        """Take note of a plain event from the server that is in its place: how long its body or text is.

        None for any other event, which is then not taken note of.
        """
        return None

    def quick_send(self, event: Any, /) -> int | None:
        """The same of an event from the application."""
        return None

    def quick_end(self, how: End, /) -> bool:
        """Take note of an end at which nothing is owed.

        False for any other, which is then not taken note of.
        """
        return False

    def settle(self) -> None:
        """Work out for the short cuts what they may assume, after something has changed."""

    def failed(self) -> None:
        """Know that `send` has raised: the application may take it that the client has left."""
        self.gone = True
        self.settle()

    def end(self, how: End) -> Sequence[Violation]:
        """Judge the end of the call. One that raises, or is cancelled, owes nothing more."""
        self.ended = True
        self.settle()
        if how != "return" or self.disordered:
            return NONE
        return self.found(self.end_breaches(), Party.APPLICATION)

    def hide(self, scope: Scope, hide: Callable[[Any], Any]) -> None:
        """Hold on to this scope instead, and to nothing that was said but what `hide` makes of it."""
        self.scope = scope

    def found(self, breaches: Iterable[Violation], by: Party) -> Sequence[Violation]:
        """Keep the violations, and return them. What binds both parties was broken by the one who spoke."""
        violations = [one._replace(party=by) if one.party is Party.BOTH else one for one in breaches]
        self.violations += violations[: max(0, KEPT - len(self.violations))]
        return violations

    def scope_breaches(self) -> Iterator[Violation]:
        """The clauses that the scope breaks."""
        raise NotImplementedError

    def end_breaches(self) -> Iterator[Violation]:
        """The clauses that are broken by returning now."""
        raise NotImplementedError

    def gate(self, kind: str) -> str | None:
        """The clause that is broken by sending an event of an extension which the scope does not offer."""
        name = extension_of(kind)
        return None if name is None or name in offered(self.scope) else f"ext.{name}.gate"

    def send_row(self, event: Event) -> str:
        """The row of the grid that an event belongs to."""
        return str(event["type"])

    def more_send_breaches(self, event: Event, index: int, name: str) -> Iterator[Violation]:
        """What an event breaks beside types and order, after noting what later events depend on."""
        yield from ()

    def order_received(self, event: Event, index: int, by: Any, asked: int) -> Iterator[Violation]:
        """The clause on order that an event from the server breaks."""
        raise NotImplementedError

    def send_breaches(self, event: Any, index: int, by: Any) -> Iterator[Violation]:
        """All clauses that an event of the application breaks."""
        kind, name = yield from self.known(event, index, "send", self.SEND_FIELDS)
        if kind is None:
            return
        if self.gone:
            yield from self.late(name, index, by)
            return
        row = self.SEND[self.send_row(event)]
        yield from self.more_send_breaches(event, index, name)
        did = f"The application sent {name} when {self.STATES[self.state]}."
        move = self.step(row, self.STATES, self.state, index, did)
        gate = self.gate(kind)
        if gate is None:
            self.state = yield from move
        else:  # A server that does not know the event takes no account of it, nor of where it stands.
            yield breach(gate, index, f"The application sent {name}, which the scope does not offer.")
            self.disordered = True

    def receive_breaches(self, event: Any, index: int, by: Any, asked: int) -> Iterator[Violation]:
        """All clauses that an event of the server breaks."""
        kind, _ = yield from self.known(event, index, "receive", self.RECEIVE_FIELDS)
        if kind is not None:
            yield from self.order_received(event, index, by, asked)

    def known(
        self, event: Any, index: int, direction: str, fields: Mapping[str, tuple[Field, ...]]
    ) -> Generator[Violation, None, tuple[str | None, str]]:
        """The clauses on an event's form; its type and name, or None where the protocol has no such one."""
        did = "The application sent" if direction == "send" else "The server gave"
        if not isinstance(event, dict):
            yield breach("general.event.is-dict", index, f"{did} {shown(event)}, not a dict.")
            return None, ""
        kind = event.get("type")
        if not isinstance(kind, str):
            wrong = "no 'type'" if "type" not in event else f"the type {shown(kind)}"
            yield breach("general.event.type", index, f"{did} an event with {wrong}.")
            return None, ""
        name, own = repr(str(kind)), fields.get(kind)
        yield from value_breaches(event, {"type", *(field.key for field in own or ())}, index, name)
        if own is None:
            message = f"{did} {name} in a conversation of type {self.protocol!r}."
            yield from self.unknown(kind, index, direction, message)
            return None, ""
        yield from field_breaches(event, own, index, name)
        return kind, name

    def unknown(self, kind: str, index: int, direction: str, message: str) -> Iterator[Violation]:
        """The clause broken by an event that the protocol does not have: none, if an extension has it."""
        if kind.startswith("tls."):
            yield breach("tls.no-new-events", index, message)
        elif kind not in offered(self.scope):
            yield breach(self.UNKNOWN[direction], index, message)
        elif kind.partition(".")[0] != self.protocol:
            yield breach("general.event.type.namespaced", index, message)

    def step(
        self, row: tuple[str | Breach, ...], states: Mapping[str, str], state: str, index: int, did: str
    ) -> Generator[Violation, None, str]:
        """The next state, after the clause that forbids to go there."""
        cell = row[tuple(states).index(state)]
        if not isinstance(cell, Breach):
            return cell
        yield breach(cell.clause, index, did, level=cell.level)
        self.disordered = self.disordered or not cell.then
        return cell.then or state

    def late(self, name: str, index: int, by: Any) -> Iterator[Violation]:
        """The clause that is broken by sending to a client that has left: by one who knew, or for long."""
        self.late_sends += 1
        if by == self.gone_by:
            if not self.disordered:
                message = f"The application sent {name} after it had received the disconnect."
                yield breach(self.SENT_WHEN_GONE, index, message, level=None if self.aware else Level.NOTE)
            self.disordered = True
        elif self.late_sends == LONG:
            message = f"The application has sent {LONG} events since the client left."
            yield breach(self.SENT_LONG_AFTER, index, message, level=Level.SHOULD)

    def left(self, by: Any, index: int) -> Iterator[Violation]:
        """Note that the application has been told that the client left; it need not ask again and again."""
        self.gone, self.gone_by = True, by
        self.late_receives += 1
        if self.late_receives == LONG:
            message = f"The application has received {LONG} events since the client left, and asks for more."
            yield breach("general.app.lives-as-long-as-connection", index, message)
