"""www.rst, WebSocket Connection Scope: what the application is told of a handshake."""

from ..case import Case, breaks, differs, keeps
from ..checks import (
    ABSENT,
    Accepted,
    Receives,
    RequestHeader,
    RequestNames,
    Scope,
    ScopeIs,
    Subprotocols,
)
from ..wire.frames import close
from ..wire.websocket import Socket
from .scripts import ACCEPTS

# What a judge can see in any conversation is looked for in an ordinary one.
ORDINARY = (
    "general.extensions.dict",
    "general.extensions.value-dict",
    "websocket.scope.asgi.spec-version.type",
    "websocket.scope.http_version.type",
    "websocket.scope.http_version.values",
    "websocket.scope.scheme.type",
    "websocket.scope.scheme.non-empty",
    "websocket.scope.scheme.value",
    "websocket.scope.path.type",
    "websocket.scope.raw_path.type",
    "websocket.scope.query_string.type",
    "websocket.scope.root_path.type",
    "websocket.scope.headers.shape",
    "websocket.scope.headers.bytes",
    "websocket.scope.headers.no-pseudo",
    "websocket.scope.client",
    "websocket.scope.server",
    "websocket.scope.subprotocols.type",
    "websocket.scope.state.type",
    "websocket.event.receive-types",
    "websocket.disconnect.code.type",
    "websocket.disconnect.reason.type",
)


def opened(*, below: str = "", query: str = "", headers: tuple[tuple[str, str], ...] = ()) -> Socket:
    """A WebSocket that is opened and closed."""
    return Socket((close(1000),), below=below, query=query, headers=headers)


NO_RAW_PATH = differs("It gives no raw path, which is optional.", Scope(raw_path=ABSENT), Accepted())

