"""Around the application: the lifespan, and a middleware."""

import asyncio
import copy
import re
import sqlite3

import pytest

from apps.raw_asgi import lifespan_state
from apps.raw_asgi.middleware import middleware
from router import Router
from tests.conversation import answer, call, http, lifespan, websocket


@pytest.fixture(autouse=True)
async def no_task_is_left():
    yield
    assert asyncio.all_tasks() == {asyncio.current_task()}


# lifespan_state


async def visit(app, state):
    """What a visitor is told by an application whose lifespan has left this state."""
    start, body = await answer(app, http("GET", "/count", state=dict(state)))
    assert start["status"] == 200
    return body["body"]


async def test_lifespan_state_counts_on_one_resource_behind_the_router(asgi_lifespan):
    site = Router({"/count": lifespan_state.app})
    async with asgi_lifespan(site) as state:
        for n in (1, 2, 3):
            assert await visit(site, state) == b"visit %d since this process has started\n" % n
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        await visit(site, state)


async def test_lifespan_state_closes_what_it_has_opened_also_when_the_server_cancels_it():
    scope = lifespan()
    async with call(lifespan_state.app, scope) as server:
        await server.says("lifespan.startup")
        await server.hears()
        server.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await server.returns()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        await visit(lifespan_state.app, scope["state"])


async def test_lifespan_state_tells_the_server_why_it_cannot_start(monkeypatch):
    def connect(name):
        raise sqlite3.OperationalError("out of memory")

    monkeypatch.setattr(lifespan_state.sqlite3, "connect", connect)
    failed = {"type": "lifespan.startup.failed", "message": "out of memory"}
    assert await answer(lifespan_state.app, lifespan(), {"type": "lifespan.startup"}) == [failed]


@pytest.mark.parametrize("more", [{}, {"state": {}}, {"state": {"other": 1}}], ids=str)
async def test_lifespan_state_does_without_a_lifespan(more):
    start, body = await answer(lifespan_state.app, http("GET", "/", **more))
    assert start["status"] == 503
    assert b"no lifespan" in body["body"]


# middleware


def sends(*events):
    """An application that sends these events, whatever it is asked."""

    async def app(scope, receive, send):
        for event in events:
            await send(event)

    return app


def start(*headers, **more):
    return {"type": "http.response.start", "status": 200, "headers": list(headers), **more}


PLAIN = (b"content-type", b"text/plain")
END = {"type": "http.response.body", "body": b"The end"}


async def test_middleware_lets_events_it_does_not_know_pass_as_they_are():
    unknown = [
        {"type": "http.response.debug", "info": {"a": object()}},
        {"type": "http.response.early_hint", "links": [b"<a>"]},
        {"type": "http.response.next_year", "body": b"text"},
        {"type": "http.response.trailers", "headers": [(b"a", b"b")]},
    ]
    heard = []

    async def send(event):
        heard.append(event)

    await middleware(sends(*unknown))(http(), None, send)
    assert all(event is other for event, other in zip(heard, unknown, strict=True))


async def test_middleware_hands_other_scopes_on_untouched():
    async def receive():
        raise AssertionError("nothing is received")

    async def send(event):
        raise AssertionError("nothing is sent")

    for scope in (websocket(), lifespan(), {"type": "x-unknown"}):
        given = []

        async def inner(*arguments, given=given):
            given.extend(arguments)

        await middleware(inner)(scope, receive, send)
        assert [id(argument) for argument in given] == [id(scope), id(receive), id(send)]


