"""www.rst, Disconnect - receive event, and Disconnected Client - send exception."""

from ..case import Case, breaks, differs, keeps
from ..checks import Body, CallEnds, Disconnects, NotCalled, Receives, SendRaises, SendsInPeace, Status, Waits
from ..script import steps
from ..wire import http2
from ..wire.ask import Ask
from ..wire.http1 import Bytes, Step
from .said import GET
from .scripts import READS

HALF = b"POST {target} HTTP/1.1\r\nhost: {host}\r\ncontent-length: 10\r\n\r\n01234"

WAITS = steps("receive http.disconnect")
STREAMS = steps("""
receive all
send http.response.start status=200
    content-type: text/plain
send http.response.body body=b'one' more_body=True
receive http.disconnect
""")
# It writes on to a client that has left, for longer than any buffer holds.
WRITES_ON = steps("""
receive all
send http.response.start status=200
    content-type: text/plain
send http.response.body body=b'one' more_body=True
receive http.disconnect
sleep 0.1
send http.response.body body=b'two' more_body=True
""")
FLOODS = steps(
    """
send http.response.start status=200
    content-type: text/plain
times 200 send = {'type': 'http.response.body', 'body': b'%s', 'more_body': True}
send http.response.body
""".replace("%s", "x" * 65536)
)

LEAVES: tuple[tuple[str, Step, str], ...] = (
    ("hang-up", "hang up", "closes the connection"),
    ("reset", "reset", "breaks the connection off"),
)

