r"""The request body arrives as events, and each can be answered before the next one is there.

`http.request` brings a piece of the body and says in `more_body` whether another follows. How large
the pieces are is up to the server. This application sends each piece back and forgets it, so a
gigabyte passes through this function in constant memory, and the client hears its first byte again long
before it has sent its last: unless the server collects the whole body first, as daphne does.

    scope http POST /raw/echo
    receive http.request body=b'one, ' more_body=True
    send http.response.start status=200
        content-type: application/octet-stream
        x-content-type-options: nosniff
    send http.response.body body=b'one, ' more_body=True
    receive http.request body=b'two'
    send http.response.body body=b'two' more_body=True
    send http.response.body
    return

A client may leave half-way. Then the next event is not the rest of the body, and what is left to do
is to stop:

    scope http POST /raw/echo
    receive http.request body=b'one, ' more_body=True
    send http.response.start status=200
        content-type: application/octet-stream
        x-content-type-options: nosniff
    send http.response.body body=b'one, ' more_body=True
    receive http.disconnect
    return

Try it:

    curl -d 'Hello?' http://localhost:8000/raw/echo
    head -c 1000000000 /dev/zero | curl -T - -X POST http://localhost:8000/raw/echo | wc -c
"""


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(f"echo speaks http, not {scope['type']}")
    if scope["method"] != "POST":
        headers = [(b"allow", b"POST"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return

    # What comes back is somebody's input. It is labelled as mere bytes, so no browser runs it as a page.
    headers = [
        (b"content-type", b"application/octet-stream"),
        (b"x-content-type-options", b"nosniff"),
    ]
    started = False
    more_body = True
    while more_body:
        event = await receive()
        if event["type"] == "http.disconnect":
            return

        # Both keys may be missing: no `body` is an empty one, no `more_body` means the last one.
        more_body = event.get("more_body", False)

        # `send` returns when the server has room for more. While a slow client reads, you wait here,
        # you do not receive, and the server stops reading from the socket: back-pressure, end to end.
        # The specification does not ask for it, and daphne, for one, stores whatever you send.
        # If the client is gone, a server may also raise OSError here. There is nothing to put away, so
        # you let it pass: it goes back to the server, which knows what it means.
        if not started:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            started = True
        if event.get("body"):
            await send({"type": "http.response.body", "body": event["body"], "more_body": True})

    # The end is an event of its own, for only now is it known that nothing follows.
    await send({"type": "http.response.body"})
