"""www.rst, Response Start: the status and the headers of a response."""

from ..case import Case, breaks, differs, keeps
from ..checks import (
    Body,
    CallEnds,
    Ended,
    Header,
    HeaderAmong,
    HeaderOrder,
    OnceAtMost,
    SilentFor,
    Status,
)
from ..script import Step, steps
from ..wire.ask import Ask

DATE = "Sun, 06 Nov 1994 08:49:37 GMT"


def start(headers: object) -> Step:
    """A start whose headers a line does not say."""
    return Step("send", {"type": "http.response.start", "status": 200, "headers": headers})


CASES = (
    *(
        Case(
            f"http.response.start.status.wire/{status}",
            f"The status {status} goes out as it is.",
            over=(1, 2, 3),
            client=Ask(),
            app=steps(f"""
            send http.response.start status={status}
                content-length: 2
            send http.response.body body=b'ok'
            """),
            outcomes=(keeps(Status(status), Body(b"ok")),),
        )
        for status in (201, 226, 299, 404, 418, 451, 500, 599)
    ),
    Case(
        "http.response.start.headers.order/four",
        "The headers go out in the order that the application gives them.",
        over=(1, 2, 3),
        client=Ask(),
        app=steps("""
        send http.response.start status=200
            x-c: 1
            content-length: 2
            x-a: 2
            x-b: 3
        send http.response.body body=b'ok'
        """),
        outcomes=(
            keeps(
                HeaderOrder(("x-c", "1"), ("content-length", "2"), ("x-a", "2"), ("x-b", "3")), Body(b"ok")
            ),
            differs(
                "Only `content-length` has another place.",
                HeaderOrder(("x-c", "1"), ("x-a", "2"), ("x-b", "3")),
                Body(b"ok"),
            ),
        ),
    ),
    Case(
        "http.response.start.headers.order/same-name",
        "Headers of the same name go out in their order, with others in between.",
        over=(1, 2, 3),
        client=Ask(),
        app=steps("""
        send http.response.start status=200
            link: </3>
            x-a: 1
            link: </1>
            link: </2>
            content-length: 2
        send http.response.body body=b'ok'
        """),
        outcomes=(
            keeps(
                HeaderOrder(("link", "</3>"), ("x-a", "1"), ("link", "</1>"), ("link", "</2>")), Body(b"ok")
            ),
            breaks(
                "Those of one name are put together.",
                HeaderOrder(("link", "</3>"), ("link", "</1>"), ("link", "</2>"), ("x-a", "1")),
            ),
            breaks(
                "Their order is changed.", Header("link", ("</3>", "</1>", "</2>")), Header("x-a", ("1",))
            ),
        ),
    ),
    Case(
        "http.response.start.headers.exact-bytes/blanks-inside",
        "A value goes out with the blanks, tabs, commas and quotes that are in it.",
        over=(1, 2, 3),
        client=Ask(),
        app=(
            start([(b"x-v", b'a,  "b"\tc;d'), (b"content-length", b"2")]),
            *steps("send http.response.body body=b'ok'"),
        ),
        outcomes=(keeps(Header("x-v", ('a,  "b"\tc;d',)), Body(b"ok")),),
    ),
    Case(
        "http.response.start.headers.exact-bytes/latin-1",
        "A value goes out with bytes that are not ASCII.",
        over=(1, 2, 3),
        client=Ask(),
        app=(
            start([(b"x-v", b"caf\xe9"), (b"content-length", b"2")]),
            *steps("send http.response.body body=b'ok'"),
        ),
        outcomes=(
            keeps(Header("x-v", ("caf\xe9",)), Body(b"ok")),
            breaks("They go out in UTF-8.", Header("x-v", ("caf\xc3\xa9",))),
        ),
    ),
    Case(
        "http.response.start.headers.exact-bytes/empty",
        "An empty value goes out.",
        over=(1, 2, 3),
        client=Ask(),
        app=(
            start([(b"x-v", b""), (b"content-length", b"2")]),
            *steps("send http.response.body body=b'ok'"),
        ),
        outcomes=(keeps(Header("x-v", ("",)), Body(b"ok")),),
    ),
    Case(
        "http.response.start.headers.exact-bytes/long",
        "A value of 6000 bytes goes out whole.",
        over=(1, 2, 3),
        client=Ask(),
        app=steps(f"""
        send http.response.start status=200
            x-v: {"v" * 6000}
            content-length: 2
        send http.response.body body=b'ok'
        """),
        outcomes=(keeps(Header("x-v", ("v" * 6000,)), Body(b"ok")),),
    ),
    Case(
        "http.response.start.headers.exact-bytes/date",
        "A `date` of the application's own goes out, once.",
        over=(1, 2, 3),
        client=Ask(),
        app=steps(f"""
        send http.response.start status=200
            date: {DATE}
            content-length: 2
        send http.response.body body=b'ok'
        """),
        outcomes=(
            keeps(Header("date", (DATE,)), Body(b"ok")),
            differs("It adds a date of its own, and the client gets two.", HeaderAmong("date", DATE)),
        ),
    ),
    Case(
        "http.response.start.headers.exact-bytes/server",
        "A `server` of the application's own goes out, once.",
        over=(1, 2, 3),
        client=Ask(),
        app=steps("""
        send http.response.start status=200
            server: theirs/1.0
            content-length: 2
        send http.response.body body=b'ok'
        """),
        outcomes=(
            keeps(Header("server", ("theirs/1.0",)), Body(b"ok")),
            differs(
                "It adds a name of its own, and the client gets two.", HeaderAmong("server", "theirs/1.0")
            ),
        ),
    ),
    Case(
        "http.headers.transport-exact/response-twice",
        "A response header that is given twice goes out twice.",
        over=(1, 2, 3),
        client=Ask(),
        app=steps("""
        send http.response.start status=200
            x-v: one
            x-v: two
            content-length: 2
        send http.response.body body=b'ok'
        """),
        outcomes=(
            keeps(Header("x-v", ("one", "two")), Body(b"ok")),
            breaks("They are joined.", Header("x-v", ("one, two",))),
            breaks("They are joined.", Header("x-v", ("one,two",))),
        ),
    ),
    Case(
        "http.headers.set-cookie-no-merge/three",
        "Three cookies are set by three headers.",
        over=(1, 2, 3),
        client=Ask(),
        app=steps("""
        send http.response.start status=200
            set-cookie: a=1; Path=/
            set-cookie: b=2; Expires=Sun, 06 Nov 1994 08:49:37 GMT
            set-cookie: c=3
            content-length: 2
        send http.response.body body=b'ok'
        """),
        outcomes=(
            keeps(
                Header("set-cookie", ("a=1; Path=/", "b=2; Expires=Sun, 06 Nov 1994 08:49:37 GMT", "c=3")),
                Body(b"ok"),
            ),
        ),
    ),
    Case(
        "http.response.start.headers.default/missing",
        "A start without headers is one with none.",
        over=(1, 2, 3),
        client=Ask(),
        app=steps("""
        send http.response.start status=200
        send http.response.body body=b'ok'
        """),
        outcomes=(
            keeps(Status(200), Body(b"ok")),
            breaks("It takes a start without headers for a mistake.", CallEnds("raise")),
        ),
    ),
    Case(
        "http.response.start.headers.default/list-of-lists",
        "Headers may be lists of two, and the whole of them a tuple.",
        over=(1, 2, 3),
        client=Ask(),
        app=(
            start(([b"x-v", b"1"], [b"content-length", b"2"])),
            *steps("send http.response.body body=b'ok'"),
        ),
        outcomes=(keeps(Header("x-v", ("1",)), Body(b"ok")),),
    ),
    Case(
        "http.response.start.transfer-encoding-ignored/chunked",
        "A `transfer-encoding` of the application is left out, and the body is not framed twice.",
        over=(1,),
        client=Ask(),
        app=steps("""
        send http.response.start status=200
            transfer-encoding: chunked
        send http.response.body body=b'one' more_body=True
        send http.response.body body=b'two'
        """),
        outcomes=(
            keeps(Body(b"onetwo"), OnceAtMost("transfer-encoding")),
            breaks("It goes out a second time.", Body(b"onetwo")),
            breaks("The body goes out without the chunks that it promises.", Status(200)),
        ),
    ),
    Case(
        "http.response.start.transfer-encoding-ignored/in-frames",
        "A `transfer-encoding` does not go out over HTTP/2 and HTTP/3, where it makes a response malformed.",
        over=(2, 3),
        client=Ask(),
        app=steps("""
        send http.response.start status=200
            transfer-encoding: chunked
        send http.response.body body=b'one' more_body=True
        send http.response.body body=b'two'
        """),
        outcomes=(
            keeps(Body(b"onetwo"), Header("transfer-encoding", ())),
            breaks("It goes out (RFC 9113, 8.2.2).", Header("transfer-encoding", ("chunked",))),
            # aioquic, the client, closes the connection with H3_MESSAGE_ERROR for it (RFC 9114, 4.2).
            breaks("It goes out, and the client refuses the response for it.", Ended(("cut",))),
            breaks("The client gets no response.", Status(0)),
        ),
    ),
    Case(
        "http.response.start.transfer-encoding-ignored/with-length",
        "A `transfer-encoding` beside a `content-length` does not go out with it.",
        client=Ask(),
        app=steps("""
        send http.response.start status=200
            transfer-encoding: chunked
            content-length: 2
        send http.response.body body=b'ok'
        """),
        outcomes=(
            keeps(Body(b"ok"), Header("transfer-encoding", ())),
            differs(
                "It chunks the body, and leaves the length out.", Body(b"ok"), Header("content-length", ())
            ),
            breaks("Both go out, which RFC 9112, 6.2, forbids.", Header("content-length", ("2",))),
            breaks("The connection is closed without a response.", Status(0)),
        ),
    ),
    Case(
        "http.response.start.content-encoding-app/gzip",
        "A content coding of the application goes out untouched.",
        over=(1, 2, 3),
        client=Ask(headers=(("accept-encoding", "gzip"),)),
        app=steps("""
        send http.response.start status=200
            content-encoding: gzip
            content-length: 4
        send http.response.body body=b'\\x1f\\x8b??'
        """),
        outcomes=(keeps(Body(b"\x1f\x8b??"), Header("content-encoding", ("gzip",))),),
    ),
    Case(
        "http.response.start.content-encoding-app/none",
        "A body without a content coding gets none, even if the client would take one.",
        over=(1, 2, 3),
        client=Ask(headers=(("accept-encoding", "gzip, br, zstd"),)),
        app=steps(
            """
        send http.response.start status=200
            content-type: text/html
            content-length: 2000
        send http.response.body body=b'%s'
        """.replace("%s", "x" * 2000)
        ),
        outcomes=(keeps(Body(b"x" * 2000), Header("content-encoding", ())),),
    ),
    Case(
        "http.response.start.no-flush-needed/start",
        "The head may wait for the first piece of the body.",
        client=Ask(),
        app=steps("""
        send http.response.start status=200
            content-length: 2
        sleep 0.5
        send http.response.body body=b'ok'
        """),
        outcomes=(
            keeps(Body(b"ok"), SilentFor(0.4)),
            differs("It sends the head at once.", Body(b"ok")),
        ),
    ),
)
