"""RFC 9112, 6 and 7: bodies that are framed wrongly, and what an application may see of them."""

from ..case import Case, Outcome, breaks, differs, keeps
from ..checks import (
    Called,
    Closed,
    EndOfBody,
    RequestBody,
    Status,
)
from ..wire.http1 import Bytes
from .refusals import REFUSES_THE_BODY, or_refused
from .said import HOST, POST
from .scripts import READS

CHUNKED_OF_1_0 = (
    b"POST {target} HTTP/1.0\r\n" + HOST + b"connection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n"
)
NEXT = b"GET {target}?smuggled HTTP/1.1\r\n" + HOST + b"\r\n"


def body(clause: str, suffix: str, says: str, data: bytes, *outcomes: Outcome) -> Case:
    """A request whose body is framed wrongly."""
    client = Bytes((POST + data,), methods=("POST",))
    return Case(f"{clause}/{suffix}", says, client, READS, or_refused(*outcomes, refused=REFUSES_THE_BODY))


REQUESTS = "http.scope.single-request"
CHUNKS = "http.server.dechunk-request"

BODIES = (
    body(
        REQUESTS, "length-and-chunked",
        "Both Content-Length and Transfer-Encoding: refused, or chunked and the last (RFC 9112, 6.3).",
        b"content-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n" + NEXT,
        keeps(Called(1), RequestBody(b"")),
        differs("It takes it as chunked, and goes on with the connection.", Called(2), RequestBody(b"")),
        breaks("It counts by the length, where others count the chunks.", RequestBody(b"0\r\n\r\nG")),
    ),
    body(
        REQUESTS, "two-lengths", "Two lengths that differ are refused (RFC 9112, 6.3).",
        b"content-length: 3\r\ncontent-length: 5\r\n\r\nabcde",
        breaks("It takes one of them, where others take the other.", Called()),
    ),
    Case(
        f"{REQUESTS}/same-length-twice",
        "The same length twice is refused, or taken as one (RFC 9112, 6.3).",
        Bytes((POST + b"content-length: 3\r\ncontent-length: 3\r\n\r\nabc",), methods=("POST",)),
        READS,
        or_refused(keeps(Called(1), RequestBody(b"abc"), Status(200))),
    ),
    *(
        body(
            REQUESTS, f"length-{name}", f"A length that is {says} is refused.",
            b"content-length: " + value + b"\r\n\r\nabc",
            differs(f"It takes a length that is {says}.", Called()),
            differs("It waits for more.", Status(0)),
        )
        for name, value, says in (
            ("signed", b"+3", "signed"),
            ("negative", b"-3", "negative"),
            ("hexadecimal", b"0x3", "hexadecimal"),
            ("list", b"3, 4", "a list of two"),
            ("word", b"three", "a word"),
            ("huge", b"9" * 30, "larger than 64 bits"),
            ("underscore", b"1_0", "written with an underscore"),
        )
    ),
    *(
        body(
            REQUESTS, f"coding-{name}", f"The transfer coding {says} is refused.",
            b"transfer-encoding: " + value + b"\r\n\r\n1\r\na\r\n0\r\n\r\n",
            differs(f"It takes the transfer coding {says} for chunked.",
                    Called(1), RequestBody(b"a"), Status(200)),
            differs(f"It leaves the transfer coding {says} out, and sees no body.",
                    Called(1), RequestBody(b""), Status(200)),
            differs("It waits for more.", Status(0)),
            differs("It hands on the chunks as they are.", Called()),
        )
        for name, value, says in (
            ("unknown", b"rot13", "`rot13`"),
            ("chunked-not-last", b"chunked, identity", "`chunked, identity`"),
            ("chunked-twice", b"chunked, chunked", "`chunked, chunked`"),
            ("with-tab", b"\x0bchunked", "`chunked` with a control character in front"),
        )
    ),
    Case(
        f"{REQUESTS}/chunked-http-1.0",
        "A chunked body in HTTP/1.0 is refused, or ends the connection (RFC 9112, 6.1).",
        Bytes((CHUNKED_OF_1_0 + b"1\r\na\r\n0\r\n\r\n", "answer", "close"), methods=("POST",)),
        READS,
        or_refused(
            keeps(Called(1), RequestBody(b"a"), Status(200), Closed()),
            differs("It takes the chunks, and goes on with the connection.",
                    Called(1), RequestBody(b"a"), Status(200)),
            differs("It takes it for a request without a body.", Called(1), RequestBody(b""), Status(200)),
            refused=REFUSES_THE_BODY,
        ),
    ),
    *(
        body(
            CHUNKS, name, f"{says} is refused.", b"transfer-encoding: chunked\r\n\r\n" + data,
            breaks(f"{says} ends the body, and the application takes it for whole.",
                   RequestBody(b""), EndOfBody()),
            differs(f"{says} is let through.", Called(), Status(200)),
            differs("It waits for more.", Status(0)),
        )
        for name, data, says in (
            ("size-not-a-number", b"x\r\na\r\n0\r\n\r\n", "A chunk whose size is no number"),
            ("size-negative", b"-1\r\na\r\n0\r\n\r\n", "A chunk whose size is negative"),
            ("size-with-prefix", b"0x1\r\na\r\n0\r\n\r\n", "A chunk whose size begins with 0x"),
            ("size-overflows", b"fffffffffffffffff\r\na\r\n0\r\n\r\n",
             "A chunk whose size does not fit 64 bits"),
            ("size-missing", b"\r\na\r\n0\r\n\r\n", "A chunk without a size"),
            ("longer-than-its-size", b"1\r\nabc\r\n0\r\n\r\n", "A chunk that is longer than its size"),
            ("lf-behind-size", b"1\na\r\n0\r\n\r\n", "A size that ends with LF alone"),
            ("lf-behind-data", b"1\r\na\n0\r\n\r\n", "A chunk that ends with LF alone"),
            ("blank-behind-size", b"1 \r\na\r\n0\r\n\r\n", "A size with a blank behind it"),
        )
    ),
)  # fmt: skip


CASES = BODIES
