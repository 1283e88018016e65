"""What one request has become on several servers, as a table: a row for each thing that can be said of it."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..contract import Party
from ..conversation import Conversation, Cut, Lane
from ..difference import are_pairs
from ..export.credentials import USUAL, Secrets, masked, masked_fields
from .drawing import text_of

SHOWN = 400  # characters of a value
EVENTS = 10  # events of a direction that have rows
SCOPE, SAID, ANSWER = "Its scope", "Its events", "The answer, as its client saw it"
LIFESPAN_SCOPE, LIFESPAN_SAID = "The lifespan before it: its scope", "The lifespan before it: its events"
ORDER = (SCOPE, SAID, ANSWER, LIFESPAN_SCOPE, LIFESPAN_SAID)

Sayings = Mapping[str, str]
"""What is said of something, by what it is said of."""


class Cell(NamedTuple):
    """What one server says: nothing where `text` is None, and nothing was heard of it without `heard`."""

    text: str | None
    heard: bool
    usual: bool


class Row(NamedTuple):
    """What every server says of one thing."""

    what: str
    cells: tuple[Cell, ...]

    @property
    def differs(self) -> bool:
        return len({cell.text for cell in self.cells if cell.heard}) > 1


class Section(NamedTuple):
    """Rows about one part of a conversation."""

    title: str
    rows: tuple[Row, ...]


class Told(NamedTuple):
    """What a server has told, by section; `error` says why that is not all, or nothing."""

    server: str
    version: str
    error: str
    sections: Mapping[str, Sayings]


def told(one: Mapping[str, Any], secret: Secrets = USUAL) -> Told:
    """What is known of a server, from what the site has returned of it. Raises ValueError for nonsense."""
    found: dict[str, Sayings] = {}
    conversations = [
        masked(Conversation.from_json(json.dumps(data)), secret) for data in one["conversations"]
    ]
    for conversation in conversations:
        # Of several requests the last one is meant. What was said before it began the server's life.
        lane, is_lifespan = conversation.outermost, conversation.scope.get("type") == "lifespan"
        found[LIFESPAN_SCOPE if is_lifespan else SCOPE] = dict(scope_of(lane.scope))
        found[LIFESPAN_SAID if is_lifespan else SAID] = dict(events_of(lane, still_runs=is_lifespan))
    if one["answer"] is not None:
        found[ANSWER] = dict(answer_of(one["answer"], secret))
    return Told(str(one["server"]), str(one["version"] or ""), str(one["error"] or ""), found)


def sections(servers: Sequence[Told]) -> list[Section]:
    """The table: a column for each server, also for one that has told nothing."""
    found = []
    for title in ORDER:
        columns = [one.sections.get(title) for one in servers]
        heard = [column for column in columns if column is not None]
        if heard:
            rows = tuple(row_of(what, columns) for what in names_of(heard))
            found.append(Section(title, rows))
    return found


def row_of(what: str, columns: Sequence[Sayings | None]) -> Row:
    """A row: what most servers say is usual, and nothing is where no two of them say the same."""
    heard = Counter(column.get(what) for column in columns if column is not None)
    usual, times = heard.most_common(1)[0]
    is_any_usual = times > 1 or len(heard) == 1
    cells = (
        Cell(None, heard=False, usual=True)
        if column is None
        else Cell(column.get(what), heard=True, usual=is_any_usual and column.get(what) == usual)
        for column in columns
    )
    return Row(what, tuple(cells))


def names_of(columns: Iterable[Sayings]) -> list[str]:
    """All names, each behind the one that it comes after in the column where it comes first."""
    names: list[str] = []
    for column in columns:
        place = 0
        for name in column:
            if name not in names:
                names.insert(place, name)
            place = names.index(name) + 1
    return names


def scope_of(scope: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    """What is said of a scope: a type of a value shows in how the value is written."""
    for key, value in scope.items():
        match key, value:
            case "headers", list() | tuple():
                yield "type of headers", type_of(value)
                yield from headers_of(value)
            case "client" | "server", [host, port]:
                yield key, repr(type(value)((host, Port(type(port).__name__))))
            case "state", dict():
                yield key, f"a dict, with keys of the application: {len(value)}"
            case _, dict() if value:
                yield from ((f"{key}: {name}", shown(inner)) for name, inner in value.items())
            case _:
                yield str(key), shown(value)
    yield "order of its keys", ", ".join(map(str, scope))


def shown(value: Any) -> str:
    """A value as Python writes it, so that a string is none of bytes and no number."""
    return text_of(value if isinstance(value, Cut) else repr(value), SHOWN)


class Port:
    """A port in a table: which one it is happens by chance, and its type does not."""

    def __init__(self, type: str) -> None:
        self.type = type

    def __repr__(self) -> str:
        return f"<{self.type}>"


def headers_of(headers: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """A row for each name, with all values as they are written, and one for their order."""
    if not are_pairs(headers):
        yield "headers", shown(headers)
        return
    lines: dict[str, list[str]] = {}
    for pair in headers:
        lines.setdefault(pair[0].decode("latin-1").lower(), []).append(line_of(pair))
    yield from ((f"header {name}", text_of("\n".join(found), SHOWN)) for name, found in lines.items())
    yield "order of the headers", ", ".join(name.decode("latin-1").lower() for name, _ in headers)


def type_of(headers: Sequence[Any]) -> str:
    """What headers are a list of."""
    kinds = dict.fromkeys(
        f"{type(pair).__name__} of {', '.join(type(part).__name__ for part in pair)}"
        if isinstance(pair, list | tuple)
        else type(pair).__name__
        for pair in headers
    )
    return f"{type(headers).__name__} of {' and '.join(kinds) or 'nothing'}"


def events_of(lane: Lane, *, still_runs: bool) -> Iterator[tuple[str, str]]:
    """What is said of the events of each direction, and how the call ended."""
    for direction in ("receive", "send"):
        events = [event for event in lane.events if event.direction == direction]
        yield f"{direction}, how often", f"{len(events)} or more" if lane.dropped else str(len(events))
        for number, event in enumerate(events[:EVENTS], 1):
            where = f"{direction} {number}"
            yield where, event.type or "(no event)"
            for key, value in event.fields.items():
                if key == "headers" and isinstance(value, list | tuple) and are_pairs(value):
                    yield f"{where}: headers", text_of("\n".join(map(line_of, value)), SHOWN)
                elif key != "type":
                    yield f"{where}: {key}", shown(value)
            if event.error:
                yield f"{where}: raised", event.error.partition(":")[0]
    if not still_runs:
        yield "end", " ".join(filter(None, (lane.outcome.how, lane.outcome.error)))
    broken = dict.fromkeys(one.clause for one in lane.violations if one.party is not Party.APPLICATION)
    yield "clauses the server breaks", "\n".join(broken) or "none"


def line_of(pair: Sequence[Any]) -> str:
    """A header as it is written in HTTP."""
    return "{}: {}".format(
        *(part.decode("latin-1") if isinstance(part, bytes) else repr(part) for part in pair)
    )


def answer_of(answer: Mapping[str, Any], secret: Secrets) -> Iterator[tuple[str, str]]:
    """What is said of an answer; a date is one, whichever it is."""
    yield "status", str(answer["status"])
    yield "version", str(answer["http_version"])
    pairs = [
        (
            str(name).encode("latin-1"),
            b"(now)" if str(name).lower() == "date" else str(value).encode("latin-1"),
        )
        for name, value in answer["headers"]
    ]
    yield from headers_of(masked_fields({"headers": pairs}, secret)["headers"])
    yield "bytes of its body", str(answer["size"])
