"""extensions.rst and tls.rst: what a server offers beyond the core, and whether it does what it offers."""

from pathlib import Path

from ..case import Case, breaks, differs, keeps, unsupported
from ..checks import (
    Body,
    Called,
    CalledFor,
    CallEnds,
    DoesNotOffer,
    Ended,
    Header,
    Informational,
    Links,
    NoFrames,
    NotCalled,
    Offers,
    Pushed,
    SendRaises,
    SendsInPeace,
    Status,
    Trailers,
    pushed_from_here,
)
from ..script import steps
from ..wire.ask import Ask
from ..wire.websocket import Socket
from .scripts import HELLO

THIS_FILE = Path(__file__)
TE = (("te", "trailers"),)

HINTS = steps("""
try send http.response.early_hint links=[b'</style.css>; rel=preload', b'</script.js>; rel=preload']
send http.response.start status=200
    content-length: 5
send http.response.body body=b'hello'
""")
TRAILERS = steps("""
send http.response.start status=200 trailers=True
    content-type: text/plain
    trailer: x-sum
send http.response.body body=b'hello'
try send http.response.trailers
    x-sum: 42
""")
# What is pushed is answered by another call of it, while the response is still to end.
PUSHES_ITSELF = steps("""
send http.response.start status=200
    content-length: 5
try push /pushed
send http.response.body body=b'hel' more_body=True
sleep 0.2
send http.response.body body=b'lo'
""")
PUSHES = steps("""
send http.response.start status=200
    content-length: 5
try send http.response.push path='/style.css' headers=[(b'accept', b'text/css')]
send http.response.body body=b'hello'
""")
SENDS_A_FILE = steps(f"""
send http.response.start status=200
    content-type: text/plain
    content-length: {len(THIS_FILE.read_bytes())}
try send http.response.pathsend path={str(THIS_FILE)!r}
""")
DENIES = steps("""
receive
send websocket.http.response.start status=401
    www-authenticate: Basic
    content-length: 4
send websocket.http.response.body body=b'nope'
""")
# What each sends that a server without it does not know.
EVENTS = {
    "push": "send http.response.push path='/x' headers=[]",
    "pathsend": f"send http.response.pathsend path={str(THIS_FILE)!r}",
    "early_hint": "send http.response.early_hint links=[b'</x>']",
}

