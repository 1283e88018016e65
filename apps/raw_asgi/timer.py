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

Several timers are one wait, too: for whichever is due first.

    scope http GET /raw/timer?tick=0.1+60
    receive http.request
    send http.response.start status=200
        content-type: text/plain; charset=utf-8
        cache-control: no-store
    send http.response.body body=b'0.0 s, every 0.1 s\n' more_body=True
    send http.response.body body=b'0.0 s, every 60 s\n' more_body=True
    send http.response.body body=b'0... s, every 0.1 s\n' more_body=True
    receive http.disconnect
    return

An answer that has waited for several things at once has taken as long as the longest of them.

    scope http GET /raw/timer/elapsed?tick=0.01+0.03+0.02
    receive http.request
    send http.response.start status=200
        content-type: text/plain; charset=utf-8
        cache-control: no-store
    send http.response.body body=b'0.01 s, 0.03 s, 0.02 s, all at once: ... s\n'
    return

Try it, and end the first with Ctrl-C; the server sees you go:

    curl -N 'http://localhost:8000/raw/timer?tick=1+0.4'
    curl 'http://localhost:8000/raw/timer/elapsed?tick=1+0.4'
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
        # In a query, a plus is a space.
        ticks = [float(tick) for tick in query.get("tick", "1").split()]
        if not 1 <= len(ticks) <= 10 or not all(0.01 <= tick <= 60 for tick in ticks):
            raise ValueError
    except ValueError:
        body = b"tick is 0.01 to 60 seconds; ten at most, with + between them\n"
        await send({"type": "http.response.start", "status": 400, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
        return

    if scope["method"] == "HEAD":
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body"})
        return

    clock = asyncio.get_running_loop()
    began = clock.time()
    gone = asyncio.ensure_future(receive())
    try:
        if scope["path"].endswith("/elapsed"):

            async def all_at_once():
                await asyncio.gather(*map(asyncio.sleep, ticks))

            waits = asyncio.create_task(all_at_once())
            try:
                await asyncio.wait({waits, gone}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                waits.cancel()
                await asyncio.wait({waits})
            if not gone.done():
                each = "".join(f"{tick:g} s, " for tick in ticks)
                line = f"{each}all at once: {clock.time() - began:.2f} s\n".encode()
                await send({"type": "http.response.start", "status": 200, "headers": headers})
                await send({"type": "http.response.body", "body": line})
            return

        await send({"type": "http.response.start", "status": 200, "headers": headers})
        due = dict.fromkeys(range(len(ticks)), 0.0)
        while not gone.done():
            n = min(due, key=due.get)
            which = f", every {ticks[n]:g} s" if len(ticks) > 1 else ""
            line = f"{clock.time() - began:.1f} s{which}\n".encode()
            await send({"type": "http.response.body", "body": line, "more_body": True})
            # Wait until the next tick is due, not for the length of one: small delays do not add up.
            due[n] += ticks[n]
            await asyncio.wait({gone}, timeout=began + min(due.values()) - clock.time())
    except OSError:
        # From version 2.4 of the specification, `send` raises this when the client has left, and it may
        # do so a moment before the event arrives. Both say the same thing.
        pass
    finally:
        # The server may also cancel this task, as it does when it shuts down. Whichever way it ends, no
        # task is left behind.
        gone.cancel()
