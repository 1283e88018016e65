"""The exhibit `readings`: a cursor and notifications of a real PostgreSQL, and what it does without one."""

import asyncio
import json
from collections import deque

import pytest

from apps.raw_asgi import readings
from tests.apps.databases import ask, cut, database, manage
from tests.conversation import (
    PATIENCE,
    answer,
    call,
    http,
    keeps,
    lifespan,
    one_who_leaves,
    played,
    promised,
    until,
)

pytestmark = pytest.mark.timeout(180)

ROWS = 2 * readings.CHUNK + 500
NOWHERE = "postgresql://postgres@127.0.0.1:1/postgres"  # a port that nothing may listen on


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """A PostgreSQL with readings in it."""
    with database("postgres", tmp_path_factory.mktemp("readings")) as url:
        manage(url, "migrate")
        manage(url, "measure", str(ROWS))
        yield url


@pytest.fixture
async def state(url, monkeypatch, asgi_lifespan):
    """The state in which the exhibit has left its pool."""
    monkeypatch.setenv("DATABASE_URL", url)
    async with asgi_lifespan(readings.app) as state:
        yield state


@pytest.fixture(autouse=True)
async def no_task_is_left():
    yield
    assert asyncio.all_tasks() == {asyncio.current_task()}


def is_whole(pool):
    """Whether nobody holds a connection."""
    return pool.get_idle_size() == pool.get_size()


def notify(url, *news):
    for one in news:
        ask(url, "SELECT pg_notify('readings', %s)", one)


@pytest.mark.parametrize("number", [1, 2])
async def test_exhibit_keeps_the_promise_in_its_docstring_with_a_database(state, number):
    async def app(scope, receive, send):
        await readings.app({**scope, "state": state}, receive, send)

    transcript = promised(readings)[number]
    actual = await played(app, transcript, "/raw/readings")
    assert keeps(actual, transcript), "\n".join(actual)


async def test_stream_is_the_newest_readings_one_a_line(state):
    start, *events = await answer(readings.app, http(target="/?n=2", state=state))
    assert start["status"] == 200
    newest, next_ = [json.loads(line) for line in events[0]["body"].splitlines()]
    assert (newest["id"], next_["id"]) == (ROWS, ROWS - 1)
    assert list(newest) == ["id", "station", "at", "celsius"]


async def test_stream_sends_a_chunk_before_it_fetches_the_next(state):
    _, *events = await answer(readings.app, http(target="/?n=10000", state=state))
    assert [event["body"].count(b"\n") for event in events[:-1]] == [readings.CHUNK, readings.CHUNK, 500]
    assert is_whole(state["readings.pool"])


async def test_stream_is_of_one_station_if_asked(state):
    _, *events = await answer(readings.app, http(target="/?n=10000&station=Helgoland", state=state))
    body = b"".join(event.get("body", b"") for event in events)
    assert {json.loads(line)["station"] for line in body.splitlines()} == {"Helgoland"}


async def test_unknown_station_is_not_found(state):
    start, body = await answer(readings.app, http(target="/?station=Atlantis", state=state))
    assert (start["status"], body["body"]) == (404, b"There is no such station.\n")


@pytest.mark.parametrize("target", ["/", "/?station=Atlantis", "/live"])
async def test_head_has_the_start_of_get_and_no_body(state, target):
    starts = []
    for method in ("GET", "HEAD"):
        async with call(readings.app, http(method, target, state=state)) as client:
            await client.says("http.request")
            starts.append(await client.hears())
            await client.says("http.disconnect")
            bodies = await client.returns()
    assert starts[0] == starts[1]
    assert [body.get("body", b"") for body in bodies] == [b""]


async def listening(client):
    """Hear that the listener is there."""
    await client.says("http.request")
    assert (await client.hears())["status"] == 200
    assert (await client.hears())["body"] == b"event: listening\ndata: \n\n"


async def test_live_tells_everyone_what_is_notified_in_order(state, url):
    async with (
        call(readings.app, http(target="/live", state=state)) as one,
        call(readings.app, http(target="/live", state=state)) as two,
    ):
        for client in (one, two):
            await listening(client)
        await asyncio.to_thread(notify, url, '{"id": 1}', '{"id": 2}')
        for client in (one, two):
            assert [(await client.hears())["body"] for _ in range(2)] == [
                b'event: reading\ndata: {"id": 1}\n\n',
                b'event: reading\ndata: {"id": 2}\n\n',
            ]


async def test_client_that_leaves_gives_its_connection_back(state, url):
    pool = state["readings.pool"]
    async with call(readings.app, http(target="/live", state=state)) as client:
        await listening(client)
        assert not is_whole(pool)
        await client.says("http.disconnect")
        await client.returns()
    assert is_whole(pool)
    # And whoever has it next does not listen.
    assert await pool.fetch("SELECT pg_listening_channels()") == []


async def test_client_that_leaves_in_the_middle_of_a_stream_gives_its_connection_back(state):
    left = asyncio.Event()

    async def send(event):
        # There is no room for the first piece, as its client does not read; then the client leaves.
        if event["type"] == "http.response.body":
            left.set()
            await asyncio.Event().wait()

    async with asyncio.timeout(PATIENCE):
        await readings.app(http(target="/?n=10000", state=state), one_who_leaves(left), send)
    assert is_whole(state["readings.pool"])


