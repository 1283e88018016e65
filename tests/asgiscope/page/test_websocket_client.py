"""What no browser does to a WebSocket, done to a real server, and to one that says what none may."""

import asyncio
import base64
import hashlib
from contextlib import asynccontextmanager

import pytest

from asgiscope.page import client, websocket_client
from asgiscope.page.answered import FRAMES, SHOWN
from asgiscope.page.client import sent
from asgiscope.page.websocket_client import MAGIC
from asgiscope.page.websocket_plan import WebSocketPlan
from tests.asgiscope.serving import ended, serving

HELLO = {"text": "Hello?"}


async def echo(scope, receive, send):
    """Says everything again, until the client leaves."""
    await receive()
    headers = [(b"x-name", b"Ann")]
    await send(
        {"type": "websocket.accept", "subprotocol": (scope["subprotocols"] or [None])[0], "headers": headers}
    )
    while (event := await receive())["type"] == "websocket.receive":
        await send({**event, "type": "websocket.send"})


async def closes(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 4001, "reason": "enough"})


async def denies(scope, receive, send):
    await receive()
    await send({"type": "websocket.http.response.start", "status": 401, "headers": [(b"x-why", b"nobody")]})
    await send({"type": "websocket.http.response.body", "body": b"Nobody gets in."})


async def silent(scope, receive, send):
    """Answers no handshake, and waits for the client to leave."""
    while (await receive())["type"] != "websocket.disconnect":
        pass


async def held(app, **data):
    """What came of a WebSocket, and the conversation that it was."""
    async with serving(app) as (port, conversations):
        answer = await sent(WebSocketPlan.parse(data, "localhost"), ("127.0.0.1", port), "http")
        return answer.as_dict(), await ended(conversations)


def received(conversation, type):
    events = [event.fields for event in conversation.events if event.direction == "receive"]
    return [event for event in events if event["type"] == type]


def said(answer, by):
    return [(frame["kind"], frame["shown"]) for frame in answer["frames"] if frame["by"] == by]


async def test_handshake_has_the_headers_that_are_planned_and_its_answer_is_shown():
    headers = [["Origin", "https://elsewhere.example"], ["Cookie", "a=b"], ["Authorization", "Bearer x"]]
    answer, conversation = await held(echo, headers=headers, subprotocols=["chat"], leave_seconds=0.05)
    scope = conversation.scope
    assert {(b"origin", b"https://elsewhere.example"), (b"cookie", b"a=b")} <= set(scope["headers"])
    assert scope["subprotocols"] == ["chat"]
    assert answer["subprotocol"] == "chat"
    assert answer["wire"].startswith("HTTP/1.1 101 ")
    assert "x-name: Ann\r\n" in answer["wire"]


async def test_messages_go_there_and_come_back():
    answer, conversation = await held(echo, chunks=[HELLO, {"base64": "AP8="}], leave_messages=2, code=1000)
    assert said(answer, "client") == [("text", "Hello?"), ("bytes", "00 ff"), ("close", "1000")]
    assert said(answer, "server") == [("text", "Hello?"), ("bytes", "00 ff"), ("close", "1000")]
    assert answer["how"].endswith("2 of the server's messages, and the server has answered its close frame")
    assert [event.get("text") for event in received(conversation, "websocket.receive")] == ["Hello?", None]


async def test_message_in_fragments_is_one_event():
    answer, conversation = await held(echo, chunks=[HELLO], fragments=3, leave_messages=1)
    assert [frame["last"] for frame in answer["frames"][:3]] == [False, False, True]
    assert [event["text"] for event in received(conversation, "websocket.receive")] == ["Hello?"]


async def test_messages_come_at_the_times_that_are_planned():
    answer, _ = await held(echo, chunks=[HELLO, {**HELLO, "pause": 0.2}], leave_messages=2)
    first, second = [frame["at"] for frame in answer["frames"] if frame["by"] == "client"][:2]
    assert second - first > 0.1


@pytest.mark.parametrize("code", [1001, 3999, 4000])
async def test_client_closes_with_a_code_and_a_reason(code):
    answer, conversation = await held(echo, chunks=[HELLO], leave_messages=1, code=code, reason="so long")
    (event,) = received(conversation, "websocket.disconnect")
    assert (event["code"], event["reason"]) == (code, "so long")
    assert (answer["code"], answer["reason"]) == (code, "so long")


