"""www.rst, Disconnect and Close: how a WebSocket ends, from both sides."""

from ..case import Case, breaks, differs, keeps, unsupported
from ..checks import (
    ABSENT,
    CloseCode,
    CloseCodeIn,
    Closed,
    Disconnects,
    Hears,
    Messages,
    NoClose,
    Receives,
    ReceivesFields,
    SendRaises,
    SendsInPeace,
    Waits,
)
from ..checks.life import exits_in_time, no_websocket, websocket_is_told
from ..script import steps
from ..wire.frames import HEAR, HEAR_ALL, RESET, VANISH, close, frame, pause, raw, say
from ..wire.life import Life
from ..wire.websocket import Socket
from .lifespan import STARTS_AND_STOPS
from .scripts import ACCEPTS, accepts

CONNECTED = ("websocket.connect", "websocket.disconnect")


def closes(fields: str, suffix: str, says: str, clause: str, code: int, reason: str | None = None) -> Case:
    """A close of the application. A server knows of a reason from version 2.3 on."""
    return Case(
        f"{clause}/{suffix}",
        says,
        over=(1, 2),
        spec_version=(2, 3) if reason else None,
        client=Socket((HEAR, HEAR_ALL)),
        app=accepts(f"send websocket.close{fields}"),
        outcomes=(
            keeps(CloseCode(code, reason)),
            breaks("Another code goes out.", CloseCode(1011)),
            breaks("The code goes out, but not the reason.", CloseCode(code, "")),
        ),
    )


LOST = breaks("It tells of 1006, as if there had been no close frame.", ReceivesFields({"code": 1006}))

NO_REASON = differs(
    "It leaves out the reason, which is optional, and new in version 2.5.",
    Receives(*CONNECTED),
    ReceivesFields({"reason": ABSENT}),
)

