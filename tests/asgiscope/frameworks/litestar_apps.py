"""Applications of Litestar's: each answers at "/"."""

import asyncio
from typing import Any

from litestar import Litestar, Request, WebSocket, get, websocket
from litestar import post as on_post
from litestar.handlers import websocket_listener
from litestar.response import ServerSentEvent, Stream


@get("/")
async def say_hello() -> str:
    return "Hello, world!\n"


@on_post("/")
async def say_it_again(request: Request[Any, Any, Any]) -> bytes:
    return await request.body()


@get("/")
async def tell_in_pieces() -> Stream:
    async def pieces():
        for n in range(3):
            yield f"{n}\n"
            await asyncio.sleep(0.01)

    return Stream(pieces())


@get("/")
async def send_events() -> ServerSentEvent:
    async def events():
        n = 0
        while True:
            n += 1
            yield str(n)
            await asyncio.sleep(0.01)

    return ServerSentEvent(events())


@get("/")
async def describe(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return {
        "url": str(request.url),
        "base": str(request.base_url),
        "client": request.client,
        "cookies": request.cookies,
        "query": request.query_params.dict(),
    }


@websocket("/")
async def describe_websocket(socket: WebSocket[Any, Any, Any]) -> None:
    await socket.accept()
    await socket.send_text(f"{socket.url} {socket.query_params.dict()} {socket.cookies}")
    await socket.close()


@websocket("/")
async def echo(socket: WebSocket[Any, Any, Any]) -> None:
    await socket.accept()
    while True:
        await socket.send_text(await socket.receive_text())


@websocket_listener("/")
async def answer(data: str) -> str:
    return data


hello = Litestar([say_hello])
post = Litestar([say_it_again])
stream = Litestar([tell_in_pieces])
sse = Litestar([send_events])
socket = Litestar([echo])
listener = Litestar([answer])
described = Litestar([describe, describe_websocket])
