"""What Granian is known to do otherwise. It is written in Rust: the paths are those of its source
distribution."""

from .deviation import Known

KNOWN = (
    Known(
        "granian",
        "http.scope.method.uppercase/small-letters",
        "The method is handed on in small letters.",
        (1,),
        confirmed=(
            "src/asgi/utils.rs, build_scope_http: the method goes into the scope as hyper has read it. `curl "
            "-X get` shows it."
        ),
    ),
    Known(
        "granian",
        "http.scope.client.port/ordinary http.scope.server.port/ordinary",
        "The port is a string.",
        (1, 2),
        confirmed=(
            "src/asgi/utils.rs, build_scope_common: the ports of `server` and `client` go through "
            "`to_string`. An application that prints its scope shows it to `curl`."
        ),
    ),
    Known(
        "granian",
        "websocket.scope.client/ordinary websocket.scope.server/ordinary",
        "The port is a string.",
        (1,),
        confirmed=(
            "src/asgi/utils.rs, build_scope_common: the ports of `server` and `client` go through "
            "`to_string`. An application that prints its scope shows it to a client of `websockets`."
        ),
    ),
    Known(
        "granian",
        "http.scope.http_version.matches/1.0",
        "scope['http_version'] is '1', not '1.0'.",
        (1,),
        confirmed=(
            "src/asgi/utils.rs, build_scope_common: HTTP_10 becomes '1'. An application that prints its "
            "scope shows it to `curl --http1.0`."
        ),
    ),
    Known(
        "granian",
        "http.scope.headers.authority-replaces-host/both",
        "The `host` of the client stays.",
        (2,),
        confirmed=(
            "src/asgi/utils.rs, build_scope_common: the authority is looked at only where there is no "
            "`host`. A client of `h2` with both shows it."
        ),
    ),
    Known(
        "granian",
        "http.response.start.headers.default/missing",
        "It takes a start without headers for a mistake.",
        (1, 2),
        confirmed=(
            "src/asgi/io.rs, adapt_headers: a start without `headers` is an unsupported message. `curl` gets "
            "the status 500."
        ),
    ),
    Known(
        "granian",
        "http.response.start.headers.order/same-name",
        "Those of one name are put together.",
        (1, 2),
        confirmed=(
            "src/asgi/io.rs, adapt_headers: the headers go into hyper's HeaderMap, which keeps those of one "
            "name together. `curl -i` shows it."
        ),
    ),
    Known(
        "granian",
        "http.response.start.transfer-encoding-ignored/with-length",
        "The connection is closed without a response.",
        (1,),
        confirmed=(
            "src/asgi/io.rs, adapt_headers: no header is left out, and hyper sends nothing where both are "
            "there. `curl` gets an empty reply."
        ),
    ),
    Known(
        "granian",
        "websocket.accept.headers.order/three websocket.accept.headers.order/cookies",
        "None of them goes out.",
        (1,),
        confirmed=(
            "src/asgi/io.rs, adapt_message_type: of an accept, only `subprotocol` is read. A client of "
            "`websockets` gets none of the headers."
        ),
    ),
    Known(
        "granian",
        "websocket.disconnect.socket-loss/before-the-accept",
        "It does not say websocket.disconnect.",
        (1,),
        confirmed=(
            "src/asgi/io.rs, ASGIWebsocketProtocol.receive: before the accept it waits for the accept, and "
            "for nothing else. Of a bare socket that is closed, it does not tell."
        ),
        link="https://github.com/emmett-framework/granian/issues/835",
    ),
    Known(
        "granian",
        "ext.websocket.http.response.defaults/missing",
        "It takes a start without headers for a mistake.",
        (1,),
        confirmed=(
            "src/asgi/io.rs, adapt_headers: a start without `headers` is an unsupported message. A client of "
            "`websockets` gets the status 403."
        ),
    ),
    Known(
        "granian",
        "ext.websocket.http.response.closes/two-pieces",
        "It takes a first piece for a mistake.",
        (1,),
        confirmed=(
            "src/asgi/io.rs, ASGIWebsocketProtocol.send_response: a body with `more_body` is an unsupported "
            "message. A client of `websockets` gets the status 403."
        ),
    ),
    Known(
        "granian",
        "http.scope.server.unix/socket websocket.scope.server.unix/socket",
        "What comes behind the path is not None.",
        (1,),
        confirmed="An application that prints its scope shows the port '0' to httpx over the socket.",
    ),
    Known(
        "granian",
        "http.disconnect.after-response/body-unread",
        "What is left of the body comes first.",
        (1,),
        confirmed="`curl -d 12345` shows it to an application that prints what it receives.",
    ),
)
