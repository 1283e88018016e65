"""Outside services: the same service asked by the exhibits and by their twins, each over a real socket."""

import asyncio
import re
import socket

import pytest

from apps.raw_asgi import films_api
from apps.raw_asgi.films_api import TITLES
from tests.apps.outside import Service, answering, asked_of, film, page, seed_of, serving, visit
from tests.conversation import until

FILMS = pytest.mark.parametrize("films", ["/raw/films", "/django/films"])
ONE_BY_ONE = ["/django/films/sequential", "/django/films/sync"]
EVERY = pytest.mark.parametrize("films", ["/raw/films", "/django/films", *ONE_BY_ONE])


@pytest.fixture(autouse=True)
async def no_task_is_left():
    yield
    assert asyncio.all_tasks() == {asyncio.current_task()}


def lines(text):
    """The lines of a table of films: the title, what each attempt became, and over what."""
    found = re.findall(r"^(.{24}) *\d+\.\d\d s +\d+\.\d\d s  (.*?)(?: {2,}(.*))?$", text, re.MULTILINE)
    return [(title.strip(), attempts.split(", "), over) for title, attempts, over in found]


@EVERY
async def test_all_films_come_in_their_order_with_the_time_they_took(films):
    service = Service()
    async with serving(service) as url, asked_of(url) as state:
        status, headers, text = await page(f"{films}?delay=0", state)
    assert status == 200
    assert [title for title, _, _ in lines(text)] == [f"{title} ({year})" for title, year in TITLES.values()]
    assert re.fullmatch(rb"films;dur=\d+\.\d", headers[b"server-timing"])
    assert len(service.asked) == 12


@FILMS
async def test_no_more_are_asked_for_at_once_than_is_said_and_no_fewer(films):
    together = asyncio.Barrier(3)

    async def three_at_a_time(number):
        await together.wait()
        return film(number)

    service = Service(answering(three_at_a_time))
    async with serving(service) as url, asked_of(url) as state:
        status, _, text = await page(f"{films}?at_once=3&patience=10", state)
    assert (status, len(lines(text))) == (200, 12)
    assert service.most == 3
    assert len(service.asked) == 12


@pytest.mark.parametrize("films", [*ONE_BY_ONE, "/raw/films?at_once=1", "/django/films?at_once=1"])
async def test_one_by_one_is_never_two_at_once(films):
    service = Service()
    async with serving(service) as url, asked_of(url) as state:
        status, _, _ = await page(f"{films}{'&' if '?' in films else '?'}delay=0.01", state)
    assert (status, service.most) == (200, 1)
    assert service.asked == [(str(number), 1) for number in range(1, 13)]


@FILMS
@pytest.mark.parametrize(
    ("kinds", "patience", "status", "attempts"),
    [
        pytest.param(["refused", None], 10, 200, ["429", "200"], id="refused, then not"),
        pytest.param(
            ["unavailable", "unavailable", None], 10, 200, ["503", "503", "200"], id="the last attempt"
        ),
        pytest.param(["unavailable"] * 3, 10, 502, ["503"] * 3, id="never available"),
        pytest.param(["garbage"], 10, 502, ["200", "not a film"], id="garbage is not asked for again"),
        pytest.param(["unavailable", "garbage"], 10, 502, ["503", "200", "not a film"], id="then garbage"),
        pytest.param(["slow", None], 2, 200, ["timeout", "200"], id="slow, then not"),
        pytest.param(["slow"] * 3, 0.1, 504, ["timeout"] * 3, id="always slow"),
    ],
)
async def test_film_is_asked_for_again_where_that_may_help(films, kinds, patience, status, attempts):
    service = Service()
    query = f"limit=1&delay=0&trouble=50&seed={seed_of(*kinds)}&patience={patience}"
    async with serving(service) as url, asked_of(url) as state:
        seen, _, text = await page(f"{films}?{query}", state)
    [(title, told, _)] = lines(text)
    assert (seen, told) == (status, attempts)
    assert title == ("The General (1926)" if status == 200 else "film 1")
    assert service.asked == [("1", attempt) for attempt, _ in enumerate(kinds, 1)]


@FILMS
async def test_film_is_asked_for_again_no_sooner_than_the_service_says(films):
    clock = asyncio.get_running_loop().time
    asked = []

    async def later(number):
        asked.append(clock())
        return film(number) if len(asked) == 2 else (429, [(b"retry-after", b"1")], b"")

    async with serving(answering(later)) as url, asked_of(url) as state:
        assert (await page(f"{films}?limit=1&patience=10", state))[0] == 200
    first, second = asked
    assert second - first >= 1


