"""What the transports in process are known to do otherwise."""

from .deviation import Known

UNADVERTISED = (
    "general.extensions.server-rejects-unadvertised/push "
    "general.extensions.server-rejects-unadvertised/pathsend "
    "general.extensions.server-rejects-unadvertised/early_hint"
)

KNOWN = (
    Known(
        "httpx-ASGITransport",
        "http.scope.server.none-port-gate/ordinary",
        "The port in `server` is None, which came with version 2.2.",
        (1,),
        confirmed=(
            "httpx/_transports/asgi.py, ASGITransport.handle_async_request: the port is that of the URL, "
            "None where it is not written out, and `asgi` has no spec_version, which stands for 2.0."
        ),
    ),
    Known(
        "httpx-ASGITransport",
        "http.response.body.flush/first-before-second",
        "It keeps the pieces back.",
        (1,),
        confirmed=(
            "httpx/_transports/asgi.py, ASGITransport.handle_async_request: `send` puts the pieces into a "
            "list, of which the response is made when the application has returned."
        ),
        link="https://github.com/encode/httpx/pull/3059",
    ),
    Known(
        "httpx-ASGITransport",
        UNADVERTISED,
        "It takes the event of an extension that it does not offer.",
        (1,),
        confirmed=(
            "httpx/_transports/asgi.py, `send` in ASGITransport.handle_async_request: there is no branch for "
            "a type other than start and body."
        ),
    ),
    Known(
        "starlette-TestClient",
        UNADVERTISED,
        "It takes the event of an extension that it does not offer.",
        (1,),
        confirmed=(
            "starlette/testclient.py, `send` in _TestClientTransport.handle_request: there is no branch for "
            "a type that it does not know."
        ),
    ),
    Known(
        "starlette-TestClient",
        "general.scope.asgi.present/request general.scope.asgi.present/websocket",
        "'asgi' of the scope is missing.",
        (1,),
        confirmed=(
            "starlette/testclient.py, _TestClientTransport.handle_request: neither of the two scopes that it "
            "makes has the key."
        ),
    ),
    Known(
        "starlette-TestClient",
        "http.scope.path.percent-decoded/slash websocket.scope.path.percent-decoded/slash",
        "The path is decoded twice.",
        (1,),
        confirmed=(
            "starlette/testclient.py, _TestClientTransport.handle_request calls unquote on the path of the "
            "URL, which httpx has decoded."
        ),
        link="https://github.com/Kludex/starlette/issues/2587",
    ),
    Known(
        "starlette-TestClient",
        "http.response.start.headers.exact-bytes/latin-1",
        "It cannot send the value.",
        (1,),
        confirmed=(
            "starlette/testclient.py, `send` in _TestClientTransport.handle_request decodes the values as "
            "UTF-8, and raises where they are not."
        ),
    ),
    Known(
        "starlette-TestClient",
        "websocket.server.app-death-closes/returns-before-the-accept",
        "The client is not told, and waits.",
        (1,),
        confirmed=(
            "starlette/testclient.py, WebSocketTestSession._run sleeps for ever when the application has "
            "returned, while __enter__ waits for its first event."
        ),
    ),
    Known(
        "starlette-TestClient",
        "ext.websocket.http.response.defaults/missing",
        "It takes a start without headers for a mistake.",
        (1,),
        confirmed=(
            "starlette/testclient.py, WebSocketTestSession._raise_on_close: `headers` of the start and "
            "`body` are read without a default."
        ),
    ),
    Known(
        "httpx-ASGITransport",
        "http.disconnect.after-response/body-unread",
        "What is left of the body comes first.",
        (1,),
        confirmed=(
            "httpx/_transports/asgi.py, `receive` in ASGITransport.handle_async_request: it gives the "
            "body to its end, and only then looks at what was sent."
        ),
    ),
    Known(
        "starlette-TestClient",
        "http.disconnect.after-response/body-unread",
        "What is left of the body comes first.",
        (1,),
        confirmed=(
            "starlette/testclient.py, `receive` in _TestClientTransport.handle_request: it gives the "
            "body to its end, and only then looks at what was sent."
        ),
    ),
)
