"""An upload: its limits, its progress, and that it is forgotten."""

import asyncio
import hashlib
import json
import os

import pytest

from apps.raw_asgi import upload
from tests.conversation import answer, call, http, until

GONE = {"type": "http.disconnect"}


@pytest.fixture(autouse=True)
async def nothing_is_left():
    yield
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert not upload.uploads


def length(value):
    return [(b"content-length", str(value).encode())]


async def far(*received):
    """Wait until the uploads are so far."""
    await until(lambda: [u["received"] for u in upload.uploads.values()] == list(received))


async def watched():
    """The uploads in progress, as another request sees them."""
    _, body = await answer(upload.app, http("GET"))
    return json.loads(body["body"])["uploads"]


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(length(upload.LIMIT + 1), id="one byte too much"),
        pytest.param(length(10**18), id="far too much"),
        pytest.param(length("9" * 5000), id="more digits than Python reads"),
        pytest.param([(b"Content-Length", b"10000001")], id="a server that keeps the case"),
        pytest.param([[b"content-length", b"10000001"]], id="a list for a pair"),
    ],
)
async def test_upload_refuses_what_says_it_is_too_large_before_a_byte_is_read(headers):
    async with call(upload.app, http("POST", "/", headers)) as server:
        start, body = await server.returns()
    assert start["status"] == 413
    assert body["body"] == b"an upload has at most 10000000 bytes\n"


async def test_upload_refuses_what_grows_too_large_at_the_byte_that_is_too_much():
    async with call(upload.app, http("POST")) as server:
        for _ in range(10):
            await server.says("http.request", body=bytes(upload.LIMIT // 10), more_body=True)
        await server.says("http.request", body=b"x", more_body=True)
        start, _ = await server.returns()
    assert start["status"] == 413


@pytest.mark.parametrize("version", ["1.0", "1.1", "2", "3"])
async def test_upload_closes_the_connection_only_where_a_response_can_say_so(version):
    start, _ = await answer(upload.app, http("POST", "/", length(10**9), http_version=version))
    assert ((b"connection", b"close") in start["headers"]) == (version in ("1.0", "1.1"))


@pytest.mark.parametrize("headers", [[], length(upload.LIMIT)], ids=["length unknown", "length known"])
async def test_upload_takes_as_much_as_it_says_it_does(headers):
    piece = os.urandom(upload.LIMIT // 10)
    async with call(upload.app, http("POST", "/", headers)) as server:
        for _ in range(10):
            await server.says("http.request", body=piece, more_body=True)
        await server.says("http.request")
        start, body = await server.returns()
    assert start["status"] == 200
    sha256 = hashlib.sha256(piece * 10).hexdigest()
    assert json.loads(body["body"]) == {"received": upload.LIMIT, "sha256": sha256}


@pytest.mark.parametrize(
    ("headers", "of"),
    [
        pytest.param(length(6), 6, id="length known"),
        pytest.param([], None, id="length unknown"),
        pytest.param(length("6 bytes"), None, id="length that is no number"),
        pytest.param(length(-6), None, id="length below zero"),
    ],
)
async def test_upload_in_progress_is_seen_by_another_request_until_it_has_ended(headers, of):
    async with call(upload.app, http("POST", "/", headers)) as server:
        await server.says("http.request", body=b"abc", more_body=True)
        await far(3)
        assert await watched() == [{"received": 3, "of": of}]
        await server.says("http.request", body=b"def")
        start, _ = await server.returns()
    assert start["status"] == 200
    assert await watched() == []


async def test_upload_that_ends_takes_no_other_with_it_that_is_just_as_far():
    async with call(upload.app, http("POST")) as first, call(upload.app, http("POST")) as second:
        for server in (first, second):
            await server.says("http.request", body=b"abc", more_body=True)
        await far(3, 3)
        # The second leaves first, for a list would give up its first entry that looks the same.
        await second.says("http.disconnect")
        await second.returns()
        await first.says("http.request", body=b"def", more_body=True)
        await far(6)
        await first.says("http.disconnect")
        await first.returns()


async def test_upload_is_not_answered_and_forgotten_when_the_client_leaves():
    piece = {"type": "http.request", "body": b"abc", "more_body": True}
    assert await answer(upload.app, http("POST"), piece, piece, GONE) == []
    assert await watched() == []


async def test_upload_is_forgotten_when_the_server_cancels_it():
    async with call(upload.app, http("POST")) as server:
        await server.says("http.request", body=b"abc", more_body=True)
        await far(3)
        server.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await server.returns()
    assert await watched() == []
