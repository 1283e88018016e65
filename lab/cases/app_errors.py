"""asgi.rst, Error Handling: what a client gets when an application fails."""

from ..case import Case, breaks, differs, keeps
from ..checks import (
    Answers,
    Body,
    Called,
    CallEnds,
    Closed,
    Ended,
    Status,
)
from ..script import steps
from ..wire import http2
from ..wire.ask import Ask
from ..wire.http1 import Bytes
from .said import GET

WHOLE = breaks("The response ends as if it were whole.", Ended(("whole",)))
NOT_TOLD = breaks("The client is not told, and waits for the rest.", Ended(("open",)))

STARTS = steps("""
send http.response.start status=200
    content-length: 5
raise
""")
HALF = steps("""
send http.response.start status=200
    content-type: text/plain
send http.response.body body=b'half' more_body=True
raise
""")
# The second request is under way as long as the first is waited for: what ends the first is not that the
# connection has been idle for a while.
BESIDE_ANOTHER = http2.Streams(
    (
        http2.request(method="POST", end=False),
        http2.data(b"x", end=True),
        http2.request(method="POST", end=False, stream=1),
        http2.answer(0),
    )
)

# The client can tell that the response is not whole.
TOLD = Ended(("cut", "reset", "malformed"))

CASES = (
    # These have processes of their own: in daphne/server.py, `application_checker` does not survive them.
    # It is what tells clients that an application has failed, and it raises out of `handle_exception` where a
    # response has begun, and is not called again in that process.
    Case(
        "general.server.terminates-on-app-error/behind-the-start",
        "An application that raises behind the start: the client gets an error, or a cut.",
        over=(1, 3),
        client=Ask(),
        app=STARTS,
        outcomes=(
            keeps(Status(500), CallEnds("raise")),
            keeps(TOLD, CallEnds("raise")),
            NOT_TOLD,
        ),
        fresh=True,
    ),
    Case(
        "general.server.terminates-on-app-error/behind-the-start-of-a-stream",
        "An application that raises behind the start: its stream ends, though the connection goes on.",
        over=(2,),
        client=BESIDE_ANOTHER,
        app=(*steps("receive all"), *STARTS),
        outcomes=(keeps(Status(500)), keeps(TOLD), NOT_TOLD),
        fresh=True,
    ),
    Case(
        "general.server.terminates-on-app-error/before-the-start",
        "An application that raises before it answers: the client gets the status 500.",
        over=(1, 2, 3),
        client=Ask(),
        app=steps("raise"),
        outcomes=(
            keeps(Status(500), CallEnds("raise")),
            differs("The connection is closed without an answer.", Status(0), Ended(("cut", "reset"))),
        ),
    ),
    Case(
        "general.server.terminates-on-app-error/in-the-body",
        "An application that raises in the middle of its body: the client can tell that it is not whole.",
        over=(1, 3),
        client=Ask(),
        app=HALF,
        outcomes=(keeps(TOLD), WHOLE, NOT_TOLD),
        fresh=True,
    ),
    Case(
        "general.server.terminates-on-app-error/in-the-body-of-a-stream",
        "An application that raises in the middle of its body: the stream is reset.",
        over=(2,),
        client=BESIDE_ANOTHER,
        app=(*steps("receive all"), *HALF),
        outcomes=(keeps(TOLD), WHOLE, NOT_TOLD),
        fresh=True,
    ),
    Case(
        "general.server.terminates-on-app-error/next-request",
        "After an application has raised, the next one is called.",
        client=Bytes((GET, "answer", GET, "answer"), methods=("GET", "GET")),
        app=steps("raise"),
        outcomes=(
            keeps(Called(2), Answers(500, 500)),
            keeps(Called(1), Status(500), Closed()),
        ),
    ),
    Case(
        "general.server.tolerates-extra-keys/response",
        "Keys that nobody knows in the events of a response are no mistake.",
        over=(1, 2, 3),
        client=Ask(),
        app=steps("""
        send http.response.start status=200 colour='green'
            content-length: 2
        send http.response.body body=b'ok' colour='green'
        """),
        outcomes=(keeps(Status(200), Body(b"ok"), CallEnds("return")),),
    ),
)