CASES = (
    Case(
        "general.extensions.per-scope/tls-in-clear",
        "A connection without TLS has no `tls`.",
        client=Ask(),
        app=HELLO,
        outcomes=(keeps(DoesNotOffer("tls"), Status(200)),),
    ),
    Case(
        "ext.http.response.debug.not-in-servers/offered",
        "A server does not offer the extension for tests.",
        over=(1, 2, 3),
        client=Ask(),
        app=HELLO,
        outcomes=(
            keeps(DoesNotOffer("http.response.debug"), Status(200)),
            differs("It offers it, as transports for tests do.", Offers("http.response.debug")),
        ),
    ),
    Case(
        "ext.http.response.early_hint.attempt/two-links",
        "Early hints go out as a 103 with the links, before the response.",
        over=(1, 2, 3),
        extension="http.response.early_hint",
        client=Ask(),
        app=HINTS,
        outcomes=(
            keeps(
                Informational(103),
                Links(("</style.css>; rel=preload", "</script.js>; rel=preload")),
                Body(b"hello"),
            ),
            differs("It offers them, and ignores them.", Informational(), Status(200), Body(b"hello")),
        ),
    ),
    Case(
        "ext.http.response.early_hint.may-ignore/not-offered",
        "Early hints do no harm to the response, offered or not.",
        over=(1, 2, 3),
        client=Ask(),
        app=HINTS,
        outcomes=(keeps(Status(200), Body(b"hello")),),
    ),
    Case(
        "ext.http.response.push.attempt/path",
        "A push is promised to the client.",
        over=(2, 3),
        extension="http.response.push",
        client=Ask(),
        app=PUSHES,
        outcomes=(
            keeps(Pushed(("/style.css",)), Status(200), Body(b"hello")),
            differs("It offers it, and promises nothing.", Pushed(()), Status(200), Body(b"hello")),
            breaks("The response is harmed by it.", Status(0)),
        ),
    ),
    Case(
        "ext.http.response.push.authority/same",
        "What is pushed has the authority of the request that it is pushed for.",
        over=(2, 3),
        extension="http.response.push",
        client=Ask(),
        app=PUSHES,
        outcomes=(
            keeps(pushed_from_here, Status(200)),
            differs("It offers it, and promises nothing.", Pushed(()), Status(200)),
        ),
    ),
    Case(
        "ext.http.response.push.new-instance/below",
        "The application is called for what it pushes, as if the client had asked for that.",
        over=(2, 3),
        extension="http.response.push",
        client=Ask(),
        app=PUSHES_ITSELF,
        outcomes=(
            keeps(Pushed(("/pushed",)), CalledFor("/pushed"), Status(200)),
            differs("It offers it, and promises nothing.", Pushed(()), Status(200)),
        ),
    ),
    Case(
        "ext.http.response.trailers.completes/asked-for",
        "Trailers reach a client that asks for them, and end the response.",
        over=(1, 2, 3),
        extension="http.response.trailers",
        client=Ask(headers=TE),
        app=TRAILERS,
        outcomes=(
            keeps(Trailers((("x-sum", "42"),)), Body(b"hello")),
            breaks(
                "They go out, and the response does not end.", Trailers((("x-sum", "42"),)), Ended(("open",))
            ),
            breaks("It offers them, and does not send them.", Trailers(), Status(200)),
        ),
    ),
    Case(
        "ext.http.response.trailers.te-required/not-asked-for",
        "Trailers do not reach a client that does not ask for them.",
        over=(1, 2, 3),
        extension="http.response.trailers",
        client=Ask(),
        app=TRAILERS,
        outcomes=(
            keeps(Trailers(), Body(b"hello")),
            breaks("They are sent to every client.", Trailers((("x-sum", "42"),))),
        ),
    ),
    Case(
        "http.response.start.trailers.server-waits/late",
        "A response with trailers is held open until they come.",
        over=(1, 2, 3),
        extension="http.response.trailers",
        client=Ask(headers=TE),
        app=steps("""
        send http.response.start status=200 trailers=True
            content-type: text/plain
        send http.response.body body=b'hello'
        sleep 0.3
        try send http.response.trailers
            x-sum: 42
        """),
        outcomes=(
            # Whether they end it is what ext.http.response.trailers.completes is about.
            keeps(Trailers((("x-sum", "42"),))),
            breaks("The response is over before they come.", Trailers(), Body(b"hello")),
        ),
    ),
    Case(
        "http.response.start.trailers.default/missing",
        "Without `trailers` in the start, the response is over behind its body.",
        over=(1, 2, 3),
        client=Ask(headers=TE),
        app=HELLO,
        outcomes=(keeps(Trailers(), Body(b"hello")),),
    ),
    Case(
        "ext.http.response.pathsend.completes/this-file",
        "A file that is sent by its path is the whole body.",
        over=(1, 2, 3),
        extension="http.response.pathsend",
        client=Ask(),
        app=SENDS_A_FILE,
        outcomes=(keeps(Status(200), Body(THIS_FILE.read_bytes())),),
    ),
    Case(
        "ext.http.response.pathsend.like-body/head",
        "A file that is sent in answer to HEAD is no body.",
        over=(1,),
        extension="http.response.pathsend",
        client=Ask(method="HEAD"),
        app=SENDS_A_FILE,
        outcomes=(keeps(Status(200), Body(b"")),),
    ),
    Case(
        "ext.http.response.pathsend.like-body/missing-file",
        "A file that is not there: the client gets an error, or a response that is cut off.",
        over=(1, 2),
        extension="http.response.pathsend",
        client=Ask(),
        app=steps("""
        send http.response.start status=200
            content-type: text/plain
        send http.response.pathsend path='/nowhere/at/all'
        """),
        outcomes=(
            keeps(Status(404, 500)),
            keeps(Ended(("cut", "reset", "malformed"))),
            breaks("The client gets a response that says it is whole.", Ended(("whole",))),
            breaks("The client waits.", Ended(("open",))),
        ),
    ),
    *(
        Case(
            f"general.extensions.server-rejects-unadvertised/{name}",
            f"An event of {name} is refused where it is not offered.",
            over=(1, 2, 3),
            client=Ask(),
            app=steps(event),
            outcomes=(
                keeps(Offers(f"http.response.{name}")),
                unsupported("It does not call the application.", NotCalled()),
                keeps(SendRaises()),
            ),
        )
        for name, event in EVENTS.items()
    ),
    Case(
        "ext.websocket.http.response.closes/401",
        "A WebSocket is denied with a response of the application's own.",
        extension="websocket.http.response",
        over=(1, 2),
        client=Socket(),
        app=DENIES,
        outcomes=(
            keeps(
                Status(401), Header("www-authenticate", ("Basic",)), Body(b"nope"), NoFrames(),
                CallEnds("return"),
            ),
            breaks("It offers that, and the client gets something else.", Called()),
        ),
    ),
    Case(
        "ext.websocket.http.response.closes/two-pieces",
        "The body of such a response may come in pieces.",
        extension="websocket.http.response",
        over=(1, 2),
        client=Socket(),
        app=steps("""
        receive
        send websocket.http.response.start status=401
            content-length: 4
        send websocket.http.response.body body=b'no' more_body=True
        send websocket.http.response.body body=b'pe'
        """),
        outcomes=(
            keeps(Status(401), Body(b"nope"), NoFrames()),
            breaks("It takes a first piece for a mistake.", CallEnds("raise")),
            breaks("The client gets something else.", Called()),
        ),
    ),
    Case(
        "ext.websocket.http.response.defaults/missing",
        "What is left out of such a response is empty.",
        extension="websocket.http.response",
        over=(1, 2),
        client=Socket(),
        app=steps("""
        receive
        send websocket.http.response.start status=404
        send websocket.http.response.body
        """),
        outcomes=(
            keeps(Status(404), Body(b""), SendsInPeace()),
            breaks("It takes what is left out for a mistake.", CallEnds("raise")),
            breaks("The client gets something else.", Called()),
        ),
    ),
    Case(
        "ext.websocket.http.response.fallback-403/not-offered",
        "Where that is not offered, a denied WebSocket gets the status 403.",
        over=(1, 2),
        client=Socket(),
        app=steps("""
        receive
        send websocket.close
        """),
        outcomes=(keeps(Status(403)),),
    ),
)  # fmt: skip
