"""A request and its response, put together again from scope and events."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, quote_from_bytes

from ..conversation import Cut, Event, Lane
from ..difference import joined

Headers = Sequence[tuple[bytes, bytes]]


class Body(NamedTuple):
    """A body as far as it was kept, and the length of the whole."""

    content: bytes
    length: int

    @property
    def whole(self) -> bool:
        return len(self.content) == self.length


def body_of(events: Iterable[Event], kind: str) -> Body:
    """The body that came in events of this type."""
    pieces = [event.fields.get("body", b"") for event in events if event.type == kind]
    body = joined([piece for piece in pieces if isinstance(piece, bytes | Cut)])
    return Body(body.prefix, body.length) if isinstance(body, Cut) else Body(body, len(body))  # type: ignore[arg-type]


def headers_of(fields: Mapping[Any, Any]) -> Headers:
    """The headers of a scope or of an event, without what is no pair of byte strings."""
    pairs = fields.get("headers") or ()
    return [
        (pair[0], pair[1])
        for pair in pairs
        if isinstance(pair, list | tuple) and len(pair) == 2 and all(isinstance(part, bytes) for part in pair)
    ]


def header(headers: Headers, name: bytes) -> str | None:
    """The value of a header, if there is one."""
    return next((value.decode("latin-1") for key, value in headers if key.lower() == name), None)


def target_of(scope: Mapping[str, Any]) -> str:
    """What the client asked for: path and query, as it wrote them, and as far as they were kept."""
    raw, text, query = (
        value.prefix if isinstance(value := scope.get(key), Cut) else value
        for key in ("raw_path", "path", "query_string")
    )
    path = quote_from_bytes(raw, safe=SAFE) if isinstance(raw, bytes) else quote(str(text or "/"))
    return f"{path}?{quote_from_bytes(query, safe=SAFE)}" if isinstance(query, bytes) and query else path


SAFE = "".join(map(chr, range(0x21, 0x7F)))  # what was written is left as it is, short of being no URL at all


def origin_of(scope: Mapping[str, Any]) -> str:
    """Where the client asked: the scheme, and the host as it named it."""
    default = "ws" if scope.get("type") == "websocket" else "http"
    return f"{scope.get('scheme') or default}://{header(headers_of(scope), b'host') or server_of(scope)}"


def server_of(scope: Mapping[str, Any]) -> str:
    """The address of the server, as a URL has it."""
    host, port = scope.get("server") or ("localhost", None)
    host = f"[{host}]" if ":" in str(host) else str(host)
    return host if port is None else f"{host}:{port}"


def first(lane: Lane, *types: str) -> Event | None:
    """The first event of one of these types."""
    return next((event for event in lane.events if event.type in types), None)
