"""What the ASGI worker of Gunicorn is known to do otherwise."""

from .deviation import Known

KNOWN = (
    Known(
        "gunicorn",
        "http.response.start.transfer-encoding-ignored/with-length",
        "Both go out, which RFC 9112, 6.2, forbids.",
        (1,),
        confirmed=(
            "gunicorn/asgi/protocol.py, ASGIProtocol._handle_http_request: a transfer-encoding of the "
            "application turns chunks on, and is written beside its length. `curl -i --raw` shows it."
        ),
    ),
    Known(
        "gunicorn",
        "http.scope.headers.authority-first/host",
        "It is there, but not first.",
        (2,),
        confirmed="gunicorn/http2/request.py, HTTP2Request.__init__: HOST is appended to the other headers.",
    ),
    Known(
        "gunicorn",
        "http.scope.path.percent-decoded/blank "
        "http.scope.path.percent-decoded/slash "
        "http.scope.path.decoded-utf8/percent",
        "The path is not percent-decoded over HTTP/2.",
        (2,),
        confirmed=(
            "gunicorn/http2/request.py, HTTP2Request.__init__ splits :path and decodes nothing, and "
            "ASGIProtocol._build_http2_scope takes that. `curl --http2-prior-knowledge` shows it."
        ),
    ),
    Known(
        "gunicorn",
        "http.response.start.headers.exact-bytes/latin-1",
        "They go out in UTF-8.",
        (2,),
        confirmed=(
            "gunicorn/asgi/protocol.py, ASGIProtocol._convert_h2_headers makes text of the bytes, which "
            "hpack encodes as UTF-8. `curl --http2-prior-knowledge` gets two bytes for one."
        ),
    ),
    Known(
        "gunicorn",
        "http.send.closed-raises/hang-up",
        "It announces 2.4, and the send says nothing.",
        (1,),
        confirmed=(
            "gunicorn/asgi/protocol.py, ASGIProtocol._build_http_scope announces 2.4; `send` in "
            "_handle_http_request returns where the client has left. A `curl` that is ended shows it."
        ),
    ),
    Known(
        "gunicorn",
        "websocket.scope.subprotocols.content/two-headers",
        "Those of the second header are missing.",
        (1,),
        confirmed=(
            "gunicorn/asgi/protocol.py, ASGIProtocol._build_websocket_scope: the search for the header ends "
            "with the first that is found."
        ),
    ),
    Known(
        "gunicorn",
        "ext.http.response.trailers.te-required/not-asked-for",
        "They are sent to every client.",
        (2,),
        confirmed=(
            "gunicorn/asgi/protocol.py, ASGIProtocol._handle_http2_request: `send` never looks for TE. `curl "
            "--http2-prior-knowledge -i`, which sends none, gets them."
        ),
    ),
    Known(
        "gunicorn",
        "general.extensions.server-rejects-unadvertised/push "
        "general.extensions.server-rejects-unadvertised/pathsend "
        "general.extensions.server-rejects-unadvertised/early_hint",
        "It takes the event of an extension that it does not offer.",
        (1, 2),
        confirmed=(
            "gunicorn/asgi/protocol.py, `send` in ASGIProtocol._handle_http_request and "
            "_handle_http2_request: there is no branch for a type that it does not know."
        ),
    ),
    Known(
        "gunicorn",
        "http.scope.server.unix/socket websocket.scope.server.unix/socket",
        "It is not the path of the socket.",
        (1,),
        confirmed=(
            "gunicorn/asgi/protocol.py, _normalize_sockaddr: of the path, a text, it takes the first two "
            "letters."
        ),
    ),
    Known(
        "gunicorn",
        "http.disconnect.after-response/body-unread",
        "What is left of the body comes first.",
        (1,),
        confirmed=(
            "gunicorn/asgi/protocol.py, BodyReceiver.receive: what has been read of the body is handed on, "
            "whatever was sent. `curl -d 12345` shows it to an application that prints what it receives."
        ),
    ),
    Known(
        "gunicorn",
        "http.disconnect.after-close/hang-up-in-the-body-of-a-stream",
        "It is told when `--timeout` is over, after 30 seconds.",
        (2,),
        confirmed=(
            "gunicorn/http2/stream.py, HTTP2Stream.signal_disconnect: it wakes read_body_chunk, which waits "
            "on, as the stream is not closed. An application that prints what it receives shows the 30 "
            "seconds when a client of h2 leaves."
        ),
    ),
)
