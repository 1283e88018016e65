"""www.rst, Response: how a body is framed, and how a response is over."""

from ..case import Case, breaks, differs, keeps
from ..checks import (
    Answers,
    Bodies,
    Body,
    Called,
    Closed,
    Header,
    NeverSays,
    SaysTimes,
    Status,
)
from ..script import steps
from ..wire import http2
from ..wire.ask import Ask
from ..wire.http1 import Bytes
from .said import AGAIN, GET
from .scripts import HELLO

CASES = (
    Case(
        "http.response.body.completes/length",
        "A response with a length has that length, is not chunked, and the connection goes on.",
        client=AGAIN,
        app=steps("""
        send http.response.start status=200
            content-length: 2
        send http.response.body body=b'ok'
        """),
        outcomes=(
            keeps(
                Answers(200, 200),
                Body(b"ok"),
                Header("content-length", ("2",)),
                Header("transfer-encoding", ()),
            ),
            differs("It closes the connection after the response.", Answers(200, 0), Body(b"ok")),
        ),
    ),
    Case(
        "http.response.body.completes/close",
        "`connection: close` of the application closes the connection.",
        client=Bytes((GET, "answer", "close")),
        app=steps("""
        send http.response.start status=200
            connection: close
            content-length: 2
        send http.response.body body=b'ok'
        """),
        outcomes=(
            keeps(Body(b"ok"), Closed()),
            differs("It tells the client that it closes, and does not.", Body(b"ok"), Closed(("open",))),
        ),
    ),
    Case(
        "http.response.body.completes/client-closes",
        "A client that says `connection: close` gets its response, and the connection is closed.",
        client=Bytes((GET[:-2] + b"connection: close\r\n\r\n", "answer", "close")),
        app=steps("""
        send http.response.start status=200
            content-length: 2
        send http.response.body body=b'ok'
        """),
        outcomes=(
            keeps(Body(b"ok"), Closed()),
            differs("It leaves the connection open.", Body(b"ok"), Closed(("open",))),
        ),
    ),
    *(
        Case(
            f"http.response.body.completes/{status}",
            f"A response with status {status} is over at the end of its head, and the connection goes on.",
            client=AGAIN,
            app=steps(f"""
            send http.response.start status={status}
                x-v: 1
            send http.response.body
            """),
            outcomes=(
                keeps(Answers(status, status), Body(b""), NeverSays(b"\r\n0\r\n\r\n")),
                differs("It closes the connection after the response.", Answers(status, 0), Body(b"")),
                breaks("It sends the end of a chunked body, which the client takes for the next response."),
            ),
        )
        for status in (204, 304)
    ),
    Case(
        "http.response.body.completes/204-in-frames",
        "A response with status 204 is over.",
        over=(2, 3),
        client=Ask(),
        app=steps("""
        send http.response.start status=204
            content-type: text/plain
        send http.response.body
        """),
        outcomes=(keeps(Status(204), Body(b"")),),
    ),
    Case(
        "http.response.body.completes/rest-of-the-body-behind-it",
        "A client that sends the rest of its body when it has its response is not wrong (RFC 9113, 8.1), and "
        "gets the next one.",
        over=(2,),
        alone=True,
        client=http2.Streams(
            (
                http2.request(method="POST", end=False),
                http2.answer(0),
                http2.data(b"late", end=True),
                http2.request(stream=1),
                http2.answer(1),
            )
        ),
        app=HELLO,
        outcomes=(
            keeps(Called(2), Bodies(b"hello", b"hello")),
            differs("It waits for the whole body before it calls the application.", Status(0)),
            differs("It closes the connection, with whatever else is on it.", Body(b"hello"), Closed()),
        ),
    ),
    Case(
        "http.response.body.completes/head",
        "The response to HEAD keeps its `content-length` and has no body.",
        over=(1, 2),  # aioquic takes a length without a body for a mistake, also behind a HEAD
        client=Ask(method="HEAD"),
        app=steps("""
        send http.response.start status=200
            content-length: 5
        send http.response.body
        """),
        outcomes=(
            keeps(Status(200), Header("content-length", ("5",)), Body(b"")),
            differs("The length is left out.", Status(200), Header("content-length", ()), Body(b"")),
        ),
    ),
    Case(
        "http.response.body.completes/head-then-get",
        "What an application gives as the body of a HEAD is kept back, and the next response is in step.",
        client=Bytes(
            (b"HEAD {target} HTTP/1.1\r\nhost: {host}\r\n\r\n", "answer", GET, "answer"),
            methods=("HEAD", "GET"),
        ),
        app=steps("""
        send http.response.start status=200
            content-length: 5
        send http.response.body body=b'hello'
        """),
        outcomes=(
            keeps(Answers(200, 200), Body(b""), SaysTimes(b"hello", 1)),
            differs("It closes the connection after the response.", Answers(200, 0), SaysTimes(b"hello", 0)),
            breaks(
                "The body goes out, though the application is to blame as well (RFC 9110, 9.3.2).",
                SaysTimes(b"hello", 2),
            ),
        ),
    ),
    Case(
        "http.response.body.completes/head-without-length",
        "A HEAD whose response has no length is answered, and the connection goes on.",
        client=Bytes(
            (b"HEAD {target} HTTP/1.1\r\nhost: {host}\r\n\r\n", "answer", GET, "answer"),
            methods=("HEAD", "GET"),
        ),
        app=steps("""
        send http.response.start status=200
            content-type: text/plain
        send http.response.body
        """),
        outcomes=(
            keeps(Answers(200, 200), Body(b"")),
            differs("It closes the connection after the response.", Answers(200, 0), Body(b"")),
        ),
    ),
    Case(
        "http.server.may-chunk-response/no-length",
        "A response without a length is chunked, or ends with the connection.",
        client=Bytes((GET, "answer")),
        app=steps("""
        send http.response.start status=200
            content-type: text/plain
        send http.response.body body=b'one' more_body=True
        send http.response.body body=b'two'
        """),
        outcomes=(
            keeps(Body(b"onetwo"), Header("transfer-encoding", ("chunked",))),
            differs("It ends with the connection.", Body(b"onetwo"), Closed()),
        ),
    ),
    Case(
        "http.server.may-chunk-response/one-piece",
        "A response that is complete in one event may get a length from the server.",
        client=Bytes((GET, "answer")),
        app=steps("""
        send http.response.start status=200
            content-type: text/plain
        send http.response.body body=b'ok'
        """),
        outcomes=(
            keeps(Body(b"ok"), Header("transfer-encoding", ("chunked",))),
            keeps(Body(b"ok"), Header("content-length", ("2",))),
            differs("It ends with the connection.", Body(b"ok"), Closed()),
        ),
    ),
    Case(
        "http.server.transfer-encoding-owner/http-1.0",
        "A client of HTTP/1.0 does not get chunks, which it does not know (RFC 9112, 6.1).",
        client=Bytes((b"GET {target} HTTP/1.0\r\nhost: {host}\r\n\r\n", "answer")),
        app=steps("""
        send http.response.start status=200
            content-type: text/plain
        send http.response.body body=b'one' more_body=True
        send http.response.body body=b'two'
        """),
        outcomes=(
            keeps(Body(b"onetwo"), Header("transfer-encoding", ())),
            breaks("It sends chunks to a client of HTTP/1.0.", Header("transfer-encoding", ("chunked",))),
        ),
    ),
    Case(
        "http.server.transfer-encoding-owner/204",
        "A response with status 204 has no Transfer-Encoding (RFC 9112, 6.1).",
        client=Ask(),
        app=steps("""
        send http.response.start status=204
            content-type: text/plain
        send http.response.body
        """),
        outcomes=(
            keeps(Status(204), Header("transfer-encoding", ())),
            breaks(
                "It says that a response without a body is chunked.",
                Status(204),
                Header("transfer-encoding", ("chunked",)),
            ),
        ),
    ),
)
