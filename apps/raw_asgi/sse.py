r"""Server-sent events: a stream that a browser reads, and takes up again where it broke off.

The format is text: fields, one a line, and an empty line after each event. An `id` is what makes it
robust: when the connection breaks, the browser comes back by itself and says in `Last-Event-ID` what it
has seen. A server that keeps its promise then sends what was missed, and goes on.

Here event number N is the N-th tick of the clock, so every worker of every server agrees on it.

    scope http GET /raw/sse?every=60
    receive http.request
    send http.response.start status=200
        content-type: text/event-stream
        cache-control: no-store
    send http.response.body body=b'id: ...\nevent: tick\ndata: ...\n\n' more_body=True
    receive http.disconnect
    return

A line that begins with a colon is a comment. Sent after a while of silence, it keeps proxies from
closing a connection that is only quiet:

    scope http GET /raw/sse?every=60&heartbeat=0.01
    receive http.request
    send http.response.start status=200
        content-type: text/event-stream
        cache-control: no-store
    send http.response.body body=b'id: ...\nevent: tick\ndata: ...\n\n' more_body=True
    send http.response.body body=b': still here\n\n' more_body=True
    receive http.disconnect
    return

Try it:

    curl -N http://localhost:8000/raw/sse
    curl -N -H "Last-Event-ID: $(($(date +%s) - 5))" http://localhost:8000/raw/sse
"""

import asyncio
import time
from urllib.parse import parse_qsl

REPLAYED = 100  # events; a client that has missed more does without the older ones


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(f"sse speaks http, not {scope['type']}")
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return
    while (event := await receive()).get("more_body"):
        pass
    if event["type"] == "http.disconnect":
        return

    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    seen = {name.lower(): value for name, value in scope["headers"]}.get(b"last-event-id")
    try:
        every, heartbeat = float(query.get("every", "1")), float(query.get("heartbeat", "15"))
        if not (0.01 <= every <= 60 and 0.01 <= heartbeat <= 60):
            raise ValueError
        seen = None if seen is None else int(seen)
    except ValueError:
        body = b"every and heartbeat are 0.01 to 60 seconds, Last-Event-ID is a number\n"
        headers = [(b"content-type", b"text/plain; charset=utf-8")]
        await send({"type": "http.response.start", "status": 400, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
        return

    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if scope["method"] == "HEAD":
        await send({"type": "http.response.body"})
        return

    # A new client starts with the newest event. One that comes back starts after the last it saw, and
    # one that claims to have seen the future starts now.
    newest = int(time.time() / every)
    last = newest - 1 if seen is None else min(seen, newest)

    gone = asyncio.ensure_future(receive())
    try:
        while not gone.done():
            newest = int(time.time() / every)
            for n in range(max(last, newest - REPLAYED) + 1, newest + 1):
                event = f"id: {n}\nevent: tick\ndata: {n}\n\n".encode()
                await send({"type": "http.response.body", "body": event, "more_body": True})
            last = max(last, newest)
            until_next = max((last + 1) * every - time.time(), 0)
            await asyncio.wait({gone}, timeout=min(until_next, heartbeat))
            if heartbeat < until_next and not gone.done():
                await send({"type": "http.response.body", "body": b": still here\n\n", "more_body": True})
    except OSError:
        # The client has left, and `send` knew it before `receive` did.
        pass
    finally:
        gone.cancel()
