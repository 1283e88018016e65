"""The state of an application's lifespan reaches its own connections, and nobody else's."""

from contextlib import asynccontextmanager

import pytest
from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from apps.django_site.asgi import application as django
from router import Router
from tests.conversation import call, http, lifespan, websocket
from tests.lifespans import (
    STARTED,
    STOPPED,
    nothing_runs_on,  # noqa: F401 - a fixture, for every test here
    starts,
    stops,
    well_behaved,
)


@pytest.fixture
def log():
    """What the applications of a test did, in order."""
    return []


def keeps(log, name, **state):
    """An application that keeps something from start-up on, and logs what its connections are given."""
    live = well_behaved(name, [], **state)

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await live(scope, receive, send)
        else:
            log.append((name, scope["state"]))

    return app


@asynccontextmanager
async def serving(app):
    """The app while it serves: a function that makes a connection to it as a server with `state` does."""
    scope = lifespan()

    async def connect(connection):
        # Each connection gets a shallow copy of what the lifespan has kept (lifespan.rst, Lifespan State).
        async with call(app, {**connection, "state": scope["state"].copy()}) as client:
            await client.says("http.request" if connection["type"] == "http" else "websocket.connect")
            return await client.returns()

    async with call(app, scope) as server:
        assert await starts(server) == STARTED
        yield connect
        assert await stops(server) == [STOPPED]


@pytest.mark.parametrize("connection", [http, websocket])
async def test_state_of_an_application_is_in_its_own_connections_and_in_no_others(connection, log):
    mounts = {"/a": keeps(log, "a", db="a's"), "/b": keeps(log, "b", db="b's", more=1)}
    async with serving(Router(mounts, default=keeps(log, "default"))) as connect:
        for path in ("/a/x", "/b", "/"):
            await connect(connection(path=path))
    assert log == [("a", {"db": "a's"}), ("b", {"db": "b's", "more": 1}), ("default", {})]


async def test_state_of_the_default_is_in_its_own_connections(log):
    async with serving(Router({"/a": keeps(log, "a")}, default=keeps(log, "default", db=1))) as connect:
        await connect(http(target="/"))
        await connect(http(target="/a"))
    assert log == [("default", {"db": 1}), ("a", {})]


async def test_both_mounts_of_one_application_see_its_state(log):
    app = keeps(log, "app", db=1)
    async with serving(Router({"/a": app, "/b": app, "/c": keeps(log, "c")})) as connect:
        for path in ("/a", "/b", "/c"):
            await connect(http(target=path))
    assert log == [("app", {"db": 1}), ("app", {"db": 1}), ("c", {})]


async def test_state_finds_its_way_through_nested_routers(log):
    inner = Router({"/x": keeps(log, "x", db="x's"), "/y": keeps(log, "y", db="y's")})
    async with serving(Router({"/a": inner, "/b": keeps(log, "b", db="b's")})) as connect:
        for path in ("/a/x", "/a/y", "/b"):
            await connect(http(target=path))
    assert log == [("x", {"db": "x's"}), ("y", {"db": "y's"}), ("b", {"db": "b's"})]


async def test_connections_share_what_is_kept_and_not_the_dict_it_is_kept_in(log):
    kept = ["the same list"]
    async with serving(Router({"/a": keeps(log, "a", kept=kept)})) as connect:
        await connect(http(target="/a"))
        [(_, first)] = log
        first["mine"] = True
        await connect(http(target="/a"))
    _, second = log[1]
    assert second == {"kept": ["the same list"]}
    assert second["kept"] is kept


async def test_what_somebody_in_front_of_the_router_put_into_the_state_is_still_there(log):
    async def in_front(scope, receive, send):
        if scope["type"] == "http":
            scope["state"]["user"] = "Ann"
        await router(scope, receive, send)

    router = Router({"/a": keeps(log, "a", db=1)})
    async with serving(in_front) as connect:
        await connect(http(target="/a"))
    assert log == [("a", {"user": "Ann", "db": 1})]


async def test_server_without_state_has_applications_without_state(log):
    async def app(scope, receive, send):
        log.append("state" in scope)
        if scope["type"] == "lifespan":
            await well_behaved("app", log)(scope, receive, send)

    scope = lifespan()
    del scope["state"]
    router = Router({"/a": app})
    async with call(router, scope) as server:
        assert await starts(server) == STARTED
        async with call(router, http(target="/a")) as client:
            await client.returns()
        assert await stops(server) == [STOPPED]
    assert log == [False, "app starts", False, "app stops"]


async def test_applications_get_lifespan_scopes_of_their_own(log):
    async def app(scope, receive, send):
        scope["mine"] = True
        scope["state"]["mine"] = True
        log.append(scope)

    async def other(scope, receive, send):
        log.append(scope)

    theirs = lifespan()
    async with call(Router({"/a": app, "/b": other}), theirs) as server:
        assert await starts(server) == STARTED
        assert await stops(server) == [STOPPED]
    assert "mine" not in theirs
    assert log[1] == lifespan()


async def test_starlette_has_its_lifespan_and_its_state_beside_django_which_has_none(caplog):
    @asynccontextmanager
    async def lifetime(app):
        log.append("starts")
        yield {"visits": [1, 2, 3]}
        log.append("stops")

    async def visits(request):
        return JSONResponse({"visits": request.state.visits, "url": str(request.url_for("visits"))})

    log = []
    starlette = Starlette(routes=[Route("/visits", visits)], lifespan=lifetime)
    router = Router({"/django": django, "/starlette": starlette})
    async with serving(router) as connect, AsyncClient(transport=ASGITransport(router)) as browser:
        _, body = await connect(http(target="/starlette/visits"))
        hello = await browser.get("http://testserver/django/hello")
    assert body["body"] == b'{"visits":[1,2,3],"url":"http://testserver/starlette/visits"}'
    assert hello.text == "Hello, world!\n"
    assert log == ["starts", "stops"]
    assert "router" not in {record.name for record in caplog.records}
