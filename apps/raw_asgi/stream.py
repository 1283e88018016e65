r"""A response may leave in pieces, with time in between.

The status and the headers leave once. The body leaves in as many `http.response.body` events as you
like, each sent to the client as it comes; `more_body` says whether another follows. The server's loop
goes on meanwhile: while this response waits, it holds a thousand others.

    scope http GET /raw/stream?n=2&delay=0
    receive http.request
    send http.response.start status=200
        content-type: text/plain; charset=utf-8
    send http.response.body body=b'chunk 1 of 2\n' more_body=True
    send http.response.body body=b'chunk 2 of 2\n' more_body=False
    return

What cannot be done is refused before it is begun, while there is still a status to give:

    scope http GET /raw/stream?n=0
    receive http.request
    send http.response.start status=400
        content-type: text/plain; charset=utf-8
    send http.response.body body=b'n is 1 to 1000 chunks, delay 0 to 10 seconds\n'
    return

Try it:

    curl -N 'http://localhost:8000/raw/stream?n=5&delay=0.5'
"""

import asyncio
from urllib.parse import parse_qsl


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(f"stream speaks http, not {scope['type']}")
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return

    # Read the request to its end, though you have no use for a body: only then does the next event
    # mean that the client has left.
    while (event := await receive()).get("more_body"):
        pass
    if event["type"] == "http.disconnect":
        return

    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    try:
        n, delay = int(query.get("n", "5")), float(query.get("delay", "0.5"))
        if not (1 <= n <= 1000 and 0 <= delay <= 10):
            raise ValueError
    except ValueError:
        body = b"n is 1 to 1000 chunks, delay 0 to 10 seconds\n"
        await send({"type": "http.response.start", "status": 400, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
        return

    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if scope["method"] == "HEAD":
        await send({"type": "http.response.body"})
        return

    # `time.sleep` would stop the loop, and with it every connection of this process. Waiting for the
    # client to leave, with the delay as a limit, stops nothing, and ends when there is nobody to wait for.
    # What `receive()` returns need not be a coroutine, so it is `ensure_future` that makes a task of it.
    gone = asyncio.ensure_future(receive())
    try:
        for i in range(1, n + 1):
            chunk = f"chunk {i} of {n}\n".encode()
            await send({"type": "http.response.body", "body": chunk, "more_body": i < n})
            if i < n:
                await asyncio.wait({gone}, timeout=delay)
            if gone.done():
                return
    except OSError:
        # The client has left, and `send` knew it before `receive` did.
        pass
    finally:
        gone.cancel()
