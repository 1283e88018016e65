"""Every ASGI server as a row: the command a person would type, what it can speak, and what it lacks.

Nothing here imports a server. A command line is put together from the pieces of a row by
`servers.command`; braces in them stand for what was asked. What a row says of its server is what
`python -m servers --list` prints, and all of it is tried against the real server in `tests/servers`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Http = Literal[1, 2, 3]

EXTENSIONS = (
    "http.response.debug",
    "http.response.early_hint",
    "http.response.pathsend",
    "http.response.push",
    "http.response.trailers",
    "http.response.zerocopysend",
    "tls",
    "websocket.http.response",
)
"""The extensions of the specification (extensions.html), as they are named in `scope["extensions"]`."""


@dataclass(frozen=True, kw_only=True)
class Launcher:
    """A server: how it is started, and what is known of it.

    The pieces of the command line are `command`; one of `clear`, `tls` and `uds`, which say where to
    listen; one of `http`; `root_path` and `workers` when they are asked for; and `grace`.
    """

    name: str
    checked: str  # the version of the server that this row was found true of
    packages: Mapping[Http, tuple[str, ...]]  # what has to be installed: for all of it, and from a version on

    command: str
    clear: str  # a TCP port, in clear text
    tls: str  # a TCP port, with TLS
    uds: str  # a Unix domain socket, in clear text
    root_path: str
    workers: str | None  # None: the server is a single process
    grace: str  # how long running responses may take when it stops; "": it gives them no time
    http: Mapping[Http, str]  # what makes it offer a version; it goes on offering those before it
    natural: Http  # the version it offers when nobody asks for one
    in_clear: tuple[Http, ...]  # the versions it speaks without TLS; with TLS, all of `http`

    lifespan: bool
    websocket: tuple[Http, ...]  # the versions over which a WebSocket can be opened
    path_has_root: bool  # whether the server puts root_path in front of the path it was asked for
    # The names in scope["extensions"], each with the connections it is offered to: versions for `http`
    # scopes, and "websocket".
    extensions: Mapping[str, tuple[Http | Literal["websocket"], ...]]
    # Sentences about what else is missing. The key is the option or the subject that leads you there; who
    # asks for the option is shown the sentence at the start.
    lacks: Mapping[str, str]


# Unless told how long its grace is, an endless response holds uvicorn and granian for ever, and gunicorn for
# half a minute.
_ROWS = (
    Launcher(
        name="uvicorn",
        checked="0.54.0",
        packages={1: ("uvicorn", "websockets"), 2: ("zttp",)},
        command="uvicorn {app}",
        clear="--host {host} --port {port}",
        tls="--host {host} --port {port} --ssl-certfile {certificate} --ssl-keyfile {key}",
        uds="--uds {uds}",
        root_path="--root-path {root_path}",
        workers="--workers {workers}",
        grace="--timeout-graceful-shutdown {grace}",
        http={1: "", 2: "--http zttp --http2"},
        natural=1,
        in_clear=(1, 2),
        lifespan=True,
        websocket=(1,),
        path_has_root=True,
        extensions={
            "http.response.early_hint": (2,),
            "http.response.trailers": (2,),
            "websocket.http.response": ("websocket",),
        },
        lacks={
            "--http 2": "Its HTTP/2 is experimental: a request without a body never becomes an http.request"
            " event, so an application that awaits receive() before it answers, as Django does, waits until"
            " the client leaves.",
            "websocket over HTTP/2": "It tells clients that it takes WebSockets over HTTP/2 (RFC 8441), and"
            " then gives them to the application as an http request with the method CONNECT.",
        },
    ),
    Launcher(
        name="hypercorn",
        checked="0.18.0",
        packages={1: ("hypercorn", "uvloop"), 3: ("aioquic",)},
        # With its asyncio worker, from Python 3.12 on, a response or WebSocket that does not end holds the
        # server for ever, whatever the grace: to close a listener is then to wait for all its connections
        # (asyncio.Server.wait_closed), and Hypercorn counts the grace only after that. uvloop does not wait.
        command="hypercorn {app} --worker-class uvloop",
        clear="--bind {address}",
        tls="--bind {address} --certfile {certificate} --keyfile {key}",
        uds="--bind unix:{uds}",
        root_path="--root-path {root_path}",
        workers="--workers {workers}",
        grace="--graceful-timeout {grace}",
        http={1: "", 2: "", 3: "--quic-bind {address}"},
        natural=2,
        in_clear=(1, 2),
        lifespan=True,
        websocket=(1, 2, 3),
        path_has_root=False,
        extensions={
            "http.response.early_hint": (2, 3),
            "http.response.push": (2, 3),
            "http.response.trailers": (2, 3),
            "websocket.http.response": ("websocket",),
        },
        lacks={
            "--http 1": "It offers HTTP/2 beside HTTP/1.1 always: its command line has no option against it.",
            "--http 3": "Over HTTP/3 it sends header names as the application writes them, and clients reject"
            " those that are not lower-case, as Django's are. They reject its own error responses too, which"
            " hold a connection header.",
            "request bodies over HTTP/3": "One that the application does not read blocks the server for every"
            " other connection.",
            "failing after the start": "Over HTTP/2 and 3 the stream stays open, and the client waits.",
            "trailers over HTTP/3": "They arrive, but the response does not end.",
            "stopping with HTTP/3": "It takes the whole grace even when nothing is running.",
            "--workers": "When it stops, the first worker to finish takes the others with it: the responses"
            " they are sending are cut off, and their lifespans are not shut down.",
        },
    ),
    Launcher(
        name="daphne",
        checked="4.2.3",
        packages={1: ("daphne",), 2: ("h2", "priority")},
        command="daphne {app}",
        clear="--bind {host} --port {port}",
        # Daphne has no options for TLS. It takes any endpoint that Twisted can describe.
        tls="--endpoint ssl:port={port}:interface={host_in_endpoint}:certKey={certificate}:privateKey={key}",
        uds="--unix-socket {uds}",
        root_path="--root-path {root_path}",
        workers=None,
        grace="",
        http={1: "", 2: ""},
        natural=1,
        in_clear=(1,),
        lifespan=False,
        websocket=(1,),
        path_has_root=False,
        extensions={},
        lacks={
            "stopping": "When it stops, the responses that are running are cut off at once.",
            "slow clients": "It never makes send wait: what a client does not read is kept in memory.",
            "failing after the start": "The client is not told, and waits for the rest; when the application"
            " returns without an answer, it waits for that.",
            "websocket.close": "Its reason is not sent, and its code only if it is 1000 or 3000 to 4999: any"
            " other arrives as 1011. Nor are the headers of websocket.accept sent.",
            "root_path": "It takes root_path from the request header Daphne-Root-Path, whoever sends it.",
        },
    ),
    Launcher(
        name="granian",
        checked="2.8.7",
        packages={1: ("granian",)},
        # Its own interface is RSGI, and it takes an application to speak that unless it is told.
        command="granian {app} --interface asgi",
        clear="--host {host} --port {port}",
        tls="--host {host} --port {port} --ssl-certificate {certificate} --ssl-keyfile {key}",
        uds="--uds {uds}",
        root_path="--url-path-prefix {root_path}",
        workers="--workers {workers}",
        grace="--workers-kill-timeout {grace}",
        # Not `--http 2`: that is HTTP/2 alone, and then there is no WebSocket.
        http={1: "--http 1", 2: "--http auto"},
        natural=2,
        in_clear=(1, 2),
        lifespan=True,
        websocket=(1,),
        path_has_root=False,
        extensions={
            "http.response.pathsend": (1, 2, "websocket"),
            "websocket.http.response": (1, 2, "websocket"),
        },
        lacks={
            "stopping": "A response that outlasts the grace costs the worker the shutdown of its lifespan:"
            " it is killed.",
            "--host": "It takes an address, such as 127.0.0.1, and no name.",
            "http.response.start": "Without the key headers, which is optional in the specification, it is an"
            " error.",
            "websocket.accept": "Its headers are not sent.",
            "scope": "The ports in client and server are strings where the specification has integers.",
        },
    ),
    Launcher(
        name="gunicorn",
        checked="27.0.1",
        packages={1: ("gunicorn",), 2: ("h2",)},
        # The control socket would be left behind in the home directory.
        command="gunicorn {app} --worker-class asgi --no-control-socket",
        clear="--bind {address}",
        tls="--bind {address} --certfile {certificate} --keyfile {key}",
        uds="--bind unix:{uds}",
        root_path="--root-path {root_path}",
        workers="--workers {workers}",
        grace="--graceful-timeout {grace}",
        # "both" are the two ways into HTTP/2 without TLS; "prior-knowledge" alone would refuse HTTP/1.1.
        http={1: "", 2: "--http-protocols h2,h1 --http2-cleartext both"},
        natural=1,
        in_clear=(1, 2),
        lifespan=True,
        websocket=(1,),
        path_has_root=False,
        extensions={
            "http.response.priority": (2,),
            "http.response.trailers": (2,),
        },
        lacks={
            "stopping": "A response that outlasts the grace costs the worker the shutdown of its lifespan:"
            " it is killed.",
            "--http 2": "In clear text it speaks HTTP/2 only with the peers in its --forwarded-allow-ips,"
            " which are 127.0.0.1 and ::1 unless told.",
            "path over HTTP/2": "It is not percent-decoded: a blank in it stays %20.",
            "trailers over HTTP/2": "They are sent to every client, also without its TE: trailers.",
        },
    ),
)

LAUNCHERS: Mapping[str, Launcher] = {row.name: row for row in _ROWS}
"""Every row, by the name of its server."""
