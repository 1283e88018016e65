"""Conversations as lines of text, in the notation of the exhibits' docstrings.

    scope http GET /items?n=1 http_version='2' -scheme +http.response.push
        accept: text/plain
    receive http.request body=b'x' more_body=True
    send http.response.start status=200
        content-type: text/plain
    return

The scope is one that a server makes, changed from left to right by what its line says: `key=value` sets a
key, `-key` takes it away, `+name` offers an extension. Values are Python literals, and headers are the
indented lines below. A scope or an event that cannot be said like this stands behind an equals sign, as one
literal: `send = ['http.response.start']`. The last line says how the call ends: `return`, `raise`, `cancel`.
Without a line for it, the scope is that of GET /. FILE and CLOSED_FILE stand for what has no literal: an open
file, and one that was closed.
"""

import ast
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

Scope = dict[str, Any]

ENDS = ("return", "raise", "cancel")


class StandIn:
    """A file, as far as a judge looks at one."""

    def __init__(self, name: str, closed: bool) -> None:
        self.name, self.closed = name, closed

    def fileno(self) -> int:
        if self.closed:
            raise ValueError("the file is closed")
        return 0

    def __repr__(self) -> str:
        return self.name


FILES = {"FILE": StandIn("FILE", closed=False), "CLOSED_FILE": StandIn("CLOSED_FILE", closed=True)}


class Told(NamedTuple):
    """A conversation, read from lines: `moves` are pairs of a direction and an event."""

    scope: Any
    moves: list[tuple[str, Any]]
    end: str | None


def http(method: str = "GET", target: str = "/", headers: Any = (), **more: Any) -> Scope:
    """The scope of a request, as a server makes it; `more` is added to it or replaces parts."""
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"testserver"), *headers],
        "client": ("127.0.0.1", 50000),
        "server": ("testserver", 80),
        "extensions": {},
        **more,
    }


def websocket(target: str = "/", headers: Any = (), **more: Any) -> Scope:
    """The scope of a WebSocket handshake."""
    scope = {**http("GET", target, headers), "type": "websocket", "scheme": "ws", "subprotocols": []}
    del scope["method"]
    return {**scope, **more}


def lifespan(**more: Any) -> Scope:
    """The scope of a lifespan."""
    return {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}, **more}


def read(text: str, **more: Any) -> Told:
    """Read a conversation; `more` is added to its scope.

    Raises ValueError for a line that is none of this notation.
    """
    lines: list[str] = []
    for line in filter(str.strip, text.splitlines()):
        if line.startswith("    ") and lines:
            lines[-1] += "\n" + line.strip()
        else:
            lines.append(line.strip())
    scope: Any = {**http(), **more}
    if lines and lines[0].startswith("scope "):
        scope = scope_of(lines.pop(0), **more)
    end = lines.pop() if lines and lines[-1] in ENDS else None
    moves = []
    for line in lines:
        direction, _, said = line.partition(" ")
        if direction not in ("receive", "send"):
            raise ValueError(
                f"{line!r} is neither a receive nor a send, nor one of {', '.join(ENDS)} at the end"
            )
        moves.append((direction, event_of(said)))
    return Told(scope, moves, end)


def scope_of(line: str, **more: Any) -> Any:
    """A scope from the first line of a conversation, with its headers below; see `read`."""
    first, *headers = line.split("\n")
    if first.startswith("scope = "):
        return value_of(first.removeprefix("scope = "))
    scope: Scope
    match first.split(" ", 4):
        case ["scope", "lifespan", *rest] if not headers:
            scope = lifespan(**more)
        case ["scope", "websocket", target, *rest]:
            scope = websocket(target, headers_of(headers), **more)
        case ["scope", "http", method, target, *rest]:
            scope = http(method, target, headers_of(headers), **more)
        case _:
            raise ValueError(
                f"{line!r} is no scope: write 'scope http METHOD TARGET', 'scope websocket TARGET' or "
                "'scope lifespan', and headers below the first two"
            )
    for sign, key, value in words(" ".join(rest)):
        if sign == "=":
            scope[key] = value
        elif sign == "-":
            scope.pop(key, None)
        else:
            scope["extensions"] = {**(scope.get("extensions") or {}), key: {}}
    return scope


def event_of(line: str) -> Any:
    """An event from its line, without the direction, with its headers below; see `read`."""
    first, *headers = line.split("\n")
    if first.startswith("= "):
        return value_of(first.removeprefix("= "))
    kind, _, rest = first.partition(" ")
    if not kind:
        raise ValueError("a receive or a send has no event: write its type behind it")
    event: dict[str, Any] = {"type": kind}
    for sign, key, value in words(rest):
        if sign != "=":
            raise ValueError(
                f"{sign}{key} of {line!r} changes a scope, and this is an event: write key=literal"
            )
        event[key] = value
    if headers:
        event["headers"] = headers_of(headers)
    return event


def line_of(event: dict[str, Any]) -> str:
    """An event as a line: its type, its fields, its headers below."""
    fields = [f"{key}={value!r}" for key, value in event.items() if key not in ("type", "headers")]
    headers = [(name + b": " + value).decode("latin-1") for name, value in event.get("headers", ())]
    return "\n    ".join([" ".join([event["type"], *fields]), *headers])


def headers_of(lines: list[str]) -> list[tuple[bytes, bytes]]:
    """Pairs of bytes from lines of `name: value`."""
    pairs = []
    for line in lines:
        name, colon, value = f"{line} ".partition(": ")
        if not colon:
            raise ValueError(f"{line!r} is no header: write it as 'name: value'")
        pairs.append((name.encode("latin-1"), value.strip().encode("latin-1")))
    return pairs


def words(text: str) -> Iterator[tuple[str, str, Any]]:
    """The words of a line: a sign, a key, and the value that it is to have, if the sign is "=".

    A space in a literal parts no words. A literal that was cut at one cannot be read, so that a word is over
    as soon as it can.
    """
    word = ""
    for piece in text.split(" "):
        word = f"{word} {piece}" if word else piece
        if change := re.fullmatch(r"([+-])([\w.-]+)", word):
            yield change[1], change[2], None
        elif field := re.fullmatch(r"(\w+)=(.+)", word):
            try:
                yield "=", field[1], value_of(field[2])
            except ValueError:
                continue  # with the rest of it
        elif word:
            break
        word = ""
    if word:
        raise ValueError(f"{word!r} is neither key=literal nor, of a scope, -key or +name")


def value_of(text: str) -> Any:
    """The value of a Python literal, or what FILE and CLOSED_FILE stand for."""
    if text in FILES:
        return FILES[text]
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError, TypeError) as error:
        raise ValueError(f"{text!r} is no Python literal: {error}") from error
