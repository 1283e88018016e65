"""What a page that watches is told, and what that may cost."""

import json
from contextlib import AsyncExitStack, aclosing

import pytest

from asgiscope.page import watch
from asgiscope.page.live import FIRST, MOST, WATCHERS, live
from tests.asgiscope.page.watching import ROOT, hello
from tests.conversation import answer, call, http, websocket

WATCH = {**http(path=f"{ROOT}/live"), "headers": [(b"host", b"localhost")]}


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Nothing is waited for between two messages."""
    monkeypatch.setattr("asgiscope.page.live.EVERY", 0.0)
    monkeypatch.setattr("asgiscope.page.live.BEHIND", 0.0)


def paths(message):
    return [row["path"] for row in message["rows"]]


async def told(messages):
    """The next message."""
    name, message = await anext(messages)
    assert name == "rows"
    return message


async def ask(watching, *names):
    for name in names:
        await answer(watching, http(path=f"/{name}"))


async def test_watcher_is_told_what_is_here_and_then_what_begins():
    watching = watch(hello)
    await ask(watching, "a", "b")
    async with aclosing(live(watching.journal)) as messages:
        first = await told(messages)
        await ask(watching, "c")
        second = await told(messages)
    assert paths(first) == ["/a", "/b"]
    assert paths(second) == ["/c"]
    assert (first["dropped"], second["dropped"], second["begun"]) == (0, 0, 3)


async def test_first_message_comes_though_there_is_nothing_to_tell():
    async with aclosing(live(watch(hello).journal)) as messages:
        assert paths(await told(messages)) == []


async def test_conversation_is_told_again_as_it_grows_and_when_it_ends():
    watching = watch(hello)
    async with aclosing(live(watching.journal)) as messages, call(watching, websocket()) as server:
        await told(messages)
        grown = []
        for said in ({"type": "websocket.connect"}, *[{"type": "websocket.receive", "text": "x"}] * 3):
            await server.says(**said)
            await server.hears()
            grown += [(row["events"], row["how"]) for row in (await told(messages))["rows"]]
        await server.says("websocket.disconnect", code=1000)
        await server.returns()
        grown += [(row["events"], row["how"]) for row in (await told(messages))["rows"]]
    assert grown == [(2, "open"), (4, "open"), (6, "open"), (8, "open"), (9, "return")]


async def test_what_is_too_much_is_counted_and_every_one_is_told_or_counted():
    watching = watch(hello, kept=100)
    async with aclosing(live(watching.journal)) as messages:
        await told(messages)
        for many in (MOST, MOST + 1, 150, 3):
            await ask(watching, *map(str, range(many)))
            message = await told(messages)
            assert len(message["rows"]) == min(many, MOST)
            assert message["dropped"] == many - len(message["rows"])
            assert paths(message)[-1] == f"/{many - 1}"


async def test_many_that_grow_are_all_told_in_their_turn():
    watching = watch(hello)
    async with AsyncExitStack() as stack, aclosing(live(watching.journal)) as messages:
        servers = [await stack.enter_async_context(call(watching, websocket())) for _ in range(2 * MOST)]
        for server in servers:
            await server.says("websocket.connect")
            await server.hears()
        await told(messages)
        for server in servers:
            await server.says("websocket.receive", text="x")
            await server.hears()
        first, second = await told(messages), await told(messages)
    ids = {row["id"] for message in (first, second) for row in message["rows"]}
    assert len(first["rows"]) == len(second["rows"]) == MOST
    assert len(ids) == 2 * MOST


@pytest.mark.parametrize(
    ("begun", "after", "dropped"),
    [
        pytest.param(5, 5, 0, id="nothing has begun since"),
        pytest.param(5, 2, 0, id="what has begun since is here"),
        pytest.param(FIRST + 30, 10, 20, id="some of it is too much"),
        pytest.param(5, 99, 0, id="the server was started again"),
    ],
)
async def test_watcher_that_comes_back_is_told_what_it_has_missed(begun, after, dropped):
    watching = watch(hello)
    await ask(watching, *map(str, range(begun)))
    async with aclosing(live(watching.journal, after)) as messages:
        message = await told(messages)
    assert len(message["rows"]) == min(begun, FIRST)
    assert message["dropped"] == dropped


async def test_journals_are_told_apart():
    since = []
    for _ in range(2):
        async with aclosing(live(watch(hello).journal)) as messages:
            since.append((await told(messages))["since"])
    assert since[0] != since[1]


async def test_stream_is_one_of_server_sent_events_and_ends_with_its_client():
    watching = watch(hello)
    await ask(watching, "a")
    async with call(watching, WATCH) as server:
        await server.says("http.request")
        start = await server.hears()
        assert (b"content-type", b"text/event-stream") in start["headers"]
        event, data, *rest = (await server.hears())["body"].decode().split("\n")
        assert event == "event: rows"
        assert paths(json.loads(data.removeprefix("data: "))) == ["/a"]
        assert rest == ["", ""]
        await server.says("http.disconnect")
        await server.returns()
    assert watching.journal.watchers == 0


async def test_no_more_than_so_many_are_told_at_a_time():
    watching = watch(hello)
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(call(watching, WATCH)) for _ in range(WATCHERS)]
        for server in servers:
            await server.says("http.request")
            assert (await server.hears())["status"] == 200
        start, _ = await answer(watching, WATCH)
        assert start["status"] == 503
        await servers[0].says("http.disconnect")
        await servers[0].returns()
        async with call(watching, WATCH) as server:
            await server.says("http.request")
            assert (await server.hears())["status"] == 200
