"""Applications of Starlette's: each answers at "/"."""

import asyncio
from contextlib import asynccontextmanager
from itertools import count

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute


async def echo(websocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


def site(page, websocket=echo, **more):
    """An application of one page, and of one WebSocket."""
    routes = [Route("/", page, methods=["GET", "POST"]), WebSocketRoute("/", websocket)]
    return Starlette(routes=routes, **more)


async def say_hello(request):
    return PlainTextResponse("Hello, world!\n")


async def say_it_again(request):
    return PlainTextResponse(await request.body())


async def tell_in_pieces(request):
    async def pieces():
        for n in range(3):
            yield f"{n}\n"
            await asyncio.sleep(0.01)

    return StreamingResponse(pieces())


async def tell_for_ever(request):
    async def pieces():
        for n in count():
            yield f"{n}\n"
            await asyncio.sleep(0.01)

    return StreamingResponse(pieces())


async def wait_for_news(request):
    await asyncio.sleep(0.2)
    return PlainTextResponse("news\n")


async def wait_until_they_leave(request):
    while not await request.is_disconnected():  # noqa: ASYNC110 (Starlette has no other way to wait for it)
        await asyncio.sleep(0.01)
    return PlainTextResponse("nobody reads this\n")


async def send_this_file(request):
    return FileResponse(__file__)


async def have_not_modified_it(request):
    return Response(status_code=304, headers={"etag": '"1"', "content-length": "14"})


async def send_a_view_of_memory(request):
    return Response(memoryview(b"Hello, world!\n"))


async def describe_request(request):
    told = {
        "url": str(request.url),
        "base": str(request.base_url),
        "client": request.client,
        "cookies": request.cookies,
        "query": dict(request.query_params),
        "type": request.headers.get("content-type"),
    }
    return JSONResponse(told)


async def describe_websocket(websocket):
    await websocket.accept()
    await websocket.send_text(f"{websocket.url} {dict(websocket.query_params)} {websocket.cookies}")
    await websocket.close()


async def count_visits(request):
    return PlainTextResponse(f"visit {next(request.state.visits)}\n")


@asynccontextmanager
async def visits_from_one(app):
    yield {"visits": count(1)}


async def count_in_session(request):
    request.session["visits"] = request.session.get("visits", 0) + 1
    return PlainTextResponse(f"visit {request.session['visits']}\n")


class Named(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        response = await call_next(request)
        response.headers["x-name"] = "asgiscope"
        return response


hello = site(say_hello)
nobody = Starlette(routes=[Route("/", say_hello)])
post = site(say_it_again)
stream = site(tell_in_pieces)
endless = site(tell_for_ever)
long_poll = site(wait_for_news)
watching = site(wait_until_they_leave)
file = site(send_this_file)
not_modified = site(have_not_modified_it)
memory = site(send_a_view_of_memory)
described = site(describe_request, describe_websocket)
state = site(count_visits, lifespan=visits_from_one)
middleware = site(
    count_in_session,
    middleware=[
        Middleware(GZipMiddleware, minimum_size=1),
        Middleware(Named),
        Middleware(SessionMiddleware, secret_key="not a secret"),  # noqa: S106
    ],
)
