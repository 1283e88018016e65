"""Readings on a real server, on SQLite and on PostgreSQL: alike, in constant memory, and through failures."""

import asyncio
import json
import re
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from servers import LAUNCHERS, Options, running
from tests.apps.databases import NAMES, OwnPostgres, cut, database, manage
from tests.docs.pages import free_port

pytestmark = pytest.mark.timeout(300)

ROWS = 200_000
PATIENCE = 30  # seconds for what should happen at once


class Site:
    """A server with the site on a database of its own."""

    def __init__(self, url, server):
        self.database, self.server = url, server

    def client(self):
        return httpx.AsyncClient(base_url=self.server.url, timeout=PATIENCE)

    def peak(self):
        """The most memory that the server has had at any time, in bytes."""
        status = Path(f"/proc/{self.server.process.pid}/status")
        if not status.exists():
            pytest.skip("this system does not say how much memory a process has")
        return int(re.search(r"^VmHWM:\s+(\d+) kB$", status.read_text(), re.MULTILINE)[1]) * 1024


@contextmanager
def filled(name, directory):
    """The site with many readings in its database."""
    with database(name, directory) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        manage(url, "migrate")
        manage(url, "measure", str(ROWS))
        with running(LAUNCHERS["uvicorn"], Options()) as server:
            yield Site(url, server)


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory):
    with filled("sqlite", tmp_path_factory.mktemp("sqlite")) as site:
        yield site


@pytest.fixture(scope="module")
def on_postgres(tmp_path_factory):
    with filled("postgres", tmp_path_factory.mktemp("postgres")) as site:
        yield site


@pytest.fixture(params=NAMES)
def site(request):
    return request.getfixturevalue(f"on_{request.param}")


async def added(client, **fields):
    """The answer to the form of the page, filled in and sent."""
    page = await client.get("/django/readings")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]
    return await client.post("/django/readings", data={"csrfmiddlewaretoken": token, **fields})


async def lines(client, path):
    """How many lines a stream has; they are counted and forgotten."""
    count = 0
    async with client.stream("GET", path) as response:
        assert response.status_code == 200
        async for piece in response.aiter_bytes():
            count += piece.count(b"\n")
    return count


async def stays_flat(site, path):
    """Assert that a long stream takes no more memory than a short one."""
    async with site.client() as client:
        for _ in range(3):
            assert await lines(client, f"{path}?n=2000") == 2000
        short = site.peak()
        assert await lines(client, f"{path}?n={ROWS}") == ROWS
        assert site.peak() < 1.2 * short


async def test_long_stream_of_the_orm_takes_no_more_memory_than_a_short_one(site):
    await stays_flat(site, "/django/readings/export")


async def test_long_stream_of_a_cursor_takes_no_more_memory_than_a_short_one(on_postgres):
    await stays_flat(on_postgres, "/raw/readings")


async def test_exhibit_and_twin_send_the_same(on_postgres):
    async with on_postgres.client() as client:
        raw = await client.get("/raw/readings?n=5000&station=Brocken")
        twin = await client.get("/django/readings/export?n=5000&station=Brocken")
    assert raw.text == twin.text
    assert twin.text.count("\n") == 5000


async def test_exhibit_says_what_it_needs_where_the_database_is_another(on_sqlite):
    async with on_sqlite.client() as client:
        for path in ("/raw/readings", "/raw/readings/live"):
            response = await client.get(path)
            assert response.status_code == 503
            needs = "Start PostgreSQL, and this site with its DATABASE_URL: see docs/services.md\n"
            assert response.text == needs


async def test_clients_that_leave_take_nothing_with_them(site):
    async with site.client() as client:
        # More of them than the pool has connections.
        for _ in range(12):
            async with client.stream("GET", f"/django/readings/export?n={ROWS}") as response:
                await anext(response.aiter_bytes())
        assert (await client.get("/django/readings")).status_code == 200
    assert "Exception ignored" not in site.server.output()
    assert "Traceback" not in site.server.output()


