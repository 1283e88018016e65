"""Two conversations side by side, with what is different between them."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ..conversation import Conversation, Event, Lane
from ..difference import (
    SIGNS,
    Difference,
    Said,
    are_pairs,
    outcome_differences,
    pair_differences,
    pairs,
    said,
    same,
    value_differences,
    violation_differences,
)
from ..sources import is_outside
from ..terminal import clock
from .drawing import lane_of, short
from .journal import word
from .running import MARK

MOST = 1000  # events of each that are compared: to pair them costs the product of both numbers
STARTS = ("http.response.start", "websocket.accept", "websocket.close", "websocket.http.response.start")


class Marked(NamedTuple):
    """Events that take each other's place: their numbers, and what differs between them, with a sign."""

    one: int | None
    other: int | None
    sign: str
    differences: tuple[Difference, ...]


def compared(one: Conversation, other: Conversation, views: Collection[str] = ()) -> dict[str, Any]:
    """Both as plain data: their lanes, with a sign in the rows that differ, the facts, and what differs.

    `pairs` are the numbers of events that take each other's place. `views` are the files that a framework
    calls for an answer, where they are known.
    """
    lanes = begun(one.outermost), begun(other.outermost)
    events = marked(*lanes)
    drawings = [lane_of(lane) for lane in lanes]
    for side, drawing in enumerate(drawings):
        signs = {numbers[side]: mark for mark in events if mark.sign and (numbers := (mark.one, mark.other))}
        signs.pop(None, None)
        for row in drawing["rows"]:
            mark = signs.get(row.get("index"))
            row["sign"] = mark.sign if mark else ""
            row["differs"] = lines(mark.differences) if mark else []
    return {
        "ids": [one.id, other.id],
        "names": [name_of(one), name_of(other)],
        "lanes": drawings,
        "pairs": [[mark.one, mark.other] for mark in events if None not in (mark.one, mark.other)],
        "facts": list(facts(*lanes, views)),
        "differences": lines(differences(*lanes, events)),
    }


def begun(lane: Lane) -> Lane:
    """The lane with no more events than are compared, and without what the page itself has put there."""
    left_out = max(0, len(lane.events) - MOST)
    scope = dict(lane.scope)
    if headers := pairs_in(scope):
        scope["headers"] = [pair for pair in headers if pair[0] != MARK]
    return replace(lane, scope=scope, events=lane.events[:MOST], dropped=lane.dropped + left_out)


def name_of(conversation: Conversation) -> str:
    """What a conversation is about, whatever a server has put into its scope."""
    scope = conversation.scope
    words = " ".join(word(scope[key]) for key in ("method", "path") if scope.get(key))
    query = word(scope.get("query_string"))
    return f"{words}?{query}" if query else words or word(scope.get("type"))


def marked(one: Lane, other: Lane) -> list[Marked]:
    """All events, in pairs where one takes the place of another."""
    found = []
    for direction in ("receive", "send"):
        for before, after in pairs(list(said(one, direction)), list(said(other, direction))):
            differing = tuple(spelled(before, after, pair_differences(before, after, "event", direction)))
            sign = "-" if after is None else "+" if before is None else "~" if differing else ""
            numbers = before.number if before else None, after.number if after else None
            found.append(Marked(*numbers, sign, differing))
    return found


def spelled(one: Said | None, other: Said | None, differing: Iterable[Difference]) -> Iterator[Difference]:
    """The same differences; a header that differs in its capitals alone is one of them, and not two."""
    found = list(differing)
    before, after = (pairs_in(event.fields) if event else [] for event in (one, other))
    for name, value in before:
        for spelling, its_value in after:
            if name == spelling or name.lower() != spelling.lower() or not same(value, its_value):
                continue
            gone = next((one for one in found if is_header(one, "removed", name, value)), None)
            come = next((one for one in found if is_header(one, "added", spelling, value)), None)
            if gone is not None and come is not None:
                found.remove(come)
                found[found.index(gone)] = Difference("changed", gone.where, "capitals of", name, spelling)
    yield from found


