"""What is different between two conversations, or between two lanes of one.

    differences = diff(one, other)
    print(differences)

        ~ event 1, send http.response.start: 'status' 200 -> 404
        + event 1, send http.response.start: header b'retry-after': b'60'
        - event 2, send http.response.body: {'type': 'http.response.body', 'body': b'hello'}

Times, tasks, lines and numbers are nobody's intention, and are not compared. Nor is how the two directions
mingle: what one task receives while another one sends is decided by the event loop.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import groupby, pairwise, zip_longest
from typing import Any, Literal, NamedTuple

from .contract import Level
from .conversation import Conversation, Cut, Direction, Event, Lane, Opaque

BODIES = ("http.request", "http.response.body", "websocket.http.response.body")
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
MODULES = re.compile(r"^[\w.]+\.(?=\w+(:|$))")  # before the name of an exception
SHOWN = 120  # characters of a value
AROUND = 20  # characters before the first one that differs

Kind = Literal["added", "removed", "changed", "chunked"]
SIGNS: dict[Kind, str] = {"added": "+", "removed": "-", "changed": "~", "chunked": "~"}


class Difference(NamedTuple):
    """One thing that is not the same: `where` it is, `what` it is there, what it was and what it is.

    "chunked" says that a body is the same and came in other pieces: `one` and `other` are their lengths.
    """

    kind: Kind
    where: str
    what: str
    one: Any = None
    other: Any = None

    def __str__(self) -> str:
        place = (
            f"{SIGNS[self.kind]} {self.where}: {self.what}"
            if self.what
            else f"{SIGNS[self.kind]} {self.where}"
        )
        match self.kind:
            case "added":
                return f"{place}: {shown(self.other)}"
            case "removed":
                return f"{place}: {shown(self.one)}"
            case "changed":
                return f"{place} {change(self.one, self.other)}"
        return f"{place} came in other pieces, {shown(self.one)} -> {shown(self.other)}"


class Differences(list[Difference]):
    """A list that prints as lines; empty where nothing differs."""

    def __str__(self) -> str:
        return "\n".join(map(str, self))


def diff(one: Conversation, other: Conversation) -> Differences:
    """What is different in the outermost lane of another conversation.

    Bodies are joined before they are compared. Violations count that may fail a check, and notes do not.
    """
    before, after = one.outermost, other.outermost
    return Differences(
        [
            *value_differences(before.scope, after.scope, "scope"),
            *event_differences(before, after, "receive"),
            *event_differences(before, after, "send"),
            *outcome_differences(before, after),
            *violation_differences(before, after),
        ]
    )


def lanes_diff(conversation: Conversation) -> Differences:
    """What was changed between the lanes of a conversation, on the way to the application and back."""
    differences = Differences()
    for outer, inner in pairwise(conversation.lanes):
        there, back = f"{outer.name} -> {inner.name}", f"{inner.name} -> {outer.name}"
        differences += [
            *value_differences(outer.scope, inner.scope, f"{there}, scope"),
            *event_differences(outer, inner, "receive", f"{there}, "),
            *event_differences(inner, outer, "send", f"{back}, "),
            *outcome_differences(inner, outer, f"{back}, "),
        ]
    return differences


class Said(NamedTuple):
    """What was said by one event, or by several that hold the pieces of one body."""

    number: int | None
    fields: Mapping[Any, Any]
    pieces: tuple[int, ...] = ()

    @property
    def type(self) -> Any:
        return self.fields.get("type")


def event_differences(one: Lane, other: Lane, direction: Direction, prefix: str = "") -> Iterator[Difference]:
    """How the events of a direction differ."""
    for earlier, later in pairs(list(said(one, direction)), list(said(other, direction))):
        yield from pair_differences(earlier, later, f"{prefix}event", direction)


def pairs(
    before: Sequence[Said], after: Sequence[Said], key: Callable[[Said], Any] | None = None
) -> Iterator[tuple[Said | None, Said | None]]:
    """Which event takes the place of which: those that are the same are found first, then those of a type."""
    key = key or content
    for kind, a, b, c, d in SequenceMatcher(None, [*map(key, before)], [*map(key, after)]).get_opcodes():
        if kind == "replace" and key is content:
            yield from pairs(before[a:b], after[c:d], key=kind_of)
        else:
            yield from zip_longest(before[a:b], after[c:d])


def pair_differences(
    one: Said | None, other: Said | None, prefix: str, direction: Direction
) -> Iterator[Difference]:
    """How an event differs from the one that takes its place."""
    if one and other and one.type == other.type:
        where = f"{prefix} {one.number}, {direction} {one.type}"
        yield from value_differences(one.fields, other.fields, where)
        if one.pieces != other.pieces and same(one.fields.get("body"), other.fields.get("body")):
            yield Difference("chunked", where, "'body'", one.pieces, other.pieces)
        return
    if one:
        yield Difference("removed", f"{prefix} {one.number}, {direction} {one.type}", "", one.fields)
    if other:
        yield Difference(
            "added", f"{prefix} {other.number}, {direction} {other.type}", "", None, other.fields
        )


def said(lane: Lane, direction: Direction) -> Iterator[Said]:
    """The events of a direction, the pieces of bodies joined; an `await` that was cancelled said nothing."""
    events = [event for event in lane.events if event.direction == direction]
    for kind, group in groupby(filter(was_said, events), key=body_type):
        run = list(group)
        if kind is None:
            yield from (Said(event.index, dict(event.fields) | raised(event)) for event in run)
        else:
            bodies = [event.fields.get("body", b"") for event in run]
            more = run[-1].fields.get("more_body", False)
            fields: dict[Any, Any] = {
                **run[-1].fields,
                "body": joined(bodies),
                "more_body": more,
                **raised(run[-1]),
            }
            yield Said(run[0].index, fields, tuple(map(length, bodies)))


def was_said(event: Event) -> bool:
    return event.direction == "send" or not (event.error or "").startswith("CancelledError")


def body_type(event: Event) -> str | None:
    """The type of an event that holds a piece of a body."""
    return (
        event.type
        if event.type in BODIES and isinstance(event.fields.get("body", b""), bytes | Cut)
        else None
    )


def raised(event: Event) -> dict[str | None, Any]:
    return {"(raised)": event.error} if event.error else {}


def joined(pieces: Sequence[Any]) -> Any:
    """A body from its pieces; it is cut where the first of them is."""
    prefix: Any = b""
    for piece in pieces:
        if isinstance(piece, Cut):
            return Cut(prefix + piece.prefix, sum(map(length, pieces)))
        prefix += piece
    return prefix


def length(text: Any) -> int:
    return text.length if isinstance(text, Cut) else len(text)


def content(event: Said) -> str:
    return plain(repr(event.fields))


def kind_of(event: Said) -> Any:
    return event.type


def value_differences(one: Mapping[Any, Any], other: Mapping[Any, Any], where: str) -> Iterator[Difference]:
    """How the keys of a scope or of an event differ, and what is in them."""
    for key in [*one, *(key for key in other if key not in one)]:
        before, after = one.get(key), other.get(key)
        if key not in other:
            yield Difference("removed", where, repr(key), before)
        elif key not in one:
            yield Difference("added", where, repr(key), None, after)
        elif same(before, after):
            continue
        elif key == "headers" and are_pairs(before) and are_pairs(after):
            yield from header_differences(before, after, where)
        elif isinstance(before, dict) and isinstance(after, dict):
            yield from value_differences(before, after, f"{where}, {key!r}")
        else:
            yield Difference("changed", where, repr(key), before, after)


def are_pairs(headers: Any) -> bool:
    return isinstance(headers, list | tuple) and all(
        isinstance(pair, list | tuple) and len(pair) == 2 and isinstance(pair[0], bytes) for pair in headers
    )


def header_differences(one: Any, other: Any, where: str) -> Iterator[Difference]:
    """How headers differ: by name, and in their order where that is all."""
    nothing = True
    for name in dict.fromkeys(name for name, _ in [*one, *other]):
        before = [value for key, value in one if key == name]
        after = [value for key, value in other if key == name]
        for earlier, later in zip_longest(before, after):
            if not same(earlier, later):
                nothing = False
                kind: Kind = "added" if earlier is None else "removed" if later is None else "changed"
                yield Difference(kind, where, f"header {name!r}", earlier, later)
    if nothing:
        names = [[name for name, _ in pairs] for pairs in (one, other)]
        yield Difference("changed", where, "order of the headers", *names)


def outcome_differences(one: Lane, other: Lane, prefix: str = "") -> Iterator[Difference]:
    """How the ends of two calls differ."""
    ends = [
        outcome.how + (f" {MODULES.sub('', plain(outcome.error))}" if outcome.error else "")
        for outcome in (one.outcome, other.outcome)
    ]
    if ends[0] != ends[1]:
        yield Difference("changed", f"{prefix}end", "", *ends)


def violation_differences(one: Lane, other: Lane) -> Iterator[Difference]:
    """The clauses that are broken in one lane, and not, or not as often, in the other one."""
    broken = [
        Counter(
            (violation.party.value, violation.clause)
            for violation in lane.violations
            if violation.level in (Level.MUST, Level.SHOULD)
        )
        for lane in (one, other)
    ]
    for party, clause in (broken[0] - broken[1]).elements():
        yield Difference("removed", f"violation by the {party}", "", clause)
    for party, clause in (broken[1] - broken[0]).elements():
        yield Difference("added", f"violation by the {party}", "", None, clause)


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same, as far as it was kept. A list is as good as a tuple."""
    if isinstance(one, Cut) or isinstance(other, Cut):
        parts = [text.prefix if isinstance(text, Cut) else text for text in (one, other)]
        if type(parts[0]) is not type(parts[1]) or length(one) != length(other):
            return False
        kept = min(map(len, parts))
        return bool(parts[0][:kept] == parts[1][:kept])
    if isinstance(one, Opaque) and isinstance(other, Opaque):
        return (one.type, plain(one.repr)) == (other.type, plain(other.repr))
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return type(one) is type(other) and bool(one == other)


def plain(text: str) -> str:
    """A text without the addresses of objects."""
    return ADDRESS.sub("", text)


def change(one: Any, other: Any) -> str:
    """What became of a value; of a long one, from where on it differs."""
    texts: list[Any] = [text.prefix if isinstance(text, Cut) else text for text in (one, other)]
    if (
        type(texts[0]) is type(texts[1])
        and isinstance(texts[0], str | bytes)
        and max(map(len, texts)) > SHOWN // 2
    ):
        at = next((n for n, (a, b) in enumerate(zip(*texts, strict=False)) if a != b), min(map(len, texts)))
        parts = [shown(text[max(at - AROUND, 0) : at + SHOWN // 2]) for text in texts]
        return f"differs from {at} on: {parts[0]} -> {parts[1]}, of {length(one)} -> {length(other)} in all"
    return f"{shown(one)} -> {shown(other)}"


def shown(value: Any) -> str:
    """A value in a line."""
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."
