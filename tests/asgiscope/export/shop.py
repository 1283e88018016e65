"""Applications that tests are made of. This file is copied, changed and imported by those tests."""

import asyncio
import secrets


async def read(receive):
    body, more = b"", True
    while more:
        event = await receive()
        body += event.get("body", b"")
        more = event.get("more_body", False)
    return body


async def echo(scope, receive, send):
    body = await read(receive)
    headers = [(b"content-type", b"text/plain"), (b"set-cookie", b"id=" + secrets.token_hex().encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body[:9], "more_body": True})
    await send({"type": "http.response.body", "body": body[9:]})


async def quote(scope, receive, send):
    await read(receive)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b'it\'s "nothing"\\', "more_body": False})


async def ticker(scope, receive, send):
    async def tick():
        while True:
            await send({"type": "http.response.body", "body": b"tick", "more_body": True})

    await read(receive)
    await send({"type": "http.response.start", "status": 200})
    ticking = asyncio.create_task(tick())
    await receive()
    ticking.cancel()
    await asyncio.wait({ticking})


async def unfinished(scope, receive, send):
    await read(receive)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"one", "more_body": True})


async def talk(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": event["text"][::-1]})


async def fail(scope, receive, send):
    raise ValueError("it's \\n a fault")


async def replay(scope, receive, send):
    await fail(scope, receive, send)


class Shop:
    site = staticmethod(quote)
