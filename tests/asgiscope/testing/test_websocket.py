"""The client's end of a WebSocket."""

import anyio
import pytest

from asgiscope.testing import ClientLeft, StillRunning, WebSocketClosed
from tests.asgiscope.testing.applications import ACCEPT, CLOSE, Echo, noting, opening
from tests.asgiscope.testing.loops import on_both_loops


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
    app, _, events = noting(opening(ACCEPT))

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
    app, _, events = noting(opening(ACCEPT, hello, {**CLOSE, **close}))
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
    async with websocket_to(opening(ACCEPT, *messages, CLOSE)) as socket:
        assert [message async for message in socket] == ["0", "1", "2"]


@on_both_loops
async def test_application_that_returns_has_closed_without_a_word(websocket_to):
    async def returning(scope, receive, send):
        await receive()
        await send(ACCEPT)

    async with websocket_to(returning) as socket:
        message = "with 1006 as it has returned without closing it"
        with pytest.raises(WebSocketClosed, match=message) as caught:
            await socket.receive()
    assert (caught.value.code, caught.value.reason) == (1006, "")


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


@pytest.mark.parametrize("error", [ValueError, FileNotFoundError])
@on_both_loops
async def test_exception_that_nobody_waited_for_is_raised_behind_the_block(websocket_to, error):
    async def failing(scope, receive, send):
        await receive()
        await send(ACCEPT)
        raise error("broken")

    with pytest.raises(error, match="broken"):
        async with websocket_to(failing):
            pass


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

    with pytest.raises(StillRunning, match=r"websocket /a is still running after 5 seconds, at .*deaf"):
        async with websocket_to(deaf, "/a"):
            pass
    with pytest.raises(ZeroDivisionError) as caught:
        async with websocket_to(deaf, "/b", timeout=3):
            1 / 0  # noqa: B018
    assert "websocket /b is still running after 3 seconds" in caught.value.__notes__[0]


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
