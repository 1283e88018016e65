"""What a response has beside its status, its headers and its body."""

import pytest

from tests.asgiscope.testing.applications import OK, answering, saying
from tests.asgiscope.testing.loops import on_both_loops

TEXT = (b"content-type", b"text/plain")
TYPED = {"type": "http.response.start", "status": 200, "headers": [TEXT]}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file.txt"
    path.write_bytes(b"0123456789" * 10_000)
    return path


@pytest.mark.parametrize(("method", "size"), [("GET", 100_000), ("HEAD", 0)])
@on_both_loops
async def test_file_is_sent_by_its_path(client_of, file, method, size):
    app = saying(TYPED, {"type": "http.response.pathsend", "path": str(file)})
    async with client_of(app, extensions=["http.response.pathsend"]) as client:
        response = await client.request(method, "/")
    assert response.content == file.read_bytes()[:size]


@on_both_loops
async def test_file_is_sent_without_a_copy(client_of, file):
    async def app(scope, receive, send):
        with file.open("rb") as opened:
            zerocopysend = {"type": "http.response.zerocopysend", "file": opened}
            await send(OK)
            await send({**zerocopysend, "offset": 5, "count": 3, "more_body": True})
            await send({"type": "http.response.body", "body": b" and ", "more_body": True})
            await send({**zerocopysend, "offset": 99_998})

    async with client_of(app, extensions=["http.response.zerocopysend"]) as client:
        response = await client.get("/")
    assert response.content == b"567 and 89"


@on_both_loops
async def test_file_is_sent_from_where_it_is(client_of, file):
    async def app(scope, receive, send):
        with file.open("rb", buffering=0) as opened:
            opened.seek(99_990)
            await send(OK)
            await send({"type": "http.response.zerocopysend", "file": opened})

    async with client_of(app, extensions=["http.response.zerocopysend"]) as client:
        response = await client.get("/")
    assert response.content == b"0123456789"


@on_both_loops
async def test_trailers_are_there_at_the_end(client_of):
    start = {**OK, "trailers": True, "headers": [(b"trailer", b"x-a, x-b")]}
    body = {"type": "http.response.body", "body": b"body"}
    first = {"type": "http.response.trailers", "headers": [(b"x-a", b"1")], "more_trailers": True}
    last = {"type": "http.response.trailers", "headers": [(b"x-b", b"2")]}
    async with client_of(saying(start, body, first, last), extensions=["http.response.trailers"]) as client:
        async with client.stream("GET", "/") as response:
            assert "trailers" not in response.extensions
            assert await response.aread() == b"body"
        assert response.extensions["trailers"] == [(b"x-a", b"1"), (b"x-b", b"2")]


@on_both_loops
async def test_trailers_that_are_owed_are_missed(client_of, library):
    app = saying({**OK, "trailers": True}, {"type": "http.response.body"})
    async with client_of(app, extensions=["http.response.trailers"]) as client:
        with pytest.raises(library.RemoteProtocolError, match="in the middle of its response"):
            await client.get("/")


@pytest.mark.parametrize(
    ("event", "key", "expected"),
    [
        (
            {"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]},
            "early_hints",
            [b"</a.css>; rel=preload"],
        ),
        ({"type": "http.response.debug", "info": {"view": "home"}}, "debug", {"view": "home"}),
    ],
    ids=["early hint", "debug"],
)
@on_both_loops
async def test_what_comes_before_the_response_is_kept_beside_it(client_of, event, key, expected):
    async with client_of(answering(b"body", before=[event]), extensions=[event["type"]]) as client:
        response = await client.get("/")
    assert (response.content, response.extensions[key]) == (b"body", expected)


@on_both_loops
async def test_pushes_are_kept_beside_the_response(client_of):
    push = {"type": "http.response.push", "path": "/a.css", "headers": [(b"accept", b"text/css")]}
    app = saying(OK, push, {"type": "http.response.body", "body": b"body"})
    async with client_of(app, extensions=["http.response.push"], http_version="2") as client:
        response = await client.get("/")
    assert (response.content, response.extensions["push"]) == (
        b"body",
        [("/a.css", [(b"accept", b"text/css")])],
    )


@on_both_loops
async def test_event_of_an_extension_of_the_test_is_passed_over(client_of):
    own = {"type": "http.response.mine", "anything": 1}
    app = saying(OK, own, {"type": "http.response.body", "body": b"body"})
    async with client_of(app, extensions=["http.response.mine"]) as client:
        assert (await client.get("/")).content == b"body"
