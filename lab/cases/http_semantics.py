"""RFC 9110 and 9112: request lines and headers that are wrong, and what an application may see of them."""

from ..case import Case, Outcome, breaks, differs, keeps
from ..checks import (
    Called,
    NeverSees,
    NotCalled,
    PathBegins,
    RequestHeader,
    Scope,
    Status,
)
from ..wire.ask import Ask
from ..wire.http1 import Bytes
from .refusals import REFUSES, or_refused, takes
from .said import HOST
from .scripts import HELLO

FIRST = b"GET {target} HTTP/1.1\r\n"


def head(clause: str, suffix: str, says: str, data: bytes, *outcomes: Outcome) -> Case:
    """A request whose head is wrong."""
    return Case(f"{clause}/{suffix}", says, Bytes((data,)), HELLO, or_refused(*outcomes))


VALUES = "http.scope.headers.exact-value-bytes"
NAMES = "http.headers.transport-exact"

LINES = (
    head(
        "http.scope.method.type", "missing", "A request line without a method is refused.",
        b" {target} HTTP/1.1\r\n" + HOST + b"\r\n", takes("It takes a request without a method."),
    ),
    head(
        "http.scope.method.type", "not-a-token", "A method with a character that no method has is refused.",
        b"G@T {target} HTTP/1.1\r\n" + HOST + b"\r\n", takes("It hands such a method on."),
    ),
    head(
        "http.scope.http_version.values", "http-9.9", "HTTP/9.9 is refused.",
        b"GET {target} HTTP/9.9\r\n" + HOST + b"\r\n",
        differs("It answers in a version that it knows.", Called(), Scope(http_version="1.1"), Status(200)),
        breaks("It tells the application of a version that there is not.", Called()),
    ),
    head(
        "http.scope.http_version.values", "no-number", "A version that is none is refused.",
        b"GET {target} HTTP/x\r\n" + HOST + b"\r\n",
        differs("It takes it for a version that it knows.", Called(), Scope(http_version="1.1")),
        breaks("It tells the application of a version that there is not.", Called()),
    ),
    head(
        "http.scope.http_version.values", "http-0.9", "A request line of HTTP/0.9 is refused.",
        b"GET {target}\r\n" + HOST + b"\r\n",
        differs("It takes it for another version.", Called(), Scope(http_version="1.0")),
        differs("It takes it for another version.", Called(), Scope(http_version="1.1")),
        breaks("It tells the application of a version that the contract does not have.", Called()),
    ),
    head(
        "http.scope.path.type", "blank-inside", "A target with a blank in it is refused (RFC 9112, 3).",
        b"GET {target}/a b HTTP/1.1\r\n" + HOST + b"\r\n", takes("It takes a target with a blank in it."),
    ),
    head(
        "http.scope.path.type", "nul", "A target with a NUL in it is refused.",
        b"GET {target}/a\x00b HTTP/1.1\r\n" + HOST + b"\r\n", takes("It takes a target with a NUL in it."),
    ),
    head(
        "http.scope.path.type", "no-slash", "A target that is neither a path nor a URI nor * is refused.",
        b"GET lab HTTP/1.1\r\n" + HOST + b"x-lab: {target}\r\n\r\n",
        takes("It takes a target without a slash in front."),
    ),
    Case(
        "http.scope.path.decoded-utf8/bad-percent",
        "A percent sign without two digits behind it is refused, or left as it is.",
        Bytes((b"GET {target}/%zz%4 HTTP/1.1\r\n" + HOST + b"\r\n",)),
        HELLO,
        or_refused(keeps(Called(), Status(200))),
    ),
    Case(
        "http.scope.path.decoded-utf8/not-utf-8",
        "Percent-encoded bytes that are not UTF-8 are refused, or read in some way.",
        Ask(below="/%FF%FE"),
        HELLO,
        or_refused(keeps(Called(), Status(200))),
        over=(1, 2, 3),
    ),
    Case(
        "http.scope.path.no-query/absolute-form",
        "The path of a target that is a whole URI is the path of that URI (RFC 9112, 3.2.2).",
        Bytes((b"GET http://other.example{target} HTTP/1.1\r\n" + HOST + b"\r\n",)),
        HELLO,
        (
            keeps(PathBegins("/lab/"), Status(200)),
            *REFUSES,
            differs("The whole URI is the path.", Called(), Status(200)),
        ),
    ),
    Case(
        "http.scope.path.type/options-asterisk",
        "OPTIONS * is handed on, or answered by the server.",
        Bytes((b"OPTIONS * HTTP/1.1\r\n" + HOST + b"x-lab: {target}\r\n\r\n",), methods=("OPTIONS",)),
        HELLO,
        (
            keeps(Scope(path="*", method="OPTIONS"), Status(200)),
            differs("The asterisk becomes another path.", Scope(method="OPTIONS"), Status(200)),
            differs("It answers for the application.", NotCalled(), Status(200, 204, 400, 404, 405)),
        ),
    ),
    head(
        "http.scope.method.uppercase", "connect",
        "CONNECT, whose target is an authority, is refused or handed on.",
        b"CONNECT other.example:443 HTTP/1.1\r\nhost: other.example:443\r\nx-lab: {target}\r\n\r\n",
        takes("It hands CONNECT on."),
        differs("It takes it for an Upgrade, and answers nothing.", Status(0)),
    ),
)  # fmt: skip

