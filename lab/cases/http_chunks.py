"""www.rst, Request: the chunks of a request, and its trailers, which are no part of its body."""

from ..case import Case, Outcome, Verdict, breaks, differs, keeps
from ..checks import (
    Body,
    Called,
    NeverSees,
    NotCalled,
    RequestBody,
    Status,
)
from ..wire.ask import Ask
from ..wire.http1 import Bytes
from .said import CHUNKED, POST, chunked
from .scripts import READS

CASES = (
    Case(
        "http.server.dechunk-request/three-chunks",
        "The frame of the chunks is taken off.",
        client=chunked(b"3\r\nabc\r\n", 0.05, b"4\r\ndefg\r\n", 0.05, b"0\r\n\r\n"),
        app=READS,
        outcomes=(keeps(RequestBody(b"abcdefg"), Body(b"hello")),),
    ),
    Case(
        "http.server.dechunk-request/cut-anywhere",
        "Chunks that come byte by byte are the same chunks.",
        client=chunked(
            *(piece for byte in b"3;x=y\r\na\r\n\r\n0\r\n\r\n" for piece in (bytes([byte]), 0.01))
        ),
        app=READS,
        outcomes=(keeps(RequestBody(b"a\r\n"), Body(b"hello")),),
    ),
    Case(
        "http.server.dechunk-request/extensions",
        "Extensions of chunks are left out (RFC 9112, 7.1.1).",
        client=chunked(b'3;name=value;other="a b"\r\nabc\r\n0;last\r\n\r\n'),
        app=READS,
        outcomes=(
            keeps(RequestBody(b"abc"), Body(b"hello")),
            differs("It refuses extensions of chunks.", NotCalled(), Status(400)),
            differs("It refuses extensions of chunks, behind the head.", RequestBody(b""), Status(0, 400)),
        ),
    ),
    Case(
        "http.server.dechunk-request/size-in-capitals",
        "The size of a chunk is a number to the base of 16, in letters of any size, with zeros in front.",
        client=chunked(b"000A\r\n0123456789\r\n0a\r\n0123456789\r\n0\r\n\r\n"),
        app=READS,
        outcomes=(keeps(RequestBody(b"0123456789" * 2), Body(b"hello")),),
    ),
    Case(
        "http.server.dechunk-request/coding-in-capitals",
        "The names of transfer codings are compared without case (RFC 9112, 7).",
        client=Bytes((POST + b"Transfer-Encoding: Chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",), methods=("POST",)),
        app=READS,
        outcomes=(
            keeps(RequestBody(b"a"), Body(b"hello")),
            differs("It refuses it.", NotCalled(), Status(400, 501)),
        ),
    ),
    Case(
        "http.request.decoded-content/trailers",
        "Trailers behind the last chunk are no part of the body.",
        # In one piece with the head, so that all of it is there when the application is called.
        client=Bytes((CHUNKED + b"3\r\nabc\r\n0\r\nx-trailer: 1\r\n\r\n",), methods=("POST",)),
        app=READS,
        outcomes=(
            keeps(RequestBody(b"abc"), NeverSees(b"x-trailer"), Body(b"hello")),
            differs("It refuses trailers.", Status(0, 400)),
            breaks("Trailers are given to the application as headers of the request.", RequestBody(b"abc")),
        ),
    ),
    Case(
        "http.request.decoded-content/trailers-in-frames",
        "Trailers over HTTP/2 are no part of the body, and end it.",
        over=(2,),
        client=Ask(method="POST", body=(b"abc",), trailers=(("x-trailer", "1"),)),
        app=READS,
        outcomes=(
            keeps(RequestBody(b"abc"), NeverSees(b"x-trailer"), Body(b"hello")),
            breaks("The request never ends: the application waits for more.", RequestBody(b"abc"), Status(0)),
        ),
    ),
    Case(
        "http.request.decoded-content/sensitive-1",
        "Trailers over HTTP/3 are no part of the body, and end it.",
        over=(3,),
        client=Ask(method="POST", body=(b"abc",), trailers=(("x-trailer", "1"),)),
        app=READS,
        outcomes=(
            keeps(RequestBody(b"abc"), NeverSees(b"x-trailer"), Body(b"hello")),
            # The clause is not broken by that: what there is of the body is right.
            Outcome(
                Verdict.BROKEN_OFF,
                "The request is not answered, nor is anybody else's after it.",
                (Status(0),),
            ),
        ),
        fresh=True,
        sensitive="It takes HTTP/3 away from every client.",
    ),
    Case(
        "http.request.decoded-content/chunks-then-request",
        "What comes behind the last chunk is the next request.",
        client=Bytes(
            (CHUNKED + b"1\r\na\r\n0\r\n\r\nGET {target}?2 HTTP/1.1\r\nhost: {host}\r\n\r\n",),
            methods=("POST", "GET"),
        ),
        app=READS,
        outcomes=(
            keeps(Called(2), RequestBody(b"a"), Body(b"hello")),
            differs("It closes the connection after the first response.", Called(1), RequestBody(b"a")),
        ),
    ),
)