def pairs_in(fields: Mapping[Any, Any]) -> list[tuple[bytes, Any]]:
    """The headers, where they are such."""
    headers = fields.get("headers")
    return list(headers) if headers is not None and are_pairs(headers) else []


def is_header(difference: Difference, kind: str, name: bytes, value: Any) -> bool:
    """Whether it says that this header has come, or has gone."""
    told = difference.other if kind == "added" else difference.one
    return (difference.kind, difference.what) == (kind, f"header {name!r}") and same(told, value)


def differences(one: Lane, other: Lane, events: Iterable[Marked]) -> Iterator[Difference]:
    """All that differs, from the scope to the end; the port of the client is nobody's intention."""
    yield from (
        found for found in value_differences(one.scope, other.scope, "scope") if found.what != "'client'"
    )
    for mark in events:
        yield from mark.differences
    yield from outcome_differences(one, other)
    yield from violation_differences(one, other)


def lines(differences: Iterable[Difference]) -> list[tuple[str, str]]:
    """Each in a line, with its sign before it; what is said more than once is counted."""
    counted = Counter((SIGNS[one.kind], str(one)[2:]) for one in differences)
    return [
        (sign, f"{text}, {times} times" if times > 1 else text) for (sign, text), times in counted.items()
    ]


def facts(one: Lane, other: Lane, views: Collection[str]) -> Iterator[tuple[str, str, str, bool]]:
    """What is asked first of two: what it is, what it is here and there, and whether that differs.

    Times differ always, so that is worth a mark from twice as long on.
    """
    for what, instants in (
        ("the first byte left after", (first_byte(one), first_byte(other))),
        ("all of it took", (one.outcome.at, other.outcome.at)),
    ):
        known = [instant for instant in instants if instant is not None]
        far = len(known) == 1 or (len(known) == 2 and max(known) > 2 * min(known))
        here, there = ("–" if instant is None else clock(instant) for instant in instants)
        yield what, here, there, far
    tellers: tuple[tuple[str, Callable[[Lane], str]], ...] = (
        ("the request body is read", lambda lane: reader(lane, views)),
        ("that is at", place_of_reading),
        ("it is read", when_read),
        ("events received", lambda lane: count(lane, "receive")),
        ("events sent", lambda lane: count(lane, "send")),
        ("crossings between threads", lambda lane: str(len(lane.hops) + lane.dropped_hops)),
    )
    for what, told in tellers:
        here, there = told(one), told(other)
        if here or there:
            yield what, here or "–", there or "–", here != there


def first_byte(lane: Lane) -> int | None:
    """When the answer began."""
    return next(
        (event.at for event in lane.events if event.direction == "send" and event.type in STARTS), None
    )


def bodies(lane: Lane) -> list[Event]:
    return [event for event in lane.events if event.type == "http.request"]


def reader(lane: Lane, views: Collection[str]) -> str:
    """Who asks for the request body: the code that answers, or a framework, be it for the view or not."""
    read = next(iter(bodies(lane)), None)
    if read is None or read.line is None:
        return ""
    if is_outside(read.line.file):
        return "by the code that answers"
    if not views:
        return "by a framework"
    asks = read.outside is not None and read.outside.file in views
    return f"by the framework, {'as the view asks for it' if asks else 'and not by the view'}"


def place_of_reading(lane: Lane) -> str:
    """The functions that receive the request body."""
    lines = dict.fromkeys(
        (short(event.line.file), event.line.function) for event in bodies(lane) if event.line
    )
    return "\n".join(f"{file}, {function}" for file, function in lines)


def when_read(lane: Lane) -> str:
    """Whether the request body was there, all of it, before the answer began."""
    read, began = bodies(lane), first_byte(lane)
    if not read:
        return ""
    earlier = sum(began is None or event.at < began for event in read)
    return (
        "before the answer begins"
        if earlier == len(read)
        else f"while it is answered: {earlier} of {len(read)} events before that begins"
    )


def count(lane: Lane, direction: str) -> str:
    """How many events there are."""
    found = sum(event.direction == direction for event in lane.events)
    return f"{found} or more" if lane.dropped else str(found)