HEADERS = (
    head(
        NAMES, "no-host", "A request of HTTP/1.1 without Host is refused (RFC 9112, 3.2).",
        FIRST + b"\r\n", takes("It takes a request without Host."),
    ),
    head(
        NAMES, "two-hosts", "A request with two Hosts is refused (RFC 9112, 3.2).",
        FIRST + HOST + b"host: other.example\r\n\r\n", takes("It takes a request with two Hosts."),
    ),
    head(
        NAMES, "bad-host", "A Host that is none is refused (RFC 9112, 3.2).",
        FIRST + b"host: a b/c\r\n\r\n", takes("It takes any text for a Host."),
    ),
    head(
        NAMES, "blank-before-colon", "A blank between a name and its colon is refused (RFC 9112, 5.1).",
        FIRST + HOST + b"x-name : 1\r\n\r\n",
        differs("It takes the blank off.", RequestHeader(b"x-name", (b"1",))),
        breaks("The blank becomes a part of the name.", RequestHeader(b"x-name ", (b"1",))),
        takes("It leaves the header out."),
    ),
    head(
        NAMES, "no-colon", "A line without a colon is refused.",
        FIRST + HOST + b"x-name\r\n\r\n", takes("It takes a line without a colon."),
    ),
    head(
        NAMES, "empty-name", "A header without a name is refused.",
        FIRST + HOST + b": 1\r\n\r\n", takes("It takes a header without a name."),
    ),
    head(
        NAMES, "name-with-blank", "A name with a blank in it is refused.",
        FIRST + HOST + b"x name: 1\r\n\r\n", takes("It takes a name with a blank in it."),
    ),
    head(
        NAMES, "name-not-a-token", "A name with a character that no name has is refused.",
        FIRST + HOST + b"x@(name): 1\r\n\r\n", takes("It takes names that are no tokens."),
    ),
    head(
        NAMES, "name-not-ascii", "A name with bytes that are not ASCII is refused.",
        FIRST + HOST + b"x-caf\xe9: 1\r\n\r\n", takes("It takes names that are not ASCII."),
    ),
    head(
        VALUES, "obs-fold", "A folded line is refused, or put together with a blank (RFC 9112, 5.2).",
        FIRST + HOST + b"x-name: a\r\n b\r\n\r\n",
        keeps(RequestHeader(b"x-name", (b"a b",)), Status(200)),
        breaks("The line break stays in the value.", RequestHeader(b"x-name", (b"a\r\n b",))),
        differs("The line is put together without a blank.", RequestHeader(b"x-name", (b"ab",))),
        *(
            differs("The line is put together with several blanks.", RequestHeader(b"x-name", (value,)))
            for value in (b"a  b", b"a   b")
        ),
        differs("The value ends with its first line.", RequestHeader(b"x-name", (b"a",))),
        differs("It leaves the header out.", RequestHeader(b"x-name", ()), NeverSees(b"\n")),
        differs("It makes something else of the two lines.", Called(), NeverSees(b"\n")),
    ),
    head(
        VALUES, "fold-of-nothing", "A first header that begins with a blank is refused (RFC 9112, 2.2).",
        FIRST + b" x-name: a\r\n" + HOST + b"\r\n", takes("It takes it, or leaves it out."),
    ),
    head(
        VALUES, "nul", "A value with a NUL in it is refused, or gets a blank instead (RFC 9110, 5.5).",
        FIRST + HOST + b"x-name: a\x00b\r\n\r\n",
        keeps(RequestHeader(b"x-name", (b"a b",)), Status(200)),
        breaks("The NUL is handed on.", RequestHeader(b"x-name", (b"a\x00b",))),
        differs("It leaves the header out.", Called(), RequestHeader(b"x-name", ())),
    ),
    head(
        VALUES, "bare-cr", "A value with a CR in it is refused, or gets a blank instead (RFC 9112, 2.2).",
        FIRST + HOST + b"x-name: a\rb\r\n\r\n",
        keeps(RequestHeader(b"x-name", (b"a b",)), Status(200)),
        breaks("The CR is handed on.", RequestHeader(b"x-name", (b"a\rb",))),
        takes("It takes the CR for the end of a line, or leaves the header out."),
    ),
    head(
        VALUES, "control", "A value with a control character in it is refused (RFC 9110, 5.5).",
        FIRST + HOST + b"x-name: a\x01b\r\n\r\n", takes("It takes control characters."),
    ),
    Case(
        f"{VALUES}/bare-lf",
        "A line may end with LF alone (RFC 9112, 2.2), or be refused.",
        Bytes((b"GET {target} HTTP/1.1\nhost: {host}\nx-name: 1\n\n",)),
        HELLO,
        or_refused(
            keeps(RequestHeader(b"x-name", (b"1",)), Status(200)),
            differs("LF alone is no end of a line to it, and it waits for more.", NotCalled(), Status(0)),
        ),
    ),
    *(
        Case(
            f"http.scope.headers.shape/{size}-bytes",
            f"A header of {size} bytes is handed on whole, or refused.",
            Bytes((FIRST + HOST + b"x-name: " + b"v" * size + b"\r\n\r\n",)),
            HELLO,
            (
                keeps(RequestHeader(b"x-name", (b"v" * size,)), Status(200)),
                differs(f"It refuses a header of {size} bytes.", NotCalled(), Status(400, 413, 431, 500)),
                differs("It closes the connection without a word.", NotCalled(), Status(0)),
            ),
        )
        for size in (8000, 60000)
    ),
    Case(
        "http.scope.headers.shape/300-headers",
        "300 headers are handed on, or refused.",
        Bytes((FIRST + HOST + b"".join(b"x-%d: 1\r\n" % n for n in range(300)) + b"\r\n",)),
        HELLO,
        (
            keeps(RequestHeader(b"x-299", (b"1",)), Status(200)),
            differs("It refuses 300 headers.", NotCalled(), Status(400, 413, 431, 500)),
            differs("It closes the connection without a word.", NotCalled(), Status(0)),
        ),
    ),
    Case(
        "http.scope.path.type/8000-bytes",
        "A target of 8000 bytes is handed on, or refused (RFC 9112, 3, recommends to take it).",
        Bytes((b"GET {target}/" + b"p" * 8000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",)),
        HELLO,
        (
            keeps(Called(), Status(200)),
            differs("It refuses a target of 8000 bytes.", NotCalled(), Status(400, 414, 431)),
            differs("It closes the connection without a word.", NotCalled(), Status(0)),
        ),
    ),
)  # fmt: skip

CASES = (*LINES, *HEADERS)
