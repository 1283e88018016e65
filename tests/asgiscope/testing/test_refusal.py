"""What a server must not take: `send` raises, in the application and, through it, in the test."""

import pytest

from tests.asgiscope.testing.applications import OK, saying
from tests.asgiscope.testing.loops import on_both_loops

BODY = {"type": "http.response.body"}
ACCEPT = {"type": "websocket.accept"}
SEND = {"type": "websocket.send", "text": "x"}
CLOSE = {"type": "websocket.close"}
DENY = {"type": "websocket.http.response.start", "status": 403, "headers": []}


@pytest.mark.parametrize(
    ("events", "error", "message"),
    [
        ([None], TypeError, "is not"),
        ([{}], TypeError, "'type' that is a str"),
        ([{"type": 5}], TypeError, "'type' that is a str"),
        ([{"type": "http.response.strat"}], ValueError, "no 'http.response.strat' here"),
        ([{"type": "websocket.send"}], ValueError, "no 'websocket.send' here"),
        ([{"type": "http.response.start"}], ValueError, "has no 'status'"),
        ([{"type": "http.response.start", "status": "200"}], TypeError, "'status' .* is an int, not '200'"),
        ([{**OK, "headers": 5}], TypeError, "'headers' .* is an iterable of pairs"),
        ([{**OK, "headers": {b"a": b"1"}}], TypeError, "'headers' .* is an iterable of pairs"),
        ([{**OK, "headers": [("a", "1")]}], TypeError, "a pair of byte strings, not"),
        ([{**OK, "headers": [(b"a", b"1", b"2")]}], TypeError, "a pair of byte strings, not"),
        ([{**OK, "headers": [b"ab"]}], TypeError, "a pair of byte strings, not"),
        ([OK, {**BODY, "body": "text"}], TypeError, "'body' .* is a byte string, not 'text'"),
        ([OK, {**BODY, "body": bytearray()}], TypeError, "'body' .* is a byte string"),
        ([OK, {**BODY, "more_body": 1}], TypeError, "'more_body' .* is a bool, not 1"),
        ([{"type": "http.response.trailers", "headers": []}], ValueError, "which scope.* does not offer"),
        ([BODY], RuntimeError, "has not been started, and 'http.response.body' comes too early"),
        ([OK, OK], RuntimeError, "comes a second time"),
        ([OK, BODY, BODY], RuntimeError, "the response is complete, and 'http.response.body' comes too late"),
    ],
)
@on_both_loops
async def test_event_that_a_server_refuses_is_refused(client_of, events, error, message):
    async with client_of(saying(*events)) as client:
        with pytest.raises(error, match=message):
            await client.get("/")


@pytest.mark.parametrize(
    "event",
    [
        {**OK, "more": "of it", "trailers": False},
        {**OK, "headers": ((b"a", b"1"),)},
        {**OK, "headers": [[b"a", b"1"]]},
        {"type": "http.response.start", "status": 200},
    ],
)
@on_both_loops
async def test_event_that_a_server_takes_is_taken(client_of, event):
    async with client_of(saying(event, {**BODY, "headers": 5})) as client:
        assert (await client.get("/")).status_code == 200


@on_both_loops
async def test_headers_that_can_be_read_once_are_read_once(client_of):
    async def app(scope, receive, send):
        await send({**OK, "headers": iter([(b"a", b"1")])})
        await send(BODY)

    async with client_of(app) as client:
        assert (await client.get("/")).headers["a"] == "1"


@pytest.mark.parametrize(
    ("events", "error", "message"),
    [
        ([SEND], RuntimeError, "'websocket.send' has no place while the connection is opening"),
        ([ACCEPT, ACCEPT], RuntimeError, "'websocket.accept' has no place while the connection is open"),
        ([ACCEPT, CLOSE, SEND], RuntimeError, "'websocket.send' has no place while the connection is closed"),
        ([ACCEPT, DENY], RuntimeError, "has no place while the connection is open"),
        ([ACCEPT, {"type": "websocket.send"}], ValueError, "has either a text or bytes"),
        ([ACCEPT, {**SEND, "bytes": b"x"}], ValueError, "has either a text or bytes"),
        ([ACCEPT, {**SEND, "text": b"x"}], TypeError, "'text' .* is a str or None"),
        ([{**ACCEPT, "headers": [("a", "1")]}], TypeError, "a pair of byte strings"),
        ([{**DENY, "headers": [("a", "1")]}], TypeError, "a pair of byte strings"),
        ([ACCEPT, {"type": "http.response.body"}], ValueError, "no 'http.response.body' here"),
    ],
)
@on_both_loops
async def test_event_of_a_websocket_that_a_server_refuses_is_refused(websocket_to, events, error, message):
    async def app(scope, receive, send):
        await receive()
        await saying(*events)(scope, receive, send)

    with pytest.raises(error, match=message):
        async with websocket_to(app):
            pass


@on_both_loops
async def test_denial_is_refused_where_it_is_not_offered(websocket_to):
    async def app(scope, receive, send):
        await receive()
        await send(DENY)

    with pytest.raises(ValueError, match=r"which scope.* does not offer"):
        async with websocket_to(app, extensions=()):
            pass


@pytest.mark.parametrize(
    ("event", "error", "message"),
    [
        ({"type": "lifespan.startup.complet"}, ValueError, "no 'lifespan.startup.complet' here"),
        ({"type": "lifespan.startup.failed", "message": 5}, TypeError, "'message' .* is a str"),
    ],
)
@on_both_loops
async def test_event_of_a_lifespan_that_a_server_refuses_is_refused(lifespan_of, event, error, message):
    async def app(scope, receive, send):
        await receive()
        await send(event)

    with pytest.raises(error, match=message):
        async with lifespan_of(app):
            pass
