"""A conversation as the browser draws it: rows in the order of time, everything in them text or a number."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..contract import CLAUSES, Violation
from ..conversation import Conversation, Cut, Event, Hop, Lane, Line, Stall
from ..sources import INSTALLED

TEXT = 2000  # characters of a value

# Which events are the client's words, in the server's mouth, and which go out to it.
FROM_CLIENT = (
    "http.request",
    "http.disconnect",
    "websocket.connect",
    "websocket.receive",
    "websocket.disconnect",
)
TO_CLIENT = ("http.response.", "websocket.")


def drawn(conversation: Conversation) -> dict[str, Any]:
    """The conversation as plain data; it has no credentials in it if `conversation` has none."""
    scope = conversation.scope
    return {
        "id": conversation.id,
        "started": conversation.started,
        "title": title_of(scope),
        "type": str(scope.get("type")),
        "lanes": [lane_of(lane) for lane in conversation.lanes],
    }


def title_of(scope: Mapping[Any, Any]) -> str:
    """What a conversation is called: what was asked for, or else its type."""
    return " ".join(str(scope[key]) for key in ("method", "path") if scope.get(key)) or str(scope.get("type"))


def lane_of(lane: Lane) -> dict[str, Any]:
    """One lane: its rows, and what was broken where no row shows it."""
    kept = {event.index for event in lane.events}
    violations = [
        violation_of(violation, lane.line_of(violation), violation.event if violation.event in kept else None)
        for violation in lane.violations
    ]
    rows = sorted(rows_of(lane), key=lambda row: (row["at"], row["kind"] != "stall"))
    return {
        "name": lane.name,
        "scope": fields_of(lane.scope),
        "scope_after": None if lane.scope_after is None else fields_of(lane.scope_after),
        "rows": rows,
        "dropped": lane.dropped,
        "how": lane.outcome.how,
        "took": lane.outcome.at,
        "error": lane.outcome.error,
        "traceback": lane.outcome.traceback,
        "line": line_of(lane.outcome.line),
        "violations": violations,
    }


def rows_of(lane: Lane) -> Iterator[dict[str, Any]]:
    """Events, crossings and stalls."""
    yield from map(event_row, lane.events)
    yield from map(hop_row, lane.hops)
    yield from map(stall_row, lane.stalls)


def event_row(event: Event) -> dict[str, Any]:
    kind = event.type or ("(no type)" if event.fields else "no event came")
    wire = ""
    if event.direction == "receive" and kind in FROM_CLIENT:
        wire = "in"
    elif event.direction == "send" and kind.startswith(TO_CLIENT):
        wire = "out"
    body = event.fields.get("body") or event.fields.get("bytes") or event.fields.get("text")
    return {
        "kind": event.direction,
        "index": event.index,
        "at": event.at,
        "held": event.held,
        "type": kind,
        "wire": wire,
        "came": bool(event.fields),
        "size": length(body),
        "says": says(event.fields),
        "fields": fields_of({key: value for key, value in event.fields.items() if key != "type"}),
        "line": line_of(event.line),
        "outside": line_of(event.outside),
        "task": event.task,
        "error": event.error,
    }


def hop_row(hop: Hop) -> dict[str, Any]:
    return {
        "kind": "hop",
        "at": hop.at,
        "held": hop.held,
        "type": f"to a {hop.to}" if hop.to == "thread" else "back to the loop",
        "says": f"{hop.what} in {hop.thread}" if hop.thread else hop.what,
        "fields": fields_of({"waited": hop.waited, "ran": hop.ran, "ended": hop.how, "error": hop.error}),
        "line": line_of(hop.line),
        "outside": line_of(hop.outside),
        "error": hop.error,
    }


def stall_row(stall: Stall) -> dict[str, Any]:
    return {
        "kind": "stall",
        "at": stall.at,
        "held": stall.length,
        "type": "the event loop was held",
        "says": f"by {stall.line.function}" if stall.line else "",
        "fields": [["stack", "\n".join(map(str, stall.stack))]],
        "line": line_of(stall.line),
        "outside": line_of(stall.line),
        "error": None,
    }


def says(fields: Mapping[Any, Any]) -> str:
    """What an event says, in a few words: everything short in it."""
    words = []
    for key, value in fields.items():
        if key in ("type", "headers") or (value in (None, False, b"", "") and key != "body"):
            continue
        words.append(f"{key}={text_of(value, 60)}")
    return "  ".join(words)


def fields_of(fields: Mapping[Any, Any]) -> list[list[str]]:
    """Names and values as text; a header has a line of its own."""
    rows = []
    for key, value in fields.items():
        if key == "headers" and isinstance(value, list | tuple):
            rows += [["header", text_of(pair, TEXT)] for pair in map(header, value)]
        else:
            rows.append([str(key), text_of(value, TEXT)])
    return rows


def header(pair: Any) -> Any:
    """A header as it is written in HTTP, where it is one."""
    match pair:
        case (bytes() as name, bytes() as value):
            return f"{name.decode('latin-1')}: {value.decode('latin-1')}"
    return pair


def text_of(value: Any, most: int) -> str:
    """A value as text, cut where it is long."""
    if isinstance(value, Cut):
        return f"{text_of(value.prefix, most)} ... {value.length} in all"
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= most else f"{text[:most]} ... {len(text)} characters"


def length(value: Any) -> int | None:
    """How much of a body there was."""
    if isinstance(value, Cut):
        return value.length
    return len(value) if isinstance(value, bytes | str) else None


def line_of(line: Line | None) -> dict[str, Any] | None:
    """A line of source, and the short name of its file."""
    if line is None:
        return None
    return {"file": line.file, "line": line.line, "function": line.function, "name": short(line.file)}


def short(file: str) -> str:
    """The name of a file as people say it: from the package on, or from the directory it was started in."""
    path = Path(file)
    for part in INSTALLED:
        if part in path.parts:
            return "/".join(path.parts[path.parts.index(part) + 1 :])
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return path.name


def violation_of(violation: Violation, line: Line | None, event: int | None) -> dict[str, Any]:
    """A clause that was broken, with all that is known of it."""
    clause = CLAUSES[violation.clause]
    return {
        "clause": clause.id,
        "level": violation.level.value,
        "party": violation.party.value,
        "event": event,
        "message": violation.message,
        "remedy": violation.remedy,
        "says": clause.says,
        "section": clause.section,
        "line": line_of(line),
    }
