"""www.rst, Disconnected Client - send exception: what a server does with what its own `send` has raised, when
it comes out of the application."""

from ..case import Case, breaks, keeps, unsupported
from ..checks.life import Prints, PrintsNot, SendRaised, SendRaisedNot, goes_on
from ..script import steps
from ..wire.ask import Ask
from ..wire.frames import VANISH, pause
from ..wire.http1 import Bytes
from ..wire.life import Life
from ..wire.websocket import Socket
from .said import GET

# A client leaves in the middle of a response, or of a WebSocket, and another one is answered behind it.
OF_HTTP = Life(
    asks=(Bytes((GET, "head", "hang up")), Ask()),
    serves=steps("""
    send http.response.start status=200
        content-type: text/plain
    send http.response.body body=b'one' more_body=True
    sleep 0.2
    send http.response.body body=b'two' more_body=True
    send http.response.body
    """),
)
OF_WEBSOCKET = Life(
    asks=(Socket((pause(0.1), VANISH)), Ask()),
    greets=steps("""
    receive
    send websocket.accept
    receive websocket.disconnect
    sleep 0.1
    send websocket.send text='late'
    """),
)
STARTS_AND_STOPS = steps("""
receive
send lifespan.startup.complete
receive
send lifespan.shutdown.complete
""")

CASES = (
    *(
        Case(
            f"{clause}/left",
            "What `send` has raised, because the client has left, is no error to be logged.",
            client=life,
            app=STARTS_AND_STOPS,
            fresh=True,
            outcomes=(
                unsupported("Its send raises no OSError when the client has left.", SendRaisedNot(kind)),
                keeps(SendRaised(kind), PrintsNot("Traceback")),
                breaks("It prints a traceback of what its own send has raised.", Prints("Traceback")),
            ),
        )
        for clause, kind, life in (
            ("general.server.swallows-own-send-error", "http", OF_HTTP),
            ("http.server.no-error-log", "http", OF_HTTP),
            ("websocket.server.no-error-log", "websocket", OF_WEBSOCKET),
        )
    ),
    *(
        Case(
            f"{clause}/left",
            "What `send` has raised, because the client has left, is caught, and the next client is served.",
            client=life,
            app=STARTS_AND_STOPS,
            fresh=True,
            outcomes=(
                unsupported("Its send raises no OSError when the client has left.", SendRaisedNot(kind)),
                keeps(SendRaised(kind), goes_on),
            ),
        )
        for clause, kind, life in (
            ("http.server.catches-own-oserror", "http", OF_HTTP),
            ("websocket.server.catches-own-oserror", "websocket", OF_WEBSOCKET),
        )
    ),
)
