"""Conversations as an HTTP archive, which browsers and proxies open: HAR 1.2.

The format is http://www.softwareishard.com/blog/har-12-spec/; what of WebSockets is added to it is Chrome's.
"""

import base64
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from .. import __version__
from ..conversation import Conversation, Cut, Lane
from .credentials import masked
from .message import Body, Headers, body_of, first, header, headers_of, origin_of, target_of

Json = dict[str, Any]

STARTS = ("http.response.start", "websocket.http.response.start")
FILES = ("http.response.zerocopysend", "http.response.pathsend")
ANSWERS = ("websocket.accept", "websocket.close")
MESSAGES = {"websocket.receive": "send", "websocket.send": "receive"}  # as the client sees them
TEXT, BINARY = 1, 2  # opcodes of RFC 6455
UNKNOWN = -1  # what HAR calls a size that nobody knows


def har(conversations: Iterable[Conversation], *, secrets: bool = False) -> Json:
    """The archive of the requests and WebSockets among conversations; a lifespan is none, and is left out.

    Of a body that was cut, what was kept is in it, with the length of the whole. Credentials are masked,
    unless `secrets`.
    """
    shown = [conversation if secrets else masked(conversation) for conversation in conversations]
    entries = [entry(one) for one in shown if one.scope.get("type") in ("http", "websocket")]
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "asgiscope", "version": __version__},
            "entries": sorted(entries, key=lambda entry: str(entry["startedDateTime"])),
        }
    }


def entry(conversation: Conversation) -> Json:
    """One request and its response; or one WebSocket with its messages."""
    lane = conversation.outermost
    timings = timings_of(lane)
    found: Json = {
        "startedDateTime": datetime.fromtimestamp(conversation.started, UTC).isoformat(
            timespec="microseconds"
        ),
        "time": sum(time for time in timings.values() if time != UNKNOWN),
        "request": request(lane),
        "response": response(lane),
        "cache": {},
        "timings": timings,
    }
    if lane.scope["type"] == "websocket":
        found["_resourceType"] = "websocket"
        found["_webSocketMessages"] = list(messages(lane, conversation.started))
    if lane.dropped:
        found["comment"] = f"{lane.dropped} events were dropped, and are not in this entry"
    return found


def request(lane: Lane) -> Json:
    scope, headers = lane.scope, headers_of(lane.scope)
    body = body_of(lane.events, "http.request")
    query: Any = scope.get("query_string") or b""
    if isinstance(query, Cut):
        query = query.prefix
    found: Json = {
        "method": scope.get("method", "GET"),
        "url": origin_of(scope) + target_of(scope),
        "httpVersion": f"HTTP/{scope.get('http_version', '1.1')}",
        "cookies": request_cookies(headers),
        "headers": pairs(headers),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        ],
        "headersSize": UNKNOWN,
        "bodySize": body.length,
    }
    if body.length:
        found["postData"] = {"mimeType": header(headers, b"content-type") or "", **text_of(body)}
    return found


def response(lane: Lane) -> Json:
    """The response: what was sent, what a server makes of an accept or of a close, or that there was none."""
    start = first(lane, *STARTS, *ANSWERS)
    fields = {} if start is None else start.fields
    headers = list(headers_of(fields))
    status: Any = fields.get("status", 0)
    if start is not None and start.type == "websocket.accept":
        status = 101 if lane.scope.get("http_version", "1.1") == "1.1" else 200
        if isinstance(fields.get("subprotocol"), str):
            headers.append((b"sec-websocket-protocol", fields["subprotocol"].encode()))
    elif start is not None and start.type == "websocket.close":
        status = 403
    file = first(lane, *FILES)
    body = body_of(
        lane.events, "http.response.body" if lane.scope["type"] == "http" else "websocket.http.response.body"
    )
    size = body.length if file is None else UNKNOWN
    found: Json = {
        "status": status if isinstance(status, int) else 0,
        "statusText": HTTPStatus(status).phrase if status in iter(HTTPStatus) else "",
        "httpVersion": f"HTTP/{lane.scope.get('http_version', '1.1')}",
        "cookies": response_cookies(headers),
        "headers": pairs(headers),
        "content": {"size": size, "mimeType": header(headers, b"content-type") or "", **text_of(body)},
        "redirectURL": header(headers, b"location") or "",
        "headersSize": UNKNOWN,
        "bodySize": size,
    }
    if file is not None:
        found["content"]["comment"] = (
            f"the body is the file {file.fields.get('path', file.fields.get('file'))}"
        )
    if lane.outcome.error:
        found["_error"] = lane.outcome.error
    return found