@FILMS
@pytest.mark.parametrize(
    ("headers", "status", "times"),
    [
        pytest.param([], 404, 1, id="not found"),
        pytest.param([], 500, 1, id="broken"),
        pytest.param([(b"location", b"http://elsewhere.example/")], 302, 1, id="elsewhere"),
        pytest.param([], 502, 3, id="a gateway"),
        pytest.param([(b"retry-after", b"Fri, 31 Dec 1999 23:59:59 GMT")], 503, 3, id="with a date"),
    ],
)
async def test_other_answers_of_the_service_are_told(films, headers, status, times, caplog):
    async def the_same(number):
        return status, headers, b"{}"

    service = Service(answering(the_same))
    async with serving(service) as url, asked_of(url) as state:
        seen, _, text = await page(f"{films}?limit=1&patience=10", state)
    assert (seen, lines(text)) == (502, [("film 1", [str(status)] * times, lines(text)[0][2])])
    assert len(service.asked) == times
    assert "0 of 1 films came" in caplog.text


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b'{"title": "M"}', b"\xff", b"[" * 100_000],
    ids=["nothing", "null", "a list", "half of it", "no text", "deep"],
)
@EVERY
async def test_json_that_is_no_film_is_no_film(films, body):
    async def wrong(number):
        return 200, [(b"content-type", b"application/json")], body

    async with serving(answering(wrong)) as url, asked_of(url) as state:
        status, _, text = await page(f"{films}?limit=1&patience=10", state)
    assert (status, lines(text)[0][:2]) == (502, ("film 1", ["200", "not a film"]))


@EVERY
async def test_half_a_character_is_shown_as_a_question_mark(films):
    async def half(number):
        return film("\ud800")

    async with serving(answering(half)) as url, asked_of(url) as state:
        status, _, text = await page(f"{films}?limit=1&patience=10", state)
    assert (status, lines(text)[0][0]) == (200, "? (1999)")


@EVERY
async def test_page_without_some_films_has_the_others(films, caplog):
    async def all_but_the_second(number):
        return (404, [], b"{}") if number == "2" else film(number)

    async with serving(answering(all_but_the_second)) as url, asked_of(url) as state:
        status, _, text = await page(f"{films}?limit=3&patience=10", state)
    assert status == 200
    assert [title for title, _, _ in lines(text)] == ["1 (1999)", "film 2", "3 (1999)"]
    assert "2 of 3 films came" in caplog.text


@EVERY
async def test_service_that_is_not_there_is_a_bad_gateway(films, caplog):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    async with asked_of(f"http://127.0.0.1:{port}") as state:
        status, _, text = await page(f"{films}?limit=2", state)
    assert status == 502
    assert {word for _, attempts, _ in lines(text) for word in attempts} == {"ConnectError"}
    assert "FILMS_API_URL" in text
    assert "0 of 2 films came" in caplog.text


async def garbling(reader, writer):
    """A peer that does not speak HTTP."""
    await reader.read(100)
    writer.write(b"220 ready when you are\r\n")
    await writer.drain()
    writer.close()
    await writer.wait_closed()


@EVERY
async def test_peer_that_does_not_speak_http_is_a_bad_gateway(films):
    server = await asyncio.start_server(garbling, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        async with asked_of(f"http://127.0.0.1:{port}") as state:
            status, _, text = await page(f"{films}?limit=1", state)
    assert (status, lines(text)[0][1][0]) == (502, "RemoteProtocolError")


@FILMS
async def test_client_that_leaves_takes_its_requests_along(films):
    async def never(number):
        await asyncio.Event().wait()

    service = Service(answering(never))
    async with serving(service) as url, asked_of(url) as state:
        async with visit(f"{films}?at_once=4&patience=10", state) as client:
            await client.says("http.request")
            await until(lambda: service.at_once == 4)
            await client.says("http.disconnect")
            assert await client.returns() == []
        await until(lambda: service.at_once == 0)
    assert sorted(service.left) == ["1", "2", "3", "4"]
    assert len(service.asked) == 4


async def test_service_is_not_told_over_http2_until_the_site_stops():
    async def never(number):
        await asyncio.Event().wait()

    service = Service(answering(never))
    async with serving(service) as url:
        async with asked_of(url, http2="1") as state:
            async with visit("/raw/films?at_once=4&patience=10", state) as client:
                await client.says("http.request")
                await until(lambda: service.at_once == 4)
                await client.says("http.disconnect")
                assert await client.returns() == []
            # What leaves with the connection would have left before this has come.
            async with visit("/raw/films?limit=1&patience=0.1", state) as client:
                await client.says("http.request")
                assert (await client.hears())["status"] == 504
                await client.returns()
            assert (service.left, service.at_once >= 4) == ([], True)
        await until(lambda: service.at_once == 0)


@pytest.mark.parametrize(("http2", "connections"), [("0", 3), ("1", 1)], ids=["HTTP/1.1", "HTTP/2"])
async def test_http2_carries_on_one_connection_what_else_takes_several(http2, connections):
    together = asyncio.Barrier(3)

    async def three_at_a_time(number):
        await together.wait()
        return film(number)

    async with (
        serving(answering(three_at_a_time)) as url,
        asked_of(url, http2=http2) as state,
    ):
        _, _, text = await page("/raw/films?at_once=3&patience=10", state)
    over = {over for _, _, over in lines(text)}
    assert len(over) == connections
    assert {line.split()[0] for line in over} == {"HTTP/2" if http2 == "1" else "HTTP/1.1"}


@pytest.mark.parametrize("films", ["/django/films", *ONE_BY_ONE])
async def test_clients_of_django_speak_http2_where_they_are_told(films):
    versions = set()

    async def app(scope, receive, send):
        versions.add(scope["http_version"])
        await films_api.app(scope, receive, send)

    async with serving(app) as url, asked_of(url, http2="1") as state:
        assert (await page(f"{films}?delay=0", state))[0] == 200
    assert versions == {"2"}
