"""The handshake of a WebSocket: what the application is asked, and how it answers."""

import pytest

from asgiscope.testing import WebSocketDenied
from tests.asgiscope.testing.applications import CLOSE, Echo, noting, opening
from tests.asgiscope.testing.loops import on_both_loops


@on_both_loops
async def test_scope_is_that_of_a_server(websocket_to):
    app, scopes, events = noting(Echo())
    async with websocket_to(app, "/chat/caf%C3%A9?room=tea+time", headers={"Origin": "http://testserver"}):
        pass
    [scope] = scopes
    assert scope == {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": "/chat/café",
        "raw_path": b"/chat/caf%C3%A9",
        "query_string": b"room=tea+time",
        "root_path": "",
        "headers": [
            (b"host", b"testserver"),
            (b"sec-websocket-version", b"13"),
            (b"connection", b"Upgrade"),
            (b"upgrade", b"websocket"),
            (b"sec-websocket-key", b"YXNnaXNjb3BlIHRlc3RpbmcK"),
            (b"origin", b"http://testserver"),
        ],
        "client": ("127.0.0.1", 123),
        "server": ("testserver", 80),
        "subprotocols": [],
        "extensions": {"websocket.http.response": {}},
    }
    assert events[0] == {"type": "websocket.connect"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"scheme": "wss", "host": "example.org"}, {"scheme": "wss", "server": ("example.org", 443)}),
        ({"client": None}, {"client": None}),
        ({"server": ("::1", 8000)}, {"server": ("::1", 8000)}),
        ({"root_path": "/app"}, {"root_path": "/app", "path": "/app/é", "raw_path": b"/app/%C3%A9"}),
        ({"state": {"db": 1}}, {"state": {"db": 1}}),
        ({"extensions": {}}, {"extensions": {}}),
        ({"spec_version": None}, {"asgi": {"version": "3.0"}}),
    ],
    ids=str,
)
@on_both_loops
async def test_scope_has_what_the_test_decides(websocket_to, options, expected):
    app, scopes, _ = noting(Echo())
    async with websocket_to(app, "/é", **options):
        pass
    assert expected.items() <= scopes[0].items()


@on_both_loops
async def test_handshake_of_http_2_has_no_headers_of_a_hop(websocket_to):
    app, scopes, _ = noting(Echo())
    async with websocket_to(app, http_version="2", headers=[("host", "example.org")]):
        pass
    assert scopes[0]["headers"] == [(b"sec-websocket-version", b"13"), (b"host", b"example.org")]


@on_both_loops
async def test_subprotocol_and_headers_are_those_of_the_application(websocket_to):
    app, scopes, _ = noting(Echo(subprotocol="two", headers=[(b"x-a", b"1")]))
    async with websocket_to(app, subprotocols=["one", "two"]) as socket:
        assert (socket.subprotocol, socket.headers) == ("two", [(b"x-a", b"1")])
    assert scopes[0]["subprotocols"] == ["one", "two"]
    assert dict(scopes[0]["headers"])[b"sec-websocket-protocol"] == b"one, two"


@on_both_loops
async def test_bare_close_before_accept_is_a_denial(websocket_to, library):
    with pytest.raises(WebSocketDenied, match="has refused the handshake with 403") as caught:
        async with websocket_to(opening(CLOSE)):
            pytest.fail("it is open")
    assert caught.value.response.status_code == 403


@on_both_loops
async def test_denial_is_a_response_in_as_many_parts_as_it_has(websocket_to):
    start = {"type": "websocket.http.response.start", "status": 401, "headers": [(b"x-a", b"1")]}
    first = {"type": "websocket.http.response.body", "body": b'{"detail": ', "more_body": True}
    last = {"type": "websocket.http.response.body", "body": b'"who are you?"}'}
    with pytest.raises(WebSocketDenied) as caught:
        async with websocket_to(opening(start, first, last)):
            pytest.fail("it is open")
    response = caught.value.response
    assert (response.status_code, response.headers["x-a"]) == (401, "1")
    assert response.json() == {"detail": "who are you?"}


@on_both_loops
async def test_denial_that_is_not_whole_is_an_error(websocket_to):
    async def breaking(scope, receive, send):
        await receive()
        await send({"type": "websocket.http.response.start", "status": 401, "headers": []})

    with pytest.raises(ConnectionError, match="in the middle of its response"):
        async with websocket_to(breaking):
            pytest.fail("it is open")


@on_both_loops
async def test_application_that_gives_no_answer_is_an_error(websocket_to):
    async def silent(scope, receive, send):
        await receive()

    with pytest.raises(ConnectionError, match=r"has returned, and not answered 'websocket.connect'"):
        async with websocket_to(silent):
            pytest.fail("it is open")


@on_both_loops
async def test_handshake_that_takes_too_long_is_given_up(websocket_to):
    async def slow(scope, receive, send):
        await receive()
        await receive()

    message = r"has not answered 'websocket.connect' in 5 seconds, at .*:\d+ in .*slow"
    with pytest.raises(TimeoutError, match=message):
        async with websocket_to(slow):
            pytest.fail("it is open")
