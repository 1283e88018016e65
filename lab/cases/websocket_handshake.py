"""www.rst, Connect and Accept: how a WebSocket begins, or does not."""

from ..case import Case, breaks, differs, keeps
from ..checks import (
    Accepted,
    Closed,
    Header,
    HeaderOrder,
    NeverSays,
    NoFrames,
    NotCalled,
    Receives,
    SilentFor,
    Status,
    TypeIs,
)
from ..script import steps
from ..wire.frames import HEAR, close, frame
from ..wire.http1 import Bytes
from ..wire.websocket import Socket
from .scripts import ACCEPTS, HELLO

CLOSE = Socket((close(1000),))
REFUSED = keeps(NotCalled(), Status(400, 404, 405, 426, 501))
DENIED = steps("""
receive
send websocket.close
""")

CASES = (
    Case(
        "websocket.connect.first/connect",
        "The first event is websocket.connect.",
        over=(1, 2),
        client=CLOSE,
        app=ACCEPTS,
        outcomes=(keeps(TypeIs("websocket"), Receives("websocket.connect", "websocket.disconnect")),),
    ),
    Case(
        "websocket.connect.hold-handshake/slow",
        "The handshake is not over before the application accepts.",
        client=CLOSE,
        app=steps("""
        receive
        sleep 0.6
        send websocket.accept
        receive websocket.disconnect
        """),
        outcomes=(
            keeps(Accepted(), SilentFor(0.4)),
            breaks("It completes the handshake before it is told to.", Accepted()),
        ),
    ),
    Case(
        "websocket.connect.hold-handshake/client-leaves",
        "A client that leaves before the application has accepted has not been accepted.",
        over=(1, 2),
        client=Socket(leaves=0.2),
        app=steps("""
        receive
        sleep 0.4
        try send websocket.accept
        """),
        outcomes=(
            keeps(Status(0)),
            breaks("It completes the handshake before it is told to.", Accepted()),
        ),
    ),
    Case(
        "websocket.connect.denied-403/close",
        "A connection that is not accepted gets the status 403.",
        over=(1, 2),
        client=Socket(),
        app=DENIED,
        outcomes=(keeps(Status(403)),),
    ),
    Case(
        "websocket.close.before-accept-403/code-and-reason",
        "A close before the accept gives the status 403, whatever its code and reason are.",
        over=(1, 2),
        client=Socket(),
        app=steps("""
        receive
        send websocket.close code=4001 reason='no'
        """),
        outcomes=(keeps(Status(403)),),
    ),
    Case(
        "websocket.close.before-accept-no-handshake/close",
        "Behind a close before the accept there is no 101 and no frame.",
        over=(1, 2),
        client=Socket(),
        app=DENIED,
        outcomes=(keeps(Status(403), NeverSays(b" 101 "), NeverSays(b"sec-websocket-accept"), NoFrames()),),
    ),
    Case(
        "websocket.accept.subprotocol.default/none",
        "Without a subprotocol in the accept, none is announced, though the client offers some.",
        over=(1, 2),
        client=Socket((close(1000),), headers=(("sec-websocket-protocol", "chat, superchat"),)),
        app=ACCEPTS,
        outcomes=(keeps(Accepted(), Header("sec-websocket-protocol", ())),),
    ),
    Case(
        "websocket.accept.subprotocol.wire/second",
        "The subprotocol that the application takes is announced.",
        over=(1, 2),
        client=Socket((close(1000),), headers=(("sec-websocket-protocol", "chat, superchat"),)),
        app=steps("""
        receive
        send websocket.accept subprotocol='superchat'
        receive websocket.disconnect
        """),
        outcomes=(keeps(Accepted(), Header("sec-websocket-protocol", ("superchat",))),),
    ),
    Case(
        "websocket.accept.headers.order/three",
        "The headers of the accept go out in their order.",
        over=(1, 2),
        spec_version=(2, 1),
        client=CLOSE,
        app=steps("""
        receive
        send websocket.accept
            x-c: 1
            x-a: 2
            x-b: 3
        receive websocket.disconnect
        """),
        outcomes=(
            keeps(Accepted(), HeaderOrder(("x-c", "1"), ("x-a", "2"), ("x-b", "3"))),
            breaks("They do not go out at all.", Accepted(), HeaderOrder()),
            breaks("None of them goes out.", Accepted(), Header("x-a", ())),
        ),
    ),
    Case(
        "websocket.accept.headers.order/cookies",
        "Two cookies that the accept sets go out as two headers.",
        over=(1, 2),
        spec_version=(2, 1),
        client=CLOSE,
        app=steps("""
        receive
        send websocket.accept
            set-cookie: a=1
            set-cookie: b=2
        receive websocket.disconnect
        """),
        outcomes=(
            keeps(Accepted(), Header("set-cookie", ("a=1", "b=2"))),
            breaks("None of them goes out.", Accepted(), Header("set-cookie", ())),
        ),
    ),
    Case(
        "websocket.accept.headers.default/missing",
        "An accept without headers has none.",
        over=(1, 2),
        client=CLOSE,
        app=ACCEPTS,
        outcomes=(keeps(Accepted()),),
    ),
    Case(
        "websocket.connect.no-early-receive/early-message",
        "A message that comes before the handshake is over waits until the application has accepted.",
        over=(1, 2),
        client=Socket((HEAR, close(1000)), early=frame(1, b"early")),
        app=steps("""
        receive
        sleep 0.3
        send websocket.accept
        receive
        send websocket.send text='late'
        receive websocket.disconnect
        """),
        outcomes=(
            keeps(Receives("websocket.connect", "websocket.receive", "websocket.disconnect"), Accepted()),
            # RFC 6455, 4.1: a client has to wait for the handshake before it sends anything else.
            differs("It refuses a client that does not wait.", Status(0, 400)),
            differs("It drops what came early.", Accepted()),
        ),
    ),
    Case(
        "general.server.terminates-on-app-error/before-the-accept",
        "An application that raises before it accepts: the client gets the status 500.",
        over=(1, 2),
        client=Socket(),
        app=steps("receive\nraise"),
        outcomes=(
            keeps(Status(500)),
            differs("The client gets the status 403.", Status(403)),
            differs("The connection is closed without a response.", Status(0), Closed()),
            breaks("The client is not told, and waits.", Status(0)),
        ),
    ),
    Case(
        "websocket.server.app-death-closes/returns-before-the-accept",
        "An application that returns without an answer: the handshake is refused.",
        over=(1, 2),
        client=Socket(),
        app=steps("receive"),
        outcomes=(
            keeps(Status(403, 500)),
            differs("The connection is closed without a response.", Status(0), Closed()),
            breaks("The client is not told, and waits.", Status(0)),
        ),
    ),
    *(
        Case(
            f"websocket.scope.type/{name}",
            f"A handshake {says} is no handshake (RFC 6455, 4.2.1).",
            client=Socket((), without=without, headers=headers),
            app=HELLO,
            outcomes=(
                REFUSED,
                keeps(TypeIs("http"), Status(200)),
                keeps(NotCalled(), Status(0), Closed()),
                differs("It takes it, and calls the application with a WebSocket.", TypeIs("websocket")),
            ),
        )
        for name, says, without, headers in (
            ("no-key", "without a key", ("sec-websocket-key",), ()),
            (
                "short-key",
                "with a key that is no 16 bytes",
                ("sec-websocket-key",),
                (("sec-websocket-key", "c2hvcnQ="),),
            ),
            ("no-version", "without a version", ("sec-websocket-version",), ()),
            ("version-7", "of version 7", ("sec-websocket-version",), (("sec-websocket-version", "7"),)),
            ("no-upgrade", "without `upgrade`", ("upgrade",), ()),
            ("no-connection", "without `connection`", ("connection",), ()),
            ("other-upgrade", "with an upgrade to something else", ("upgrade",), (("upgrade", "h3c"),)),
        )
    ),
    Case(
        "websocket.scope.type/version-is-told",
        "A version that is not spoken is answered with the one that is (RFC 6455, 4.4).",
        over=(1, 2),
        client=Socket((), without=("sec-websocket-version",), headers=(("sec-websocket-version", "7"),)),
        app=HELLO,
        outcomes=(
            keeps(Status(426), Header("sec-websocket-version", ("13",))),
            keeps(Status(400), Header("sec-websocket-version", ("13",))),
            differs("It takes another version for its own.", TypeIs("websocket")),
            differs("It does not say which version it speaks.", Status(200, 400, 403, 404, 426, 500)),
            differs("It closes the connection without a response.", Status(0), Closed()),
        ),
    ),
    Case(
        "websocket.scope.type/post",
        "A handshake with POST is none.",
        client=Bytes(
            (
                b"POST {target} HTTP/1.1\r\nhost: {host}\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
                b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-version: 13\r\n"
                b"content-length: 0\r\n\r\n",
            ),
            methods=("POST",),
        ),
        app=HELLO,
        outcomes=(
            keeps(TypeIs("http"), Status(200)),
            REFUSED,
            keeps(NotCalled(), Status(0), Closed()),
            differs("It takes a POST for a handshake.", TypeIs("websocket")),
        ),
    ),
    Case(
        "websocket.scope.type/capitals",
        "`Upgrade: WebSocket` and a list in `Connection` are a handshake: both are compared without case.",
        client=Socket(
            (close(1000),),
            without=("upgrade", "connection"),
            headers=(("Upgrade", "WebSocket"), ("Connection", "keep-alive, UPGRADE")),
        ),
        app=ACCEPTS,
        outcomes=(keeps(TypeIs("websocket"), Accepted()),),
    ),
)
