r"""A response without an end: it lasts as long as somebody listens.

An ASGI application is not told that the client has left unless it asks. The news is an event,
`http.disconnect`, and it comes from `receive()`; so a stream that is meant to end with its client waits
for two things at once, the next tick and the end of the audience.

    scope http GET /raw/timer?tick=0.01
    receive http.request
    send http.response.start status=200
        content-type: text/plain; charset=utf-8
        cache-control: no-store
    send http.response.body body=b'0.0 s\n' more_body=True
    send http.response.body body=b'0.0 s\n' more_body=True
    receive http.disconnect
    return

Try it, and end it with Ctrl-C; the server sees you go:

    curl -N http://localhost:8000/raw/timer
"""

import asyncio
from urllib.parse import parse_qsl


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(f"timer speaks http, not {scope['type']}")
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return

    # After the last piece of the request, the next event can only be `http.disconnect`. But it can come
    # before the last piece, too, and then there is nobody left to answer.
    while (event := await receive()).get("more_body"):
        pass
    if event["type"] == "http.disconnect":
        return

    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    try:
        tick = float(query.get("tick", "1"))
        if not 0.01 <= tick <= 60:
            raise ValueError
    except ValueError:
        body = b"tick is 0.01 to 60 seconds\n"
        await send({"type": "http.response.start", "status": 400, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
        return

    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if scope["method"] == "HEAD":
        await send({"type": "http.response.body"})
        return

    clock = asyncio.get_running_loop()
    began = clock.time()
    gone = asyncio.ensure_future(receive())
    try:
        n = 0
        while not gone.done():
            line = f"{clock.time() - began:.1f} s\n".encode()
            await send({"type": "http.response.body", "body": line, "more_body": True})
            # Wait until the next tick is due, not for the length of one: small delays do not add up.
            n += 1
            await asyncio.wait({gone}, timeout=began + n * tick - clock.time())
    except OSError:
        # From version 2.4 of the specification, `send` raises this when the client has left, and it may
        # do so a moment before the event arrives. Both say the same thing.
        pass
    finally:
        # The server may also cancel this task, as it does when it shuts down. Whichever way it ends, no
        # task is left behind.
        gone.cancel()
