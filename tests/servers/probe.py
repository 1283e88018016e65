"""An application that tells what its server does: in its answers, and on standard error."""

import asyncio
import json
import os
import sys


def tell(what):
    print(f"probe {os.getpid()} {what}", file=sys.stderr, flush=True)


async def app(scope, receive, send):
    await {"lifespan": lifespan, "websocket": websocket, "http": http}[scope["type"]](scope, receive, send)


def told(scope):
    """The scope as JSON, without the headers; what JSON cannot say is its repr."""
    return json.dumps({key: value for key, value in scope.items() if key != "headers"}, default=repr)


async def lifespan(scope, receive, send):
    for event in ("lifespan.startup", "lifespan.shutdown"):
        assert (await receive())["type"] == event
        tell(event)
        await send({"type": f"{event}.complete"})


async def websocket(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept", "headers": [(b"x-probe", b"accepted")]})
    await send({"type": "websocket.send", "text": told(scope)})
    event = await receive()
    if event["type"] == "websocket.receive":
        await send({"type": "websocket.close", "code": 4001, "reason": "enough"})


async def http(scope, receive, send):
    tell("http")
    path = scope["path"].removeprefix(scope["root_path"])
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    if path == "/read":
        while (await receive()).get("more_body"):
            pass
    elif path == "/error":
        raise RuntimeError("asked for by the test")
    elif path == "/silent":
        return
    elif path == "/title-case":
        start["headers"] = [(b"Content-Type", b"text/plain")]
    elif path == "/bare-start":
        del start["headers"]
    elif path == "/trailers":
        start["trailers"] = True
    await send(start)
    if path == "/break":
        await send({"type": "http.response.body", "body": b"begun\n", "more_body": True})
        raise RuntimeError("asked for by the test")
    if path == "/flood":
        for _ in range(32):
            await send({"type": "http.response.body", "body": bytes(1_000_000), "more_body": True})
        tell("flooded")
        await send({"type": "http.response.body"})
    elif path in ("/slow", "/endless"):
        await send({"type": "http.response.body", "body": b"begun\n", "more_body": True})
        await asyncio.sleep(1 if path == "/slow" else 60)
        await send({"type": "http.response.body", "body": b"ended\n"})
        tell("ended")
    else:
        await send({"type": "http.response.body", "body": told(scope).encode()})
    if path == "/trailers":
        await send({"type": "http.response.trailers", "headers": [(b"x-probe", b"trailer")]})
