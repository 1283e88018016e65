"""Starlette and MCP beside Django, event by event: the files of docs/, in this process."""

import sys
from contextlib import asynccontextmanager

import httpx2
import pytest
from django.core.signals import request_finished
from django.db import close_old_connections
from django.urls import get_script_prefix
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from starlette.applications import Starlette
from starlette.routing import Mount

from apps.django_site.asgi import application as django
from router import Router
from tests.conversation import call, lifespan, websocket
from tests.docs.pages import module

HOSTS = {"mounting.md": "localhost:8000", "beside-django.md": "testserver"}
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


@asynccontextmanager
async def running(app):
    """The application between its start and its end, as a server runs it: with the state it has kept."""
    scope = lifespan()

    async def site(connection, receive, send):
        await app({**connection, "state": dict(scope["state"])}, receive, send)

    async with call(app, scope) as server:
        await server.says("lifespan.startup")
        assert await server.hears() == {"type": "lifespan.startup.complete"}
        yield site
        await server.says("lifespan.shutdown")
        assert await server.hears() == {"type": "lifespan.shutdown.complete"}


def client_of(site, host="testserver"):
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(site), base_url=f"http://{host}")


async def initialize(site, host, **headers):
    """The answer of an MCP endpoint to the first words of a client from before 2026-07-28."""
    accept = {"accept": "application/json, text/event-stream"}
    async with client_of(site, host) as client:
        return await client.post("/tools/", json=INITIALIZE, headers={**accept, **headers})


@pytest.fixture
def live():
    return module("mounting.md", "live.py").app


async def test_starlette_starts_and_stops_with_the_server(live, capsys):
    async with running(Router({"/": django, "/live": live})):
        assert capsys.readouterr().out == "live: started\n"
    assert capsys.readouterr().out == "live: stopped\n"


async def test_state_of_starlette_reaches_its_own_connections_and_not_django(live):
    states = []

    async def watched(scope, receive, send):
        states.append(scope["state"])
        await django(scope, receive, send)

    async with running(Router({"/": watched, "/live": live})) as site, client_of(site) as client:
        for visit in (1, 2):
            response = await client.get("/live/")
            assert response.json() == {"visit": visit, "url": "http://testserver/live/"}
        assert (await client.get("/hello")).status_code == 200
    # Of its lifespan, and of the request: what else is in them is its own.
    assert ["visits" in state for state in states] == [False, False]


async def test_websocket_of_starlette_speaks_beside_django(live):
    router = Router({"/": django, "/live": live})
    async with running(router) as site, call(site, websocket("/live/echo")) as client:
        await client.says("websocket.connect")
        assert (await client.hears())["type"] == "websocket.accept"
        await client.says("websocket.receive", text="Hello")
        assert await client.hears() == {"type": "websocket.send", "text": "Hello"}
        await client.says("websocket.disconnect", code=1000)
        assert await client.returns() == []


async def test_mount_without_its_slash_is_redirected(live):
    async with client_of(Router({"/live": live})) as client:
        response = await client.get("/live")
    assert response.status_code == 307
    assert response.headers["location"] == "http://testserver/live/"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize(
    ("page", "path"),
    [
        pytest.param("mounting.md", "/hello", id="outside of a request reverse() knows no prefix"),
        pytest.param("beside-django.md", "/shop/hello", id="a prefix that is set is found"),
    ],
)
async def test_tool_asks_django(page, path, mode):
    router = Router({"/shop": django, "/tools": module(page, "tools.py").app})
    async with running(router) as site, client_of(site) as http_client:
        transport = streamable_http_client(f"http://{HOSTS[page]}/tools/", http_client=http_client)
        async with Client(transport, mode=mode) as client:
            answer = await client.call_tool("address", {"page": "hello"})
    assert answer.structured_content == {"result": path}
    assert get_script_prefix() == "/"


async def test_mcp_below_a_mount_of_starlette_is_not_started():
    tools = module("mounting.md", "tools.py").app
    async with running(Starlette(routes=[Mount("/tools", tools)])) as site:
        with pytest.raises(RuntimeError, match="Task group is not initialized"):
            await initialize(site, "localhost:8000")


async def test_without_a_lifespan_neither_is_started(live):
    router = Router({"/live": live, "/tools": module("mounting.md", "tools.py").app})
    with pytest.raises(RuntimeError, match="Task group is not initialized"):
        await initialize(router, "localhost:8000")
    async with client_of(router) as client:
        with pytest.raises(AttributeError, match="visits"):
            await client.get("/live/")


@pytest.mark.parametrize(
    ("page", "host", "origin", "status"),
    [
        pytest.param("mounting.md", "localhost:8000", None, 200, id="localhost with a port"),
        pytest.param("mounting.md", "localhost", None, 421, id="localhost without a port"),
        pytest.param("mounting.md", "shop.example", None, 421, id="a host nobody has named"),
        pytest.param("mounting.md", "localhost:8000", "http://shop.example", 403, id="a page from elsewhere"),
        pytest.param("beside-django.md", "testserver", None, 200, id="an allowed host of Django's"),
        pytest.param("beside-django.md", "testserver:8000", None, 421, id="its name with a port"),
    ],
)
async def test_mcp_answers_only_to_names_it_was_given(page, host, origin, status):
    headers = {"origin": origin} if origin else {}
    async with running(Router({"/tools": module(page, "tools.py").app})) as site:
        assert (await initialize(site, host, **headers)).status_code == status


@pytest.mark.parametrize(
    ("page", "opens", "to_another"),
    [
        pytest.param("mounting.md", True, 404, id="with sessions"),
        pytest.param("beside-django.md", False, 200, id="without"),
    ],
)
async def test_session_is_known_to_one_process_only(page, opens, to_another):
    async with running(Router({"/tools": module(page, "tools.py").app})) as site:
        response = await initialize(site, HOSTS[page])
        assert ("mcp-session-id" in response.headers) is opens
        response = await initialize(site, HOSTS[page], **{"mcp-session-id": "of another process"})
        assert response.status_code == to_another


async def test_django_closes_connections_after_requests_of_its_own_only(live):
    assert request_finished.disconnect(close_old_connections)
    request_finished.connect(close_old_connections)
    finished = []

    def note(sender, **kwargs):
        finished.append(sender)

    request_finished.connect(note)
    async with running(Router({"/": django, "/live": live})) as site, client_of(site) as client:
        await client.get("/live/")
        assert finished == []
        await client.get("/hello")
    assert len(finished) == 1


async def test_websocket_that_django_would_get_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "tools", module("beside-django.md", "tools.py"))
    site = module("beside-django.md", "mysite/asgi.py")
    async with call(site.django, websocket("/shop/chat")) as client:
        with pytest.raises(ValueError, match="Django can only handle ASGI/HTTP connections"):
            await client.returns()
    async with call(site.application, websocket("/shop/chat")) as client:
        await client.says("websocket.connect")
        assert await client.returns() == [{"type": "websocket.close"}]
