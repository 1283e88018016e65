r"""A WebSocket that is refused before it is one.

The handshake is an HTTP request, so the refusal is an HTTP response. Plain ASGI has one word for it:
close before you accept, and the server answers 403. With the extension `websocket.http.response` you
answer as you would to any request, with a status, headers and a body that say why.

    scope websocket /raw/websocket_denial extensions={'websocket.http.response': {}}
    receive websocket.connect
    send websocket.http.response.start status=403
        content-type: text/plain; charset=utf-8
    send websocket.http.response.body body=b'Nobody gets in here, and this is why: it is the exhibit.\n'
    return

    scope websocket /raw/websocket_denial
    receive websocket.connect
    send websocket.close
    return

Try it, and look at what your client shows of the refusal:

    curl -i --http1.1 -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
         -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==' \
         http://localhost:8000/raw/websocket_denial
"""


async def app(scope, receive, send):
    if scope["type"] == "http":
        headers = [(b"content-type", b"text/plain; charset=utf-8")]
        if scope["http_version"] in ("1.0", "1.1"):
            headers += [(b"connection", b"upgrade"), (b"upgrade", b"websocket")]
        body = b"This is a WebSocket: connect to it with ws:// or wss://\n"
        await send({"type": "http.response.start", "status": 426, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
        return
    if scope["type"] != "websocket":
        raise ValueError(f"websocket_denial speaks websocket and http, not {scope['type']}")

    # Both ways of refusing are answers to `websocket.connect`, so it is received first.
    await receive()
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close"})
        return

    # Once the first of these has been sent, this is no WebSocket any more: no event of that protocol may
    # follow, and the response is owed to its end.
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    body = b"Nobody gets in here, and this is why: it is the exhibit.\n"
    await send({"type": "websocket.http.response.start", "status": 403, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})
