r"""A response is two events: its start, then its body.

An ASGI application is one async function. The server calls it once for every request and hands it
three things: `scope`, a dict that says what was asked; `receive`, to await what the client sends;
`send`, to say what the client shall get. That is the whole interface, and everything else in this
gallery is about which events travel over it, and when.

    scope http GET /raw/hello
    send http.response.start status=200
        content-type: text/plain; charset=utf-8
        content-length: 14
    send http.response.body body=b'Hello, world!\n'
    return

A method that you do not serve gets an answer, too, and HTTP asks you to say which ones you serve:

    scope http DELETE /raw/hello
    send http.response.start status=405
        allow: GET, HEAD
        content-length: 0
    send http.response.body
    return

Try it:

    curl -i http://localhost:8000/raw/hello
    curl -i -X DELETE http://localhost:8000/raw/hello

Or without the rest of the gallery:

    uvicorn apps.raw_asgi.hello:app
"""


async def app(scope, receive, send):
    # The server calls this function for WebSockets as well, and once for its own lifespan. What you do
    # not speak, you refuse by raising: then a server does without a lifespan, and refuses a WebSocket.
    if scope["type"] != "http":
        raise ValueError(f"hello speaks http, not {scope['type']}")

    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        # No `body` means b"", and no `more_body` means False: nothing follows.
        await send({"type": "http.response.body"})
        return

    body = b"Hello, world!\n"
    # Names and values are bytes, as on the wire, and the names are lower-case, as in HTTP/2. Nobody
    # adds a content-type for you. Without a content-length, an HTTP/1.1 server sends the body in chunks.
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})

    # The start may wait in the server until the first body event comes, so that both leave at once.
    # HEAD asks for what GET would answer, headers and all, but for the body itself.
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
