"""WebSockets: the handshake, both ways, and the end, in the words of either side."""

import asyncio

import pytest

from apps.raw_asgi import chat, websocket_denial, websocket_echo
from asgiscope.testing import WebSocketClosed, WebSocketDenied
from tests.conversation import answer, call, websocket

ACCEPT = {"type": "websocket.accept"}


@pytest.fixture(autouse=True)
async def no_task_is_left():
    yield
    assert asyncio.all_tasks() == {asyncio.current_task()}


# websocket_echo


async def say(server, **message):
    """Send a message, and return what comes back, without the type."""
    await server.says("websocket.receive", **message)
    event = await server.hears()
    assert event["type"] == "websocket.send"
    return {key: value for key, value in event.items() if key != "type"}


@pytest.mark.parametrize(
    ("message", "echoed"),
    [
        pytest.param({"text": "Grüße"}, {"text": "Grüße"}, id="text"),
        pytest.param({"text": ""}, {"text": ""}, id="empty text"),
        pytest.param({"bytes": b"\x00\xff"}, {"bytes": b"\x00\xff"}, id="bytes"),
        pytest.param({"bytes": b""}, {"bytes": b""}, id="no bytes"),
        pytest.param({"text": "x", "bytes": None}, {"text": "x"}, id="text, and bytes are None"),
        pytest.param({"bytes": b"x", "text": None}, {"bytes": b"x"}, id="bytes, and text is None"),
        pytest.param({"text": "", "bytes": None}, {"text": ""}, id="empty text, and bytes are None"),
        pytest.param({"text": "x", "more": 1}, {"text": "x"}, id="an unknown key"),
        pytest.param({"text": "closed"}, {"text": "closed"}, id="a word that only begins like the command"),
        pytest.param({"text": " close 1000"}, {"text": " close 1000"}, id="a space before the command"),
    ],
)
async def test_websocket_echo_says_text_as_text_and_bytes_as_bytes(message, echoed):
    async with call(websocket_echo.app, websocket()) as server:
        await server.says("websocket.connect")
        assert await server.hears() == ACCEPT
        for _ in range(2):
            assert await say(server, **message) == echoed
        await server.says("websocket.disconnect", code=1006)
        assert await server.returns() == []


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ([], None),
        (["chat"], None),
        (["echo"], "echo"),
        (["chat", "echo"], "echo"),
        (["Echo", "echo2"], None),
    ],
)
async def test_websocket_echo_chooses_only_a_subprotocol_that_the_client_offers(
    asgi_websocket, offered, chosen
):
    async with asgi_websocket(websocket_echo.app, subprotocols=offered) as socket:
        assert socket.subprotocol == chosen


@pytest.mark.parametrize(
    ("text", "code", "reason"),
    [
        ("close 1000", 1000, ""),
        ("close 3000 so long", 3000, "so long"),
        ("close 4999 x", 4999, "x"),
        ("close 4000 " + "é" * 61, 4000, "é" * 61),
        ("close 1000 ", 1000, ""),
    ],
)
async def test_websocket_echo_closes_when_it_is_told_to_and_says_no_more(asgi_websocket, text, code, reason):
    async with asgi_websocket(websocket_echo.app) as socket:
        await socket.send(text)
        with pytest.raises(WebSocketClosed) as closed:
            await socket.receive()
    assert (closed.value.code, closed.value.reason) == (code, reason)


@pytest.mark.parametrize(
    "text",
    [
        "close",
        "close ",
        "close x",
        "close -1000",
        "close 999",
        "close 1001",
        "close 1005",
        "close 2999",
        "close 5000",
        "close 03000",
        "close 1_000",
        "close  3000",
        "close 3000.0",
        "close 3000\n",
        "close " + "3" * 5000,
        "close 3000 " + "é" * 62,
    ],
    ids=lambda text: ascii(text)[:20],
)
async def test_websocket_echo_explains_a_close_that_cannot_be(asgi_websocket, text):
    async with asgi_websocket(websocket_echo.app) as socket:
        await socket.send(text)
        usage = "close CODE REASON: 1000 or 3000 to 4999, and at most 123 bytes"
        assert await socket.receive() == usage
        await socket.send("x")
        assert await socket.receive() == "x"


@pytest.mark.parametrize(
    ("version", "has_reason"),
    [(None, False), ("2.0", False), ("2.1", False), ("2.2", False), ("2.3", True), ("2.10", True)],
)
@pytest.mark.parametrize(
    ("app", "message"),
    [
        pytest.param(websocket_echo.app, {"text": "close 3000 because"}, id="websocket_echo"),
        pytest.param(chat.app, {"bytes": b""}, id="chat"),
    ],
)
async def test_close_has_a_reason_only_for_a_server_that_knows_the_key(app, message, version, has_reason):
    asgi = {"version": "3.0"} if version is None else {"version": "3.0", "spec_version": version}
    async with call(app, websocket("/tea", asgi=asgi, member="Ann")) as server:
        await server.says("websocket.connect")
        assert await server.hears() == ACCEPT
        await server.says("websocket.receive", **message)
        [close] = await server.returns()
    assert close["type"] == "websocket.close"
    assert ("reason" in close) == has_reason


@pytest.mark.parametrize("exhibit", [websocket_echo, websocket_denial, chat], ids=lambda e: e.__name__)
async def test_client_that_is_gone_after_its_handshake_is_answered_once_and_let_go(exhibit):
    events = {"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1006}
    (sent,) = await answer(exhibit.app, websocket("/tea", member="Ann"), *events)
    assert sent["type"] == ("websocket.close" if exhibit is websocket_denial else "websocket.accept")


# websocket_denial


async def test_websocket_denial_says_why_where_the_server_lets_it(asgi_websocket):
    with pytest.raises(WebSocketDenied) as denied:
        await asgi_websocket(websocket_denial.app).__aenter__()
    assert denied.value.response.status_code == 403
    assert "why" in denied.value.response.text


@pytest.mark.parametrize("extensions", [None, {}, {"http.response.push": {}}])
async def test_websocket_denial_closes_before_it_accepts_where_it_cannot_say_why(extensions):
    scope = websocket(extensions=extensions)
    events = await answer(websocket_denial.app, scope, {"type": "websocket.connect"})
    assert events == [{"type": "websocket.close"}]
