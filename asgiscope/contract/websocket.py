"""WebSocket: the fields of its events, the order they come in, and the judge of a connection."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from .clause import Violation, breach
from .extensions import DENIAL, extension_of, offered
from .judge import NOBODY, NONE, Breach, Event, Grid, Judge, Scope
from .plain import is_plain, remember
from .scope import connection_breaches, general_breaches, is_older, spec_version
from .semantics import status_breaches
from .values import (
    Field,
    HeaderClauses,
    header_breaches,
    header_clauses,
    is_bool,
    is_bytes,
    is_int,
    is_listing,
    is_one_shot,
    is_str,
    or_none,
    shown,
)

CONNECT, RECEIVE_, DISCONNECT = "websocket.connect", "websocket.receive", "websocket.disconnect"
ACCEPT, SEND_, CLOSE = "websocket.accept", "websocket.send", "websocket.close"

MESSAGE = {
    kind: (
        Field("bytes", or_none(is_bytes), "a byte string or None", f"{kind}.bytes.type"),
        Field("text", or_none(is_str), "a str or None", f"{kind}.text.type"),
    )
    for kind in (RECEIVE_, SEND_)
}
SEND_FIELDS = {
    ACCEPT: (
        Field("subprotocol", or_none(is_str), "a str or None", "websocket.accept.subprotocol.type"),
        Field("headers", is_listing, "an iterable of pairs", "websocket.accept.headers.shape"),
    ),
    SEND_: MESSAGE[SEND_],
    CLOSE: (
        Field("code", is_int, "an int", "websocket.close.code.type"),
        Field("reason", or_none(is_str), "a str or None", "websocket.close.reason.type"),
    ),
    f"{DENIAL}.start": (
        Field("status", is_int, "an int", f"ext.{DENIAL}.start-structure", required=True),
        Field("headers", is_listing, "an iterable of pairs", f"ext.{DENIAL}.start-structure"),
    ),
    f"{DENIAL}.body": (
        Field("body", is_bytes, "a byte string", f"ext.{DENIAL}.body-structure"),
        Field("more_body", is_bool, "a bool", f"ext.{DENIAL}.body-structure"),
    ),
}
RECEIVE_FIELDS = {
    CONNECT: (),
    RECEIVE_: MESSAGE[RECEIVE_],
    DISCONNECT: (
        Field("code", is_int, "an int", "websocket.disconnect.code.type", required=True),
        Field("reason", or_none(is_str), "a str or None", "websocket.disconnect.reason.type"),
    ),
}
ACCEPT_HEADERS = header_clauses(f"{ACCEPT}.headers")
DENIAL_HEADERS = HeaderClauses(*[f"ext.{DENIAL}.start-structure"] * 4)

CONNECTING, HANDSHAKE, OPEN = "connecting", "handshake", "open"
DENYING, DENIED, CLOSED = "denying", "denied", "closed"

STATES = {
    CONNECTING: "it had not received 'websocket.connect'",
    HANDSHAKE: "'websocket.connect' had not been answered",
    OPEN: "the connection had been accepted",
    DENYING: "a denial response had been started",
    DENIED: "the connection had been denied",
    CLOSED: "it had closed the connection",
}

ANSWER = "websocket.connect.app-receives-first"
ACCEPT_FIRST = Breach(ANSWER, OPEN)
CLOSE_FIRST = Breach(ANSWER, CLOSED)
NOT_OPEN = Breach("websocket.send.after-accept")
ACCEPTED = Breach("websocket.accept.once")
SENT_CLOSED = Breach("websocket.send.not-after-close")
CLOSED_TWICE = Breach("websocket.close.once")
DENY_FIRST = Breach(f"ext.{DENIAL}.after-connect", DENYING)
DENY_TIME = Breach(f"ext.{DENIAL}.after-connect")
DENIED_ONLY = Breach(f"ext.{DENIAL}.exclusive")
UNSTARTED = Breach(f"ext.{DENIAL}.start-structure")
FIRST = Breach("websocket.connect.first")
UNANSWERED = Breach("websocket.connect.no-early-receive")

# fmt: off
SEND: Grid = {
    #                        connecting    handshake  open          denying      denied       closed
    ACCEPT:                 (ACCEPT_FIRST, OPEN,      ACCEPTED,     DENIED_ONLY, DENIED_ONLY, ACCEPTED),
    SEND_:                  (NOT_OPEN,     NOT_OPEN,  OPEN,         DENIED_ONLY, DENIED_ONLY, SENT_CLOSED),
    CLOSE:                  (CLOSE_FIRST,  CLOSED,    CLOSED,       DENIED_ONLY, DENIED_ONLY, CLOSED_TWICE),
    f"{DENIAL}.start":      (DENY_FIRST,   DENYING,   DENY_TIME,    DENIED_ONLY, DENIED_ONLY, DENY_TIME),
    f"{DENIAL}.body more":  (UNSTARTED,    UNSTARTED, DENY_TIME,    DENYING,     DENIED_ONLY, DENY_TIME),
    f"{DENIAL}.body last":  (UNSTARTED,    UNSTARTED, DENY_TIME,    DENIED,      DENIED_ONLY, DENY_TIME),
}
RECEIVE: Grid = {
    #            connecting  handshake   open    denying     denied      closed
    CONNECT:    (HANDSHAKE,  FIRST,      FIRST,  FIRST,      FIRST,      FIRST),
    RECEIVE_:   (FIRST,      UNANSWERED, OPEN,   UNANSWERED, UNANSWERED, CLOSED),
    DISCONNECT: (FIRST,      HANDSHAKE,  OPEN,   DENYING,    DENIED,     CLOSED),
}
# fmt: on

OWED = {
    CONNECTING: ("websocket.connect.must-answer", "without having answered 'websocket.connect'"),
    HANDSHAKE: ("websocket.connect.must-answer", "without having answered 'websocket.connect'"),
    DENYING: (f"ext.{DENIAL}.completed", "in the middle of a denial response"),
    OPEN: ("general.app.lives-as-long-as-connection", "while the connection was open, without closing it"),
}


def is_code(code: int) -> bool:
    """Whether an endpoint may send it (RFC 6455 7.4, and the registry that it opens)."""
    return code in (1000, 1001, 1003) or 1007 <= code <= 1014 or 3000 <= code <= 4999


def short_cut(kind: str) -> Callable[["WebSocketJudge", Any], int | None]:
    """The short cut for the messages of one direction."""

    def quick(self: "WebSocketJudge", event: Any) -> int | None:
        if not self.quick or type(event) is not dict or event.get("type") != kind:
            return None
        said = event.get("text")
        wanted: type[str] | type[bytes] = str
        if said is None:
            said, wanted = event.get("bytes"), bytes
        if type(said) is not wanted or (len(event) != 2 and not is_one_of_both(event)):
            return None
        self.counted += 1
        return len(said)

    return quick


def is_one_of_both(event: dict[str, Any]) -> bool:
    """Whether a message has nothing but its two keys, and one of them is None."""
    both = event.get("text"), event.get("bytes")
    return len(event) == 3 and "text" in event and "bytes" in event and None in both


class WebSocketJudge(Judge):
    """The judge of a WebSocket connection (www.rst, WebSocket)."""

    STATES = STATES
    SEND = SEND
    SEND_FIELDS = SEND_FIELDS
    RECEIVE_FIELDS = RECEIVE_FIELDS
    UNKNOWN: ClassVar = {"send": "websocket.event.send-types", "receive": "websocket.event.receive-types"}
    SENT_WHEN_GONE = "websocket.disconnect.expect-send-error"
    SENT_LONG_AFTER = "websocket.send.closed-not-guaranteed"

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope, CONNECTING)
        self.connected = False  # whether the server has given 'websocket.connect'
        self.quick = False  # whether a short cut may be taken

    def open(self) -> Sequence[Violation]:
        return NONE if is_plain(self.scope) else super().open()

    def scope_breaches(self) -> Iterator[Violation]:
        found = [*general_breaches(self.scope), *connection_breaches(self.scope, "websocket")]
        if not found:
            remember(self.scope)
        return iter(found)

    def settle(self) -> None:
        self.quick = self.state == OPEN and not self.gone and not self.ended

    quick_receive = short_cut(RECEIVE_)
    quick_send = short_cut(SEND_)

    def send_row(self, event: Event) -> str:
        kind = str(event["type"])
        if kind == f"{DENIAL}.body":
            return f"{kind} {'more' if event.get('more_body') is True else 'last'}"
        return kind

    def unknown(self, kind: str, index: int, direction: str, message: str) -> Iterator[Violation]:
        if direction == "send" and extension_of(kind) == DENIAL and DENIAL in offered(self.scope):
            yield breach(f"ext.{DENIAL}.types", index, message)
        else:
            yield from super().unknown(kind, index, direction, message)

    def late(self, name: str, index: int, by: Any) -> Iterator[Violation]:
        if name == repr(CLOSE) and self.gone_by == by and not self.disordered:
            self.disordered = True
            message = f"The application sent {name} after it had received the disconnect."
            yield breach("websocket.close.once", index, message)
        else:
            yield from super().late(name, index, by)

    def more_send_breaches(self, event: Event, index: int, name: str) -> Iterator[Violation]:
        kind = event["type"]
        if kind == ACCEPT:
            yield from self.accept_breaches(event, index, name)
        elif kind == SEND_:
            yield from message_breaches(event, SEND_, index)
        elif kind == CLOSE:
            yield from self.close_breaches(event, index, name)
        elif kind == f"{DENIAL}.start":
            yield from status_breaches(event.get("status"), index, name)
            if is_listing(event.get("headers")):
                yield from header_breaches(event["headers"], DENIAL_HEADERS, index, name)

    def close_breaches(self, event: Event, index: int, name: str) -> Iterator[Violation]:
        """The clauses on the code and the reason of 'websocket.close'."""
        code, reason = event.get("code", 1000), event.get("reason")
        if is_int(code) and not is_code(code):
            message = f"The application closed with the code {shown(code)}."
            yield breach("websocket.close.code.value", index, message)
        if not is_str(reason) or not reason:
            return
        size = len(reason.encode(errors="surrogatepass"))
        if size > 123:
            message = f"The application closed with a reason of {size} bytes."
            yield breach("websocket.close.reason.length", index, message)
        yield from self.version_breaches("reason", "2.3", "websocket.close.reason.version-gate", index, name)

    def accept_breaches(self, event: Event, index: int, name: str) -> Iterator[Violation]:
        """The clauses on the subprotocol and the headers of 'websocket.accept'."""
        subprotocol, headers = event.get("subprotocol"), event.get("headers")
        names = self.scope.get("subprotocols", ())
        if is_str(subprotocol) and is_listing(names) and not is_one_shot(names) and subprotocol not in names:
            message = (
                f"The application accepted with {shown(subprotocol)}, a subprotocol that is not offered."
            )
            yield breach("websocket.accept.subprotocol.offered", index, message)
        if not is_listing(headers):
            return
        yield from header_breaches(headers, ACCEPT_HEADERS, index, name)
        if is_one_shot(headers):
            return
        if any(map(names_subprotocol, headers)):
            message = f"{name} has the header 'sec-websocket-protocol'."
            yield breach("websocket.accept.headers.no-subprotocol-header", index, message)
        if any(True for _ in headers):
            clause = "websocket.accept.headers.version-gate"
            yield from self.version_breaches("headers", "2.1", clause, index, name)

    def version_breaches(
        self, key: str, since: str, clause: str, index: int, name: str
    ) -> Iterator[Violation]:
        """The clause on a key that is newer than what the server announces."""
        version = spec_version(self.scope)
        if version is None:
            message = f"{name} has {key!r}, which is of version {since}, and the server announces none."
            yield breach("websocket.scope.asgi.spec-version.default", index, message)
        elif is_older(version, since):
            message = f"{name} has {key!r}, which is of version {since}, and the server announces {version}."
            yield breach(clause, index, message)

    def order_received(self, event: Event, index: int, by: Any, asked: int) -> Iterator[Violation]:
        kind = str(event["type"])
        if kind == RECEIVE_:
            yield from message_breaches(event, kind, index)
        if self.gone and self.gone_by is not NOBODY and kind != DISCONNECT:
            message = f"The server gave {kind!r} after 'websocket.disconnect'."
            yield breach("websocket.receive.order", index, message)
            return
        if kind == CONNECT and not self.connected:
            self.connected = True
            if self.state != CONNECTING:  # The application has answered before it was asked.
                return
        did = f"The server gave {kind!r} when {STATES[self.state].replace('it had', 'the application had')}."
        self.state = yield from self.step(RECEIVE[kind], STATES, self.state, index, did)
        if kind == DISCONNECT:
            yield from self.left(by, index)

    def end_breaches(self) -> Iterator[Violation]:
        if self.state in OWED and not self.gone:
            clause, how = OWED[self.state]
            yield breach(clause, None, f"The application returned {how}.")


def names_subprotocol(pair: Any) -> bool:
    """Whether a header is the one that the server makes from the subprotocol."""
    key = pair[0] if isinstance(pair, list | tuple) and pair else None
    return is_bytes(key) and key.lower() == b"sec-websocket-protocol"


def message_breaches(event: Event, kind: str, index: int) -> Iterator[Violation]:
    """The clause on a message that is both text and bytes, or neither."""
    text, data = event.get("text"), event.get("bytes")
    if (text is None) == (data is None):
        what = "neither 'text' nor 'bytes'" if text is None else "both 'text' and 'bytes'"
        yield breach(f"{kind}.exactly-one", index, f"{kind!r} has {what}.")
