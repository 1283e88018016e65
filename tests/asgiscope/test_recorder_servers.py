"""What a server does wrong, and what the recorder sees of one that does well."""

import asyncio

import httpx
import pytest
import websockets

from asgiscope.conversation import Cut
from asgiscope.recorder import Recorder
from tests.asgiscope.recording import BODY, PART, REQUEST, START, clauses, echo, hello, line, recorded, said
from tests.asgiscope.serving import ended, serving
from tests.conversation import http, lifespan, websocket

BOTH_WAYS = pytest.mark.parametrize("record", [True, False], ids=["recorded", "only judged"])


def by_server(conversation):
    """What the server has broken."""
    return [
        (violation.clause, violation.level, violation.event)
        for violation in conversation.violations
        if violation.party == "server"
    ]


def sends(*events):
    """An application that sends these events, and minds no error."""

    async def app(scope, receive, send):
        await receive()
        for event in events:
            try:
                await send(event)
            except Exception as error:
                errors.append(error)

    errors = []
    return app


# What it gives


@BOTH_WAYS
@pytest.mark.parametrize(
    ("events", "clause"),
    [
        ([None], "general.event.is-dict"),
        ([{"body": b""}], "general.event.type"),
        ([{**REQUEST, "body": "text"}], "http.request.body.type"),
        ([{"type": "http.unknown"}], "http.event.receive-types"),
        ([REQUEST, REQUEST], "http.request.none-after-final"),
    ],
    ids=["no event", "no type", "no bytes", "an unknown type", "more than there is"],
)
async def test_server_that_gives_nonsense_is_found_out(events, clause, record):
    async def app(scope, receive, send):
        for event in events:
            assert await receive() is event
        await send(START)
        await send(BODY)

    conversation = await recorded(app, None, *events, record=record)
    assert by_server(conversation) == [(clause, "must", len(events) - 1)]
    assert len(conversation.violations) == 1
    if record:
        where = conversation.outermost.line_of(conversation.violations[0])
        assert where == line(app, "await receive()")


@BOTH_WAYS
@pytest.mark.parametrize(
    "function", [None, lambda: None, lambda event: 5], ids=["none", "no argument", "no awaitable"]
)
async def test_server_whose_send_cannot_be_awaited_is_found_out(function, record):
    held = []
    with pytest.raises(TypeError):
        await recorded(hello, send=function, into=held, record=record)
    assert by_server(held[0]) == [("general.send.awaitable-callable", "must", None)]


@BOTH_WAYS
@pytest.mark.parametrize(
    "function", [None, lambda event: 5, lambda: 5], ids=["none", "an argument", "no awaitable"]
)
async def test_server_whose_receive_cannot_be_awaited_is_found_out(function, record):
    held = []
    with pytest.raises(TypeError):
        await Recorder(hello, held.append, record=record)(http(), function, None)
    assert by_server(held[0]) == [("general.receive.awaitable-callable", "must", None)]


async def fails():
    raise TypeError("for a reason of its own")


@BOTH_WAYS
@pytest.mark.parametrize("function", [[].pop, fails], ids=["at once", "further down"])
async def test_receive_that_raises_can_be_awaited(function, record):
    held = []
    with pytest.raises((IndexError, TypeError)):
        await Recorder(hello, held.append, record=record)(http(), function, None)
    assert held[0].violations == []


# What it takes


@BOTH_WAYS
@pytest.mark.parametrize(
    ("event", "clause"),
    [
        ({"type": "http.response.unknown"}, "general.server.send-rejects-unknown-type"),
        ({"type": "websocket.accept"}, "general.server.send-rejects-unknown-type"),
        ({"type": "http.response.start"}, "general.server.send-rejects-missing-keys"),
        ({**START, "status": "200"}, "general.server.send-rejects-wrong-types"),
        ({**START, "headers": None}, "general.server.send-rejects-wrong-types"),
        (
            {"type": "http.response.push", "path": "/", "headers": []},
            "general.extensions.server-rejects-unadvertised",
        ),
    ],
    ids=[
        "an unknown type",
        "another protocol's",
        "no status",
        "a status of text",
        "no headers",
        "an extension",
    ],
)
async def test_server_that_takes_what_is_wrong_in_itself_should_have_raised(event, clause, record):
    conversation = await recorded(sends(event), record=record)
    assert by_server(conversation) == [(clause, "should", 1)]
    assert conversation.violations[0].party == "application"


@pytest.mark.parametrize(
    "events", [[BODY], [START, START], [START, BODY, PART]], ids=["early", "twice", "late"]
)
async def test_server_that_takes_what_is_only_out_of_order_does_nothing_wrong(events):
    conversation = await recorded(sends(*events))
    assert conversation.violations
    assert by_server(conversation) == []


@BOTH_WAYS
@pytest.mark.parametrize(
    "event", [{"type": "http.response.unknown"}, {"type": "http.response.start"}, {**START, "status": "200"}]
)
async def test_server_that_raises_for_what_is_wrong_does_nothing_wrong(event, record):
    async def send(event):
        raise ValueError("what is that?")

    conversation = await recorded(sends(event), send=send, record=record)
    assert conversation.violations
    assert by_server(conversation) == []


@BOTH_WAYS
async def test_server_that_raises_for_a_key_that_it_does_not_know_should_not(record):
    async def send(event):
        if "x-more" in event:
            raise ValueError("what is that?")

    conversation = await recorded(sends({**START, "x-more": 1}), send=send, record=record)
    assert by_server(conversation) == [("general.server.tolerates-extra-keys", "should", 1)]


