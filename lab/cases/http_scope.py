"""www.rst, HTTP Connection Scope: what the application is told of a request before the first event."""

from ..case import Case, breaks, differs, keeps
from ..checks import (
    ABSENT,
    Bodies,
    Body,
    Called,
    CalledForEach,
    Ended,
    FirstHeader,
    NotCalled,
    Receives,
    RequestHeader,
    RequestNames,
    Scope,
    ScopeIs,
    Status,
)
from ..script import steps
from ..wire import http2
from ..wire.ask import Ask
from ..wire.http1 import Bytes
from .said import TWO_STREAMS
from .scripts import HELLO, READS, SLOW

# What a judge can see in any conversation is looked for in an ordinary one, with a query and without.
ORDINARY = (
    "http.scope.asgi.spec-version.type",
    "http.scope.http_version.type",
    "http.scope.http_version.values",
    "http.scope.method.type",
    "http.scope.scheme.type",
    "http.scope.scheme.non-empty",
    "http.scope.scheme.value",
    "http.scope.path.type",
    "http.scope.raw_path.type",
    "http.scope.query_string.type",
    "http.scope.root_path.type",
    "http.scope.headers.shape",
    "http.scope.headers.bytes",
    "http.scope.headers.no-pseudo",
    "http.scope.client.shape",
    "http.scope.client.port",
    "http.scope.server.shape",
    "http.scope.server.host",
    "http.scope.server.port",
    "http.scope.server.none-port-gate",
    "http.scope.state.type",
    "http.event.receive-types",
    "http.request.body.type",
    "http.request.more_body.type",
)

LATIN = b"caf\xe9"

# That is for http.request.sent to say.
NO_REQUEST = differs(
    "The application is never told of the request, so that this is not seen.", Receives("http.disconnect")
)

