"""What Hypercorn is known to do otherwise, with each of its workers."""

from .deviation import Known

KNOWN = (
    Known(
        "hypercorn-*",
        "http.scope.http_version.values/http-9.9",
        "It hands on a version that there is not.",
        (1,),
        confirmed=(
            "hypercorn/protocol/h11.py, H11Protocol._create_stream: http_version is what h11 has read, and "
            "h11/_abnf.py lets any two digits pass."
        ),
    ),
    Known(
        "hypercorn-*",
        "ext.websocket.http.response.defaults/missing",
        "It takes a start without headers for a mistake.",
        (1, 2),
        confirmed=(
            "hypercorn/protocol/ws_stream.py, WSStream._send_rejection: `headers` of the start are read "
            "without a default. A client of `websockets` gets the status 500."
        ),
    ),
    Known(
        "hypercorn-*",
        "http.disconnect.after-response/get",
        "It does not say http.disconnect, and waits.",
        (3,),
        confirmed=(
            "hypercorn/protocol/h3.py, H3Protocol.stream_send: a stream that is over is forgotten, and not "
            "told of it, as the ones of h2.py are."
        ),
    ),
    Known(
        "hypercorn-*",
        "http.disconnect.after-close/connection-of-streams",
        "It does not say http.disconnect, and waits.",
        (3,),
        confirmed=(
            "hypercorn/protocol/quic.py, QuicProtocol._handle_events: when a connection has ended, its ids "
            "are dropped, and none of its streams is told."
        ),
    ),
    Known(
        "hypercorn-*",
        "http.response.start.transfer-encoding-ignored/in-frames",
        "It goes out, and the client refuses the response for it.",
        (3,),
        confirmed=(
            "hypercorn/protocol/h3.py, H3Protocol.stream_send: the headers of the application go to aioquic "
            "as they are."
        ),
    ),
    Known(
        "hypercorn-*",
        "general.server.terminates-on-app-error/behind-the-start "
        "general.server.terminates-on-app-error/in-the-body",
        "The client is not told, and waits for the rest.",
        (3,),
        confirmed=(
            "hypercorn/protocol/h3.py, H3Protocol.stream_send: a stream that is over is forgotten, and "
            "neither ended nor reset."
        ),
    ),
    Known(
        "hypercorn-*",
        "general.server.terminates-on-app-error/behind-the-start-of-a-stream "
        "general.server.terminates-on-app-error/in-the-body-of-a-stream",
        "The stream is neither ended nor reset, and the client waits as long as the connection is in use.",
        (2,),
        confirmed=(
            "hypercorn/protocol/h2.py, H2Protocol._close_stream: the stream is forgotten, and not reset. "
            "`curl --http2-prior-knowledge` waits until the connection is closed as idle."
        ),
    ),
    Known(
        "hypercorn-*",
        "websocket.scope.subprotocols.content/two-headers",
        "Those of the first header are missing.",
        (1, 2),
        confirmed=(
            "hypercorn/protocol/ws_stream.py, Handshake.__init__: each such header replaces what the one "
            "before has offered. A client of `websockets` with two of them shows it."
        ),
    ),
    Known(
        "hypercorn-*",
        "websocket.disconnect.code.value/1000 "
        "websocket.disconnect.code.value/1001 "
        "websocket.disconnect.code.value/3000 "
        "websocket.disconnect.code.value/4999 "
        "websocket.disconnect.code.1005/no-code",
        "It tells of 1006, as if there had been no close frame.",
        (1, 2),
        confirmed=(
            "hypercorn/protocol/ws_stream.py, WSStream.handle: the code is 1006 unless the application has "
            "closed, whatever the client's frame says. A client of `websockets` shows it."
        ),
        link="https://github.com/pgjones/hypercorn/issues/127",
    ),
    Known(
        "hypercorn-*",
        "ext.http.response.trailers.completes/asked-for",
        "They go out, and the response does not end.",
        (3,),
        confirmed=(
            "hypercorn/protocol/h3.py, H3Protocol.stream_send: trailers go out without the end of the "
            "stream, and aioquic refuses the DATA behind them that is to end it."
        ),
    ),
    Known(
        "hypercorn-asyncio hypercorn-uvloop",
        "http.request.decoded-content/sensitive-1",
        "The request is not answered, nor is anybody else's after it.",
        (3,),
        confirmed="hypercorn/protocol/h3.py, H3Protocol.handle.",
    ),
    Known(
        "hypercorn-trio",
        "http.request.decoded-content/sensitive-1",
        "The process of the server has ended.",
        (3,),
        confirmed="hypercorn/protocol/h3.py, H3Protocol.handle.",
    ),
    Known(
        "hypercorn-trio",
        "lifespan.shutdown.failed.terminate/message",
        "It terminates, and does not say why.",
        (1,),
        confirmed=(
            "hypercorn/trio/lifespan.py, Lifespan.handle_lifespan: the task is cancelled before the failure "
            "has left it. On SIGTERM the worker `trio` prints nothing, and `asyncio` the message."
        ),
    ),
    Known(
        "hypercorn-trio",
        "websocket.server.app-death-closes/sensitive-1 websocket.server.app-death-closes/sensitive-2",
        "The process of the server has ended.",
        (2,),
        confirmed="hypercorn/trio/tcp_server.py, TCPServer.run: what a connection raises ends the server.",
        link="https://github.com/pgjones/hypercorn/issues/329",
    ),
    Known(
        "hypercorn-trio",
        "http.response.body.completes/rest-of-the-body-behind-it",
        "The process of the server has ended.",
        (2,),
        confirmed=(
            "hypercorn/protocol/h2.py, H2Protocol._handle_events: DATA of a stream that is over is "
            "a KeyError; hypercorn/trio/tcp_server.py: what TCPServer.run raises ends the server, "
            "as in https://github.com/pgjones/hypercorn/issues/225."
        ),
        link="https://github.com/pgjones/hypercorn/pull/334",
    ),
    Known(
        "hypercorn-*",
        "http.disconnect.after-response/body-unread",
        "What is left of the body comes first.",
        (1,),
        confirmed=(
            "hypercorn/protocol/http_stream.py, HTTPStream.handle: the body and http.disconnect go into one "
            "queue. `curl -d 12345` shows it to an application that prints what it receives."
        ),
    ),
    Known(
        "hypercorn-*",
        "general.send.returns-when-done/sensitive-1",
        "The send does not return.",
        (2,),
        confirmed=(
            "hypercorn/protocol/h2.py, H2Protocol.handle. Another client has shown it, with h2, until the "
            "server was stopped."
        ),
    ),
)