async def test_streams_that_lose_their_connection_break_off_and_the_pool_has_others(on_postgres):
    async with on_postgres.client() as client:
        for _ in range(12):
            async with client.stream("GET", f"/django/readings/export?n={ROWS}") as response:
                pieces = response.aiter_bytes()
                await anext(pieces)
                await asyncio.to_thread(cut, on_postgres.database)
                with pytest.raises(httpx.RemoteProtocolError):
                    async for _ in pieces:
                        pass
        assert (await client.get("/django/readings")).status_code == 200
    assert "a stream is broken off, as the database has gone" in on_postgres.server.output()


async def heard(told, event):
    """Read on until the event has come, and return its data."""
    async for line in told:
        if line == f"event: {event}":
            return (await anext(told)).removeprefix("data: ")
    raise EOFError(f"no event {event}")


async def test_reading_that_is_added_in_django_is_told_to_who_listens(on_postgres):
    async with asyncio.timeout(PATIENCE), on_postgres.client() as client:
        async with client.stream("GET", "/raw/readings/live") as live:
            told = live.aiter_lines()
            await heard(told, "listening")
            # Of what comes in bulk nobody is told.
            bulk = [{"station": "Helgoland", "celsius": 1}]
            assert (await client.post("/django/readings/import", json=bulk)).status_code == 201
            assert (await added(client, station="Helgoland", celsius="21.5")).status_code == 302
            reading = json.loads(await heard(told, "reading"))
        newest = json.loads((await client.get("/raw/readings?n=1")).text)
    assert reading == newest
    assert (reading["station"], reading["celsius"]) == ("Helgoland", 21.5)


@pytest.mark.parametrize("name", NAMES)
async def test_site_goes_on_without_its_database(name, monkeypatch):
    # One that cannot be: no file in no directory, and no PostgreSQL at a port that nobody listens on.
    down = {
        "sqlite": "sqlite:////nowhere/site.sqlite3",
        "postgres": f"postgresql://127.0.0.1:{free_port()}/x",
    }
    monkeypatch.setenv("DATABASE_URL", down[name])
    with running(LAUNCHERS["uvicorn"], Options()) as server:
        async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE) as client:
            for path in ("", "/summary", "/export", "/export?station=Brocken"):
                response = await client.get(f"/django/readings{path}")
                assert (response.status_code, response.headers["retry-after"]) == (503, "5")
                assert response.text == "The database does not answer. Ask again in a few seconds.\n"
            for path in ("", "/live"):
                assert (await client.get(f"/raw/readings{path}")).status_code == 503
            for path in ("/", "/django/hello", "/raw/hello"):
                assert (await client.get(path)).status_code == 200
        assert "/django/readings: the database does not answer: " in server.output()
        if name == "postgres":
            assert "readings: PostgreSQL does not answer yet" in server.output()


async def test_postgresql_may_come_go_and_come_again(monkeypatch, tmp_path_factory):
    with OwnPostgres.made(int(free_port())) as postgres:
        monkeypatch.setenv("DATABASE_URL", postgres.url)
        with running(LAUNCHERS["uvicorn"], Options()) as server:
            async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE) as client:
                paths = ("/django/readings", "/django/readings/export", "/raw/readings", "/raw/readings/live")

                async def statuses():
                    found = []
                    for path in paths:
                        async with client.stream("GET", path) as response:
                            found.append(response.status_code)
                    return found

                assert await statuses() == [503] * 4
                postgres.start()
                manage(postgres.url, "migrate")
                assert await statuses() == [200] * 4

                async with asyncio.timeout(2 * PATIENCE), client.stream("GET", "/raw/readings/live") as live:
                    told = live.aiter_lines()
                    await heard(told, "listening")
                    postgres.stop()
                    await heard(told, "lost")
                    assert await statuses() == [503] * 4
                    postgres.start()
                    await heard(told, "listening")
                    assert (await added(client, station="Brocken", celsius="3")).status_code == 302
                    assert json.loads(await heard(told, "reading"))["celsius"] == 3
                assert await statuses() == [200] * 4