async def test_client_whose_leaving_send_knows_first_is_no_error(state):
    said = [{"type": "http.request"}]

    async def receive():
        return said.pop() if said else await asyncio.Event().wait()

    async def send(event):
        if event["type"] == "http.response.body":
            raise OSError("the client has gone")

    async with asyncio.timeout(PATIENCE):
        await readings.app(http(target="/?n=10000", state=state), receive, send)
    assert is_whole(state["readings.pool"])


async def test_slow_client_does_without_the_oldest_news(state, url, monkeypatch):
    may_read, said, heard = asyncio.Event(), [{"type": "http.request"}], []
    numbers, arrived = [str(n) for n in range(readings.BACKLOG + 20)], asyncio.Event()

    class News(deque):
        """The backlog, which says when the last of it has come: another connection may hear of it sooner."""

        def append(self, payload):
            super().append(payload)
            if payload == numbers[-1]:
                arrived.set()

    monkeypatch.setattr(readings, "deque", News)

    async def receive():
        return said.pop() if said else await asyncio.Event().wait()

    async def send(event):
        if event["type"] == "http.response.body":
            heard.append(event["body"])
            if b"listening" not in event["body"]:
                await may_read.wait()

    serving = asyncio.ensure_future(readings.app(http(target="/live", state=state), receive, send))
    try:
        await until(lambda: heard)
        await asyncio.to_thread(notify, url, "first")
        await until(lambda: len(heard) == 2)
        await asyncio.to_thread(notify, url, *numbers)
        async with asyncio.timeout(PATIENCE):
            await arrived.wait()
        may_read.set()
        await until(lambda: heard[-1] == f"event: reading\ndata: {numbers[-1]}\n\n".encode())
    finally:
        serving.cancel()
        await asyncio.wait({serving})
    assert len(heard) == 2 + readings.BACKLOG


async def test_lost_connection_is_told_and_followed_by_another(state, url, caplog):
    async with call(readings.app, http(target="/live", state=state)) as client:
        await listening(client)
        await asyncio.to_thread(cut, url)
        assert (await client.hears())["body"].startswith(b"event: lost\n")
        assert (await client.hears())["body"] == b"event: listening\ndata: \n\n"
        await asyncio.to_thread(notify, url, "again")
        assert (await client.hears())["body"] == b"event: reading\ndata: again\n\n"
        await client.says("http.disconnect")
        await client.returns()
    assert "PostgreSQL has gone, and is looked for again" in caplog.text
    assert is_whole(state["readings.pool"])


async def test_stream_whose_connection_is_lost_is_broken_off(state, url, caplog):
    sent, said = [], [{"type": "http.request"}]

    async def receive():
        return said.pop() if said else await asyncio.Event().wait()

    async def send(event):
        sent.append(event)
        if event["type"] == "http.response.body":
            await asyncio.to_thread(cut, url)

    with pytest.raises(readings.NO_ANSWER):
        await readings.app(http(target="/?n=10000", state=state), receive, send)
    assert [event["type"] for event in sent] == ["http.response.start", "http.response.body"]
    assert sent[-1]["more_body"]
    assert "broken off, as PostgreSQL has gone" in caplog.text
    assert is_whole(state["readings.pool"])


@pytest.mark.parametrize("target", ["/", "/live"])
async def test_one_client_more_than_there_are_connections_is_told_to_come_again(
    url, monkeypatch, asgi_lifespan, target
):
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setattr(readings, "CONNECTIONS", 1)
    async with asgi_lifespan(readings.app) as state:
        monkeypatch.setattr(readings, "PATIENCE", 0.1)
        async with call(readings.app, http(target="/live", state=state)) as client:
            await listening(client)
            start, body = await answer(readings.app, http(target=target, state=state))
        assert (start["status"], dict(start["headers"])[b"retry-after"]) == (503, b"5")
        assert body["body"] == b"The database does not answer. Ask again in a few seconds.\n"


async def test_database_that_is_down_does_not_keep_the_site_from_starting(monkeypatch, asgi_lifespan, caplog):
    monkeypatch.setenv("DATABASE_URL", NOWHERE)
    async with asgi_lifespan(readings.app) as state:
        assert "PostgreSQL does not answer yet" in caplog.text
        for target in ("/", "/live"):
            start, _ = await answer(readings.app, http(target=target, state=state))
            assert (start["status"], dict(start["headers"])[b"retry-after"]) == (503, b"5")
    assert "/live: PostgreSQL does not answer: ConnectionRefusedError" in caplog.text


@pytest.mark.parametrize("given", [None, "", "sqlite:///x.sqlite3"])
async def test_without_a_postgresql_there_is_no_lifespan_to_speak(monkeypatch, given):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    if given is not None:
        monkeypatch.setenv("DATABASE_URL", given)
    with pytest.raises(ValueError, match="without a PostgreSQL there is nothing to open"):
        await answer(readings.app, lifespan())


async def test_path_to_nowhere_names_those_that_are_there():
    start, body = await answer(readings.app, http(target="/nowhere"))
    assert (start["status"], body["body"]) == (404, b"There is: readings, readings/live\n")
