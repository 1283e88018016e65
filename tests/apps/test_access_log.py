"""A line of JSON for every conversation, whatever became of it."""

import asyncio
import json
import logging
import re
from contextlib import suppress

import pytest

from apps.access_log import AccessLog, RequestId, request_id
from tests.conversation import http, lifespan, websocket

START = {"type": "http.response.start", "status": 200}
BODY = {"type": "http.response.body", "body": b"four"}
ACCEPT = {"type": "websocket.accept"}


def says(*events):
    """An application that awaits one event, and says these."""

    async def app(scope, receive, send):
        await receive()
        for event in events:
            await send(event)

    return app


async def waits(scope, receive, send):
    """It answers one word at a time until the client has left."""
    while "disconnect" not in (await receive())["type"]:
        if scope["type"] == "websocket":
            await send({"type": "websocket.send", "text": "?"})


async def fails(scope, receive, send):
    await send(START)
    raise LookupError("secret")


async def chats(scope, receive, send):
    await receive()
    await send(ACCEPT)
    await waits(scope, receive, send)


async def say_nothing(event):
    pass


async def held(app, scope, events):
    """What is sent in a conversation with the application behind the log; its exception ends it."""
    sent, said = [], iter(events)

    async def receive():
        return next(said)

    async def send(event):
        sent.append(event)

    with suppress(LookupError):
        await AccessLog(app)(scope, receive, send)
    return sent


@pytest.fixture
def lines():
    """What has been logged, read as JSON."""
    logger = logging.getLogger("access")
    found = []

    class Handler(logging.Handler):
        def emit(self, record):
            found.append(json.loads(record.getMessage()))

    handler = Handler()
    logger.addHandler(handler)
    yield found
    logger.removeHandler(handler)


REQUEST = {"type": "http.request"}
GONE = {"type": "http.disconnect"}
CONNECT = {"type": "websocket.connect"}
CLOSED = {"type": "websocket.disconnect", "code": 1001}
TEXT = {"type": "websocket.receive", "text": "x"}


@pytest.mark.parametrize(
    ("app", "scope", "events", "told"),
    [
        pytest.param(
            says(START, {**BODY, "more_body": True}, BODY),
            http("GET", "/a?token=x"),
            [REQUEST],
            {"method": "GET", "path": "/a", "status": 200, "bytes": 8, "ended": "complete"},
            id="a response in two pieces",
        ),
        pytest.param(
            says(START, {**BODY, "more_body": True}),
            http(),
            [REQUEST],
            {"status": 200, "bytes": 4, "ended": "cut"},
            id="a response that is not whole",
        ),
        pytest.param(
            waits, http(), [REQUEST, GONE], {"status": None, "ended": "left"}, id="a client that left"
        ),
        pytest.param(fails, http(), [REQUEST], {"status": 200, "ended": "LookupError"}, id="an exception"),
        pytest.param(
            says({**START, "trailers": True}, BODY, {"type": "http.response.trailers", "headers": []}),
            http(),
            [REQUEST],
            {"bytes": 4, "ended": "complete"},
            id="trailers",
        ),
        pytest.param(
            says({**START, "trailers": True}, BODY),
            http(),
            [REQUEST],
            {"bytes": 4, "ended": "cut"},
            id="trailers that never came",
        ),
        pytest.param(
            says(START, {"type": "http.response.pathsend", "path": "/x"}),
            http(extensions={"http.response.pathsend": {}}),
            [REQUEST],
            {"bytes": None, "ended": "complete"},
            id="a file that the server reads",
        ),
        pytest.param(
            chats,
            websocket("/b"),
            [CONNECT, TEXT, TEXT, CLOSED],
            {"method": "WEBSOCKET", "path": "/b", "status": 101, "received": 2, "sent": 2}
            | {"code": 1001, "ended": "left"},
            id="a WebSocket that the client closed",
        ),
        pytest.param(
            says(ACCEPT, {"type": "websocket.close", "code": 3000}),
            websocket(),
            [CONNECT],
            {"status": 101, "code": 3000, "ended": "complete"},
            id="a WebSocket that the application closed",
        ),
        pytest.param(
            says(
                {"type": "websocket.http.response.start", "status": 403, "headers": []},
                {"type": "websocket.http.response.body", "body": b"no"},
            ),
            websocket(extensions={"websocket.http.response": {}}),
            [CONNECT],
            {"status": 403, "code": None, "ended": "complete"},
            id="a handshake that was denied",
        ),
    ],
)
async def test_line_says_what_came_of_a_conversation(app, scope, events, told, lines):
    await held(app, scope, events)
    [line] = lines
    assert told.items() <= line.items()
    assert line["seconds"] >= 0
    assert not re.search("token|secret", json.dumps(line))


async def test_events_and_exceptions_pass_unchanged():
    sent = await held(says(START, BODY), http(), [REQUEST])
    assert [id(event) for event in sent] == [id(START), id(BODY)]
    with pytest.raises(LookupError, match="secret"):
        await AccessLog(fails)(http(), None, say_nothing)


async def test_call_that_a_server_cancels_is_logged_as_that(lines):
    async def endless(scope, receive, send):
        await asyncio.Event().wait()

    task = asyncio.create_task(AccessLog(endless)(http(), None, None))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task}, timeout=10)
    assert [line["ended"] for line in lines] == ["CancelledError"]


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [
        pytest.param([b"abc-1_2"], True, id="harmless"),
        pytest.param([b'"}\n{'], False, id="with signs in it"),
        pytest.param([b"x" * 65], False, id="too long"),
        pytest.param([b"a", b"b"], False, id="twice"),
        pytest.param([], False, id="absent"),
    ],
)
async def test_id_from_outside_is_taken_if_it_is_harmless(given, is_taken, lines):
    seen = []

    async def app(scope, receive, send):
        record = logging.makeLogRecord({})
        assert RequestId().filter(record)
        seen.append(record.request_id)

    headers = [(b"x-request-id", value) for value in given]
    await held(app, http("GET", "/", headers), [])
    [line] = lines
    assert seen == [line["request_id"]]
    assert (seen == [value.decode() for value in given]) == is_taken
    assert re.fullmatch(r"[\w-]{1,64}", seen[0])
    assert request_id.get() == "-"


async def test_lifespan_has_no_line(lines):
    called = []

    async def app(*arguments):
        called.append(arguments)

    arguments = (lifespan(), object(), object())
    await AccessLog(app)(*arguments)
    assert called == [arguments]
    assert lines == []