def text_of(body: Body) -> Json:
    """A body as far as it was kept: as text where it is UTF-8, which may be cut within a character."""
    found: Json
    try:
        found = {"text": getincrementaldecoder("utf-8")().decode(body.content, final=body.whole)}
    except UnicodeDecodeError:
        found = {"text": base64.b64encode(body.content).decode(), "encoding": "base64"}
    if not body.whole:
        found["comment"] = f"cut: {len(body.content)} of {body.length} bytes were kept"
    return found


def pairs(headers: Headers) -> list[Json]:
    return [{"name": name.decode("latin-1"), "value": value.decode("latin-1")} for name, value in headers]


def request_cookies(headers: Headers) -> list[Json]:
    """The cookies that a client brings."""
    texts = [value.decode("latin-1") for name, value in headers if name.lower() == b"cookie"]
    return [cookie(part) for text in texts for part in text.split(";") if "=" in part]


def response_cookies(headers: Headers) -> list[Json]:
    """The cookies that a client is given."""
    found = []
    for name, value in headers:
        if name.lower() == b"set-cookie":
            pair, *attributes = value.decode("latin-1").split(";")
            found.append({**cookie(pair), **dict(filter(None, map(attribute, attributes)))})
    return found


def cookie(pair: str) -> Json:
    name, _, value = pair.strip().partition("=")
    return {"name": name, "value": value}


def attribute(text: str) -> tuple[str, Any] | None:
    """What an attribute of a cookie is called here, with its value; None if HAR has none of this name."""
    name, _, value = text.strip().partition("=")
    match name.lower():
        case "path" | "domain":
            return name.lower(), value
        case "expires":
            try:
                return "expires", parsedate_to_datetime(value).isoformat()
            except ValueError:
                return None
        case "httponly":
            return "httpOnly", True
        case "secure":
            return "secure", True
        case "samesite":
            return "sameSite", value
    return None


def timings_of(lane: Lane) -> dict[str, float]:
    """How long it took until the request was there, until the response began, and until it was out, in ms."""
    start = first(lane, *STARTS, *ANSWERS)
    ends = [
        event.at + (event.held or 0)
        for event in lane.events
        if event.direction == "send" or lane.scope["type"] == "websocket"
    ]
    end = max(ends, default=lane.outcome.at or 0)
    began = end if start is None else start.at
    read = min(began, max((event.at for event in lane.events if event.type == "http.request"), default=0))
    return {
        "blocked": UNKNOWN,
        "dns": UNKNOWN,
        "connect": UNKNOWN,
        "send": read / 1e6,
        "wait": (began - read) / 1e6,
        "receive": (end - began) / 1e6,
        "ssl": UNKNOWN,
    }


def messages(lane: Lane, started: float) -> Iterator[Json]:
    """The messages of a WebSocket; "send" is what the client sent, and `time` Unix time in seconds."""
    for event in lane.events:
        if event.type in MESSAGES:
            text, data = event.fields.get("text"), event.fields.get("bytes")
            whole = data if text is None else text
            kept = whole.prefix if isinstance(whole, Cut) else whole
            found = {
                "type": MESSAGES[event.type],
                "time": started + event.at / 1e9,
                "opcode": BINARY if isinstance(kept, bytes) else TEXT,
                "data": base64.b64encode(kept).decode() if isinstance(kept, bytes) else str(kept),
            }
            if isinstance(whole, Cut):
                found["comment"] = f"cut: {len(whole.prefix)} of {whole.length} were kept"
            yield found
