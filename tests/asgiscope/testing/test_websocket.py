"""The client's end of a WebSocket."""

import anyio
import pytest

from asgiscope.testing import ClientLeft, StillRunning, WebSocketClosed, WebSocketDenied
from tests.asgiscope.testing.applications import noting
from tests.asgiscope.testing.loops import on_both_loops

ACCEPT, CLOSE = {"type": "websocket.accept"}, {"type": "websocket.close"}


class Echo:
    """Sends back what it is sent, and notes how that ends."""

    def __init__(self, **accept):
        self.accept = accept
        self.ended = None

    async def __call__(self, scope, receive, send):
        await receive()
        await send({**ACCEPT, **self.accept})
        while (event := await receive())["type"] != "websocket.disconnect":
            await send({"type": "websocket.send", "text": event.get("text"), "bytes": event.get("bytes")})
        self.ended = event


def answering(*events):
    """An application that answers the handshake with these events, and waits for the client to leave."""

    async def app(scope, receive, send):
        await receive()
        for event in events:
            await send(event)
        await receive()

    return app


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


@pytest.mark.parametrize("message", ["text", "", b"bytes", b"", b"\x00\xff", "é\n"], ids=repr)
@on_both_loops
async def test_message_comes_back(websocket_to, message):
    async with websocket_to(Echo()) as socket:
        await socket.send(message)
        assert await socket.receive() == message


@on_both_loops
async def test_json_comes_back(websocket_to):
    async with websocket_to(Echo()) as socket:
        await socket.send_json({"a": [1, None]})
        assert await socket.receive_json() == {"a": [1, None]}


@on_both_loops
async def test_message_of_the_other_kind_is_an_error(websocket_to):
    async with websocket_to(Echo()) as socket:
        await socket.send("text")
        with pytest.raises(TypeError, match="has sent a text, and no bytes: 'text'"):
            await socket.receive_bytes()
        await socket.send(b"bytes")
        with pytest.raises(TypeError, match="has sent bytes, and no text: b'bytes'"):
            await socket.receive_text()
        with pytest.raises(TypeError, match="a message is a str or bytes"):
            await socket.send(5)


@on_both_loops
async def test_subprotocol_and_headers_are_those_of_the_application(websocket_to):
    app, scopes, _ = noting(Echo(subprotocol="two", headers=[(b"x-a", b"1")]))
    async with websocket_to(app, subprotocols=["one", "two"]) as socket:
        assert (socket.subprotocol, socket.headers) == ("two", [(b"x-a", b"1")])
    assert scopes[0]["subprotocols"] == ["one", "two"]
    assert dict(scopes[0]["headers"])[b"sec-websocket-protocol"] == b"one, two"


@on_both_loops
async def test_block_that_ends_closes_the_connection(websocket_to):
    app = Echo()
    async with websocket_to(app):
        pass
    assert app.ended == {"type": "websocket.disconnect", "code": 1000, "reason": ""}


@on_both_loops
async def test_client_closes_with_a_code_and_a_reason(websocket_to):
    app = Echo()
    async with websocket_to(app) as socket:
        await socket.send("before")
        assert await socket.receive() == "before"
        await socket.close(4001, "so long")
        with pytest.raises(RuntimeError, match="this end of the connection is closed"):
            await socket.send("after")
        with pytest.raises(RuntimeError, match="this end of the connection is closed"):
            await socket.receive()
    assert app.ended == {"type": "websocket.disconnect", "code": 4001, "reason": "so long"}


@on_both_loops
async def test_what_was_sent_before_the_close_comes_before_it(websocket_to):
    app, _, events = noting(answering(ACCEPT))

    async def patient(scope, receive, send):
        await app(scope, receive, send)
        await receive()

    async with websocket_to(patient) as socket:
        await socket.send("last words")
        await socket.close()
    assert [event["type"] for event in events] == ["websocket.connect", "websocket.receive"]


@pytest.mark.parametrize(("spec_version", "raised"), [("2.4", 1), ("2.3", 0)])
@on_both_loops
async def test_server_that_speaks_until_the_client_vanishes_is_ended(websocket_to, spec_version, raised):
    errors = []

    async def speaking(scope, receive, send):
        await receive()
        await send(ACCEPT)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(speak, send, tasks.cancel_scope)
            while (await receive())["type"] != "websocket.disconnect":
                pass
            await anyio.wait_all_tasks_blocked() if raised else tasks.cancel_scope.cancel()

    async def speak(send, scope):
        try:
            while True:
                await send({"type": "websocket.send", "text": "tick"})
        except OSError as error:
            errors.append(error)

    async with websocket_to(speaking, spec_version=spec_version) as socket:
        assert [await socket.receive() for _ in range(3)] == ["tick"] * 3
        socket.vanish()
    assert [type(error) for error in errors] == [ClientLeft] * raised


@on_both_loops
async def test_client_that_vanishes_says_nothing(websocket_to):
    app = Echo()
    async with websocket_to(app) as socket:
        socket.vanish()
    assert app.ended == {"type": "websocket.disconnect", "code": 1006, "reason": ""}


@on_both_loops
async def test_exception_for_a_client_that_left_is_no_fault_of_the_application(websocket_to):
    async def speaking(scope, receive, send):
        await receive()
        await send(ACCEPT)
        while True:
            await send({"type": "websocket.send", "text": "tick"})

    async with websocket_to(speaking) as socket:
        await socket.receive()


