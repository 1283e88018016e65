"""Requests that the page asks for: made, found again, and refused to everybody else."""

import asyncio
from contextlib import asynccontextmanager

import httpx
import pytest

from asgiscope.page import watch
from asgiscope.page.running import AT_ONCE
from tests.asgiscope.page.watching import ROOT, hello, watched
from tests.asgiscope.serving import listening
from tests.conversation import answer, http, until, websocket

RUN = f"{ROOT}/run"


@asynccontextmanager
async def served(app=hello, **options):
    """An application that is watched, on a server, and a client of it."""
    watching = watch(app, **options)
    async with (
        listening(watching) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
    ):
        yield watching, client


async def test_request_is_made_and_its_conversation_is_found_by_its_mark():
    async with served() as (watching, client):
        before = (await client.get(f"{ROOT}/runs")).json()
        data = {"method": "GET", "target": "/x", "headers": [["x-asgiscope-run", "abc"]], "version": "1.0"}
        answered = (await client.post(RUN, json=data)).json()
        found = (await client.get(f"{ROOT}/runs", params={"token": "abc"})).json()
        nobody = (await client.get(f"{ROOT}/runs", params={"token": "abd"})).json()
        conversation = watching.journal.find(found["id"])
    assert before == {"id": None, "begun": 0}
    assert "\r\nHello, world!\n" in answered["wire"]
    assert (conversation.scope["path"], conversation.scope["http_version"]) == ("/x", "1.0")
    assert nobody["id"] is None


async def test_websocket_is_held_and_its_conversation_is_found_by_its_mark():
    async with served() as (watching, client):
        data = {
            "type": "websocket", "target": "/room", "headers": [["x-asgiscope-run", "abc"]],
            "chunks": [{"text": "<b>"}], "leave_messages": 1, "leaves": "vanish",
        }  # fmt: skip
        answered = (await client.post(RUN, json=data)).json()
        found = (await client.get(f"{ROOT}/runs", params={"token": "abc"})).json()
        conversation = watching.journal.find(found["id"])
    assert [(frame["by"], frame["shown"]) for frame in answered["frames"]] == [
        ("client", "<b>"),
        ("server", "<b>"),
    ]
    assert (conversation.scope["type"], conversation.scope["path"]) == ("websocket", "/room")


async def test_websocket_is_found_by_its_path_and_by_what_had_begun_before():
    async with watched() as (watching, client):

        async def found(**params):
            return (await client.get(f"{ROOT}/runs", params=params)).json()["id"]

        events = {"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000, "reason": ""}
        await answer(watching, websocket("/room"), *events)
        begun = watching.journal.begun
        assert await found(after=begun, path="/room") is None
        await answer(watching, http("GET", "/room"))
        await answer(watching, websocket("/other"), *events)
        await answer(watching, websocket("/room"), *events)
        assert await found(after=begun, path="/room") == watching.journal.conversations[-1].id
        assert await found(after=10**12, path="/room") is None


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"origin": "http://evil.example"}, 403, id="a page elsewhere"),
        pytest.param({"host": "evil.example"}, 403, id="a name that was made to point here"),
        pytest.param({"sec-fetch-site": "cross-site"}, 403, id="a form elsewhere"),
        pytest.param({"content-type": "text/plain"}, 415, id="what needs no leave"),
        pytest.param({"content-type": "application/x-www-form-urlencoded"}, 415, id="a form"),
    ],
)
async def test_page_elsewhere_causes_no_request(headers, status):
    async with watched() as (watching, client):
        response = await client.post(
            RUN, content=b"{}", headers={"content-type": "application/json", **headers}
        )
    assert response.status_code == status
    assert watching.journal.begun == 0


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS"])
async def test_only_a_post_causes_a_request(method):
    async with watched() as (watching, client):
        response = await client.request(method, RUN)
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert watching.journal.begun == 0


@pytest.mark.parametrize(
    ("content", "status", "reason"),
    [
        pytest.param(b"{", 400, "Expecting", id="no JSON"),
        pytest.param(b"\xff", 400, "decode", id="no text"),
        pytest.param(b"[]", 400, "is an object", id="no request"),
        pytest.param(b"[" * 100_000, 400, "JSON", id="JSON without a floor"),
        pytest.param(b'{"target": "http://evil.example/"}', 400, "on this server", id="another server"),
        pytest.param(
            b'{"type": "websocket", "target": "//evil.example"}',
            502,
            "--host 127.0.0.1",
            id="a name in a path",
        ),
        pytest.param(b'{"type": "websocket", "code": 1e9}', 400, "A code is", id="no code"),
        pytest.param(b" " * 3_000_000, 413, "longer than any", id="too much"),
        pytest.param(b"{}", 502, "--host 127.0.0.1", id="a server that is nowhere near"),
    ],
)
async def test_request_that_cannot_be_made_is_refused_with_the_reason(content, status, reason):
    async with watched(base="http://localhost") as (_, client):
        response = await client.post(RUN, content=content, headers={"content-type": "application/json"})
    assert response.status_code == status
    assert reason in response.json()["error"]


async def test_client_beside_the_server_leaves_with_the_page_that_has_sent_it():
    async def waits(scope, receive, send):
        while (await receive())["type"] != "http.disconnect":
            pass
        gone.set()

    gone = asyncio.Event()
    async with served(waits) as (watching, client):
        asking = asyncio.create_task(client.post(RUN, json={"version": "1.0"}))
        await until(lambda: watching.journal.begun)
        asking.cancel()
        async with asyncio.timeout(10):
            await gone.wait()
        await until(lambda: not watching.running)


async def test_no_more_requests_are_made_at_once_than_the_limit():
    async with watched() as (watching, client):
        watching.running = AT_ONCE
        response = await client.post(RUN, json={})
        assert response.status_code == 429
        watching.running = 0
        await client.post(RUN, json=[])
    assert watching.running == 0


async def test_nothing_is_sent_for_a_page_that_has_nothing_to_see_of_it():
    async with watched(record=False) as (_, client):
        assert (await client.post(RUN, json={})).status_code == 404
