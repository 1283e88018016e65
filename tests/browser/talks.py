"""An application with something to look at, and the page around it."""

import time

from asgiscope.page import watch

SCRIPT = "</script><script>window.hacked=1</script><img src=x onerror=window.hacked=1>"


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while (event := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{event['type']}.complete"})
        await send({"type": "lifespan.shutdown.complete"})
    elif scope["type"] == "websocket":
        await echo(receive, send)
    else:
        await TALKS.get(scope["path"], hello)(receive, send)


async def echo(receive, send):
    """Say everything again, until the client leaves."""
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": event["text"]})


async def hello(receive, send, status=200, headers=(), text=b"Hello, world!\n"):
    await receive()
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(text)), *headers]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})


async def missing(receive, send):
    await hello(receive, send, 404)


async def shouts(receive, send):
    """Break a clause, twice: the names of headers are in capitals."""
    await hello(receive, send, headers=[(b"X-Shout", b"yes"), (b"X-Loud", b"yes")])


async def fails(receive, send):
    raise RuntimeError(SCRIPT)


async def scripted(receive, send):
    await hello(receive, send, headers=[(b"x-script", SCRIPT.encode())], text=SCRIPT.encode())


async def holds(receive, send):
    """Hold the event loop, so that nobody else has a turn."""
    time.sleep(0.3)  # noqa: ASYNC251 - that is what is looked at
    await hello(receive, send)


async def waits(receive, send):
    """Begin, and go on until the client leaves."""
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"wait", "more_body": True})
    while (await receive())["type"] != "http.disconnect":
        pass


async def many(receive, send):
    """Ten thousand events, less a few."""
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    for number in range(9_990):
        await send({"type": "http.response.body", "body": b"%d\n" % number, "more_body": True})
    await send({"type": "http.response.body", "body": b"end\n"})


TALKS = {
    "/missing": missing,
    "/shouts": shouts,
    "/fails": fails,
    "/scripted": scripted,
    "/holds": holds,
    "/waits": waits,
    "/many": many,
}

application = watch(app)
