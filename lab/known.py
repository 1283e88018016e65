"""What is known to be otherwise: each deviation with the reason, and where its authors have been told, if
they have.

A run fails on what breaks a clause and is not here, and on what is here and does not break it any more.
"""

from fnmatch import fnmatchcase
from typing import NamedTuple

from .case import Verdict

FAULTS = (Verdict.BREAKS, Verdict.BROKEN_OFF)


class Known(NamedTuple):
    """A deviation: of which targets, in which cases, over which versions of HTTP, and what it is.

    Targets and cases are patterns, several with blanks in between. SEEN says which version of each server
    they were seen in.
    """

    targets: str
    cases: str
    reason: str
    versions: tuple[int, ...] = (1, 2, 3)
    link: str = ""

    def is_about(self, target: str, case: str, version: int) -> bool:
        """Whether this result is meant."""
        return (
            version in self.versions
            and any(fnmatchcase(case, pattern) for pattern in self.cases.split())
            and any(fnmatchcase(target, pattern) for pattern in self.targets.split())
        )


SEEN = {
    "daphne": "4.2.3",
    "granian": "2.8.9",
    "gunicorn": "27.0.1",
    "httpx": "0.28.1",
    "hypercorn": "0.18.0",
    "starlette": "1.10.0",
    "uvicorn": "0.54.0",
}
"""The versions in which the deviations were seen."""

