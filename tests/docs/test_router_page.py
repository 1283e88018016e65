"""The tables of docs/router.md: each row is a case here, and each case is a row there."""

import asyncio
import re

import pytest

from router import Router
from tests.conversation import call, lifespan
from tests.docs.pages import PAGES

ROW = re.compile(r"^\| (.+?) \| `(lifespan\.\S+)` (?:\| `(lifespan\.\S+)` )?\|$", re.MULTILINE)
ROWS = ROW.findall(PAGES["router.md"])
AT_STARTUP = {what: {"auto": auto, "on": on} for what, auto, on in ROWS if on}
AT_SHUTDOWN = {what: answer for what, answer, on in ROWS if not on}


async def raises_at_once(scope, receive, send):
    raise ValueError("no use for it")


async def raises(scope, receive, send):
    event = await receive()
    raise OSError(f"no database at {event['type']}")


async def returns(scope, receive, send):
    await receive()


async def says_something_else(scope, receive, send):
    await receive()
    await send({"type": "http.response.body"})


async def fails(scope, receive, send):
    event = await receive()
    await send({"type": f"{event['type']}.failed", "message": "no database"})


async def says_nothing(scope, receive, send):
    await receive()
    await asyncio.Event().wait()


def once_started(rest):
    """An application that starts, and then does the rest."""

    async def app(scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await rest(scope, receive, send)

    return app


async def leaves(scope, receive, send):
    """Nothing is left to do."""


STARTUPS = {
    "raises before it awaits an event: Django": raises_at_once,
    "raises after `lifespan.startup`": raises,
    "returns without an answer": returns,
    "sends what is no answer": says_something_else,
    "sends `lifespan.startup.failed`": fails,
    "says nothing until the time is up": says_nothing,
}
SHUTDOWNS = {
    "has returned or raised since it started": [leaves, raises_at_once],
    "raises or returns without an answer": [raises, returns],
    "sends `lifespan.shutdown.failed`": [fails],
    "says nothing until the time is up": [says_nothing],
}


class Neighbour:
    """An application that does as it is told, and keeps what it was told."""

    def __init__(self):
        self.heard = []

    async def __call__(self, scope, receive, send):
        while len(self.heard) < 2:
            self.heard.append((await receive())["type"])
            await send({"type": f"{self.heard[-1]}.complete"})


def test_every_row_is_a_case():
    assert list(AT_STARTUP) == list(STARTUPS)
    assert list(AT_SHUTDOWN) == list(SHUTDOWNS)


@pytest.mark.parametrize("mode", ["auto", "on"])
@pytest.mark.parametrize("row", STARTUPS)
async def test_router_starts_as_the_table_says(row, mode):
    neighbour = Neighbour()
    router = Router({"/first": neighbour, "/app": STARTUPS[row]}, lifespan=mode, timeout=0.2)
    async with call(router, lifespan()) as server:
        await server.says("lifespan.startup")
        event = await server.hears()
        assert event["type"] == AT_STARTUP[row][mode]
        if event["type"] == "lifespan.startup.failed":
            assert event["message"].startswith("/app: ")
            assert neighbour.heard == ["lifespan.startup", "lifespan.shutdown"]
        else:
            await server.says("lifespan.shutdown")
            assert await server.hears() == {"type": "lifespan.shutdown.complete"}
        assert await server.returns() == []


@pytest.mark.parametrize(
    ("row", "rest"),
    [pytest.param(row, rest, id=f"{row}-{rest.__name__}") for row in SHUTDOWNS for rest in SHUTDOWNS[row]],
)
async def test_router_stops_as_the_table_says(row, rest):
    neighbour = Neighbour()
    router = Router({"/first": neighbour, "/app": once_started(rest)}, timeout=0.2)
    async with call(router, lifespan()) as server:
        await server.says("lifespan.startup")
        assert await server.hears() == {"type": "lifespan.startup.complete"}
        await server.says("lifespan.shutdown")
        event = await server.hears()
        assert event["type"] == AT_SHUTDOWN[row]
        assert neighbour.heard == ["lifespan.startup", "lifespan.shutdown"]
        assert await server.returns() == []


async def test_message_is_the_one_that_the_page_quotes():
    quoted = re.search(r"`(/tools: raised.*?)`", PAGES["router.md"], re.DOTALL)[1].replace("\n", " ")

    async def tools(scope, receive, send):
        await receive()
        raise OSError("no database")

    async with call(Router({"/tools": tools}, lifespan="on"), lifespan()) as server:
        await server.says("lifespan.startup")
        assert await server.hears() == {"type": "lifespan.startup.failed", "message": quoted}


@pytest.mark.parametrize("app", [raises, says_something_else])
async def test_exception_after_the_first_event_is_logged_with_its_traceback(app, caplog):
    async with call(Router({"/app": app}), lifespan()) as server:
        await server.says("lifespan.startup")
        await server.hears()
    (record,) = caplog.records
    assert "/app" in record.getMessage()
    assert record.exc_info
