"""Applications of FastAPI's: each answers at "/"."""

import asyncio
from typing import Annotated

from fastapi import BackgroundTasks, Body, Depends, FastAPI, Request, WebSocket
from fastapi.responses import StreamingResponse

hello = FastAPI()
post = FastAPI()
stream = FastAPI()
websocket = FastAPI()
dependency = FastAPI()
background = FastAPI()
described = FastAPI()


@hello.get("/")
async def say_hello():
    return {"message": "Hello, world!"}


@post.post("/")
async def say_it_again(text: Annotated[bytes, Body(media_type="text/plain")]):
    return {"text": text.decode()}


@stream.get("/")
async def tell_in_pieces():
    async def pieces():
        for n in range(3):
            yield f"{n}\n"
            await asyncio.sleep(0.01)

    return StreamingResponse(pieces())


@websocket.websocket("/")
async def echo(socket: WebSocket):
    await socket.accept()
    while True:
        await socket.send_text(await socket.receive_text())


async def session():
    opened = ["a session"]
    try:
        yield opened
    finally:
        opened.clear()


@dependency.get("/")
async def use_session(session: Annotated[list, Depends(session)]):
    return session


@background.post("/")
def notify(tasks: BackgroundTasks):
    tasks.add_task(print, end="")
    return {"message": "It will be done."}


@described.get("/")
async def describe(request: Request, n: int = 0):
    return {"url": str(request.url), "client": request.client, "cookies": request.cookies, "n": n}


@described.websocket("/")
async def describe_websocket(socket: WebSocket, n: int = 0):
    await socket.accept()
    await socket.send_text(f"{socket.url} {socket.cookies} {n}")
    await socket.close()