@pytest.mark.parametrize(
    ("offered", "left"),
    [
        (None, {}),
        ({}, {}),
        ({"http.response.pathsend": {}}, {}),
        (
            {"http.response.zerocopysend": {}, "http.response.trailers": {}, "tls": {"tls_version": 772}},
            {"http.response.trailers": {}, "tls": {"tls_version": 772}},
        ),
    ],
)
async def test_middleware_offers_nothing_that_would_pass_it_by(offered, left):
    seen = {}

    async def inner(scope, receive, send):
        seen.update(scope)
        await send(start())
        await send(END)

    scope = http(extensions=offered)
    before = copy.deepcopy(scope)
    await answer(middleware(inner), scope)
    assert seen["extensions"] == left
    assert re.fullmatch("[0-9a-f]{32}", seen["request_id"])
    # The server's scope is the server's.
    assert scope == before


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [
        pytest.param(b"abc-123_X", True, id="a harmless one"),
        pytest.param(b"x" * 64, True, id="as long as may be"),
        pytest.param(b"x" * 65, False, id="too long"),
        pytest.param(b"", False, id="empty"),
        pytest.param(b"a b", False, id="a space"),
        pytest.param(b"a\nb: c", False, id="a line break"),
        pytest.param(b"abc\n", False, id="a line break at the end"),
        pytest.param("é".encode(), False, id="not ASCII"),
        pytest.param(b"<script>", False, id="markup"),
    ],
)
@pytest.mark.parametrize("name", [b"x-request-id", b"X-Request-ID"], ids=bytes.decode)
async def test_middleware_keeps_an_id_from_outside_only_if_it_is_harmless(given, is_kept, name):
    first, _ = await answer(middleware(sends(start(), END)), http("GET", "/", [(name, given)]))
    request_id = dict(first["headers"])[b"x-request-id"]
    assert (request_id == given) == is_kept
    assert is_kept or re.fullmatch(rb"[0-9a-f]{32}", request_id)


async def test_middleware_puts_its_id_in_place_of_one_that_the_application_gives():
    event = {**start(), "headers": [PLAIN, (b"X-Request-ID", b"another")]}
    scope = http(headers=[(b"x-request-id", b"abc")])
    first, _ = await answer(middleware(sends(event, END)), scope)
    assert [value for name, value in first["headers"] if name.lower() == b"x-request-id"] == [b"abc"]


async def test_middleware_gives_each_request_an_id_of_its_own():
    app = middleware(sends(start(), END))
    firsts = [(await answer(app, http()))[0] for _ in range(2)]
    ids = {dict(first["headers"])[b"x-request-id"] for first in firsts}
    assert len(ids) == 2


async def test_middleware_keeps_headers_that_can_be_read_only_once():
    headers = [(b"set-cookie", b"a=1"), PLAIN, (b"set-cookie", b"b=2")]
    event = {**start(), "headers": (pair for pair in headers)}
    first, _ = await answer(middleware(sends(event, END)), http())
    assert first["headers"][:3] == headers
    assert [name for name, _ in first["headers"][3:]] == [b"x-request-id", b"server-timing"]


@pytest.mark.parametrize(
    ("headers", "is_changed"),
    [
        pytest.param([PLAIN], True, id="plain text"),
        pytest.param([(b"content-type", b"text/plain; charset=utf-8")], True, id="with a charset"),
        pytest.param([[b"content-type", b"text/plain"]], True, id="a list for a pair"),
        pytest.param([(b"Content-Type", b"text/plain")], True, id="written as Django does"),
        pytest.param([(b"content-type", b"text/html")], False, id="not plain"),
        pytest.param([], False, id="not said to be"),
        pytest.param([PLAIN, (b"content-encoding", b"gzip")], False, id="compressed"),
        pytest.param([PLAIN, (b"etag", b'"1"')], False, id="with a tag of its bytes"),
    ],
)
async def test_middleware_makes_plain_text_upper_case_and_no_other(headers, is_changed):
    heard = []

    async def send(event):
        heard.append(event)

    more = {"type": "http.response.body", "body": "é, and ".encode(), "more_body": True}
    await middleware(sends(start(*headers), more, END, {"type": "http.response.body"}))(http(), None, send)
    bodies = [event.get("body", b"") for event in heard[1:]]
    changed, unchanged = ["é, AND ".encode(), b"THE END", b""], [more["body"], b"The end", b""]
    assert bodies == (changed if is_changed else unchanged)
    assert heard[1]["more_body"] is True


async def test_middleware_takes_a_start_without_headers():
    first, _ = await answer(middleware(sends({"type": "http.response.start", "status": 299}, END)), http())
    assert first["status"] == 299
    assert [name for name, _ in first["headers"]] == [b"x-request-id", b"server-timing"]


async def test_middleware_says_how_long_the_start_took():
    first, _ = await answer(middleware(sends(start(), END)), http())
    assert re.fullmatch(rb"app;dur=\d+\.\d", dict(first["headers"])[b"server-timing"])
