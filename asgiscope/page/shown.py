"""What the transcripts of an exhibit tell of it: clauses that it keeps, and requests to try it with."""

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..contract import CLAUSES, Clause, Party, Seen
from ..contract.notation import event_of, scope_of

LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'")
FIELD = re.compile(r" (\w+)=")
# What HTTP asks for beside the specification of ASGI, and the word in a transcript that it is about.
ABOUT = {
    "http.semantics.content-length": "content-length",
    "http.semantics.head-body": "scope http HEAD",
    "http.semantics.status": "http.response.start",
    "http.semantics.header": "http.response.start",
}
EVENT = re.compile(r"send ([\w.]+)")
FIELDS = {
    "status", "headers", "trailers", "body", "more_body", "bytes", "text", "subprotocol", "code", "reason",
    "message", "path", "file", "offset", "count", "links", "more_trailers", "info",
}  # fmt: skip
"""What a part of a clause's id means, if it is one of these: a field of the event."""


def clauses_of(transcripts: Iterable[Sequence[str]]) -> list[Clause]:
    """The clauses that bind an application in what it says here: each can be seen in a conversation.

    They are those about the events that are sent, and of those about one field, the ones whose field is said.
    """
    said = said_in(transcripts)
    text = "\n".join("\n".join(lines) for lines in transcripts)
    return [clause for clause in CLAUSES.values() if is_shown(clause, said, text)]


def said_in(transcripts: Iterable[Sequence[str]]) -> dict[str, set[str]]:
    """The types of the events that are sent, and the fields that each has somewhere."""
    said: dict[str, set[str]] = {}
    kind = ""
    for line in (line for lines in transcripts for line in lines):
        if found := EVENT.match(line):
            kind = found[1]
            said.setdefault(kind, set()).update(FIELD.findall(LITERAL.sub("''", line)))
        elif kind and line.startswith("    "):
            said[kind].add("headers")
        else:
            kind = ""
    return said


def is_shown(clause: Clause, said: dict[str, set[str]], text: str) -> bool:
    """Whether these events are what a clause is about."""
    if clause.party not in (Party.APPLICATION, Party.BOTH) or clause.seen is not Seen.CONVERSATION:
        return False
    for about, word in ABOUT.items():
        if clause.id == about or clause.id.startswith(f"{about}."):
            return word in text
    id = clause.id.removeprefix("ext.")
    kinds = [kind for kind in said if id.startswith(f"{kind}.")]
    if not kinds:
        return False
    kind = max(kinds, key=len)
    field = id.removeprefix(f"{kind}.").partition(".")[0].partition("-")[0]
    return field not in FIELDS or field in said[kind]


def requests_of(transcripts: Iterable[Sequence[str]]) -> Iterator[dict[str, Any]]:
    """What a client does in each of the conversations, as the page's form has it."""
    for lines in transcripts:
        first, *events = joined(lines)
        try:
            scope = scope_of(first)
            received = [
                event_of(line.removeprefix("receive ")) for line in events if line.startswith("receive ")
            ]
        except ValueError:
            continue  # Some of it may be left out by dots.
        if isinstance(scope, dict) and scope.get("type") in ("http", "websocket"):
            yield request_of(scope, received)


def joined(lines: Iterable[str]) -> list[str]:
    """The events of a transcript, each with its headers in further lines."""
    events: list[str] = []
    for line in lines:
        if line.startswith("    ") and events:
            events[-1] += "\n" + line.strip()
        else:
            events.append(line)
    return events


def request_of(scope: dict[str, Any], received: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A request for the form: chunks of the body or frames, and whether the client leaves before the end."""
    query = scope["query_string"].decode("latin-1")
    headers = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]]
    found: dict[str, Any] = {
        "type": scope["type"],
        "method": scope.get("method", "GET"),
        "target": f"{scope['path']}?{query}" if query else scope["path"],
        "headers": [pair for pair in headers if pair[0] != "host"],
        "version": scope["http_version"],
        "chunks": [],
        "frames": [],
        "subprotocols": list(scope.get("subprotocols") or ()),
        "leaves": False,
    }
    for event in received:
        match event["type"]:
            case "http.request" if event.get("body"):
                found["chunks"].append(text_of(event["body"]))
            case "websocket.receive":
                text = event.get("text")
                found["frames"].append({"text": text} if text is not None else text_of(event["bytes"]))
            case "http.disconnect":
                found["leaves"] = True
    # Who sends the body says how long it is; a length that is another one is there to be shown.
    length = sum(len(event.get("body", b"")) for event in received if event["type"] == "http.request")
    found["headers"] = [pair for pair in found["headers"] if pair != ["content-length", str(length)]]
    return found


def text_of(data: bytes) -> dict[str, str]:
    """Bytes for the form: as text, if they are that, or in base64."""
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}
