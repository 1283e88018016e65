"""Outside services, continued: the client and the address, and the page that is sent before it is there."""

import asyncio
import socket

import pytest

from apps.django_site.asgi import application as django
from apps.raw_asgi import films, progressive
from tests.apps.outside import Service, answering, asked_of, film, page, serving, visit
from tests.conversation import PATIENCE, answer, call, http, lifespan, until

PROGRESSIVE = pytest.mark.parametrize("films", ["/raw/progressive", "/django/progressive"])


@pytest.fixture(autouse=True)
async def no_task_is_left():
    yield
    assert asyncio.all_tasks() == {asyncio.current_task()}


# the client, and the address


APPS = pytest.mark.parametrize(
    "app", [films.app, progressive.app, django], ids=["films", "progressive", "django"]
)


def are_closed(clients):
    """Of each client, whether it is: aiohttp and httpx say it in different words."""
    return [client.closed if hasattr(client, "closed") else client.is_closed for client in clients]


@APPS
@pytest.mark.parametrize("is_in_a_hurry", [False, True], ids=["as it should", "by cancelling it"])
async def test_clients_are_open_until_the_server_ends_the_lifespan(app, is_in_a_hurry):
    scope = lifespan()
    async with call(app, scope) as server:
        await server.says("lifespan.startup")
        assert await server.hears() == {"type": "lifespan.startup.complete"}
        clients = [
            client for name, client in scope["state"].items() if name.startswith(("films", "progressive"))
        ]
        assert are_closed(clients) == [False] * (2 if app is django else 1)
        if is_in_a_hurry:
            server.task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await server.returns()
        else:
            await server.says("lifespan.shutdown")
            assert await server.returns() == [{"type": "lifespan.shutdown.complete"}]
    assert all(are_closed(clients))


@pytest.mark.parametrize("url", ["ftp://localhost", "localhost:8001", "x"])
@APPS
async def test_address_that_is_none_stops_the_start_with_a_word(app, url, monkeypatch, settings):
    monkeypatch.setenv("FILMS_API_URL", url)
    settings.FILMS_API_URL = url
    [failed] = await answer(app, lifespan(), {"type": "lifespan.startup"})
    assert failed["type"] == "lifespan.startup.failed"
    assert "FILMS_API_URL is no URL such as http://localhost:8001" in failed["message"]


@pytest.mark.parametrize("exhibit", [films, progressive], ids=["films", "progressive"])
async def test_lifespan_without_a_state_is_refused_before_the_first_event(exhibit):
    scope = lifespan()
    del scope["state"]
    with pytest.raises(KeyError):
        await answer(exhibit.app, scope)


@pytest.mark.parametrize(
    "server", [("testserver", 80), ("/run/site.sock", None), None, ("10.0.0.1", 8000)], ids=str
)
@pytest.mark.parametrize("films", ["/raw/films", "/raw/progressive", "/django/films", "/django/progressive"])
async def test_site_that_is_on_no_loopback_port_says_what_to_set(films, server):
    async with asked_of("") as state:
        status, _, text = await page(films, state, server=server)
    assert status == 503
    assert "FILMS_API_URL has to say where films are" in text


# the page first


@PROGRESSIVE
async def test_beginning_of_the_page_leaves_before_the_first_film_is_asked_for(films):
    order = []
    may_answer = asyncio.Event()

    async def noted(number):
        order.append("asked")
        await may_answer.wait()
        return film(number)

    async with (
        serving(answering(noted)) as url,
        asked_of(url) as state,
        visit(f"{films}?limit=1&patience=10", state) as client,
    ):
        await client.says("http.request")
        start, beginning = await client.hears(), await client.hears()
        order.append("heard")
        assert (start["status"], beginning["more_body"]) == (200, True)
        assert beginning["body"].endswith(b"<tr><th>film<th>asked<th>came\n")
        assert order == ["heard"]
        may_answer.set()
        assert b"1 (1999)" in (await client.hears())["body"]
        assert b"1 of 1 films came" in (await client.hears())["body"]
        await client.returns()
    assert order == ["heard", "asked"]


@PROGRESSIVE
async def test_film_is_shown_when_it_comes_whichever_was_asked_for_first(films):
    may_come = {str(number): asyncio.Event() for number in range(1, 4)}

    async def when_told(number):
        await may_come[number].wait()
        return film(f"film number {number}")

    async with (
        serving(answering(when_told)) as url,
        asked_of(url) as state,
        visit(f"{films}?limit=3&patience=10", state) as client,
    ):
        await client.says("http.request")
        await client.hears()
        await client.hears()
        for number in ("3", "1", "2"):
            may_come[number].set()
            assert f"film number {number}".encode() in (await client.hears())["body"]
        await client.returns()


@PROGRESSIVE
async def test_film_that_does_not_come_is_said_on_the_page(films, caplog):
    async def only_the_first(number):
        return film("<b>M\ud800</b>") if number == "1" else (404, [], b"{}")

    async with serving(answering(only_the_first)) as url, asked_of(url) as state:
        status, _, text = await page(f"{films}?limit=2&patience=10", state)
    assert status == 200
    assert "&lt;b&gt;M?&lt;/b&gt; (1999)" in text
    assert "film 2 did not come: 404" in text
    assert "1 of 2 films came" in text
    assert "1 of 2 films came" in caplog.text


@PROGRESSIVE
async def test_service_that_points_elsewhere_is_not_followed(films):
    async def elsewhere(number):
        return 302, [(b"location", b"/2")], b""

    service = Service(answering(elsewhere))
    async with serving(service) as url, asked_of(url) as state:
        _, _, text = await page(f"{films}?limit=1&patience=10", state)
    assert "film 1 did not come: 302" in text
    assert service.asked == [("1", 1)]


@PROGRESSIVE
async def test_page_of_a_service_that_is_not_there_says_so_of_each_film(films):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    async with asked_of(f"http://127.0.0.1:{port}") as state:
        status, _, text = await page(f"{films}?limit=3", state)
    assert (status, text.count("did not come"), text.count("0 of 3 films came")) == (200, 3, 1)


@PROGRESSIVE
async def test_reader_that_leaves_calls_off_what_is_asked_for(films):
    async def never(number):
        await asyncio.Event().wait()

    service = Service(answering(never))
    async with serving(service) as url, asked_of(url) as state:
        async with visit(f"{films}?patience=10", state) as client:
            await client.says("http.request")
            await until(lambda: service.at_once == 4)
            await client.says("http.disconnect")
            await client.returns()
        await until(lambda: service.at_once == 0)
    assert len(service.asked) == 4


async def test_progressive_takes_an_error_of_send_for_the_client_having_left():
    service = Service()

    async def receive():
        return said.pop() if said else await asyncio.Event().wait()

    async def send(event):
        if b"<td>" in event.get("body", b""):
            raise ConnectionResetError

    said = [{"type": "http.request"}]
    async with serving(service) as url, asked_of(url) as state:
        async with asyncio.timeout(PATIENCE):
            await progressive.app(http("GET", "/?delay=0", state=dict(state)), receive, send)
        await until(lambda: service.at_once == 0)


@PROGRESSIVE
async def test_head_of_the_page_asks_for_nothing(films):
    service = Service()
    async with serving(service) as url, asked_of(url) as state:
        status, _, text = await page(films, state, method="HEAD")
    assert (status, text) == (200, "")
    assert service.asked == []
