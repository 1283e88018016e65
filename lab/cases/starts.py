"""Servers that are started in another way: with TLS (tls.rst), and behind a proxy, below a path and on a Unix
domain socket."""

from typing import Any

from ..case import Case, breaks, differs, keeps
from ..checks import (
    ABSENT,
    Accepted,
    Called,
    DoesNotOffer,
    Offers,
    PathBegins,
    Scope,
    ScopeIs,
    Status,
    raw_path_as_sent,
)
from ..wire import MOUNT, SOCKET
from ..wire.ask import Ask
from ..wire.frames import close
from ..wire.websocket import Socket
from .scripts import ACCEPTS, HELLO

CLOSE = Socket((close(1000),))
# What a judge can see of `tls` in any conversation over TLS.
OF_TLS = (
    "tls.entry-dict",
    "tls.server_cert.mandatory",
    "tls.server_cert.pem",
    "tls.server_cert.none-if-unknown",
    "tls.client_cert_chain.type",
    "tls.client_cert_chain.empty",
    "tls.client_cert_name.type",
    "tls.client_cert_name.rfc4514",
    "tls.client_cert_name.none",
    "tls.client_cert_name.with-chain",
    "tls.client_cert_error.type",
    "tls.tls_version.mandatory",
    "tls.tls_version.value",
    "tls.tls_version.none",
    "tls.cipher_suite.mandatory",
    "tls.cipher_suite.value",
    "tls.cipher_suite.none",
    "tls.no-new-events",
)
NO_SCHEME = differs("It does not tell the scheme, which is optional.", Scope(scheme=ABSENT))


def is_socket(server: Any) -> bool:
    """Whether that begins with the path of the socket."""
    return str(server[0]).endswith(f"/{SOCKET}")


def is_socket_and_none(server: Any) -> bool:
    """Whether that is the path of the socket, and None."""
    return is_socket(server) and server[1] is None


AS_SENT = (
    keeps(raw_path_as_sent),
    differs("It gives no raw path, which is optional.", Scope(raw_path=ABSENT)),
    differs("It gives no raw path, which is optional.", Scope(raw_path=None)),
)
# Headers in which a proxy says it, and some servers believe it.
ROOT_PATHS = ("daphne-root-path", "script-name", "x-forwarded-prefix", "x-script-name")

ON_SOCKET = (
    keeps(ScopeIs("server", None, is_socket_and_none, "the path of the socket, and None")),
    differs("It does not tell the server, which is optional.", Scope(server=None)),
    differs("It does not tell the server, which is optional.", Scope(server=ABSENT)),
    breaks("What comes behind the path is not None.", ScopeIs("server", None, is_socket, "the path")),
    breaks("It is not the path of the socket.", Called()),
)

CASES = (
    Case(
        "http.scope.scheme.value/tls",
        "The scheme of a request over TLS is `https`.",
        over=(1, 2, 3),
        start="tls",
        client=Ask(),
        app=HELLO,
        outcomes=(keeps(Scope(scheme="https"), Status(200)), NO_SCHEME),
    ),
    Case(
        "websocket.scope.scheme.value/tls",
        "The scheme of a WebSocket over TLS is `wss`.",
        over=(1, 2),
        start="tls",
        client=CLOSE,
        app=ACCEPTS,
        outcomes=(keeps(Scope(scheme="wss"), Accepted()), NO_SCHEME),
    ),
    *(
        Case(
            f"{clause}/ordinary",
            "What `tls` says of an encrypted connection has the right form.",
            start="tls",
            extension="tls",
            client=Ask(),
            app=HELLO,
            outcomes=(keeps(Offers("tls"), Status(200)),),
        )
        for clause in OF_TLS
    ),
    Case(
        "tls.only-on-tls/in-clear",
        "A connection in clear text has no `tls`.",
        client=Ask(),
        app=HELLO,
        outcomes=(keeps(DoesNotOffer("tls"), Status(200)),),
    ),
    Case(
        "http.scope.root_path.mount-point/mounted",
        "A server that is mounted below a path says so in `root_path`.",
        start="mounted",
        client=Ask(),
        app=HELLO,
        outcomes=(keeps(Scope(root_path=MOUNT), Status(200)),),
    ),
    Case(
        "http.scope.root_path.prefix-of-path/mounted",
        "The path begins with the root path.",
        start="mounted",
        client=Ask(),
        app=HELLO,
        outcomes=(
            keeps(PathBegins(f"{MOUNT}/lab/"), Scope(root_path=MOUNT), Status(200)),
            differs("The path is told without it.", PathBegins("/lab/"), Status(200)),
        ),
    ),
    Case(
        "http.scope.raw_path.unmodified/mounted",
        "The root path of a server is not put in front of the raw path.",
        start="mounted",
        client=Ask(),
        app=HELLO,
        outcomes=AS_SENT,
    ),
    Case(
        "http.scope.root_path.mount-point/header-of-a-client",
        "Where an application is mounted is not for a client to say.",
        over=(1, 2),
        client=Ask(headers=tuple((name, "/elsewhere") for name in ROOT_PATHS)),
        app=HELLO,
        outcomes=(
            differs("It takes the root path from a header.", Scope(root_path="/elsewhere"), Status(200)),
            keeps(Called(), Status(200)),
        ),
    ),
    Case(
        "websocket.scope.raw_path.unmodified/mounted",
        "The root path of a server is not put in front of the raw path.",
        start="mounted",
        client=CLOSE,
        app=ACCEPTS,
        outcomes=AS_SENT,
    ),
    Case(
        "websocket.scope.root_path.type/mounted",
        "A WebSocket has the root path as well.",
        start="mounted",
        client=CLOSE,
        app=ACCEPTS,
        outcomes=(keeps(PathBegins(f"{MOUNT}/lab/"), Scope(root_path=MOUNT), Accepted()),),
    ),
    Case(
        "http.scope.server.unix/socket",
        "On a Unix domain socket, `server` is the path of it, and None.",
        start="mounted",
        client=Ask(),
        app=HELLO,
        outcomes=ON_SOCKET,
    ),
    Case(
        "websocket.scope.server.unix/socket",
        "On a Unix domain socket, `server` is the path of it, and None.",
        start="mounted",
        client=CLOSE,
        app=ACCEPTS,
        outcomes=ON_SOCKET,
    ),
    Case(
        "http.scope.client.shape/socket",
        "On a Unix domain socket there is no address of a client to tell.",
        start="mounted",
        client=Ask(),
        app=HELLO,
        outcomes=(keeps(Called(), Status(200)),),
    ),
)
