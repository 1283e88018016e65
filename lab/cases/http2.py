"""RFC 9113: requests over HTTP/2 that are malformed, and more frames than anybody needs."""

from ..case import Case, Outcome, differs, keeps
from ..checks import (
    Body,
    Called,
    NotCalled,
    Refused,
    RequestBody,
    RequestHeader,
    Status,
)
from ..wire import http2
from .refusals import REFUSES
from .scripts import HELLO, READS

VALUES = "http.scope.headers.exact-value-bytes"
NAMES = "http.headers.transport-exact"


def frames(clause: str, suffix: str, says: str, steps: tuple[http2.Step, ...], *outcomes: Outcome) -> Case:
    """A request over HTTP/2 that is malformed (RFC 9113, 8.1.1): a stream error, or worse."""
    return Case(
        f"{clause}/{suffix}",
        says,
        http2.Streams(steps),
        HELLO,
        (keeps(NotCalled(), Refused()), *REFUSES, *outcomes),
        over=(2,),
    )


def malformed(clause: str, suffix: str, says: str, *fields: tuple[str, str], **pseudo: str) -> Case:
    """A request whose fields are malformed."""
    as_sent = [RequestHeader(name.encode(), (value.encode(),)) for name, value in fields if clause == VALUES]
    return frames(
        clause, suffix, says, (http2.Step("headers", (pseudo, fields), end=True), http2.answer()),
        differs("It takes it, though RFC 9113, 8.1.1, has a server treat it as a stream error.",
                Called(), *as_sent),
    )  # fmt: skip


PSEUDO = "http.scope.headers.no-pseudo"
LOWER = "http.scope.headers.lowercase"

STREAMS = (
    malformed(PSEUDO, "no-method", "A request without :method is malformed.", method=""),
    malformed(PSEUDO, "no-scheme", "A request without :scheme is malformed.", scheme=""),
    malformed(PSEUDO, "no-path", "A request without :path is malformed.",
              ("x-lab", "{target}"), path=""),
    malformed(PSEUDO, "unknown", "A pseudo-header that there is not is malformed.", unknown="1"),
    malformed(PSEUDO, "status-in-a-request", "A :status in a request is malformed.", status="200"),
    malformed(PSEUDO, "behind-others", "A pseudo-header behind a header is malformed.",
              ("x-name", "1"), (":unknown", "x")),
    malformed(PSEUDO, "twice", "A pseudo-header that comes twice is malformed.", (":method", "POST")),
    malformed(LOWER, "capitals-in-frames", "A name with capitals is malformed (RFC 9113, 8.2.1).",
              ("X-Name", "1")),
    malformed(NAMES, "connection-in-frames", "`connection` is malformed (RFC 9113, 8.2.2).",
              ("connection", "close")),
    malformed(NAMES, "transfer-encoding-in-frames", "`transfer-encoding` is malformed (RFC 9113, 8.2.2).",
              ("transfer-encoding", "chunked")),
    malformed(NAMES, "te-in-frames", "A `te` of anything but `trailers` is malformed.", ("te", "gzip")),
    malformed(VALUES, "nul-in-frames", "A value with a NUL in it is malformed (RFC 9113, 8.2.1).",
              ("x-name", "a\x00b")),
    malformed(VALUES, "lf-in-frames", "A value with a line feed in it is malformed (RFC 9113, 8.2.1).",
              ("x-name", "a\nb: c")),
    malformed(VALUES, "cr-in-frames", "A value with a CR in it is malformed (RFC 9113, 8.2.1).",
              ("x-name", "a\rb")),
    Case(
        "http.request.body.complete/length-lies-in-frames",
        "A body that is shorter than its `content-length` is malformed (RFC 9113, 8.1.1).",
        http2.Streams(
            (
                http2.request(("content-length", "10"), method="POST", end=False),
                http2.data(b"abc", end=True),
                http2.answer(),
            )
        ),
        READS,
        (
            keeps(Refused()),
            *REFUSES,
            differs("The application gets the body that came, with the length that did not.",
                    RequestBody(b"abc"), Status(200)),
        ),
        over=(2,),
    ),
    Case(
        "general.server.one-call-per-connection/rapid-reset",
        "200 requests that are each reset at once do not keep the server from the next connection.",
        http2.Streams(
            tuple(
                step
                for n in range(200)
                for step in (http2.request(stream=n), http2.reset(stream=n))
            )
        ),
        HELLO,
        (
            keeps(Refused()),
            keeps(),
        ),
        over=(2,),
    ),
    Case(
        "general.server.one-call-per-connection/settings-flood",
        "500 SETTINGS frames in a row are acknowledged, and the request behind them answered, or refused.",
        http2.Streams((http2.raw(http2.frame(4) * 500), http2.request(), http2.answer())),
        HELLO,
        (
            keeps(Called(1), Body(b"hello")),
            keeps(Refused()),
        ),
        over=(2,),
    ),
    Case(
        "general.server.one-call-per-connection/ping-flood",
        "500 PINGs in a row are answered or refused, and the request behind them is answered or not.",
        http2.Streams((http2.raw(http2.frame(6, b"01234567") * 500), http2.request(), http2.answer())),
        HELLO,
        (
            keeps(Called(1), Body(b"hello")),
            keeps(Refused()),
        ),
        over=(2,),
    ),
    Case(
        "general.server.one-call-per-connection/frame-on-stream-0",
        "DATA on stream 0 ends the connection (RFC 9113, 6.1).",
        http2.Streams((http2.raw(http2.frame(0, b"x")), http2.pause(2.0))),
        HELLO,
        (keeps(NotCalled(), Refused()), differs("It goes on.", NotCalled())),
        over=(2,),
    ),
    Case(
        "general.server.one-call-per-connection/frame-too-large",
        "A frame that is larger than what the server takes ends the connection (RFC 9113, 4.2).",
        http2.Streams((http2.raw(http2.frame(0, b"x" * 20000, stream=1)), http2.pause(2.0))),
        HELLO,
        (keeps(NotCalled(), Refused()), differs("It goes on.", NotCalled())),
        over=(2,),
    ),
    Case(
        "general.server.one-call-per-connection/unknown-frame",
        "A frame of a type that nobody knows is left out (RFC 9113, 4.1).",
        http2.Streams((http2.raw(http2.frame(0xF0, b"x")), http2.request(), http2.answer())),
        HELLO,
        (keeps(Called(1), Body(b"hello")),),
        over=(2,),
    ),
)  # fmt: skip

CASES = STREAMS
