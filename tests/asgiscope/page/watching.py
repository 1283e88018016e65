"""What the tests of the page share: an application to be watched, and a browser's requests to its page."""

from contextlib import asynccontextmanager

import httpx

from asgiscope.page import watch

ROOT = "/__asgiscope__"


async def hello(scope, receive, send):
    """Answers a request, and speaks with a WebSocket until it leaves."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (event := await receive())["type"] != "websocket.disconnect":
            await send({"type": "websocket.send", "text": event["text"]})
        return
    await receive()
    headers = [(b"content-type", b"text/plain"), (b"set-cookie", b"session=kept-in-the-answer")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"Hello, world!\n"})


@asynccontextmanager
async def watched(app=hello, base="http://localhost", **options):
    """An application that is watched, and a client of it: httpx's own, as ours has a recorder around it."""
    watching = watch(app, **options)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(watching), base_url=base) as client:
        yield watching, client