KNOWN: tuple[Known, ...] = (
    Known(
        "uvicorn-h11-wsproto daphne granian",
        "http.scope.method.uppercase/small-letters",
        "The method is handed on in small letters.",
        (1,),
    ),
    Known(
        "uvicorn-h11-wsproto hypercorn-asyncio hypercorn-trio hypercorn-uvloop",
        "http.scope.http_version.values/http-9.9",
        "It hands on a version that there is not.",
        (1,),
    ),
    Known(
        "uvicorn-h11-wsproto uvicorn-httptools-sansio hypercorn-asyncio hypercorn-trio "
        "hypercorn-uvloop granian",
        "ext.websocket.http.response.defaults/missing",
        "It takes a start without headers for a mistake.",
        (1,),
    ),
    Known(
        "uvicorn-httptools-*",
        "http.server.transfer-encoding-owner/http-1.0",
        "It sends chunks to a client of HTTP/1.0.",
        (1,),
    ),
    Known(
        "uvicorn-httptools-*",
        "http.scope.http_version.values/http-0.9",
        "It hands on a version that there is not.",
        (1,),
    ),
    Known(
        "uvicorn-httptools-sansio uvicorn-httptools-websockets daphne gunicorn",
        "http.response.start.transfer-encoding-ignored/with-length",
        "Both go out, which RFC 9112, 6.2, forbids.",
        (1,),
    ),
    Known(
        "uvicorn-httptools-websockets",
        "websocket.send.closed-oserror/vanished",
        "It announces 2.4, and raises RuntimeError.",
        (1,),
    ),
    Known(
        "uvicorn-zttp",
        "http.event.receive-types/ordinary "
        "http.request.body.type/ordinary "
        "http.request.more_body.type/ordinary "
        "http.scope.long-poll/held-open "
        "http.request.sent/get",
        "A request without a body never becomes an http.request event.",
        (2,),
    ),
    Known(
        "uvicorn-zttp",
        "http.response.start.headers.exact-bytes/blanks-inside",
        "It cannot send the value.",
        (2,),
    ),
    Known(
        "uvicorn-zttp gunicorn",
        "http.scope.headers.authority-first/host",
        "It is there, but not first.",
        (2,),
    ),
    Known(
        "hypercorn-*",
        "http.request.none-after-final/waits "
        "http.disconnect.after-close/connection-of-streams "
        "http.disconnect.after-response/get",
        "It does not say http.disconnect, and waits.",
        (3,),
    ),
    Known(
        "hypercorn-*",
        "http.response.start.transfer-encoding-ignored/in-frames",
        "It goes out, and the client refuses the response for it.",
        (3,),
    ),
    Known(
        "hypercorn-*",
        "general.server.terminates-on-app-error/behind-the-start "
        "general.server.terminates-on-app-error/in-the-body",
        "The client is not told, and waits for the rest.",
        (2, 3),
    ),
    Known(
        "hypercorn-*",
        "websocket.scope.subprotocols.content/two-headers",
        "Those of the first header are missing.",
        (1,),
    ),
    Known(
        "hypercorn-*",
        "websocket.disconnect.code.value/1000 "
        "websocket.disconnect.code.value/1001 "
        "websocket.disconnect.code.value/3000 "
        "websocket.disconnect.code.value/4999 "
        "websocket.disconnect.code.1005/no-code",
        "It tells of 1006, as if there had been no close frame.",
        (1,),
    ),
    Known(
        "hypercorn-*",
        "ext.http.response.trailers.completes/asked-for http.response.start.trailers.server-waits/late",
        "They go out, and the response does not end.",
        (3,),
    ),
    Known(
        "hypercorn-asyncio hypercorn-trio hypercorn-uvloop daphne granian gunicorn",
        "websocket.disconnect.reason.value/ascii websocket.disconnect.reason.value/beyond-ascii",
        "The reason is not told.",
        (1,),
    ),
    Known(
        "hypercorn-asyncio hypercorn-uvloop",
        "http.request.decoded-content/trailers-over-quic",
        "The request is not answered, nor is anybody else's after it.",
        (3,),
    ),
    Known(
        "hypercorn-trio",
        "http.request.decoded-content/trailers-over-quic",
        "The process of the server has ended.",
        (3,),
    ),
    Known(
        "hypercorn-trio",
        "lifespan.shutdown.failed.terminate/message",
        "It terminates, and does not say why.",
        (1,),
    ),
    Known(
        "daphne",
        "general.server.terminates-on-app-error/behind-the-start "
        "general.server.terminates-on-app-error/in-the-body",
        "The client is not told, and waits for the rest.",
        (1, 2),
    ),
    Known(
        "daphne",
        "http.scope.headers.exact-value-bytes/bare-lf http.scope.single-request/length-huge",
        "It closes the connection without a response.",
        (1,),
    ),
    Known("daphne", "websocket.scope.headers.duplicates/twice", "It joins them with a comma.", (1,)),
    Known("daphne", "websocket.send.empty-message/text", "The client got [], not [''].", (1,)),
    Known("daphne", "websocket.send.empty-message/bytes", "The client got [], not [b''].", (1,)),
    Known("daphne", "websocket.disconnect.code.1005/no-code", "`code` is None.", (1,)),
    Known(
        "daphne",
        "websocket.close.after-accept-code/1001 websocket.close.after-accept-code/1008",
        "Another code goes out.",
        (1,),
    ),
    Known(
        "daphne",
        "websocket.close.reason.wire/ascii "
        "websocket.close.reason.wire/beyond-ascii "
        "websocket.close.reason.wire/longest",
        "The code goes out, but not the reason.",
        (1,),
    ),
    Known("daphne", "websocket.server.app-death-closes/returns", "The WebSocket stays open.", (1,)),
    Known(
        "daphne granian",
        "http.response.start.headers.order/same-name",
        "Those of one name are put together.",
        (1, 2),
    ),
    Known("daphne granian", "websocket.accept.headers.order/three", "They do not go out at all.", (1,)),
    Known("daphne granian", "websocket.accept.headers.order/cookies", "None of them goes out.", (1,)),
    Known("granian", "http.scope.client.port/ordinary", "The ports in `client` are strings.", (1, 2)),
    Known("granian", "http.scope.server.port/ordinary", "The port in `server` is a string.", (1, 2)),
    Known(
        "granian",
        "http.scope.http_version.matches/1.0",
        "scope['http_version'] is '1', not '1.0'.",
        (1,),
    ),
    Known(
        "granian",
        "http.scope.headers.authority-replaces-host/both",
        "The `host` of the client stays.",
        (2,),
    ),
    Known(
        "granian",
        "http.response.start.headers.default/missing",
        "It takes a start without headers for a mistake.",
        (1, 2),
    ),
    Known(
        "granian",
        "http.response.start.transfer-encoding-ignored/with-length",
        "The connection is closed without a response.",
        (1,),
    ),
    Known("granian", "websocket.scope.client/ordinary", "The ports in `client` are strings.", (1,)),
    Known("granian", "websocket.scope.server/ordinary", "The port in `server` is a string.", (1,)),
    Known(
        "granian",
        "websocket.disconnect.socket-loss/before-the-accept",
        "The application received websocket.connect, not websocket.connect, websocket.disconnect.",
        (1,),
    ),
    Known(
        "granian",
        "ext.websocket.http.response.closes/two-pieces",
        "It takes a first piece for a mistake.",
        (1,),
    ),
    Known(
        "gunicorn",
        "http.scope.path.percent-decoded/blank "
        "http.scope.path.percent-decoded/slash "
        "http.scope.path.decoded-utf8/percent "
        "http.scope.path.no-query/encoded-question-mark",
        "The path is not percent-decoded over HTTP/2.",
        (2,),
    ),
    Known("gunicorn", "http.response.start.headers.exact-bytes/latin-1", "They go out in UTF-8.", (2,)),
    Known(
        "gunicorn",
        "http.send.closed-raises/hang-up http.send.closed-oserror/hang-up",
        "It announces 2.4, and the send says nothing.",
        (1,),
    ),
    Known(
        "gunicorn",
        "websocket.scope.subprotocols.content/two-headers",
        "Those of the second header are missing.",
        (1,),
    ),
    Known(
        "gunicorn",
        "ext.http.response.trailers.te-required/not-asked-for",
        "They are sent to every client.",
        (2,),
    ),
    Known(
        "gunicorn",
        "general.extensions.server-rejects-unadvertised/push "
        "general.extensions.server-rejects-unadvertised/pathsend "
        "general.extensions.server-rejects-unadvertised/early_hint",
        "It takes the event of an extension that it does not offer.",
        (1, 2),
    ),
    Known(
        "httpx-ASGITransport",
        "http.scope.server.none-port-gate/ordinary",
        "The port in `server` is None, which came with version 2.1.",
        (1,),
    ),
    Known(
        "httpx-ASGITransport",
        "http.response.body.more_body.default/missing",
        "The response is over only when the application is.",
        (1,),
    ),
    Known(
        "httpx-ASGITransport",
        "http.response.body.flush/first-before-second",
        "It keeps the pieces back.",
        (1,),
    ),
    Known(
        "httpx-ASGITransport starlette-TestClient",
        "general.extensions.server-rejects-unadvertised/push "
        "general.extensions.server-rejects-unadvertised/pathsend "
        "general.extensions.server-rejects-unadvertised/early_hint",
        "It takes the event of an extension that it does not offer.",
        (1,),
    ),
    Known(
        "starlette-TestClient",
        "general.scope.asgi.present/request general.scope.asgi.present/websocket",
        "'asgi' of the scope is missing.",
        (1,),
    ),
    Known(
        "starlette-TestClient",
        "http.scope.path.percent-decoded/slash websocket.scope.path.percent-decoded/slash",
        "The path is decoded twice.",
        (1,),
    ),
    Known(
        "starlette-TestClient",
        "http.response.start.headers.exact-bytes/latin-1",
        "It cannot send the value.",
        (1,),
    ),
    Known(
        "starlette-TestClient",
        "websocket.server.app-death-closes/returns-before-the-accept",
        "The case was not over after 10 seconds.",
        (1,),
    ),
    Known(
        "starlette-TestClient",
        "ext.http.response.trailers.completes/asked-for",
        "It offers them, and does not send them.",
        (1,),
    ),
    Known(
        "starlette-TestClient",
        "http.response.start.trailers.server-waits/late",
        "The response is over before they come.",
        (1,),
    ),
    Known(
        "starlette-TestClient",
        "ext.websocket.http.response.defaults/missing",
        "The client gets something else.",
        (1,),
    ),
)
"""All of them, by target. Each was seen twice in each of several runs; no link means that none was looked for
yet."""

FLAKY: dict[str, str] = {
    "http.disconnect.after-response/body-unread": (
        "Whether the body is there before the response is over is up to the network."
    ),
    "http.request.decoded-content/trailers": (
        "uvicorn with httptools puts trailers into the headers of the scope, which the application "
        "sees if it is "
        "called after that."
    ),
    "general.send.returns-when-done/client-gone": (
        "Whether a send of gunicorn is waiting when the client leaves is up to the network."
    ),
}
"""Cases that do not always show the same, with the reason: they are held and shown, and fail no run."""


def known(target: str, case: str, version: int) -> Known | None:
    """What is known about a result."""
    return next((one for one in KNOWN if one.is_about(target, case, version)), None)
