r"""A middleware is an application that calls another one.

It stands between the server and the application and may change what passes: the scope on the way in, the
events on the way out, by handing on a `send` of its own. To the server it behaves as an application, to the
application as a server, and it owes to each what the protocol says.

This one gives every request an id, tells how long the response took to start, and makes all plain text
upper-case. Below it stands an application that knows nothing of all this.

    scope http GET /raw/middleware
        x-request-id: abc-123
    send http.response.start status=200
        content-type: text/plain; charset=utf-8
        x-request-id: abc-123
        server-timing: app;dur=...
    send http.response.body body=b'THIS IS REQUEST ABC-123.\n'
    return

Try it:

    curl -i -H 'X-Request-ID: abc-123' http://localhost:8000/raw/middleware
"""

import re
import time
import uuid


async def inner(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(f"middleware speaks http, not {scope['type']}")
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return
    body = f"This is request {scope['request_id']}.\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def middleware(app):
    """Return an application that calls `app` and changes what it says."""

    async def wrapped(scope, receive, send):
        # What you do not understand is not yours to stop: lifespan and WebSocket pass as they came.
        if scope["type"] != "http":
            await app(scope, receive, send)
            return

        # An id from outside is welcome if it is harmless. It goes into a header and into logs.
        received = list(scope["headers"])
        given = {name.lower(): value for name, value in received}.get(b"x-request-id", b"")
        request_id = given if re.fullmatch(rb"[\w-]{1,64}", given) else uuid.uuid4().hex.encode()

        # The scope belongs to the server, so the application gets a copy. What would let bytes go by
        # unseen is no longer offered: a file that the server sends itself could not be rewritten here.
        by_itself = ("http.response.pathsend", "http.response.zerocopysend")
        offered = (scope.get("extensions") or {}).items()
        scope = {
            **scope,
            "headers": received,
            "request_id": request_id.decode(),
            "extensions": {name: value for name, value in offered if name not in by_itself},
        }
        began = time.perf_counter()
        is_text = False

        async def send_changed(event):
            nonlocal is_text
            if event["type"] == "http.response.start":
                # Any iterable of pairs is allowed here, even one that can be read only once.
                # Names have to be lower-case, but Django writes them in another way.
                headers = [(name.lower(), value) for name, value in event.get("headers", ())]
                headers = [(name, value) for name, value in headers if name != b"x-request-id"]
                named = dict(headers)
                # What is compressed is no text, and a tag or a digest speaks of the bytes as they are.
                is_text = named.get(b"content-type", b"").startswith(b"text/plain")
                is_text = is_text and not named.keys() & {b"content-encoding", b"content-digest", b"etag"}
                took = (time.perf_counter() - began) * 1000
                headers.append((b"x-request-id", request_id))
                headers.append((b"server-timing", b"app;dur=%.1f" % took))
                event = {**event, "headers": headers}
            elif event["type"] == "http.response.body" and is_text:
                # Upper-case ASCII is as long as lower-case, so a content-length stays true. A change that
                # alters the length has to leave that header out, or to hold the start back.
                event = {**event, "body": event.get("body", b"").upper()}
            # Every other type goes through: trailers, hints, and what will be invented next year.
            await send(event)

        await app(scope, receive, send_changed)

    return wrapped


app = middleware(inner)