@pytest.mark.parametrize(
    ("close", "code", "reason"),
    [
        ({}, 1000, ""),
        ({"code": 4001, "reason": "so long"}, 4001, "so long"),
        ({"code": 1011, "reason": None}, 1011, ""),
    ],
)
@on_both_loops
async def test_application_closes(websocket_to, close, code, reason):
    hello = {"type": "websocket.send", "text": "hello"}
    app, _, events = noting(answering(ACCEPT, hello, {**CLOSE, **close}))
    async with websocket_to(app) as socket:
        assert await socket.receive() == "hello"
        for _ in range(2):
            with pytest.raises(WebSocketClosed) as caught:
                await socket.receive()
            assert (caught.value.code, caught.value.reason) == (code, reason)
    assert events[-1] == {"type": "websocket.disconnect", "code": code, "reason": reason}


@on_both_loops
async def test_messages_end_when_the_application_closes(websocket_to):
    messages = [{"type": "websocket.send", "text": str(number)} for number in range(3)]
    async with websocket_to(answering(ACCEPT, *messages, CLOSE)) as socket:
        assert [message async for message in socket] == ["0", "1", "2"]


@on_both_loops
async def test_application_that_returns_has_closed_without_a_word(websocket_to):
    async def returning(scope, receive, send):
        await receive()
        await send(ACCEPT)

    async with websocket_to(returning) as socket:
        with pytest.raises(WebSocketClosed, match="with 1006 as it has returned without closing it"):
            await socket.receive()


@on_both_loops
async def test_bare_close_before_accept_is_a_denial(websocket_to, library):
    with pytest.raises(WebSocketDenied, match="has refused the handshake with 403") as caught:
        async with websocket_to(answering(CLOSE)):
            pytest.fail("it is open")
    assert caught.value.response.status_code == 403


@on_both_loops
async def test_denial_is_a_response_in_as_many_parts_as_it_has(websocket_to):
    start = {"type": "websocket.http.response.start", "status": 401, "headers": [(b"x-a", b"1")]}
    first = {"type": "websocket.http.response.body", "body": b'{"detail": ', "more_body": True}
    last = {"type": "websocket.http.response.body", "body": b'"who are you?"}'}
    with pytest.raises(WebSocketDenied) as caught:
        async with websocket_to(answering(start, first, last)):
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


@pytest.mark.parametrize("events", [[], [ACCEPT]], ids=["handshake", "open"])
@on_both_loops
async def test_exception_of_the_application_is_raised(websocket_to, events):
    async def failing(scope, receive, send):
        await receive()
        for event in events:
            await send(event)
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        async with websocket_to(failing) as socket:
            await socket.receive()


@on_both_loops
async def test_exception_that_the_test_has_seen_is_not_raised_behind_the_block(websocket_to):
    async def failing(scope, receive, send):
        await receive()
        await send(ACCEPT)
        raise ValueError("broken")

    async with websocket_to(failing) as socket:
        for _ in range(2):
            with pytest.raises(ValueError, match="broken"):
                await socket.receive()


@on_both_loops
async def test_exception_that_nobody_waited_for_is_raised_behind_the_block(websocket_to):
    async def failing(scope, receive, send):
        await receive()
        await send(ACCEPT)
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        async with websocket_to(failing):
            pass


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

    message = r"has not answered 'websocket.connect' in 0.01 seconds, at .*:\d+ in .*slow"
    with pytest.raises(TimeoutError, match=message):
        async with websocket_to(slow, timeout=0.01):
            pytest.fail("it is open")


@on_both_loops
async def test_wait_that_is_over_leaves_the_application_running(websocket_to):
    async with websocket_to(Echo()) as socket:
        with pytest.raises(TimeoutError, match=r"has sent no message in 0 seconds, at .*:\d+ in .*Echo"):
            await socket.receive(timeout=0)
        with anyio.move_on_after(0):
            await socket.receive()
        await socket.send("still there")
        assert await socket.receive() == "still there"


@on_both_loops
async def test_application_that_does_not_end_is_named(websocket_to):
    async def deaf(scope, receive, send):
        await receive()
        await send(ACCEPT)
        await anyio.sleep_forever()

    with pytest.raises(StillRunning, match=r"websocket /a is still running after 0.01 seconds, at .*deaf"):
        async with websocket_to(deaf, "/a", timeout=0.01):
            pass
    with pytest.raises(ZeroDivisionError) as caught:
        async with websocket_to(deaf, "/b", timeout=0.01):
            1 / 0  # noqa: B018
    assert "websocket /b is still running" in caught.value.__notes__[0]


@on_both_loops
async def test_two_clients_speak_to_each_other(websocket_to):
    members = []

    async def chat(scope, receive, send):
        await receive()
        await send(ACCEPT)
        members.append(send)
        while (event := await receive())["type"] != "websocket.disconnect":
            for member in members:
                await member({"type": "websocket.send", "text": event["text"]})
        members.remove(send)

    async with websocket_to(chat) as ann, websocket_to(chat) as bob:
        await ann.send("Hello!")
        assert await ann.receive() == await bob.receive() == "Hello!"
    assert members == []


@on_both_loops
async def test_conversation_is_recorded(websocket_to):
    async with websocket_to(Echo(), "/here") as socket:
        await socket.send("text")
        await socket.receive()
    kinds = ["connect", "accept", "receive", "send", "disconnect"]
    assert [event.type for event in socket.conversation.events] == [f"websocket.{kind}" for kind in kinds]
    assert socket.conversation.scope["path"] == "/here"
    assert socket.conversation.outcome.how == "return"