@pytest.mark.parametrize(
    ("scope", "event", "error"),
    [
        (http(), START, ValueError()),
        (http(), START, TypeError()),
        (http(), {**START, "key": 1}, OSError()),
        (http(extensions={"http.response.mine": {}}), {"type": "http.response.mine", "key": 1}, ValueError()),
        ({"type": "mail", "asgi": {"version": "3.0"}}, {"type": "mail.sent", "key": 1}, ValueError()),
    ],
    ids=["no key too many", "a TypeError", "the client has left", "its own extension", "its own protocol"],
)
async def test_server_that_raises_has_its_reasons(scope, event, error):
    async def send(event):
        raise error

    conversation = await recorded(sends(event), scope, send=send)
    assert conversation.violations == []
    assert conversation.events[1].error == f"{type(error).__name__}: "


async def test_server_may_raise_what_it_likes_once_the_client_has_left():
    async def send(event):
        raise ValueError

    app = sends(START, {**START, "key": 1})
    assert (await recorded(app, send=send)).violations == []


@BOTH_WAYS
@pytest.mark.parametrize("error", [OSError("gone"), RuntimeError("gone")], ids=repr)
async def test_application_owes_nothing_more_when_send_has_raised(error, record):
    async def send(event):
        if event != START:
            raise error

    conversation = await recorded(sends(START, PART), send=send, record=record)
    assert conversation.outcome.how == "return"
    assert conversation.violations == []


@BOTH_WAYS
async def test_application_owes_nothing_more_when_it_was_told_that_the_client_has_left(record):
    async def app(scope, receive, send):
        await receive()
        await send(START)
        assert await receive() == {"type": "http.disconnect"}

    conversation = await recorded(app, None, REQUEST, {"type": "http.disconnect"}, record=record)
    assert conversation.violations == []


@pytest.mark.parametrize("scope", [http(), websocket(), lifespan()], ids=lambda scope: scope["type"])
async def test_application_that_raises_owes_nothing_more(scope):
    async def app(scope, receive, send):
        raise LookupError

    held = []
    with pytest.raises(LookupError):
        await recorded(app, scope, into=held)
    assert held[0].violations == []


# One that does well


async def test_request_at_uvicorn_is_recorded():
    async with serving(hello) as (port, held), httpx.AsyncClient() as client:
        assert (await client.get(f"http://127.0.0.1:{port}/a?b=c")).text == "two"
        conversation = await ended(held)
    assert (conversation.scope["path"], conversation.scope["query_string"]) == ("/a", b"b=c")
    assert said(conversation) == [("receive", REQUEST), ("send", START), ("send", BODY)]
    assert conversation.outcome.how == "return"
    assert clauses(conversation) == []


async def test_upload_at_uvicorn_is_recorded_as_far_as_it_is_kept():
    size = 1_000_000
    async with serving(echo) as (port, held), httpx.AsyncClient() as client:
        response = await client.post(f"http://127.0.0.1:{port}/", content=bytes(size))
        assert len(response.content) == size
        conversation = await ended(held)
    bodies = [event.fields["body"] for event in conversation.events if "body" in event.fields]
    assert sum(body.length if isinstance(body, Cut) else len(body) for body in bodies) == 2 * size
    assert clauses(conversation) == []


async def chat(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept", "subprotocol": "chat"})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": event["text"]})


async def test_websocket_at_uvicorn_is_recorded():
    async with serving(chat) as (port, held):
        async with websockets.connect(f"ws://127.0.0.1:{port}/", subprotocols=["chat"]) as client:
            await client.send("Hello?")
            assert await client.recv() == "Hello?"
        conversation = await ended(held)
    assert conversation.scope["subprotocols"] == ["chat"]
    assert [event.type for event in conversation.events] == [
        "websocket.connect",
        "websocket.accept",
        "websocket.receive",
        "websocket.send",
        "websocket.disconnect",
    ]
    assert conversation.events[-1].fields["code"] == 1000
    assert clauses(conversation) == []


async def endless(scope, receive, send):
    """Sends until it is told that the client has left."""

    async def speak():
        while True:
            await send({**PART, "body": bytes(10_000)})

    await receive()
    await send(START)
    speaking = asyncio.create_task(speak())
    await receive()
    speaking.cancel()
    await asyncio.wait({speaking})


async def test_client_that_leaves_uvicorn_is_recorded():
    async with serving(endless) as (port, held):
        async with (
            httpx.AsyncClient() as client,
            client.stream("GET", f"http://127.0.0.1:{port}/") as response,
        ):
            await anext(response.aiter_bytes())
        conversation = await ended(held)
    assert conversation.outcome.how == "return"
    assert {event.type for event in conversation.events if event.direction == "receive"} == {
        "http.request",
        "http.disconnect",
    }
    assert clauses(conversation) == []


async def lingers(scope, receive, send):
    await hello(scope, receive, send)
    for _ in range(10):
        await asyncio.sleep(0)


async def test_requests_that_uvicorn_is_sent_at_once_are_conversations_of_their_own():
    """It begins to answer the next one out of the `send` that ends the answer to the one before."""
    request = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
    async with serving(lingers) as (port, held):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request * 3)
        for _ in range(3):
            await reader.readuntil(b"two")
        writer.close()
        await writer.wait_closed()
        await ended(held, 3)
    assert [len(conversation.lanes) for conversation in held] == [1, 1, 1]
    assert [clauses(conversation) for conversation in held] == [[], [], []]
