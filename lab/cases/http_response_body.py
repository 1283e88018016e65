"""www.rst, Response Body: its pieces, and what is left out behind the last one."""

from ..case import Case, breaks, differs, keeps
from ..checks import (
    Answers,
    Apart,
    Body,
    CallEnds,
    Header,
    NeverSays,
    SendsInPeace,
    SilentFrom,
    Status,
)
from ..script import steps
from ..wire.ask import Ask
from .said import AGAIN

# As a line of HTTP/1.1 says it, and as it is noted of a frame. The number alone may stand in a port.
NEVER_404 = (NeverSays(b" 404 "), NeverSays(b"b'404'"))

CASES = (
    Case(
        "http.response.body.body.default/missing",
        "A body event without a body is one with none, and completes the response.",
        over=(1, 2, 3),
        client=Ask(),
        app=steps("""
        send http.response.start status=200
            content-length: 0
        send http.response.body
        """),
        outcomes=(keeps(Status(200), Body(b"")),),
    ),
    Case(
        "http.response.body.body.default/missing-and-more",
        "A body event without a body, and with more to come, does not end a response.",
        over=(1, 2, 3),
        client=Ask(),
        app=steps("""
        send http.response.start status=200
            content-type: text/plain
        send http.response.body more_body=True
        send http.response.body body=b'ok'
        """),
        outcomes=(keeps(Body(b"ok")),),
    ),
    Case(
        "http.response.body.more_body.default/missing",
        "A body event that does not say that there is more is the last one.",
        over=(1, 2, 3),
        client=Ask(),
        app=steps("""
        send http.response.start status=200
            content-type: text/plain
        send http.response.body body=b'ok'
        sleep 2
        """),
        outcomes=(
            keeps(Body(b"ok"), CallEnds("open")),
            keeps(Body(b"ok"), SilentFrom(1.5)),
            differs("The response is over only when the application is.", Body(b"ok")),
        ),
    ),
    Case(
        "http.response.body.body.concatenated/three",
        "The pieces are put together, in order.",
        over=(1, 2, 3),
        client=Ask(),
        app=steps("""
        send http.response.start status=200
            content-type: text/plain
        send http.response.body body=b'one' more_body=True
        send http.response.body body=b'two' more_body=True
        send http.response.body body=b'three' more_body=False
        """),
        outcomes=(keeps(Body(b"onetwothree")),),
    ),
    Case(
        "http.response.body.body.concatenated/empty-in-between",
        "An empty piece in the middle does not end the body: the chunk of size 0 is the last one.",
        over=(1, 2, 3),
        client=Ask(),
        app=steps("""
        send http.response.start status=200
            content-type: text/plain
        send http.response.body body=b'one' more_body=True
        send http.response.body body=b'' more_body=True
        send http.response.body body=b'two' more_body=True
        send http.response.body body=b''
        """),
        outcomes=(keeps(Body(b"onetwo")),),
    ),
    Case(
        "http.response.body.body.concatenated/with-length",
        "Pieces of a body whose length is given are put together.",
        over=(1, 2, 3),
        client=Ask(),
        app=steps("""
        send http.response.start status=200
            content-length: 6
        send http.response.body body=b'one' more_body=True
        send http.response.body body=b'two' more_body=True
        send http.response.body
        """),
        outcomes=(keeps(Body(b"onetwo"), Header("content-length", ("6",)), Header("transfer-encoding", ())),),
    ),
    Case(
        "http.response.body.body.concatenated/thousand",
        "A thousand small pieces are put together.",
        over=(1, 2),
        client=Ask(),
        app=steps("""
        send http.response.start status=200
            content-type: text/plain
        times 1000 send http.response.body body=b'0123456789' more_body=True
        send http.response.body
        """),
        outcomes=(keeps(Body(b"0123456789" * 1000)),),
        limit=10.0,
    ),
    Case(
        "http.response.body.body.concatenated/megabyte",
        "A mebibyte goes out whole.",
        over=(1, 2),
        client=Ask(),
        app=steps(
            """
        send http.response.start status=200
            content-length: 1048576
        times 16 send = {'type': 'http.response.body', 'body': b'%s', 'more_body': True}
        send http.response.body
        """.replace("%s", "x" * 65536)
        ),
        outcomes=(keeps(Body(b"x" * 1048576)),),
        limit=10.0,
    ),
    *(
        Case(
            f"http.response.body.flush/{suffix}",
            "The first piece is with the client before the second one is sent.",
            over=over,
            client=Ask(),
            app=steps("""
            send http.response.start status=200
                content-type: text/plain
            send http.response.body body=b'first' more_body=True
            sleep 2.2
            send http.response.body body=b'second'
            """),
            outcomes=(
                keeps(Apart(b"first", b"second", 0.3), Body(b"firstsecond")),
                breaks("It keeps the pieces back.", Body(b"firstsecond")),
            ),
        )
        for suffix, over in (("first-before-second", (1,)), ("in-frames", (2, 3)))
    ),
    Case(
        "http.response.body.after-complete-ignored/second-body",
        "A body event behind the last one does not go out.",
        client=AGAIN,
        app=steps("""
        send http.response.start status=200
            content-length: 2
        send http.response.body body=b'ok'
        try send http.response.body body=b'more'
        """),
        outcomes=(
            keeps(Answers(200, 200), Body(b"ok"), NeverSays(b"more"), SendsInPeace()),
            differs("It raises out of that send.", Answers(200, 200), Body(b"ok"), NeverSays(b"more")),
            differs(
                "It raises out of that send, and closes the connection.", Body(b"ok"), NeverSays(b"more")
            ),
        ),
    ),
    Case(
        "http.response.body.after-complete-ignored/chunked",
        "A body event behind the last one does not go out behind the last chunk.",
        over=(1, 2, 3),
        client=Ask(),
        app=steps("""
        send http.response.start status=200
            content-type: text/plain
        send http.response.body body=b'ok'
        try send http.response.body body=b'more'
        """),
        outcomes=(
            keeps(Body(b"ok"), NeverSays(b"more"), SendsInPeace()),
            differs("It raises out of that send.", Body(b"ok"), NeverSays(b"more")),
        ),
    ),
    Case(
        "http.response.body.after-complete-ignored/second-start",
        "A second start behind the end does not go out.",
        over=(1, 2, 3),
        client=Ask(),
        app=steps("""
        send http.response.start status=200
            content-length: 2
        send http.response.body body=b'ok'
        try send http.response.start status=404
        """),
        outcomes=(
            keeps(Status(200), Body(b"ok"), *NEVER_404, SendsInPeace()),
            differs("It raises out of that send.", Status(200), Body(b"ok"), *NEVER_404),
        ),
    ),
)
