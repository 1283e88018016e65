"""HTTP: the fields of its events, the order they come in, and the judge of a request.

The response moves through the columns of `SEND`, the request through those of `RECEIVE`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from .clause import Level, Violation, breach
from .extensions import DEBUG, HINT, PATH, PUSH, TRAILERS, ZEROCOPY, offered
from .extensions import HEADERS as EXTENSION_HEADERS
from .extensions import SEND_FIELDS as EXTENSION_FIELDS
from .judge import NONE, Breach, End, Event, Grid, Judge, Scope
from .plain import is_plain, remember
from .scope import connection_breaches, general_breaches
from .semantics import (
    announcement_breaches,
    content_length_breaches,
    content_lengths,
    expected,
    has_body,
    is_described,
    link_headers,
    status_breaches,
)
from .values import (
    NO_LIMIT,
    Field,
    header_breaches,
    header_clauses,
    is_bool,
    is_bytes,
    is_int,
    is_listing,
    known_length,
)

START, BODY = "http.response.start", "http.response.body"

SEND_FIELDS = {
    START: (
        Field("status", is_int, "an int", "http.response.start.status.type", required=True),
        Field("headers", is_listing, "an iterable of pairs", "http.response.start.headers.shape"),
        Field("trailers", is_bool, "a bool", "http.response.start.trailers.type"),
    ),
    BODY: (
        Field("body", is_bytes, "a byte string", "http.response.body.body.type"),
        Field("more_body", is_bool, "a bool", "http.response.body.more_body.type"),
    ),
    **EXTENSION_FIELDS,
}
RECEIVE_FIELDS = {
    "http.request": (
        Field("body", is_bytes, "a byte string", "http.request.body.type"),
        Field("more_body", is_bool, "a bool", "http.request.more_body.type"),
    ),
    "http.disconnect": (),
}
START_HEADERS = header_clauses(f"{START}.headers")

IDLE, DEBUGGED, STARTED, STREAMING = "idle", "debugged", "started", "streaming"
OWING, COMPLETE, CLOSED, PATH_SENT = "owing", "complete", "closed", "path-sent"

STATES = {
    IDLE: "the response had not been started",
    DEBUGGED: "the response had not been started, and its debug information was out",
    STARTED: "the response had been started",
    STREAMING: "a part of the body had been sent",
    OWING: "the body had been sent, and trailers were owed",
    COMPLETE: "the response was complete",
    CLOSED: "the response was complete, with its trailers",
    PATH_SENT: "the response was complete, by a path",
}

EARLY = Breach("http.response.start.before-body")
TWICE = Breach("http.response.start.once")
ENDED = Breach("http.response.body.app-stops")
MIXED = Breach("ext.http.response.pathsend.no-mix")
ONE_PATH = Breach("ext.http.response.pathsend.once")
NO_PATH = Breach("ext.http.response.pathsend.timing")
NO_COPY = Breach("ext.http.response.zerocopysend.timing")
NO_PUSH = Breach("ext.http.response.push.timing")
TOO_SOON = Breach("ext.http.response.trailers.after-body")
UNOWED = Breach("ext.http.response.trailers.flag")
NO_DEBUG = Breach("ext.http.response.debug.before-start")
ONE_DEBUG = Breach("ext.http.response.debug.once")
NO_HINT = Breach("ext.http.response.early_hint.timing")
HINT_START = Breach("ext.http.response.early_hint.timing", STARTED, Level.NOTE)
HINT_BODY = Breach("ext.http.response.early_hint.timing", STREAMING, Level.NOTE)

# "owed": the start has promised trailers.
# fmt: off
SEND: Grid = {
    #                    idle      debugged   started     streaming  owing     complete  closed    path-sent
    START:              (STARTED,  STARTED,   TWICE,      TWICE,     TWICE,    TWICE,    TWICE,    TWICE),
    f"{BODY} more":     (EARLY,    EARLY,     STREAMING,  STREAMING, ENDED,    ENDED,    ENDED,    MIXED),
    f"{BODY} last":     (EARLY,    EARLY,     COMPLETE,   COMPLETE,  ENDED,    ENDED,    ENDED,    MIXED),
    f"{BODY} owed":     (EARLY,    EARLY,     OWING,      OWING,     ENDED,    ENDED,    ENDED,    MIXED),
    f"{ZEROCOPY} more": (NO_COPY,  NO_COPY,   STREAMING,  STREAMING, NO_COPY,  NO_COPY,  NO_COPY,  NO_COPY),
    f"{ZEROCOPY} last": (NO_COPY,  NO_COPY,   COMPLETE,   COMPLETE,  NO_COPY,  NO_COPY,  NO_COPY,  NO_COPY),
    f"{ZEROCOPY} owed": (NO_COPY,  NO_COPY,   OWING,      OWING,     NO_COPY,  NO_COPY,  NO_COPY,  NO_COPY),
    f"{PATH} last":     (NO_PATH,  NO_PATH,   PATH_SENT,  MIXED,     NO_PATH,  NO_PATH,  NO_PATH,  ONE_PATH),
    f"{PATH} owed":     (NO_PATH,  NO_PATH,   OWING,      MIXED,     NO_PATH,  NO_PATH,  NO_PATH,  ONE_PATH),
    f"{TRAILERS} more": (TOO_SOON, TOO_SOON,  TOO_SOON,   TOO_SOON,  OWING,    UNOWED,   ENDED,    UNOWED),
    f"{TRAILERS} last": (TOO_SOON, TOO_SOON,  TOO_SOON,   TOO_SOON,  CLOSED,   UNOWED,   ENDED,    UNOWED),
    PUSH:               (NO_PUSH,  NO_PUSH,   STARTED,    STREAMING, NO_PUSH,  NO_PUSH,  NO_PUSH,  NO_PUSH),
    HINT:               (IDLE,     DEBUGGED,  HINT_START, HINT_BODY, NO_HINT,  NO_HINT,  NO_HINT,  NO_HINT),
    DEBUG:              (DEBUGGED, ONE_DEBUG, NO_DEBUG,   NO_DEBUG,  NO_DEBUG, NO_DEBUG, NO_DEBUG, NO_DEBUG),
}

READING, READ, ANSWERED, GONE = "reading", "read", "answered", "gone"

REQUEST_STATES = {
    READING: "more of the request was to come",
    READ: "the request was complete",
    ANSWERED: "the response was complete",
    GONE: "it had given 'http.disconnect'",
}

AGAIN = Breach("http.request.none-after-final")
TOO_LATE = Breach("http.disconnect.after-response", ANSWERED)
AFTER_GONE = Breach("http.disconnect.after-close")

RECEIVE: Grid = {
    #                    reading   read   answered  gone
    "http.request more": (READING, AGAIN, TOO_LATE, AFTER_GONE),
    "http.request last": (READ,    AGAIN, TOO_LATE, AFTER_GONE),
    "http.disconnect":   (GONE,    GONE,  GONE,     GONE),
}
# fmt: on

DONE = (COMPLETE, CLOSED, PATH_SENT)
OWED = {
    IDLE: ("http.response.start.once", "without a response"),
    DEBUGGED: ("http.response.start.once", "without a response"),
    STARTED: ("http.response.start.needs-body", "after it had started a response, without a body"),
    STREAMING: ("http.response.body.final-required", "in the middle of the body"),
    OWING: ("ext.http.response.trailers.sent", "without the trailers that it had promised"),
}


class HTTPJudge(Judge):
    """The judge of a request and its response (www.rst, HTTP)."""

    STATES = STATES
    SEND = SEND
    SEND_FIELDS = SEND_FIELDS
    RECEIVE_FIELDS = RECEIVE_FIELDS
    UNKNOWN: ClassVar = {"send": "http.event.send-types", "receive": "http.event.receive-types"}
    SENT_WHEN_GONE = "http.disconnect.expect-send-error"
    SENT_LONG_AFTER = "http.send.closed-not-guaranteed"

    answered = NO_LIMIT  # how many events there had been when the response was complete
    headers: Any = ()  # of the response
    bodiless: tuple[str, str] | None = None  # the clause that forbids a body, and why

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope, IDLE)
        self.request = READING
        self.trailers = False
        self.length = 0  # of the body so far
        self.limit = NO_LIMIT  # what it may become
        self.exact = False  # whether it has to
        self.quick_in, self.quick_out = True, False  # whether a short cut may be taken

    def open(self) -> Sequence[Violation]:
        return NONE if is_plain(self.scope) else super().open()

    def scope_breaches(self) -> Iterator[Violation]:
        found = [*general_breaches(self.scope), *connection_breaches(self.scope, "http")]
        if not found:
            remember(self.scope)
        return iter(found)

    def hide(self, scope: Scope, hide: Callable[[Any], Any]) -> None:
        super().hide(scope, hide)
        self.headers = hide({"headers": self.headers}).get("headers", ())

    def settle(self) -> None:
        self.quick_in = self.request == READING and self.state not in DONE
        self.quick_out = self.state in (STARTED, STREAMING) and not self.gone and not self.ended

    def quick_receive(self, event: Any) -> int | None:
        if not self.quick_in or type(event) is not dict:
            return None
        try:
            if event["type"] != "http.request":
                return None
            body, keys = event["body"], len(event)
            more = keys == 3 and event["more_body"]
        except KeyError:
            return None
        if type(body) is not bytes or keys > 3:
            return None
        if more is False:
            self.request, self.quick_in = READ, False
        elif more is not True:
            return None
        self.counted += 1
        return len(body)

    def quick_send(self, event: Any) -> int | None:
        if not self.quick_out:
            return self.quick_start(event) if self.state == IDLE else None
        if type(event) is not dict:
            return None
        try:
            if event["type"] != BODY:
                return None
            body, keys = event["body"], len(event)
            more = keys == 3 and event["more_body"]
        except KeyError:
            return None
        if type(body) is not bytes or keys > 3:
            return None
        size = len(body)
        length = self.length + size
        if length > self.limit:
            return None
        if more is True:
            self.state = STREAMING
        elif more is False and not self.trailers and (length == self.limit or not self.exact):
            self.state = COMPLETE
            self.answered = self.counted + 1
            self.quick_in = self.quick_out = False
        else:
            return None
        self.length = length
        self.counted += 1
        return size

    def quick_start(self, event: Any) -> int | None:
        """The short cut for a start as nearly all responses have it."""
        if type(event) is not dict or len(event) != 3 or self.gone or self.ended:
            return None
        try:
            if event["type"] != START:
                return None
            status, headers = event["status"], event["headers"]
        except KeyError:
            return None
        if type(status) is not int or not 200 <= status <= 599 or status in (204, 304):
            return None
        length = known_length(headers)
        if length is None or self.scope.get("method") == "HEAD":
            return None
        self.limit, self.exact = length, length != NO_LIMIT
        self.headers, self.state, self.quick_out = headers, STARTED, True
        self.counted += 1
        return 0

    def quick_end(self, how: End) -> bool:
        if self.state != COMPLETE or (
            self.request == READING and self.scope.get("method") not in ("GET", "HEAD")
        ):
            return False
        self.ended = True
        return True

    def send_row(self, event: Event) -> str:
        kind = str(event["type"])
        if kind in (BODY, ZEROCOPY, PATH):
            more = kind != PATH and event.get("more_body") is True
            return f"{kind} {'more' if more else 'owed' if self.trailers else 'last'}"
        if kind == TRAILERS:
            return f"{kind} {'more' if event.get('more_trailers') is True else 'last'}"
        return kind

    def send_breaches(self, event: Any, index: int, by: Any) -> Iterator[Violation]:
        yield from super().send_breaches(event, index, by)
        if self.state in DONE and self.answered == NO_LIMIT:
            self.answered = self.counted

    def more_send_breaches(self, event: Event, index: int, name: str) -> Iterator[Violation]:
        kind = event["type"]
        if kind == START and self.state in (IDLE, DEBUGGED):
            yield from self.start_breaches(event, index, name)
        elif kind in EXTENSION_HEADERS and is_listing(event.get("headers")):
            yield from header_breaches(event["headers"], EXTENSION_HEADERS[kind], index, name)
        elif kind == HINT:
            yield from header_breaches(link_headers(event.get("links")), START_HEADERS, index, name)
        if kind == BODY and self.state in (STARTED, STREAMING):
            yield from self.body_breaches(event, index)
        elif kind in (ZEROCOPY, PATH):
            self.limit, self.exact = NO_LIMIT, False  # What is in a file, nobody looks at here.
        if kind == PATH and self.state == STARTED and not self.gate(kind) and not is_described(self.headers):
            message = f"The application sent {name}, and neither a content-type nor a content-length before."
            yield breach("ext.http.response.pathsend.app-headers", index, message)
        elif kind == TRAILERS and self.trailers:
            yield from announcement_breaches(self.headers, event.get("headers"), index)

    def start_breaches(self, event: Event, index: int, name: str) -> Iterator[Violation]:
        """The clauses on the status and the headers; and what they say of the body to come."""
        status, self.headers = event.get("status"), event.get("headers", ())
        self.trailers = event.get("trailers") is True
        if self.trailers and TRAILERS not in offered(self.scope):
            message = f"The application sent {name} with 'trailers', which the scope does not offer."
            yield breach(f"{START}.trailers.gated", index, message)
        yield from status_breaches(status, index, name)
        if is_listing(self.headers):
            yield from header_breaches(self.headers, START_HEADERS, index, name)
        lengths = content_lengths(self.headers)
        yield from content_length_breaches(lengths, status, index, name)
        self.limit, self.exact, self.bodiless = expected(self.scope.get("method"), status, lengths)

    def body_breaches(self, event: Event, index: int) -> Iterator[Violation]:
        """The clauses on how long the body is; each is broken once."""
        body = event.get("body", b"")
        if not is_bytes(body):
            self.limit, self.exact = NO_LIMIT, False  # How long it is on the wire, nobody knows.
            return
        self.length += len(body)
        if self.length > self.limit:
            clause = "http.semantics.content-length"
            message = f"The application has sent {self.length} bytes, and a content-length of {self.limit}."
            if self.bodiless:
                clause, why = self.bodiless
                message = f"The application sent a body {why}."
            yield breach(clause, index, message)
            self.limit, self.exact = NO_LIMIT, False
        elif self.exact and event.get("more_body", False) is False and self.length < self.limit:
            message = f"The body has ended after {self.length} bytes, with a content-length of {self.limit}."
            yield breach("http.semantics.content-length", index, message)

    def order_received(self, event: Event, index: int, by: Any, asked: int) -> Iterator[Violation]:
        row = kind = str(event["type"])
        if kind == "http.request":
            row += " more" if event.get("more_body") is True else " last"
        answered = self.request != GONE and asked >= self.answered
        state = ANSWERED if answered else self.request
        # One who reads a body may take its end for what it is not; later, nothing else can come.
        self.aware = self.request != READING
        did = f"The server gave {kind!r} when {REQUEST_STATES[state]}."
        cell = yield from self.step(RECEIVE[row], REQUEST_STATES, state, index, did)
        self.request = self.request if cell == ANSWERED else cell
        if kind == "http.disconnect" and self.state not in DONE:
            yield from self.left(by, index)

    def end_breaches(self) -> Iterator[Violation]:
        if self.gone:
            return
        if self.state in OWED:
            clause, how = OWED[self.state]
            yield breach(clause, None, f"The application returned {how}.")
        elif self.request == READING and has_body(self.scope.get("headers")):
            message = "The application returned without having read the request to its end."
            yield breach("http.request.more_body.wait", None, message, level=Level.NOTE)
