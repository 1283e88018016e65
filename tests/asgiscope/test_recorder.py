"""What the recorder writes down, and that nobody notices."""

import contextvars

import asgiref.sync
import pytest

from asgiscope.recorder import Recorder
from tests.asgiscope.recording import BODY, PART, REQUEST, START, clauses, hello, recorded, said
from tests.conversation import http, lifespan, websocket

CONVERSATIONS = {
    "a request": (http("POST", "/a?b=c"), [{**REQUEST, "more_body": True}, REQUEST, START, PART, BODY]),
    "a WebSocket": (
        websocket("/", subprotocols=["chat"]),
        [
            {"type": "websocket.connect"},
            {"type": "websocket.accept", "subprotocol": "chat", "headers": [(b"x-one", b"1")]},
            {"type": "websocket.receive", "text": "Hello?", "bytes": None},
            {"type": "websocket.send", "text": "Hello!"},
            {"type": "websocket.send", "bytes": b"\xff"},
            {"type": "websocket.close", "code": 4000, "reason": "bye"},
            {"type": "websocket.disconnect", "code": 4000, "reason": "bye"},
        ],
    ),
    "a lifespan": (
        lifespan(),
        [
            {"type": "lifespan.startup"},
            {"type": "lifespan.startup.complete"},
            {"type": "lifespan.shutdown"},
            {"type": "lifespan.shutdown.complete"},
        ],
    ),
    "an extension": (
        http(extensions={"http.response.debug": {}}),
        [REQUEST, {"type": "http.response.debug", "info": {"template": ["a", {"b": 1.5}]}}, START, BODY],
    ),
    "another protocol": ({"type": "mail", "asgi": {"version": "3.0"}}, [{"type": "mail.got", "to": ["a"]}]),
}
GIVEN = ("http.request", "websocket.connect", "websocket.receive", "websocket.disconnect", "mail.got")
GIVEN += ("lifespan.startup", "lifespan.shutdown")


def speaker(events):
    """An application that holds a conversation of these events."""

    async def app(scope, receive, send):
        for event in events:
            if event["type"] in GIVEN:
                assert await receive() is event
            else:
                await send(event)

    return app


def given(events):
    return [event for event in events if event["type"] in GIVEN]


# What is recorded


@pytest.mark.parametrize(("scope", "events"), CONVERSATIONS.values(), ids=CONVERSATIONS)
async def test_scope_and_events_are_recorded_as_they_were_said(scope, events):
    conversation = await recorded(speaker(events), scope, *given(events))
    assert conversation.scope == scope
    assert said(conversation) == [
        ("receive" if event["type"] in GIVEN else "send", event) for event in events
    ]
    assert [event.index for event in conversation.events] == list(range(len(events)))
    assert clauses(conversation) == []


@pytest.mark.parametrize("record", [True, False], ids=["recorded", "only judged"])
@pytest.mark.parametrize(("scope", "events"), CONVERSATIONS.values(), ids=CONVERSATIONS)
async def test_application_and_server_get_the_very_objects_that_were_said(scope, events, record):
    async def app(scope_, receive, send):
        assert scope_ is scope
        await speaker(events)(scope_, receive, send)

    async def send(event):
        taken.append(event)

    taken = []
    await recorded(app, scope, *given(events), send=send, record=record)
    assert list(map(id, taken)) == [id(event) for event in events if event not in given(events)]


@pytest.mark.parametrize(
    "headers",
    [
        [(b"a", b"1"), (b"a", b"2")],
        ((b"a", b"1"), (b"b", b"2")),
        [[b"a", b"1"]],
        {b"a": b"1"}.items(),
        [],
    ],
    ids=["a list", "a tuple", "pairs that are lists", "a view", "none"],
)
async def test_headers_are_recorded_and_handed_on_whatever_holds_them(headers):
    async def app(scope, receive, send):
        await send({**START, "headers": headers})
        await send(BODY)

    async def send(event):
        taken.append(event)

    taken = []
    conversation = await recorded(app, send=send)
    assert taken[0]["headers"] is headers
    assert list(conversation.events[0].fields["headers"]) == list(headers)
    assert clauses(conversation) == []


