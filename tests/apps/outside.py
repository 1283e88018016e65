"""An outside service in the hands of a test, on a real port; and the pages that ask it, raw and Django's."""

import asyncio
import json
import socket
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

import pytest
from django.test import override_settings
from hypercorn.asyncio import serve
from hypercorn.config import Config

from apps.django_site.asgi import application as django
from apps.raw_asgi import films, films_api, progressive
from apps.raw_asgi.films_api import trouble_with
from router import Router
from tests.conversation import call, http, lifespan

SITE = Router({"/raw/films": films.app, "/raw/progressive": progressive.app, "/django": django})


class Service:
    """What stands around the application of a service, and notes who asks it for what."""

    def __init__(self, app=films_api.app):
        self.app = app
        self.asked = []  # pairs of a film and the number of the attempt
        self.left = []  # films whose client has not waited for them
        self.at_once = self.most = 0

    async def __call__(self, scope, receive, send):
        query = dict(parse_qsl(scope["query_string"].decode()))
        film = scope["path"].removeprefix("/")
        self.asked.append((film, int(query.get("attempt", "1"))))
        self.at_once += 1
        self.most = max(self.most, self.at_once)

        async def noted_receive():
            event = await receive()
            if event["type"] == "http.disconnect":
                self.left.append(film)
            return event

        try:
            await self.app(scope, noted_receive, send)
        finally:
            self.at_once -= 1


def seed_of(*kinds):
    """A seed with which the first film has these troubles, one after the other."""
    return next(
        seed
        for seed in range(100_000)
        if [trouble_with("1", attempt, seed, 50) for attempt, _ in enumerate(kinds, 1)] == [*kinds]
    )


def answering(answer):
    """An application that answers what `answer(film)` returns: a status, headers, and a body."""

    async def app(scope, receive, send):
        await receive()
        gone = asyncio.ensure_future(receive())
        made = asyncio.ensure_future(answer(scope["path"].removeprefix("/")))
        try:
            await asyncio.wait({gone, made}, return_when=asyncio.FIRST_COMPLETED)
            if not made.done():
                return
            status, headers, body = made.result()
        finally:
            gone.cancel()
            made.cancel()
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def film(title, year=1999):
    """What the service answers for a film that it has."""
    return 200, [(b"content-type", b"application/json")], json.dumps({"title": title, "year": year}).encode()


@asynccontextmanager
async def serving(app):
    """The application on a port of 127.0.0.1, over HTTP/1.1 and HTTP/2; the URL of it."""

    async def of_http(scope, receive, send):
        if scope["type"] != "http":
            raise ValueError(f"the service speaks http, not {scope['type']}")
        await app(scope, receive, send)

    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    config = Config()
    config.errorlog = None
    config.bind = [f"fd://{listener.detach()}"]
    stop = asyncio.Event()
    server = asyncio.create_task(serve(of_http, config, shutdown_trigger=stop.wait))
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        stop.set()
        await server


@asynccontextmanager
async def asked_of(url, http2="0"):
    """The state of a site that has started with the service at this URL, and stops at the end."""
    scope = lifespan()
    with (
        pytest.MonkeyPatch.context() as environment,
        override_settings(FILMS_API_URL=url, FILMS_API_HTTP2=http2 == "1"),
    ):
        environment.setenv("FILMS_API_URL", url)
        environment.setenv("FILMS_API_HTTP2", http2)
        async with call(SITE, scope) as server:
            await server.says("lifespan.startup")
            assert await server.hears() == {"type": "lifespan.startup.complete"}
            yield scope["state"]
            await server.says("lifespan.shutdown")
            assert await server.returns() == [{"type": "lifespan.shutdown.complete"}]


async def site(scope, receive, send):
    """The pages, with the header names of Django in lower case, as `call` demands and Django does not."""

    async def send_lowered(event):
        if "headers" in event:
            event = {**event, "headers": [(name.lower(), value) for name, value in event["headers"]]}
        await send(event)

    await SITE(scope, receive, send_lowered)


def visit(target, state, method="GET", **more):
    """A conversation with a page; see `call`."""
    return call(site, http(method, target, state=dict(state), **more))


async def page(target, state, **more):
    """The status, the headers and the text of a page."""
    async with visit(target, state, **more) as client:
        await client.says("http.request")
        start, *bodies = await client.returns()
    text = b"".join(body.get("body", b"") for body in bodies).decode()
    return start["status"], dict(start["headers"]), text