async def test_client_vanishes_after_a_message():
    answer, conversation = await held(echo, chunks=[HELLO], leave_messages=1, leaves="vanish")
    assert answer["how"] == "the client has left after 1 of the server's messages"
    assert ("close", "") not in said(answer, "client")
    assert answer["code"] is None
    assert len(received(conversation, "websocket.disconnect")) == 1


async def test_client_leaves_before_the_handshake_is_answered():
    answer, conversation = await held(silent, leaves="handshake", chunks=[HELLO])
    assert answer["how"] == "the client has left before its handshake was answered"
    assert answer["wire"] == ""
    assert len(received(conversation, "websocket.disconnect")) == 1


async def test_client_leaves_when_its_time_is_over_though_nobody_answers():
    answer, _ = await held(silent, leave_seconds=0.05)
    assert answer["how"] == "the client has left after 0.05 seconds"


async def test_client_leaves_a_moment_after_its_last_message(monkeypatch):
    monkeypatch.setattr(websocket_client, "GOODBYE", 0.05)
    answer, _ = await held(echo, chunks=[HELLO])
    assert answer["how"].startswith("the client has left after its last message")


async def test_close_of_the_server_is_shown_and_answered():
    answer, conversation = await held(closes)
    assert (answer["code"], answer["reason"]) == (4001, "enough")
    assert answer["how"] == "the server has closed the WebSocket"
    assert said(answer, "client") == [("close", "4001 enough")]
    assert conversation.violations == []


async def test_refusal_is_shown_as_it_was_on_the_wire():
    answer, _ = await held(denies)
    assert answer["wire"].startswith("HTTP/1.1 401 ")
    assert "x-why: nobody\r\n" in answer["wire"]
    assert "Nobody gets in." in answer["wire"]
    assert answer["how"] == "the server has refused the handshake"


async def test_no_websocket_takes_longer_than_the_limit(monkeypatch):
    monkeypatch.setattr(client, "LIMIT", 0.05)
    answer, _ = await held(silent)
    assert answer["how"] == "the client has left after 0.05 seconds, which is all that it may wait"


async def test_no_more_is_heard_and_shown_than_the_limits(monkeypatch):
    monkeypatch.setattr(client, "MOST", 20_000)

    async def pours(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        for _ in range(10_000):
            await send({"type": "websocket.send", "text": "x" * (SHOWN + 1)})

    answer, _ = await held(pours)
    frames = [frame for frame in answer["frames"] if frame["by"] == "server"]
    assert len(frames) <= FRAMES
    assert {len(frame["shown"]) for frame in frames} == {SHOWN}
    assert answer["counted"] < 200
    assert "the client has left" in answer["how"]


@asynccontextmanager
async def wrong(*said, key=None):
    """A server that accepts, and then says these bytes and hangs up; with `key`, it has hashed that one."""

    async def accept(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        asked = head.split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0]
        hashed = base64.b64encode(hashlib.sha1((key or asked) + MAGIC.encode()).digest())  # noqa: S324
        writer.write(b"HTTP/1.1 101 Yes\r\nsec-websocket-accept: %s\r\n\r\n" % hashed + b"".join(said))
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()


@pytest.mark.parametrize(
    ("wire", "how"),
    [
        pytest.param(b"\x83\x00", "a frame has the opcode 3", id="another opcode"),
        pytest.param(b"\x81\x80abcd", "a frame of the server is masked", id="a masked frame"),
        pytest.param(b"\x82\x7f" + b"\x7f" * 8, "more than it takes", id="a frame without an end"),
        pytest.param(b"\x81\x05hell", "without a close frame", id="half a frame"),
    ],
)
async def test_server_that_says_what_none_may_is_left(wire, how):
    async with wrong(wire) as address:
        answer = await sent(WebSocketPlan.parse({}, "localhost"), address, "http")
    assert how in answer.how


async def test_ping_is_answered_with_what_it_said():
    async with wrong(b"\x89\x02hi", b"\x88\x00") as address:
        answer = (await sent(WebSocketPlan.parse({}, "localhost"), address, "http")).as_dict()
    assert said(answer, "client")[0] == ("pong", "hi")


async def test_handshake_with_the_hash_of_another_key_is_no_websocket():
    async with wrong(key=b"another") as address:
        answer = await sent(WebSocketPlan.parse({}, "localhost"), address, "http")
    assert "is not the hash of its key" in answer.how
    assert answer.frames == []
