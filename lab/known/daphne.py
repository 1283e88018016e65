"""What Daphne is known to do otherwise. Twisted speaks HTTP for it, and Autobahn WebSocket."""

from .deviation import Known

KNOWN = (
    Known(
        "daphne",
        "http.scope.method.uppercase/small-letters",
        "The method is handed on in small letters.",
        (1,),
        confirmed=(
            "daphne/http_protocol.py, WebRequest.process: the method goes into the scope as the client wrote "
            "it. `curl -X get` shows it."
        ),
    ),
    Known(
        "daphne",
        "http.response.start.transfer-encoding-ignored/with-length",
        "Both go out, which RFC 9112, 6.2, forbids.",
        (1,),
        confirmed=(
            "daphne/http_protocol.py, WebRequest.handle_reply: every header goes to Twisted, and none is "
            "left out. `curl` fails, as there are no chunks in the body."
        ),
        link="https://github.com/django/daphne/issues/371",
    ),
    Known(
        "daphne",
        "general.server.terminates-on-app-error/behind-the-start "
        "general.server.terminates-on-app-error/in-the-body",
        "The client is not told, and waits for the rest.",
        (1,),
        confirmed=(
            "daphne/http_protocol.py, WebRequest.handle_exception: it starts a second response, which "
            "handle_reply refuses with a ValueError. `curl -m 30` waits to the end."
        ),
    ),
    Known(
        "daphne",
        "general.server.terminates-on-app-error/behind-the-start-of-a-stream "
        "general.server.terminates-on-app-error/in-the-body-of-a-stream",
        "The stream is neither ended nor reset, and the client waits as long as the connection is in use.",
        (2,),
        confirmed=(
            "daphne/http_protocol.py, WebRequest.handle_exception: it starts a second response, which is "
            "refused. `curl --http2` waits until Twisted's time-out for silence, a minute later."
        ),
    ),
    Known(
        "daphne",
        "websocket.scope.headers.duplicates/twice",
        "It joins them with a comma.",
        (1,),
        confirmed=(
            "daphne/http_protocol.py, WebRequest.process: the values of a name are joined when the handshake "
            "is handed to Autobahn. A client of `websockets` shows it."
        ),
    ),
    Known(
        "daphne",
        "websocket.send.empty-message/text websocket.send.empty-message/bytes",
        "It does not go out.",
        (1,),
        confirmed=(
            "daphne/ws_protocol.py, WebSocketProtocol.handle_reply: `bytes` and `text` go out if they are "
            "true, which empty ones are not. A client of `websockets` gets none."
        ),
    ),
    Known(
        "daphne",
        "websocket.disconnect.code.1005/no-code",
        "`code` is None.",
        (1,),
        confirmed=(
            "daphne/ws_protocol.py, WebSocketProtocol.onClose: the code is Autobahn's, which is None where "
            "the close frame has none. A client of `websockets` shows it."
        ),
    ),
    Known(
        "daphne",
        "websocket.close.after-accept-code/1001 websocket.close.after-accept-code/1008",
        "Another code goes out.",
        (1,),
        confirmed=(
            "autobahn/websocket/protocol.py, WebSocketProtocol.sendClose: it raises for a code that is "
            "neither 1000 nor 3000 to 4999. A client of `websockets` gets 1011 then."
        ),
        link="https://github.com/crossbario/autobahn-python/issues/1642",
    ),
    Known(
        "daphne",
        "websocket.server.app-death-closes/returns",
        "The WebSocket stays open.",
        (1,),
        confirmed=(
            "daphne/server.py, Server.application_checker: it tells the connection of an application that "
            "has raised, and of no other. A client of `websockets` waits."
        ),
    ),
    Known(
        "daphne",
        "http.response.start.headers.order/same-name",
        "Those of one name are put together.",
        (1, 2),
        confirmed=(
            "twisted/web/http_headers.py, Headers.addRawHeader: there is one list of values for each name, "
            "and daphne's handle_reply puts all headers there. `curl -i` shows it."
        ),
    ),
    Known(
        "daphne",
        "http.disconnect.after-response/body-unread",
        "What is left of the body comes first.",
        (1,),
        confirmed=(
            "daphne/http_protocol.py, WebRequest.process: the whole body is in the queue of the application "
            "before http.disconnect. `curl -d 12345` shows it to an application that prints what it receives."
        ),
    ),
)
