r"""A WebSocket: a request first, then messages both ways until one side closes.

The connection begins with `websocket.connect`, and nothing flows until you have answered it. Then every
message is an event. It is text or bytes, never both: one of the two keys has a value, and the other is
missing or None. The end is an event too, with the code the client gave for it.

    scope websocket /raw/websocket_echo subprotocols=['chat', 'echo']
    receive websocket.connect
    send websocket.accept subprotocol='echo'
    receive websocket.receive text='Hello?'
    send websocket.send text='Hello?'
    receive websocket.receive bytes=b'\x00\xff' text=None
    send websocket.send bytes=b'\x00\xff'
    receive websocket.disconnect code=1000 reason=''
    return

Either side may end it. Codes from 4000 to 4999 are yours to give a meaning, those from 3000 on are registered
(RFC 6455, 7.4.2). A reason can go with the code, if the server knows that key:

    scope websocket /raw/websocket_echo
    receive websocket.connect
    send websocket.accept
    receive websocket.receive text='close 4001 so long'
    send websocket.close code=4001 reason='so long'
    return

A client that asks for it by plain HTTP is told to upgrade:

    scope http GET /raw/websocket_echo
    send http.response.start status=426
        content-type: text/plain; charset=utf-8
        connection: upgrade
        upgrade: websocket
    send http.response.body body=b'This is a WebSocket: connect to it with ws:// or wss://\n'
    return

Try it:

    python -m websockets ws://localhost:8000/raw/websocket_echo
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
        raise ValueError(f"websocket_echo speaks websocket and http, not {scope['type']}")

    # The first event is always `websocket.connect`, and the client waits for your answer to it.
    await receive()

    # A subprotocol says what the messages mean. You choose one of those the client offers, or none.
    accept = {"type": "websocket.accept"}
    if "echo" in scope.get("subprotocols", ()):
        accept["subprotocol"] = "echo"
    await send(accept)

    # The key `reason` came with version 2.3 of the specification, and an older server may not know it.
    version = scope["asgi"].get("spec_version", "2.0")
    has_reason = tuple(map(int, version.split("."))) >= (2, 3)

    while (event := await receive())["type"] != "websocket.disconnect":
        text = event.get("text")
        if text is None:
            await send({"type": "websocket.send", "bytes": event["bytes"]})
            continue
        word, _, rest = text.partition(" ")
        if word != "close":
            await send({"type": "websocket.send", "text": text})
            continue

        code, _, reason = rest.partition(" ")
        is_open = code == "1000" or (len(code) == 4 and code.isdecimal() and 3000 <= int(code) < 5000)
        # A close frame has room for 123 bytes of reason (RFC 6455, 5.5).
        if not is_open or len(reason.encode()) > 123:
            usage = "close CODE REASON: 1000 or 3000 to 4999, and at most 123 bytes"
            await send({"type": "websocket.send", "text": usage})
            continue
        close = {"type": "websocket.close", "code": int(code)}
        await send(close | {"reason": reason} if has_reason else close)
        # After your own close there is nothing left to say, and nothing that you have to wait for.
        return
