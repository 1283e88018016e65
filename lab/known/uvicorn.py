"""What Uvicorn is known to do otherwise, with each of its protocols."""

from .deviation import Known

KNOWN = (
    Known(
        "uvicorn-h11-wsproto",
        "http.scope.method.uppercase/small-letters",
        "The method is handed on in small letters.",
        (1,),
        confirmed=(
            "uvicorn/protocols/http/h11_impl.py, H11Protocol.handle_events: the method goes into the scope "
            "as the client wrote it. `curl -X get` shows it."
        ),
    ),
    Known(
        "uvicorn-h11-wsproto",
        "http.scope.http_version.values/http-9.9",
        "It hands on a version that there is not.",
        (1,),
        confirmed=(
            "uvicorn/protocols/http/h11_impl.py, H11Protocol.handle_events: http_version is what h11 has "
            "read, and h11/_abnf.py lets any two digits pass."
        ),
    ),
    Known(
        "uvicorn-h11-wsproto",
        "ext.websocket.http.response.defaults/missing",
        "It takes a start without headers for a mistake.",
        (1,),
        confirmed=(
            "uvicorn/protocols/websockets/wsproto_impl.py, WSProtocol.send: `headers` of the start and "
            "`body` are read without a default. A client of `websockets` gets no response."
        ),
    ),
    Known(
        "uvicorn-httptools-sansio",
        "ext.websocket.http.response.defaults/missing",
        "It takes a body event without a body for a mistake.",
        (1,),
        confirmed=(
            "uvicorn/protocols/websockets/websockets_sansio_impl.py, WebSocketsSansIOProtocol.send: `body` "
            "is read without a default. A client of `websockets` gets no response."
        ),
    ),
    Known(
        "uvicorn-httptools-websockets",
        "ext.websocket.http.response.defaults/missing",
        "It takes a body event without a body for a mistake, though the client gets the response.",
        (1,),
        confirmed=(
            "uvicorn/protocols/websockets/websockets_impl.py, WebSocketProtocol.asgi_send: `body` is read "
            "without a default. The log has the KeyError when a client of `websockets` gets its 404."
        ),
    ),
    Known(
        "uvicorn-httptools-*",
        "http.server.transfer-encoding-owner/http-1.0",
        "It sends chunks to a client of HTTP/1.0.",
        (1,),
        confirmed=(
            "uvicorn/protocols/http/httptools_impl.py, RequestResponseCycle.send: without a length it "
            "chunks, whatever the version of the request. `curl --http1.0 --raw` shows it."
        ),
        link="https://github.com/Kludex/uvicorn/pull/1360",
    ),
    Known(
        "uvicorn-httptools-*",
        "http.scope.http_version.values/http-0.9",
        "It hands on a version that there is not.",
        (1,),
        confirmed=(
            "uvicorn/protocols/http/httptools_impl.py, HttpToolsProtocol.on_headers_complete: http_version "
            "is what the parser has read, and of a request line without a version that is 0.9."
        ),
    ),
    Known(
        "uvicorn-httptools-*",
        "http.response.start.transfer-encoding-ignored/with-length",
        "Both go out, which RFC 9112, 6.2, forbids.",
        (1,),
        confirmed=(
            "uvicorn/protocols/http/httptools_impl.py, RequestResponseCycle.send: the headers of the "
            "application are all written, and `chunked` among them turns chunks on. `curl -i --raw` shows "
            "it."
        ),
    ),
    Known(
        "uvicorn-httptools-websockets",
        "websocket.send.closed-oserror/vanished",
        "It announces 2.4, and raises RuntimeError.",
        (1,),
        confirmed=(
            "uvicorn/protocols/websockets/websockets_impl.py, WebSocketProtocol.asgi_send: a send behind a "
            "disconnect that asgi_receive has told of is a RuntimeError. A client of `websockets` shows it."
        ),
    ),
    Known(
        "uvicorn-zttp",
        "http.request.sent/get",
        "A request without a body never becomes an http.request event.",
        (2,),
        confirmed=(
            "uvicorn/protocols/http/zttp_h2_impl.py, ZttpH2Protocol.handle_request: `end_stream` is not "
            "looked at, and zttp sends no EndOfMessage beside it. `curl --http2-prior-knowledge` waits."
        ),
    ),
    Known(
        "uvicorn-zttp",
        "http.response.start.headers.exact-bytes/blanks-inside",
        "It cannot send a value with a tab in it.",
        (2,),
        confirmed=(
            "`curl --http2-prior-knowledge`: the stream of a response with a tab in a header is reset, and "
            "the log has zttp's LocalProtocolError. With blanks and quotes alone it comes, and over "
            "HTTP/1.1."
        ),
    ),
    Known(
        "uvicorn-zttp",
        "http.scope.headers.authority-first/host",
        "It is there, but not first.",
        (2,),
        confirmed=(
            "`curl --http2-prior-knowledge -H 'x-a: 1'` and an application that answers with its scope: host "
            "is the last of the headers. So it is with httpx."
        ),
    ),
    Known(
        "uvicorn-httptools-*",
        "http.request.decoded-content/trailers",
        "Trailers that come before the application is called are headers of its request.",
        (1,),
        confirmed=(
            "uvicorn/protocols/http/httptools_impl.py, HttpToolsProtocol.on_header: a trailer is appended to "
            "the list that is `headers` of the scope, too."
        ),
    ),
    Known(
        "uvicorn-*",
        "http.scope.raw_path.unmodified/mounted websocket.scope.raw_path.unmodified/mounted",
        "The root path is put in front of it.",
        (1,),
        confirmed=(
            "uvicorn/protocols/http/h11_impl.py, H11Protocol.handle_events, and "
            "uvicorn/protocols/websockets/wsproto_impl.py, WSProtocol.handle_connect: full_raw_path is the "
            "root path and the target. `curl --unix-socket` shows it to an application that prints its scope."
        ),
    ),
)