CASES = (
    *(
        Case(
            f"http.disconnect.after-close/{name}-in-the-body",
            f"A client that {does} in the middle of its body: the application is told.",
            client=Bytes((HALF, 0.2, step), methods=()),
            app=WAITS,
            outcomes=(
                keeps(Disconnects(), CallEnds("return")),
                differs("It waits for the whole body before it calls the application.", NotCalled()),
            ),
        )
        for name, step, does in LEAVES
    ),
    *(
        Case(
            f"http.disconnect.after-close/{name}-while-waiting",
            f"A client that {does} while it waits for its response: the application is told.",
            client=Bytes((GET, 0.2, step), methods=()),
            app=WAITS,
            outcomes=(keeps(Receives("http.request", "http.disconnect"), CallEnds("return")),),
        )
        for name, step, does in LEAVES
    ),
    *(
        Case(
            f"http.disconnect.after-close/{name}-in-the-response",
            f"A client that {does} in the middle of its response: the application is told.",
            client=Bytes((GET, "head", 0.2, step), methods=("GET",)),
            app=STREAMS,
            outcomes=(keeps(Receives("http.request", "http.disconnect"), CallEnds("return")),),
        )
        for name, step, does in LEAVES
    ),
    Case(
        "http.disconnect.after-close/reset-stream",
        "A client that resets its stream in the middle of the response: the application is told.",
        over=(2,),
        client=http2.Streams(
            (
                http2.request(method="POST", end=False),
                http2.data(b"x", end=True),
                http2.head(),
                http2.reset(),
                http2.pause(0.3),
            )
        ),
        app=STREAMS,
        outcomes=(keeps(Receives("http.request", "http.disconnect"), CallEnds("return")),),
    ),
    Case(
        "http.disconnect.after-close/reset-stream-in-the-body",
        "A client that resets its stream in the middle of its body: the application is told.",
        over=(2,),
        client=http2.Streams(
            (
                http2.request(method="POST", end=False),
                http2.data(b"x"),
                http2.pause(0.2),
                http2.reset(),
                http2.pause(0.3),
            )
        ),
        app=WAITS,
        outcomes=(
            keeps(Disconnects(), CallEnds("return")),
            differs("It waits for the whole body before it calls the application.", NotCalled()),
        ),
    ),
    Case(
        "http.disconnect.after-close/hang-up-in-the-body-of-a-stream",
        "A client that closes its connection in the middle of its body: the application is told.",
        over=(2,),
        client=http2.Streams(
            (http2.request(method="POST", end=False), http2.data(b"x"), http2.pause(0.2), http2.HANG_UP)
        ),
        app=WAITS,
        outcomes=(
            keeps(Disconnects(), CallEnds("return")),
            differs("It waits for the whole body before it calls the application.", NotCalled()),
            breaks("It is cancelled, and not told.", CallEnds("cancel")),
            breaks("After five seconds it has not been told.", CallEnds("open")),
        ),
        settles=5.0,
    ),
    Case(
        "http.disconnect.after-close/connection-of-streams",
        "A client that closes its connection, over HTTP/2 and HTTP/3: the application is told.",
        over=(2, 3),
        client=Ask(method="POST", body=(b"x",), leaves="head"),
        app=STREAMS,
        outcomes=(keeps(Receives("http.request", "http.disconnect"), CallEnds("return")),),
    ),
    Case(
        "http.disconnect.after-close/half-close",
        "A client that will say no more still reads: its request is answered (RFC 9112, 9.6).",
        client=Bytes((GET, "half-close", "answer")),
        app=(*steps("sleep 0.2"), *READS),
        outcomes=(
            keeps(Body(b"hello")),
            differs("It takes the end of what the client says for the end of the connection.", Status(0)),
        ),
    ),
    Case(
        "http.disconnect.after-response/get",
        "A receive behind the end of the response gives the disconnect, though the connection goes on.",
        over=(1, 2, 3),
        client=Ask(method="POST", headers=(("content-length", "1"),), body=(b"x",)),
        app=(*READS, *steps("receive")),
        outcomes=(keeps(Receives("http.request", "http.disconnect"), Body(b"hello"), CallEnds("return")),),
    ),
    Case(
        "http.disconnect.after-response/connection-kept",
        "The disconnect behind the end of the response comes while the connection is still open.",
        client=Bytes((GET, "answer", 0.5)),
        app=(*READS, *steps("receive")),
        outcomes=(keeps(Receives("http.request", "http.disconnect"), Body(b"hello"), CallEnds("return")),),
    ),
    Case(
        "http.disconnect.after-response/twice",
        "A second receive behind the end gives a disconnect again.",
        client=Ask(),
        app=(*READS, *steps("receive\nreceive")),
        outcomes=(
            keeps(Receives("http.request", "http.disconnect", "http.disconnect"), CallEnds("return")),
            differs(
                "The second one does not return, or raises.", Receives("http.request", "http.disconnect")
            ),
        ),
    ),
    Case(
        "http.disconnect.after-response/body-unread",
        "Behind the end of the response, a body that was not read is not waited for.",
        client=Ask(method="POST", headers=(("content-length", "5"),), body=(b"12345",)),
        app=(*steps("sleep 0.5"), *READS[1:], *steps("receive http.disconnect")),  # the body comes meanwhile
        outcomes=(keeps(Disconnects(), Body(b"hello"), CallEnds("return")),),
    ),
    Case(
        "http.send.closed-raises/hang-up",
        "From version 2.4 on, a send to a client that has left raises.",
        client=Bytes((GET, "head", 0.1, "hang up"), methods=("GET",)),
        app=WRITES_ON,
        spec_version=(2, 4),
        outcomes=(
            keeps(Disconnects(), SendRaises()),
            breaks("It announces 2.4, and the send says nothing.", Disconnects(), SendsInPeace()),
        ),
    ),
    Case(
        "http.send.closed-oserror/hang-up",
        "From version 2.4 on, a send to a client that has left raises an OSError.",
        client=Bytes((GET, "head", 0.1, "hang up"), methods=("GET",)),
        app=WRITES_ON,
        spec_version=(2, 4),
        outcomes=(
            keeps(Disconnects(), SendRaises(an_os_error=True)),
            # What is not raised is not the wrong exception.
            differs("It announces 2.4, and the send says nothing.", Disconnects(), SendsInPeace()),
        ),
    ),
    Case(
        "http.send.closed-oserror/reset-stream",
        "From version 2.4 on, a send on a stream that the client has reset raises an OSError.",
        over=(2,),
        client=http2.Streams((http2.request(), http2.head(), http2.reset(), http2.pause(0.5))),
        app=WRITES_ON,
        spec_version=(2, 4),
        outcomes=(
            keeps(Disconnects(), SendRaises(an_os_error=True)),
            # What is not raised is not the wrong exception.
            differs("It announces 2.4, and the send says nothing.", Disconnects(), SendsInPeace()),
        ),
    ),
    Case(
        "general.server.post-close-noop/response",
        "A send to a client that has left does nothing, unless the version of the protocol has it raise.",
        client=Bytes((GET, "head", 0.1, "hang up"), methods=("GET",)),
        app=WRITES_ON,
        outcomes=(
            keeps(Disconnects(), SendsInPeace()),
            differs("It raises an OSError, as servers of version 2.4 do.", SendRaises(an_os_error=True)),
            differs("It raises something that is no OSError.", SendRaises()),
        ),
    ),
    Case(
        "general.send.returns-when-done/sensitive-1",
        "An application that writes to a client that has left does not wait for ever.",
        alone=True,
        over=(1, 2),
        client=Ask(leaves="head"),
        app=FLOODS,
        outcomes=(
            keeps(CallEnds("return", "raise", "cancel")),
            breaks("After eight seconds the send has not returned.", CallEnds("open")),
        ),
        settles=8.0,  # some cancel what is left after a grace
        sensitive="It holds the application and what it sends for as long as the server lives.",
    ),
    Case(
        "general.send.returns-when-done/slow-client",
        "A client that does not read makes the application wait, and not the server's memory grow.",
        alone=True,
        client=Bytes((GET, "head", 1.5, "hang up"), methods=("GET",), narrow=True),
        app=FLOODS,
        outcomes=(
            keeps(Waits(0.5)),
            differs(
                "It takes 12 MiB for a client that does not read, and never makes it wait.",
                CallEnds("return"),
            ),
        ),
    ),
    Case(
        "general.send.returns-when-done/no-window",
        "A stream whose window is used up makes the application wait.",
        alone=True,
        over=(2,),
        client=http2.Streams((http2.request(), http2.deaf(1.5), http2.HANG_UP)),
        app=FLOODS,
        outcomes=(
            keeps(Waits(0.5)),
            differs(
                "It takes 12 MiB for a client that does not read, and never makes it wait.",
                CallEnds("return"),
            ),
        ),
    ),
    Case(
        "general.send.returns-when-done/slow-client-goes-on",
        "A client that reads after a while gets all of it.",
        alone=True,
        over=(1,),
        client=Bytes((GET, "head", 0.7, "answer"), methods=("GET",), narrow=True),
        app=steps(
            """
        send http.response.start status=200
            content-type: text/plain
        times 64 send = {'type': 'http.response.body', 'body': b'%s', 'more_body': True}
        send http.response.body
        """.replace("%s", "x" * 65536)
        ),
        outcomes=(keeps(Body(b"x" * 65536 * 64), CallEnds("return")),),
        limit=20.0,
    ),
)