CASES = (
    *(
        Case(
            f"{clause}/ordinary",
            "An ordinary request, with a query and without a body.",
            over=(1, 2, 3),
            client=Ask(query="a=1"),
            app=SLOW if clause.startswith(("http.event", "http.request")) else HELLO,
            outcomes=(keeps(Called(), Status(200)), NO_REQUEST),
        )
        for clause in ORDINARY
    ),
    Case(
        "http.scope.http_version.matches/1.0",
        "A request by HTTP/1.0 is told as one.",
        client=Bytes((b"GET {target} HTTP/1.0\r\nhost: {host}\r\n\r\n",)),
        app=HELLO,
        outcomes=(
            keeps(Scope(http_version="1.0"), Status(200)),
            differs("It does not take HTTP/1.0.", NotCalled(), Status(400, 426, 505)),
        ),
    ),
    Case(
        "http.scope.http_version.matches/same",
        "The version is the one that the request was made with.",
        over=(1, 2, 3),
        client=Ask(),
        app=HELLO,
        outcomes=(keeps(ScopeIs("http_version", {1: "1.1", 2: "2", 3: "3"}), Status(200)),),
    ),
    Case(
        "http.scope.method.uppercase/small-letters",
        "A method in small letters is handed on in capitals, or refused.",
        client=Bytes((b"get {target} HTTP/1.1\r\nhost: {host}\r\n\r\n",)),
        app=HELLO,
        outcomes=(
            keeps(Scope(method="GET"), Status(200)),
            keeps(NotCalled(), Status(400, 405, 501)),
        ),
    ),
    Case(
        "http.scope.method.uppercase/unknown",
        "A method that nobody knows is handed on.",
        over=(1, 2, 3),
        client=Ask(method="BREW"),
        app=HELLO,
        outcomes=(
            keeps(Scope(method="BREW"), Status(200)),
            differs("It refuses methods that it does not know.", NotCalled(), Status(400, 405, 501)),
        ),
    ),
    Case(
        "http.scope.headers.exact-value-bytes/latin-1",
        "A value keeps bytes that are not ASCII.",
        client=Bytes((b"GET {target} HTTP/1.1\r\nhost: {host}\r\nx-name: " + LATIN + b"\r\n\r\n",)),
        app=HELLO,
        outcomes=(
            keeps(RequestHeader(b"x-name", (LATIN,)), Status(200)),
            differs("It refuses values with other bytes than ASCII.", NotCalled(), Status(400)),
        ),
    ),
    Case(
        "http.scope.headers.exact-value-bytes/inside",
        "Blanks, tabs and quotes inside a value stay; the white space around it is not part of it.",
        client=Bytes((b'GET {target} HTTP/1.1\r\nhost: {host}\r\nx-name: \t a,  "b"\tc \r\n\r\n',)),
        app=HELLO,
        outcomes=(
            keeps(RequestHeader(b"x-name", (b'a,  "b"\tc',)), Status(200)),
            # RFC 9112, 5: what is left out is no part of the value. But the contract says "exactly".
            differs(
                "The white space behind the value is left in it.",
                RequestHeader(b"x-name", (b'a,  "b"\tc ',)),
                Status(200),
            ),
        ),
    ),
    Case(
        "http.scope.headers.exact-value-bytes/empty",
        "A header without a value is there, and empty.",
        over=(1, 2, 3),
        client=Ask(headers=(("x-empty", ""),)),
        app=HELLO,
        outcomes=(keeps(RequestHeader(b"x-empty", (b"",)), Status(200)),),
    ),
    Case(
        "http.scope.headers.duplicates/twice",
        "A header that comes twice is in the list twice.",
        over=(1, 2, 3),
        client=Ask(headers=(("x-twice", "one"), ("x-other", "x"), ("x-twice", "two"))),
        app=HELLO,
        outcomes=(
            keeps(RequestHeader(b"x-twice", (b"one", b"two")), Status(200)),
            breaks("It joins them with a comma.", RequestHeader(b"x-twice", (b"one,two",))),
            breaks("It joins them with a comma.", RequestHeader(b"x-twice", (b"one, two",))),
        ),
    ),
    Case(
        "http.scope.headers.value-order/three",
        "Values of one name keep their order.",
        over=(1, 2, 3),
        client=Ask(headers=(("x-order", "3"), ("x-order", "1"), ("x-order", "2"))),
        app=HELLO,
        outcomes=(
            keeps(RequestHeader(b"x-order", (b"3", b"1", b"2")), Status(200)),
            differs("It joins them, in order.", RequestHeader(b"x-order", (b"3,1,2",)), Status(200)),
            differs("It joins them, in order.", RequestHeader(b"x-order", (b"3, 1, 2",)), Status(200)),
        ),
    ),
    Case(
        "http.headers.transport-exact/cookies",
        "Cookies that come in two headers stay two, or are joined (RFC 9113, 8.2.3).",
        over=(2, 3),
        client=Ask(headers=(("cookie", "a=1"), ("cookie", "b=2"))),
        app=HELLO,
        outcomes=(
            keeps(RequestHeader(b"cookie", (b"a=1", b"b=2")), Status(200)),
            differs(
                "It joins cookies with a semicolon, as RFC 9113 asks of whoever hands them on.",
                RequestHeader(b"cookie", (b"a=1; b=2",)),
                Status(200),
            ),
        ),
    ),
    Case(
        "http.scope.headers.lowercase/title-case",
        "The names of headers are handed on in small letters.",
        client=Bytes((b"GET {target} HTTP/1.1\r\nHost: {host}\r\nX-Title-Case: x\r\n\r\n",)),
        app=HELLO,
        outcomes=(keeps(RequestNames(b"host", b"x-title-case"), Status(200)),),
    ),
    Case(
        "http.scope.headers.authority-first/host",
        "`:authority` stands first among the headers, as `host`.",
        over=(2, 3),
        client=Ask(headers=(("x-a", "1"),)),
        app=HELLO,
        outcomes=(
            keeps(FirstHeader(b"host"), Status(200)),
            breaks("It is there, but not first.", RequestNames(b"host")),
        ),
    ),
    Case(
        "http.scope.headers.authority-replaces-host/both",
        "Of `:authority` and `host`, the application gets one `host`, with the value of the first.",
        over=(2,),
        client=http2.Streams((http2.request(("host", "other.example")), http2.answer())),
        app=HELLO,
        outcomes=(
            keeps(RequestHeader(b"host", (b"{host}",)), Status(200)),
            keeps(
                NotCalled(), Status(0, 400)
            ),  # RFC 9113, 8.3.1: a server should refuse what contradicts itself
            breaks("The `host` of the client stays.", RequestHeader(b"host", (b"other.example",))),
            breaks("Both are handed on.", RequestHeader(b"host", (b"{host}", b"other.example"))),
        ),
    ),
    Case(
        "http.scope.client.host/loopback",
        "The client is told by its address.",
        over=(1, 2, 3),
        client=Ask(),
        app=HELLO,
        outcomes=(
            keeps(ScopeIs.client("127.0.0.1"), Status(200)),
            differs("It does not tell the client.", Scope(client=None), Status(200)),
            differs("It does not tell the client.", Scope(client=ABSENT), Status(200)),
        ),
    ),
    Case(
        "http.scope.state.copy/two-requests",
        "Each request has a state of its own.",
        over=(1, 2, 3),
        client=Ask(),
        app=HELLO,
        outcomes=(keeps(Called(), Status(200)),),
    ),
    Case(
        "http.scope.single-request/keep-alive",
        "Two requests on one connection are two calls.",
        client=Bytes(
            (
                b"GET {target} HTTP/1.1\r\nhost: {host}\r\n\r\n",
                "answer",
                b"GET {target}?second HTTP/1.1\r\nhost: {host}\r\n\r\n",
                "answer",
            ),
            methods=("GET", "GET"),
        ),
        app=HELLO,
        outcomes=(
            keeps(Called(2), Body(b"hello")),
            differs("It closes the connection after each response.", Called(1), Body(b"hello")),
        ),
    ),
    Case(
        "http.scope.single-request/pipelined",
        "Two requests that come at once are two calls, answered in order.",
        client=Bytes(
            (
                b"GET {target}?1 HTTP/1.1\r\nhost: {host}\r\n\r\n"
                b"GET {target}?2 HTTP/1.1\r\nhost: {host}\r\n\r\n",
            ),
            methods=("GET", "GET"),
        ),
        app=HELLO,
        outcomes=(
            keeps(Called(2), Body(b"hello")),
            differs("It closes the connection after the first response.", Called(1), Body(b"hello")),
        ),
    ),
    Case(
        "http.scope.starts-at-request/before-the-body",
        "The application is called before the body of the request is there.",
        client=Bytes(
            (
                b"POST {target} HTTP/1.1\r\nhost: {host}\r\ncontent-length: 10\r\n\r\n",
                "head",
            ),
            methods=("POST",),
        ),
        app=steps("""
        send http.response.start status=200
            content-length: 5
        send http.response.body body=b'early'
        """),
        outcomes=(
            keeps(Status(200), Body(b"early")),
            differs(
                "It waits for the body before it answers, or before it calls the application.", Status(0)
            ),
        ),
    ),
    Case(
        "http.scope.long-poll/held-open",
        "A response that is held open keeps its scope, and nothing happens meanwhile.",
        over=(1, 2, 3),
        client=Ask(),
        app=SLOW,
        outcomes=(keeps(Receives("http.request"), Body(b"onetwo"), Ended(("whole",))), NO_REQUEST),
    ),
    Case(
        "http.h2.multiplex/two-streams",
        "Two requests on one connection are answered each on its own stream.",
        over=(2,),
        client=TWO_STREAMS,
        app=steps("""
        send http.response.start status=200
            content-type: text/plain
        echo
        """),
        outcomes=(keeps(Called(2), Bodies(b"aa", b"BB")),),
    ),
    Case(
        "http.h2.scope-per-request/two-streams",
        "Two requests on one connection have a scope each.",
        over=(2,),
        client=TWO_STREAMS,
        app=READS,
        outcomes=(keeps(CalledForEach(b"x-stream", b"a", b"B")),),
    ),
)