CASES = (
    Case(
        "websocket.disconnect.client-close/1000",
        "The client closes: the application is told, and the close is answered.",
        over=(1, 2),
        client=Socket((close(1000),)),
        app=ACCEPTS,
        outcomes=(keeps(Receives(*CONNECTED), CloseCode(1000)),),
    ),
    *(
        Case(
            f"websocket.disconnect.code.value/{code}",
            f"The client closes with the code {code}: the application is told the code.",
            over=(1, 2),
            client=Socket((close(code, "bye"),)),
            app=ACCEPTS,
            outcomes=(
                keeps(Receives(*CONNECTED), ReceivesFields({"code": code})),
                LOST,
                breaks("It tells of another code.", Disconnects()),
            ),
        )
        for code in (1000, 1001, 3000, 4999)
    ),
    Case(
        "websocket.disconnect.code.1005/no-code",
        "The client closes without a code: the application is told 1005.",
        over=(1, 2),
        client=Socket((close(None),)),
        app=ACCEPTS,
        outcomes=(
            keeps(Receives(*CONNECTED), ReceivesFields({"code": 1005})),
            LOST,
            breaks("It tells of 1000.", ReceivesFields({"code": 1000})),
        ),
    ),
    Case(
        "websocket.disconnect.reason.value/ascii",
        "The client closes with a reason: the application is told.",
        over=(1, 2),
        client=Socket((close(1000, "enough"),)),
        app=ACCEPTS,
        outcomes=(
            keeps(Receives(*CONNECTED), ReceivesFields({"reason": "enough"})),
            NO_REASON,
        ),
    ),
    Case(
        "websocket.disconnect.reason.value/beyond-ascii",
        "A reason is text.",
        over=(1, 2),
        client=Socket((close(1000, "genügt"),)),
        app=ACCEPTS,
        outcomes=(
            keeps(Receives(*CONNECTED), ReceivesFields({"reason": "genügt"})),
            NO_REASON,
        ),
    ),
    *(
        Case(
            f"websocket.disconnect.socket-loss/{name}",
            f"The client {says} without a close frame: the application is told 1006.",
            over=(1, 2),
            client=Socket((pause(0.1), step)),
            app=ACCEPTS,
            outcomes=(
                keeps(Receives(*CONNECTED), ReceivesFields({"code": 1006})),
                differs("It tells of 1005.", Receives(*CONNECTED), ReceivesFields({"code": 1005})),
                differs("It tells of another code.", Receives(*CONNECTED)),
            ),
        )
        for name, says, step in (
            ("vanish", "closes the connection", VANISH),
            ("reset", "breaks the connection off", RESET),
        )
    ),
    Case(
        "websocket.disconnect.socket-loss/before-the-accept",
        "The client leaves before its WebSocket is accepted: the application is told.",
        over=(1, 2),
        client=Socket((), leaves=0.2),
        app=steps("receive\nreceive"),
        outcomes=(keeps(Receives(*CONNECTED)),),
    ),
    Case(
        "websocket.disconnect.server-close/1000",
        "The application closes: it is told when that is done.",
        over=(1, 2),
        client=Socket((HEAR, HEAR_ALL)),
        app=steps("""
        receive
        send websocket.accept
        send websocket.close code=1000
        receive
        """),
        outcomes=(
            keeps(Receives(*CONNECTED), CloseCode(1000)),
            breaks("The application waits for an event that does not come.", Receives("websocket.connect")),
        ),
    ),
    Case(
        "websocket.disconnect.server-close/code",
        "The disconnect behind a close of the application has the code of it.",
        over=(1, 2),
        client=Socket((HEAR, HEAR_ALL)),
        app=steps("""
        receive
        send websocket.accept
        send websocket.close code=4001
        receive
        """),
        outcomes=(
            keeps(Receives(*CONNECTED), ReceivesFields({"code": 4001}), CloseCode(4001)),
            differs("It has another code.", Receives(*CONNECTED), CloseCode(4001)),
            differs("The code does not go out as it is.", Receives(*CONNECTED)),
        ),
    ),
    Case(
        "websocket.disconnect.server-close/server-stops",
        "A server is told to stop while a WebSocket is open: the application is told that it is over.",
        client=Life(meanwhile=Socket((HEAR, HEAR, HEAR, HEAR))),
        app=STARTS_AND_STOPS,
        fresh=True,
        outcomes=(
            unsupported("It does not call the application with a WebSocket.", no_websocket),
            keeps(websocket_is_told, CloseCodeIn(1001, 1012)),
            differs("The application is told, and the client gets another code, or none.", websocket_is_told),
            # Whether a process that ends is a server that closes the connection is not said.
            differs("It ends, and the application is not told.", exits_in_time),
            differs("It does not end until it is killed, and the application is not told."),
        ),
    ),
    closes("", "missing", "A close without a code has 1000.", "websocket.close.code.default", 1000),
    closes(" code=4001", "4001", "The code goes out.", "websocket.close.after-accept-code", 4001),
    closes(" code=1001", "1001", "The code goes out.", "websocket.close.after-accept-code", 1001),
    closes(" code=1011", "1011", "The code goes out.", "websocket.close.after-accept-code", 1011),
    closes(" code=3000", "3000", "The code goes out.", "websocket.close.after-accept-code", 3000),
    closes(" code=1008", "1008", "The code goes out.", "websocket.close.after-accept-code", 1008),
    closes(" code=1000", "missing", "A close without a reason has none.",
           "websocket.close.reason.default", 1000, ""),
    closes(" code=1000 reason=None", "none", "A reason of None is none.",
           "websocket.close.reason.default", 1000, ""),
    closes(" code=1000 reason='enough'", "ascii", "The reason goes out.",
           "websocket.close.reason.wire", 1000, "enough"),
    closes(" code=4000 reason='genügt'", "beyond-ascii", "The reason goes out in UTF-8.",
           "websocket.close.reason.wire", 4000, "genügt"),
    closes(f" code=1000 reason='{'x' * 123}'", "longest", "A reason of 123 bytes goes out whole.",
           "websocket.close.reason.wire", 1000, "x" * 123),
    Case(
        "websocket.server.app-death-closes/raises",
        "An application that raises: the WebSocket is closed, with 1011 at best.",
        client=Socket((HEAR, HEAR_ALL)),
        app=steps("receive\nsend websocket.accept\nraise"),
        outcomes=(
            keeps(CloseCode(1011)),
            differs("It closes with another code, or with none.", CloseCodeIn(1000, 1001, 1005, 1008)),
            differs("It closes the connection without a close frame.", NoClose(), Closed()),
            breaks("The WebSocket stays open.", NoClose(), Closed(("open",))),
        ),
    ),
    Case(
        "websocket.server.app-death-closes/returns",
        "An application that returns: the WebSocket is closed.",
        client=Socket((HEAR, HEAR_ALL)),
        app=steps("receive\nsend websocket.accept"),
        outcomes=(
            keeps(CloseCodeIn(1000, 1001, 1005, 1011)),
            differs("It closes the connection without a close frame.", NoClose(), Closed()),
            breaks("The WebSocket stays open.", NoClose(), Closed(("open",))),
        ),
    ),
    Case(
        "websocket.scope.lifetime/closed",
        "Behind the close handshake the connection is closed, by the server (RFC 6455, 7.1.1).",
        over=(1, 2),
        client=Socket((close(1000), HEAR_ALL)),
        app=ACCEPTS,
        outcomes=(
            keeps(Receives(*CONNECTED), Closed()),
            differs("It leaves that to the client.", Receives(*CONNECTED)),
        ),
    ),
    *(
        Case(
            f"{clause}/vanished",
            f"From version 2.4 on, a send on a WebSocket that is closed raises{' an OSError' * an_os_error}.",
            over=(1, 2),
            client=Socket((close(1000),)),
            app=steps("""
            receive
            send websocket.accept
            receive websocket.disconnect
            sleep 0.1
            send websocket.send text='late'
            """),
            spec_version=(2, 4),
            outcomes=(
                keeps(Disconnects(), SendRaises(an_os_error)),
                silent("It announces 2.4, and the send says nothing.", Disconnects(), SendsInPeace()),
                breaks("It announces 2.4, and raises something else.", Disconnects(), SendRaises()),
            ),
        )
        # What is not raised is not the wrong exception.
        for clause, an_os_error, silent in (
            ("websocket.send.closed-raises", False, breaks),
            ("websocket.send.closed-oserror", True, differs),
        )
    ),
    Case(
        "general.server.post-close-noop/websocket",
        "A send on a WebSocket that is closed does nothing, unless the version of the protocol has it raise.",
        over=(1, 2),
        client=Socket((close(1000),)),
        app=steps("""
        receive
        send websocket.accept
        receive websocket.disconnect
        sleep 0.1
        send websocket.send text='late'
        """),
        outcomes=(
            keeps(Disconnects(), SendsInPeace()),
            differs("It raises an OSError, as version 2.4 has it.", SendRaises(an_os_error=True)),
            differs("It raises something that is no OSError.", SendRaises()),
        ),
    ),
    Case(
        "general.server.post-close-noop/behind-its-own-close",
        "A send behind the close of the application itself does not go out.",
        client=Socket((pause(0.3), HEAR, HEAR_ALL)),  # it answers the close when that send is long over
        app=steps("""
        receive
        send websocket.accept
        send websocket.close
        try send websocket.send text='late'
        """),
        outcomes=(
            keeps(Hears(), CloseCode(1000), SendsInPeace()),
            differs("It raises.", Hears(), CloseCode(1000)),
        ),
    ),
    Case(
        "websocket.receive.order/then-close",
        "Messages that come with a close frame behind them arrive before the disconnect.",
        client=Socket((raw(frame(1, b"a") + frame(1, b"b") + frame(8, b"\x03\xe8")), HEAR_ALL)),
        app=ACCEPTS,
        outcomes=(
            keeps(Messages("a", "b"), Disconnects()),
            breaks("Messages are lost.", Disconnects()),
        ),
    ),
    Case(
        "websocket.receive.order/then-vanish",
        "Messages arrive, though the client leaves at once behind them.",
        over=(1, 2),
        client=Socket((say("a"), say("b"), VANISH)),
        app=ACCEPTS,
        outcomes=(
            keeps(Messages("a", "b"), Disconnects()),
            differs("Some are lost, where the connection is broken off.", Disconnects()),
        ),
    ),
    Case(
        "general.send.returns-when-done/websocket-slow-client",
        "A client that does not read makes the application wait, and not the server's memory grow.",
        alone=True,
        client=Socket((HEAR, pause(1.5), VANISH), narrow=True),
        app=steps("""
        receive
        send websocket.accept
        times 200 send websocket.send text='%s'
        """ % ("x" * 65536)),
        outcomes=(
            keeps(Waits(0.5)),
            differs("It takes 12 MiB for a client that does not read, and never makes it wait."),
        ),
    ),
)  # fmt: skip