@pytest.mark.parametrize("record", [True, False], ids=["recorded", "only judged"])
@pytest.mark.parametrize(
    ("event", "key"),
    [
        (START, "headers"),
        ({"type": "http.response.early_hint", "links": [b"</a>; rel=preload"]}, "links"),
    ],
    ids=["headers", "links"],
)
async def test_iterable_that_can_be_read_once_is_listed_once_and_handed_on_as_a_list(event, key, record):
    async def app(scope, receive, send):
        await send(one_shot)
        if event is not START:
            await send(START)
        await send(BODY)

    async def send(event):
        taken.append(event)

    one_shot, taken = {**event, key: iter(event[key])}, []
    scope = http(extensions={"http.response.early_hint": {}})
    conversation = await recorded(app, scope, send=send, record=record)
    assert taken[0] == event
    assert clauses(conversation) == []
    if record:
        assert conversation.events[0].fields == event


@pytest.mark.parametrize("record", [True, False], ids=["recorded", "only judged"])
async def test_headers_of_a_scope_that_can_be_read_once_are_listed_once(record):
    async def app(scope, receive, send):
        read.extend(scope["headers"])
        read.extend(scope["headers"])
        await hello(scope, receive, send)

    read, headers = [], http()["headers"]
    conversation = await recorded(app, {**http(), "headers": iter(headers)}, record=record)
    assert read == headers * 2
    assert conversation.scope["headers"] == headers
    assert clauses(conversation) == []


@pytest.mark.parametrize(
    ("event", "change"),
    [
        ({**START, "headers": [(b"a", b"1")]}, lambda event: event["headers"].clear()),
        ({**START, "x": {"a": [1]}}, lambda event: event["x"]["a"].append(2)),
        ({**BODY, "x": [1]}, lambda event: event["x"].append(2)),
        ({**BODY, "body": b"one"}, lambda event: event.update(body=b"two")),
    ],
    ids=["its headers", "what it nests", "what a body nests", "its body"],
)
async def test_event_that_is_changed_afterwards_is_recorded_as_it_was(event, change):
    async def app(scope, receive, send):
        if event["type"] == "http.response.body":
            await send(START)
        await send(event)
        change(event)

    before = repr(event)
    conversation = await recorded(app)
    assert repr(conversation.events[-1].fields) == before


@pytest.mark.parametrize(
    "event",
    [
        None,
        "a",
        [1],
        {},
        {"type": None},
        {"type": ["a"]},
        {1: 2},
        {**BODY, "body": 5},
        {**START, "headers": None},
    ],
    ids=repr,
)
async def test_nonsense_is_handed_on_and_recorded(event):
    async def app(scope, receive, send):
        assert await receive() is event
        await send(event)

    async def send(given):
        taken.append(given)

    taken = []
    conversation = await recorded(app, None, event, send=send)
    assert taken == [event]
    assert said(conversation) == [
        (direction, event if isinstance(event, dict) else {None: event}) for direction in ("receive", "send")
    ]
    assert {0, 1} <= {violation.event for violation in conversation.violations}


# That nobody notices


async def test_context_that_the_application_sets_is_there_when_it_has_returned():
    async def app(scope, receive, send):
        variable.set("set by the application")

    variable = contextvars.ContextVar("variable")
    await recorded(app)
    assert variable.get() == "set by the application"


@pytest.mark.parametrize("record", [True, False], ids=["recorded", "only judged"])
async def test_receive_and_send_are_coroutine_functions_to_who_asks(record):
    async def app(scope, receive, send):
        assert asgiref.sync.iscoroutinefunction(receive)
        assert asgiref.sync.iscoroutinefunction(send)
        # `async_to_sync` warns of what is none.
        await asgiref.sync.sync_to_async(asgiref.sync.async_to_sync(send))(START)

    assert said(await recorded(app, record=record)) == ([("send", START)] if record else [])


@pytest.mark.parametrize("app", [None, "apps.hello:app", 5], ids=repr)
def test_what_cannot_be_called_is_no_application(app):
    with pytest.raises(TypeError, match="cannot be called"):
        Recorder(app)
