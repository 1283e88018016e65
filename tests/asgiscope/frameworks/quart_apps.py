"""Applications of Quart's: each answers at "/"."""

import asyncio

from quart import Quart, make_response, request, websocket

hello = Quart(__name__)
post = Quart(__name__)
stream = Quart(__name__)
sse = Quart(__name__)
socket = Quart(__name__)
described = Quart(__name__)


@hello.get("/")
async def say_hello():
    return "Hello, world!\n"


@post.post("/")
async def say_it_again():
    return await request.get_data()


@stream.get("/")
async def tell_in_pieces():
    async def pieces():
        for n in range(3):
            yield f"{n}\n".encode()
            await asyncio.sleep(0.01)

    return pieces()


@sse.get("/")
async def send_events():
    async def events():
        n = 0
        while True:
            n += 1
            yield f"data: {n}\n\n".encode()
            await asyncio.sleep(0.01)

    response = await make_response(events(), {"Content-Type": "text/event-stream"})
    response.timeout = None
    return response


@socket.websocket("/")
async def echo():
    while True:
        await websocket.send(await websocket.receive())


@described.get("/")
async def describe():
    return {
        "url": request.url,
        "client": request.remote_addr,
        "cookies": request.cookies,
        "query": request.args,
    }


@described.websocket("/")
async def describe_websocket():
    await websocket.receive()
    await websocket.send(f"{websocket.url} {websocket.args} {websocket.cookies}")
