"""RFC 8441: what is particular to a WebSocket on a stream of HTTP/2. All else is held over both."""

from ..case import Case, breaks, differs, keeps
from ..checks import (
    Accepted,
    CloseCode,
    Closed,
    FirstHeader,
    NoClose,
    NotCalled,
    Receives,
    ReceivesFields,
    RequestHeader,
    RequestNames,
    Status,
)
from ..script import steps
from ..wire.frames import END, HEAR, HEAR_ALL, close, pause
from ..wire.websocket import Socket
from .scripts import ACCEPTS

CONNECTED = ("websocket.connect", "websocket.disconnect")

CASES = (
    Case(
        "websocket.scope.headers.authority-first/host",
        "`:authority` stands first among the headers, as `host`.",
        over=(2,),
        client=Socket((close(1000),), headers=(("x-a", "1"),)),
        app=ACCEPTS,
        outcomes=(
            keeps(FirstHeader(b"host"), Accepted()),
            breaks("It is there, but not first.", RequestNames(b"host")),
        ),
    ),
    Case(
        "websocket.scope.headers.authority-replaces-host/both",
        "Of `:authority` and `host`, the application gets one `host`, with the value of the first.",
        over=(2,),
        client=Socket((close(1000),), headers=(("host", "other.example"),)),
        app=ACCEPTS,
        outcomes=(
            keeps(RequestHeader(b"host", (b"{host}",)), Accepted()),
            # RFC 9113, 8.3.1: a server should refuse what contradicts itself.
            keeps(NotCalled(), Status(0, 400)),
            breaks("The `host` of the client stays.", RequestHeader(b"host", (b"other.example",))),
            breaks("Both are handed on.", RequestHeader(b"host", (b"{host}", b"other.example"))),
        ),
    ),
    Case(
        "websocket.disconnect.socket-loss/end-of-stream",
        "The end of the stream, without a close frame, is the end of the connection (RFC 8441, 5).",
        over=(2,),
        client=Socket((pause(0.1), END, HEAR_ALL)),
        app=ACCEPTS,
        outcomes=(
            keeps(Receives(*CONNECTED), ReceivesFields({"code": 1006}), Closed()),
            differs("It waits until the connection is closed.", Receives(*CONNECTED), Closed(("open",))),
            differs("It tells of another code.", Receives(*CONNECTED)),
        ),
    ),
    *(
        Case(
            f"websocket.server.app-death-closes/sensitive-{number}",
            f"An application that {says}: the WebSocket is closed, over HTTP/2 as well.",
            over=(2,),
            alone=True,
            sensitive="It ends the process of the server.",
            client=Socket((HEAR, HEAR_ALL)),
            app=steps(f"receive\nsend websocket.accept\n{does}"),
            outcomes=(
                keeps(CloseCode(code)),
                differs("It ends the stream without a close frame.", NoClose(), Closed()),
                breaks("The WebSocket stays open.", NoClose(), Closed(("open",))),
            ),
        )
        for number, says, does, code in (
            (1, "raises", "raise", 1011),
            (2, "closes and returns", "send websocket.close", 1000),
        )
    ),
)