CASES = (
    *(
        Case(
            f"{clause}/ordinary",
            "An ordinary handshake, with a query.",
            over=(1, 2),
            client=opened(query="a=1"),
            app=ACCEPTS,
            outcomes=(keeps(Receives("websocket.connect", "websocket.disconnect"), Accepted()),),
        )
        for clause in ORDINARY
    ),
    Case(
        "websocket.scope.http_version.values/same",
        "The version is the one that the handshake was made with.",
        over=(1, 2),
        client=opened(),
        app=ACCEPTS,
        outcomes=(
            keeps(ScopeIs("http_version", {1: "1.1", 2: "2"}), Accepted()),
            differs(
                "It does not tell it, which stands for 1.1.", ScopeIs("http_version", {1: ABSENT, 2: "2"})
            ),
        ),
    ),
    Case(
        "websocket.scope.path.percent-decoded/blank",
        "%20 in the path is a blank.",
        over=(1, 2),
        client=opened(below="/a%20b"),
        app=ACCEPTS,
        outcomes=(keeps(ScopeIs.ends("path", "/a b"), Accepted()),),
    ),
    Case(
        "websocket.scope.path.percent-decoded/slash",
        "%2F in the path is a slash, and %25 a percent sign that is not decoded again.",
        over=(1, 2),
        client=opened(below="/a%2Fb%2541"),
        app=ACCEPTS,
        outcomes=(
            keeps(ScopeIs.ends("path", "/a/b%41"), Accepted()),
            breaks("The path is decoded twice.", ScopeIs.ends("path", "/a/bA")),
        ),
    ),
    Case(
        "websocket.scope.path.decoded-utf8/percent",
        "The bytes of UTF-8 in the path, percent-encoded, are a character.",
        over=(1, 2),
        client=opened(below="/%C3%A9"),
        app=ACCEPTS,
        outcomes=(keeps(ScopeIs.ends("path", "/é"), Accepted()),),
    ),
    Case(
        "websocket.scope.path.no-query/question-mark",
        "The path ends before the question mark.",
        over=(1, 2),
        client=opened(below="/x", query="y=/z"),
        app=ACCEPTS,
        outcomes=(keeps(ScopeIs.ends("path", "/x"), Scope(query_string=b"y=/z"), Accepted()),),
    ),
    Case(
        "websocket.scope.raw_path.unmodified/percent",
        "The raw path is what was sent, percent signs and all.",
        over=(1, 2),
        client=opened(below="/a%20b%2fc//d"),
        app=ACCEPTS,
        outcomes=(keeps(ScopeIs.ends("raw_path", b"/a%20b%2fc//d"), Accepted()), NO_RAW_PATH),
    ),
    Case(
        "websocket.scope.raw_path.no-query/query",
        "The raw path ends before the question mark.",
        over=(1, 2),
        client=opened(below="/x", query="y=1"),
        app=ACCEPTS,
        outcomes=(
            keeps(ScopeIs.ends("raw_path", b"/x"), Accepted()),
            NO_RAW_PATH,
            breaks("The query is a part of it.", ScopeIs.ends("raw_path", b"/x?y=1")),
        ),
    ),
    Case(
        "websocket.scope.query_string.type/raw",
        "Percent-encoded bytes of the query stay as they are.",
        over=(1, 2),
        client=opened(query="a=%41+%2b&b"),
        app=ACCEPTS,
        outcomes=(keeps(Scope(query_string=b"a=%41+%2b&b"), Accepted()),),
    ),
    Case(
        "websocket.scope.query_string.type/none",
        "Without a query, the query string is empty.",
        over=(1, 2),
        client=opened(),
        app=ACCEPTS,
        outcomes=(
            keeps(Scope(query_string=b""), Accepted()),
            differs("There is no query string, which is optional.", Scope(query_string=ABSENT), Accepted()),
            differs("There is no query string, which is optional.", Scope(query_string=None), Accepted()),
        ),
    ),
    Case(
        "websocket.scope.headers.duplicates/twice",
        "A header that comes twice is in the list twice.",
        over=(1, 2),
        client=opened(headers=(("x-twice", "one"), ("x-other", "x"), ("x-twice", "two"))),
        app=ACCEPTS,
        outcomes=(
            keeps(RequestHeader(b"x-twice", (b"one", b"two")), Accepted()),
            breaks("It joins them with a comma.", RequestHeader(b"x-twice", (b"one,two",))),
            breaks("It joins them with a comma.", RequestHeader(b"x-twice", (b"one, two",))),
            breaks("The last one is left.", RequestHeader(b"x-twice", (b"two",))),
        ),
    ),
    Case(
        "websocket.scope.headers.order/three",
        "Values of one name keep their order.",
        over=(1, 2),
        client=opened(headers=(("x-order", "3"), ("x-order", "1"), ("x-order", "2"))),
        app=ACCEPTS,
        outcomes=(
            keeps(RequestHeader(b"x-order", (b"3", b"1", b"2")), Accepted()),
            differs("It joins them, in order.", RequestHeader(b"x-order", (b"3,1,2",)), Accepted()),
        ),
    ),
    Case(
        "websocket.scope.headers.lowercase/title-case",
        "The names of headers are handed on in small letters.",
        client=opened(headers=(("X-Title-Case", "x"),)),
        app=ACCEPTS,
        outcomes=(keeps(RequestNames(b"x-title-case", b"sec-websocket-key"), Accepted()),),
    ),
    Case(
        "websocket.scope.subprotocols.content/list",
        "Subprotocols in one header are a list.",
        over=(1, 2),
        client=opened(headers=(("sec-websocket-protocol", "chat,  superchat"),)),
        app=ACCEPTS,
        outcomes=(keeps(Subprotocols("chat", "superchat"), Accepted()),),
    ),
    Case(
        "websocket.scope.subprotocols.content/two-headers",
        "Subprotocols in two headers are a list of all of them (RFC 6455, 11.3.4).",
        over=(1, 2),
        client=opened(headers=(("sec-websocket-protocol", "chat"), ("sec-websocket-protocol", "superchat"))),
        app=ACCEPTS,
        outcomes=(
            keeps(Subprotocols("chat", "superchat"), Accepted()),
            breaks("Those of the first header are missing.", Subprotocols("superchat")),
            breaks("Those of the second header are missing.", Subprotocols("chat")),
        ),
    ),
    Case(
        "websocket.scope.subprotocols.content/none",
        "Without subprotocols the list is empty.",
        over=(1, 2),
        client=opened(),
        app=ACCEPTS,
        outcomes=(
            keeps(Subprotocols(), Accepted()),
            differs("There is no list, which is optional.", Scope(subprotocols=ABSENT), Accepted()),
        ),
    ),
)
