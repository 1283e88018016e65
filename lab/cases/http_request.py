"""www.rst, Request: how the body of a request comes to the application."""

from ..case import Case, breaks, differs, keeps
from ..checks import (
    Answers,
    Bodies,
    Body,
    Called,
    Informational,
    NotCalled,
    Receives,
    RequestBodies,
    RequestBody,
    Status,
)
from ..script import steps
from ..wire.ask import Ask
from ..wire.http1 import Bytes
from .said import POST, TWO_STREAMS, chunked
from .scripts import HELLO, READS

ALL_BYTES = bytes(range(256))
MEGABYTE = ALL_BYTES * 4096


# uvicorn/protocols/http/zttp_h2_impl.py: only DATA and the end of a request that has some become events.
NEVER_AN_EVENT = breaks(
    "A request without a body never becomes an http.request event, and the application waits.",
    Receives("http.disconnect"),
)

CASES = (
    Case(
        "http.request.sent/get",
        "A request without a body is one event with an empty body.",
        over=(1, 2, 3),
        client=Ask(),
        app=READS,
        outcomes=(
            keeps(Receives("http.request"), RequestBody(b""), Body(b"hello")),
            NEVER_AN_EVENT,
        ),
    ),
    Case(
        "http.request.sent/post-without-length",
        "A POST that says nothing about a body has none (RFC 9112, 6.3).",
        client=Bytes((POST + b"\r\n",), methods=("POST",)),
        app=READS,
        outcomes=(
            keeps(Receives("http.request"), RequestBody(b""), Body(b"hello")),
            differs("It asks for a length.", NotCalled(), Status(411)),
        ),
    ),
    Case(
        "http.request.sent/length-of-zero",
        "A body with no bytes is one event.",
        over=(1, 2, 3),
        client=Ask(method="POST", headers=(("content-length", "0"),), body=(b"",)),
        app=READS,
        outcomes=(keeps(Receives("http.request"), RequestBody(b""), Body(b"hello")), NEVER_AN_EVENT),
    ),
    Case(
        "http.request.sent/no-chunks",
        "A chunked body with nothing but the last chunk is one event.",
        client=chunked(b"0\r\n\r\n"),
        app=READS,
        outcomes=(keeps(Receives("http.request"), RequestBody(b""), Body(b"hello")),),
    ),
    Case(
        "http.request.sent/empty-data-frame",
        "A body that is one empty DATA frame is one event.",
        over=(2, 3),
        client=Ask(method="POST", body=(b"",)),
        app=READS,
        outcomes=(keeps(Receives("http.request"), RequestBody(b""), Body(b"hello")), NEVER_AN_EVENT),
    ),
    Case(
        "http.request.body.complete/length",
        "A body with a length comes whole.",
        over=(1, 2, 3),
        client=Ask(method="POST", headers=(("content-length", "10"),), body=(b"0123456789",)),
        app=READS,
        outcomes=(keeps(RequestBody(b"0123456789"), Body(b"hello")),),
    ),
    Case(
        "http.request.body.complete/without-length",
        "A body without a length comes whole.",
        over=(1, 2, 3),
        client=Ask(method="POST", body=(b"01234", b"56789")),
        app=READS,
        outcomes=(keeps(RequestBody(b"0123456789"), Body(b"hello")),),
    ),
    Case(
        "http.request.body.complete/every-byte",
        "Every byte there is comes as it was sent.",
        over=(1, 2, 3),
        client=Ask(method="PUT", headers=(("content-length", "256"),), body=(ALL_BYTES,)),
        app=READS,
        outcomes=(keeps(RequestBody(ALL_BYTES), Body(b"hello")),),
    ),
    Case(
        "http.request.body.complete/megabyte",
        "A mebibyte comes whole, in as many events as the server likes.",
        over=(1, 2),
        client=Ask(method="POST", headers=(("content-length", str(len(MEGABYTE))),), body=(MEGABYTE,)),
        app=READS,
        outcomes=(keeps(RequestBody(MEGABYTE), Body(b"hello")),),
        limit=15.0,
    ),
    Case(
        "http.request.body.complete/slow-application",
        "A body of 256 KiB is kept for an application that is not ready for it yet.",
        over=(1, 2),
        client=Ask(method="POST", headers=(("content-length", "262144"),), body=(MEGABYTE[:262144],)),
        app=(*steps("sleep 0.3"), *READS),
        outcomes=(keeps(RequestBody(MEGABYTE[:262144]), Body(b"hello")),),
    ),
    Case(
        "http.request.body.complete/with-the-head",
        "A body that comes in one packet with the head comes whole.",
        client=Bytes((POST + b"content-length: 5\r\n\r\n12345",), methods=("POST",)),
        app=READS,
        outcomes=(keeps(RequestBody(b"12345"), Body(b"hello")),),
    ),
    Case(
        "http.request.body.complete/byte-by-byte",
        "A request that comes byte by byte is the same request.",
        client=Bytes(
            (
                POST + b"content-length: 3\r\n",
                *(piece for byte in b"\r\nabc" for piece in (bytes([byte]), 0.02)),
            ),
            methods=("POST",),
        ),
        app=READS,
        outcomes=(keeps(RequestBody(b"abc"), Body(b"hello")),),
    ),
    Case(
        "http.request.body.complete/ends-at-its-length",
        "What comes behind the length is the next request, and not a part of the body.",
        client=Bytes(
            (POST + b"content-length: 3\r\n\r\nabcGET {target}?2 HTTP/1.1\r\nhost: {host}\r\n\r\n",),
            methods=("POST", "GET"),
        ),
        app=READS,
        outcomes=(
            keeps(Called(2), RequestBody(b"abc"), Body(b"hello")),
            differs(
                "It closes the connection after the first response.",
                Called(1),
                RequestBody(b"abc"),
                Body(b"hello"),
            ),
        ),
    ),
    Case(
        "http.request.body.complete/gzip",
        "A content coding is a matter of the application, and the body stays as it was sent.",
        over=(1, 2, 3),
        client=Ask(
            method="POST",
            headers=(("content-encoding", "gzip"), ("content-length", "25")),
            body=(bytes.fromhex("1f8b0800000000000003cb48cdc9c9070086a6103605000000"),),
        ),
        app=READS,
        outcomes=(
            keeps(
                RequestBody(bytes.fromhex("1f8b0800000000000003cb48cdc9c9070086a6103605000000")),
                Body(b"hello"),
            ),
            breaks("It decodes the content coding.", RequestBody(b"hello")),
        ),
    ),
    Case(
        "http.request.body.complete/get-with-body",
        "A GET may have a body, whatever it means (RFC 9110, 9.3.1).",
        over=(1, 2, 3),
        client=Ask(headers=(("content-length", "3"),), body=(b"abc",)),
        app=READS,
        outcomes=(
            keeps(RequestBody(b"abc"), Body(b"hello")),
            differs("It refuses a GET with a body.", NotCalled(), Status(0, 400)),
        ),
    ),
    Case(
        "http.request.body.complete/http-1.0",
        "HTTP/1.0 has bodies, too.",
        client=Bytes(
            (b"POST {target} HTTP/1.0\r\nhost: {host}\r\ncontent-length: 3\r\n\r\nabc",), methods=("POST",)
        ),
        app=READS,
        outcomes=(keeps(RequestBody(b"abc"), Body(b"hello")),),
    ),
    Case(
        "http.request.body.complete/many-frames",
        "A body in a hundred small DATA frames comes whole.",
        over=(2, 3),
        client=Ask(method="POST", body=(b"x",) * 100),
        app=READS,
        outcomes=(keeps(RequestBody(b"x" * 100), Body(b"hello")),),
    ),
    Case(
        "http.request.body.complete/two-streams",
        "Bodies that come at the same time on two streams are not mixed.",
        over=(2,),
        client=TWO_STREAMS,
        app=READS,
        outcomes=(keeps(RequestBodies({b"a": b"aa", b"B": b"BB"}), Bodies(b"hello", b"hello")),),
    ),
    Case(
        "http.request.body.complete/expect-continue",
        "A client that asks for 100 (Continue) gets it before its body is waited for (RFC 9110, 10.1.1).",
        client=Bytes(
            (POST + b"content-length: 5\r\nexpect: 100-continue\r\n\r\n", "interim", b"12345", "answer"),
            methods=("POST",),
        ),
        app=READS,
        outcomes=(
            keeps(RequestBody(b"12345"), Informational(100), Body(b"hello")),
            differs(
                "It sends no 100 (Continue), and clients wait until they have had enough.",
                RequestBody(b"12345"),
                Informational(),
                Body(b"hello"),
            ),
        ),
        limit=8.0,
    ),
    Case(
        "http.request.body.complete/expect-and-refused",
        "An application that answers at once to a client that waits for 100 (Continue) spares it the body.",
        client=Bytes(
            (POST + b"content-length: 5\r\nexpect: 100-continue\r\n\r\n", "answer"), methods=("POST",)
        ),
        app=steps("""
        send http.response.start status=413
            content-length: 0
        send http.response.body
        """),
        outcomes=(
            keeps(Status(413), Informational()),
            differs("It asks for the body before the application does.", Status(413), Informational(100)),
            differs("It waits for the body, without having asked for it.", Status(0)),
        ),
    ),
    Case(
        "http.request.none-after-final/waits",
        "Behind the last piece of the body nothing comes until the client leaves.",
        over=(1, 2, 3),
        client=Ask(method="POST", headers=(("content-length", "3"),), body=(b"abc",)),
        app=(*READS, *steps("receive")),
        outcomes=(
            keeps(Receives("http.request", "http.disconnect"), Body(b"hello")),
            # That it is never told of the end is what http.disconnect.after-response is about.
            keeps(Receives("http.request"), Body(b"hello")),
        ),
    ),
    Case(
        "http.scope.single-request/body-left",
        "A body that the application does not read is not taken for the next request.",
        client=Bytes(
            (
                POST + b"content-length: 20\r\n\r\nGET /x HTTP/1.1\r\n\r\n\n",
                "answer",
                b"GET {target}?2 HTTP/1.1\r\nhost: {host}\r\n\r\n",
                "answer",
            ),
            methods=("POST", "GET"),
        ),
        app=HELLO,
        outcomes=(
            keeps(Called(2), Answers(200, 200)),
            differs("It closes the connection after the response.", Called(1), Body(b"hello")),
        ),
    ),
    Case(
        "http.scope.single-request/body-comes-late",
        "A body that comes when the application has answered already is not taken for the next request.",
        client=Bytes(
            (
                POST + b"content-length: 20\r\n\r\n",
                0.3,
                b"GET /x HTTP/1.1\r\n\r\n\nGET {target}?2 HTTP/1.1\r\nhost: {host}\r\n\r\n",
                "answer",
                "answer",
            ),
            methods=("POST", "GET"),
        ),
        app=HELLO,
        outcomes=(
            keeps(Called(2), Answers(200, 200)),
            differs("It closes the connection after the response.", Called(1), Body(b"hello")),
        ),
    ),
)
